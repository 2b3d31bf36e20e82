// A real master with replicas for a test, and the sentinels that watch over them: gone after the test.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask, type RedisServer, startRedis, startServer } from "./redis.js";
import { type T, until } from "./scope.js";

export interface SentinelSet {
  /** redis-sentinel://127.0.0.1:PORT,…/reprise */
  url: string;
  /** The first one is the master at the beginning. */
  servers: RedisServer[];
  sentinels: RedisServer[];
  /** The one that the sentinels name and that takes itself for it. */
  master(): Promise<RedisServer>;
  /** Waits until another one than `old` is master. */
  promoted(old: RedisServer): Promise<RedisServer>;
  /** SENTINEL FAILOVER; waits until another one is master, and answers which. */
  failover(): Promise<RedisServer>;
}

const masterName = "reprise";

/**
 * Starts one master, its replicas and sentinels, all on loopback, and waits until all know of each other. A master that
 * does not answer for a second is replaced about a second later. `args` are for every server,
 * `sentinelLines` for the files of the sentinels; these watch `watchedPort`, if it is not the usual one of the master.
 */
export async function startSentinel(
  t: T,
  { replicas = 1, sentinels = 3, args = [] as string[], sentinelLines = [] as string[], watchedPort = 0 } = {},
): Promise<SentinelSet> {
  const common = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1", ...args];
  const first = await startRedis(t, ...common);
  const master = ["--replicaof", "127.0.0.1", String(first.port)];
  const servers = [
    first,
    ...(await Promise.all(Array.from({ length: replicas }, () => startRedis(t, ...common, ...master)))),
  ];
  await until(async () => (await replicasOnline(first)) === replicas, "the replicas are in sync");
  const watching = await Promise.all(
    Array.from({ length: sentinels }, () =>
      startOneSentinel(t, watchedPort || first.port, Math.floor(sentinels / 2) + 1, sentinelLines),
    ),
  );
  for (const sentinel of watching) {
    // Otherwise they hear of each other and of the replicas every few seconds only. Redis 6 does not know this.
    const periods = ["INFO-PERIOD", "300", "PUBLISH-PERIOD", "300", "ASK-PERIOD", "300"];
    await ask(sentinel, "SENTINEL", "DEBUG", ...periods).catch(() => {});
  }
  const known = async (sentinel: RedisServer) => {
    const fields = (await ask(sentinel, "SENTINEL", "MASTER", masterName)) as string[];
    const field = (name: string) => Number(fields[fields.indexOf(name) + 1]);
    return field("num-slaves") === replicas && field("num-other-sentinels") === sentinels - 1;
  };
  await until(
    async () => (await Promise.all(watching.map(known))).every((all) => all),
    "the sentinels know of everybody",
  );

  async function present(): Promise<RedisServer | undefined> {
    for (const sentinel of watching) {
      const answer = await ask(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName).catch(() => undefined);
      const server = servers.find(({ port }) => port === Number((answer as string[] | undefined)?.[1]));
      if (!server) continue;
      const role = (await ask(server, "ROLE").catch(() => [])) as unknown[];
      if (role[0] === "master") return server;
    }
    return undefined;
  }
  async function presentBut(old: RedisServer | undefined): Promise<RedisServer> {
    let found: RedisServer | undefined;
    await until(
      async () => {
        found = await present();
        return found !== undefined && found !== old;
      },
      "a master",
      60_000,
    );
    return found!;
  }
  return {
    url: `redis-sentinel://${watching.map(({ port }) => `127.0.0.1:${port}`).join(",")}/${masterName}`,
    servers,
    sentinels: watching,
    master: () => presentBut(undefined),
    promoted: (old) => presentBut(old),
    async failover() {
      const old = await presentBut(undefined);
      // Refused while the last one is not quite over.
      await until(
        () =>
          ask(watching[0]!, "SENTINEL", "FAILOVER", masterName).then(
            () => true,
            () => false,
          ),
        "the sentinel agrees to a failover",
      );
      return presentBut(old);
    },
  };
}

/** How many replicas get what the master writes: some time passes after a replica has the data of before. */
export async function replicasOnline(master: { port: number }): Promise<number> {
  const info = String(await ask(master, "INFO", "replication"));
  return info.match(/^slave\d+:.*state=online/gm)?.length ?? 0;
}

/** Resolves when the replicas of this master have what it has at this moment. */
export async function replicated(master: { port: number }): Promise<void> {
  const numbers = async (pattern: RegExp) =>
    [...String(await ask(master, "INFO", "replication")).matchAll(pattern)].map(([, number]) => Number(number));
  const [written] = await numbers(/^master_repl_offset:(\d+)/gm);
  const all = async () => (await numbers(/^slave\d+:.*offset=(\d+)/gm)).every((offset) => offset >= written!);
  await until(all, "the replicas have everything");
}

function startOneSentinel(t: T, masterPort: number, quorum: number, more: string[]): Promise<RedisServer> {
  return startServer(t, (port, folder) => {
    // It writes to its file what it learns.
    const file = join(folder, "sentinel.conf");
    const lines = [
      `port ${port}`,
      "bind 127.0.0.1",
      `dir ${folder}`,
      `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} ${quorum}`,
      `sentinel down-after-milliseconds ${masterName} 1000`,
      `sentinel failover-timeout ${masterName} 4000`,
      ...more,
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    return [file, "--sentinel"];
  });
}
