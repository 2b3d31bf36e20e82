// Traffic that asks a node to drain, recorded and damaged apart from the rest: a node that still understands it goes.
import { startBroker } from "../../src/broker/index.js";
import { connect, drainNode } from "../../src/client/index.js";
import { createRandom } from "../../torture/random.js";
import { embedded } from "../broker/buffers.js";
import { assert, type T, until } from "../harness.js";
import { openSocket } from "../scenarios/raw.js";
import { mutate, piecesOf } from "./mutation.js";
import { startRecorder } from "./recorder.js";

/** How long an answer to it is read. */
const hearMs = 20;

const startNode = async (t: T) => startBroker({ listen: "127.0.0.1:0", buffer: await embedded(t) });
const portOf = (address: string) => Number(address.split(":")[1]);

/** What somebody says to a node that it makes drain. */
export async function recordDrain(t: T): Promise<Buffer> {
  const node = await startNode(t);
  const recorder = await startRecorder(portOf(node.address));
  for await (const _progress of drainNode(recorder.address));
  await node.stopped;
  const [bytes] = await recorder.stop();
  assert.ok(bytes, "the drain was asked for by the recorder's address");
  return bytes;
}

/** Plays so many damaged ones, to a node until it drains, then to the next one. Returns how many have. */
export async function playDamagedDrains(t: T, recorded: Buffer, seed: number, count: number): Promise<number> {
  const random = createRandom(seed);
  const pieces = piecesOf(recorded);
  let node = await startNode(t);
  let drained = 0;
  for (let i = 0; i < count; i++) {
    const { bytes, how } = mutate(pieces, random, [pieces]);
    const { socket, closed } = await openSocket(t, portOf(node.address));
    socket.on("error", () => {});
    socket.write(bytes);
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, hearMs))]);
    socket.destroy();
    if (node.drained === undefined) continue;
    let stopped = false;
    void node.stopped.then(() => {
      stopped = true;
    });
    await until(() => stopped, `a node stops that was asked to drain: ${how.join(", ")}`);
    drained++;
    node = await startNode(t);
  }
  await using bus = await connect(node.address);
  await bus.publish("still", "served");
  await node.close(0);
  return drained;
}
