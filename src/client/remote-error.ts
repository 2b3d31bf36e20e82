// What the broker, or the way to it, said went wrong, as the one error class.
import { type StatusObject, status } from "@grpc/grpc-js";
import { type ErrorCode, errorCodeKey, isErrorCode, RepriseError, retryAfterKey } from "../wire/errors.js";
import type { Refusal } from "../wire/server-frame.js";

/** What a status means that carries no code of ours: it comes from gRPC itself, or from something in between. */
const codes: Partial<Record<status, ErrorCode>> = {
  // Of streams that a dying node or a proxy cut: https://github.com/grpc/grpc-node/issues/2905 among others.
  [status.OK]: "unavailable",
  [status.CANCELLED]: "unavailable",
  [status.UNKNOWN]: "unavailable",
  [status.INTERNAL]: "unavailable",
  [status.UNAVAILABLE]: "unavailable",
  [status.ABORTED]: "unavailable",
  [status.DEADLINE_EXCEEDED]: "deadline_exceeded",
  [status.INVALID_ARGUMENT]: "invalid_argument",
  [status.RESOURCE_EXHAUSTED]: "message_too_large",
  [status.UNIMPLEMENTED]: "unsupported_version",
  [status.UNAUTHENTICATED]: "unauthenticated",
  [status.PERMISSION_DENIED]: "permission_denied",
};

/** The funnel for gRPC statuses. Calls that this process cancelled itself do not come here. */
export function errorOfStatus({ code, details, metadata }: StatusObject, address: string): RepriseError {
  const word = metadata?.get(errorCodeKey)[0];
  if (typeof word === "string" && isErrorCode(word)) {
    const retryAfterMs = Number(metadata.get(retryAfterKey)[0]);
    return new RepriseError(word, details, retryAfterMs >= 0 ? { retryAfterMs } : {});
  }
  const known = codes[code] ?? "internal";
  const what = code === status.OK ? "the node ended the stream" : plain(details);
  return new RepriseError(known, what.includes(address) ? what : `${address}: ${what}`);
}

/** The funnel for `error` items. A code that this version does not know keeps its word and whether to retry. */
export function errorOfRefusal(refusal: Refusal): RepriseError {
  const { code, message, retryable, expectedSequence, retryAfterMs } = refusal;
  const known = { ...(expectedSequence > 0 && { expectedSequence }), ...(retryAfterMs > 0 && { retryAfterMs }) };
  if (isErrorCode(code)) return new RepriseError(code, message, known);
  return new RepriseError(retryable ? "unavailable" : "internal", `${code}: ${message}`);
}

/** "No connection established. Last error: Error: connect ECONNREFUSED …. Resolution note: " says it twice. */
const plain = (details: string): string =>
  details
    .replace(/^No connection established\. Last error: (Error: )?/, "")
    .replace(/\.? ?Resolution note: ?$/, "")
    // What a node does to whom it does not trust, and a proxy that expects another protocol.
    .replace(
      /^Failed to connect \(.*\)$/,
      "it ended the connection at once: does it want TLS, or (another) certificate of the client?",
    );
