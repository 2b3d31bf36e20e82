// NATS JetStream: one stream in files for all channels; publishers wait for the acknowledgement of each message, many at a
// time; each subscriber has an ordered consumer, which asks for up to 1,000 messages ahead (the client's default is 100).
import { join } from "node:path";
import {
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  type OrderedConsumerOptions,
  StorageType,
} from "@nats-io/jetstream";
import type { From, Place, Servers, Session, System } from "../system.js";
import { dial, startNats } from "./nats.js";

const stream = "bench";

async function start(place: Place): Promise<Servers> {
  const servers = await startNats(place, "-js", "-sd", join(place.folder, "jetstream"));
  const nats = await dial(servers.address);
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name: stream, subjects: ["bench.*"], storage: StorageType.File });
  await nats.close();
  return servers;
}

function startOf(from: From): Partial<OrderedConsumerOptions> {
  if (from === "new") return { deliver_policy: DeliverPolicy.New };
  if (from === "earliest") return { deliver_policy: DeliverPolicy.All };
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from };
}

async function open(address: string): Promise<Session> {
  const nats = await dial(address);
  const js = jetstream(nats, { timeout: 60_000 });
  return {
    publish: (channel, messages) => Promise.all(messages.map((data) => js.publish(channel, data))),
    async subscribe(channels, from, receive) {
      for (const channel of channels) {
        const consumer = await js.consumers.get(stream, { filter_subjects: channel, ...startOf(from) });
        await consumer.consume({ max_messages: 1000, callback: (message) => receive(message.data) });
      }
    },
    close: () => nats.close(),
  };
}

export const systems: readonly System[] = [
  {
    name: "jetstream",
    title: "NATS JetStream",
    durability: "written to a file, fsync every 2 min",
    start,
    open,
  },
];
