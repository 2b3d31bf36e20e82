// How node finds and reads a .ts file of this repository. Its URL stays that of the source, so that what it looks for beside
// itself is there; only its code is the compiled one.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url).href;
const isOurs = (url) => url?.startsWith(root) && url.endsWith(".ts");
let folder;

/** @param {{ folder: string }} data where all was compiled to */
export function initialize(data) {
  folder = data.folder;
}

/** In TypeScript `./name.js` is name.ts, unless there is none. */
export async function resolve(specifier, context, next) {
  if (/^\.\.?\/.*\.js$/.test(specifier) && isOurs(context.parentURL)) {
    const url = new URL(specifier.replace(/\.js$/, ".ts"), context.parentURL);
    if (isOurs(url.href) && existsSync(url)) return { url: url.href, format: "module", shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!isOurs(url)) return next(url, context);
  const path = fileURLToPath(url).slice(fileURLToPath(root).length);
  return { format: "module", source: readFileSync(join(folder, path.replace(/\.ts$/, ".js"))), shortCircuit: true };
}
