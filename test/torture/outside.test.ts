// The checker of `npm run torture`, on publishers without the client library: nobody tells them of losses, and what is not
// sent again may be stored late. Nothing else is forgiven them.
import { judge } from "../../torture/check/judge.js";
import type { Violation } from "../../torture/check/verdict.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import {
  acks,
  cleanHistory,
  ends,
  fails,
  gets,
  type History,
  historyWithLoss,
  outside,
  sends,
  starts,
  stops,
  writeHistory,
} from "./forge.js";

const test = suite("publishers without the client library in the checker of the torture run");

async function kindsIn(t: T, history: History): Promise<Violation[]> {
  const folder = temporaryFolder(t);
  writeHistory(folder, history);
  return [...(await judge(folder)).numbers.keys()].sort();
}

const [a, b] = ["publisher-a", "publisher-biStream"] as const;

/** Its second message is not answered; the log holds them in this order. */
function lines(resends: boolean, ...order: number[]): History {
  const { harness } = cleanHistory();
  const at = (n: number) => order.indexOf(n) + 1;
  return {
    harness,
    publishers: {
      [b]: [
        outside(resends),
        ...[sends(b, "c", 1), acks("c", 1, 10, at(1)), sends(b, "c", 2), fails("c", 2)],
        ...[sends(b, "c", 3), acks("c", 3, 10, at(3)), ends],
      ],
    },
    subscribers: {
      "subscriber-1": [starts("c"), gets("c", 10, 1, ...order.map((n) => `${b}-${n}`)), stops("c"), ends],
    },
  };
}

test("what is not answered, and not sent again, is nowhere, in its place, or later, but once (P-13)", async (t) => {
  assert.equal(await kindsIn(t, lines(false, 1, 3)), []);
  assert.equal(await kindsIn(t, lines(false, 1, 2, 3)), []);
  assert.equal(await kindsIn(t, lines(false, 1, 3, 2)), []);
  assert.equal(await kindsIn(t, lines(false, 1, 2, 3, 2)), ["duplicate"]);
  assert.equal(await kindsIn(t, lines(false, 1, 3, 2, 2)), ["duplicate"]);
});

test("what was answered keeps its order, and so does what is sent again under its number (P-10, P-11)", async (t) => {
  assert.equal(await kindsIn(t, lines(false, 3, 1)), ["reordered"]);
  assert.equal(await kindsIn(t, lines(true, 1, 3, 2)), ["reordered"]);
});

function lossOfOutside(): History {
  const history = historyWithLoss();
  history.publishers[a] = [outside(true), ...history.publishers[a]!.filter(({ kind }) => kind !== "lost")];
  return history;
}

test("it is not told of what is lost, but there must be an explanation all the same", async (t) => {
  assert.equal(await kindsIn(t, lossOfOutside()), []);
  const unexplained = lossOfOutside();
  unexplained.harness.pop();
  assert.equal(await kindsIn(t, unexplained), ["gap-unjustified", "lost-acked"]);
});

test("what is acknowledged without a place must be in the log, if nothing was lost (P-20, P-21)", async (t) => {
  const history = (...order: number[]) => {
    const forged = lines(true, 1, 3, ...order);
    forged.publishers[b]!.splice(-1, 0, sends(b, "c", 4), acks("c", 4, 0, 0));
    return forged;
  };
  assert.equal(await kindsIn(t, history(4)), []);
  assert.equal(await kindsIn(t, history()), ["lost-acked"]);
  assert.equal(await kindsIn(t, history(4, 4)), ["duplicate"]);
});

test.run();
