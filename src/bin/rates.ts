// What happened between two looks at the nodes, in numbers a second, of all of them together.
import type { Activity, ChannelActivity, SlowSubscriber } from "../client/index.js";

export interface NodeRates {
  node: string;
  ready: boolean;
  sessions: number;
  subscriptions: number;
  /** Subscriptions that are behind. */
  slow: number;
  publishedPerSecond: number;
  deliveredPerSecond: number;
  bytesPerSecond: number;
}

export interface ChannelRates {
  channel: string;
  next: number;
  /** On all nodes. */
  subscribers: number;
  messagesPerSecond: number;
  bytesPerSecond: number;
  lagMessages: number;
  lagMs: number;
}

export interface Rates {
  nodes: NodeRates[];
  channels: ChannelRates[];
  /** Of the node that follows most. */
  channelCount: number;
  slow: (SlowSubscriber & { node: string })[];
  slowCount: number;
}

export function ratesOf(before: readonly Activity[], now: readonly Activity[]): Rates {
  const nodes: NodeRates[] = [];
  const channels = new Map<string, ChannelRates>();
  for (const activity of now) {
    const earlier = before.find(({ node }) => node === activity.node);
    const perSecond = rateSince(earlier, activity);
    nodes.push({
      node: activity.node,
      ready: activity.ready,
      sessions: activity.sessions,
      subscriptions: activity.subscriptions,
      slow: activity.slowCount,
      publishedPerSecond: perSecond(earlier?.publishedMessages, activity.publishedMessages),
      deliveredPerSecond: perSecond(earlier?.deliveredMessages, activity.deliveredMessages),
      bytesPerSecond: perSecond(earlier?.frameBytes, activity.frameBytes),
    });
    const known = new Map(earlier?.channels.map((each) => [each.channel, each]));
    for (const channel of activity.channels) {
      const was = known.get(channel.channel);
      add(channels, channel, {
        messagesPerSecond: perSecond(was?.receivedMessages, channel.receivedMessages),
        bytesPerSecond: perSecond(was?.receivedBytes, channel.receivedBytes),
      });
    }
  }
  const slow = now.flatMap(({ node, slow }) => slow.map((each) => ({ node, ...each })));
  return {
    nodes: nodes.sort((a, b) => b.slow - a.slow || b.deliveredPerSecond - a.deliveredPerSecond),
    channels: [...channels.values()].sort((a, b) => worse(a, b) || b.messagesPerSecond - a.messagesPerSecond),
    channelCount: Math.max(channels.size, ...now.map(({ channelCount }) => channelCount)),
    slow: slow.sort((a, b) => b.lagMs - a.lagMs),
    slowCount: now.reduce((sum, { slowCount }) => sum + slowCount, 0),
  };
}

/** A lag below that is how things are. */
const slowMs = 5_000;

const worse = (a: ChannelRates, b: ChannelRates): number =>
  (b.lagMs > slowMs ? b.lagMs : 0) - (a.lagMs > slowMs ? a.lagMs : 0);

/** Each node that follows a channel gets all of it: the sum would count messages several times. */
function add(
  channels: Map<string, ChannelRates>,
  { channel, next, subscribers, lagMessages, lagMs }: ChannelActivity,
  rates: Pick<ChannelRates, "messagesPerSecond" | "bytesPerSecond">,
): void {
  const other = channels.get(channel);
  channels.set(channel, {
    channel,
    next: Math.max(next, other?.next ?? 0),
    subscribers: subscribers + (other?.subscribers ?? 0),
    messagesPerSecond: Math.max(rates.messagesPerSecond, other?.messagesPerSecond ?? 0),
    bytesPerSecond: Math.max(rates.bytesPerSecond, other?.bytesPerSecond ?? 0),
    lagMessages: Math.max(lagMessages, other?.lagMessages ?? 0),
    lagMs: Math.max(lagMs, other?.lagMs ?? 0),
  });
}

/** Of what was not seen before, nothing is known. A count that became less began anew. */
function rateSince(before: Activity | undefined, now: Activity): (was: number | undefined, is: number) => number {
  const seconds = (now.atMs - (before?.atMs ?? 0)) / 1_000;
  return (was, is) => (was === undefined || is < was || seconds <= 0 ? 0 : Math.round((is - was) / seconds));
}
