// The channels that a bus has entered: for each what is wanted, what the broker was told, and one function that makes the
// second follow the first. Entering, new metadata, leaving and entering again after a disconnection are all that function.
import { encodeEnter, encodeLeave } from "../wire/client-frame.js";
import type { RepriseError } from "../wire/errors.js";
import type { Headers } from "../wire/message.js";
import type { Refusal } from "../wire/server-frame.js";
import { type Backoff, type BackoffOptions, createBackoff } from "./backoff.js";
import { metadataOf } from "./member.js";
import { errorOfRefusal } from "./remote-error.js";

export interface EnterOptions {
  /** What the others are told; at most 1 KiB, encoded. Default: nothing. */
  metadata?: Headers | undefined;
}

/** Being on a channel: it lasts over disconnections, until `leave` or the end of the bus. */
export interface Membership extends AsyncDisposable {
  readonly channel: string;
  /** Resolves when the others are about to be told. While there is no connection: at once, and the grace time tells. */
  leave(): Promise<void>;
}

/** An `enter` frame; undefined: not to be a member. */
type Wish = Buffer | undefined;

interface Course {
  readonly channel: string;
  wish: Wish;
  /** What the broker has confirmed on this connection. */
  told: Wish;
  /** What it was asked for and has not answered. */
  asked: { wish: Wish } | undefined;
  /** What it has ever confirmed: to be kept, whatever it says later. */
  kept: Wish;
  waiting: { resolve(): void; reject(error: RepriseError): void }[];
  backoff: Backoff;
  /** After a refusal: waits before it asks again. */
  timer: NodeJS.Timeout | undefined;
}

export class Memberships {
  readonly #courses = new Map<string, Course>();
  readonly #backoff: BackoffOptions | undefined;
  #send: ((frame: Buffer) => void) | undefined;

  constructor(backoff: BackoffOptions | undefined) {
    this.#backoff = backoff;
  }

  /** Resolves when the peer is a member with this metadata. */
  async enter(channel: string, { metadata = {} }: EnterOptions): Promise<Membership> {
    await this.#want(channel, encodeEnter(channel, metadataOf(metadata)));
    const leave = () => this.#want(channel, undefined);
    return { channel, leave, [Symbol.asyncDispose]: leave };
  }

  #want(channel: string, wish: Wish): Promise<void> {
    let course = this.#courses.get(channel);
    if (course === undefined) {
      if (wish === undefined) return Promise.resolve();
      const backoff = createBackoff(this.#backoff);
      course = {
        channel,
        wish,
        told: undefined,
        asked: undefined,
        kept: undefined,
        waiting: [],
        backoff,
        timer: undefined,
      };
      this.#courses.set(channel, course);
    }
    course.wish = wish;
    const { waiting } = course;
    const done = new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
    this.#follow(course);
    return done;
  }

  /** Tells the broker what is wanted, as far as it can be told now. */
  #follow(course: Course): void {
    const { channel, wish, told, asked, timer } = course;
    if (wish === told && asked === undefined && (wish === undefined || this.#send !== undefined)) {
      for (const { resolve } of course.waiting.splice(0)) resolve();
      if (wish === undefined) this.#drop(course);
    } else if (wish !== told && asked === undefined && timer === undefined && this.#send !== undefined) {
      course.asked = { wish };
      this.#send(wish ?? encodeLeave(channel));
    }
  }

  #drop(course: Course): void {
    clearTimeout(course.timer);
    this.#courses.delete(course.channel);
  }

  connected(send: (frame: Buffer) => void): void {
    this.#send = send;
    for (const course of [...this.#courses.values()]) this.#follow(course);
  }

  lost(): void {
    this.#send = undefined;
    for (const course of [...this.#courses.values()]) {
      course.told = undefined;
      course.asked = undefined;
      this.#follow(course);
    }
  }

  /** `entered` or `left` has come. */
  answered(channel: string): void {
    const course = this.#courses.get(channel);
    if (course?.asked === undefined) return;
    course.told = course.asked.wish;
    course.kept = course.told;
    course.asked = undefined;
    course.backoff.succeeded();
    this.#follow(course);
  }

  refused(refusal: Refusal): void {
    const course = this.#courses.get(refusal.channel);
    if (course === undefined) return;
    if (course.asked === undefined) {
      // The right to it was taken back. It may be given again.
      if (course.told === undefined) return;
      course.told = undefined;
      this.#askLater(course, refusal.retryAfterMs);
      this.#follow(course);
      return;
    }
    const { wish } = course.asked;
    course.asked = undefined;
    // What was granted once is asked for again: a channel that is full now, say, need not stay so.
    if (refusal.retryable || wish === course.kept) this.#askLater(course, refusal.retryAfterMs);
    else if (wish === course.wish) {
      course.wish = course.kept;
      const error = errorOfRefusal(refusal);
      for (const { reject } of course.waiting.splice(0)) reject(error);
    }
    this.#follow(course);
  }

  #askLater(course: Course, leastMs: number): void {
    course.timer ??= setTimeout(() => {
      course.timer = undefined;
      this.#follow(course);
    }, course.backoff.failed(leastMs).delayMs);
  }

  /** Leaves all channels; resolves when that is answered. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#courses.keys()].map((channel) => this.#want(channel, undefined)));
  }

  /** Nothing is answered any more. */
  end(error: RepriseError): void {
    this.#send = undefined;
    for (const course of [...this.#courses.values()]) {
      this.#drop(course);
      for (const { resolve, reject } of course.waiting.splice(0)) {
        if (course.wish === undefined) resolve();
        else reject(error);
      }
    }
  }
}
