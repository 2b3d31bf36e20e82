// What TLS to Redis needs beyond the system's own certificates: the files that the URL names.
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { RepriseError } from "../wire/errors.js";

export interface Tls {
  /** Who is to have signed the server's certificate; undefined: one of those that Node trusts. */
  ca: Buffer | undefined;
  /** Our own certificate and its key. */
  cert: Buffer | undefined;
  key: Buffer | undefined;
  /** The name that the server's certificate must bear; undefined: that of the host. */
  servername: string | undefined;
}

/** @throws RepriseError `invalid_argument` */
export function readTls(parameter: (name: string) => string | undefined): Tls {
  const file = (name: string): Buffer | undefined => {
    const path = parameter(name);
    if (path === undefined) return undefined;
    try {
      return readFileSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new RepriseError("invalid_argument", `the file of the parameter ${name} cannot be read: ${path}: ${code}`);
    }
  };
  const tls = { ca: file("ca"), cert: file("cert"), key: file("key"), servername: parameter("servername") };
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new RepriseError("invalid_argument", "the parameters cert and key are given together or not at all");
  }
  return tls;
}

export function tlsOptions({ ca, cert, key, servername }: Tls, host: string): ConnectionOptions {
  // An IP address is no server name.
  const name = servername ?? (isIP(host) ? undefined : host);
  return { ...(ca && { ca }), ...(cert && key && { cert, key }), ...(name && { servername: name }) };
}
