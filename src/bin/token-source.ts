// The token that a command shows to the broker: of a file, which is read whenever one is needed, because it may be
// replaced by a newer one; or of the environment. Never of a flag.
import { readFile } from "node:fs/promises";
import type { TokenSource } from "../client/index.js";

export function tokenOf(file: string | undefined): TokenSource | undefined {
  if (file !== undefined) return async () => (await readFile(file, "utf8")).trim();
  return process.env.REPRISE_TOKEN;
}
