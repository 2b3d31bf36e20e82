// How a command gets in touch with a broker by TLS: its flags, and what a context keeps of them.
import { resolve } from "node:path";
import { Option } from "commander";

/** Any of them means TLS. */
export interface TlsFlags {
  tls?: boolean;
  /** Files. */
  ca?: string;
  cert?: string;
  key?: string;
  serverName?: string;
}

/** What a context keeps of them, if it means TLS. */
export type ContextTls = Omit<TlsFlags, "tls">;

export const tlsWords = ["ca", "cert", "key", "serverName"] as const;

export const tlsFlags = () => [
  new Option("--tls", "talk to the broker by TLS; each of the following means it, too"),
  new Option("--ca <FILE>", "who signed the broker's certificate, in PEM (default: whom Node.js trusts)"),
  new Option("--cert <FILE>", "the certificate to show, where the broker asks for one"),
  new Option("--key <FILE>", "and its key"),
  new Option(
    "--server-name <NAME>",
    "the name that the broker's certificate must bear (default: the host of --server)",
  ),
];

/** Undefined: no TLS. */
export function tlsOf({ tls = false, ...given }: TlsFlags): ContextTls | undefined {
  const options: ContextTls = {};
  for (const word of tlsWords) if (given[word] !== undefined) options[word] = given[word];
  return tls || Object.keys(options).length > 0 ? options : undefined;
}

/** With files that are found from any folder. */
export function withFullPaths(tls: ContextTls): ContextTls {
  const full = { ...tls };
  for (const word of ["ca", "cert", "key"] as const) if (tls[word] !== undefined) full[word] = resolve(tls[word]);
  return full;
}

/** What somebody wrote into a file. @throws Error */
export function readTls(written: Record<string, unknown>): ContextTls {
  const tls: ContextTls = {};
  for (const word of tlsWords) {
    const value = written[word];
    if (value === undefined) continue;
    if (typeof value !== "string") throw new Error(`"${word}" of its "tls" is not a text`);
    tls[word] = value;
  }
  return tls;
}

/** For people. */
export const describeTls = (options: ContextTls | undefined): string =>
  options === undefined ? "no TLS" : ["TLS", ...tlsWords.flatMap((word) => options[word] ?? [])].join(" ");
