// Where an etcd is and how to get in, read from its URL: etcd://[user:password@]host[:port][,host[:port]…][/prefix],
// etcds:// for TLS, with ?ca=FILE&cert=FILE&key=FILE. What goes into messages and logs is `where`, which holds no secret.
import { RepriseError } from "../wire/errors.js";

export interface EtcdAddress {
  /** HOST:PORT each, at least one. */
  endpoints: readonly string[];
  /** Files in PEM: whom to trust (default: whom node trusts), and who we are. */
  tls: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined } | undefined;
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

function readTls(isTls: boolean, params: URLSearchParams): EtcdAddress["tls"] {
  const files: EtcdAddress["tls"] = {};
  for (const [name, file] of params) {
    if (!isTls || (name !== "ca" && name !== "cert" && name !== "key")) {
      throw invalid(`unknown parameter ${JSON.stringify(name)}; known, with etcds://, are ca, cert and key`);
    }
    files[name] = file;
  }
  if ((files.cert === undefined) !== (files.key === undefined)) throw invalid("cert and key need each other");
  return isTls ? files : undefined;
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
