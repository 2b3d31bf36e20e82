// Places that are taken for a while.
import { createTurnstile } from "../../src/broker/turnstile.js";
import { assert, suite } from "../harness.js";

const test = suite("turnstile");

/** Who has come, in order. */
function entrants(places: number) {
  const turnstile = createTurnstile(places);
  const came: string[] = [];
  const enter = (name: string) => {
    const place = turnstile.enter();
    void place.come.then(() => came.push(name));
    return place;
  };
  return { came, enter };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("whoever finds no place waits, in order; who gives up the wait takes none", async () => {
  const { came, enter } = entrants(2);
  const [a, b, c, d] = ["a", "b", "c", "d"].map(enter);
  await settled();
  assert.equal(came, ["a", "b"]);
  c!.leave();
  await settled();
  assert.equal(came, ["a", "b", "c"], "it goes on, and sees that it is not wanted");
  a!.leave();
  a!.leave();
  await settled();
  assert.equal(came, ["a", "b", "c", "d"]);
  const e = enter("e");
  await settled();
  assert.is(came.length, 4, "both places are taken");
  b!.leave();
  d!.leave();
  e.leave();
  for (const name of ["f", "g", "h"]) enter(name);
  await settled();
  assert.equal(came.slice(4), ["e", "f", "g"]);
});

test.run();
