// P-9: what a node says that its acknowledgements mean is what its buffer can promise, and no more.
import { startBroker } from "../../src/broker/index.js";
import { openBuffer, retentionPolicy } from "../../src/buffer/index.js";
import { type AckLevel, connect, type RepriseError } from "../../src/client/index.js";
import { openAt } from "../buffer/redis-handle.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { ask, startRedis } from "../redis.js";
import { freeze, startReplica, thaw } from "../redis-replica.js";

const test = suite("ack level");

const retention = retentionPolicy([]);

test("embedded: fsynced only if each append is", async (t) => {
  for (const [fsync, level] of [
    ["always", "fsynced"],
    ["everysec", "stored"],
    ["no", "stored"],
  ] as const) {
    const buffer = await openBuffer(`embedded:${temporaryFolder(t)}`, { retention, fsync });
    t.after(() => buffer.close());
    assert.is(buffer.ackLevel, level, fsync);
  }
});

test("embedded: a level that it does not give is refused, with what to change", async (t) => {
  const open = (fsync: "always" | "everysec", ackLevel: AckLevel) =>
    openBuffer(`embedded:${temporaryFolder(t)}`, { retention, fsync, ackLevel });
  for (const [fsync, level, sentence] of [
    ["everysec", "fsynced", /--fsync always/],
    ["always", "replicated:1", /no replicas; use Redis/],
  ] as const) {
    const error: RepriseError = await open(fsync, level).then(
      () => assert.unreachable(),
      (error) => error,
    );
    assert.is(error.code, "ack_level_unavailable");
    assert.match(error.message, sentence);
  }
  for (const level of ["fsynced", "stored"] as const) {
    const buffer = await open("always", level);
    t.after(() => buffer.close());
    assert.is(buffer.ackLevel, level, "no more is promised than was asked for");
  }
});

async function levelOfRedis(t: T, url: string): Promise<string> {
  const buffer = await openBuffer(url, { retention });
  t.after(() => buffer.close());
  return buffer.ackLevel;
}

test("Redis: what its configuration says, if it can be read", async (t) => {
  for (const [level, ...settings] of [
    ["stored"],
    ["fsynced", "--appendfsync", "always"],
    ["stored", "--appendfsync", "always", "--appendonly", "no"],
    ["stored", "--appendfsync", "always", "--no-appendfsync-on-rewrite", "yes"],
  ] as const) {
    const redis = await startRedis(t, ...settings);
    assert.is(await levelOfRedis(t, redis.url), level, settings.join(" "));
    await redis.stop();
  }
  const user = ["--user", "node", "on", "nopass", "~*", "&*", "+@all", "-config"];
  const redis = await startRedis(t, "--appendfsync", "always", ...user);
  assert.is(await levelOfRedis(t, redis.url.replace("redis://", "redis://node:any@")), "stored");
});

test("a client gets what it asks for, or learns at once that it cannot", async (t) => {
  const levels = await Promise.all(
    (["always", "everysec"] as const).map(async (fsync) => {
      const buffer = await openBuffer(`embedded:${temporaryFolder(t)}`, { retention, fsync });
      t.after(() => buffer.close());
      const node = await startBroker({ buffer, listen: "127.0.0.1:0" });
      t.after(() => node.close(0));
      const bus = await connect(node.address, { ackLevel: "fsynced", timeoutMs: 60_000 }).catch(
        (error: RepriseError) => error,
      );
      if (!("publish" in bus)) return bus.code;
      t.after(() => bus.close());
      await bus.publish("c", "x");
      return bus.state.kind === "connected" && bus.state.ackLevel;
    }),
  );
  assert.equal(levels, ["fsynced", "ack_level_unavailable"]);
});

test("replicated:1, and the replica is frozen for longer than an append is tried: the publish waits, and is answered", async (t) => {
  const master = await startRedis(t);
  const replica = await startReplica(t, master);
  const buffer = await openAt(t, master.url, { ackLevel: "replicated:1", appendDeadlineMs: 300 });
  const node = await startBroker({ buffer, listen: "127.0.0.1:0" });
  t.after(() => node.close(0));
  const bus = await connect(node.address, { ackLevel: "replicated:1", backoff: { baseMs: 20, capMs: 100 } });
  t.after(() => bus.close({ timeoutMs: 0 }));
  const first = await bus.publish("c", "1");
  freeze(replica);
  let answered = false;
  const second = bus.publish("c", "2").finally(() => {
    answered = true;
  });
  const tries = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(String(await ask(master, "INFO", "commandstats")))![1]);
  const before = await tries();
  await until(async () => (await tries()) >= before + 2, "the client has sent it again");
  assert.not(answered);
  thaw(replica);
  const { position, duplicate } = await second;
  assert.equal([position.offset, duplicate], [first.position.offset + 1, true]);
});

test.run();
