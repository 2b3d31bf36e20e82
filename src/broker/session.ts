// One connected peer: its cursors, its attendance, its unanswered publishes, and the outlet that its frames leave by. A peer
// that sends requests and does not read the answers is no longer read itself.
import type { LogFields } from "../log/log.js";
import { encodePublisher, type Publish } from "../wire/batch.js";
import { checkChannel } from "../wire/channel.js";
import { type RequestKind, requestNumbers, type Start } from "../wire/client-frame.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { KiB } from "../wire/limits.js";
import { afterGap, type Gap, type Position } from "../wire/position.js";
import {
  encodeAuthenticated,
  encodeDraining,
  encodeError,
  encodeGap,
  encodeHeartbeat,
  encodeSubscribed,
  encodeUnsubscribed,
  type Head,
  maxHeads,
} from "../wire/server-frame.js";
import { type Access, anyone, logUnrecognized } from "./access.js";
import { Attendance, type Attendant } from "./attendance.js";
import type { Broker } from "./broker.js";
import type { ChannelLog } from "./channel-log.js";
import { Cursor } from "./cursor.js";
import type { Meter } from "./meters.js";
import type { Move } from "./move.js";
import { Outlet } from "./outlet.js";
import { progressOf } from "./progress.js";
import { Publishing } from "./publishing.js";
import type { Who } from "./recorder.js";
import { resumeSince } from "./resumption.js";
import { increase } from "./tally.js";

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
  /** What it may do. Default: everything. */
  access?: Access;
  /** Display name, checked; that of its identity if it has one. */
  name: string;
  /** Producer id for numbered publishes; undefined: the node numbers. */
  producer: string | undefined;
  /** Its id among the members of channels, checked. Default: the session's id. */
  member?: string;
  /** The peer cannot subscribe again: a subscription that is refused ends the stream instead of being answered on it. */
  subscribesOnce?: boolean;
  /** The peer goes to other nodes by their addresses. */
  discover?: boolean;
}

/** A channel that the peer asked for; without a cursor while its start is being found. */
interface Subscription {
  cursor: Cursor | undefined;
  /** The head that the peer was told last. */
  told: number;
}

/** What is refused, as far as it can be told. */
interface Refused {
  channel?: string;
  sequence?: number;
  count?: number;
  request?: RequestKind;
}

/** Answers waiting to be written; beyond this the peer is not read. */
const maxWaitingAnswers = 256 * KiB;

export class Session {
  readonly id: string;
  readonly options: SessionOptions;
  readonly connectedAt = Date.now();
  /** As its events bear it. */
  readonly who: Who;
  readonly subscriptions = new Map<string, Subscription>();
  readonly attendance: Attendance;
  readonly access: Access;

  /** Set once it was told to go (move.ts). */
  moving: Move | undefined;

  readonly #broker: Broker;
  readonly #sink: Sink;
  readonly #publishing: Publishing;
  readonly #outlet: Outlet;
  /** The frame in which the last heartbeat leaves. */
  #heartbeatIn = -1;
  /** The peer has been told that the buffer cannot be reached. */
  #toldAway = false;
  #closed = false;
  #closing: { error: RepriseError | undefined } | undefined;
  /** Finishes, with this, once its publishes are answered. */
  #ending: { error: RepriseError | undefined } | undefined;
  /** Why nothing new is accepted, once it was told to go. */
  #told: RepriseError | undefined;
  #gone: (() => void) | undefined;
  #reading = true;
  #renewing = false;
  readonly #ignoreFull: () => void;
  /** Undefined: it may publish as fast as it likes. */
  readonly #meter: Meter | undefined;

