// What a client needs for TLS beyond what it does without: whom to trust, who it is, which name to expect.
import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { RepriseError } from "../wire/errors.js";
import { type Pem, readPem } from "./pem.js";

/** Each in PEM, or the name of a file, which is read again for each connection. */
export interface TlsOptions {
  /** Who is to have signed the node's certificate. Default: whom Node.js trusts. */
  ca?: Pem | undefined;
  /** Our own certificate, where the node asks for one, and its key. */
  cert?: Pem | undefined;
  key?: Pem | undefined;
  /** The name that the node's certificate must bear. Default: the host of its address. */
  serverName?: string | undefined;
}

/** What connections are made with: a new one when the files have changed. Keeps the last good one. */
export type Contexts = () => SecureContext;

/**
 * @param what this is about, for what is wrong with it
 * @throws RepriseError `invalid_argument` if the first one cannot be made
 */
export function contextsOf({ ca, cert, key }: TlsOptions, what = "TLS"): Contexts {
  if ((cert === undefined) !== (key === undefined)) {
    throw new RepriseError("invalid_argument", `${what}: a certificate and its key are given together or not at all`);
  }
  const read = () => [
    readPem(ca, `${what}: the file of the CA`),
    readPem(cert, `${what}: the file of the certificate`),
    readPem(key, `${what}: the file of the key`),
  ];
  let known = read();
  let context = contextOf(known, what);
  return () => {
    try {
      const now = read();
      if (now.some((pem, i) => pem !== undefined && !pem.equals(known[i]!))) {
        context = contextOf(now, what);
        known = now;
      }
    } catch {
      // In the middle of being replaced, or gone: the node will say whether the old ones still do.
    }
    return context;
  };
}

function contextOf([ca, cert, key]: readonly (Buffer | undefined)[], what: string): SecureContext {
  try {
    if (ca !== undefined) new X509Certificate(ca);
    return createSecureContext({ ca, cert, key, minVersion: "TLSv1.2" });
  } catch (thrown) {
    const which = ca !== undefined && cert === undefined ? "the CA" : "the CA, the certificate or the key";
    throw new RepriseError("invalid_argument", `${what}: ${which} cannot be used: ${(thrown as Error).message}`);
  }
}
