// Where the tests get Redis from: a redis-server to start themselves, or else only the address of a running one.
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

export type Redis = { kind: "server"; program: string } | { kind: "url" } | { kind: "missing"; advice: string };

const cache = resolve(import.meta.dirname, "../.cache/redis");
const fetched = join(cache, "redis-server");

/** Looks in REPRISE_TEST_REDIS_SERVER, on the path, at REDIS_URL; where there is nothing, fetches one on Debian. */
export function findRedis(): Redis {
  const program = process.env.REPRISE_TEST_REDIS_SERVER || onPath("redis-server") || (existsSync(fetched) && fetched);
  if (program === "none") return { kind: "url" };
  if (program) return { kind: "server", program };
  if (process.env.REDIS_URL) return { kind: "url" };
  if (!onPath("apt-get") || !onPath("dpkg-deb")) return missing("there is none on the path");
  try {
    fetchRedis();
    return { kind: "server", program: fetched };
  } catch (error) {
    return missing(`fetching it with apt-get failed: ${error instanceof Error ? error.message.trim() : error}`);
  }
}

const missing = (why: string): Redis => ({
  kind: "missing",
  advice: `The tests need Redis 6.2 or newer: install redis-server so that it is on the path, or set REDIS_URL (${why}).`,
});

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
 * Unpacks Debian's redis-server, with the libraries that this machine lacks, into .cache/. Nothing is installed: no
 * service is started, none is replaced, and no privileges are needed.
 */
function fetchRedis(): void {
  console.error("no redis-server here: fetching Debian's into .cache/redis");
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
  // The program is in redis-tools, which may be installed without the other.
  const packages = ["--reinstall", "redis-server", "redis-tools"];
  apt("install", "--download-only", "--yes", "--no-install-recommends", ...packages);
  for (const name of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
    execFileSync("dpkg-deb", ["--extract", join(archives, name), root]);
  }
  const libraries = ["usr/lib", "lib"].flatMap((folder) => {
    const names = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
    return names.filter((name) => name.includes("-linux-")).map((name) => `$root/${folder}/${name}`);
  });
  // Named last: that it exists says that it works.
  const script = [
    "#!/bin/sh",
    'root="$(dirname "$0")/root"',
    `LD_LIBRARY_PATH="${libraries.join(":")}" exec "$root/usr/bin/redis-server" "$@"`,
  ];
  const unproven = join(cache, "unproven");
  writeFileSync(unproven, `${script.join("\n")}\n`, { mode: 0o755 });
  execFileSync(unproven, ["--version"], { stdio: ["ignore", process.stderr, "inherit"] });
  renameSync(unproven, fetched);
  for (const folder of [archives, join(cache, "lists")]) rmSync(folder, { recursive: true, force: true });
}
