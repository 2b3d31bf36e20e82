// One connected peer: its cursors, its unanswered publishes, and the sink that its frames go into.
//
// At most one frame is in the sink at a time. What becomes ready meanwhile waits as a position (a cursor that did not
// move), not as bytes, and leaves in the next frame together. Answers to the peer's own requests do wait as bytes; a
// peer that sends requests and does not read the answers is no longer read itself.
import { encodePublisher, type Publish, spliceMessages } from "../wire/batch.js";
import { checkChannel } from "../wire/channel.js";
import type { Start } from "../wire/client-frame.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { KiB } from "../wire/limits.js";
import type { Position } from "../wire/position.js";
import {
  encodeDraining,
  encodeError,
  encodeHeartbeat,
  encodePublished,
  encodeSubscribed,
  encodeUnsubscribed,
  type Head,
  maxHeads,
} from "../wire/server-frame.js";
import type { Broker } from "./broker.js";
import { Cursor } from "./cursor.js";
import { checkPublish, splitRuns } from "./publish.js";

/** Where a session's frames go: a gRPC stream, or something that turns them into another protocol. */
export interface Sink {
  /** Takes one frame; calls `done` when it can take the next. Never calls it after the transport has gone. */
  write(frame: Buffer, done: () => void): void;
  /** Ends the stream: with a status for the peer, or in good order. */
  end(error: RepriseError | undefined): void;
  /** Whether the peer's requests shall be read. */
  setReading(reading: boolean): void;
}

export interface SessionOptions {
  /** Method that opened it. */
  method: string;
  /** Address of the peer's connection. */
  peer: string;
  /** Display name, checked. */
  name: string;
  /** Producer id for numbered publishes; undefined: the node numbers. */
  producer: string | undefined;
  /** The peer cannot subscribe again: a subscription that is refused ends the stream instead of being answered on it. */
  subscribesOnce?: boolean;
}

/** A channel that the peer asked for; without a cursor while its start is being found. */
interface Subscription {
  cursor: Cursor | undefined;
  /** The head that the peer was told last. */
  told: number;
}

/** An append that is not answered yet. */
interface Append {
  /** What is to be refused right after its answer. */
  refusals: (() => void)[];
}

/** What a refusal that waits costs, roughly. */
const waitingRefusalBytes = 512;

/** A frame is filled up to about this size. */
const frameBytes = 64 * KiB;

/** Answers waiting to be written; beyond this the peer is not read. */
const maxWaitingAnswers = 256 * KiB;

export class Session {
  readonly id: string;
  readonly options: SessionOptions;
  readonly connectedAt = Date.now();
  readonly subscriptions = new Map<string, Subscription>();
  unansweredMessages = 0;

  readonly #broker: Broker;
  readonly #sink: Sink;
  readonly #publisher: Buffer;
  /** The last append of each channel without a number, while it is not answered. */
  readonly #lastAppends = new Map<string, Append>();
  #answers: Buffer[] = [];
  #answerBytes = 0;
  #ready: Cursor[] = [];
  #writing = false;
  #scheduled = false;
  #wroteSinceHeartbeat = false;
  #heartbeatWaits = false;
  /** The peer has been told that the buffer cannot be reached. */
  #toldAway = false;
  #closed = false;
  #closing: { error: RepriseError | undefined } | undefined;
  #ending = false;
  #unansweredBytes = 0;
  #reading = true;
  readonly #roomMade = () => this.#updateReading();

  constructor(id: string, broker: Broker, sink: Sink, options: SessionOptions) {
    this.id = id;
    this.#broker = broker;
    this.#sink = sink;
    this.options = options;
    this.#publisher = encodePublisher(options.name, id);
  }

