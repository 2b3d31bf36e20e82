// Named brokers, kept for the user in $XDG_CONFIG_HOME/reprise/config.json:
//
//   { "current": "prod", "contexts": { "prod": { "server": ["a:50051", "b:50051"], "tokenFile": "/home/…", "tls": { "ca": "/…" } } } }
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { Exit, exitCodes } from "./exit.js";
import { type ContextTls, readTls } from "./tls-flags.js";

export interface Context {
  server: string[];
  tokenFile?: string;
  /** Undefined: no TLS. */
  tls?: ContextTls | undefined;
  /** The token may go there without TLS. */
  insecure?: boolean;
}

export interface Contexts {
  /** The one that is used unless another is asked for. */
  current: string | undefined;
  byName: Map<string, Context>;
}

export function contextsFile(): string {
  const { XDG_CONFIG_HOME: home = "" } = process.env;
  // A relative path is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  return join(isAbsolute(home) ? home : join(homedir(), ".config"), "reprise", "config.json");
}

/** There are none if there is no file. */
export function readContexts(): Contexts {
  const path = contextsFile();
  try {
    return parse(readFileSync(path, "utf8"));
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT") return { current: undefined, byName: new Map() };
    throw new Exit(exitCodes.failed, `cannot use ${path}: ${message}; mend it or remove it`);
  }
}

function parse(text: string): Contexts {
  const config: unknown = JSON.parse(text);
  if (!isRecord(config)) throw new Error("expected an object");
  const { current, contexts = {} } = config;
  if (current !== undefined && typeof current !== "string") throw new Error('"current" is not the name of a context');
  if (!isRecord(contexts)) throw new Error('"contexts" is not an object');
  const byName = new Map<string, Context>();
  for (const [name, context] of Object.entries(contexts)) {
    if (!isRecord(context) || !isServers(context.server)) {
      throw new Error(`context ${name} has no "server", a list of HOST:PORT`);
    }
    const { server, tokenFile, insecure } = context;
    if (tokenFile !== undefined && typeof tokenFile !== "string") {
      throw new Error(`context ${name}: "tokenFile" is not a path`);
    }
    const tls = readContextTls(name, context.tls);
    byName.set(name, {
      server,
      ...(tokenFile !== undefined && { tokenFile }),
      ...(tls && { tls }),
      ...(insecure === true && { insecure }),
    });
  }
  return { current, byName };
}

function readContextTls(name: string, tls: unknown): ContextTls | undefined {
  if (tls === undefined) return undefined;
  if (isRecord(tls)) return readTls(tls);
  throw new Error(`"tls" of context ${name} is not an object`);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isServers = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((server) => typeof server === "string");

/** Replaces the file as a whole: a reader, or a crash, finds the old one or the new one. */
export function writeContexts({ current, byName }: Contexts): void {
  const path = contextsFile();
  const fresh = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(fresh, { force: true });
    // Later there may be secrets in it: for the user's eyes only.
    const file = openSync(fresh, "wx", 0o600);
    try {
      writeFileSync(file, `${JSON.stringify({ current, contexts: Object.fromEntries(byName) }, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
  } catch (thrown) {
    rmSync(fresh, { force: true });
    throw new Exit(exitCodes.failed, `cannot write ${path}: ${(thrown as Error).message}`);
  }
}

/** @throws Exit with the names that there are */
export function findContext({ byName }: Contexts, name: string): Context {
  const context = byName.get(name);
  if (context !== undefined) return context;
  const known = byName.size === 0 ? "there are none" : `there are ${[...byName.keys()].join(", ")}`;
  throw new Exit(exitCodes.usage, `there is no context ${name}: ${known} (reprise context add)`);
}
