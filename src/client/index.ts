// The client's public face.
export type { Start } from "../wire/client-frame.js";
export { type ErrorCode, RepriseError } from "../wire/errors.js";
export type { Limits } from "../wire/limits.js";
export type { Headers, Message } from "../wire/message.js";
export type { GapReason, Position } from "../wire/position.js";
export type { BackoffOptions } from "./backoff.js";
export type { Bus, ConnectOptions, PublishOptions, SubscribeOptions } from "./bus.js";
export type { CallOptions } from "./calls.js";
export type { Channel, ChannelsOptions } from "./channels.js";
export { connect } from "./client.js";
export type { PublishResult } from "./entry.js";
export { type ChannelGap, describeGap } from "./gap.js";
export type { HistoryOptions } from "./history.js";
export type { Loss } from "./losses.js";
export { after, type From, last, since } from "./start.js";
export type { State } from "./state.js";
export type { Subscription } from "./subscription.js";
