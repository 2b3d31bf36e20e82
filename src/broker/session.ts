// One connected peer: its subscriptions, its attendance, its unanswered publishes, and the outlet that its frames leave by. A peer
// that sends requests and does not read the answers is no longer read itself.
import type { LogFields } from "../log/log.js";
import { encodePublisher, type Publish } from "../wire/batch.js";
import { type RequestKind, requestNumbers } from "../wire/client-frame.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { KiB } from "../wire/limits.js";
import { encodeAuthenticated, encodeDraining, encodeError, encodeHeartbeat } from "../wire/server-item.js";
import { type Access, anyone, logUnrecognized } from "./access.js";
import { Attendance, type Attendant } from "./attendance.js";
import type { Broker } from "./broker.js";
import type { Amount, Meter } from "./meters.js";
import type { Move } from "./move.js";
import { Outlet } from "./outlet.js";
import { Publishing } from "./publishing.js";
import type { Who } from "./recorder.js";
import { Subscriptions } from "./subscriptions.js";
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
  readonly subscriptions: Subscriptions;
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
  readonly #meter: Meter;

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
      changed: () => this.updateReading(),
      emptied: () => this.close(this.#closing?.error),
    });
    this.subscriptions = new Subscriptions(this, broker, this.#outlet);
    this.#publishing = new Publishing(broker, this.access, options.producer, encodePublisher(options.name, id), {
      send: (item) => this.send(item),
      refuse: (error, range) => this.refuse(error, { ...range, request: "publish" }),
      changed: this.#changed,
    });
    this.#ignoreFull = broker.appender.onFull(() => this.updateReading());
    this.#meter = broker.meters.open(broker.meters.ofOne(), this.access.name, () => this.updateReading(), this.about);
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
      about: this.about,
      checkRoom: (what) => {
        if (this.#told !== undefined) throw this.#told;
        this.checkRoom(what);
      },
      take: (bytes) => this.#take({ count: 1, bytes }),
      checkRight: (channel) => this.access.check("presence", channel),
      send: (item) => this.send(item),
      refuse: (error, request) => this.refuse(error, request),
      changed: () => this.updateReading(),
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
    this.#take(publish);
    this.#publishing.publish(publish, this.#told);
  }

  #take(amount: Amount): void {
    this.#meter.take(amount);
    if (this.#meter.exhausted) this.updateReading();
  }

  /** What the node holds for it. */
  get heldBytes(): number {
    return this.#outlet.heldBytes + this.#unansweredBytes;
  }

  get #unansweredBytes(): number {
    return this.#publishing.unansweredBytes + this.attendance.unansweredBytes + this.subscriptions.openingBytes;
  }

  get unansweredMessages(): number {
    return this.#publishing.unansweredMessages;
  }

  readonly #changed = (): void => {
    this.updateReading();
    if (this.#ending !== undefined && this.unansweredMessages === 0) this.finish(this.#ending.error);
  };

  /** @throws RepriseError `too_many_subscriptions` */
  checkRoom(what: string): void {
    const { maxSubscriptions } = this.#broker.limits;
    if (this.subscriptions.size + this.attendance.size < maxSubscriptions) return;
    throw new RepriseError(
      "too_many_subscriptions",
      `${what} refused: this stream holds ${maxSubscriptions}, the most allowed`,
    );
  }

  /** What the peer may do has changed: gives up what it may no longer have, and says so. */
  followRights(): void {
    if (this.#closing !== undefined) return;
    try {
      this.access.checkCredentials();
      this.subscriptions.followRights();
      this.attendance.followRights();
    } catch (thrown) {
      // The credentials were taken back: nothing of all this is the peer's any more.
      this.finish(toRepriseError(thrown));
    }
  }

  /** Answered by `authenticated` or an `error` item; by neither if the stream ends meanwhile. */
  async authenticate(token: string): Promise<void> {
    // What was on its way when it ended comes too late: a session that was told that it is over stays so.
    if (this.#closed || this.#closing !== undefined) return;
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

  /**
   * Breaks a silence, and tells where the channels end and whether the buffer can be reached: a peer that is behind, was
   * forgotten, or waits, shall know it.
   */
  heartbeat(nowMs: number): void {
    const spoke = this.#outlet.spoke();
    // One may wait for the socket, and no more.
    if (this.#heartbeatIn === this.#outlet.frames) return;
    const heads = this.subscriptions.newHeads();
    const away = !this.#broker.buffer.available;
    if (heads.length === 0 && away === this.#toldAway && spoke) return;
    this.#heartbeatIn = this.#outlet.frames;
    this.#toldAway = away;
    this.send(encodeHeartbeat(nowMs, heads, away));
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
    this.#meter.close();
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
    this.subscriptions.close();
    this.attendance.close();
  }

  /** Whether its requests are read has to be decided anew. */
  updateReading(): void {
    if (this.#closed) return;
    const reading =
      this.#unansweredBytes < this.#broker.limits.publishWindowBytes &&
      this.#outlet.answerBytes < maxWaitingAnswers &&
      !this.#broker.appender.full &&
      !this.#meter.exhausted;
    if (reading === this.#reading) return;
    this.#reading = reading;
    this.#sink.setReading(reading);
  }
}
