// Reads the log of a subscriber: every offset in its order and once, as a message or inside a gap, whatever happens to
// the connection. What it was told is told to the channel's log, in which all others' is.
import { type Rolled, roll, type SubscriberLine, type Told } from "./history.js";
import { createAwake, createTrail, type Trail } from "./trail.js";
import type { Violation } from "./verdict.js";
import { type Channel, longMs, type World } from "./world.js";

type Got = Extract<SubscriberLine, { kind: "got" }>;
type GapLine = Extract<SubscriberLine, { kind: "gap" }>;
type StartLine = Extract<SubscriberLine, { kind: "start" }>;
type StopLine = Extract<SubscriberLine, { kind: "stop" }>;

/** Who was told or given something of a channel, and by which node. */
interface Witness {
  who: string;
  node: string | undefined;
  channel: Channel;
}

/** A position at which a subscriber went over to a later epoch without a gap: right only if the log does so, too. */
export interface Crossing extends Witness {
  /** The last message before. */
  epoch: number;
  offset: number;
  later: number;
}

/** A subscriber that claims to have read to the end. */
export interface Ending extends Witness {
  epoch: number;
  next: number;
}

/** A subscriber that was told, or took it, that retention has removed what lies up to `to`: by the time `t`. */
export interface Trim extends Witness {
  t: number;
  to: number;
  kind: "gap-unjustified" | "gap-false" | "lost-prefix";
}

/** A subscriber that was told that the log was replaced: `diverged`, all from `from` on, or `reset`, all. */
export interface Replaced extends Witness {
  t: number;
  said: string;
  reason: "diverged" | "reset";
  /** What it was given last, of which `from` to `to` are taken back. */
  epoch: number;
  from: number;
  to: number;
  /** That of what came next. */
  by: number | undefined;
}

/** A subscriber that was given nothing of a channel for long. */
export interface Silence extends Witness {
  epoch: number;
  next: number;
  since: number;
  until: number;
}

/** What can only be judged once all logs are read. */
export interface Open {
  trims: Trim[];
  crossings: Crossing[];
  endings: Ending[];
  replaced: Replaced[];
  silences: Silence[];
  rolled: { who: string; channel: Channel; rolled: Rolled }[];
  /** Who entered and was there to the end, as channel and id. */
  present: Set<string>;
  watched: { who: string; node: string | undefined; channel: string; members: string[] }[];
}

export const nothingOpen = (): Open => ({
  trims: [],
  crossings: [],
  endings: [],
  replaced: [],
  silences: [],
  rolled: [],
  present: new Set(),
  watched: [],
});

/** Where a subscription is. */
interface Place {
  epoch: number;
  /** Undefined: whatever comes first. */
  next: number | undefined;
  from: StartLine["from"];
  hasHeard: boolean;
  /** When something was told of it last. */
  t: number;
  /** After a gap `diverged` or `reset`, which says that the epoch before it is over. */
  replaced: Replaced | undefined;
  /** After a gap `trimmed`: what stands in front of the next message was not given, so nothing can be said of it. */
  isTrimmed: boolean;
}

/** Where subscribers have been, by who and channel. */
export type Places = Map<string, Map<string, Trail>>;

export interface SubscriberReader {
  line(line: SubscriberLine): void;
  end(): void;
}

