// One system, started for one measurement, with the client processes that load it; all of it gone afterwards.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, startClient } from "./clients.js";
import { residentOf } from "./measure.js";
import { type Subscribers, type Subscribing, subscribe } from "./subscribers.js";
import type { Place, ServerProcess, Servers } from "./system.js";
import { systemNamed } from "./systems/index.js";

export interface Arena {
  servers: Servers;
  channels: readonly string[];
  /** Ready to be told what to do. */
  clients(count: number): Promise<Client[]>;
  subscribers(sessions: readonly (readonly string[])[], options?: Subscribing): Promise<Subscribers>;
  publishers(count: number): Promise<Client[]>;
  residentMiB(role: ServerProcess["role"]): number;
}

export interface ArenaOptions {
  channels: number;
  size: number;
  publishers?: number;
  keepAll?: boolean;
}

/** Of the server programs that were started so far. */
export const versions = new Set<string>();

export async function inArena<T>(
  name: string,
  { channels: count, size, publishers = 1, keepAll = false }: ArenaOptions,
  body: (arena: Arena) => Promise<T>,
): Promise<T> {
  const system = await systemNamed(name);
  const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once("exit", remove);
  const channels = Array.from({ length: count }, (_, i) => `bench.${i}`);
  const place: Place = { folder, channels, size, keepAll };
  const started: Client[] = [];
  let servers: Servers | undefined;
  try {
    servers = await system.start(place);
    const { address, processes } = servers;
    versions.add(servers.version);
    const clients = async (count: number) => {
      const starting = Array.from({ length: count }, startClient);
      started.push(...starting);
      await Promise.all(starting.map((client) => client.call("target", { system: name, address, size })));
      return starting;
    };
    return await body({
      servers,
      channels,
      clients,
      subscribers: async (sessions, options = {}) => {
        const processes = options.processes ?? (await clients(Math.min(2, sessions.length)));
        return subscribe(processes, sessions, { channels, publishers }, options);
      },
      publishers: async (count) => {
        const starting = await clients(count);
        await Promise.all(
          starting.map((client, index) => client.call("publisher", { channels, size, index, publishers })),
        );
        return starting;
      },
      residentMiB: (role) =>
        processes.filter((process) => process.role === role).reduce((sum, { pid }) => sum + residentOf(pid), 0),
    });
  } finally {
    await Promise.all(started.map((client) => client.end()));
    await servers?.stop();
    process.off("exit", remove);
    remove();
  }
}
