// What the checker has gathered so far, from whatever log: the harness's, publishers' and subscribers'.
import { type ChannelLog, createChannelLog } from "./channel-log.js";
import type { HarnessLine, Sample } from "./history.js";
import { createSent, type Sent } from "./sent.js";
import { createFindings, type Findings } from "./verdict.js";

export type LossWindow = Extract<HarnessLine, { kind: "loss" }>;

export interface Channel {
  name: string;
  /** From 0. */
  index: number;
  log: ChannelLog;
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
  /** What it was told to be lost, by channel. */
  lost: Map<string, { reason: string; from: number; to: number }[]>;
  /** What its acknowledgements mean; the whole run's, if it was not told. */
  level: string | undefined;
  /** Epoch of its last acknowledgement, by channel. */
  lastEpoch: Map<string, number>;
  /** Acknowledged, but nobody could say where. */
  placeless: { channel: string; n: number }[];
}

export interface World {
  readonly findings: Findings;
  readonly sent: Sent;
  readonly publishers: Publisher[];
  readonly losses: LossWindow[];
  readonly killed: Set<string>;
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
  return {
    findings: createFindings(),
    sent: createSent(),
    publishers,
    losses: [],
    killed: new Set(),
    samples: [],
    keys: undefined,
    level: "stored",
    begun: 0,
    channels,
    channel(name) {
      let channel = channels.get(name);
      if (channel === undefined) {
        channel = { name, index: channels.size, log: createChannelLog(), keeps: Number.POSITIVE_INFINITY };
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
          lost: new Map(),
          lastEpoch: new Map(),
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

/** A message that was acknowledged, with its times. */
export interface Acked {
  channel: string;
  publisher: Publisher;
  sentAt: number;
  ackedAt: number;
}

const concerns = ({ channels }: LossWindow, channel: string): boolean => channels?.includes(channel) ?? true;

/**
 * Whether anything that the harness did lets the store lose a message that was sent and acknowledged at these times. It
 * was stored some time between: its publisher, or the way to it, may have stood still.
 */
export const explainsLoss = ({ losses, level }: World, { channel, publisher, sentAt, ackedAt }: Acked): boolean =>
  losses.some((loss) => {
    const { since, until, withinMs, spares } = loss;
    if (!concerns(loss, channel) || spares.includes(publisher.level ?? level)) return false;
    return sentAt <= until && (withinMs === null || ackedAt >= since - withinMs);
  });

/** Whether by that time the store may have lost something of the channel, acknowledged or not. */
export const mayHaveLost = ({ losses }: World, channel: string, by: number): boolean =>
  losses.some((loss) => loss.since <= by && concerns(loss, channel));
