// The lines of a connection: one to each of the present masters, and for a moment to those that somebody was redirected to.
// A line is made when it is first needed, reconnects by itself, and is dropped when its server is no master any more.
import type { Log } from "../log/log.js";
import type { RepriseError } from "../wire/errors.js";
import { type Address, display, type Endpoint } from "./address.js";
import { type Client, closeClient, createClient } from "./client.js";
import { failureOf, isRefusal } from "./failure.js";
import type { Masters } from "./masters.js";

/** Between two connections given up because the server turned out to be the wrong one. */
const reconnectMs = 500;

/** A connection to one server, and what it failed with last. */
export interface Line {
  endpoint: Endpoint;
  client: Client;
  where: string;
  lastError: string;
  /** Of `performance.now()`. */
  readySince: number;
}

export function createPool(address: Address, masters: Masters, name: string, commandTimeoutMs: number, log: Log) {
  const lines = new Map<string, Line>();
  const waiting = new Set<() => void>();
  const told = new Set<(client: Client, id: string) => void>();
  const reconnectedAt = new WeakMap<Client, number>();
  let refuse: (error: RepriseError) => void = () => {};
  const refused = new Promise<RepriseError>((resolve) => {
    refuse = resolve;
  });
  const wake = () => {
    for (const resume of [...waiting]) resume();
  };

  function line(endpoint: Endpoint): Line {
    const id = display(endpoint);
    const known = lines.get(id);
    if (known) return known;
    const client = createClient(endpoint, address, name, commandTimeoutMs);
    const where = address.form === "server" ? address.where : `${address.where} (${id})`;
    const made: Line = { endpoint, client, where, lastError: "the connection was closed", readySince: 0 };
    lines.set(id, made);
    observe(made, log);
    client.on("ready", () => {
      made.readySince = performance.now();
      if (masters.trusted(made.readySince)) wake();
      else void masters.lookAnew().then(wake);
    });
    client.on("error", (error: Error) => {
      if (isRefusal(error)) refuse(failureOf(error, where).error);
    });
    for (const tell of told) tell(client, id);
    return made;
  }

  function drop(id: string): void {
    const dropped = lines.get(id);
    lines.delete(id);
    if (dropped) closeClient(dropped.client);
  }

  masters.onChange(() => {
    const ids = new Set(masters.all.map(({ id }) => id));
    for (const id of [...lines.keys()].filter((id) => !ids.has(id))) drop(id);
    wake();
  });
  return {
    line,
    refused,
    waiting,
    wake,
    ready(id: string) {
      const client = lines.get(id)?.client;
      return client?.status === "ready" ? client : undefined;
    },
    onClient(tell: (client: Client, id: string) => void) {
      told.add(tell);
    },
    reconnect(client: Client) {
      if (performance.now() < (reconnectedAt.get(client) ?? 0) + reconnectMs) return;
      reconnectedAt.set(client, performance.now());
      client.disconnect(true);
    },
    close: () => [...lines.keys()].forEach(drop),
  };
}

/** What becomes of a line is told to the operator. */
function observe(line: Line, log: Log): void {
  const { client, where } = line;
  let lost = false;
  client.on("reconnecting", () => {
    if (!lost) log.warn({}, `Redis at ${where} is not connected, trying again: ${line.lastError}`);
    lost = true;
  });
  client.on("ready", () => {
    if (lost) log.info({}, `Redis at ${where} is connected again`);
    lost = false;
  });
  client.on("error", (error: Error) => {
    line.lastError = error.message;
  });
}
