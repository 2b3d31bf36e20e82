// A server of a Cluster says that another one serves the slot: for good (MOVED), or for the keys that have left while
// the slot is on its way (ASK). Nothing was executed then.
import { Command } from "ioredis";
import type { Endpoint } from "./address.js";
import type { Client } from "./client.js";

export interface Redirection {
  kind: "MOVED" | "ASK";
  to: Endpoint;
}

/** @param from who said it: an empty host in the answer is the same as its own */
export function redirectionOf(thrown: unknown, from: Endpoint): Redirection | undefined {
  if (!(thrown instanceof Error) || thrown.name !== "ReplyError") return undefined;
  const [, kind, host, port] = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(thrown.message) ?? [];
  if (kind === undefined || host === "?" || !(Number(port) > 0)) return undefined;
  return { kind: kind as Redirection["kind"], to: { host: host || from.host, port: Number(port) } };
}

/** The client, each command of which is preceded by ASKING: the server then serves slots that are on their way to it. */
export function asking(client: Client): Client {
  const sendCommand: Client["sendCommand"] = (command, stream) => {
    const first = new Command("asking");
    first.promise.catch(() => {});
    client.sendCommand(first, stream);
    return client.sendCommand(command, stream);
  };
  return Object.create(client, { sendCommand: { value: sendCommand } });
}
