// A real Redis Cluster for a test: its servers on loopback, gone after the test.
import slotOf from "cluster-key-slot";
import { ask, freePort, type RedisServer, startRedis } from "./redis.js";
import { replicasOnline } from "./redis-sentinel.js";
import { type T, until } from "./scope.js";

export interface ClusterServer extends RedisServer {
  /** Its node id. */
  id: string;
  busPort: number;
}

export interface Migration {
  /** Moves these keys, which must be of the slot; without any, all that are left. */
  moveKeys(...keys: string[]): Promise<void>;
  /** The slot belongs to the new master from now on. */
  finish(): Promise<void>;
}

export interface ClusterSet {
  /** redis-cluster://127.0.0.1:PORT,… */
  url: string;
  /** The masters at the beginning, each with a third (or so) of the slots. */
  masters: ClusterServer[];
  /** In the order of their masters; empty without replicas. */
  replicas: ClusterServer[];
  /** The present master of a key's slot, as the others that live see it. */
  masterOf(key: string): Promise<ClusterServer>;
  /** Waits until the slot of the key has another master than `old`, and all that live agree. */
  promoted(key: string, old: ClusterServer): Promise<ClusterServer>;
  /** Begins to move a slot; until `finish`, both masters serve it. */
  migration(slot: number, to: ClusterServer): Promise<Migration>;
  /** Moves a slot with its keys. */
  migrate(slot: number, to: ClusterServer): Promise<void>;
}

const slots = 16_384;

/**
 * Starts a Cluster and waits until all its servers take it for whole. A master that does not answer for about a second
 * is replaced by its replica, if it has one, about two seconds later. `args` are for every server.
 */
export async function startCluster(
  t: T,
  { masters: count = 3, replicasPerMaster = 0, args = [] as string[] } = {},
): Promise<ClusterSet> {
  const all = await Promise.all(Array.from({ length: count * (1 + replicasPerMaster) }, () => startNode(t, args)));
  const masters = all.slice(0, count);
  const replicas = all.slice(count);
  for (const [i, master] of masters.entries()) {
    const [from, to] = [Math.floor((i * slots) / count), Math.floor(((i + 1) * slots) / count) - 1];
    await ask(master, "CLUSTER", "ADDSLOTSRANGE", from, to);
    await ask(master, "CLUSTER", "SET-CONFIG-EPOCH", i + 1);
  }
  for (const { port, busPort } of all.slice(1)) {
    await ask(all[0]!, "CLUSTER", "MEET", "127.0.0.1", port, busPort);
  }
  await allSay(all, `cluster_known_nodes:${all.length}`);
  for (const [i, replica] of replicas.entries()) {
    const master = masters[i % count]!;
    await until(
      () =>
        ask(replica, "CLUSTER", "REPLICATE", master.id).then(
          () => true,
          () => false,
        ),
      "a replica knows its master",
    );
  }
  await allSay(all, "cluster_state:ok");
  await until(async () => {
    const online = await Promise.all(masters.map(replicasOnline));
    return online.every((count) => count === replicasPerMaster);
  }, "the replicas are in sync");

  async function seenOwners(slot: number): Promise<Set<string>> {
    const answers = await Promise.all(all.map((server) => ask(server, "CLUSTER", "SLOTS").catch(() => undefined)));
    const ranges = answers.flatMap((answer) => (answer ?? []) as [number, number, [string, number, string]][]);
    return new Set(ranges.filter(([from, to]) => from <= slot && slot <= to).map(([, , [, , id]]) => id));
  }
  async function ownerBut(key: string, old: ClusterServer | undefined): Promise<ClusterServer> {
    let owner: ClusterServer | undefined;
    await until(async () => {
      const seen = await seenOwners(slotOf(key));
      owner = seen.size === 1 ? all.find(({ id }) => seen.has(id)) : undefined;
      return owner !== undefined && owner !== old;
    }, `the slot of ${key} has a master`);
    return owner!;
  }
  async function migration(slot: number, to: ClusterServer): Promise<Migration> {
    const [id] = await seenOwners(slot);
    const from = all.find((server) => server.id === id)!;
    await ask(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", from.id);
    await ask(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", to.id);
    const move = (keys: string[]) => ask(from, "MIGRATE", "127.0.0.1", to.port, "", 0, 1_000, "KEYS", ...keys);
    return {
      async moveKeys(...keys) {
        if (keys.length > 0) await move(keys);
        else {
          for (;;) {
            const some = (await ask(from, "CLUSTER", "GETKEYSINSLOT", slot, 10)) as string[];
            if (some.length === 0) return;
            await move(some);
          }
        }
      },
      async finish() {
        const others = all.filter((server) => server !== to && server !== from);
        for (const server of [to, from]) await ask(server, "CLUSTER", "SETSLOT", slot, "NODE", to.id);
        // The others hear of it anyway; replicas are not asked.
        for (const server of others) await ask(server, "CLUSTER", "SETSLOT", slot, "NODE", to.id).catch(() => {});
      },
    };
  }
  return {
    url: `redis-cluster://${all.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
    masters,
    replicas,
    masterOf: (key) => ownerBut(key, undefined),
    promoted: (key, old) => ownerBut(key, old),
    migration,
    async migrate(slot, to) {
      const { moveKeys, finish } = await migration(slot, to);
      await moveKeys();
      await finish();
    },
  };
}

async function startNode(t: T, args: string[]): Promise<ClusterServer> {
  const busPort = await freePort();
  const server = await startRedis(
    t,
    ...["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port", String(busPort)],
    ...["--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0", ...args],
  );
  return Object.assign(server, { id: String(await ask(server, "CLUSTER", "MYID")), busPort });
}

function allSay(servers: ClusterServer[], line: string): Promise<void> {
  return until(async () => {
    const infos = await Promise.all(servers.map((server) => ask(server, "CLUSTER", "INFO")));
    return infos.every((info) => String(info).split("\r\n").includes(line));
  }, `every server says ${line}`);
}
