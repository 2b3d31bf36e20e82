// What an error of Redis, or of the way there, means for the buffer: the error to reject with, and whether trying again
// helps. The error that ioredis throws is never passed on, not even as a cause: it carries the arguments of the command,
// that is messages and, from the handshake, the password.
import { RepriseError, toRepriseError } from "../wire/errors.js";

export interface Failure {
  error: RepriseError;
  /** The same may succeed in a moment. */
  retry: boolean;
  /** This server will not do; the address may lead to another one now. */
  reconnect: boolean;
}

/**
 * Redis begins its errors with such a word; where a script passes one on, the word stands further in (Redis 6). The
 * last two are what WAIT answers once the server has become a replica: while it waits, and from then on.
 */
const words =
  /\b(OOM|MISCONF|NOAUTH|WRONGPASS|NOPERM|WRONGTYPE|READONLY|LOADING|MASTERDOWN|BUSY|TRYAGAIN|CLUSTERDOWN|NOREPLICAS|MOVED|ASK|UNBLOCKED|replica instances)\b/;

export const isRefusal = (error: Error): boolean => /\b(NOAUTH|WRONGPASS|NOPERM)\b/.test(error.message);

export function failureOf(thrown: unknown, where: string): Failure {
  const known = (error: RepriseError): Failure => ({ error, retry: false, reconnect: false });
  if (thrown instanceof RepriseError) return known(thrown);
  // Not of Redis, nor of the network: a bug here.
  if (thrown instanceof TypeError || thrown instanceof RangeError) return known(toRepriseError(thrown));
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const unavailable = new RepriseError("buffer_unavailable", `Redis at ${where} answers: ${text}`);
  if (!(thrown instanceof Error && thrown.name === "ReplyError")) {
    const error = new RepriseError("buffer_unavailable", `Redis at ${where} does not answer: ${text}`);
    return { error, retry: true, reconnect: false };
  }
  switch (words.exec(text)?.[1]) {
    case "OOM":
      return known(new RepriseError("buffer_full", `Redis at ${where} has reached its maxmemory`));
    case "MISCONF":
      return known(new RepriseError("buffer_full", `Redis at ${where} cannot write to its disk: ${text}`));
    case "WRONGTYPE":
      return known(
        new RepriseError(
          "buffer_unavailable",
          `Redis at ${where} has a key of another program in this place: remove it or choose another prefix (${text})`,
        ),
      );
    case "READONLY":
    case "UNBLOCKED":
    case "replica instances":
      return { error: unavailable, retry: true, reconnect: true };
    case "LOADING":
    case "MASTERDOWN":
    case "BUSY":
    case "TRYAGAIN":
    case "CLUSTERDOWN":
    case "NOREPLICAS":
    case "MOVED":
    case "ASK":
      return { error: unavailable, retry: true, reconnect: false };
    default:
      return known(unavailable);
  }
}
