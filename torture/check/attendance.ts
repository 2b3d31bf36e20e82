// Whether everybody took part whom the harness started: otherwise, who does nothing does nothing wrong. Subscribers read
// each of their channels to the end, members enter and say who else is there, who is killed comes back, something is
// acknowledged to each publisher, somebody reads each channel from its beginning, and nodes say what they hold.
import type { HarnessLine, PublisherLine, SubscriberLine } from "./history.js";
import type { World } from "./world.js";

type CastLine = Extract<HarnessLine, { kind: "cast" }>;

/** Of a player: what was asked of it, and what there is of that in its log. */
interface Life {
  cast: CastLine | undefined;
  hasLog: boolean;
  hasEnded: boolean;
  isKilled: boolean;
  /** Killed, to be followed by another. */
  returns: boolean;
  isAcked: boolean;
  /** Where subscriptions began, by channel. */
  began: Map<string, string>;
  /** The same, of what it read to the end. */
  complete: Map<string, string>;
  hasEntered: boolean;
  hasLooked: boolean;
}

interface Seen {
  lives: Map<string, Life>;
  /** Nodes and Redis servers. */
  servers: CastLine[];
  /** Channels in which something was acknowledged. */
  used: Set<string>;
}

export interface Attendance {
  harness(line: HarnessLine): void;
  publisher(who: string, line: PublisherLine): void;
  subscriber(who: string, line: SubscriberLine): void;
  /** When all logs are read. */
  judge(): void;
}

export function attend(world: World): Attendance {
  const seen: Seen = { lives: new Map(), servers: [], used: new Set() };

  function lifeOf(who: string): Life {
    const life = seen.lives.get(who) ?? {
      ...{ cast: undefined, hasLog: false, hasEnded: false, isKilled: false, returns: false, isAcked: false },
      ...{ began: new Map(), complete: new Map(), hasEntered: false, hasLooked: false },
    };
    seen.lives.set(who, life);
    return life;
  }

  return {
    harness(line) {
      if (line.kind === "cast") {
        if (line.part === "node" || line.part === "redis") seen.servers.push(line);
        else lifeOf(line.who).cast = line;
      } else if (line.kind === "killed") {
        Object.assign(lifeOf(line.who), { isKilled: true, returns: line.returns === true });
      } else if (line.kind === "exit") {
        world.findings.find({ kind: "died", who: line.process, text: `it ended by itself: ${line.how}` });
      }
    },
    publisher(who, line) {
      const life = lifeOf(who);
      life.hasLog = true;
      if (line.kind === "end") life.hasEnded = true;
      if (line.kind !== "ack" || life.hasEnded) return;
      life.isAcked = true;
      seen.used.add(line.channel);
    },
    subscriber(who, line) {
      const life = lifeOf(who);
      const { began, complete } = life;
      life.hasLog = true;
      if (line.kind === "start") began.set(line.channel, line.from);
      else if (line.kind === "stop" && line.complete) complete.set(line.channel, began.get(line.channel) ?? "");
      else if (line.kind === "enter") life.hasEntered = true;
      else if (line.kind === "members") life.hasLooked = true;
      else if (line.kind === "end") life.hasEnded = true;
    },
    judge() {
      judgePlayers(world, seen);
      judgePublishers(world, seen);
      judgeChannels(world, seen);
      judgeServers(world, seen);
    },
  };
}

function judgePlayers({ findings }: World, seen: Seen): void {
  for (const [who, life] of seen.lives) {
    const { cast, hasEnded, hasEntered, hasLooked } = life;
    const missing = missingOf(seen, who, life);
    if (missing !== undefined) findings.find({ kind: "absent", who, text: missing });
    const isMember = cast?.member === true || hasEntered;
    if (!isMember || !hasEnded || (hasEntered && hasLooked)) continue;
    const text = hasEntered ? "it did not say who is a member" : "it was to be a member and did not enter";
    findings.find({ kind: "members", who, text });
  }
}

/** Undefined: nothing. */
function missingOf({ lives }: Seen, who: string, life: Life): string | undefined {
  const { cast, hasLog, hasEnded, isKilled, returns, complete } = life;
  const isFollowed = lives.get(nextOf(who))?.cast !== undefined;
  if (cast === undefined) return hasLog ? "nobody started it" : undefined;
  if (returns && !isFollowed) return "it was killed and did not come back";
  if (isKilled) return undefined;
  if (!hasLog) return "it left no log";
  // What a log without an end lacks is found by that.
  if (!hasEnded || isFollowed) return undefined;
  const unread = (cast.channels ?? []).filter((channel) => !complete.has(channel));
  return unread.length > 0 ? `it did not read to the end: ${unread.join(", ")}` : undefined;
}

/** Each is the same through all its lives. */
function judgePublishers({ findings }: World, { lives }: Seen): void {
  const acked = new Map<string, boolean>();
  for (const [who, { cast, isAcked }] of lives) {
    if (cast?.part !== "publisher") continue;
    const [name] = splitLife(who);
    acked.set(name, acked.get(name) === true || isAcked);
  }
  for (const [who, isAcked] of acked)
    if (!isAcked) findings.find({ kind: "absent", who, text: "nothing was acknowledged to it" });
}

function judgeChannels({ findings }: World, { lives, used }: Seen): void {
  const read = new Set<string>();
  for (const { complete } of lives.values())
    for (const [channel, from] of complete) if (from === "earliest") read.add(channel);
  for (const channel of used) {
    if (read.has(channel)) continue;
    findings.find({ kind: "unread", who: channel, text: "nobody read it from its beginning to the end" });
  }
}

function judgeServers({ findings, samples }: World, { servers }: Seen): void {
  const find = (who: string, text: string) => findings.find({ kind: "unmeasured", who, text });
  if (!servers.some(({ part }) => part === "node")) find("harness", "it started no node");
  for (const { who } of servers) {
    const own = samples.filter(({ process }) => process === who);
    if (!own.some(({ phase }) => phase === "begin")) find(who, "it did not say what it held at the beginning");
    if (!own.some(({ phase }) => phase === "idle")) find(who, "it did not say what it held when all was quiet");
  }
}

/** `publisher-2.1` is the first life of `publisher-2`; what has no number lives once. */
function splitLife(who: string): [name: string, life: number] {
  const [, name, life] = /^(.*)\.(\d+)$/.exec(who) ?? [];
  return name === undefined ? [who, 1] : [name, Number(life)];
}

function nextOf(who: string): string {
  const [name, life] = splitLife(who);
  return `${name}.${life + 1}`;
}
