// Who the master is, by the sentinels. Each is asked, and the answer of the newest configuration wins: one that is cut
// off, or that has not heard of a failover yet, leads nobody back.

import { RepriseError } from "../wire/errors.js";
import type { Address, Endpoint } from "./address.js";
import { type Client, closeClient, createClient } from "./client.js";
import { allSlots, type Directory } from "./masters.js";
import { together } from "./pipeline.js";

interface Answer {
  master: Endpoint;
  /** Rises with each failover. */
  configEpoch: number;
}

/** How long is waited for the others once one sentinel has answered. */
const othersMs = 200;

export function sentinelDirectory(address: Address, timeoutMs: number): Directory {
  const { endpoints, master: name, sentinelUser, sentinelPassword, tls, where } = address;
  const login = { username: sentinelUser, password: sentinelPassword, tls, db: 0 };
  let lastError: unknown = new Error("they are not connected yet");
  const sentinels = endpoints.map((endpoint) => {
    const client = createClient(endpoint, login, "sentinel", timeoutMs);
    client.on("error", (error: Error) => {
      lastError = error;
    });
    return client;
  });

  async function askOne(sentinel: Client): Promise<Answer> {
    const [place, fields] = (await together(sentinel, (pipeline) =>
      pipeline.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name).call("SENTINEL", "MASTER", name),
    )) as [[string, string] | null, string[]];
    if (!place) throw new RepriseError("invalid_argument", `the sentinels of ${where} know no master of that name`);
    const configEpoch = Number(fields[fields.indexOf("config-epoch") + 1]);
    return { master: { host: place[0], port: Number(place[1]) }, configEpoch };
  }

  return {
    async ask() {
      const ready = sentinels.filter((sentinel) => sentinel.status === "ready");
      if (ready.length === 0) throw lastError;
      let best: Answer | undefined;
      const asked = ready.map((sentinel) =>
        askOne(sentinel).then((answer) => {
          if (!best || answer.configEpoch > best.configEpoch) best = answer;
        }),
      );
      await Promise.any(asked).catch((error: AggregateError) => {
        throw error.errors[0];
      });
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise((resolve) => {
        timer = setTimeout(resolve, othersMs);
      });
      await Promise.race([Promise.allSettled(asked), patience]);
      clearTimeout(timer);
      return [allSlots(best!.master)];
    },
    close: () => sentinels.forEach(closeClient),
  };
}
