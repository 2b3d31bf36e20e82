// What was published and is not yet acknowledged. It survives connections: what one left unanswered is sent again on
// the next, in order, under the same producer id and the same numbers, so that the broker recognizes what it has
// stored already (P-11).
//
// If both sides no longer agree about the next number (the store lost what it had acknowledged, or has forgotten this
// producer), the outbox goes on under a new producer id (P-12); but not before everything in flight has been answered, because
// that may only be sent again under the id it was sent under.
import { randomBytes } from "node:crypto";
import { encodePublish } from "../wire/client-frame.js";
import { RepriseError } from "../wire/errors.js";
import { KiB, type Limits, maxFrameItems } from "../wire/limits.js";
import type { Position } from "../wire/position.js";
import type { Published, Refusal } from "../wire/server-frame.js";
import { type BackoffOptions, createBackoff } from "./backoff.js";
import { Entry, type PublishResult } from "./entry.js";
import {
  acknowledge,
  createLane,
  isUncertain,
  type Lane,
  refuse,
  restart,
  resync,
  takeOff,
  type Window,
} from "./lane.js";
import { limitPatience, type Patience } from "./patience.js";
import { errorOfRefusal } from "./remote-error.js";

export type WhenFull = "wait" | "reject";

export interface OutboxOptions {
  /** Bytes of unacknowledged messages. */
  maxBytes: number;
  /** What `publish` does when there are more: it waits, or rejects with `outbox_full`. */
  whenFull: WhenFull;
  backoff?: BackoffOptions;
  /** Nothing is in flight, and something makes a new connection necessary. `lost` must follow. */
  leave(reason: RepriseError): void;
  /** A new epoch opened on the channel since the message at `position` was acknowledged: it may be gone. */
  epochChanged(channel: string, position: Position): void;
}

/** What the outbox sends through while there is a connection. */
export interface Outlet {
  limits: Limits;
  send(frame: Buffer): void;
}

/**
 * A frame holds about this much, or one larger message. A node keeps a frame or two of a session that it does not read at
 * the moment: with many sessions that is its memory.
 */
const frameBytes = 256 * KiB;

