// The nodes that share this node's store, itself included.
//
// About three times a lease this node announces itself, with its present load, and reads the others. That the registry
// is away changes nothing here: what was last read stays, and only peers that ask for the first time know less. Nothing
// here rejects; what goes wrong is logged, once when the registry goes away and once when it is back.
//
//   list        the nodes as last read; this one as it is now
//   addresses   where peers may go: the ready ones of them
//   elsewhere   the ready ones that do not end with this one
//   onAddresses when these change
//   entry       what this node says of itself now
//   drain       from now on it says `draining`
//   withdraw    from now on it is not there
import type { Log } from "../log/log.js";
import type { NodeEntry, NodeRegistry } from "../nodes/registry.js";

export interface NodesOptions {
  /** Without: this node shares its store with nobody. */
  registry?: NodeRegistry | undefined;
  node: string;
  /** Whether a node is of the same process: such end together. */
  isSibling?: ((node: string) => boolean) | undefined;
  version: string;
  zone?: string | undefined;
  /** Read at each announcement. */
  warnings?: readonly string[] | undefined;
  /** The load: live sessions. */
  sessions: () => number;
  log: Log;
}

export interface Nodes {
  /** This node, until it withdraws, and the others as last read, in the order of their names. */
  readonly list: readonly NodeEntry[];
  /** HOST:PORT of the nodes in `list` that are ready and have told where they are, in order, each once. */
  readonly addresses: readonly string[];
  /** Of the others those that are ready, without this one's siblings: where its sessions can go when it ends. */
  readonly elsewhere: readonly NodeEntry[];
  readonly entry: NodeEntry;
  /** Called when `addresses` has other members than before. Returns what removes the listener. */
  onAddresses(listener: (addresses: readonly string[]) => void): () => void;
  /** Enters this node under its address and keeps it there. Resolves after the first try. */
  start(address: string): Promise<void>;
  /** Reads the list anew, as far as the registry answers. */
  refresh(): Promise<void>;
  /** This node is `draining` from now on; the others are told at once. Resolves after the try. */
  drain(): Promise<void>;
  /** Removes this node, for good; `list` still follows the others until `close`. Resolves after the try. */
  withdraw(): Promise<void>;
  /** Ends the announcements. The entry stays until it was withdrawn or its lease has run out. */
  close(): void;
}

/** In one lease, so that two may fail. */
const announcements = 3;

export function createNodes(options: NodesOptions): Nodes {
  const { registry, node, isSibling = () => false, version, zone = "", warnings = [], sessions, log } = options;
  const startedAtMs = Date.now();
  const listeners = new Set<(addresses: readonly string[]) => void>();
  let stage: "ready" | "draining" | "withdrawn" = "ready";
  let address = "";
  let others: readonly NodeEntry[] = [];
  let addresses: readonly string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  /** It was entered, at least once. */
  let announced = false;
  const watched = watchHealth(registry?.description ?? "", log);
  const inTurn = createTurns();

  const entry = (): NodeEntry => ({
    node,
    address,
    zone,
    version,
    state: stage === "ready" ? "ready" : "draining",
    sessions: sessions(),
    startedAtMs,
    warnings,
  });
  const list = () => (stage === "withdrawn" ? others : [...others, entry()].sort(byName));

  function tell(): void {
    const now = addressesOf(list());
    if (closed || now.join() === addresses.join()) return;
    addresses = now;
    for (const listener of [...listeners]) listener(now);
  }
  // One after the other: what was said last must be what stands there in the end.
  const announce = () =>
    inTurn(async () => {
      if (stage === "withdrawn") return;
      await watched(
        registry?.announce(entry()).then(() => {
          announced = true;
        }),
      );
    });
  async function refresh(): Promise<void> {
    const entered = announced;
    const read = await watched(registry?.list());
    // Where this node is missing, leases cannot be renewed (Redis takes no writes for the moment), and others are missing
    // for no other reason.
    const missing = entered && stage !== "withdrawn" && read?.every((one) => one.node !== node);
    if (read !== undefined && missing !== true) others = read.filter((one) => one.node !== node);
    tell();
  }
  async function keepUp(registry: NodeRegistry): Promise<void> {
    await Promise.all([announce(), refresh()]);
    if (closed) return;
    const pauseMs = (registry.leaseMs / announcements) * (0.8 + 0.4 * Math.random());
    timer = setTimeout(() => void keepUp(registry), pauseMs);
  }

  return {
    get list() {
      return list();
    },
    get addresses() {
      return addresses;
    },
    get elsewhere() {
      return others.filter((one) => one.state === "ready" && !isSibling(one.node));
    },
    get entry() {
      return entry();
    },
    onAddresses(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async start(at) {
      address = at;
      tell();
      if (registry !== undefined) await keepUp(registry);
    },
    refresh,
    async drain() {
      if (stage !== "ready") return;
      stage = "draining";
      tell();
      await announce();
    },
    async withdraw() {
      if (stage === "withdrawn") return;
      stage = "withdrawn";
      tell();
      await inTurn(async () => void (await watched(registry?.withdraw(node))));
    },
    close() {
      closed = true;
      clearTimeout(timer);
      listeners.clear();
    },
  };
}

const byName = (a: NodeEntry, b: NodeEntry): number => (a.node < b.node ? -1 : 1);

function addressesOf(entries: readonly NodeEntry[]): string[] {
  const ready = entries.filter(({ state, address }) => state === "ready" && address !== "");
  return [...new Set(ready.map(({ address }) => address))].sort();
}

/** Waits for a call of the registry; undefined if it failed. Logs when calls begin to fail, and when one succeeds again. */
function watchHealth(where: string, log: Log) {
  let away = false;
  return async <A>(call: Promise<A> | undefined): Promise<A | undefined> => {
    if (call === undefined) return undefined;
    try {
      const answer = await call;
      if (away) log.info({}, `the registry of nodes, ${where}, is back`);
      away = false;
      return answer;
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      const meanwhile = "other nodes are taken as they were last known";
      if (!away) log.warn({}, `the registry of nodes, ${where}, is away; ${meanwhile}: ${why}`);
      away = true;
      return undefined;
    }
  };
}

/** Does one thing after the other. Nothing that is given to it may reject. */
function createTurns(): (work: () => Promise<void>) => Promise<void> {
  let last = Promise.resolve();
  return (work) => {
    last = last.then(work);
    return last;
  };
}
