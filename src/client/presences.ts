// The presences of a bus on the one stream they share with everything else: for each channel whether it is wanted, and what
// the broker was told.
import { encodeUnwatchMembers, encodeWatchMembers, requestNumbers } from "../wire/client-frame.js";
import { RepriseError } from "../wire/errors.js";
import type { MembersItem, Member as WireMember } from "../wire/members.js";
import type { Refusal } from "../wire/server-frame.js";
import { type Backoff, type BackoffOptions, createBackoff } from "./backoff.js";
import { OpenPresence } from "./open-presence.js";
import type { PresenceOptions } from "./presence.js";
import { errorOfRefusal } from "./remote-error.js";

interface Course {
  readonly channel: string;
  /** `watched`: asked for, and answered or not. `leaving` waits for an answer. */
  told: "nothing" | "watched" | "leaving";
  /** Whom the broker's items are for: the one that asked. */
  recipient: OpenPresence | undefined;
  /** Whose wish counts: the latest. */
  presence: OpenPresence;
  backoff: Backoff;
  /** After a refusal that may pass: waits before it asks again. */
  timer: NodeJS.Timeout | undefined;
}

export class Presences {
  readonly #courses = new Map<string, Course>();
  readonly #backoff: BackoffOptions | undefined;
  #send: ((frame: Buffer) => void) | undefined;

  constructor(backoff: BackoffOptions | undefined) {
    this.#backoff = backoff;
  }

  /** @throws RepriseError `already_subscribed`: a channel's members are watched once on a stream */
  open(channel: string, options: PresenceOptions): OpenPresence {
    const known = this.#courses.get(channel);
    if (known !== undefined && !known.presence.over) {
      throw new RepriseError("already_subscribed", `the members of ${channel} are followed already`);
    }
    const presence = new OpenPresence(channel, options, () => this.#changed(channel));
    if (presence.over) return presence;
    const course: Course = known ?? {
      channel,
      told: "nothing",
      recipient: undefined,
      presence,
      backoff: createBackoff(this.#backoff),
      timer: undefined,
    };
    course.presence = presence;
    this.#courses.set(channel, course);
    this.#follow(course);
    return presence;
  }

  #changed(channel: string): void {
    const course = this.#courses.get(channel);
    if (course !== undefined) this.#follow(course);
  }

  /** Tells the broker what is wanted, as far as it can be told now. */
  #follow(course: Course): void {
    const { channel, told, presence } = course;
    if (told === "nothing" && presence.over) {
      clearTimeout(course.timer);
      // Whoever was told of the end may follow them again.
      if (this.#courses.get(channel) === course) this.#courses.delete(channel);
    } else if (told === "nothing" && this.#send !== undefined && course.timer === undefined) {
      course.told = "watched";
      course.recipient = presence;
      this.#send(encodeWatchMembers(channel));
    } else if (told === "watched" && course.recipient?.over !== false) {
      course.told = "leaving";
      this.#send?.(encodeUnwatchMembers(channel));
    }
  }

  connected(send: (frame: Buffer) => void): void {
    this.#send = send;
    for (const course of [...this.#courses.values()]) this.#follow(course);
  }

  lost(): void {
    this.#send = undefined;
    for (const course of [...this.#courses.values()]) {
      course.presence.disconnected();
      this.#released(course);
    }
  }

  item(item: MembersItem<WireMember>): void {
    const course = this.#courses.get(item.channel);
    if (course?.told !== "watched") return;
    course.backoff.succeeded();
    course.recipient?.item(item);
  }

  unwatched(channel: string): void {
    const course = this.#courses.get(channel);
    if (course !== undefined) this.#released(course);
  }

  #released(course: Course): void {
    course.told = "nothing";
    course.recipient = undefined;
    this.#follow(course);
  }

  refused(refusal: Refusal): void {
    const course = this.#courses.get(refusal.channel);
    if (course === undefined) return;
    const isLeaving = course.told === "leaving";
    // What follows it will be answered, too.
    if (isLeaving && refusal.request === requestNumbers.watchMembers) return;
    if (!isLeaving && refusal.request === requestNumbers.unwatchMembers) return;
    // The node tells nothing any more: whoever hears of the end must not make us give it up there.
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

  /** Ends them all: with an error for their consumers, or in good order. */
  end(error?: RepriseError): void {
    this.#send = undefined;
    for (const { presence } of [...this.#courses.values()]) presence.end(error);
    for (const course of [...this.#courses.values()]) this.#released(course);
  }
}
