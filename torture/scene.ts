// Everything that runs: the store, nodes, each behind a line to Redis and a proxy to its clients, and the players.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AckLevel } from "../src/client/index.js";
import { startProxy } from "../test/client/proxy.js";
import type { RedisServer } from "../test/redis.js";
import { type BrokerOptions, type BrokerProcess, startBroker } from "../test/scenarios/broker-process.js";
import { type Line, startLine } from "../test/scenarios/line.js";
import { type T, temporaryFolder } from "../test/scope.js";
import { cast, type Part, type Player } from "./cast.js";
import type { HarnessLine } from "./check/history.js";
import { type Disk, mountDisk } from "./disk.js";
import type { Journal } from "./journal.js";
import { patiently } from "./patience.js";
import type { Random } from "./random.js";
import { revive } from "./revive.js";
import { ways } from "./roles.js";
import type { StoreKind } from "./schedule.js";
import { openStore, redisName, type Store } from "./store.js";

export interface Node {
  name: string;
  /** What it promises. */
  level: AckLevel;
  /** May be killed and restarted. */
  mortal: boolean;
  broker: BrokerProcess;
  proxy: Awaited<ReturnType<typeof startProxy>>;
  /** Its way to the only Redis; the addresses in a set are found, and no line can stand in between. */
  line: Line | undefined;
}

export interface Scene {
  folder: string;
  journal: Journal<HarnessLine>;
  /** Undefined where the buffer is embedded. */
  store: Store | undefined;
  /** The only one. */
  redis: RedisServer | undefined;
  /** That of the embedded buffer, where one of its own could be mounted. */
  disk: Disk | undefined;
  nodes: Node[];
  publishers: Player[];
  subscribers: Player[];
  channels: string[];
}

export interface Size {
  nodes: number;
  /** And as many again without the client library, but not more than there are ways to publish. */
  publishers: number;
  channels: number;
  /** Nodes take turns with them. */
  levels: AckLevel[];
  /** Little is kept, and the last node lives from the beginning to the end. */
  soak: boolean;
}

/** Of any channel in a soak: some ten seconds of its load. */
const soakMessages = 10_000;
/** Of channels whose names begin with `brief`. */
const briefMessages = 300;

export async function openScene(
  t: T,
  folder: string,
  journal: Journal<HarnessLine>,
  size: Size,
  kind: StoreKind,
): Promise<Scene> {
  const stage = kind.buffer === "redis" ? await overRedis(t, journal, size, kind) : await alone(t, journal, size, kind);
  for (const { name } of stage.nodes) journal.write({ kind: "cast", who: name, part: "node" });
  stage.store?.servers.forEach((_, i) => void journal.write({ kind: "cast", who: redisName(i), part: "redis" }));
  const channels = Array.from({ length: size.channels }, (_, i) => (i % 3 === 2 ? `brief-${i}` : `channel-${i}`));
  for (const channel of channels) {
    const messages = channel.startsWith("brief") ? briefMessages : keptOf(size);
    if (messages !== undefined) journal.write({ kind: "retention", channel, messages });
  }
  t.after(() => {
    for (const { name, broker } of stage.nodes) writeFileSync(join(folder, `${name}.out`), broker.log);
  });
  return { folder, journal, ...stage, publishers: [], subscribers: [], channels };
}

const keptOf = ({ soak }: Size): number | undefined => (soak ? soakMessages : undefined);

const retain = (size: Size): string[] => {
  const kept = keptOf(size);
  return [...(kept === undefined ? [] : [`messages=${kept}`]), `brief* messages=${briefMessages}`];
};

type Stage = Pick<Scene, "store" | "redis" | "disk" | "nodes">;

/** What it did by itself is put down; then it is started again, as whoever looks after it would. */
const startNode = (t: T, journal: Journal<HarnessLine>, name: string, options: BrokerOptions) =>
  startBroker(t, {
    ...options,
    args: ["--node", name, ...(options.args ?? [])],
    fell(broker, how) {
      if (t.signal.aborted) return;
      journal.write({ kind: "exit", process: name, how });
      // If that is in vain, it does not tell in the end what it holds.
      revive(broker).catch(() => {});
    },
  });

