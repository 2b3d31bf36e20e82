// What an operator asks of the nodes, and does to them. Each needs the right `admin`: on the channel that it concerns, or on
// everything where it concerns the node.
import grpcAdmin from "../../generated/reprise/v1/admin_grpc_pb.js";
import pb from "../../generated/reprise/v1/admin_pb.js";
import { eventKinds, type NodeEventKind } from "../wire/event-kind.js";
import type { Call, CallOptions } from "./calls.js";
import { type Channel, channelOf } from "./channels.js";

/** A live session of a node. */
export interface SessionEntry {
  session: string;
  name: string;
  /** Address of its connection. */
  peer: string;
  /** The method that opened it. */
  method: string;
  connectedAtMs: number;
  /** The next offset of each to be delivered; 0 while its start is being found. */
  subscriptions: { channel: string; next: number }[];
  unansweredMessages: number;
}

/** A subscription that is behind. */
export interface SlowSubscriber {
  session: string;
  name: string;
  peer: string;
  method: string;
  channel: string;
  next: number;
  lagMessages: number;
  /** How long its next message has waited. */
  lagMs: number;
}

export interface RetentionRule {
  /** A channel, or a pattern of channels. */
  pattern: string;
  /** `messages=1000 age=24h` */
  limits: string;
}

/** What happened to a session or a channel; the fields of each kind: `Event` in proto/reprise/v1/admin.proto. */
export interface NodeEvent {
  kind: NodeEventKind;
  atMs: number;
  /** "0": of no session. */
  session: string;
  name: string;
  peer: string;
  method: string;
  channel: string;
  epoch: number;
  offset: number;
  from: number;
  to: number;
  reason: string;
}

export interface NodeEvents {
  node: string;
  /** What was before is forgotten: of sessions and channels, and of how far subscriptions had come. */
  sinceMs: number;
  progressSinceMs: number;
  /** There were older ones, beyond the limit. */
  truncated: boolean;
  events: NodeEvent[];
}

export interface EventsOptions extends CallOptions {
  /** Only of this session. */
  session?: string | undefined;
  /** Only of this channel. */
  channel?: string | undefined;
  /** Also what the log of the channel says of this message. */
  offset?: number | undefined;
  /** The last so many. Default: 1,000. */
  limit?: number | undefined;
}

export interface Activity {
  node: string;
  atMs: number;
  ready: boolean;
  sessions: number;
  subscriptions: number;
  /** Since the node began, as are the next two. */
  publishedMessages: number;
  deliveredMessages: number;
  frameBytes: number;
  channels: ChannelActivity[];
  /** Also those that are not listed. */
  channelCount: number;
  slow: SlowSubscriber[];
  slowCount: number;
}

export interface ChannelActivity {
  channel: string;
  next: number;
  subscribers: number;
  /** Since somebody at the node listens. */
  receivedMessages: number;
  receivedBytes: number;
  /** Of the subscriber that is furthest behind. */
  lagMessages: number;
  lagMs: number;
}

export interface Admin {
  /** Of the node that answers. */
  sessions(options?: CallOptions): Promise<SessionEntry[]>;
  /**
   * Ends a session of the node. Its peer may connect again: what keeps somebody out is the lack of rights.
   * Rejects with `session_not_found`.
   */
  disconnect(session: string, options?: CallOptions): Promise<void>;
  /** Of the node, those that are behind, the worst first. */
  slow(options?: CallOptions & { channel?: string; limit?: number }): Promise<SlowSubscriber[]>;
  /** Removes what lies before an offset, whole batches. Rejects with `channel_not_found`. */
  trim(channel: string, before: number, options?: CallOptions): Promise<Channel>;
  /** Removes the channel whole. Rejects with `channel_not_found`. */
  delete(channel: string, options?: CallOptions): Promise<void>;
  /** The rules of retention set at run time. */
  retention(options?: CallOptions): Promise<RetentionRule[]>;
  /** Sets the rule of a pattern for all nodes that share the store, or takes it away (""). */
  setRetention(pattern: string, limits: string, options?: CallOptions): Promise<RetentionRule[]>;
  /** What the node remembers, oldest first, and at the end what it sees now. */
  events(options?: EventsOptions): Promise<NodeEvents>;
  activity(options?: CallOptions & { channels?: number; slow?: number }): Promise<Activity>;
}

const { AdminService } = grpcAdmin;

