// Which master of a Cluster has which slots, by one of its servers: the last one that answered, another one at the next
// look if it does not, since one that is cut off knows nothing new.
import { type Address, display, type Endpoint } from "./address.js";
import { type Client, closeClient, createClient } from "./client.js";
import type { Assignment, Directory } from "./masters.js";

type SlotRange = [from: number, to: number, master: [host: string | null, port: number], ...replicas: unknown[]];

export function clusterDirectory(address: Address, timeoutMs: number): Directory {
  let known: readonly Endpoint[] = address.endpoints;
  let turn = Math.floor(Math.random() * known.length);
  let asked: { endpoint: Endpoint; client: Client; lastError: unknown } | undefined;

  function choose() {
    if (asked) return asked;
    const endpoint = known[turn++ % known.length]!;
    const client = createClient(endpoint, address, "slots", timeoutMs);
    const chosen = { endpoint, client, lastError: new Error("it is not connected yet") as unknown };
    client.on("error", (error: Error) => {
      chosen.lastError = error;
    });
    asked = chosen;
    return chosen;
  }

  function drop(): void {
    if (asked) closeClient(asked.client);
    asked = undefined;
  }

  return {
    async ask() {
      const { endpoint, client, lastError } = choose();
      try {
        if (client.status !== "ready") await opened(client);
        const ranges = (await client.cluster("SLOTS")) as unknown[] as SlotRange[];
        const assignments = parse(ranges, endpoint);
        if (assignments.length === 0) throw new Error("no slots are assigned");
        // Where we began stays a way in.
        const masters = assignments.map(({ master }) => master);
        const ids = new Set(masters.map(display));
        known = [...masters, ...address.endpoints.filter((seed) => !ids.has(display(seed)))];
        return assignments;
      } catch (error) {
        drop();
        throw error ?? lastError;
      }
    },
    close: drop,
  };
}

/** Resolves when it is ready, rejects at the first error. */
function opened(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void) => () => {
      client.off("ready", ready);
      client.off("error", failed);
      client.off("close", closed);
      settled();
    };
    let error: unknown = new Error("the connection was closed");
    const ready = settle(resolve);
    const failed = (thrown: Error) => {
      error = thrown;
      settle(() => reject(error))();
    };
    const closed = settle(() => reject(error));
    client.once("ready", ready);
    client.once("error", failed);
    client.once("close", closed);
  });
}

function parse(ranges: readonly SlotRange[], from: Endpoint): Assignment[] {
  const assignments = new Map<string, { master: Endpoint; slots: [number, number][] }>();
  for (const [first, last, [host, port]] of ranges) {
    // A server that does not know its own host, or ours of it.
    const master = { host: host === null || host === "" || host === "?" ? from.host : host, port };
    const id = display(master);
    const known = assignments.get(id);
    if (known) known.slots.push([first, last]);
    else assignments.set(id, { master, slots: [[first, last]] });
  }
  return [...assignments.values()];
}
