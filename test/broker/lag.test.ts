// Looking at all cursors of a node, however many, does not hold it up; and what is made of rates.
import { Cursor } from "../../src/broker/cursor.js";
import { measureHeadroom } from "../../src/broker/headroom.js";
import { lagOf } from "../../src/broker/lag.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { assert, suite, until } from "../harness.js";
import { embedded } from "./buffers.js";
import { texts } from "./peer.js";
import { testBroker } from "./sink.js";

const test = suite("lag");

test("very many cursors are looked at in slices, and each is counted", async (t) => {
  const { broker, store } = testBroker(t, await embedded(t));
  const leases = [];
  const names = Array.from({ length: 100 }, (_, i) => `c${i}`);
  for (const name of names) {
    leases.push(await broker.openLog(name));
    await store(name, texts("m", 3));
  }
  for (const { log } of leases) await until(() => log.passed === 4, "it has arrived");
  const position = { epoch: leases[0]!.log.head.epoch, offset: 3 };
  for (const { log } of leases) {
    for (let i = 0; i < 2_000; i++) log.cursors.add(new Cursor(log, { ...position, epoch: log.head.epoch }, () => {}));
  }
  const { log } = leases[7]!;
  log.cursors.add(new Cursor(log, { epoch: log.head.epoch, offset: 1 }, () => {}));
  let rests = 0;
  let looking = true;
  const rest = () => {
    if (looking) setImmediate(rest);
    rests++;
  };
  rest();
  const lag = await lagOf(broker.logs());
  looking = false;
  assert.ok(rests > 1, "others had their turns");
  assert.is(lag.cursors, 200_001);
  assert.is(lag.messages, 2);
  assert.is(lag.behind, 0);
  assert.ok(lag.seconds < 20, `${lag.seconds}`);
  for (const lease of leases) {
    lease.log.cursors.clear();
    lease.release(false);
  }
  assert.equal(await lagOf(broker.logs()), { cursors: 0, behind: 0, messages: 0, seconds: 0 });
});

test("headroom is the least of what retention allows at the present rates; undefined where nothing happens", async (t) => {
  const rules = ["age=1h", "fast messages=1000", "large bytes=1000000"];
  const { broker, store } = testBroker(t, await embedded(t, rules));
  const open = async (name: string) => {
    const lease = await broker.openLog(name);
    t.after(() => lease.release(false));
    return lease.log;
  };
  const quiet = await open("quiet");
  const fast = await open("fast");
  const large = await open("large");
  const limits = { retention: retentionPolicy(rules) };
  /** Of these channels, after a look that something was stored before. */
  const headroomOf = async (logs: (typeof fast)[], publish: () => Promise<void>) => {
    const everyMs = 500;
    const headroom = measureHeadroom({ ...broker.buffer, ...limits }, () => logs, everyMs);
    t.after(() => headroom.close());
    await publish();
    await until(() => headroom.seconds !== undefined, "it is known");
    return headroom.seconds!;
  };
  await store("quiet", ["x"]);
  assert.is(await headroomOf([quiet], async () => {}), 3_600);
  // 100 messages in half a second or somewhat more: 1,000 are kept for 5 s or somewhat longer.
  const seconds = await headroomOf([quiet, fast], () => store("fast", texts("m", 100)));
  assert.ok(seconds >= 4.5 && seconds < 30, `${seconds} s of messages`);
  const bytes = await headroomOf([large], () => store("large", ["x".repeat(100_000)]));
  assert.ok(bytes >= 4.5 && bytes < 30, `${bytes} s of bytes`);
  assert.is(broker.headroom.seconds, undefined, "nobody has looked yet");
});

test.run();
