// The flight recorder's bounds; what it tells is shown by interference.test.ts and bin/admin.test.ts.
import { Recorder } from "../../src/broker/recorder.js";
import { assert, suite } from "../harness.js";

const test = suite("recorder");

test("names and reasons are as long as a peer likes, and are kept only to some length", () => {
  const recorder = new Recorder();
  const long = "x".repeat(1_000_000);
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 500; i++) {
    recorder.record({ kind: "refused", channel: `${i}${long}`, reason: `${i}${long}` });
  }
  const events = [...recorder.events()];
  assert.is(events.length, 500);
  for (const { channel, reason } of events) assert.ok(channel.length <= 161 && reason.length <= 161);
  assert.ok(process.memoryUsage().heapUsed - before < 300e6, "what was cut off is not held");
});

test("of refusals in one second only the first are recorded, and of all events the last", () => {
  const recorder = new Recorder();
  for (let i = 0; i < 1_000; i++) recorder.refused({ kind: "refused" }, { code: "invalid_channel", message: `${i}` });
  assert.ok([...recorder.events()].length <= 200);
  for (let i = 1; i <= 40_000; i++) recorder.record({ kind: "head", offset: i });
  const kept = [...recorder.events()];
  assert.ok(kept.length < 40_000);
  assert.is(kept.at(-1)!.offset, 40_000);
  assert.ok(recorder.since.seldom > 0);
});

test("a session that does one thing over and over pushes out neither what others did nor what operators did", () => {
  const recorder = new Recorder();
  const whoIs = (session: string) => ({ session, name: "", peer: "", method: "Connect" });
  const [operator, quiet, busy] = ["0", "1", "2"].map(whoIs);
  recorder.record({ kind: "admin", who: operator!, reason: "deleted the channel" });
  recorder.record({ kind: "subscribed", who: quiet!, channel: "a" });
  for (let i = 0; i < 40_000; i++) recorder.record({ kind: "unsubscribed", who: busy!, channel: "b" });
  const kept = [...recorder.events()];
  assert.equal(
    kept.slice(0, 2).map(({ kind }) => kind),
    ["admin", "subscribed"],
  );
  assert.ok(kept.length >= 2_000 && kept.length < 10_000, `${kept.length}`);
  for (let i = 0; i < 5_000; i++) recorder.record({ kind: "admin", who: operator!, reason: `${i}` });
  const acts = [...recorder.events()].filter(({ kind }) => kind === "admin");
  assert.ok(acts.length >= 1_000 && acts.length < 5_000);
  assert.is(acts.at(-1)!.reason, "4999");
});

test.run();