export function readSubscriber(world: World, who: string, open: Open, places: Places): SubscriberReader {
  const { findings } = world;
  const { counts } = findings;
  const current = new Map<string, Place>();
  /** Where it, and those before it, have been. */
  let own = new Map<string, Trail>();
  places.set(who, own);
  /** Goes on with the positions of those before it. */
  let continues = false;
  let slowMs = 0;
  const clock = createAwake();
  let node: string | undefined;
  let ended = false;
  const entered: string[] = [];
  counts.subscribers++;

  const find = (kind: Violation, text: string) => findings.find({ kind, who, text, node });

  function trailOf(channel: string): Trail {
    const trail = own.get(channel) ?? createTrail();
    own.set(channel, trail);
    return trail;
  }

  function start({ t, channel, epoch, offset, from }: StartLine): void {
    const wrong = trailOf(channel).begin(from, { epoch, offset });
    if (continues && wrong !== undefined) find(wrong, `${channel}: goes on as ${from} behind ${epoch}:${offset}`);
    if (from === "earliest" && offset > 0)
      open.trims.push({ who, node, channel: world.channel(channel), t, to: offset, kind: "lost-prefix" });
    const next = offset === -1 ? undefined : offset + 1;
    current.set(channel, { epoch, next, from, hasHeard: false, t, replaced: undefined, isTrimmed: false });
  }

  function placeOf(channel: string): Place | undefined {
    const place = current.get(channel);
    if (place === undefined) find("died", `its log has something of ${channel}, to which it was not subscribed`);
    return place;
  }

  /** A subscription that was not told its position may begin anywhere, but `earliest` at what is retained. */
  function begin(place: Place, channel: Channel, first: number, t: number): void {
    place.next = first;
    if (place.from === "earliest" && first > 1)
      open.trims.push({ who, node, channel, t, to: first - 1, kind: "lost-prefix" });
  }

  /** It goes over to a later epoch. */
  function cross({ epoch, next = 1, replaced, isTrimmed }: Place, channel: Channel, later: number): void {
    const isKnown = replaced === undefined && !isTrimmed && epoch > 0 && next > 1;
    if (later > epoch && isKnown) open.crossings.push({ who, node, channel, epoch, offset: next - 1, later });
  }

  /** Nothing was told for a while, and then something, or that it reads no more. */
  function wake(place: Place, channel: Channel, t: number): void {
    const { epoch, next, t: since } = place;
    place.t = t;
    if (next === undefined || slowMs > 0 || t - since < longMs) return;
    open.silences.push({ who, node, channel, epoch, next, since, until: t });
  }

  function got({ t, channel: name, epoch, first, messages }: Got): void {
    const place = placeOf(name);
    if (place === undefined || messages.length === 0) return;
    const channel = world.channel(name);
    counts.delivered += messages.length;
    messages.forEach((told, i) => void meet(channel, epoch, first + i, told, t));
    wake(place, channel, t);
    if (place.next === undefined) begin(place, channel, first, t);
    const next = place.next!;
    if (first > next) {
      const kind = place.hasHeard ? "lost-middle" : "lost-prefix";
      find(kind, `${name}: ${next} to ${first - 1} are missing, in front of ${epoch}:${first}`);
    } else if (first < next) {
      const kind = epoch > place.epoch ? "set-back" : "repeated";
      find(kind, `${name}: ${epoch}:${first} after ${place.epoch}:${next - 1}`);
    } else {
      cross(place, channel, epoch);
      const isBehindAll = !place.isTrimmed && (place.replaced?.reason !== "reset" || first === 1);
      if (epoch !== place.epoch && isBehindAll) channel.log.join(epoch, first);
    }
    if (epoch < place.epoch) find("set-back", `${name}: epoch ${epoch} after ${place.epoch}`);
    const { replaced } = place;
    if (replaced !== undefined) {
      replaced.by = epoch;
      if (epoch <= replaced.epoch)
        find("gap-false", `${name}: epoch ${epoch} goes on behind a gap that says it is over`);
    }
    place.replaced = undefined;
    place.isTrimmed = false;
    place.epoch = epoch;
    place.next = first + messages.length;
    place.hasHeard = true;
    trailOf(name).add({ epoch, from: first, to: place.next - 1 }, clock.ms, clock.ms + slowMs * messages.length);
  }

  function meet(channel: Channel, epoch: number, offset: number, [name, hex]: Told, t: number): void {
    const hash = Number.parseInt(hex, 16);
    const dash = name.lastIndexOf("-");
    const publisher = name === "" ? undefined : world.findPublisher(name.slice(0, dash));
    const n = name === "" ? 0 : Number(name.slice(dash + 1));
    const where = `${channel.name} ${epoch}:${offset}`;
    if (name !== "") {
      const sent = publisher && world.sent.find(publisher.index, n);
      if (sent === undefined) {
        find("unsent", `${name} at ${where}`);
        return;
      }
      if (sent.hash !== hash || sent.channel !== channel.index) find("altered", `${name} at ${where}`);
    }
    const entry = { publisher: publisher?.index ?? 0, n, hash, ackedAt: 0 };
    const other = channel.log.tell(epoch, offset, entry, t - world.begun);
    if (other === undefined) return;
    const there = other.publisher === 0 ? "another" : `${world.publisherNumbered(other.publisher)!.who}-${other.n}`;
    find("contradiction", `${name} at ${where}, where ${there} was told or acknowledged`);
  }

  function gap({ t, channel: name, reason, from, to, epoch, offset }: GapLine): void {
    const place = placeOf(name);
    if (place === undefined) return;
    counts.gaps++;
    const channel = world.channel(name);
    const said = `${name}: ${reason} ${from} to ${to}, after ${place.epoch}:${(place.next ?? 0) - 1}`;
    wake(place, channel, t);
    if (reason === "trimmed") {
      open.trims.push({ who, node, channel, t, to, kind: "gap-unjustified" });
      if ((place.next !== undefined && from !== place.next) || to < from) find("gap-false", said);
      // A line does not say in which epoch.
      cross(place, channel, epoch);
      place.epoch = Math.max(place.epoch, epoch);
      place.isTrimmed = true;
      place.next = to + 1;
    } else if (reason === "diverged" || reason === "reset") {
      const isExact = from === offset + 1 && from <= to && (place.next === undefined || to === place.next - 1);
      if (reason === "diverged" && !isExact) find("gap-false", said);
      // It goes on with the first message that is retained.
      if (reason === "reset" && offset > 0) open.trims.push({ who, node, channel, t, to: offset, kind: "gap-false" });
      const last = (place.next ?? 1) - 1;
      const range = reason === "diverged" ? { from, to } : { from: last, to: last };
      place.replaced = { who, node, channel, t, said, reason, epoch: place.epoch, ...range, by: undefined };
      open.replaced.push(place.replaced);
      place.next = offset + 1;
      place.epoch = epoch;
    } else {
      find("gap-unjustified", said);
      place.next = to + 1;
    }
    place.hasHeard = true;
    const [at, now] = [place.next - 1, clock.ms];
    trailOf(name).add({ epoch: place.epoch, from: at, to: at }, now, now);
  }

  function begun({ continues: before, slowMs: ms = 0 }: Extract<SubscriberLine, { kind: "begin" }>): void {
    slowMs = ms;
    if (before === undefined) return;
    continues = true;
    own = places.get(before) ?? new Map();
    places.set(who, own);
  }

  function stop({ t, channel: name, complete, rolled }: StopLine): void {
    const place = placeOf(name);
    if (place === undefined) return;
    const channel = world.channel(name);
    wake(place, channel, t);
    const { epoch, next = 1, from } = place;
    // One that was told nothing and promised nothing has nothing to answer for.
    if (complete && (place.next !== undefined || from === "earliest"))
      open.endings.push({ who, node, channel, epoch, next });
    if (rolled !== undefined) open.rolled.push({ who, channel, rolled });
    current.delete(name);
  }

  return {
    line(line) {
      clock.line(line.t);
      if (line.kind === "start") start(line);
      else if (line.kind === "got") got(line);
      else if (line.kind === "gap") gap(line);
      else if (line.kind === "stop") stop(line);
      else if (line.kind === "enter") entered.push(memberOf(line.channel, line.member));
      else if (line.kind === "members") open.watched.push({ who, node, channel: line.channel, members: line.members });
      else if (line.kind === "node") node = line.node;
      else if (line.kind === "sample") world.samples.push(line);
      else if (line.kind === "begin") begun(line);
      else ended = true;
    },
    end() {
      for (const trail of own.values()) trail.end(clock.ms);
      if (ended) for (const member of entered) open.present.add(member);
      if (!ended && !world.killed.has(who)) find("died", "its log does not come to an end");
    },
  };
}

