// NATS core. A publish is acknowledged by the answer to the PING that follows the messages of a turn.
import type { Session, System } from "../system.js";
import { NotOffered } from "../system.js";
import { dial, startNats } from "./nats.js";

async function open(address: string): Promise<Session> {
  const nats = await dial(address);
  return {
    publish(channel, messages) {
      for (const data of messages) nats.publish(channel, data);
      return nats.flush();
    },
    async subscribe(channels, from, receive) {
      if (from !== "new") throw new NotOffered("NATS core keeps nothing");
      for (const channel of channels) nats.subscribe(channel, { callback: (_error, message) => receive(message.data) });
      await nats.flush();
    },
    close: () => nats.close(),
  };
}

export const systems: readonly System[] = [
  { name: "nats-core", title: "NATS core", durability: "not kept", start: startNats, open },
];
