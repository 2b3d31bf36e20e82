// A channel whose messages have values of one type: a codec beside the bus.
import { RepriseError } from "../wire/errors.js";
import type { Message } from "../wire/message.js";
import type { PublishOptions } from "./bus.js";
import type { Codec } from "./codec.js";
import type { PublishResult } from "./entry.js";
import type { Events } from "./events.js";
import type { HistoryOptions } from "./history.js";
import type { Admit } from "./open-subscription.js";
import type { SubscribeOptions, Subscription } from "./subscription.js";

/** A message with its value, decoded when it was handed out. */
export type Valued<T> = Message & { readonly value: T };

export interface TypedSubscribeOptions extends SubscribeOptions {
  /**
   * What a message does that the codec cannot decode, in its place between the others:
   * - `"throw"` (default): the iteration throws a RepriseError with the code `undecodable`. The message counts as not
   *   processed.
   * - `"event"`: it is passed over; it is an event of `events()`, and where nobody has opened these, a warning of the
   *   process.
   */
  onUndecodable?: "throw" | "event" | undefined;
}

export interface TypedChannel<T> {
  readonly channel: string;
  /** Like `Bus.publish`. */
  publish(value: T, options?: PublishOptions): Promise<PublishResult>;
  /** Like `Bus.subscribe`. */
  subscribe(options?: TypedSubscribeOptions): Subscription<Valued<T>>;
  /** Like `Bus.history`. Throws `undecodable`. */
  history(options?: HistoryOptions): AsyncIterableIterator<Valued<T>, undefined>;
}

/** What a typed channel needs of the bus. */
export interface Untyped {
  publish(channel: string, data: Uint8Array | string, options?: PublishOptions): Promise<PublishResult>;
  open<M extends Message>(channel: string, options: SubscribeOptions, admit: Admit<M>): Subscription<M>;
  history(channel: string, options?: HistoryOptions): AsyncIterable<Message>;
}

export function createTyped<T>(bus: Untyped, channel: string, codec: Codec<T>): TypedChannel<T> {
  return {
    channel,
    async publish(value, options) {
      return bus.publish(channel, encoded(codec, value, channel), options);
    },
    subscribe({ onUndecodable = "throw", ...options } = {}) {
      const admit = (message: Message, events: Events): Valued<T> | undefined => {
        try {
          return valued(codec, message);
        } catch (error) {
          if (onUndecodable === "throw" || !(error instanceof RepriseError)) throw error;
          passOver(message, error, events);
          return undefined;
        }
      };
      return bus.open(channel, options, admit);
    },
    async *history(options): AsyncGenerator<Valued<T>, undefined> {
      for await (const message of bus.history(channel, options)) yield valued(codec, message);
      return undefined;
    },
  };
}

function encoded<T>(codec: Codec<T>, value: T, channel: string): Uint8Array | string {
  try {
    return codec.encode(value);
  } catch (cause) {
    throw new RepriseError("invalid_argument", `${channel}: the value cannot be encoded: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** @throws RepriseError `undecodable` */
function valued<T>(codec: Codec<T>, message: Message): Valued<T> {
  try {
    return Object.assign(message, { value: codec.decode(message.data) });
  } catch (cause) {
    const what = `${message.channel}: message ${message.offset} cannot be decoded: ${reasonOf(cause)}`;
    throw new RepriseError("undecodable", what, { cause });
  }
}

function passOver({ channel, epoch, offset }: Message, error: RepriseError, events: Events): void {
  const noticed = events.emit({ kind: "undecodable", channel, position: { epoch, offset }, error });
  if (!noticed) process.emitWarning(error.message, "RepriseUndecodable");
}

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
