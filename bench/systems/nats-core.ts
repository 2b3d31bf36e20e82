// NATS core. What is published in one turn is acknowledged by the answer to the one PING that follows it.
import type { Session, System } from "../system.js";
import { NotOffered } from "../system.js";
import { dial, startNats } from "./nats.js";

async function open(address: string): Promise<Session> {
  const nats = await dial(address);
  let flushed: Promise<void> | undefined;
  const flush = () => {
    flushed = undefined;
    return nats.flush();
  };
  return {
    publish(channel, messages) {
      for (const data of messages) nats.publish(channel, data);
      flushed ??= Promise.resolve().then(flush);
      return flushed;
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
