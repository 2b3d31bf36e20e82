// Programs of Debian, unpacked into .cache/ with the libraries that this machine lacks. Nothing is installed: no service is
// started, none is replaced, and no privileges are needed.
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

export interface DebianProgram {
  /** Of the file that is run, and of the folder in .cache/. */
  name: string;
  packages: readonly string[];
  /** Where the packages have it. */
  path: string;
}

export function onPath(program: string): string | undefined {
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

/** The program on the path, or the one that was fetched before, or one that is fetched now. */
export function findProgram(program: DebianProgram): string {
  const { name } = program;
  const fetched = resolve(import.meta.dirname, "../.cache", name, name);
  const found = onPath(name) ?? (existsSync(fetched) ? fetched : undefined);
  if (found !== undefined) return found;
  if (!onPath("apt-get") || !onPath("dpkg-deb")) throw new Error(`there is no ${name} on the path`);
  try {
    fetch(program, fetched);
  } catch (error) {
    throw new Error(`fetching ${name} with apt-get failed: ${error instanceof Error ? error.message.trim() : error}`);
  }
  return fetched;
}

function fetch({ name, packages, path }: DebianProgram, fetched: string): void {
  const cache = resolve(fetched, "..");
  console.error(`no ${name} here: fetching Debian's into .cache/${name}`);
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
  const script = [
    "#!/bin/sh",
    'root="$(dirname "$0")/root"',
    `LD_LIBRARY_PATH="${libraries.join(":")}" exec "$root/${path}" "$@"`,
  ];
  // Named last: that it exists says that it can be run.
  const unproven = join(cache, "unproven");
  writeFileSync(unproven, `${script.join("\n")}\n`, { mode: 0o755 });
  execFileSync("sh", ["-c", '"$1" --version || "$1" -h >/dev/null; test $? -lt 126', "sh", unproven], {
    stdio: ["ignore", process.stderr, "inherit"],
  });
  renameSync(unproven, fetched);
  for (const folder of [archives, join(cache, "lists")]) rmSync(folder, { recursive: true, force: true });
}
