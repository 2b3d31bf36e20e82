// A file that is read again when it changes. What cannot be used is logged, once, and what was read before stays. It is
// looked at by reading it: files are small, and notices of the system get lost with links, containers and mounts.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Log } from "../log/log.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";

export interface WatchedFile<Content> {
  readonly content: Content;
  close(): void;
}

export interface WatchOptions<Content> {
  /** Throws what is wrong with the text. */
  read: (text: string, path: string) => Content;
  changed: () => void;
  log: Log;
  everyMs: number;
}

/** @throws RepriseError `invalid_argument` if it cannot be used the first time */
export function watchFile<Content>(path: string, options: WatchOptions<Content>): WatchedFile<Content> {
  const { read, changed, log, everyMs } = options;
  let text = readText(path);
  let content = read(text, path);
  let problem = "";
  /** A change that was seen once: it may be half of what somebody is writing. */
  let seen: string | undefined;
  let looking = false;
  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const now = await readFile(path, "utf8");
      if (now === text) problem = "";
      else if (now === seen) take(now);
      seen = now;
    } catch (thrown) {
      const { message } = toRepriseError(thrown);
      if (message !== problem) log.error({}, `${path} cannot be used, what was read before stays: ${message}`);
      problem = message;
    }
    looking = false;
  }
  function take(now: string): void {
    content = read(now, path);
    text = now;
    problem = "";
    log.info({}, `${path} was read again`);
    changed();
  }
  const timer = setInterval(() => void look(), everyMs);
  return {
    get content() {
      return content;
    },
    close: () => clearInterval(timer),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    throw new RepriseError("invalid_argument", `cannot read ${path}: ${toRepriseError(thrown).message}`);
  }
}
