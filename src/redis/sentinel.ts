// Who the master is, by the sentinels. Each is asked, and the answer of the newest configuration wins: one that is cut
// off, or that has not heard of a failover yet, leads nobody back.

import { RepriseError } from "../wire/errors.js";
import type { Address, Endpoint } from "./address.js";
import { type Client, closeClient, createClient, opened } from "./client.js";
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
  const hinted = new Set<() => void>();
  const sentinels = endpoints.map((endpoint) => {
    const client = createClient(endpoint, login, "sentinel", timeoutMs);
    // Told to whoever asks.
    client.on("error", () => {});
    // A user who may not listen is told by asking.
    client.on("ready", () => void client.subscribe("+switch-master").catch(() => {}));
    client.on("message", () => {
      for (const tell of hinted) tell();
    });
    return client;
  });

  async function askOne(sentinel: Client): Promise<Answer> {
    const unknown = () => new RepriseError("invalid_argument", `the sentinels know no such master: ${where}`);
    const [place, fields] = (await together(sentinel, (pipeline) =>
      pipeline.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name).call("SENTINEL", "MASTER", name),
    ).catch((error: Error) => {
      throw error.message.includes("No such master") ? unknown() : error;
    })) as [[string, string] | null, string[]];
    if (!place) throw unknown();
    const configEpoch = Number(fields[fields.indexOf("config-epoch") + 1]);
    return { master: { host: place[0], port: Number(place[1]) }, configEpoch };
  }

  return {
    async ask() {
      let best: Answer | undefined;
      const asked = sentinels.map(async (sentinel) => {
        await opened(sentinel);
        const answer = await askOne(sentinel);
        if (!best || answer.configEpoch > best.configEpoch) best = answer;
      });
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
    onHint: (tell) => void hinted.add(tell),
    close: () => sentinels.forEach(closeClient),
  };
}
