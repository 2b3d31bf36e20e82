// What a node accepts, in one place. Bytes count encoded `Message`s as the publisher sent them.
import { RepriseError } from "./errors.js";

export interface Limits {
  /** One message. */
  maxMessageBytes: number;
  /** Messages in one `Publish`. */
  maxPublishMessages: number;
  /** All messages of one `Publish` together. Never below `maxMessageBytes`. */
  maxPublishBytes: number;
  /** Unanswered publishes of one session; beyond this its stream is not read. */
  publishWindowBytes: number;
  maxSubscriptions: number;
}

export const KiB = 1024;
export const MiB = 1024 * KiB;

export const defaultLimits: Limits = {
  maxMessageBytes: 1 * MiB,
  maxPublishMessages: 10_000,
  maxPublishBytes: 2 * MiB,
  publishWindowBytes: 4 * MiB,
  maxSubscriptions: 1_000,
};

/** A batch closes at this many bytes or messages, whichever comes first; one larger message is a batch alone. */
export const batchBytes = 64 * KiB;
export const batchMessages = 1_000;

/** What the other side may send before it was read: the default of gRPC, and the largest that HTTP/2 knows. */
const smallestWindow = 64 * KiB - 1;
const largestWindow = 2 ** 31 - 1;

/** @throws RepriseError `invalid_argument` */
export function checkWindow(bytes: number): number {
  if (Number.isSafeInteger(bytes) && bytes >= smallestWindow && bytes <= largestWindow) return bytes;
  throw new RepriseError(
    "invalid_argument",
    `window of ${bytes} bytes: ${smallestWindow} to ${largestWindow} are allowed`,
  );
}

/** Items in one frame of a peer. Together they hold up the node for some milliseconds at most. */
export const maxFrameItems = 1_000;

/** Room for what surrounds the messages of a publish in its frame (channel, tags, lengths, other small items). */
const frameOverhead = 64 * KiB;

/** The largest gRPC message a node must receive: one publish of the allowed size and its surroundings. */
export const maxFrameBytes = (limits: Limits): number =>
  Math.max(limits.maxPublishBytes, limits.maxMessageBytes) + 16 * limits.maxPublishMessages + frameOverhead;
