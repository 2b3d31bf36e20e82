// What the checker has gathered so far, from whatever log: the harness's, publishers' and subscribers'.
import { type ChannelLog, createChannelLog } from "./channel-log.js";
import type { HarnessLine, PublisherLine, Sample } from "./history.js";
import { createLineage, type Lineage, type Stretch } from "./lineage.js";
import { createSent, type Sent } from "./sent.js";
import { createFindings, type Findings } from "./verdict.js";

export type LossWindow = Extract<HarnessLine, { kind: "loss" }>;

export interface Channel {
  name: string;
  /** From 0. */
  index: number;
  log: ChannelLog;
  /** Only when all logs are read. */
  readonly lineage: Lineage;
  /** How many messages it keeps at least. */
  keeps: number;
}

export interface Publisher {
  who: string;
  /** From 1. */
  index: number;
  /** Its log ends as it should. */
  ended: boolean;
  /** Nobody tells it of losses. */
  isOutside: boolean;
  /** Refused, or not answered, and not sent again: the numbers. They may be stored at any time after. */
  astray: Set<number>;
  /** What it was told to be lost. */
  lost: ToldLoss[];
  /** What its acknowledgements mean; the whole run's, if it was not told. */
  level: string | undefined;
  /** In which epochs something was acknowledged to it, by channel: the largest offset, and when the first was. */
  acked: Map<string, Map<number, { offset: number; since: number }>>;
  /** Acknowledged, but nobody could say where. */
  placeless: { channel: string; n: number; ackedAt: number }[];
}

export interface ToldLoss extends Omit<Extract<PublisherLine, { kind: "lost" }>, "kind" | "t"> {
  /** ms since the beginning of the run. */
  at: number;
  /** The epochs in which something was acknowledged to it by then, but for the newest. */
  left: Left[];
}

/** An epoch that it has left, with the largest offset that was acknowledged to it there. Times as in `ToldLoss`. */
interface Left {
  epoch: number;
  offset: number;
  leftAt: number;
}

/** The newest epoch of a channel in which something was acknowledged to it; 0 if nothing was. */
export const newestOf = ({ acked }: Publisher, channel: string): number =>
  Math.max(0, ...(acked.get(channel)?.keys() ?? []));

export interface World {
  readonly findings: Findings;
  readonly sent: Sent;
  readonly publishers: Publisher[];
  readonly losses: LossWindow[];
  /** When each began and was over, in Unix ms. */
  readonly faults: { since: number; until: number }[];
  /** When, in Unix ms. */
  readonly killed: Map<string, number>;
  readonly samples: Sample[];
  keys: Extract<HarnessLine, { kind: "keys" }> | undefined;
  /** What acknowledgements mean, unless a publisher was told otherwise. */
  level: string;
  /** When it began. */
  begun: number;
  readonly channels: ReadonlyMap<string, Channel>;
  channel(name: string): Channel;
  publisher(who: string): Publisher;
  /** Undefined: there is no such publisher. */
  publisherNumbered(index: number): Publisher | undefined;
  findPublisher(who: string): Publisher | undefined;
}

export function createWorld(): World {
  const channels = new Map<string, Channel>();
  const publishers: Publisher[] = [];
  const byName = new Map<string, Publisher>();
  const sent = createSent();
  return {
    findings: createFindings(),
    sent,
    publishers,
    losses: [],
    faults: [],
    killed: new Map(),
    samples: [],
    keys: undefined,
    level: "stored",
    begun: 0,
    channels,
    channel(name) {
      let channel = channels.get(name);
      if (channel === undefined) {
        channel = createChannel(name, channels.size, sent);
        channels.set(name, channel);
      }
      return channel;
    },
    publisher(who) {
      let publisher = byName.get(who);
      if (publisher === undefined) {
        const index = publishers.length + 1;
        const nothing = {
          ended: false,
          isOutside: false,
          astray: new Set<number>(),
          level: undefined,
          lost: [],
          acked: new Map(),
          placeless: [],
        };
        publisher = { who, index, ...nothing };
        publishers.push(publisher);
        byName.set(who, publisher);
      }
      return publisher;
    },
    publisherNumbered: (index) => publishers[index - 1],
    findPublisher: (who) => byName.get(who),
  };
}

function createChannel(name: string, index: number, sent: Sent): Channel {
  const log = createChannelLog();
  let lineage: Lineage | undefined;
  return {
    name,
    index,
    log,
    keeps: Number.POSITIVE_INFINITY,
    get lineage() {
      lineage ??= createLineage(log, sent);
      return lineage;
    },
  };
}

/** A message that was acknowledged and is gone. Times in ms since the beginning of the run. */
export interface Gone {
  channel: string;
  /** 0: nobody knows where it was. */
  offset: number;
  publisher: Publisher;
  sentAt: number;
  ackedAt: number;
  /** When the epoch that took its place was told of first; Infinity: that is not known. */
  goneBy: number;
}

const concerns = ({ channels, cut }: LossWindow, channel: string): boolean =>
  (channels?.includes(channel) ?? true) && (cut === undefined || cut[channel] !== undefined);

/**
 * Whether anything that the harness did lets the store lose it. It was stored some time between being sent and
 * acknowledged: its publisher, or the way to it, may have stood still. What was there already when the loss began has
 * taken the place of nothing because of it, and what was sent when it was over cannot have been hit.
 */
export const explainsLoss = ({ losses, level, begun }: World, gone: Gone): boolean =>
  losses.some((loss) => {
    const { since, until, withinMs, spares, cut } = loss;
    if (!concerns(loss, gone.channel) || spares.includes(gone.publisher.level ?? level)) return false;
    if (begun + gone.sentAt > until || begun + gone.goneBy < since) return false;
    if (cut !== undefined && gone.offset !== 0 && gone.offset < cut[gone.channel]!) return false;
    return withinMs === null || begun + gone.ackedAt >= since - withinMs;
  });

/**
 * Whether by that time, in Unix ms, the store may have lost something of the channel, acknowledged or not, after an epoch
 * was last seen alive.
 */
export const mayHaveLost = (
  { losses, begun }: World,
  { name }: Channel,
  left: Stretch | undefined,
  by: number,
): boolean =>
  losses.some((loss) => loss.since <= by && loss.until >= begun + (left?.lastSent ?? 0) && concerns(loss, name));

/**
 * While no fault lasts, nobody has to wait so long for what is stored, on any machine; but for whom each message takes some
 * time.
 */
export const longMs = 60_000;

/** How long no fault lasted in that time. All in Unix ms. */
export function calmIn({ faults }: World, since: number, until: number): number {
  let calm = 0;
  let from = since;
  for (const fault of faults.toSorted((one, other) => one.since - other.since)) {
    calm += Math.max(0, Math.min(fault.since, until) - from);
    from = Math.max(from, fault.until);
  }
  return calm + Math.max(0, until - from);
}
