// One publisher at a steady pace: a publish of some messages, so many times a second. Arguments: HOST:PORT, bytes of a
// message, messages of a publish, publishes a second. Told to publish for some seconds, it answers with the number of
// messages when all are acknowledged; told to create channels, it publishes one message to each of them.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { openConnection } from "../src/client/connection.js";
import { encodePublish } from "../src/wire/client-frame.js";
import { encodeMessage } from "../src/wire/message.js";

export interface PublishOrder {
  seconds?: number;
  create?: string[];
}

const [address, size, batch, perSecond] = [process.argv[2]!, ...process.argv.slice(3).map(Number)] as [
  string,
  number,
  number,
  number,
];
const messages = Array.from({ length: batch }, () => encodeMessage(randomBytes(size)));
let sequence = 1;
let sent = 0;
let acked = 0;
let whenAcked = () => {};

const identity = { name: "", producer: randomBytes(16) };
const connection = openConnection(
  address,
  identity,
  { welcomeTimeoutMs: 30_000 },
  {
    welcomed: () => process.send!({ ready: true }),
    item(item) {
      if (item.kind === "published") {
        acked += item.count;
        if (acked === sent) whenAcked();
      } else if (item.kind === "error") {
        console.error(item);
        process.exit(1);
      }
    },
    ended: () => process.exit(0),
  },
);

async function publish(seconds: number): Promise<void> {
  const total = seconds * perSecond;
  const begun = performance.now();
  for (let published = 0; published < total; ) {
    const due = Math.min(total, ((performance.now() - begun) / 1_000) * perSecond);
    for (; published < due; published++) {
      connection.send(encodePublish("bench", sequence, messages));
      sequence += batch;
      sent += batch;
    }
    await sleep(2);
  }
}

async function create(channels: readonly string[]): Promise<void> {
  for (let first = 0; first < channels.length; first += 500) {
    const frames = channels.slice(first, first + 500).map((channel) => encodePublish(channel, 1, [messages[0]!]));
    connection.send(Buffer.concat(frames));
    sent += frames.length;
    if (acked < sent) await new Promise<void>((resolve) => (whenAcked = resolve));
  }
}

process.on("message", async ({ seconds = 0, create: channels = [] }: PublishOrder) => {
  await create(channels);
  const before = acked;
  await publish(seconds);
  if (acked < sent) await new Promise<void>((resolve) => (whenAcked = resolve));
  process.send!({ published: acked - before });
});
