// One error class, one table of codes, one funnel. Peers see the code and the message; logs see the cause.
import { status } from "@grpc/grpc-js";

/** What each code means on the wire (gRPC status), whether the same request may succeed later, and what to do. */
const table = {
  malformed: { status: status.INVALID_ARGUMENT, retryable: false, advice: "send what proto/reprise/v1 describes" },
  protocol_violation: { status: status.FAILED_PRECONDITION, retryable: false, advice: "see docs/protocol.md" },
  unsupported_version: { status: status.FAILED_PRECONDITION, retryable: false, advice: "use a matching client" },
  invalid_channel: { status: status.INVALID_ARGUMENT, retryable: false, advice: "choose another channel name" },
  invalid_argument: { status: status.INVALID_ARGUMENT, retryable: false, advice: "correct the request" },
  offset_out_of_range: { status: status.OUT_OF_RANGE, retryable: false, advice: "start at new, earliest or last" },
  message_too_large: { status: status.INVALID_ARGUMENT, retryable: false, advice: "send a smaller message" },
  batch_too_large: { status: status.INVALID_ARGUMENT, retryable: false, advice: "send fewer messages at once" },
  too_many_subscriptions: { status: status.RESOURCE_EXHAUSTED, retryable: false, advice: "unsubscribe first" },
  too_many_members: { status: status.RESOURCE_EXHAUSTED, retryable: false, advice: "enter when others have left" },
  already_subscribed: { status: status.ALREADY_EXISTS, retryable: false, advice: "unsubscribe first" },
  not_subscribed: { status: status.NOT_FOUND, retryable: false, advice: "subscribe first" },
  channel_not_found: { status: status.NOT_FOUND, retryable: false, advice: "publish to create the channel" },
  sequence_skipped: { status: status.ABORTED, retryable: false, advice: "go on under a new producer id" },
  buffer_unavailable: { status: status.UNAVAILABLE, retryable: true, advice: "send the same again later" },
  buffer_full: { status: status.RESOURCE_EXHAUSTED, retryable: true, advice: "free space, then send the same again" },
  buffer_locked: { status: status.FAILED_PRECONDITION, retryable: false, advice: "stop the other process" },
  limit_reached: {
    status: status.RESOURCE_EXHAUSTED,
    retryable: true,
    advice: "wait as long as the node says, or less of it",
  },
  outbox_full: { status: status.RESOURCE_EXHAUSTED, retryable: true, advice: "publish again when others are stored" },
  ack_level_unavailable: { status: status.FAILED_PRECONDITION, retryable: false, advice: "see docs/protocol.md, P-9" },
  unauthenticated: { status: status.UNAUTHENTICATED, retryable: false, advice: "check the credentials" },
  permission_denied: { status: status.PERMISSION_DENIED, retryable: false, advice: "ask for the right to do this" },
  session_not_found: { status: status.NOT_FOUND, retryable: false, advice: "ask the node that it is a session of" },
  disconnected: { status: status.UNAVAILABLE, retryable: true, advice: "reconnect" },
  draining: { status: status.UNAVAILABLE, retryable: true, advice: "reconnect, to another node if there is one" },
  tls_failed: { status: status.UNAVAILABLE, retryable: false, advice: "see docs/security.md" },
  unavailable: { status: status.UNAVAILABLE, retryable: true, advice: "is the broker running and reachable?" },
  deadline_exceeded: { status: status.DEADLINE_EXCEEDED, retryable: true, advice: "allow more time" },
  cancelled: { status: status.CANCELLED, retryable: false, advice: "the caller cancelled" },
  closed: { status: status.CANCELLED, retryable: false, advice: "it was closed by this process" },
  gap: { status: status.DATA_LOSS, retryable: false, advice: "its cause says what is missing; go on after it" },
  undecodable: { status: status.DATA_LOSS, retryable: false, advice: "publish and read with the same codec" },
  position_store_failed: { status: status.INTERNAL, retryable: false, advice: "mend the position store" },
  internal: { status: status.INTERNAL, retryable: false, advice: "a bug: please report it with the node's log" },
} as const;

/** One of the words in the table of codes, docs/protocol.md. */
export type ErrorCode = keyof typeof table;

/** Metadata key under which a gRPC status carries the code. */
export const errorCodeKey = "reprise-code";

/** And under which the node says when one may try again there, in ms. */
export const retryAfterKey = "reprise-retry-after-ms";

export class RepriseError extends Error {
  override readonly name = "RepriseError";
  readonly code: ErrorCode;
  /** The same request may succeed later. */
  readonly retryable: boolean;
  /** What to do about it, in a few words. */
  readonly advice: string;
  /** For `sequence_skipped`: the sequence number that was expected. */
  readonly expectedSequence: number | undefined;
  /** When the same place may be tried again, if the node said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; expectedSequence?: number; retryAfterMs?: number } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = table[code].retryable;
    this.advice = table[code].advice;
    this.expectedSequence = options.expectedSequence;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** The gRPC status that stands for the code. */
  get status(): status {
    return table[this.code].status;
  }
}

export const isErrorCode = (word: string): word is ErrorCode => Object.hasOwn(table, word);

/** The funnel: whatever was thrown becomes a RepriseError; what is not one already is `internal`. */
export function toRepriseError(thrown: unknown, code: ErrorCode = "internal"): RepriseError {
  if (thrown instanceof RepriseError) return thrown;
  return new RepriseError(code, thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}
