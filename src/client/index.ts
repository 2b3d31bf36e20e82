// The client's public face.

export { isLoopback } from "../tls/loopback.js";
export type { TlsOptions } from "../tls/options.js";
export type { Pem } from "../tls/pem.js";
export type { Tracing } from "../trace/tracing.js";
export type { AckLevel } from "../wire/ack-level.js";
export type { Start } from "../wire/client-frame.js";
export { type ErrorCode, RepriseError } from "../wire/errors.js";
export type { NodeEventKind } from "../wire/event-kind.js";
export type { Limits } from "../wire/limits.js";
export type { Headers, Message } from "../wire/message.js";
export type { NodeEntry } from "../wire/node-entry.js";
export type { GapReason, Position } from "../wire/position.js";
export type {
  Activity,
  Admin,
  ChannelActivity,
  EventsOptions,
  NodeEvent,
  NodeEvents,
  RetentionRule,
  SessionEntry,
  SlowSubscriber,
} from "./admin.js";
export type { BackoffOptions } from "./backoff.js";
export type { Bus, ConnectOptions, PublishOptions } from "./bus.js";
export type { CallOptions } from "./calls.js";
export type { Channel, ChannelsOptions } from "./channels.js";
export { connect } from "./client.js";
export { bytes, type Codec, json, type Schema, text } from "./codec.js";
export { type DrainNodeOptions, type DrainProgress, drainNode } from "./drain-node.js";
export type { PublishResult } from "./entry.js";
export { registerEtcdResolver } from "./etcd-resolver.js";
export type { SubscriptionEvent, Undecodable } from "./events.js";
export { filePositionStore } from "./file-position-store.js";
export { type ChannelGap, describeGap, type OnGap } from "./gap.js";
export type { HistoryOptions } from "./history.js";
export type { Loss } from "./losses.js";
export type { Member } from "./member.js";
export type { EnterOptions, Membership } from "./membership.js";
export type { PositionStore } from "./position-store.js";
export type { Presence, PresenceEvent, PresenceOptions } from "./presence.js";
export type { SecurityOptions } from "./security.js";
export { after, type From, last, since } from "./start.js";
export type { State } from "./state.js";
export type { SubscribeOptions, Subscription } from "./subscription.js";
export type { TokenSource } from "./token.js";
export type { TypedChannel, TypedSubscribeOptions, Valued } from "./typed.js";