const memberOf = (channel: string, member: string): string => `${channel} ${member}`;

/** Judges what the readers could not. */
export function judgeSubscribers(world: World, open: Open): void {
  judgeRolled(world, open);
  judgeMembers(world, open);
}

function judgeRolled({ findings }: World, { rolled }: Open): void {
  for (const { who, channel, rolled: own } of rolled) {
    let value = 0;
    for (let offset = own.from; offset <= own.to; offset++) {
      const { hash = 0 } = channel.log.at(own.epoch, offset) ?? {};
      value = roll(value, hash.toString(16).padStart(12, "0"));
    }
    if (value === own.value) continue;
    findings.find({ kind: "rolling-hash", who, text: `${channel.name} ${own.epoch}, ${own.from} to ${own.to}` });
  }
}

function judgeMembers({ findings }: World, { present, watched }: Open): void {
  for (const { who, node, channel, members } of watched) {
    const told = new Set(members.map((member) => memberOf(channel, member)));
    const missing = [...present].filter((member) => member.startsWith(`${channel} `) && !told.has(member));
    const gone = [...told].filter((member) => !present.has(member));
    if (missing.length + gone.length === 0) continue;
    const text = `missing: ${missing.join(", ") || "none"}; too many: ${gone.join(", ") || "none"}`;
    findings.find({ kind: "members", who, text, node });
  }
}
