// TLS of `reprise serve`: its options, and what is said about it.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Option } from "commander";
import type { NodeOptions, NodeTls } from "../broker/index.js";
import { isLoopback } from "../tls/loopback.js";
import { devFiles } from "./dev-files.js";
import { Exit, exitCodes } from "./exit.js";
import { note } from "./output.js";

export interface ServeTlsOptions {
  tlsCert?: string;
  tlsKey?: string;
  tlsClientCa?: string;
  tlsClientCerts?: "required" | "optional";
  tlsMin?: "1.2" | "1.3";
  insecure?: boolean;
  /** Of serve-auth.ts: peers are recognized by what only TLS can show. */
  authCert?: boolean;
}

export const serveTlsOptions = [
  new Option("--tls-cert <FILE>", "TLS, with this certificate in PEM (with those between it and its CA)").env(
    "REPRISE_TLS_CERT",
  ),
  new Option("--tls-key <FILE>", "and this key of it").env("REPRISE_TLS_KEY"),
  new Option("--tls-client-ca <FILE>", "the CA that signs the certificates of clients: without, none is asked for").env(
    "REPRISE_TLS_CLIENT_CA",
  ),
  new Option("--tls-client-certs <WHETHER>", "whether a client may come without one (default: required)")
    .env("REPRISE_TLS_CLIENT_CERTS")
    .choices(["required", "optional"]),
  new Option("--tls-min <VERSION>", "the oldest version of TLS that is spoken (default: 1.2)")
    .env("REPRISE_TLS_MIN")
    .choices(["1.2", "1.3"]),
  new Option("--insecure", "listen without TLS where other machines can reach it").env("REPRISE_INSECURE"),
];

/** For `startBroker`. @throws Exit if they contradict each other, or would expose a node by mistake */
export type Security = Pick<NodeOptions, "tls" | "insecure">;

export function securityOfServe(given: ServeTlsOptions, listen: string): Security {
  const { tlsCert: cert, tlsKey: key, tlsClientCa: clientCa, tlsClientCerts, tlsMin, insecure = false } = given;
  if (given.authCert === true && clientCa === undefined) {
    throw usage("--auth-cert needs --tls-client-ca: without it clients are not asked for certificates");
  }
  if (cert === undefined || key === undefined) {
    const others = [cert, key, clientCa, tlsClientCerts, tlsMin];
    if (others.some((one) => one !== undefined)) throw usage("TLS needs both --tls-cert and --tls-key");
    if (insecure || isLoopback(listen)) return { insecure };
    throw usage(
      `other machines can reach ${listen}, and there is no TLS: give --tls-cert and --tls-key (reprise cert dev makes ` +
        "some for development), or say with --insecure that everybody on the way may read and change what is sent",
    );
  }
  if (insecure) throw usage("--insecure is for a node without TLS");
  if (tlsClientCerts !== undefined && clientCa === undefined) throw usage("--tls-client-certs needs --tls-client-ca");
  const tls: NodeTls = {
    cert: resolve(cert),
    key: resolve(key),
    clientCa: clientCa && resolve(clientCa),
    clientCertOptional: tlsClientCerts === "optional",
    minVersion: tlsMin && `TLSv${tlsMin}`,
  };
  return { tls };
}

const usage = (sentence: string) => new Exit(exitCodes.usage, sentence);

export function greetTls({ tls }: Security): void {
  if (tls === undefined) return;
  const clients = tls.clientCa === undefined ? "are not asked for one" : `must have one of ${tls.clientCa}`;
  const which = tls.clientCertOptional ? `may have one of ${tls.clientCa}` : clients;
  note(`TLS (${tls.minVersion ?? "TLSv1.2"} or later) with the certificate ${tls.cert}; clients ${which}`);
}

/** What a command needs to talk to it: the files of `reprise cert dev`, where the certificate is one of those. */
export function flagsOfClients({ tls }: Security): string[] {
  if (tls === undefined) return [];
  const file = (name: string) => join(dirname(tls.cert), name);
  const given = (flag: string, name: string) => (existsSync(file(name)) ? [flag, file(name)] : []);
  const own = [...given("--cert", devFiles.client.cert), ...given("--key", devFiles.client.key)];
  return ["--tls", ...given("--ca", devFiles.ca.cert), ...(tls.clientCa === undefined ? [] : own)];
}
