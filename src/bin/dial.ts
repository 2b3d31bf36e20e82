// The way to the broker for commands: connects, and tells people about disconnections, once for each.
import { type Bus, connect, isLoopback, type State, type TlsOptions } from "../client/index.js";
import { note } from "./output.js";
import { tokenOf } from "./token-source.js";

export interface DialOptions {
  server: readonly string[];
  tls?: TlsOptions | undefined;
  /** Whether the token may go to other machines without TLS. Default: no. */
  insecure?: boolean | undefined;
  tokenFile?: string | undefined;
  name?: string | undefined;
  /** Both ways. Default: no. */
  compress?: boolean | undefined;
  /** For the first connection, in ms. Default: 5,000. */
  timeoutMs?: number | undefined;
  /** Whether to go to other nodes too. Default: true. */
  discover?: boolean | undefined;
  /** Where notices go. Default: stderr. */
  notice?: ((line: string) => void) | undefined;
}

const defaultTimeoutMs = 5_000;

export function dial(options: DialOptions): Promise<Bus> {
  const {
    server,
    tls,
    insecure,
    tokenFile,
    name,
    compress,
    discover,
    timeoutMs = defaultTimeoutMs,
    notice = note,
  } = options;
  const forMs = Math.min(timeoutMs, defaultTimeoutMs);
  const onState = notices(notice, forMs, tls !== undefined);
  const token = tokenOf(tokenFile);
  return connect(server, { tls, insecure, token, name, compression: compress, discover, timeoutMs: forMs, onState });
}

/** Too short to be told. */
const momentMs = 100;

function notices(notice: (line: string) => void, firstMs: number, isSecure: boolean): (state: State) => void {
  let everConnected = false;
  let away = false;
  let bufferAway = false;
  return (state) => {
    if (state.kind === "reconnecting" && !away) {
      // Sent to another node: nobody needs to know.
      if (state.reason.code === "draining" && state.nextTryMs <= momentMs) return;
      away = true;
      if (everConnected) notice(`disconnected (${state.reason.message}), trying again`);
      else notice(`not connected (${state.reason.message}), trying for ${firstMs / 1_000} s`);
    } else if (state.kind === "connected") {
      if (away) notice(`connected to ${state.address}`);
      if (!everConnected && !isSecure && !isLoopback(state.address)) {
        notice(`warning: no TLS to ${state.address}: whoever is on the way reads and changes what is sent`);
      }
      if (state.bufferAway) notice("the broker cannot reach its buffer: messages wait, and follow when it can");
      else if (bufferAway) notice("the broker reaches its buffer again");
      bufferAway = state.bufferAway;
      away = false;
      everConnected = true;
    }
  };
}
