// One session's check of what it gets: everything, once, in order, as it was made.
import { type Histogram, record } from "./histogram.js";
import { elapsedUs, isIntact, nowMs, numberOf, sentUsOf, streamOf, toUs } from "./payload.js";

/** Every message's number and length are checked, and of one in so many every byte. */
const sampled = 61;

export interface Receiver {
  /** Received in all. */
  messages: number;
  /** The first thing that was wrong. */
  fault: string | undefined;
  /** Undefined: latency is not recorded. */
  latency: Histogram | undefined;
  receive(data: Uint8Array): void;
}

/** @param next the number of the first message that is expected of each of `streams` */
export function newReceiver(size: number, streams: number, next: number): Receiver {
  const expected = new Uint32Array(streams).fill(next);
  const receiver: Receiver = { messages: 0, fault: undefined, latency: undefined, receive };
  function receive(data: Uint8Array): void {
    receiver.messages++;
    if (receiver.latency !== undefined) record(receiver.latency, Math.max(0, elapsedUs(sentUsOf(data), toUs(nowMs()))));
    const stream = streamOf(data);
    const number = numberOf(data);
    if (number !== expected[stream] || data.length !== size) {
      receiver.fault ??= `got message ${number} of stream ${stream} with ${data.length} bytes, expected ${expected[stream]}`;
    }
    expected[stream] = number + 1;
    if (receiver.messages % sampled === 0 && !isIntact(data, size)) receiver.fault ??= `message ${number} is damaged`;
  }
  return receiver;
}
