// What one session is subscribed to: a cursor for each channel, which it reads by until it is given up. A channel has its
// place from the request on, so that what is asked for twice, or given up before its start was found, is noticed.
import { checkChannel } from "../wire/channel.js";
import type { Start } from "../wire/client-frame.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { KiB } from "../wire/limits.js";
import { afterGap, type Gap, type Position } from "../wire/position.js";
import type { Head } from "../wire/server-frame.js";
import { encodeGap, encodeSubscribed, encodeUnsubscribed, maxHeads } from "../wire/server-item.js";
import type { Broker } from "./broker.js";
import type { ChannelLog } from "./channel-log.js";
import { Cursor } from "./cursor.js";
import type { Outlet } from "./outlet.js";
import { progressOf } from "./progress.js";
import { resumeSince } from "./resumption.js";
import type { Session } from "./session.js";

/** A channel that the peer asked for; without a cursor while its start is being found. */
interface Subscription {
  cursor: Cursor | undefined;
  /** Up to this offset it reads what was stored before it began, by the peer's right to the history; 0: by none. */
  past: number;
  /** The head that the peer was told last. */
  told: number;
}

/** What finding a start costs while it lasts, roughly; also where it was given up meanwhile. */
const openingBytes = 2 * KiB;

/** Who resumes gets what it missed (P-43). */
const readsHistory = ({ from }: Start): boolean => from !== "new" && from !== "position";

export class Subscriptions {
  /** What is being opened counts in the peer's window: it must not ask for more than the node gets done. */
  openingBytes = 0;

  readonly #session: Session;
  readonly #broker: Broker;
  readonly #outlet: Outlet;
  readonly #held = new Map<string, Subscription>();

  constructor(session: Session, broker: Broker, outlet: Outlet) {
    this.#session = session;
    this.#broker = broker;
    this.#outlet = outlet;
  }

  get size(): number {
    return this.#held.size;
  }

