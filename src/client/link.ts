// The link to the broker: one connection at a time, and after it the next one.
import { type AckLevel, satisfies } from "../wire/ack-level.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import type { ServerItem, Welcome } from "../wire/server-frame.js";
import { type BackoffOptions, createBackoff } from "./backoff.js";
import { type Connection, type ConnectionOptions, type Hello, openConnection } from "./connection.js";
import { createPlaces, type Place } from "./places.js";
import { isFinal, type StateCell } from "./state.js";

export interface LinkOptions extends ConnectionOptions {
  /** At least one; tried in an order of their own. */
  addresses: readonly string[];
  /** False: the first loss, or one failed try of each address, is final. */
  reconnect: boolean;
  /** A node whose acknowledgements mean less will not do. */
  ackLevel: AckLevel;
  backoff: BackoffOptions;
}

export interface LinkEvents {
  /** Asked anew for each connection. */
  hello(): Hello;
  connected(connection: Connection, welcome: Welcome): void;
  item(item: ServerItem): void;
  /** Follows each `connected`. */
  lost(): void;
  /** Follows the state `failed`. */
  failed(error: RepriseError): void;
}

export interface Link {
  /** Set while welcomed. */
  readonly connection: Connection | undefined;
  open(): void;
  /** Gives up the present connection, if any, and goes on to the next. */
  reconnect(reason: RepriseError): void;
  fail(error: RepriseError): void;
  close(): void;
}

/** Whoever gets these answers would get them again. */
const fatal = new Set([
  "unsupported_version",
  "invalid_argument",
  "protocol_violation",
  "malformed",
  "ack_level_unavailable",
  "unauthenticated",
  "permission_denied",
]);

export function createLink(options: LinkOptions, state: StateCell, events: LinkEvents): Link {
  const { now = () => performance.now(), random = Math.random } = options.backoff;
  const places = createPlaces(options.addresses, now, random);
  const backoff = createBackoff(options.backoff);
  let tries = 0;
  let everConnected = false;
  /** The one that is tried, or where it is connected. */
  let place: Place = places.next().place;
  let opening: Connection | undefined;
  let connection: Connection | undefined;
  /** What the node asked for in its draining notice. */
  let retryAfterMs = 0;
  let timer: NodeJS.Timeout | undefined;

  function tryPlace(): void {
    tries++;
    const { address } = place;
    state.set({ kind: "connecting", address });
    // A listener may have closed the bus, here and below.
    if (isFinal(state.current)) return;
    try {
      opening = openConnection(address, events.hello(), options, { welcomed, item, ended });
    } catch (thrown) {
      // gRPC cannot make anything of the address, or of the options for it.
      ended(toRepriseError(thrown, "invalid_argument"));
    }
  }

  function welcomed(welcome: Welcome): void {
    const { node, session, ackLevel } = welcome;
    const { address } = place;
    if (!satisfies(ackLevel, options.ackLevel)) {
      const what = `${address}: an acknowledgement of node ${node} means ${ackLevel}, not ${options.ackLevel}`;
      ended(new RepriseError("ack_level_unavailable", what));
      return;
    }
    everConnected = true;
    connection = opening!;
    opening = undefined;
    backoff.succeeded();
    state.set({ kind: "connected", address, node, session, ackLevel, bufferAway: false });
    if (connection !== undefined) events.connected(connection, welcome);
  }

  function item(item: ServerItem): void {
    if (item.kind === "draining") {
      retryAfterMs = item.retryAfterMs;
      state.set({ kind: "draining", address: place.address, retryAfterMs });
    }
    if (item.kind === "heartbeat") {
      const { current } = state;
      if (current.kind === "connected" && current.bufferAway !== item.bufferAway) {
        state.set({ ...current, bufferAway: item.bufferAway });
      }
    }
    events.item(item);
  }

  function release(): void {
    clearTimeout(timer);
    opening?.close();
    opening = undefined;
    if (connection === undefined) return;
    connection.close();
    connection = undefined;
    events.lost();
  }

  function ended(reason: RepriseError): void {
    release();
    if (isFinal(state.current)) return;
    const triedAll = everConnected || tries >= options.addresses.length;
    if (fatal.has(reason.code) || (!options.reconnect && triedAll)) {
      fail(reason);
      return;
    }
    const { attempt, delayMs } = backoff.failed();
    place.notBefore = now() + retryAfterMs;
    retryAfterMs = 0;
    const next = places.next();
    place = next.place;
    const nextTryMs = delayMs + Math.round(next.waitMs);
    state.set({ kind: "reconnecting", attempt, reason, nextTryMs });
    if (!isFinal(state.current)) timer = setTimeout(tryPlace, nextTryMs);
  }

  function fail(error: RepriseError): void {
    release();
    if (isFinal(state.current)) return;
    state.set({ kind: "failed", error });
    events.failed(error);
  }

  return {
    get connection() {
      return connection;
    },
    open: tryPlace,
    reconnect: ended,
    fail,
    close() {
      release();
      state.set({ kind: "closed" });
    },
  };
}
