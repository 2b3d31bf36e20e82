// What tsc leaves out of dist/: the Lua scripts, the thread in plain JavaScript, and the right to execute the CLI.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

for (const name of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })) {
  if (!/\.(lua|mjs)$/.test(name)) continue;
  const target = join(root, "dist", name);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(root, "src", name), target);
}

const cli = join(root, "dist/bin/reprise.js");
if (existsSync(cli)) chmodSync(cli, 0o755);
