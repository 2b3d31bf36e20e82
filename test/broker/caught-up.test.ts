// Caught up, on a node whose watch lags behind the store, as that of Redis may: between the two lie messages that were
// acknowledged, and whoever reads up to "caught up" counts on having read them.
import type { ReplayBuffer, Stretch } from "../../src/buffer/buffer.js";
import { assert, suite } from "../harness.js";
import { embedded } from "./buffers.js";
import { startNode } from "./node.js";
import { connectPeer, texts, textsOf } from "./peer.js";

const test = suite("caught up");

test("P-18 it is said when everything has come that was stored when the subscription was answered", async (t) => {
  const store = await embedded(t);
  let lags = false;
  const held: (() => void)[] = [];
  const buffer: ReplayBuffer = {
    ...store,
    watch: (channel, watcher) =>
      store.watch(channel, {
        changed: (state) => watcher.changed(state),
        stretch(stretch: Stretch) {
          if (lags) held.push(() => watcher.stretch(stretch));
          else watcher.stretch(stretch);
        },
      }),
  };
  const node = await startNode(t, { buffer });
  const publisher = await connectPeer(t, node.address);
  await publisher.subscribe("c");
  await publisher.published("c", texts("m", 3));
  // The node has them in memory now.
  await publisher.hears("c", 3);
  lags = true;
  await publisher.published("c", ["m/4"]);

  const reader = await connectPeer(t, node.address);
  const { head } = await reader.subscribe("c", { from: "earliest" });
  assert.is(head.offset, 4);
  assert.equal(textsOf(await reader.hears("c", 3)), texts("m", 3));
  // Had it been said, it would have come before this.
  await reader.subscribe("d");
  await reader.gets("caughtUp", 1, "d");
  assert.equal(reader.all("caughtUp", "c"), []);

  for (const tell of held) tell();
  const [caughtUp] = await reader.gets("caughtUp", 1, "c");
  assert.equal(caughtUp!.position, head);
  assert.equal(textsOf(reader.heard("c")), texts("m", 4));
});

test.run();