  *cursors(): Generator<Cursor> {
    for (const { cursor } of this.#held.values()) if (cursor !== undefined) yield cursor;
  }

  get positions(): { channel: string; position: Position | undefined }[] {
    return [...this.#held].map(([channel, { cursor }]) => ({ channel, position: cursor?.position }));
  }

  /**
   * Answered by `subscribed` or an `error` item for the channel; by neither if it is given up meanwhile.
   * @param compressed the peer can read compressed batches
   */
  async subscribe(channel: string, start: Start, compressed = false): Promise<void> {
    // What was on its way when it ended.
    if (this.#session.closed || this.#session.finishing) return;
    try {
      this.#check(channel, start);
    } catch (thrown) {
      this.#refuse(toRepriseError(thrown), channel);
      return;
    }
    const past = readsHistory(start) ? Number.POSITIVE_INFINITY : 0;
    const subscription: Subscription = { cursor: undefined, past, told: 0 };
    this.#held.set(channel, subscription);
    this.openingBytes += openingBytes;
    this.#session.updateReading();
    try {
      await this.#open(channel, start, subscription, compressed);
    } catch (thrown) {
      if (this.#held.get(channel) !== subscription) return;
      this.#held.delete(channel);
      this.#refuse(toRepriseError(thrown), channel);
    } finally {
      this.openingBytes -= openingBytes;
      this.#session.updateReading();
    }
  }

  #refuse(error: RepriseError, channel: string): void {
    if (this.#session.options.subscribesOnce === true) this.#session.finish(error);
    else this.#session.refuse(error, { channel, request: "subscribe" });
  }

  #check(channel: string, start: Start): void {
    const { access } = this.#session;
    this.#session.checkAccepts();
    checkChannel(channel);
    access.check("subscribe", channel);
    if (readsHistory(start)) access.check("history", channel);
    if (this.#held.has(channel)) {
      throw new RepriseError("already_subscribed", `this stream is subscribed to ${channel} already`);
    }
    this.#session.checkRoom(`subscription to ${channel}`);
  }

  async #open(channel: string, start: Start, subscription: Subscription, compressed: boolean): Promise<void> {
    const { who } = this.#session;
    const lease = await this.#broker.openLog(channel);
    let attached = false;
    try {
      const { head, ...found } = await this.#broker.startOf(lease.log, start);
      const { position, gaps } = await this.#withinRights(start, found.position, lease.log);
      // It may have been given up meanwhile, and even been asked for again.
      if (this.#held.get(channel) !== subscription) return;
      const cursor = new Cursor(lease.log, position, this.#outlet.wake, compressed, this.#missed);
      subscription.cursor = cursor;
      subscription.past = this.#session.access.allows("history", channel) ? head.offset : 0;
      subscription.told = head.offset;
      lease.log.cursors.add(cursor);
      attached = true;
      this.#session.send(encodeSubscribed(channel, position, head));
      const { recorder } = this.#broker;
      recorder.record({ kind: "subscribed", who, channel, ...position, to: head.offset, reason: start.from });
      for (const [i, gap] of gaps.entries()) {
        this.#session.send(encodeGap(channel, gap, afterGap(gaps, i, position, lease.log.state)));
        this.#missed(channel, gap);
      }
      this.#outlet.wake(cursor);
    } finally {
      lease.release(attached);
    }
  }

  async #withinRights(start: Start, position: Position, log: ChannelLog): Promise<{ position: Position; gaps: Gap[] }> {
    const { access } = this.#session;
    if (start.from !== "position" || access.allows("history", log.channel)) return { position, gaps: [] };
    return resumeSince(Date.now() - access.resumeMs, position, log, this.#broker.buffer);
  }

  readonly #missed = (channel: string, { reason, from, to }: Gap): void => {
    this.#broker.recorder.record({ kind: "gap", who: this.#session.who, channel, from, to, reason });
  };

  /** Answered by `unsubscribed`; nothing of the channel follows it. */
  unsubscribe(channel: string): void {
    if (!this.#held.has(channel)) {
      const error = new RepriseError("not_subscribed", `this stream is not subscribed to ${channel.slice(0, 200)}`);
      this.#session.refuse(error, { channel, request: "unsubscribe" });
      return;
    }
    this.#detach(channel);
    this.#session.send(encodeUnsubscribed(channel));
  }

  #detach(channel: string): void {
    const cursor = this.#held.get(channel)?.cursor;
    this.#held.delete(channel);
    if (cursor === undefined) return;
    this.#broker.recorder.record({ ...progressOf(this.#session, cursor), kind: "unsubscribed" });
    this.#outlet.forget(cursor);
    this.#broker.releaseLog(cursor);
  }

  /** Gives up what the peer may no longer have, and says so. */
  followRights(): void {
    const { access } = this.#session;
    for (const [channel, { cursor, past }] of [...this.#held]) {
      const isPast = (cursor?.next ?? 1) <= past;
      if (access.allows("subscribe", channel) && (!isPast || access.allows("history", channel))) continue;
      this.#detach(channel);
      const right = access.allows("subscribe", channel) ? "the history of" : "subscribe to";
      this.#refuse(new RepriseError("permission_denied", `the right to ${right} ${channel} was taken back`), channel);
    }
  }

  /** Those that the peer does not know yet. */
  newHeads(): Head[] {
    const heads: Head[] = [];
    for (const [channel, subscription] of this.#held) {
      const position = subscription.cursor?.log.head;
      if (position === undefined || position.offset === subscription.told) continue;
      subscription.told = position.offset;
      if (heads.push({ channel, position }) === maxHeads) break;
    }
    // What was told now comes last the next time, so that the others are not passed over for ever.
    for (const { channel } of heads) {
      const subscription = this.#held.get(channel)!;
      this.#held.delete(channel);
      this.#held.set(channel, subscription);
    }
    return heads;
  }

  close(): void {
    for (const channel of [...this.#held.keys()]) this.#detach(channel);
  }
}
