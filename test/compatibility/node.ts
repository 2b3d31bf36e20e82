// The node of a recording: empty, and with a clock that stands still, so that epochs and times are always the same.
import { startBroker } from "../../src/broker/index.js";
import { openEmbedded } from "../../src/buffer/embedded.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { aloneRegistry } from "../../src/nodes/alone.js";
import { memoryMembers } from "../../src/presence/memory.js";
import { type T, temporaryFolder } from "../scope.js";

export const clock = 1_800_000_000_000;

export async function startRecordedNode(t: T, folder = temporaryFolder(t)) {
  const buffer = await openEmbedded({ folder, fsync: "no", retention: retentionPolicy([]), now: () => clock });
  const [members, registry] = [memoryMembers(), aloneRegistry()];
  const node = await startBroker({ buffer, members, registry, node: "recorded", listen: "127.0.0.1:0" });
  t.after(async () => {
    await node.close(0);
    await members.close();
    await buffer.close();
  });
  return node;
}