  /** Sends an answer: it goes out before anything that cursors have to say. */
  send(item: Buffer): void {
    if (this.#closed) return;
    this.#answers.push(item);
    this.#answerBytes += item.length;
    this.#updateReading();
    this.#schedule();
  }

  /** Refuses a request; the stream stays open. */
  refuse(error: RepriseError, request: { channel?: string; sequence?: number; count?: number } = {}): void {
    const { channel = "", sequence = 0, count = 0 } = request;
    const { code, message, retryable, expectedSequence = 0 } = error;
    this.send(encodeError({ code, message, retryable, channel, sequence, count, expectedSequence }));
  }

  /** Answered by one or more `published` or `error` items, together for all of its messages. */
  publish(publish: Publish): void {
    const { channel, sequence, count } = publish;
    const { producer } = this.options;
    try {
      this.#broker.checkOpen();
      checkPublish(publish, this.#broker.limits);
      if (producer === undefined && sequence !== 0) {
        throw new RepriseError("invalid_argument", "a sequence number needs a producer in the hello");
      }
      if (producer !== undefined && sequence === 0) {
        throw new RepriseError("invalid_argument", "with a producer in the hello, publishes are numbered 1, 2, 3, …");
      }
    } catch (thrown) {
      this.#refusePublish(toRepriseError(thrown), { channel, sequence, count });
      return;
    }
    const messages = spliceMessages(publish, this.#publisher);
    for (const run of splitRuns(messages, publish, producer)) this.#append(channel, run);
    this.#updateReading();
  }

  #append(channel: string, run: ReturnType<typeof splitRuns>[number]): void {
    const { count, messages } = run;
    const sequence = run.numbered?.sequence ?? 0;
    const append: Append = { refusals: [] };
    if (run.numbered === undefined) this.#lastAppends.set(channel, append);
    this.unansweredMessages += count;
    this.#unansweredBytes += messages.length;
    const settle = () => {
      if (this.#lastAppends.get(channel) === append) this.#lastAppends.delete(channel);
      for (const refuse of append.refusals) refuse();
      this.unansweredMessages -= count;
      this.#unansweredBytes -= messages.length;
      this.#updateReading();
      if (this.#ending && this.unansweredMessages === 0) this.finish(undefined);
    };
    this.#broker.append(channel, run).then(
      (answers) => {
        for (const answer of answers) this.send(encodePublished(answer));
        settle();
      },
      (thrown: unknown) => {
        this.refuse(toRepriseError(thrown), { channel, sequence, count });
        settle();
      },
    );
  }

  /** Without numbers only their order tells answers apart: a refusal waits for the answer to the publish before it. */
  #refusePublish(error: RepriseError, request: { channel: string; sequence: number; count: number }): void {
    const last = this.#lastAppends.get(request.channel);
    if (last === undefined) {
      this.refuse(error, request);
      return;
    }
    this.#unansweredBytes += waitingRefusalBytes;
    last.refusals.push(() => {
      this.#unansweredBytes -= waitingRefusalBytes;
      this.refuse(error, request);
    });
    this.#updateReading();
  }

  /** Answered by `subscribed` or an `error` item for the channel; by neither if it is given up meanwhile. */
  async subscribe(channel: string, start: Start): Promise<void> {
    if (this.#closing !== undefined) return;
    try {
      this.#checkSubscribe(channel);
    } catch (thrown) {
      this.#refuseSubscription(toRepriseError(thrown), channel);
      return;
    }
    const subscription: Subscription = { cursor: undefined, told: 0 };
    this.subscriptions.set(channel, subscription);
    try {
      await this.#open(channel, start, subscription);
    } catch (thrown) {
      if (this.subscriptions.get(channel) !== subscription) return;
      this.subscriptions.delete(channel);
      this.#refuseSubscription(toRepriseError(thrown), channel);
    }
  }

  #refuseSubscription(error: RepriseError, channel: string): void {
    if (this.options.subscribesOnce === true) this.finish(error);
    else this.refuse(error, { channel });
  }

  #checkSubscribe(channel: string): void {
    this.#broker.checkOpen();
    checkChannel(channel);
    if (this.subscriptions.has(channel)) {
      throw new RepriseError("already_subscribed", `this stream is subscribed to ${channel} already`);
    }
    const { maxSubscriptions } = this.#broker.limits;
    if (this.subscriptions.size >= maxSubscriptions) {
      throw new RepriseError(
        "too_many_subscriptions",
        `subscription to ${channel} refused: this stream holds ${maxSubscriptions}, the most allowed`,
      );
    }
  }

  async #open(channel: string, start: Start, subscription: Subscription): Promise<void> {
    const lease = await this.#broker.openLog(channel);
    let attached = false;
    try {
      const { position, head } = await this.#broker.startOf(lease.log, start);
      // It may have been given up meanwhile, and even been asked for again.
      if (this.subscriptions.get(channel) !== subscription) return;
      const cursor = new Cursor(lease.log, position, (woken) => this.#wake(woken));
      subscription.cursor = cursor;
      subscription.told = head.offset;
      lease.log.cursors.add(cursor);
      attached = true;
      this.send(encodeSubscribed(channel, position, head));
      this.#wake(cursor);
    } finally {
      lease.release(attached);
    }
  }

  /** Answered by `unsubscribed`; nothing of the channel follows it. */
  unsubscribe(channel: string): void {
    if (!this.subscriptions.has(channel)) {
      this.refuse(new RepriseError("not_subscribed", `this stream is not subscribed to ${channel.slice(0, 200)}`), {
        channel,
      });
      return;
    }
    this.#detach(channel);
    this.send(encodeUnsubscribed(channel));
  }

  #detach(channel: string): void {
    const cursor = this.subscriptions.get(channel)?.cursor;
    this.subscriptions.delete(channel);
    if (cursor === undefined) return;
    this.#ready = this.#ready.filter((ready) => ready !== cursor);
    // Whatever still wakes it finds it queued already.
    cursor.queued = true;
    this.#broker.releaseLog(cursor);
  }

