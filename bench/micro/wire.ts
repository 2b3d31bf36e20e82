import { countMessages, cutBatch, encodeBatch, readPublish, spliceMessages } from "../../src/wire/batch.js";
import { encodePublish, readClientFrame } from "../../src/wire/client-frame.js";
import { encodeCompressed } from "../../src/wire/compressed.js";
import { encodeMessage, messagesOf } from "../../src/wire/message.js";
import { type LogState, maxEpochs, resume } from "../../src/wire/position.js";
import { readServerFrame, type ServerItem } from "../../src/wire/server-frame.js";
import { encodePublished } from "../../src/wire/server-item.js";
import type { Micro } from "./micro.js";
import { channel, epoch, many, messages, publisher, requestOf, storedOf } from "./samples.js";

const header = (count: number) => ({ epoch, first: 1_000_000, count, storedAt: epoch });
const stored = storedOf(messages);
const batch = { ...header(many), messages: stored };
const single = storedOf(messages.slice(0, 1));
const request = requestOf(messages);
const publish = readPublish(request);
const frame = encodeBatch(channel, header(many), stored);
const smallFrame = Buffer.concat(Array.from({ length: many }, () => encodeBatch(channel, header(1), single)));
const smallPublishes = Buffer.concat(messages.map((message, i) => encodePublish(channel, i + 1, [message])));
const published = { channel, sequence: 1_000_000, count: many, epoch, first: 1_000_000, duplicate: false };
const acks = Buffer.concat(Array.from({ length: many }, () => encodePublished(published)));
const data = Buffer.alloc(128, "x");
const readings = messages.map((_, i) =>
  encodeMessage(
    Buffer.from(`{"sensor":"s${(i * 7) % 50}","temperature":${20 + (i % 7)}.${i},"status":"ok"}`.padEnd(128)),
  ),
);
const jsonFrame = encodeBatch(channel, header(many), storedOf(readings));
const compressed = encodeCompressed(jsonFrame)!;
const log: LogState = {
  epochs: Array.from({ length: maxEpochs }, (_, i) => ({ epoch: epoch + i, first: 1 + i * 1_000 })),
  first: 1,
  next: 1_000_000,
};

function readItems(bytes: Buffer): ServerItem | undefined {
  let last: ServerItem | undefined;
  for (const item of readServerFrame(bytes)) last = item;
  return last;
}

function readMessages(look: boolean): number {
  let sum = 0;
  for (const message of messagesOf(channel, batch)) sum += look ? message.data.length : message.offset;
  return sum;
}

function readRequests(): number {
  let count = 0;
  for (const item of readClientFrame(smallPublishes))
    if (item.kind === "publish") count += readPublish(item.request).count;
  return count;
}

/** Of something that needs no preparation. */
const micro = (name: string, per: number, unit: string, run: () => unknown): Micro => ({
  name,
  per,
  unit,
  prepare: () => ({ run }),
});

export const micros: readonly Micro[] = [
  micro("encodeMessage", 1, "message", () => encodeMessage(data)),
  micro("encodePublish, 100 messages", many, "message", () => encodePublish(channel, 1_000_000, messages)),
  micro("readPublish, 100 messages", many, "message", () => readPublish(request)),
  micro("readClientFrame and readPublish, 100 small publishes", many, "publish", readRequests),
  micro("spliceMessages, 100 messages", many, "message", () => spliceMessages(publish, publisher)),
  micro("encodeCompressed, 100 JSON messages", many, "message", () => encodeCompressed(jsonFrame)),
  micro("readServerFrame, 100 JSON messages compressed", many, "message", () => readItems(compressed)),
  micro("encodeBatch, 100 messages", many, "message", () => encodeBatch(channel, batch, stored)),
  micro("encodeBatch, 1 message", 1, "message", () => encodeBatch(channel, header(1), single)),
  micro("countMessages, 100 messages", many, "message", () => countMessages(stored)),
  micro("cutBatch in the middle", 1, "batch", () => cutBatch(batch, batch.first + many / 2)),
  micro("encodePublished", 1, "answer", () => encodePublished(published)),
  micro("readServerFrame, a batch of 100 messages", 1, "batch", () => readItems(frame)),
  micro("readServerFrame, 100 batches of 1 message", many, "batch", () => readItems(smallFrame)),
  micro("readServerFrame, 100 answers to publishes", many, "answer", () => readItems(acks)),
  micro("messagesOf, 100 messages, not looked at", many, "message", () => readMessages(false)),
  micro("messagesOf, 100 messages, data read", many, "message", () => readMessages(true)),
  micro("resume, a position of the oldest of 16 epochs", 1, "position", () => resume({ epoch, offset: 500 }, log)),
];