export class Outbox {
  /** For the hello of the next connection. */
  producer = randomBytes(16);
  readonly #options: OutboxOptions;
  readonly #backoff;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes that have something to send, in turn. */
  readonly #ready = new Set<Lane>();
  readonly #timers = new Map<Lane, NodeJS.Timeout>();
  /** Messages for which there is no room yet, in order. */
  readonly #waiting = new Map<Entry, Lane>();
  readonly #window: Window = { bytes: 0, messages: 0 };
  #bytes = 0;
  #messages = 0;
  #outlet: Outlet | undefined;
  /** Of the last connection. */
  #limits: Limits | undefined;
  /** Nothing more is sent on this connection, for this reason. */
  #leaving: RepriseError | undefined;
  /** Nothing new is sent under this producer id, for this reason. */
  #outgrown: RepriseError | undefined;
  #flushing: NodeJS.Immediate | undefined;
  #closed: RepriseError | undefined;
  #emptied: (() => void)[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#backoff = createBackoff(options.backoff);
  }

  /** Messages that have not been settled. */
  get size(): number {
    return this.#messages;
  }

  /** @param encoded a `Message` (wire/message.ts) */
  publish(channel: string, encoded: Buffer, patience: Patience): Promise<PublishResult> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw this.#closed;
      const unfit = sizeError(encoded, this.#limits);
      if (unfit) throw unfit;
      const hasRoom = this.#waiting.size === 0 && this.#hasRoom(encoded);
      if (!hasRoom && this.#options.whenFull === "reject") throw this.#full();
      const lane = this.#lane(channel);
      const entry = new Entry(encoded, resolve, reject, this.#settled);
      entry.forget = limitPatience(patience, (error) => this.#withdraw(error, entry, lane));
      this.#messages++;
      if (hasRoom) this.#accept(entry, lane);
      else this.#waiting.set(entry, lane);
    });
  }

  #full(): RepriseError {
    const { maxBytes } = this.#options;
    return new RepriseError("outbox_full", `${this.#bytes} of ${maxBytes} bytes wait to be acknowledged`);
  }

  readonly #settled = (entry: Entry): void => {
    this.#messages--;
    if (!this.#waiting.delete(entry)) this.#bytes -= entry.encoded.length;
  };

  /** Its caller waits no longer. Once sent it may be stored: then it keeps its number until it is answered. */
  #withdraw(error: RepriseError, entry: Entry, lane: Lane): void {
    if (entry.tries > 0) {
      entry.abandon(withFate(error, entry));
      return;
    }
    const at = lane.unsent.indexOf(entry);
    if (at >= 0) lane.unsent.splice(at, 1);
    entry.refused = true;
    entry.settle(withFate(error, entry));
    this.#continue();
  }

  #lane(channel: string): Lane {
    let lane = this.#lanes.get(channel);
    if (lane === undefined) {
      lane = createLane(channel, this.#window);
      this.#lanes.set(channel, lane);
    }
    return lane;
  }

  /** One message always finds room in an empty outbox. */
  #hasRoom(encoded: Buffer): boolean {
    return this.#bytes === 0 || this.#bytes + encoded.length <= this.#options.maxBytes;
  }

  #accept(entry: Entry, lane: Lane): void {
    this.#bytes += entry.encoded.length;
    lane.unsent.push(entry);
    this.#offer(lane);
  }

  #admit(): void {
    for (const [entry, lane] of this.#waiting) {
      if (!this.#hasRoom(entry.encoded)) return;
      this.#waiting.delete(entry);
      this.#accept(entry, lane);
    }
  }

  #offer(lane: Lane): void {
    if (lane.held || lane.unsent.length === 0) return;
    this.#ready.add(lane);
    this.#schedule();
  }

  /** What is published in one turn of the event loop leaves together. */
  #schedule(): void {
    if (this.#outlet !== undefined && this.#ready.size > 0) this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = undefined;
    if (this.#outlet === undefined || this.#leaving !== undefined) return;
    const { limits, send } = this.#outlet;
    const { maxPublishMessages, maxPublishBytes, publishWindowBytes } = limits;
    const mostBytes = Math.min(maxPublishBytes, frameBytes);
    let frames: Buffer[] = [];
    let size = 0;
    // A lane that has more to send goes to the end of the line.
    for (const lane of this.#ready) {
      const room = publishWindowBytes - this.#window.bytes;
      if (room <= 0) break;
      this.#ready.delete(lane);
      const [next] = lane.unsent;
      // A lane that is held is offered again when it goes on.
      if (lane.held || next === undefined || (this.#outgrown !== undefined && next.tries === 0)) continue;
      const { sequence, messages } = takeOff(lane, maxPublishMessages, Math.min(mostBytes, room));
      if (lane.unsent.length > 0) this.#ready.add(lane);
      const frame = encodePublish(lane.channel, sequence, messages);
      if (size > 0 && (size + frame.length > mostBytes || frames.length === maxFrameItems)) {
        send(Buffer.concat(frames, size));
        frames = [];
        size = 0;
      }
      frames.push(frame);
      size += frame.length;
    }
    if (size > 0) send(frames.length === 1 ? frames[0]! : Buffer.concat(frames, size));
  }

  published(published: Published): void {
    const lane = this.#lanes.get(published.channel);
    if (lane === undefined) return;
    const before = lane.lastStored;
    acknowledge(lane, published);
    this.#backoff.succeeded();
    if (before !== undefined && before.epoch !== lane.lastStored?.epoch) {
      this.#options.epochChanged(lane.channel, before);
    }
    this.#answered(lane);
  }

  refused(refusal: Refusal): void {
    const lane = this.#lanes.get(refusal.channel);
    if (lane === undefined) return;
    const error = errorOfRefusal(refusal);
    const skipped = error.code === "sequence_skipped";
    // The channel has a bound of its own, which only the node knows, and one of them is above it.
    const apart = error.code === "message_too_large" && refusal.count > 1;
    const again = skipped || refusal.retryable;
    refuse(lane, refusal.sequence, refusal.count, again || apart ? undefined : error, apart);
    if (skipped && !resync(lane, refusal.expectedSequence)) this.#outgrown ??= error;
    else if (again && !this.#timers.has(lane)) {
      const retry = () => {
        this.#timers.delete(lane);
        this.#answered(lane);
      };
      this.#timers.set(lane, setTimeout(retry, this.#backoff.failed(refusal.retryAfterMs).delayMs));
    }
    this.#answered(lane);
  }

  #answered(lane: Lane): void {
    if (lane.held && lane.unanswered === 0 && !this.#timers.has(lane)) {
      restart(lane);
      this.#offer(lane);
    }
    this.#continue();
    this.#leaveWhenQuiet();
  }

  /** There may be room, in the outbox or in the window. */
  #continue(): void {
    this.#admit();
    this.#schedule();
    if (this.#messages > 0) return;
    for (const emptied of this.#emptied.splice(0)) emptied();
  }

  #leaveWhenQuiet(): void {
    if (this.#outlet === undefined) return;
    if (this.#leaving !== undefined && this.#window.messages === 0) this.#options.leave(this.#leaving);
    else if (this.#outgrown !== undefined && ![...this.#lanes.values()].some(isUncertain)) {
      this.producer = randomBytes(16);
      for (const lane of this.#lanes.values()) {
        restart(lane);
        lane.acked = 0;
      }
      this.#options.leave(this.#outgrown);
    }
  }

  /** Resolves when every message has been settled. */
  empty(): Promise<void> {
    if (this.#messages === 0) return Promise.resolve();
    return new Promise((resolve) => this.#emptied.push(resolve));
  }

  /** A connection whose hello carried `producer`. */
  connected(outlet: Outlet): void {
    this.#outlet = outlet;
    this.#limits = outlet.limits;
    this.#refuseTooLarge();
    this.#flush();
  }

  /** What was published before anybody knew the limit, or under another one. Not what may be stored already. */
  #refuseTooLarge(): void {
    const lanes = [...this.#lanes.values()].flatMap(({ unsent }) => unsent.filter(({ tries }) => tries === 0));
    for (const entry of [...lanes, ...this.#waiting.keys()]) {
      const error = sizeError(entry.encoded, this.#limits);
      if (error === undefined) continue;
      entry.refused = true;
      entry.settle(error);
    }
    for (const lane of this.#lanes.values()) {
      lane.unsent = lane.unsent.filter(({ refused, tries }) => !refused || tries > 0);
    }
    this.#continue();
  }

  /** Sends nothing more on this connection, and leaves it as soon as nothing is in flight. */
  leave(reason: RepriseError): void {
    this.#leaving ??= reason;
    this.#leaveWhenQuiet();
  }

  /** The connection is gone. */
  lost(): void {
    this.#outlet = undefined;
    this.#leaving = undefined;
    this.#outgrown = undefined;
    this.#window.bytes = 0;
    this.#window.messages = 0;
    this.#stopTimers();
    for (const lane of this.#lanes.values()) {
      restart(lane);
      this.#offer(lane);
    }
  }

  #stopTimers(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Rejects everything that waits, and all that comes. */
  close(error: RepriseError): void {
    this.#closed = error;
    this.#outlet = undefined;
    this.#stopTimers();
    for (const entry of [...this.#waiting.keys()]) entry.settle(error);
    for (const lane of this.#lanes.values()) {
      restart(lane);
      for (const entry of lane.unsent.splice(0)) entry.settle(error);
    }
    this.#continue();
  }
}

function sizeError(encoded: Buffer, limits: Limits | undefined): RepriseError | undefined {
  if (limits === undefined || encoded.length <= limits.maxMessageBytes) return undefined;
  const what = `a message of ${encoded.length} bytes: at most ${limits.maxMessageBytes} are allowed`;
  return new RepriseError("message_too_large", what);
}

/** Says what has become of the message as well. */
function withFate({ code, message, cause }: RepriseError, { tries }: Entry): RepriseError {
  const fate = tries > 0 ? "it was sent, and may be stored" : "it is not stored";
  return new RepriseError(code, `${message}; ${fate}`, { cause });
}
