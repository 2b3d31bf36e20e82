// NATS JetStream: one server, a stream in files, an ordered consumer for each subscriber.
import { join } from "node:path";
import { DeliverPolicy, jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { findServer } from "../../../scripts/programs.js";
import { versionOf } from "../../server.js";
import { dial, nats as server } from "../../systems/nats.js";
import { startNode } from "../node.js";
import type { Listener, Servers, System } from "../system.js";

const stream = "compare";

async function start(folder: string): Promise<Servers> {
  const program = findServer(server);
  const files = join(folder, "jetstream");
  const node = await startNode(program, folder, (port) => [
    ...["-a", "127.0.0.1", "-p", `${port}`, "-js", "-sd", files],
  ]);
  const nats = await dial(`127.0.0.1:${node.port}`);
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name: stream, subjects: [stream], storage: StorageType.File });
  await nats.close();
  return { version: versionOf(program, "--version"), nodes: [node], stop: node.kill };
}

// The client's default gives up after ten attempts; and it waits 20 s for the server's greeting.
const open = (address: string) => dial(address, { maxReconnectAttempts: -1, timeout: 20_000 });

async function follow(address: string, listener: Listener): Promise<void> {
  const nats = await open(address);
  void (async () => {
    for await (const { type } of nats.status()) if (type === "reconnect") listener.reconnected();
  })();
  const consumer = await jetstream(nats).consumers.get(stream, { deliver_policy: DeliverPolicy.All });
  await consumer.consume({ max_messages: 1000, expires: 5_000, callback: ({ data }) => listener.message(data) });
}

async function publish(address: string): Promise<(data: Buffer) => Promise<unknown>> {
  const js = jetstream(await open(address));
  return (data) => js.publish(stream, data);
}

export const system: System = {
  name: "jetstream",
  title: "NATS JetStream, ordered consumer",
  settings:
    "one server, which is the store as well, file storage, fsync every 2 min; `maxReconnectAttempts` −1, `max_messages` 1,000, `expires` 5 s (the default of 30 s makes some consumers wait longer); acknowledged: written to the file",
  start,
  follow,
  publish,
};
