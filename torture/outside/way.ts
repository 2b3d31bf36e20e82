// A way to publish without the client library: one of the calls, on generated stubs.
import pb from "../../generated/reprise/v1/broker_pb.js";
import type { Random } from "../random.js";

export interface Outgoing {
  n: number;
  channel: string;
  /** `who`-`n`. */
  name: string;
  data: Buffer;
}

/** What became of messages, for the log. */
export interface Answers {
  /** `offset` 0: stored, nobody said where. */
  acked(message: Outgoing, epoch: number, offset: number): void;
  /** It may be stored. */
  failed(message: Outgoing, code: string): void;
}

export interface Means extends Answers {
  who: string;
  /** Tried by turns. */
  addresses: readonly string[];
  random: Random;
  /** Nothing is tried any more. */
  late: AbortSignal;
}

/** Resolves when each message was answered, or it is late. One lot at a time. */
export type Deliver = (lot: readonly Outgoing[]) => Promise<void>;

export interface Way {
  /** Of one channel, or of any. */
  lot: "channel" | "any";
  most: number;
  /** The fewest bytes of a message. */
  leastBytes(name: string): number;
  /** What is not answered is sent again under the number that it had. */
  resends: boolean;
  open(means: Means): Deliver;
}

/** The header by which subscribers tell who sent it. */
export const encode = ({ name, data }: Outgoing) =>
  new pb.Message().setData(data).setHeadersList([new pb.Header().setKey("id").setValue(name)]);

export const retryMs = 100;
/** How many calls end before they are answered, as if their program had lost patience. */
export const impatience = 0.08;