async function overRedis(t: T, journal: Journal<HarnessLine>, size: Size, kind: StoreKind): Promise<Stage> {
  const { levels, soak } = size;
  const store = await openStore(t, kind.store, kind.fsync === "always" || levels.includes("fsynced"));
  const redis = store.kind === "single" ? store.redis : undefined;
  const nodes = Array.from({ length: size.nodes }, async (_, i): Promise<Node> => {
    const name = `node-${i + 1}`;
    const level = levels[i % levels.length]!;
    const line = store.kind === "single" ? await startLine(t, store.redis.port) : undefined;
    const buffer = store.kind === "single" ? line!.url : store.url;
    const args = ["--drain-window", "1s", "--ack", level];
    const broker = await patiently(() => startNode(t, journal, name, { buffer, retain: retain(size), args }));
    const mortal = !soak || i < size.nodes - 1;
    return { name, level, mortal, broker, line, proxy: await startProxy(t, broker.address) };
  });
  return { store, redis, disk: undefined, nodes: await Promise.all(nodes) };
}

/** One node with its embedded buffer. */
async function alone(t: T, journal: Journal<HarnessLine>, size: Size, { fsync }: StoreKind): Promise<Stage> {
  const disk = mountDisk(t);
  const buffer = `embedded:${join(disk?.folder ?? temporaryFolder(t), "data")}`;
  const name = "node-1";
  const args = ["--fsync", fsync];
  const broker = await startNode(t, journal, name, { buffer, retain: retain(size), args });
  const common = { name, level: size.levels[0]!, mortal: true, line: undefined };
  const nodes = [{ ...common, broker, proxy: await startProxy(t, broker.address) }];
  return { store: undefined, redis: undefined, disk, nodes };
}

/**
 * Fills the scene; nobody has started yet.
 * @param perSecond of each publisher; 0: without any pause
 * @param suffix of all names
 */
export function fillScene(t: T, scene: Scene, size: Size, random: Random, perSecond: number, suffix = ""): void {
  const { channels, publishers, subscribers } = scene;
  const all = scene.nodes.map(({ proxy }) => proxy.address);
  /** Every second one knows one node only. */
  let client = 0;
  const addresses = (among = all): string[] => {
    const own = among[client++ % among.length]!;
    return client % 2 === 0 ? [own] : [own, ...among.filter((address) => address !== own)];
  };
  const add = (list: Player[], name: string, part: Part) => void list.push(cast(t, scene, name, part));
  for (let i = 0; i < size.publishers; i++) {
    const ackLevel = size.levels[i % size.levels.length]!;
    const fit = scene.nodes.filter(({ level }) => level === ackLevel).map(({ proxy }) => proxy.address);
    const role = { addresses: addresses(fit), seed: random.between(1, 1e9), channels, perSecond, ackLevel };
    add(publishers, `publisher-${i + 1}${suffix}`, { program: "publisher", role });
  }
  const first = random.between(0, ways.length - 1);
  for (let i = 0; i < Math.min(size.publishers, ways.length); i++) {
    const way = ways[(first + i) % ways.length]!;
    const ackLevel = size.levels[i % size.levels.length]!;
    const fit = scene.nodes.filter(({ level }) => level === ackLevel).map(({ proxy }) => proxy.address);
    // A stream of lines has one channel.
    const own = way === "biStream" ? [random.pick(channels)] : channels;
    const role = { addresses: fit, seed: random.between(1, 1e9), channels: own, perSecond, ackLevel, way };
    add(publishers, `publisher-${way}${suffix}`, { program: "outside-publisher", role });
  }
  const subscriber = (name: string, more: { from: "new" | "earliest"; stores: boolean; slowMs?: number }) => {
    const member = `member-${name}`;
    const role = { addresses: addresses(), channels, member, ...more };
    add(subscribers, `subscriber-${name}${suffix}`, { program: "subscriber", role });
  };
  subscriber("live", { from: "new", stores: false });
  subscriber("earliest", { from: "earliest", stores: false });
  subscriber("storing-a", { from: "earliest", stores: true });
  subscriber("storing-b", { from: "new", stores: true });
  subscriber("slow", { from: "earliest", stores: true, slowMs: 60 });
  const one = () => ({ addresses: addresses(), channels: [random.pick(channels)] });
  add(subscribers, `subscriber-stream${suffix}`, { program: "stream", role: { ...one(), addresses: all } });
  add(subscribers, `subscriber-lines${suffix}`, { program: "lines", role: { ...one(), addresses: all } });
  add(subscribers, `subscriber-command${suffix}`, { program: "command", role: one() });
}

/** Comes now, and reads everything that is there. */
export function addLate(t: T, scene: Scene, name: string): void {
  const addresses = scene.nodes.map(({ proxy }) => proxy.address);
  const role = { addresses, channels: scene.channels, from: "earliest" as const, stores: false };
  const late = cast(t, scene, `subscriber-${name}`, { program: "subscriber", role });
  late.start();
  scene.subscribers.push(late);
}
