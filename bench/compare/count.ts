// From the history of a run to what came of it. Every subscriber is owed every message that was acknowledged: once, in
// order, or in a place where it was told that some are missing.
import type { FaultLine, History, PublisherLine, SubscriberLine } from "./history.js";

export interface Counts {
  published: number;
  acked: number;
  /** Refused, or never answered. */
  unanswered: number;
  /** Acknowledged, and seen by no subscriber. */
  lost: number;
  reconnects: number;
  /** Of these, so many were said to have missed nothing. */
  claims: number;
  /** Acknowledged messages that a subscriber did not see, summed up over subscribers: where nothing was said of it, … */
  missingSilently: number;
  /** … of these, in a place where it was said that nothing was missed, … */
  missingDespiteClaim: number;
  /** … and where it was said that something is missing. */
  missingAnnounced: number;
  /** Seen again by a subscriber. */
  repeated: number;
  /** Seen for the first time after a later one. */
  outOfOrder: number;
  /** How long a message had been waiting for the slowest subscriber when the first fault came: whether the load is carried. */
  behindMs: number;
  /** From the end of each fault to a message that was published after it, at each subscriber that it hit; sorted. */
  caughtUpMs: number[];
  /** So often that message never came. */
  neverCaughtUp: number;
}

export function count({ publisher, subscribers, faults }: History): Counts {
  const published = publisher.reduce((most, line) => (line.kind === "sent" ? Math.max(most, line.to) : most), 0);
  const acked = ackedOf(publisher, published);
  const seen = subscribers.map((lines) => follow(lines, published));
  const behind = subscribers.map((lines) => waited(publisher, lines, faults[0]?.since ?? 0));
  const catching = faults.flatMap((fault) => fault.hit.map((index) => caughtUp(publisher, subscribers[index]!, fault)));
  const counts: Counts = {
    published,
    acked: sum(acked),
    unanswered: published - sum(acked),
    lost: 0,
    reconnects: total(seen, ({ reconnects }) => reconnects),
    claims: total(seen, ({ claims }) => claims),
    missingSilently: 0,
    missingDespiteClaim: 0,
    missingAnnounced: 0,
    repeated: total(seen, ({ repeated }) => repeated),
    outOfOrder: total(seen, ({ outOfOrder }) => outOfOrder),
    behindMs: Math.max(0, ...behind),
    caughtUpMs: catching.filter((ms) => ms !== undefined).sort((a, b) => a - b),
    neverCaughtUp: catching.filter((ms) => ms === undefined).length,
  };
  for (let number = 1; number <= published; number++) {
    if (acked[number] === 0) continue;
    for (const { places } of seen) {
      if (places[number] === Place.announced) counts.missingAnnounced++;
      else if (places[number] !== Place.seen) counts.missingSilently++;
      if (places[number] === Place.claimed) counts.missingDespiteClaim++;
    }
    if (seen.every(({ places }) => places[number] !== Place.seen)) counts.lost++;
  }
  return counts;
}

/** What the subscriber knows of a message that it has not seen: what it was told where the message should have come. */
const Place = { unmentioned: 0, seen: 1, claimed: 2, announced: 3 } as const;

interface Seen {
  /** By number. */
  places: Uint8Array;
  reconnects: number;
  claims: number;
  repeated: number;
  outOfOrder: number;
}

function follow(lines: readonly SubscriberLine[], published: number): Seen {
  const seen: Seen = { places: new Uint8Array(published + 1), reconnects: 0, claims: 0, repeated: 0, outOfOrder: 0 };
  let highest = 0;
  /** What was said since the highest came: how many may be missing, and whether none were said to be. */
  let announced = 0;
  let claimed = false;
  const skip = (to: number) => {
    for (let number = highest + 1; number < to; number++) {
      seen.places[number] = announced-- > 0 ? Place.announced : claimed ? Place.claimed : Place.unmentioned;
    }
  };
  const take = (number: number) => {
    if (seen.places[number] === Place.seen) seen.repeated++;
    else if (number < highest) seen.outOfOrder++;
    else {
      skip(number);
      highest = number;
      announced = 0;
      claimed = false;
    }
    seen.places[number] = Place.seen;
  };
  for (const line of lines) {
    if (line.kind === "got") for (let number = line.from; number <= line.to; number++) take(number);
    if (line.kind === "gap") announced += line.count ?? Number.POSITIVE_INFINITY;
    if (line.kind === "recovered") claimed = true;
    if (line.kind === "recovered") seen.claims++;
    if (line.kind === "recovered" || line.kind === "reconnected" || (line.kind === "gap" && line.reconnected))
      seen.reconnects++;
  }
  skip(published + 1);
  return seen;
}

/** By number: 1 for what was acknowledged. */
function ackedOf(lines: readonly PublisherLine[], published: number): Uint8Array {
  const acked = new Uint8Array(published + 1);
  for (const line of lines) if (line.kind === "acked") acked.fill(1, line.from, line.to + 1);
  return acked;
}

/** How long, at a moment, the first message that has not come has been waiting, in ms. */
function waited(publisher: readonly PublisherLine[], lines: readonly SubscriberLine[], at: number): number {
  const seen = lines.reduce((most, line) => (line.kind === "got" && line.t <= at ? Math.max(most, line.to) : most), 0);
  const next = publisher.find((line) => line.kind === "sent" && line.to > seen);
  return next === undefined ? 0 : Math.max(0, at - next.t);
}

/** Undefined if that never was. */
function caughtUp(
  publisher: readonly PublisherLine[],
  lines: readonly SubscriberLine[],
  { until }: FaultLine,
): number | undefined {
  const next = publisher.find((line) => line.kind === "sent" && line.t >= until);
  if (next?.kind !== "sent") return undefined;
  const there = lines.find((line) => line.kind === "got" && line.to >= next.from);
  return there === undefined ? undefined : there.t - until;
}

const sum = (values: Iterable<number>): number => [...values].reduce((all, value) => all + value, 0);

const total = (seen: readonly Seen[], of: (one: Seen) => number): number => sum(seen.map(of));

/** Whether everybody got everything, once and in order, or was told of it. */
export const isSound = (counts: Counts): boolean =>
  counts.missingSilently + counts.repeated + counts.outOfOrder + counts.neverCaughtUp === 0;
