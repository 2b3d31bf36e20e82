// One publisher that numbers its messages 1, 2, 3, …, so that in a channel of its own a message's number is its offset;
// and the check of that on the other side.
import { randomBytes } from "node:crypto";
import { openConnection } from "../../src/client/connection.js";
import { encodePublish } from "../../src/wire/client-frame.js";
import { encodeMessage, messagesOf } from "../../src/wire/message.js";
import type { ReceivedBatch } from "../../src/wire/server-frame.js";
import { type T, until } from "../harness.js";

export interface Flood {
  readonly sent: number;
  readonly acked: number;
  /** Of the last message acknowledged. */
  readonly epoch: number;
  /** Publishes no more, and waits until all of it is acknowledged. */
  pause(): Promise<void>;
  resume(): void;
  /** As `pause`, for good. */
  stop(): Promise<void>;
}

/** Small enough that lengths take one byte; what the node adds to a message is of equal size each time, too. */
const dataBytes = 100;
const batch = 100;
const windowBytes = 1024 * 1024;
const tickMs = 5;

/** What holds a flood back, beside its acknowledgements. */
export interface Pace {
  perSecond?: number;
  /** The offset that everybody who counts has received: the flood is never far ahead of it. */
  received?: () => number;
}

const furthestAhead = 50_000;

export async function startFlood(t: T, address: string, channel: string, pace: Pace = {}): Promise<Flood> {
  const { perSecond = Number.POSITIVE_INFINITY, received = () => Number.POSITIVE_INFINITY } = pace;
  const messages = Array.from({ length: batch }, () => encodeMessage(randomBytes(dataBytes)));
  let sent = 0;
  let acked = 0;
  let epoch = 0;
  let fault: string | undefined;
  let running = false;
  let timer: NodeJS.Timeout | undefined;

  const publish = (count: number) => {
    const some = messages.slice(0, count);
    for (const [i, message] of some.entries()) message.writeUInt32BE(sent + i + 1, message.length - dataBytes);
    connection.send(encodePublish(channel, sent + 1, some));
    sent += count;
  };
  let [begun, before] = [0, 0];
  const fill = () => {
    const now = performance.now();
    const due = Math.min(before + ((now - begun) * perSecond) / 1000, received() + furthestAhead);
    while (running && sent < Math.floor(due) && (sent - acked) * dataBytes < windowBytes) {
      publish(Math.min(batch, Math.floor(due) - sent));
    }
  };
  const resume = () => {
    running = true;
    [begun, before] = [performance.now(), sent];
    clearInterval(timer);
    timer = setInterval(fill, tickMs);
  };
  const pause = async () => {
    running = false;
    clearInterval(timer);
    await until(() => fault !== undefined || acked === sent, "the flood is acknowledged", 20_000);
    if (fault !== undefined) throw new Error(`the flood: ${fault}`);
  };

  let welcomed = false;
  const connection = openConnection(
    address,
    { name: "flood", producer: randomBytes(16) },
    { welcomeTimeoutMs: 20_000 },
    {
      welcomed: () => {
        welcomed = true;
      },
      item(item) {
        if (item.kind === "published") {
          if (item.first !== acked + 1) fault ??= `${item.count} acknowledged at ${item.first}, after ${acked}`;
          acked += item.count;
          epoch = item.epoch;
          if (perSecond === Number.POSITIVE_INFINITY) fill();
        } else if (item.kind === "error") fault ??= item.message;
      },
      ended: (reason) => {
        fault ??= reason.message;
      },
    },
  );
  const close = () => {
    clearInterval(timer);
    connection.close();
  };
  t.after(close);
  await until(() => welcomed || fault !== undefined, "the flood is connected");
  return {
    get sent() {
      return sent;
    },
    get acked() {
      return acked;
    },
    get epoch() {
      return epoch;
    },
    pause,
    resume,
    stop: () => pause().finally(close),
  };
}

/** What is wrong with a batch of a flood; undefined if each message has its offset for a number. */
export function wrongNumber(batch: ReceivedBatch): string | undefined {
  const { first, count, messages } = batch;
  const [one] = messagesOf(batch.channel, batch);
  if (one === undefined) return `an empty batch at ${first}`;
  // All of equal size: no need to decode each.
  const stride = messages.length / count;
  const at = one.data.byteOffset - messages.byteOffset;
  for (let i = 0; i < count; i++) {
    const number = messages.readUInt32BE(at + i * stride);
    if (number !== first + i) return `message ${number} at offset ${first + i}`;
  }
  return undefined;
}
