// The scenarios of test/scenarios in their full form, one after the other, each with the machine to itself:
//
//   npm run scenario                    all of them (about 45 minutes)
//   npm run scenario -- frozen crash    these
//
// `npm test` runs their short forms. Both print the same figures. Exit code 0: everything that must hold held.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { serverVariables } from "./programs.js";

const root = resolve(import.meta.dirname, "..");
const folder = join(root, "test/scenarios");
const ending = ".test.ts";
const known = readdirSync(folder)
  .filter((file) => file.endsWith(ending))
  .map((file) => file.slice(0, -ending.length));

async function run(name: string): Promise<boolean> {
  const child = spawn(process.execPath, ["--import", "tsx", join(folder, `${name}${ending}`)], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...serverVariables(), REPRISE_SCENARIO: "full" },
  });
  const [code] = await once(child, "exit");
  return code === 0;
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no scenario ${unknown.join(", ")}; there are ${known.join(", ")}`);
  process.exitCode = 2;
} else {
  for (const name of names.length > 0 ? names : known) {
    console.log(`\n${name}`);
    if (!(await run(name))) process.exitCode = 1;
  }
}
