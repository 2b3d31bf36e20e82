// Where tests and benchmarks get the servers from that they start themselves. The tests: Redis, or else only the address of
// a running one; and etcd.
import { execFileSync, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

type Redis = { kind: "server"; program: string } | { kind: "url" } | { kind: "missing"; advice: string };

export interface Server {
  /** The name of its program, and of the folder in .cache/ where it is fetched to. */
  program: string;
  packages: readonly string[];
}

// The program is in redis-tools, which may be installed without the other.
export const redisServer: Server = { program: "redis-server", packages: ["redis-server", "redis-tools"] };
const etcdServer: Server = { program: "etcd", packages: ["etcd-server"] };
/** Checks rules and scrapes; no server, but to be had in the same way. */
const promtool: Server = { program: "promtool", packages: ["prometheus"] };

/**
 * The program on the path, or the one that was fetched before, or Debian's, which is fetched now.
 * @throws Error where it cannot be had
 */
export const findServer = (server: Server): string => present(server) ?? fetchServer(server);

/**
 * What the tests are told by their environment, `none` for what cannot be had. Says on stderr what is not run then.
 * @throws Error without any Redis
 */
export function serverVariables(): Record<string, string> {
  const redis = findRedis();
  if (redis.kind === "missing") throw new Error(redis.advice);
  if (redis.kind === "url")
    console.error(
      "There is no redis-server here, only REDIS_URL: tests that stop, restart or configure their Redis are not run.",
    );
  return {
    REPRISE_TEST_REDIS_SERVER: redis.kind === "server" ? redis.program : "none",
    REPRISE_TEST_ETCD_SERVER: findIfPossible(etcdServer, "REPRISE_TEST_ETCD_SERVER"),
    REPRISE_TEST_PROMTOOL: findIfPossible(promtool, "REPRISE_TEST_PROMTOOL"),
  };
}

/** Looks in REPRISE_TEST_REDIS_SERVER, on the path, at REDIS_URL; where there is nothing, fetches one on Debian. */
function findRedis(): Redis {
  const program = process.env.REPRISE_TEST_REDIS_SERVER || present(redisServer);
  if (program === "none") return { kind: "url" };
  if (program) return { kind: "server", program };
  if (process.env.REDIS_URL) return { kind: "url" };
  try {
    return { kind: "server", program: fetchServer(redisServer) };
  } catch (error) {
    const why = (error as Error).message;
    const advice = `The tests need Redis 6.2 or newer: install redis-server so that it is on the path, or set REDIS_URL (${why}).`;
    return { kind: "missing", advice };
  }
}

/** Looks in the variable and on the path; where there is nothing, fetches one on Debian. */
function findIfPossible(server: Server, variable: string): string {
  const program = process.env[variable] || present(server);
  if (program !== undefined) return program;
  try {
    return fetchServer(server);
  } catch (error) {
    const why = (error as Error).message;
    console.error(`There is no ${server.program} here (${why}): tests that need it are not run.`);
    return "none";
  }
}

const folderOf = ({ program }: Server): string => resolve(import.meta.dirname, "../.cache", program);

/** On the path, or fetched before. */
function present(server: Server): string | undefined {
  const fetched = join(folderOf(server), server.program);
  return onPath(server.program) ?? (existsSync(fetched) ? fetched : undefined);
}

function onPath(program: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return join(folder, program);
    } catch {
      // Not here.
    }
  }
  return undefined;
}

/**
 * Unpacks Debian's, with the libraries that this machine lacks, into .cache/. Nothing is installed: no service is started,
 * none is replaced, and no privileges are needed.
 */
function fetchServer(server: Server): string {
  if (!onPath("apt-get") || !onPath("dpkg-deb")) throw new Error("there is none on the path");
  try {
    return unpack(server);
  } catch (error) {
    throw new Error(`fetching it with apt-get failed: ${error instanceof Error ? error.message.trim() : error}`);
  }
}

function unpack(server: Server): string {
  const { program, packages } = server;
  const cache = folderOf(server);
  const fetched = join(cache, program);
  console.error(`no ${program} here: fetching Debian's into .cache/${program}`);
  rmSync(cache, { recursive: true, force: true });
  const root = join(cache, "root");
  const archives = join(cache, "archives");
  for (const folder of [join(cache, "lists/partial"), join(archives, "partial"), root]) {
    mkdirSync(folder, { recursive: true });
  }
  const options = [
    `Dir::State::Lists=${join(cache, "lists")}`,
    `Dir::Cache=${cache}`,
    `Dir::Cache::archives=${archives}`,
    "APT::Sandbox::User=root",
    "Debug::NoLocking=true",
  ].flatMap((option) => ["-o", option]);
  const apt = (...args: string[]) =>
    execFileSync("apt-get", ["-qq", ...options, ...args], {
      stdio: ["ignore", process.stderr, "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  apt("update");
  apt("install", "--download-only", "--yes", "--no-install-recommends", "--reinstall", ...packages);
  for (const name of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
    execFileSync("dpkg-deb", ["--extract", join(archives, name), root]);
  }
  const libraries = ["usr/lib", "lib"].flatMap((folder) => {
    const names = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
    return names.filter((name) => name.includes("-linux-")).map((name) => `$root/${folder}/${name}`);
  });
  const place = existsSync(join(root, "usr/bin", program)) ? "usr/bin" : "usr/sbin";
  const script = [
    "#!/bin/sh",
    'root="$(dirname "$0")/root"',
    // etcd runs on arm64 only if told to.
    "export ETCD_UNSUPPORTED_ARCH=arm64",
    `LD_LIBRARY_PATH="${libraries.join(":")}" exec "$root/${place}/${program}" "$@"`,
  ];
  const unproven = join(cache, "unproven");
  writeFileSync(unproven, `${script.join("\n")}\n`, { mode: 0o755 });
  // A shell's codes for what cannot be run; not every program knows this option.
  const { status } = spawnSync(unproven, ["--version"], { stdio: ["ignore", process.stderr, "inherit"] });
  if (status === null || status >= 126) throw new Error(`${program} cannot be run`);
  // Named last: that it exists says that it works.
  renameSync(unproven, fetched);
  for (const folder of [archives, join(cache, "lists")]) rmSync(folder, { recursive: true, force: true });
  return fetched;
}
