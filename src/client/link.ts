// The link to the broker: one connection at a time, and after it the next one.
import type { RepriseError } from "../wire/errors.js";
import type { ServerItem, Welcome } from "../wire/server-frame.js";
import { type BackoffOptions, createBackoff } from "./backoff.js";
import { type Connection, type Hello, openConnection } from "./connection.js";
import { isFinal, type StateCell } from "./state.js";

export interface LinkOptions {
  /** At least one; tried in an order of their own. */
  addresses: readonly string[];
  /** False: the first loss, or one failed try of each address, is final. */
  reconnect: boolean;
  /** For each try. */
  welcomeTimeoutMs: number;
  backoff?: BackoffOptions;
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
const fatal = new Set(["unsupported_version", "invalid_argument", "protocol_violation", "malformed"]);

export function createLink(options: LinkOptions, state: StateCell, events: LinkEvents): Link {
  const addresses = shuffled(options.addresses);
  const backoff = createBackoff(options.backoff);
  let tries = 0;
  let everConnected = false;
  let opening: Connection | undefined;
  let connection: Connection | undefined;
  /** What the node asked for in its draining notice. */
  let retryAfterMs = 0;
  let timer: NodeJS.Timeout | undefined;

  function tryNext(): void {
    const address = addresses[tries++ % addresses.length]!;
    state.set({ kind: "connecting", address });
    const attempt = openConnection(address, events.hello(), options.welcomeTimeoutMs, {
      welcomed(welcome) {
        everConnected = true;
        opening = undefined;
        connection = attempt;
        backoff.succeeded();
        state.set({ kind: "connected", address, node: welcome.node, session: welcome.session });
        events.connected(attempt, welcome);
      },
      item(item) {
        if (item.kind === "draining") {
          retryAfterMs = item.retryAfterMs;
          state.set({ kind: "draining", address, retryAfterMs });
        }
        events.item(item);
      },
      ended,
    });
    opening = attempt;
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
    const triedAll = everConnected || tries >= addresses.length;
    if (fatal.has(reason.code) || (!options.reconnect && triedAll)) {
      fail(reason);
      return;
    }
    const { attempt, delayMs } = backoff.failed();
    // Another node can be asked at once; the one that is stopping says when it may be back.
    const nextTryMs = delayMs + (addresses.length === 1 ? retryAfterMs : 0);
    retryAfterMs = 0;
    state.set({ kind: "reconnecting", attempt, reason, nextTryMs });
    // A listener may have closed the bus.
    if (!isFinal(state.current)) timer = setTimeout(tryNext, nextTryMs);
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
    open: tryNext,
    reconnect: ended,
    fail,
    close() {
      release();
      state.set({ kind: "closed" });
    },
  };
}

/** Spreads clients over the nodes. gRPC's own shuffling does nothing for two addresses. */
function shuffled(addresses: readonly string[]): string[] {
  const result = [...addresses];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