export function createAdmin(call: Call): Admin {
  return {
    async sessions(options = {}) {
      const response = await call(AdminService.listSessions, new pb.ListSessionsRequest(), options);
      return response.getSessionsList().map(sessionOf);
    },
    async disconnect(session, options = {}) {
      await call(AdminService.disconnectSession, new pb.DisconnectSessionRequest().setSession(session), options);
    },
    async slow({ channel = "", limit = 0, ...options } = {}) {
      const request = new pb.ListSlowSubscribersRequest().setChannel(channel).setLimit(limit);
      return (await call(AdminService.listSlowSubscribers, request, options)).getSubscribersList().map(slowOf);
    },
    async trim(channel, before, options = {}) {
      const request = new pb.TrimChannelRequest().setChannel(channel).setBefore(before);
      return channelOf(await call(AdminService.trimChannel, request, options));
    },
    async delete(channel, options = {}) {
      await call(AdminService.deleteChannel, new pb.DeleteChannelRequest().setChannel(channel), options);
    },
    async retention(options = {}) {
      return rulesOf(await call(AdminService.listRetention, new pb.ListRetentionRequest(), options));
    },
    async setRetention(pattern, limits, options = {}) {
      const request = new pb.SetRetentionRequest().setPattern(pattern).setLimits(limits);
      return rulesOf(await call(AdminService.setRetention, request, options));
    },
    async events({ session = "0", channel = "", offset = 0, limit = 0, ...options } = {}) {
      const request = new pb.ListEventsRequest().setSession(session).setChannel(channel);
      return eventsOf(await call(AdminService.listEvents, request.setOffset(offset).setLimit(limit), options));
    },
    async activity({ channels = 0, slow = 0, ...options } = {}) {
      const request = new pb.GetActivityRequest().setChannels(channels).setSlow(slow);
      return activityOf(await call(AdminService.getActivity, request, options));
    },
  };
}

const sessionOf = (info: InstanceType<typeof pb.SessionInfo>): SessionEntry => ({
  session: info.getSession(),
  name: info.getName(),
  peer: info.getPeer(),
  method: info.getMethod(),
  connectedAtMs: info.getConnectedAtMs(),
  subscriptions: info
    .getSubscriptionsList()
    .map((each) => ({ channel: each.getChannel(), next: each.getNextOffset() })),
  unansweredMessages: info.getUnansweredMessages(),
});

const slowOf = (info: InstanceType<typeof pb.SlowSubscriber>): SlowSubscriber => ({
  session: info.getSession(),
  name: info.getName(),
  peer: info.getPeer(),
  method: info.getMethod(),
  channel: info.getChannel(),
  next: info.getNextOffset(),
  lagMessages: info.getLagMessages(),
  lagMs: info.getLagMs(),
});

const rulesOf = (response: InstanceType<typeof pb.RetentionRules>): RetentionRule[] =>
  response.getRulesList().map((rule) => ({ pattern: rule.getPattern(), limits: rule.getLimits() }));

const eventsOf = (response: InstanceType<typeof pb.ListEventsResponse>): NodeEvents => ({
  node: response.getNode(),
  sinceMs: response.getSinceMs(),
  progressSinceMs: response.getProgressSinceMs(),
  truncated: response.getTruncated(),
  events: response.getEventsList().map((event) => ({
    kind: eventKinds[event.getKind()] ?? "unknown",
    atMs: event.getAtMs(),
    session: event.getSession(),
    name: event.getName(),
    peer: event.getPeer(),
    method: event.getMethod(),
    channel: event.getChannel(),
    epoch: event.getEpoch(),
    offset: event.getOffset(),
    from: event.getFrom(),
    to: event.getTo(),
    reason: event.getReason(),
  })),
});

const activityOf = (response: InstanceType<typeof pb.GetActivityResponse>): Activity => ({
  node: response.getNode(),
  atMs: response.getAtMs(),
  ready: response.getReady(),
  sessions: response.getSessions(),
  subscriptions: response.getSubscriptions(),
  publishedMessages: response.getPublishedMessages(),
  deliveredMessages: response.getDeliveredMessages(),
  frameBytes: response.getFrameBytes(),
  channels: response.getChannelsList().map((info) => ({
    channel: info.getChannel(),
    next: info.getNextOffset(),
    subscribers: info.getSubscribers(),
    receivedMessages: info.getReceivedMessages(),
    receivedBytes: info.getReceivedBytes(),
    lagMessages: info.getLagMessages(),
    lagMs: info.getLagMs(),
  })),
  channelCount: response.getChannelCount(),
  slow: response.getSlowList().map(slowOf),
  slowCount: response.getSlowCount(),
});
