// One channel's publishes: those not yet sent, those sent and not yet answered. A message gets its sequence number
// when it is sent, in order from `acked + 1` on. What may be stored already (`tries`) must be sent again under the
// number it had; so it keeps its place at the front, whatever happens, until the broker has said what became of it.
//
// A refusal leaves a hole, and the broker refuses every number behind a hole (P-12). So after one nothing more is sent until
// all that is in flight has been answered; then sending begins again at `acked + 1`, and the hole is closed. Unless the
// message was sent before: then there may be no hole, and it is sent again as long as anything else depends on it.
import type { RepriseError } from "../wire/errors.js";
import type { Position } from "../wire/position.js";
import type { Published } from "../wire/server-frame.js";
import type { Entry } from "./entry.js";

/** One `Publish`. What needs no more sending leaves an empty place. */
interface Flight {
  sequence: number;
  entries: (Entry | undefined)[];
}

/** What all lanes of a connection have in flight together. */
export interface Window {
  bytes: number;
  messages: number;
}

export interface Lane {
  readonly channel: string;
  readonly window: Window;
  /** The numbers up to this one are stored, or nobody waits for them any more. */
  acked: number;
  unsent: Entry[];
  /** In the order sent. */
  flights: Flight[];
  /** Messages of `flights` that have had no answer of any kind. */
  unanswered: number;
  /** Something was refused: nothing is sent until `unanswered` is 0. */
  held: boolean;
  /** Position of the last message that was acknowledged as newly stored. */
  lastStored: Position | undefined;
}

export const createLane = (channel: string, window: Window): Lane => ({
  channel,
  window,
  acked: 0,
  unsent: [],
  flights: [],
  unanswered: 0,
  held: false,
  lastStored: undefined,
});

/** Whether it holds anything that may be stored already. */
export const isUncertain = ({ flights, unsent }: Lane): boolean =>
  (unsent[0]?.tries ?? 0) > 0 || flights.some(({ entries }) => entries.some((entry) => (entry?.tries ?? 0) > 0));

/** Moves what fits into one `Publish`, at least one message, into flight. */
export function takeOff(lane: Lane, maxMessages: number, maxBytes: number): { sequence: number; messages: Buffer[] } {
  let bytes = 0;
  let count = 0;
  for (const entry of lane.unsent) {
    if (count > 0 && (entry.alone || count >= maxMessages || bytes + entry.encoded.length > maxBytes)) break;
    bytes += entry.encoded.length;
    entry.tries++;
    count++;
    if (entry.alone) break;
  }
  const before = lane.flights.at(-1);
  const sequence = before === undefined ? lane.acked + 1 : before.sequence + before.entries.length;
  const entries = lane.unsent.splice(0, count);
  lane.flights.push({ sequence, entries });
  lane.unanswered += count;
  lane.window.messages += count;
  lane.window.bytes += bytes;
  return { sequence, messages: entries.map((entry) => entry.encoded) };
}

/** Takes note of the answer to `count` messages from `sequence` on; `settle` says whether one needs no more sending. */
function answer(lane: Lane, sequence: number, count: number, settle: (entry: Entry, i: number) => boolean): void {
  const flight = lane.flights.find((one) => sequence < one.sequence + one.entries.length);
  if (flight === undefined) return;
  const at = sequence - flight.sequence;
  for (let i = 0; i < count; i++) {
    const entry = flight.entries[at + i];
    if (entry === undefined) continue;
    lane.unanswered--;
    lane.window.messages--;
    lane.window.bytes -= entry.encoded.length;
    if (settle(entry, i)) flight.entries[at + i] = undefined;
  }
}

/** Settles what was stored. */
export function acknowledge(lane: Lane, { sequence, count, epoch, first, duplicate }: Published): void {
  answer(lane, sequence, count, (entry, i) => {
    entry.settle({ position: { epoch, offset: first === 0 ? 0 : first + i }, duplicate });
    return true;
  });
  lane.acked = Math.max(lane.acked, sequence + count - 1);
  if (!duplicate) lane.lastStored = { epoch, offset: first + count - 1 };
  while (lane.flights[0]?.entries.every((entry) => entry === undefined)) lane.flights.shift();
}

/**
 * Holds the lane. With an error the messages are refused for good; without one they will be sent again, each by itself if
 * need be.
 */
export function refuse(
  lane: Lane,
  sequence: number,
  count: number,
  error: RepriseError | undefined,
  alone = false,
): void {
  lane.held = true;
  answer(lane, sequence, count, (entry) => {
    if (alone) {
      entry.alone = true;
      // This try has stored nothing. It may count no more: a number that skipped ahead said so of the tries before.
      entry.tries = Math.max(entry.tries - 1, 0);
    }
    if (error === undefined) return false;
    entry.refused = true;
    entry.settle(error);
    return entry.tries === 1;
  });
}

/**
 * The broker said which number it expects: nothing from there on is stored. Returns false if it has lost what it
 * acknowledged.
 */
export function resync(lane: Lane, expected: number): boolean {
  for (const { sequence, entries } of lane.flights) {
    for (const [i, entry] of entries.entries()) if (entry !== undefined && sequence + i >= expected) entry.tries = 0;
  }
  // Those that were sent on an earlier connection had higher numbers still.
  for (const entry of lane.unsent) entry.tries = 0;
  if (expected <= lane.acked) return false;
  lane.acked = expected - 1;
  return true;
}

/**
 * What was not settled will be sent again, from `acked + 1` on. Only when everything in flight has been answered, or
 * when the connection is gone and the window with it.
 */
export function restart(lane: Lane): void {
  let again: Entry[] = [];
  let last = lane.acked;
  for (const { sequence, entries } of lane.flights) {
    for (const [i, entry] of entries.entries()) {
      if (entry === undefined || (entry.refused && entry.tries === 0)) continue;
      last = sequence + i;
      // Refused for the time being, and yet a later number was stored: this one had been stored by an earlier try.
      if (last <= lane.acked) entry.settle({ position: storedSomewhere(lane), duplicate: true });
      else again.push(entry);
    }
  }
  if (again.every((entry) => entry.refused)) {
    // Stored or not, nothing depends on them. If not, the broker will expect one of their numbers, and say so.
    if (again.length > 0) lane.acked = last;
    again = [];
  }
  if (again.length > 0) lane.unsent = again.concat(lane.unsent);
  lane.flights = [];
  lane.unanswered = 0;
  lane.held = false;
}

const storedSomewhere = (lane: Lane): Position => ({ epoch: lane.lastStored?.epoch ?? 0, offset: 0 });
