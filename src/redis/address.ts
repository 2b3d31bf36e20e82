// Where the Redis of a node is and how to get in, read from its URL:
//
//   redis://[user[:password]@]host[:port][/db]                           one server
//   redis-sentinel://[user[:password]@]host[:port],…/master[/db]         the master that these sentinels name
//   redis-cluster://[user[:password]@]host[:port],…                      the Cluster that these servers belong to
//
// With rediss for redis: over TLS. Behind it `?prefix=…`, for TLS `ca`, `cert`, `key` (files) and `servername`, for
// Sentinel `sentinelUser` and `sentinelPassword`. What goes into messages and logs is `where`, which holds no secret.
import { RepriseError } from "../wire/errors.js";
import { readTls, type Tls } from "./tls.js";

export interface Endpoint {
  host: string;
  port: number;
}

export interface Address {
  form: "server" | "sentinel" | "cluster";
  /** The server; the sentinels; some servers of the Cluster. */
  endpoints: readonly Endpoint[];
  /** What the sentinels call the master. */
  master: string;
  tls: Tls | undefined;
  /** Of the servers. */
  username: string | undefined;
  password: string | undefined;
  /** Of the sentinels. */
  sentinelUser: string | undefined;
  sentinelPassword: string | undefined;
  db: number;
  /** Keys and topics begin with it. */
  prefix: string;
  where: string;
}

const defaultPrefix = "reprise:";
const parts = /^redis(s?)(?:-(sentinel|cluster))?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)([^?#]*)(?:\?([^#]*))?$/i;
const place = /^(?:\[([0-9a-f:.]+)\]|([^\s:,[\]]+))(?::(\d{1,5}))?$/i;
const expected =
  "expected redis://[user:password@]host[:port][/db][?prefix=…], redis-sentinel://host[:port],…/master[/db] or " +
  "redis-cluster://host[:port],…, or the same with rediss for redis";

export const isRedisUrl = (text: string): boolean => /^rediss?(-sentinel|-cluster)?:\/\//.test(text);

/** Reads the files of TLS as well. @throws RepriseError `invalid_argument` */
export function parseAddress(text: string): Address {
  const match = parts.exec(text);
  if (!match) throw invalid(expected);
  const [, s, kind, credentials = "", hosts = "", path = "", query = ""] = match;
  const form = kind === undefined ? "server" : (kind.toLowerCase() as "sentinel" | "cluster");
  const endpoints = hosts.split(",").map((each) => endpoint(each, form === "sentinel" ? 26_379 : 6_379));
  if (form === "server" && endpoints.length > 1) throw invalid("one server is expected; or write redis-cluster://");
  const [user = "", ...password] = credentials.split(":");
  const { master, db } = parsePath(form, path);
  const parameters = parseQuery(query, form, s !== "");
  const prefix = parameters.get("prefix") ?? defaultPrefix;
  // Braces would move the hash tag, which is what keeps the keys of a channel together.
  if (!/^[!-z|~]{0,100}$/.test(prefix)) {
    throw invalid("the prefix may have up to 100 characters of printable ASCII, without spaces, { and }");
  }
  const scheme = `redis${s && "s"}${form === "server" ? "" : `-${form}`}`;
  const [shown, behind] = [endpoints.map(display).join(","), form === "cluster" ? "" : `/${db}`];
  return {
    form,
    endpoints,
    master,
    tls: s === "" ? undefined : readTls((name) => parameters.get(name) || undefined),
    username: decode(user) || undefined,
    password: decode(password.join(":")) || undefined,
    sentinelUser: parameters.get("sentinelUser") || undefined,
    sentinelPassword: parameters.get("sentinelPassword") || undefined,
    db,
    prefix,
    where: `${scheme}://${shown}${master && `/${master}`}${behind}`,
  };
}

export const display = ({ host, port }: Endpoint): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

function endpoint(text: string, defaultPort: number): Endpoint {
  const match = place.exec(text);
  const port = Number(match?.[3] ?? defaultPort);
  if (!match || port < 1 || port > 65_535) throw invalid(expected);
  return { host: match[1] ?? match[2]!, port };
}

function parsePath(form: Address["form"], path: string): { master: string; db: number } {
  const [, first = "", ...rest] = path.split("/");
  const master = form === "sentinel" ? decode(first) : "";
  if (form === "sentinel" && !/^[\w.-]{1,200}$/.test(master)) {
    throw invalid("behind the sentinels the name of the master is expected, for example /mymaster");
  }
  const db = form === "sentinel" ? rest.join("/") : [first, ...rest].join("/");
  if (form === "cluster" && !/^0?$/.test(db)) throw invalid("a Cluster has only the database 0");
  if (!/^\d{0,9}$/.test(db)) throw invalid("the number of a database was expected at the end, for example /0");
  return { master, db: Number(db) };
}

function parseQuery(query: string, form: Address["form"], tls: boolean): URLSearchParams {
  const parameters = new URLSearchParams(query);
  const known = [
    "prefix",
    ...(tls ? ["ca", "cert", "key", "servername"] : []),
    ...(form === "sentinel" ? ["sentinelUser", "sentinelPassword"] : []),
  ];
  for (const name of parameters.keys()) {
    if (!known.includes(name)) {
      throw invalid(`unknown parameter ${JSON.stringify(name)}; known here: ${known.join(", ")}`);
    }
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("user and password must be percent-encoded");
  }
}

// The text itself is not repeated: it may hold a password.
export const invalid = (what: string): RepriseError =>
  new RepriseError("invalid_argument", `the URL of Redis is not valid: ${what}`);
