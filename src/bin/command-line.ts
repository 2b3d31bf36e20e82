// The line that starts this program again, to be copied into a terminal.
import { realpathSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

/** What starts this program from any folder: its name if a shell finds it, or else its path. */
export function commandLine(): string {
  const script = realpathSync(process.argv[1]!);
  // npm and npx put these in the path of what they start; other terminals do not have them.
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !/node_modules|_npx/.test(folder));
  const found = folders.map((folder) => join(folder, "reprise")).find((path) => realPath(path) !== undefined);
  if (found !== undefined && realPath(found) === script) return "reprise";
  return ["node", ...process.execArgv, resolve(script)].map(quote).join(" ");
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** For a shell. */
export const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
