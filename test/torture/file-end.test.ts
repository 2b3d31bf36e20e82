// The end of Redis' append-only file, as the torture run cuts it off: what it says that it took is gone, nothing else is.
import { cutTail } from "../../torture/faults/file-end.js";
import { assert, suite, type T } from "../harness.js";
import { ask, type RedisServer, startRedis } from "../redis.js";

const test = suite("the end of a file that the torture run cuts off");

const size = 9_000;

/** A transaction that adds one entry, with so much in it. */
async function add(redis: RedisServer, channel: string, offset: number): Promise<void> {
  const script = "redis.call('SET', KEYS[1] .. 'x', 1) return redis.call('XADD', KEYS[1], ARGV[1], 'm', ARGV[2])";
  await ask(redis, "EVAL", script, 1, `reprise:{${channel}}:log`, `${offset}-0`, "m".repeat(size));
}

const idsOf = async (redis: RedisServer, channel: string): Promise<string[]> =>
  ((await ask(redis, "XRANGE", `reprise:{${channel}}:log`, "-", "+")) as [string][]).map(([id]) => id);

async function cut(t: T, inside: number | undefined, fill: (redis: RedisServer) => Promise<unknown>) {
  const redis = await startRedis(t, "--appendfsync", "always");
  await fill(redis);
  await redis.kill();
  const taken = cutTail(redis.folder, inside);
  await redis.start();
  return { redis, ...taken };
}

const all = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const channelOf = (offset: number): string => (offset % 3 === 0 ? "b" : "a");

for (const inside of [undefined, 0.5]) {
  test(`what it took is gone, by channel (${inside === undefined ? "between two transactions" : "inside one"})`, async (t) => {
    const { redis, offsets, bytes } = await cut(t, inside, async (redis) => {
      for (const offset of all) await add(redis, channelOf(offset), offset);
    });
    assert.ok(bytes > size && Object.keys(offsets).length === 2, JSON.stringify(offsets));
    for (const channel of ["a", "b"]) {
      const before = all.filter((offset) => channelOf(offset) === channel && offset < offsets[channel]!);
      assert.equal(
        await idsOf(redis, channel),
        before.map((offset) => `${offset}-0`),
      );
    }
  });
}

test("what was deleted does not come back: behind FLUSHALL nothing of before is cut", async (t) => {
  const { redis, offsets } = await cut(t, undefined, async (redis) => {
    for (let offset = 1; offset <= 3; offset++) await add(redis, "a", offset);
    await ask(redis, "FLUSHALL");
    await add(redis, "a", 1);
  });
  assert.equal(offsets, { a: 1 });
  assert.equal(await idsOf(redis, "a"), []);
});

test.run();
