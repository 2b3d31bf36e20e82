// The clients of the peers, and what measures functions (micro.ts), have a package.json and a lock file of their own: who
// does not measure need not install them.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = import.meta.dirname;
const installed = join(folder, "node_modules/.installed");

/** Installs what the lock file names, unless that has been done. */
export function installPeers(): void {
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  if (existsSync(installed) && readFileSync(installed, "utf8") === lock) return;
  console.error("installing what the benchmarks need into bench/node_modules");
  execFileSync("npm", ["ci", "--no-fund", "--no-audit", "--ignore-scripts", "--prefix", folder], {
    stdio: ["ignore", process.stderr, "inherit"],
  });
  writeFileSync(installed, lock);
}