  constructor(id: string, broker: Broker, sink: Sink, options: SessionOptions) {
    this.id = id;
    this.#broker = broker;
    this.#sink = sink;
    this.options = options;
    this.who = { session: id, name: options.name, peer: options.peer, method: options.method };
    broker.recorder.record({ kind: "opened", who: this.who });
    this.access = options.access ?? anyone;
    this.#outlet = new Outlet({
      pump: broker.pump,
      tally: broker.tally,
      write: (frame, done) => sink.write(frame, done),
      changed: () => this.#updateReading(),
      emptied: () => this.close(this.#closing?.error),
    });
    this.#publishing = new Publishing(broker, this.access, options.producer, encodePublisher(options.name, id), {
      send: (item) => this.send(item),
      refuse: (error, range) => this.refuse(error, { ...range, request: "publish" }),
      changed: this.#changed,
    });
    this.#ignoreFull = broker.appender.onFull(() => this.#updateReading());
    this.#meter = broker.meters.open(this.access.name, () => this.#updateReading(), this.about);
    const member = { id: options.member ?? id, name: options.name };
    this.attendance = new Attendance(this.#attendant(), broker.presence, member);
    broker.log.debug({ ...this.about, method: options.method }, "a session has begun");
  }

  /** For the log: whom a line is about. */
  get about(): LogFields {
    return { session: this.id, peer: this.options.peer, identity: this.access.name };
  }

  #attendant(): Attendant {
    return {
      id: this.id,
      checkRoom: (what) => {
        if (this.#told !== undefined) throw this.#told;
        this.#checkRoom(what);
      },
      checkRight: (channel) => this.access.check("presence", channel),
      send: (item) => this.send(item),
      refuse: (error, request) => this.refuse(error, request),
      changed: () => this.#updateReading(),
      wake: this.#outlet.wake,
      forget: (reader) => this.#outlet.forget(reader),
    };
  }

  /** Sends an answer. */
  send(item: Buffer): void {
    this.#outlet.send(item);
  }

  /** Refuses a request; the stream stays open. */
  refuse(error: RepriseError, refused: Refused = {}): void {
    const { channel = "", sequence = 0, count = 0 } = refused;
    const { code, message, retryable, expectedSequence = 0, retryAfterMs = 0 } = error;
    increase(this.#broker.tally.refused, code);
    const request = refused.request === undefined ? 0 : requestNumbers[refused.request];
    this.#broker.recorder.refused({ kind: "refused", who: this.who, channel }, error);
    const about = { channel, sequence, count, expectedSequence, request };
    this.send(encodeError({ code, message, retryable, retryAfterMs, ...about }));
  }

  /** Answered by one or more `published` or `error` items, together for all of its messages. */
  publish(publish: Publish): void {
    this.#meter?.take(publish);
    this.#publishing.publish(publish, this.#told);
    if (this.#meter?.exhausted === true) this.#updateReading();
  }

  /** What the node holds for it. */
  get heldBytes(): number {
    return this.#outlet.heldBytes + this.#publishing.unansweredBytes + this.attendance.unansweredBytes;
  }

  get unansweredMessages(): number {
    return this.#publishing.unansweredMessages;
  }

  readonly #changed = (): void => {
    this.#updateReading();
    if (this.#ending !== undefined && this.unansweredMessages === 0) this.finish(this.#ending.error);
  };

  /**
   * Answered by `subscribed` or an `error` item for the channel; by neither if it is given up meanwhile.
   * @param compressed the peer can read compressed batches
   */
  async subscribe(channel: string, start: Start, compressed = false): Promise<void> {
    // What was on its way when it ended.
    if (this.#closed || this.#closing !== undefined) return;
    try {
      this.#checkSubscribe(channel, start);
    } catch (thrown) {
      this.#refuseSubscription(toRepriseError(thrown), channel);
      return;
    }
    const subscription: Subscription = { cursor: undefined, told: 0 };
    this.subscriptions.set(channel, subscription);
    try {
      await this.#open(channel, start, subscription, compressed);
    } catch (thrown) {
      if (this.subscriptions.get(channel) !== subscription) return;
      this.subscriptions.delete(channel);
      this.#refuseSubscription(toRepriseError(thrown), channel);
    }
  }

  #refuseSubscription(error: RepriseError, channel: string): void {
    if (this.options.subscribesOnce === true) this.finish(error);
    else this.refuse(error, { channel, request: "subscribe" });
  }

  #checkSubscribe(channel: string, start: Start): void {
    this.checkAccepts();
    checkChannel(channel);
    this.access.check("subscribe", channel);
    // Who resumes gets what it missed (P-43).
    if (start.from !== "new" && start.from !== "position") this.access.check("history", channel);
    if (this.subscriptions.has(channel)) {
      throw new RepriseError("already_subscribed", `this stream is subscribed to ${channel} already`);
    }
    this.#checkRoom(`subscription to ${channel}`);
  }

  #checkRoom(what: string): void {
    const { maxSubscriptions } = this.#broker.limits;
    if (this.subscriptions.size + this.attendance.size < maxSubscriptions) return;
    throw new RepriseError(
      "too_many_subscriptions",
      `${what} refused: this stream holds ${maxSubscriptions}, the most allowed`,
    );
  }

  async #open(channel: string, start: Start, subscription: Subscription, compressed: boolean): Promise<void> {
    const lease = await this.#broker.openLog(channel);
    let attached = false;
    try {
      const { head, ...found } = await this.#broker.startOf(lease.log, start);
      const { position, gaps } = await this.#withinRights(start, found.position, lease.log);
      // It may have been given up meanwhile, and even been asked for again.
      if (this.subscriptions.get(channel) !== subscription) return;
      const cursor = new Cursor(lease.log, position, this.#outlet.wake, compressed, this.#missed);
      subscription.cursor = cursor;
      subscription.told = head.offset;
      lease.log.cursors.add(cursor);
      attached = true;
      this.send(encodeSubscribed(channel, position, head));
      const { recorder } = this.#broker;
      recorder.record({ kind: "subscribed", who: this.who, channel, ...position, to: head.offset, reason: start.from });
      for (const [i, gap] of gaps.entries()) {
        this.send(encodeGap(channel, gap, afterGap(gaps, i, position, lease.log.state)));
        this.#missed(channel, gap);
      }
      this.#outlet.wake(cursor);
    } finally {
      lease.release(attached);
    }
  }

  async #withinRights(start: Start, position: Position, log: ChannelLog): Promise<{ position: Position; gaps: Gap[] }> {
    const { access } = this;
    if (start.from !== "position" || access.allows("history", log.channel)) return { position, gaps: [] };
    return resumeSince(Date.now() - access.resumeMs, position, log, this.#broker.buffer);
  }

  /** What the peer may do has changed: gives up what it may no longer have, and says so. */
  followRights(): void {
    if (this.#closing !== undefined) return;
    try {
      this.access.checkCredentials();
      for (const channel of [...this.subscriptions.keys()]) {
        if (this.access.allows("subscribe", channel)) continue;
        this.#detach(channel);
        const error = new RepriseError("permission_denied", `the right to subscribe to ${channel} was taken back`);
        this.#refuseSubscription(error, channel);
      }
      this.attendance.followRights();
    } catch (thrown) {
      // The credentials were taken back: nothing of all this is the peer's any more.
      this.finish(toRepriseError(thrown));
    }
  }

  /** Answered by `authenticated` or an `error` item. */
  async authenticate(token: string): Promise<void> {
    // One at a time: each costs the node more than it costs the peer.
    if (this.#renewing) {
      this.refuse(new RepriseError("protocol_violation", "the last authenticate is not answered yet"), {
        request: "authenticate",
      });
      return;
    }
    this.#renewing = true;
    try {
      await this.access.renew(token);
      this.tellIdentity();
      this.followRights();
    } catch (thrown) {
      logUnrecognized(this.#broker.sparingLog, this.about, thrown);
      this.refuse(toRepriseError(thrown), { request: "authenticate" });
    }
    this.#renewing = false;
  }

  tellIdentity(): void {
    const { expiresAt } = this.access;
    const expiresInMs = Number.isFinite(expiresAt) ? Math.max(1, Math.round(expiresAt - Date.now())) : 0;
    this.send(encodeAuthenticated({ name: this.options.name, member: this.options.member ?? this.id, expiresInMs }));
  }

  /** Answered by `unsubscribed`; nothing of the channel follows it. */
  unsubscribe(channel: string): void {
    if (!this.subscriptions.has(channel)) {
      this.refuse(new RepriseError("not_subscribed", `this stream is not subscribed to ${channel.slice(0, 200)}`), {
        channel,
        request: "unsubscribe",
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
    this.#broker.recorder.record({ ...progressOf(this, cursor), kind: "unsubscribed" });
    this.#outlet.forget(cursor);
    this.#broker.releaseLog(cursor);
  }

  readonly #missed = (channel: string, { reason, from, to }: Gap): void => {
    this.#broker.recorder.record({ kind: "gap", who: this.who, channel, from, to, reason });
  };

  /**
   * Breaks a silence, and tells where the channels end and whether the buffer can be reached: a peer that is behind, was
   * forgotten, or waits, shall know it.
   */
  heartbeat(nowMs: number): void {
    const spoke = this.#outlet.spoke();
    // One may wait for the socket, and no more.
    if (this.#heartbeatIn === this.#outlet.frames) return;
    const heads = this.#newHeads();
    const away = !this.#broker.buffer.available;
    if (heads.length === 0 && away === this.#toldAway && spoke) return;
    this.#heartbeatIn = this.#outlet.frames;
    this.#toldAway = away;
    this.send(encodeHeartbeat(nowMs, heads, away));
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

  /**
   * Tells the peer to go elsewhere. From now on its requests are refused with `reason`.
   * @param addresses of other nodes, for a peer that goes by them
   */
  tell(reason: RepriseError, addresses: readonly string[], retryAfterMs: number): void {
    this.#told = reason;
    this.#broker.recorder.record({ kind: "moved", who: this.who, reason: reason.message });
    this.send(encodeDraining(retryAfterMs, this.options.discover === true ? addresses : []));
  }

  get finishing(): boolean {
    return this.#closing !== undefined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws RepriseError `draining` once the peer was told to go */
  checkAccepts(): void {
    if (this.#told !== undefined) throw this.#told;
  }

  /** Resolves when it is closed. Asked once. */
  gone(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#gone = resolve;
    });
  }

  /** The peer has nothing more to say, or nothing more is accepted: ends the stream once its publishes are answered. */
  endWhenAnswered(error?: RepriseError): void {
    this.#ending ??= { error };
    if (this.unansweredMessages === 0) this.finish(this.#ending.error);
  }

  /** Ends the stream once what waits has been written. */
  finish(error: RepriseError | undefined): void {
    if (this.#closed || this.#closing !== undefined) return;
    this.#closing = { error };
    this.#detachAll();
    this.#outlet.finish();
  }

  /** The transport has gone, or has to: forgets everything at once. */
  close(error?: RepriseError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#logEnd(error ?? this.#closing?.error);
    this.#ignoreFull();
    this.#meter?.close();
    this.#detachAll();
    this.#broker.recorder.record({ kind: "closed", who: this.who, reason: this.#endedBy(error) });
    this.#outlet.close();
    this.#broker.sessions.remove(this);
    this.#sink.end(error);
    this.#gone?.();
  }

  #endedBy(error: RepriseError | undefined): string {
    if (error !== undefined) return `${error.code}: ${error.message}`;
    return this.#closing === undefined ? "the peer has gone, or its connection was lost" : "in good order";
  }

  #logEnd(error: RepriseError | undefined): void {
    const { log, sparingLog } = this.#broker;
    const about = { ...this.about, lastedMs: Date.now() - this.connectedAt, why: error?.message };
    // Peers come and go, and are moved; what the node ends for another reason somebody should know.
    if (error === undefined || error.code === "draining") log.debug(about, "a session has ended");
    else sparingLog.info(about, `a session was ended: ${error.code}`);
  }

  #detachAll(): void {
    for (const channel of [...this.subscriptions.keys()]) this.#detach(channel);
    this.attendance.close();
  }

  get positions(): { channel: string; position: Position | undefined }[] {
    return [...this.subscriptions].map(([channel, { cursor }]) => ({ channel, position: cursor?.position }));
  }

  #updateReading(): void {
    if (this.#closed) return;
    const reading =
      this.#publishing.unansweredBytes + this.attendance.unansweredBytes < this.#broker.limits.publishWindowBytes &&
      this.#outlet.answerBytes < maxWaitingAnswers &&
      !this.#broker.appender.full &&
      this.#meter?.exhausted !== true;
    if (reading === this.#reading) return;
    this.#reading = reading;
    this.#sink.setReading(reading);
  }
}
