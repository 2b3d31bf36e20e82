// Reads the log of a subscriber: every offset in its order and once, as a message or inside a gap, whatever happens to
// the connection. What it was told is told to the channel's log, in which all others' is.
import { type Rolled, roll, type SubscriberLine, type Told } from "./history.js";
import type { Violation } from "./verdict.js";
import { type Channel, mayHaveLost, type World } from "./world.js";

type Got = Extract<SubscriberLine, { kind: "got" }>;
type GapLine = Extract<SubscriberLine, { kind: "gap" }>;
type StartLine = Extract<SubscriberLine, { kind: "start" }>;
type StopLine = Extract<SubscriberLine, { kind: "stop" }>;

/** A position at which a subscriber went over to a later epoch without a gap: right only if the log does so, too. */
interface Crossing {
  who: string;
  node: string | undefined;
  channel: Channel;
  /** The last message before. */
  epoch: number;
  offset: number;
  later: number;
}

/** A subscriber that claims to have read to the end. */
interface Ending {
  who: string;
  node: string | undefined;
  channel: Channel;
  epoch: number;
  next: number;
}

/** A subscriber that was told, or took it, that retention has removed what lies up to `to`. */
interface Trim {
  who: string;
  node: string | undefined;
  channel: Channel;
  to: number;
  kind: "gap-unjustified" | "lost-prefix";
}

/** What can only be judged once all logs are read. */
export interface Open {
  trims: Trim[];
  crossings: Crossing[];
  endings: Ending[];
  rolled: { who: string; channel: Channel; rolled: Rolled }[];
  /** Who entered and was there to the end, as channel and id. */
  present: Set<string>;
  watched: { who: string; node: string | undefined; channel: string; members: string[] }[];
}

