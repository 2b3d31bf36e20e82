// The flight recorder: what happened on this node lately, for whoever asks later why a subscriber did or did not get a
// message. Rings of fixed size, in which what is new takes the place of what is oldest: what operators did, what happens
// seldom (sessions, subscriptions, gaps, refusals), and how far subscriptions and logs had come (progress.ts), which is looked up once a
// second and costs nothing when messages are delivered.
//
// A ring is a few flat arrays and no objects: nothing of it is garbage, and 65,536 entries take about 4 MB.
import { eventKinds, type NodeEventKind } from "../wire/event-kind.js";

/** Of whom an event is. One object for each session, which its events share. */
export interface Who {
  readonly session: string;
  readonly name: string;
  readonly peer: string;
  readonly method: string;
  /** What was recorded of it counts until then (`isTooMuch`), in ms since 1970. */
  countsUntil?: number;
}

/** What the fields mean for each kind: `Event` in admin.proto. */
export interface FlightEvent {
  kind: NodeEventKind;
  /** Unix ms. */
  at: number;
  who: Who | undefined;
  channel: string;
  epoch: number;
  offset: number;
  from: number;
  to: number;
  reason: string;
}

export type Happening = Pick<FlightEvent, "kind"> & Partial<FlightEvent>;

const actsSize = 1_024;
const seldomSize = 32_768;
const progressSize = 65_536;

/**
 * Of one session so much may come at once (it may subscribe to all that it can, and give it up again), and then so much a
 * second. A peer that does one thing over and over must not push out all else.
 */
const mostAtOnce = 3_000;
const mostPerSecond = 20;

/** Of what is refused, in a second: a peer that only asks for what it may not have must not push out all else. */
const mostRefusals = 50;

/** Nothing that is said is kept longer: names of channels that are refused are as long as whoever sends them likes. */
const longestText = 160;

/** A copy: what V8 cuts off a text holds the whole of it. */
const cutText = (text: string): string =>
  text.length > longestText ? `${Buffer.from(text.slice(0, longestText)).toString()}…` : text;

export class Recorder {
  readonly #acts = new Ring(actsSize);
  readonly #seldom = new Ring(seldomSize);
  readonly #progress = new Ring(progressSize);
  #second = 0;
  #refusals = 0;

  record(event: Happening): void {
    if (event.kind === "admin") this.#acts.add(event);
    else if (!isTooMuch(event.who)) this.#seldom.add(event);
  }

  recordProgress(event: Happening): void {
    this.#progress.add(event);
  }

  /** Of those in one second only the first are recorded. */
  refused(event: Omit<Happening, "reason">, thrown: { code: string; message: string }): void {
    const second = Math.floor(Date.now() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#refusals = 0;
    }
    if (++this.#refusals > mostRefusals) return;
    this.#seldom.add({ ...event, reason: `${thrown.code}: ${thrown.message}` });
  }

  /** Unix ms: nothing that happened from then on has been forgotten. */
  get since(): { seldom: number; progress: number } {
    return { seldom: this.#seldom.since, progress: this.#progress.since };
  }

  /** By time. */
  *events(): Generator<FlightEvent> {
    yield* merged(merged(this.#acts.entries(), this.#seldom.entries()), this.#progress.entries());
  }
}

function isTooMuch(who: Who | undefined): boolean {
  if (who === undefined) return false;
  const now = Date.now();
  const until = Math.max(who.countsUntil ?? 0, now);
  if (until - now >= (mostAtOnce / mostPerSecond) * 1_000) return true;
  who.countsUntil = until + 1_000 / mostPerSecond;
  return false;
}

/** By time. */
function* merged(some: Iterator<FlightEvent>, others: Iterator<FlightEvent>): Generator<FlightEvent> {
  let [one, other] = [some.next(), others.next()];
  while (!one.done && !other.done) {
    if (other.value.at < one.value.at) {
      yield other.value;
      other = others.next();
    } else {
      yield one.value;
      one = some.next();
    }
  }
  for (; !one.done; one = some.next()) yield one.value;
  for (; !other.done; other = others.next()) yield other.value;
}

class Ring {
  readonly #size: number;
  readonly #begun = Date.now();
  readonly #kinds: Uint8Array;
  /** Of each entry: at, epoch, offset, from, to. */
  readonly #numbers: Float64Array;
  readonly #who: (Who | undefined)[] = [];
  readonly #channels: string[] = [];
  readonly #reasons: string[] = [];
  #added = 0;

  constructor(size: number) {
    this.#size = size;
    this.#kinds = new Uint8Array(size);
    this.#numbers = new Float64Array(size * 5);
  }

  add(event: Happening): void {
    const { at = Date.now(), who, channel = "", epoch = 0, offset = 0, from = 0, to = 0, reason = "" } = event;
    const index = this.#added++ % this.#size;
    this.#kinds[index] = eventKinds.indexOf(event.kind);
    const numbers = this.#numbers;
    const place = index * 5;
    numbers[place] = at;
    numbers[place + 1] = epoch;
    numbers[place + 2] = offset;
    numbers[place + 3] = from;
    numbers[place + 4] = to;
    this.#who[index] = who;
    this.#channels[index] = cutText(channel);
    this.#reasons[index] = cutText(reason);
  }

  get since(): number {
    return this.#added <= this.#size ? this.#begun : this.#numbers[(this.#added % this.#size) * 5]!;
  }

  *entries(): Generator<FlightEvent> {
    for (let entry = Math.max(0, this.#added - this.#size); entry < this.#added; entry++) {
      const index = entry % this.#size;
      const [at, epoch, offset, from, to] = this.#numbers.subarray(index * 5, index * 5 + 5);
      yield {
        kind: eventKinds[this.#kinds[index]!]!,
        at: at!,
        who: this.#who[index],
        channel: this.#channels[index]!,
        epoch: epoch!,
        offset: offset!,
        from: from!,
        to: to!,
        reason: this.#reasons[index]!,
      };
    }
  }
}
