// P-9: what a node says that its acknowledgements mean is what its buffer can promise, and no more.
import { startBroker } from "../../src/broker/index.js";
import { openBuffer, retentionPolicy } from "../../src/buffer/index.js";
import { connect, type RepriseError } from "../../src/client/index.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import { startRedis } from "../redis.js";

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

test.run();
