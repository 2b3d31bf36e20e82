// The subscriptions of a bus on the one stream they share: for each channel what is wanted, what the broker was told,
// and one function that makes the second follow the first. Starting, closing, letting go, resuming after a
// disconnection are all that function.
import { encodeSubscribe, encodeUnsubscribe, requestNumbers } from "../wire/client-frame.js";
import { RepriseError } from "../wire/errors.js";
import { KiB } from "../wire/limits.js";
import type { Message } from "../wire/message.js";
import type { Position } from "../wire/position.js";
import type { Head, Refusal, ServerItem } from "../wire/server-frame.js";
import { type Backoff, type BackoffOptions, createBackoff } from "./backoff.js";
import { type Admit, OpenSubscription } from "./open-subscription.js";
import { errorOfRefusal } from "./remote-error.js";
import type { SubscribeOptions } from "./subscription.js";

/** What was told: `asked` and `leaving` wait for an answer. */
type Told = "nothing" | "asked" | "subscribed" | "leaving";

interface Course {
  readonly channel: string;
  told: Told;
  /** Whom the broker's items are for: the one that asked. */
  recipient: OpenSubscription | undefined;
  /** Whose wish counts: the latest. */
  subscription: OpenSubscription;
  backoff: Backoff;
  /** After a refusal that may pass: waits before it asks again. */
  timer: NodeJS.Timeout | undefined;
  /** At the last heartbeat: it expected messages, having received these. Undefined: it did not. */
  expectedAfter: Position | undefined;
}

/** However many subscriptions share `maxBytes`, each may keep this much waiting. */
const smallestShare = 64 * KiB;

/** Told of messages, so many whole heartbeat intervals without any of them mean a broken stream (P-5). */
const mostStillBeats = 2;

/** What there is while there is a connection. */
interface Outlet {
  /** Name of the node. */
  node: string;
  send(frame: Buffer): void;
}

export class Subscriptions {
  readonly #courses = new Map<string, Course>();
  readonly #maxBytes: number;
  readonly #compressed: boolean;
  readonly #backoff: BackoffOptions | undefined;
  #outlet: Outlet | undefined;
  /** Heartbeat intervals in a row in which nothing arrived of what was expected. */
  #stillBeats = 0;

  /**
   * @param maxBytes what may wait for slow consumers, all subscriptions together
   * @param compressed ask for compressed batches
   */
  constructor(maxBytes: number, backoff: BackoffOptions | undefined, compressed = false) {
    this.#maxBytes = maxBytes;
    this.#compressed = compressed;
    this.#backoff = backoff;
  }

  /** @throws RepriseError `already_subscribed`: a channel is subscribed to once on a stream */
  open<M extends Message>(channel: string, options: SubscribeOptions, admit: Admit<M>): OpenSubscription<M> {
    const known = this.#courses.get(channel);
    if (known !== undefined && !known.subscription.ended) {
      throw new RepriseError("already_subscribed", `there is a subscription to ${channel} already`);
    }
    const subscription: OpenSubscription<M> = new OpenSubscription(channel, options, admit, {
      changed: () => this.#changed(channel),
      share: () => Math.max(smallestShare, this.#maxBytes / this.#courses.size),
    });
    const course: Course = known ?? {
      channel,
      told: "nothing",
      recipient: undefined,
      subscription,
      backoff: createBackoff(this.#backoff),
      timer: undefined,
      expectedAfter: undefined,
    };
    course.subscription = subscription;
    this.#courses.set(channel, course);
    this.#follow(course);
    return subscription;
  }

  #changed(channel: string): void {
    const course = this.#courses.get(channel);
    if (course !== undefined) this.#follow(course);
  }

  /** Tells the broker what is wanted, as far as it can be told now. */
  #follow(course: Course): void {
    const { channel, told, subscription } = course;
    if (subscription.ended) this.#stopTimer(course);
    if (told === "nothing" && subscription.ended) {
      // Whoever was told of the end may have subscribed again.
      if (this.#courses.get(channel) === course) this.#courses.delete(channel);
    } else if (told === "nothing" && subscription.wanted && this.#outlet !== undefined && course.timer === undefined) {
      course.told = "asked";
      course.recipient = subscription;
      this.#outlet.send(encodeSubscribe(channel, subscription.start, this.#compressed));
    } else if (told === "subscribed" && !(subscription.wanted && subscription === course.recipient)) {
      course.told = "leaving";
      this.#outlet?.send(encodeUnsubscribe(channel));
    }
  }

  #stopTimer(course: Course): void {
    clearTimeout(course.timer);
    course.timer = undefined;
  }

