// A watch that is late, as that of Redis may be: a channel comes into being, and retention has removed its beginning
// before the node is told of it. Then the first thing that the node is told is a gap, which names no epoch.
import type { ReplayBuffer, Watcher } from "../../src/buffer/buffer.js";
import { openAt } from "../buffer/redis-handle.js";
import { startProxy } from "../buffer/redis-proxy.js";
import { run } from "../buffer/run.js";
import { assert, suite, until } from "../harness.js";
import { ask, startRedis } from "../redis.js";
import { embedded } from "./buffers.js";
import { startNode } from "./node.js";
import { connectPeer, texts, textsOf } from "./peer.js";

const test = suite("a late watch");

test("P-16 P-17 what was removed before the node heard of it is announced once, and the rest follows", async (t) => {
  const store = await embedded(t, ["messages=10"]);
  const late: Watcher[] = [];
  const buffer: ReplayBuffer = {
    ...store,
    watch: (channel, watcher) => {
      late.push(watcher);
      return store.watch(channel, { changed: () => {}, stretch: () => {} });
    },
  };
  const node = await startNode(t, { buffer });
  const subscriber = await connectPeer(t, node.address);
  await subscriber.subscribe("c", { from: "earliest" });
  const publisher = await connectPeer(t, node.address);
  for (let number = 1; number <= 40; number++) await publisher.published("c", [`m/${number}`]);

  const { stretches } = await store.read("c", 1, 1_000_000);
  assert.ok("reason" in stretches[0]!);
  for (const stretch of stretches) late[0]!.stretch(stretch);
  const first = stretches[0].to + 1;
  const heard = await subscriber.hears("c", 41 - first);
  assert.equal(textsOf(heard), texts("m", 41 - first, first));
  const { epoch } = publisher.all("published")[0]!;
  const gaps = subscriber.all("gap").map(({ gap, position }) => ({ ...gap, position }));
  assert.equal(gaps, [{ reason: "trimmed", from: 1, to: first - 1, position: { epoch, offset: first - 1 } }]);
});

test("a channel that was wholly trimmed when the node hears of it: it can be subscribed to", async (t) => {
  const server = await startRedis(t);
  const proxy = await startProxy(t, server.port);
  const node = await startNode(t, { buffer: await openAt(t, `redis://127.0.0.1:${proxy.port}`) });
  const early = await connectPeer(t, node.address);
  await early.subscribe("c", { from: "earliest" });
  proxy.mute("reprise-watch");
  const other = await openAt(t, server.url);
  for (let i = 1; i <= 5; i++) await other.append("c", [run("p", i, [`${i}`])]);
  await ask(server, "XTRIM", "reprise:{c}:log", "MAXLEN", 0);
  const gaps = (peer: typeof early) => peer.all("gap").map(({ gap: { reason, from, to } }) => ({ reason, from, to }));
  await until(() => gaps(early).length === 1, "who was there is told");
  assert.equal(gaps(early), [{ reason: "trimmed", from: 1, to: 5 }]);
  const late = await connectPeer(t, node.address);
  const { position } = await late.subscribe("c", { from: "earliest" });
  assert.is(position.offset, 5);
  proxy.recover();
  await other.append("c", [run("p", 6, ["6"])]);
  for (const peer of [early, late]) assert.equal(textsOf(await peer.hears("c", 1)), ["6"]);
});

test.run();
