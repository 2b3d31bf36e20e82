// Public entry of the buffers, and the one place that knows which there are.
import type { Log } from "../log/log.js";
import { isRedisUrl } from "../redis/address.js";
import type { AckLevel } from "../wire/ack-level.js";
import { RepriseError } from "../wire/errors.js";
import type { AckRule } from "./ack-rules.js";
import type { ReplayBuffer } from "./buffer.js";
import { openEmbedded } from "./embedded.js";
import { openRedis } from "./redis.js";
import type { RetentionPolicy } from "./retention.js";

export type { AckRule } from "./ack-rules.js";
export type { ReplayBuffer } from "./buffer.js";
export { openEmbedded } from "./embedded.js";
export { openRedis } from "./redis.js";
export { type RetentionPolicy, retentionPolicy } from "./retention.js";

export interface BufferOptions {
  retention: RetentionPolicy;
  /** For the embedded buffer; Redis has a configuration of its own. Default: everysec. */
  fsync?: "always" | "everysec" | "no";
  /**
   * What an append must survive; opening rejects with `ack_level_unavailable` if the store is not configured for it.
   * Default: the higher of `stored` and `fsynced` that its configuration gives for nothing.
   */
  ackLevel?: AckLevel;
  /**
   * What an append to the channels of a pattern must survive besides; of several rules that match the last one counts.
   * Checked as `ackLevel` is.
   */
  ackRules?: readonly AckRule[] | undefined;
  /** Told what an operator should know: a torn tail that was cut, a dangerous setting. Default: nobody is. */
  log?: Log | undefined;
}

/**
 * Opens the buffer that `spec` names: `embedded:FOLDER`, `redis://…`, `redis-sentinel://…`, `redis-cluster://…`.
 * @throws RepriseError `invalid_argument`, or what opening it throws
 */
export async function openBuffer(spec: string, options: BufferOptions): Promise<ReplayBuffer> {
  const { fsync = "everysec", ...rest } = options;
  if (isFolder(spec)) {
    return openEmbedded({ folder: spec.slice("embedded:".length), fsync, ...rest });
  }
  if (isRedisUrl(spec)) return openRedis({ url: spec, ...rest });
  throw invalidSpec(spec);
}

/** Whether it names an embedded buffer. */
export const isFolder = (spec: string): boolean => spec.startsWith("embedded:") && spec.length > "embedded:".length;

/** @param spec is not repeated where it may hold a password */
export const invalidSpec = (spec: string): RepriseError =>
  new RepriseError(
    "invalid_argument",
    `buffer${spec.includes("@") ? "" : ` ${JSON.stringify(spec)}`}: expected embedded:FOLDER, redis://HOST:PORT, ` +
      "redis-sentinel://HOST:PORT,…/MASTER or redis-cluster://HOST:PORT,…, or the same with rediss for redis",
  );
