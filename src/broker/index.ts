// Public entry of the broker: what a program needs that runs a node in its own process.

export type { Log, LogFields, LogLevel } from "../log/log.js";
export type { Tracing } from "../trace/tracing.js";
export { checkWindow, defaultLimits } from "../wire/limits.js";
export type { NodeTls } from "./certificates.js";
export type { Drained } from "./drain.js";
export type { Histogram } from "./histogram.js";
export { type MessageSizes, messageSizes } from "./message-sizes.js";
export type { Quota, Quotas } from "./quotas.js";
export type { Check, Readiness } from "./readiness.js";
export { type Node, type NodeOptions, startBroker } from "./server.js";
export type { Vitals } from "./vitals.js";
export type { Worker } from "./worker.js";
