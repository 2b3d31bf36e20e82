// Everything that runs: the store, nodes, each behind a line to Redis and a proxy to its clients, and the players.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProxy } from "../test/client/proxy.js";
import { type RedisServer, startRedis } from "../test/redis.js";
import { type BrokerProcess, startBroker } from "../test/scenarios/broker-process.js";
import { type Line, startLine } from "../test/scenarios/line.js";
import { type T, temporaryFolder } from "../test/scope.js";
import { cast, type Part, type Player } from "./cast.js";
import type { HarnessLine } from "./check/history.js";
import { type Disk, mountDisk } from "./disk.js";
import type { Journal } from "./journal.js";
import type { Random } from "./random.js";
import type { StoreKind } from "./schedule.js";

export interface Node {
  name: string;
  broker: BrokerProcess;
  proxy: Awaited<ReturnType<typeof startProxy>>;
  /** Undefined without Redis. */
  line: Line | undefined;
}

export interface Scene {
  folder: string;
  journal: Journal<HarnessLine>;
  /** Undefined where the buffer is embedded. */
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
  publishers: number;
  channels: number;
}

/** Of channels whose names begin with `brief`. */
const briefMessages = 300;

export async function openScene(
  t: T,
  folder: string,
  journal: Journal<HarnessLine>,
  size: Size,
  kind: StoreKind,
): Promise<Scene> {
  const stage = kind.buffer === "redis" ? await overRedis(t, size, kind) : await alone(t, kind);
  const channels = Array.from({ length: size.channels }, (_, i) => (i % 3 === 2 ? `brief-${i}` : `channel-${i}`));
  for (const channel of channels) {
    if (channel.startsWith("brief")) journal.write({ kind: "retention", channel, messages: briefMessages });
  }
  t.after(() => {
    for (const { name, broker } of stage.nodes) writeFileSync(join(folder, `${name}.out`), broker.log);
  });
  return { folder, journal, ...stage, publishers: [], subscribers: [], channels };
}

const retain = [`[brief*] messages=${briefMessages}`];

type Stage = Pick<Scene, "redis" | "disk" | "nodes">;

async function overRedis(t: T, size: Size, { fsync }: StoreKind): Promise<Stage> {
  const redis = await startRedis(t, "--appendfsync", fsync);
  const nodes = Array.from({ length: size.nodes }, async (_, i): Promise<Node> => {
    const name = `node-${i + 1}`;
    const line = await startLine(t, redis.port);
    const args = ["--drain-window", "1s", "--node", name];
    const broker = await startBroker(t, { buffer: line.url, retain, args });
    return { name, broker, line, proxy: await startProxy(t, broker.address) };
  });
  return { redis, disk: undefined, nodes: await Promise.all(nodes) };
}

/** One node with its embedded buffer. */
async function alone(t: T, { fsync }: StoreKind): Promise<Stage> {
  const disk = mountDisk(t);
  const buffer = `embedded:${join(disk?.folder ?? temporaryFolder(t), "data")}`;
  const name = "node-1";
  const broker = await startBroker(t, { buffer, retain, args: ["--node", name, "--fsync", fsync] });
  const nodes = [{ name, broker, line: undefined, proxy: await startProxy(t, broker.address) }];
  return { redis: undefined, disk, nodes };
}

/** Fills the scene; nobody has started yet. */
export function fillScene(t: T, scene: Scene, size: Size, random: Random): void {
  const { folder, channels, publishers, subscribers } = scene;
  const all = scene.nodes.map(({ proxy }) => proxy.address);
  /** Every second one knows one node only. */
  let client = 0;
  const addresses = (): string[] => {
    const own = all[client++ % all.length]!;
    return client % 2 === 0 ? [own] : [own, ...all.filter((address) => address !== own)];
  };
  const add = (list: Player[], name: string, part: Part) => void list.push(cast(t, folder, name, part));
  for (let i = 1; i <= size.publishers; i++) {
    const role = { addresses: addresses(), seed: random.between(1, 1e9), channels, perSecond: 60 };
    add(publishers, `publisher-${i}`, { program: "publisher", role });
  }
  const subscriber = (name: string, more: { from: "new" | "earliest"; stores: boolean; slowMs?: number }) => {
    const member = `member-${name}`;
    const role = { addresses: addresses(), channels, member, ...more };
    add(subscribers, `subscriber-${name}`, { program: "subscriber", role });
  };
  subscriber("live", { from: "new", stores: false });
  subscriber("earliest", { from: "earliest", stores: false });
  subscriber("storing-a", { from: "earliest", stores: true });
  subscriber("storing-b", { from: "new", stores: true });
  subscriber("slow", { from: "earliest", stores: true, slowMs: 60 });
  const one = () => ({ addresses: addresses(), channels: [random.pick(channels)] });
  add(subscribers, "subscriber-stream", { program: "stream", role: { ...one(), addresses: all } });
  add(subscribers, "subscriber-lines", { program: "lines", role: { ...one(), addresses: all } });
  add(subscribers, "subscriber-command", { program: "command", role: one() });
}

/** Comes now, and reads everything that is there. */
export function addLate(t: T, scene: Scene, name: string): void {
  const addresses = scene.nodes.map(({ proxy }) => proxy.address);
  const role = { addresses, channels: scene.channels, from: "earliest" as const, stores: false };
  const late = cast(t, scene.folder, `subscriber-${name}`, { program: "subscriber", role });
  late.start();
  scene.subscribers.push(late);
}
