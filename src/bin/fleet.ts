// All nodes, each over a connection of its own: for what a node can say of itself alone. Several nodes may be behind one
// address (workers, a load balancer), where each new connection leads to any of them; so it is tried again until all were
// met, for a while.
import type { Bus } from "../client/index.js";
import { type DialOptions, dial } from "./dial.js";
import { note } from "./output.js";

export interface Reached {
  node: string;
  bus: Bus;
}

export interface Fleet {
  /** In the order of their names. */
  readonly nodes: readonly Reached[];
  close(): Promise<void>;
}

/** Connections to one address, for each node there. */
const triesPerNode = 4;

/** Reaches the nodes that the given ones know, and the given ones. Which it does not reach it notes. */
export async function reachAll(given: DialOptions): Promise<Fleet> {
  const reached = new Map<string, Bus>();
  const keep = async (bus: Bus): Promise<void> => {
    const current = bus.state;
    if (current.kind === "connected" && !reached.has(current.node)) reached.set(current.node, bus);
    else await bus.close({ timeoutMs: 0 });
  };
  const meet = async (server: readonly string[]): Promise<void> => {
    await keep(await dial({ ...given, server, discover: false }));
  };
  const close = async () => {
    await Promise.all(Array.from(reached.values(), (bus) => bus.close({ timeoutMs: 0 })));
  };
  try {
    await meet(given.server);
    const entries = await [...reached.values()][0]!.nodes();
    const byAddress = new Map<string, string[]>();
    for (const { node, address, state } of entries) {
      if (state === "ready") byAddress.set(address, [...(byAddress.get(address) ?? []), node]);
    }
    for (const [address, names] of byAddress) {
      const missing = () => names.filter((name) => !reached.has(name));
      let failure = address === "" ? "it has not told an address" : "others answer at its address";
      for (let tries = names.length * triesPerNode; address !== "" && missing().length > 0 && tries > 0; tries--) {
        await meet([address]).catch((thrown: Error) => {
          failure = thrown.message;
          tries = 0;
        });
      }
      for (const name of missing()) note(`node ${name} is not reached: ${failure}`);
    }
    // Of a list that names brokers which do not know each other.
    const others = given.server.length > 1 ? given.server.filter((server) => !byAddress.has(server)) : [];
    for (const server of others) {
      await meet([server]).catch((thrown: Error) => note(`${server} is not reached: ${thrown.message}`));
    }
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const nodes = Array.from(reached, ([node, bus]) => ({ node, bus })).sort((a, b) => (a.node < b.node ? -1 : 1));
  return { nodes, close };
}
