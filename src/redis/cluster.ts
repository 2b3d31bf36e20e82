// Which master of a Cluster has which slots, by one of its servers: the last one that answered, another one at the next
// look if it does not, or if it takes the Cluster for down: then it may be cut off and know nothing new.
import { RepriseError } from "../wire/errors.js";
import { type Address, display, type Endpoint } from "./address.js";
import { type Client, closeClient, createClient, opened } from "./client.js";
import type { Assignment, Directory } from "./masters.js";

type SlotRange = [from: number, to: number, master: [host: string | null, port: number], ...replicas: unknown[]];

export function clusterDirectory(address: Address, timeoutMs: number): Directory {
  let known: readonly Endpoint[] = address.endpoints;
  let turn = Math.floor(Math.random() * known.length);
  let asked: { endpoint: Endpoint; client: Client } | undefined;

  function choose() {
    if (asked) return asked;
    const endpoint = known[turn++ % known.length]!;
    const client = createClient(endpoint, address, "slots", timeoutMs);
    // Told to whoever asks.
    client.on("error", () => {});
    asked = { endpoint, client };
    return asked;
  }

  function drop(): void {
    if (asked) closeClient(asked.client);
    asked = undefined;
  }

  return {
    async ask() {
      const { endpoint, client } = choose();
      try {
        await opened(client);
        const assignments = await askAssignments(client, endpoint);
        if (/^cluster_state:fail/m.test(String(await client.cluster("INFO")))) throw new Error("the Cluster is down");
        if (assignments.length === 0) throw new Error("no slots are assigned");
        // Where we began stays a way in.
        const masters = assignments.map(({ master }) => master);
        const ids = new Set(masters.map(display));
        known = [...masters, ...address.endpoints.filter((seed) => !ids.has(display(seed)))];
        return assignments;
      } catch (error) {
        drop();
        throw error;
      }
    },
    close: drop,
  };
}

/** As this server, at `from`, sees it: of its own slots it always knows. */
export async function askAssignments(client: Client, from: Endpoint): Promise<Assignment[]> {
  try {
    return parse((await client.cluster("SLOTS")) as unknown[] as SlotRange[], from);
  } catch (error) {
    if (!(error instanceof Error && /cluster support disabled/.test(error.message))) throw error;
    throw new RepriseError(
      "invalid_argument",
      `Redis at ${display(from)} is not a node of a Cluster: write redis:// for redis-cluster://`,
    );
  }
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