  connected(outlet: Outlet): void {
    this.#outlet = outlet;
    for (const course of [...this.#courses.values()]) this.#follow(course);
  }

  lost(): void {
    this.#outlet = undefined;
    this.#stillBeats = 0;
    for (const course of [...this.#courses.values()]) {
      course.subscription.disconnected();
      this.#released(course);
    }
  }

  /** Takes the items that concern a subscription. */
  item(item: Extract<ServerItem, { kind: "subscribed" | "unsubscribed" | "gap" | "caughtUp" | "batch" }>): void {
    const course = this.#courses.get(item.kind === "batch" ? item.batch.channel : item.channel);
    if (course === undefined) return;
    const { recipient } = course;
    switch (item.kind) {
      case "subscribed":
        course.told = "subscribed";
        course.backoff.succeeded();
        recipient?.subscribed(item.position, item.head, this.#outlet?.node ?? "");
        this.#follow(course);
        break;
      case "unsubscribed":
        this.#released(course);
        break;
      case "batch":
        recipient?.batch(item.batch);
        break;
      case "gap":
        recipient?.gap({ channel: item.channel, ...item.gap, position: item.position });
        break;
      case "caughtUp":
        recipient?.caughtUp(item.position);
        break;
    }
  }

  /**
   * A heartbeat and the heads that it carried. Returns true if the stream is broken: the broker has told of messages,
   * and over several heartbeats none of them arrives. One channel that gets on excuses the others, which have to wait
   * their turn on a slow line.
   */
  heartbeat(heads: readonly Head[]): boolean {
    let waits = false;
    let moves = false;
    const told = new Map(heads.map(({ channel, position }) => [channel, position]));
    for (const course of this.#courses.values()) {
      const { recipient, expectedAfter } = course;
      const expects = course.told === "subscribed" && recipient?.expects === true;
      if (expectedAfter !== undefined) {
        if (recipient?.received !== expectedAfter) moves = true;
        else if (expects) waits = true;
      }
      course.expectedAfter = expects ? recipient.received : undefined;
      course.subscription.heartbeat(told.get(course.channel));
    }
    this.#stillBeats = waits && !moves ? this.#stillBeats + 1 : 0;
    return this.#stillBeats >= mostStillBeats;
  }

  #released(course: Course): void {
    course.told = "nothing";
    course.expectedAfter = undefined;
    course.recipient?.released();
    course.recipient = undefined;
    this.#follow(course);
  }

  refused(refusal: Refusal): void {
    const course = this.#courses.get(refusal.channel);
    if (course === undefined) return;
    const isLeaving = course.told === "leaving";
    // A right was taken back while it was being given up: that is answered, too.
    if (isLeaving && refusal.request === requestNumbers.subscribe) return;
    if (!isLeaving && refusal.request === requestNumbers.unsubscribe) return;
    // The node holds nothing any more: whoever hears of the end must not make us give it up there.
    course.told = "nothing";
    if (!isLeaving) {
      if (refusal.retryable) this.#askLater(course, refusal.retryAfterMs);
      else course.recipient?.end(errorOfRefusal(refusal));
    }
    this.#released(course);
  }

  #askLater(course: Course, leastMs: number): void {
    course.timer ??= setTimeout(() => {
      course.timer = undefined;
      this.#follow(course);
    }, course.backoff.failed(leastMs).delayMs);
  }

  /** Ends them all with an error for their consumers, after what has arrived. */
  fail(error: RepriseError): void {
    const subscriptions = this.#leave();
    for (const subscription of subscriptions) subscription.end(error);
  }

  /** Ends them all in good order, positions saved. What goes wrong with that, their iterations throw. */
  async close(): Promise<void> {
    const open = this.#leave().filter((subscription) => !subscription.ended);
    await Promise.allSettled(open.map((subscription) => subscription.close()));
  }

  #leave(): OpenSubscription[] {
    this.#outlet = undefined;
    const courses = [...this.#courses.values()];
    for (const course of courses) {
      this.#stopTimer(course);
      this.#released(course);
    }
    return courses.map(({ subscription }) => subscription);
  }
}