export const nothingOpen = (): Open => ({
  trims: [],
  crossings: [],
  endings: [],
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
  /** After a gap `diverged`: the epoch before it, which must be over. */
  left: number | undefined;
  /** After a gap `trimmed`: what stands in front of the next message was not given, so nothing can be said of it. */
  isTrimmed: boolean;
}

/** Last positions of subscribers that have ended, by who and channel. */
export type Places = Map<string, Map<string, { epoch: number; offset: number }>>;

export interface SubscriberReader {
  line(line: SubscriberLine): void;
  end(): void;
}

export function readSubscriber(world: World, who: string, open: Open, places: Places): SubscriberReader {
  const { findings } = world;
  const { counts } = findings;
  const current = new Map<string, Place>();
  /** Where it, or the one before it, was last. */
  let own = new Map<string, { epoch: number; offset: number }>();
  places.set(who, own);
  let node: string | undefined;
  let ended = false;
  const entered: string[] = [];
  counts.subscribers++;

  const find = (kind: Violation, text: string) => findings.find({ kind, who, text, node });

  function start({ channel, epoch, offset, from }: StartLine): void {
    const last = own.get(channel);
    if (from === "stored" && last !== undefined && epoch === last.epoch && offset > last.offset)
      find("lost-seam", `${channel}: goes on behind ${offset}, and had been given ${last.offset} at last`);
    if (from === "earliest" && offset > 0)
      open.trims.push({ who, node, channel: world.channel(channel), to: offset, kind: "lost-prefix" });
    const next = offset === -1 ? undefined : offset + 1;
    current.set(channel, { epoch, next, from, hasHeard: false, left: undefined, isTrimmed: false });
  }

  function placeOf(channel: string): Place | undefined {
    const place = current.get(channel);
    if (place === undefined) find("died", `its log has something of ${channel}, to which it was not subscribed`);
    return place;
  }

  /** A subscription that was not told its position may begin anywhere, but `earliest` at what is retained. */
  function begin(place: Place, channel: Channel, first: number): void {
    place.next = first;
    if (place.from === "earliest" && first > 1)
      open.trims.push({ who, node, channel, to: first - 1, kind: "lost-prefix" });
  }

  /** It goes over to a later epoch. */
  function cross({ epoch, next = 1, left, isTrimmed }: Place, channel: Channel, later: number): void {
    const isKnown = left === undefined && !isTrimmed && epoch > 0 && next > 1;
    if (later > epoch && isKnown) open.crossings.push({ who, node, channel, epoch, offset: next - 1, later });
  }

  function got({ channel: name, epoch, first, messages }: Got): void {
    const place = placeOf(name);
    if (place === undefined || messages.length === 0) return;
    const channel = world.channel(name);
    counts.delivered += messages.length;
    messages.forEach((told, i) => void meet(channel, epoch, first + i, told));
    if (place.next === undefined) begin(place, channel, first);
    const next = place.next!;
    if (first > next) {
      const kind = place.hasHeard ? "lost-middle" : "lost-prefix";
      find(kind, `${name}: ${next} to ${first - 1} are missing, in front of ${epoch}:${first}`);
    } else if (first < next) {
      const kind = epoch > place.epoch ? "set-back" : "repeated";
      find(kind, `${name}: ${epoch}:${first} after ${place.epoch}:${next - 1}`);
    } else cross(place, channel, epoch);
    if (epoch < place.epoch) find("set-back", `${name}: epoch ${epoch} after ${place.epoch}`);
    if (place.left !== undefined && epoch <= place.left)
      find("gap-false", `${name}: epoch ${epoch} goes on behind a gap that says it is over`);
    place.left = undefined;
    place.isTrimmed = false;
    place.epoch = epoch;
    place.next = first + messages.length;
    place.hasHeard = true;
    own.set(name, { epoch, offset: place.next - 1 });
  }

  function meet(channel: Channel, epoch: number, offset: number, [name, hex]: Told): void {
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
    const other = channel.log.tell(epoch, offset, { publisher: publisher?.index ?? 0, n, hash, ackedAt: 0 });
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
    if (reason === "trimmed") {
      open.trims.push({ who, node, channel, to, kind: "gap-unjustified" });
      if ((place.next !== undefined && from !== place.next) || to < from) find("gap-false", said);
      // A line does not say in which epoch.
      cross(place, channel, epoch);
      place.epoch = Math.max(place.epoch, epoch);
      place.isTrimmed = true;
      place.next = to + 1;
      place.hasHeard = true;
    } else if (reason === "diverged" || reason === "reset") {
      if (!mayHaveLost(world, name, t)) find("gap-unjustified", said);
      const isExact = from === offset + 1 && from <= to && (place.next === undefined || to === place.next - 1);
      if (reason === "diverged" && !isExact) find("gap-false", said);
      place.left = place.epoch;
      place.next = offset + 1;
      place.epoch = epoch;
      place.hasHeard = true;
    } else {
      find("gap-unjustified", said);
      place.next = to + 1;
    }
    own.set(name, { epoch: place.epoch, offset: place.next - 1 });
  }

  function stop({ channel: name, complete, rolled }: StopLine): void {
    const place = placeOf(name);
    if (place === undefined) return;
    const channel = world.channel(name);
    const { epoch, next = 1, from } = place;
    // One that was told nothing and promised nothing has nothing to answer for.
    if (complete && (place.next !== undefined || from === "earliest"))
      open.endings.push({ who, node, channel, epoch, next });
    if (rolled !== undefined) open.rolled.push({ who, channel, rolled });
    current.delete(name);
  }

  return {
    line(line) {
      if (line.kind === "start") start(line);
      else if (line.kind === "got") got(line);
      else if (line.kind === "gap") gap(line);
      else if (line.kind === "stop") stop(line);
      else if (line.kind === "enter") entered.push(memberOf(line.channel, line.member));
      else if (line.kind === "members") open.watched.push({ who, node, channel: line.channel, members: line.members });
      else if (line.kind === "node") node = line.node;
      else if (line.kind === "sample") world.samples.push(line);
      else if (line.kind === "begin") {
        own = new Map(line.continues === undefined ? [] : places.get(line.continues));
        places.set(who, own);
      } else ended = true;
    },
    end() {
      if (ended) for (const member of entered) open.present.add(member);
      if (!ended && !world.killed.has(who)) find("died", "its log does not come to an end");
    },
  };
}

const memberOf = (channel: string, member: string): string => `${channel} ${member}`;

/** Judges what the readers could not. */
export function judgeSubscribers(world: World, open: Open): void {
  judgePlaces(world, open);
  judgeRolled(world, open);
  judgeMembers(world, open);
}

function judgePlaces(world: World, { trims, crossings, endings }: Open): void {
  const { find } = world.findings;
  for (const { who, node, channel, to, kind } of trims) {
    if (to <= channel.log.highest - channel.keeps) continue;
    find({ kind, who, text: `${channel.name}: up to ${to} was removed, it is said, of ${channel.log.highest}`, node });
  }
  for (const { who, node, channel, epoch, offset, later } of crossings) {
    if (!channel.log.isGone(epoch, offset, later)) continue;
    const text = `${channel.name}: from ${epoch}:${offset} to epoch ${later}, which had replaced it`;
    find({ kind: "set-back", who, text, node });
  }
  for (const { who, node, channel, epoch, next } of endings) {
    const { head } = channel.log;
    const isBehind = head.offset >= next;
    const isElsewhere = head.epoch > epoch && channel.log.isGone(epoch, next - 1);
    if (!isBehind && !isElsewhere) continue;
    const text = `${channel.name}: read to ${epoch}:${next - 1}, the log goes to ${head.epoch}:${head.offset}`;
    find({ kind: "lost-tail", who, text, node });
  }
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
