// The link to the broker: one connection at a time, and after it the next one.
import { type AckLevel, satisfies } from "../wire/ack-level.js";
import { requestNumbers } from "../wire/client-frame.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import type { ServerItem, Welcome } from "../wire/server-frame.js";
import { type BackoffOptions, createBackoff } from "./backoff.js";
import { type Connection, type ConnectionOptions, type Hello, openConnection } from "./connection.js";
import type { Discovery } from "./discovery.js";
import { createPlaces, type Place } from "./places.js";
import { isFinal, type StateCell } from "./state.js";
import { createRenewal, readToken, type TokenSource } from "./token.js";

export interface LinkOptions extends Omit<ConnectionOptions, "token"> {
  /** Undefined: nodes do not ask who this is. */
  token: TokenSource | undefined;
  /** Its certificate is a file, in which there may be a new one for the next connection. Default: no. */
  mayShowAnother?: boolean;
  /** Asked before each try. Closed with the link. */
  discovery: Discovery;
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

/** Before a try where a node has sent us, if there were others shortly before. */
const longestMoveMs = 100;

/** Whoever gets these answers from an address of his own would get them again. */
const fatal = new Set([
  "unsupported_version",
  "invalid_argument",
  "protocol_violation",
  "malformed",
  "ack_level_unavailable",
  "unauthenticated",
  "permission_denied",
]);

/**
 * Tokens and certificates that a node may refuse one after the other: there may be a newer one. Once there was a good one, it
 * gets about half a minute, with our backoff.
 */
const mostRefusedAtFirst = 2;
const mostRefusedLater = 10;

const isFatalCode = ({ code }: RepriseError, mayHaveAnother: boolean): boolean =>
  fatal.has(code) && !(code === "unauthenticated" && mayHaveAnother);

export function createLink(options: LinkOptions, state: StateCell, events: LinkEvents): Link {
  const { now = () => performance.now(), random = Math.random } = options.backoff;
  const places = createPlaces(now, random);
  const backoff = createBackoff(options.backoff);
  const renewal = createRenewal(options.token, options.backoff);
  /** Times that nodes did not accept who this is, one after the other. */
  let refusals = 0;
  let tries = 0;
  let everConnected = false;
  /** The one that is tried next, is tried, or where it is connected; undefined: none is known. */
  let place: Place | undefined;
  /** Counts what happened, so that what was waited for before knows that it is late. */
  let turns = 0;
  let opening: Connection | undefined;
  let connection: Connection | undefined;
  /** What the node asked for in its draining notice. */
  let retryAfterMs = 0;
  let timer: NodeJS.Timeout | undefined;

  async function tryPlace(): Promise<void> {
    tries++;
    const turn = ++turns;
    const asked = await options.discovery.addresses().then(places.seed, (thrown) => toRepriseError(thrown));
    if (turn !== turns || isFinal(state.current)) return;
    const token = await readToken(options.token).catch(toRepriseError);
    if (turn !== turns || isFinal(state.current)) return;
    if (place === undefined || !places.has(place)) place = places.next()?.place;
    if (token instanceof RepriseError) ended(token);
    else if (place === undefined) ended(asked ?? new RepriseError("unavailable", "no address is known"));
    else open(place.address, token);
  }

  function open(address: string, token: string | undefined): void {
    state.set({ kind: "connecting", address });
    // A listener may have closed the bus, here and below.
    if (isFinal(state.current)) return;
    const serverName = options.serverName ?? options.discovery.serverName(address);
    try {
      opening = openConnection(address, events.hello(), { ...options, token, serverName }, { welcomed, item, ended });
    } catch (thrown) {
      // gRPC cannot make anything of the address, or of the options for it.
      ended(toRepriseError(thrown, "invalid_argument"));
    }
  }

  function welcomed(welcome: Welcome): void {
    const { node, session, ackLevel } = welcome;
    const { address } = place!;
    if (!satisfies(ackLevel, options.ackLevel)) {
      const what = `${address}: an acknowledgement of node ${node} means ${ackLevel}, not ${options.ackLevel}`;
      ended(new RepriseError("ack_level_unavailable", what));
      return;
    }
    everConnected = true;
    refusals = 0;
    connection = opening!;
    opening = undefined;
    backoff.succeeded();
    places.reached(place!);
    state.set({ kind: "connected", address, node, session, ackLevel, bufferAway: false });
    if (connection !== undefined) events.connected(connection, welcome);
  }

  function item(item: ServerItem): void {
    const { current } = state;
    if (item.kind === "draining") {
      retryAfterMs = item.retryAfterMs;
      places.prefer(item.addresses);
      state.set({ kind: "draining", address: place!.address, retryAfterMs });
    } else if (item.kind === "nodes") {
      places.find(item.addresses);
    } else if (item.kind === "heartbeat" && current.kind === "connected" && current.bufferAway !== item.bufferAway) {
      state.set({ ...current, bufferAway: item.bufferAway });
    }
    if (item.kind === "authenticated") renewal.accepted(connection!, item.expiresInMs);
    if (item.kind === "error" && item.request === requestNumbers.authenticate) renewal.refused(connection!);
    else events.item(item);
  }

  function release(): void {
    turns++;
    clearTimeout(timer);
    renewal.stop();
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
    const triedAll = everConnected || tries >= places.size;
    // Of an address that we were told we do not know what it is that answers there.
    if (reason.code === "unauthenticated") refusals++;
    const mostRefused = everConnected ? mostRefusedLater : mostRefusedAtFirst;
    const { token, mayShowAnother = false } = options;
    const isRenewed = typeof token === "function" || (token === undefined && mayShowAnother);
    const mayHaveAnother = isRenewed && refusals < mostRefused;
    const isFatal = isFatalCode(reason, mayHaveAnother) && (place === undefined || places.isGiven(place));
    // Somebody must mend the certificates, or tell us of others: until then no try will be the first to succeed.
    const isHopeless = !options.reconnect || (reason.code === "tls_failed" && !everConnected);
    if (isFatal || (isHopeless && triedAll)) {
      fail(reason);
      return;
    }
    const { attempt, delayMs } = backoff.failed();
    // Many are told the same: they shall not come back together.
    if (place !== undefined) place.notBefore = now() + (reason.retryAfterMs ?? retryAfterMs) * (1 + random() / 2);
    retryAfterMs = 0;
    const next = places.next() ?? { place: undefined, waitMs: 0, preferred: false };
    place = next.place;
    // A node that sends its peers away does so one after the other, and they are expected elsewhere at once. But nodes
    // that send it to and fro shall not make it spin.
    const pauseMs = next.preferred ? Math.min(delayMs, attempt === 1 ? 0 : longestMoveMs) : delayMs;
    const nextTryMs = pauseMs + Math.round(next.waitMs);
    state.set({ kind: "reconnecting", attempt, reason, nextTryMs });
    if (!isFinal(state.current)) timer = setTimeout(() => void tryPlace(), nextTryMs);
  }

  function fail(error: RepriseError): void {
    release();
    if (isFinal(state.current)) return;
    options.discovery.close();
    state.set({ kind: "failed", error });
    events.failed(error);
  }

  return {
    get connection() {
      return connection;
    },
    open: () => void tryPlace(),
    reconnect: ended,
    fail,
    close() {
      release();
      options.discovery.close();
      state.set({ kind: "closed" });
    },
  };
}
