// Where the Redis of a buffer is and how to get in, read from its URL: redis://[user[:password]@]host[:port][/db][?prefix=…],
// rediss:// for TLS. What goes into messages and logs is `where`, which holds no secret.
import { RepriseError } from "../wire/errors.js";

export interface Address {
  host: string;
  port: number;
  tls: boolean;
  username: string | undefined;
  password: string | undefined;
  db: number;
  /** Keys and topics begin with it. */
  prefix: string;
  where: string;
}

const defaultPrefix = "reprise:";

export const isRedisUrl = (text: string): boolean => /^rediss?:\/\//.test(text);

/** @throws RepriseError `invalid_argument` */
export function parseAddress(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === "" || url.hash !== "") {
    throw invalid("expected redis://[user:password@]host[:port][/db][?prefix=…], or the same with rediss://");
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? 6379 : Number(url.port);
  const db = /^\/?(\d{0,9})$/.exec(url.pathname);
  if (!db) throw invalid("what follows the host must be the number of a database, for example /0");
  for (const name of url.searchParams.keys()) {
    if (name !== "prefix") throw invalid(`unknown parameter ${JSON.stringify(name)}; known is prefix`);
  }
  const prefix = url.searchParams.get("prefix") ?? defaultPrefix;
  // Braces would move the hash tag, which is what keeps the keys of a channel together.
  if (!/^[!-z|~]{0,100}$/.test(prefix)) {
    throw invalid("the prefix may have up to 100 characters of printable ASCII, without spaces, { and }");
  }
  return {
    host,
    port,
    tls: url.protocol === "rediss:",
    username: decode(url.username) || undefined,
    password: decode(url.password) || undefined,
    db: Number(db[1]),
    prefix,
    where: `${url.protocol}//${url.hostname}:${port}/${Number(db[1])}`,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("user and password must be percent-encoded");
  }
}

// The text itself is not repeated: it may hold a password.
const invalid = (what: string) =>
  new RepriseError("invalid_argument", `the URL of the Redis buffer is not valid: ${what}`);
