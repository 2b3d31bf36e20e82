import { createTurns } from "../../src/buffer/redis/turns.js";
import { assert, suite } from "../harness.js";

const test = suite("turns");

interface Deferred {
  end(error?: Error): void;
  promise: Promise<void>;
}

function deferred(): Deferred {
  let end: Deferred["end"] = () => {};
  const promise = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  return { end, promise };
}

/** What has become possible by now has happened. */
const turn = () => new Promise(setImmediate);

test("no more than so many are under way, and the others follow in their order", async () => {
  const turns = createTurns(2);
  const begun: number[] = [];
  const works = [0, 1, 2, 3, 4].map(deferred);
  const results = works.map(({ promise }, i) =>
    turns(async () => {
      begun.push(i);
      await promise;
      return i;
    }),
  );
  await turn();
  assert.equal(begun, [0, 1]);
  works[1]!.end();
  await turn();
  assert.equal(begun, [0, 1, 2]);
  for (const { end } of works) end();
  assert.equal(await Promise.all(results), [0, 1, 2, 3, 4]);
  assert.equal(begun, [0, 1, 2, 3, 4]);
});

test("what fails makes room as well, and tells its own caller only", async () => {
  const turns = createTurns(1);
  const [first, second] = [deferred(), deferred()];
  const failing = turns(() => first.promise);
  const following = turns(() => second.promise.then(() => "through"));
  first.end(new Error("broken"));
  second.end();
  await failing.then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, "broken"),
  );
  assert.is(await following, "through");
  assert.is(await turns(async () => "later"), "later");
});

test.run();