  /**
   * Breaks a silence, and tells where the channels end and whether the buffer can be reached: a peer that is behind, was
   * forgotten, or waits, shall know it.
   */
  heartbeat(nowMs: number): void {
    // One may wait for the socket, and no more.
    if (this.#heartbeatWaits) return;
    const heads = this.#newHeads();
    const away = !this.#broker.buffer.available;
    if (heads.length > 0 || away !== this.#toldAway || (!this.#wroteSinceHeartbeat && !this.#writing)) {
      this.#heartbeatWaits = true;
      this.#toldAway = away;
      this.send(encodeHeartbeat(nowMs, heads, away));
    }
    this.#wroteSinceHeartbeat = false;
  }

  #newHeads(): Head[] {
    const heads: Head[] = [];
    for (const [channel, subscription] of this.subscriptions) {
      const position = subscription.cursor?.log.head;
      if (position === undefined || position.offset === subscription.told) continue;
      subscription.told = position.offset;
      if (heads.push({ channel, position }) === maxHeads) break;
    }
    // What was told now comes last the next time, so that the others are not passed over for ever.
    for (const { channel } of heads) {
      const subscription = this.subscriptions.get(channel)!;
      this.subscriptions.delete(channel);
      this.subscriptions.set(channel, subscription);
    }
    return heads;
  }

  /** Tells the peer to go elsewhere; nothing new is accepted, what was accepted is still answered. */
  drain(retryAfterMs: number): void {
    this.send(encodeDraining(retryAfterMs));
  }

  /** The peer has nothing more to say: ends the stream once its publishes are answered. */
  endWhenAnswered(): void {
    this.#ending = true;
    if (this.unansweredMessages === 0) this.finish(undefined);
  }

  /** Ends the stream once what waits has been written. */
  finish(error: RepriseError | undefined): void {
    if (this.#closed || this.#closing !== undefined) return;
    this.#closing = { error };
    this.#detachAll();
    this.#schedule();
  }

  /** The transport has gone, or has to: forgets everything at once. */
  close(error?: RepriseError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#detachAll();
    this.#answers = [];
    this.#broker.sessions.remove(this);
    this.#sink.end(error);
  }

  #detachAll(): void {
    for (const channel of [...this.subscriptions.keys()]) this.#detach(channel);
  }

  get positions(): { channel: string; position: Position | undefined }[] {
    return [...this.subscriptions].map(([channel, { cursor }]) => ({ channel, position: cursor?.position }));
  }

  #wake(cursor: Cursor): void {
    if (cursor.queued || this.#closed) return;
    cursor.queued = true;
    this.#ready.push(cursor);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#writing || this.#closed) return;
    this.#scheduled = true;
    this.#broker.pump.schedule(this);
  }

  /** The pump's turn: one frame with the answers that wait and the next stretch of each ready cursor in turn. */
  turn(): void {
    this.#scheduled = false;
    if (this.#writing || this.#closed) return;
    const frames = this.#answers;
    let size = this.#answerBytes;
    this.#answers = [];
    this.#answerBytes = 0;
    this.#heartbeatWaits = false;
    for (let turns = this.#ready.length; turns > 0 && size < frameBytes; turns--) {
      const cursor = this.#ready.shift()!;
      cursor.queued = false;
      const had = frames.length;
      const progress = cursor.advance(frameBytes - size, frames);
      for (let index = had; index < frames.length; index++) size += frames[index]!.length;
      if (progress === "more") {
        cursor.queued = true;
        this.#ready.push(cursor);
      }
    }
    if (frames.length > 0) this.#write(frames.length === 1 ? frames[0]! : Buffer.concat(frames, size));
    else if (this.#ready.length > 0) this.#schedule();
    else if (this.#closing !== undefined) this.close(this.#closing.error);
    this.#updateReading();
  }

  #write(frame: Buffer): void {
    this.#writing = true;
    this.#wroteSinceHeartbeat = true;
    this.#sink.write(frame, () => {
      this.#writing = false;
      if (this.#answers.length > 0 || this.#ready.length > 0 || this.#closing !== undefined) this.#schedule();
    });
  }

  #updateReading(): void {
    if (this.#closed) return;
    const reading =
      this.#unansweredBytes < this.#broker.limits.publishWindowBytes &&
      this.#answerBytes < maxWaitingAnswers &&
      !this.#broker.appender.full;
    // Also when it was not read before for another reason: nobody else would tell of the room.
    if (this.#broker.appender.full) this.#broker.appender.onRoom(this.#roomMade);
    if (reading === this.#reading) return;
    this.#reading = reading;
    this.#sink.setReading(reading);
  }
}
