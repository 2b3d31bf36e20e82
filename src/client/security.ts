// How a client gets in touch safely: the options, and what connections are made with.
import type { ChannelCredentials } from "@grpc/grpc-js";
import { contextsOf, type TlsOptions } from "../tls/options.js";
import { isFile } from "../tls/pem.js";
import { RepriseError } from "../wire/errors.js";
import type { ConnectionOptions } from "./connection.js";

export interface SecurityOptions {
  /** TLS; `true` trusts whom Node.js trusts and shows no certificate. Default: none, what is sent can be read on the way. */
  tls?: TlsOptions | boolean | undefined;
  /** Credentials of gRPC in place of `tls`. What is wrong with them is then told in gRPC's words. */
  credentials?: ChannelCredentials | undefined;
  /** Without either of them: send the token to other machines too, where others may read it. Default: no. */
  insecure?: boolean | undefined;
}

/** @throws RepriseError `invalid_argument` */
export function securityOf({ tls = false, credentials, insecure }: SecurityOptions): Pick<
  ConnectionOptions,
  "tls" | "credentials" | "serverName" | "insecure"
> & {
  mayShowAnother?: boolean;
} {
  if (tls !== false && credentials !== undefined) {
    throw new RepriseError("invalid_argument", "tls and credentials are not given together");
  }
  if (tls === false) return { credentials, insecure };
  const options = tls === true ? {} : tls;
  return { tls: contextsOf(options), serverName: options.serverName, mayShowAnother: isFile(options.cert) };
}
