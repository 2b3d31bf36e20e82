// What stands between an append that Redis has answered and its acknowledgement: a wait for the ack level, on the same
// connection, for WAIT and WAITAOF speak of what their own connection has written (Redis 7.2 and later; before, of all
// that the server had written at the connection's last command).
//
// Group commit. A connection has one wait under way at a time; appends that are answered meanwhile share the next. A
// wait confirms exactly those that joined before it was sent. As what comes behind it on the connection has to wait,
// it is short, and repeated: what counts is how far replicas and disk have come, so nothing is lost by that.
import type { Client } from "../../redis/client.js";
import type { AckLevel } from "../../wire/ack-level.js";
import { RepriseError } from "../../wire/errors.js";
import { type Wait, waitFor } from "./ack-level.js";

/**
 * To be called when a command that wrote has been answered.
 * @param client the connection to one server that it was answered on
 * @param deadline in the time of `performance.now`; may be outlasted by one wait
 * @throws RepriseError `buffer_unavailable`, or what Redis or the connection throw: all of them say that it is unknown
 *   whether the level was reached
 */
export type Confirm = (client: Client, deadline: number) => Promise<void>;

/**
 * @param levels all of them are waited for, one after the other
 * @param waitMs for one wait; less than the time limit of a command, also together with a command behind it
 */
export function createConfirm(levels: readonly AckLevel[], waitMs: number): Confirm {
  // Each connection anew, also of the same client: another server may be at its other end.
  const connections = new WeakMap<Client["stream"], Waits>();
  return async (client, deadline) => {
    const { stream } = client;
    const nextWait = connections.get(stream) ?? createWaits(stream, levels, waitMs);
    connections.set(stream, nextWait);
    while (!(await nextWait(client))) {
      if (performance.now() < deadline) continue;
      throw new RepriseError(
        "buffer_unavailable",
        `Redis has stored it, but not confirmed ${levels.join(" and ")} in time`,
      );
    }
  };
}

/** Joins the next waits of a connection, which is the client's present one: whether all came to their end in time. */
type Waits = (client: Client) => Promise<boolean>;

function createWaits(stream: Client["stream"], levels: readonly AckLevel[], waitMs: number): Waits {
  let waits: Wait[] | undefined;
  let last: Promise<unknown> = Promise.resolve();
  /** Not sent yet. */
  let next: Promise<boolean> | undefined;

  async function send(client: Client, before: Promise<unknown>): Promise<boolean> {
    await before.catch(() => {});
    try {
      waits ??= await Promise.all(levels.map((level) => waitFor(client, level).catch(asUnavailable)));
    } finally {
      // From here on it is too late to join: what follows is sent before anything else can happen.
      next = undefined;
    }
    for (const wait of waits) {
      if (client.stream !== stream) throw new Error("the connection broke");
      if (!(await wait(client, waitMs))) return false;
    }
    return true;
  }

  return (client) => {
    if (next === undefined) {
      next = send(client, last);
      last = next;
    }
    return next;
  };
}

/** A server that cannot keep the level is, for those who append, as good as away. */
function asUnavailable(thrown: unknown): never {
  if (!(thrown instanceof RepriseError)) throw thrown;
  throw new RepriseError("buffer_unavailable", thrown.message);
}
