// What the hot functions are given: messages of 128 B, alone and a hundred together.
import { randomBytes } from "node:crypto";
import { encodePublisher, readPublish, spliceMessages } from "../../src/wire/batch.js";
import { encodePublish, readClientFrame } from "../../src/wire/client-frame.js";
import { encodeMessage } from "../../src/wire/message.js";

export const channel = "bench/channel";
export const many = 100;
/** As it is now, so that varints have the size that they have. */
export const epoch = 1_760_000_000_000;

/** As publishers encode them. */
export const messages: readonly Buffer[] = Array.from({ length: many }, () => encodeMessage(randomBytes(128)));

export const publisher = encodePublisher("worker-1", "12345678901234567890");

/** A `Publish` as the broker finds it in a frame. */
export function requestOf(some: readonly Buffer[]): Buffer {
  const [item] = readClientFrame(encodePublish(channel, 1, some));
  if (item?.kind !== "publish") throw new Error("not a publish");
  return item.request;
}

/** As they are stored. */
export const storedOf = (some: readonly Buffer[]): Buffer => spliceMessages(readPublish(requestOf(some)), publisher);
