// A watch that is late, as that of Redis may be: a channel comes into being, and retention has removed its beginning
// before the node is told of it. Then the first thing that the node is told is a gap, which names no epoch.
import type { ReplayBuffer, Watcher } from "../../src/buffer/buffer.js";
import { assert, suite } from "../harness.js";
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

test.run();
