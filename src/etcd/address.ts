// Where an etcd is and how to get in, read from its URL: etcd://[user:password@]host[:port][,host[:port]…][/prefix],
// etcds:// for TLS, with ?ca=FILE&cert=FILE&key=FILE&servername=NAME. What goes into messages and logs is `where`, which holds no secret.
import { RepriseError } from "../wire/errors.js";

export interface Tls {
  /** Files in PEM: whom to trust (default: whom Node trusts), and who we are. */
  ca?: string;
  cert?: string;
  key?: string;
  /** The name that the certificates must bear; default: that of the host. */
  servername?: string;
}

const tlsNames = ["ca", "cert", "key", "servername"] as const;

export interface EtcdAddress {
  /** HOST:PORT each, at least one. */
  endpoints: readonly string[];
  tls: Tls | undefined;
  user: { name: string; password: string } | undefined;
  /** Keys begin with it; it ends with a slash. */
  prefix: string;
  where: string;
}

const form = /^(etcds?):\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const endpoint = /^(\[[\da-f:.]+\]|[^\s:[\]]+)(?::(\d{1,5}))?$/i;

export const isEtcdUrl = (text: string): boolean => /^etcds?:\/\//.test(text);

/** @throws RepriseError `invalid_argument` */
export function parseEtcdAddress(text: string): EtcdAddress {
  const match = form.exec(text);
  if (match === null) throw invalid("expected etcd://[user:password@]host:2379[,host:2379…][/prefix], or etcds://…");
  const [, scheme, user, hosts, path, query = ""] = match;
  const endpoints = hosts!.split(",").map(readEndpoint);
  // A slash at the end is what one writes of folders.
  const prefix = `${decode(path ?? "").replace(/\/+$/, "") || "reprise"}/`;
  if (!/^[!-~]{1,100}$/.test(prefix)) {
    throw invalid("the prefix may have up to 99 characters of printable ASCII, without spaces");
  }
  return {
    endpoints,
    tls: readTls(scheme === "etcds", new URLSearchParams(query)),
    user: readUser(user),
    prefix,
    where: `${scheme}://${endpoints.join()}/${prefix.slice(0, -1)}`,
  };
}

function readEndpoint(text: string): string {
  const [, host, port = "2379"] = endpoint.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw invalid(`${JSON.stringify(text)} is not HOST:PORT`);
  }
  return `${host}:${port}`;
}

function readUser(text: string | undefined): EtcdAddress["user"] {
  if (text === undefined) return undefined;
  const [, name = "", password = ""] = /^([^:]*)(?::(.*))?$/.exec(text)!;
  if (name === "") throw invalid("a password needs a user");
  return { name: decode(name), password: decode(password) };
}

function readTls(isTls: boolean, params: URLSearchParams): Tls | undefined {
  const tls: Tls = {};
  for (const [name, value] of params) {
    const known = tlsNames.find((one) => one === name);
    if (!isTls || known === undefined) {
      throw invalid(`unknown parameter ${JSON.stringify(name)}; known, with etcds://, are ${tlsNames.join(", ")}`);
    }
    tls[known] = value;
  }
  if ((tls.cert === undefined) !== (tls.key === undefined)) throw invalid("cert and key need each other");
  return isTls ? tls : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("user, password and prefix must be percent-encoded");
  }
}

// The text itself is not repeated: it may hold a password.
const invalid = (what: string) => new RepriseError("invalid_argument", `the URL of etcd is not valid: ${what}`);
