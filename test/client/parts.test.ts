// The small parts of the client: backoff, starts, losses.
import * as fc from "fast-check";
import pb from "../../generated/reprise/v1/admin_pb.js";
import { createBackoff } from "../../src/client/backoff.js";
import { after, last, RepriseError, since } from "../../src/client/index.js";
import { createLosses, type Loss } from "../../src/client/losses.js";
import { startOf } from "../../src/client/start.js";
import { createState } from "../../src/client/state.js";
import { assert, suite, until } from "../harness.js";

const test = suite("client parts");

test("a wait is as long as it has to be, and longer by chance; but nobody can make it endless", () => {
  const backoff = createBackoff({ baseMs: 100, random: () => 0.5 });
  assert.is(backoff.failed(2_000).delayMs, 2_050);
  assert.is(backoff.failed().delayMs, 100);
  assert.is(backoff.failed(2 ** 32 - 1).delayMs, 600_200);
});

test("backoff: anywhere below a bound that doubles up to a cap, and begins anew after a stable time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 0.999, noNaN: true }), async (random) => {
      const backoff = createBackoff({ baseMs: 100, capMs: 1_000, random: () => random });
      for (const bound of [100, 200, 400, 800, 1_000, 1_000]) {
        assert.is(backoff.failed().delayMs, Math.round(random * bound));
      }
    }),
  );
  let now = 0;
  const backoff = createBackoff({ stableMs: 50, now: () => now });
  assert.is(backoff.failed().attempt, 1);
  backoff.succeeded();
  now += 49;
  assert.is(backoff.failed().attempt, 2, "it did not last");
  backoff.succeeded();
  now += 10;
  backoff.succeeded();
  now += 40;
  assert.is(backoff.failed().attempt, 1);
});

test("starts: what they mean, and what is none", () => {
  assert.equal(startOf("new"), { from: "new" });
  assert.equal(startOf(5), { from: "offset", offset: 5 });
  assert.equal(last(3), { from: "last", count: 3 });
  assert.equal(after({ epoch: 1, offset: 2 }), { from: "position", position: { epoch: 1, offset: 2 } });
  assert.equal(since(new Date(1_234.5)), { from: "time", timeMs: 1_234 });
  const ago = since(1_000) as { timeMs: number };
  assert.ok(Math.abs(Date.now() - 1_000 - ago.timeMs) < 500);
  for (const wrong of [
    () => startOf(0),
    () => startOf(-1),
    () => startOf(1.5),
    () => last(-1),
    () => since(new Date("")),
  ]) {
    assert.throws(wrong, (error: unknown) => error instanceof RepriseError && error.code === "invalid_argument");
  }
});

/** Losses found by comparing with what the broker says of the channel. */
async function lossesFor(answer: () => Promise<unknown>, listen: boolean): Promise<Loss[]> {
  const found: Loss[] = [];
  const losses = createLosses((async () => answer()) as never, createState({ kind: "connecting", address: "" }));
  let compared = false;
  if (listen) losses.listen((loss) => found.push(loss));
  losses.check("c", { epoch: 10, offset: 7 });
  // Whatever comes of it comes within this turn.
  setImmediate(() => {
    compared = true;
  });
  await until(() => compared, "it was compared");
  return found;
}

const channel = (epochs: [number, number][], first: number, next: number) =>
  new pb.ChannelInfo()
    .setChannel("c")
    .setFirstOffset(first)
    .setNextOffset(next)
    .setEpochsList(epochs.map(([epoch, offset]) => new pb.EpochInfo().setEpoch(epoch).setFirstOffset(offset)));

test("losses: only what the log no longer holds", async () => {
  const loss = (epochs: [number, number][], first = 1) => lossesFor(async () => channel(epochs, first, 20), true);
  const none: Loss[] = [];
  assert.equal(
    await loss([
      [10, 1],
      [11, 8],
    ]),
    none,
    "the epoch began behind it",
  );
  assert.equal(
    await loss(
      [
        [10, 1],
        [11, 15],
      ],
      12,
    ),
    none,
    "retention has removed it since",
  );
  assert.equal(
    await loss([
      [10, 1],
      [11, 5],
    ]),
    [{ channel: "c", reason: "diverged", from: 5, to: 7 }],
  );
  const reset = [{ channel: "c", reason: "reset", from: 0, to: 0 }];
  assert.equal(await loss([[12, 1]]), reset);
  const refuse = (error: Error) => lossesFor(() => Promise.reject(error), true);
  assert.equal(await refuse(new RepriseError("channel_not_found", "gone")), reset);
  assert.equal(await refuse(new RepriseError("permission_denied", "not for you")), reset);
});

test("losses: nothing is said to be lost because a node has no time to say so: it is asked again", async () => {
  const found: Loss[] = [];
  let asked = 0;
  const answer = async () => {
    if (++asked < 4) throw new RepriseError("deadline_exceeded", "no answer");
    return channel([[10, 1]], 1, 20);
  };
  const losses = createLosses(answer as never, createState({ kind: "connecting", address: "" }));
  losses.listen((loss) => found.push(loss));
  losses.check("c", { epoch: 10, offset: 7 });
  await until(() => asked === 4, "it was asked again");
  await new Promise(setImmediate);
  assert.equal(found, []);
});

test("losses: a warning of the process if nobody listens", async (t) => {
  const warnings: Error[] = [];
  const listener = (warning: Error) => warnings.push(warning);
  process.on("warning", listener);
  t.after(() => process.off("warning", listener));
  await lossesFor(
    async () =>
      channel(
        [
          [10, 1],
          [11, 5],
        ],
        1,
        20,
      ),
    false,
  );
  await until(() => warnings.length > 0, "the warning");
  assert.is(warnings[0]!.name, "RepriseLoss");
});

test.run();
