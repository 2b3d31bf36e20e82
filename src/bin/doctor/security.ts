// Who gets in, and how: the certificate of a node, and the files by which it knows its peers.

import { stat } from "node:fs/promises";
import type { NodeTls } from "../../broker/index.js";
import { noLog } from "../../log/log.js";
import type { Finding } from "../../store/index.js";
import { isLoopback } from "../../tls/loopback.js";
import { type Configured, permissionsOf } from "../configured.js";
import { plaintextDangers } from "../plaintext.js";
import type { ServeOptions } from "../serve.js";
import { guardOf } from "../serve-auth.js";
import { type Security, securityOfServe } from "../serve-tls.js";
import { hostOf, isWildcard } from "./ports.js";

export async function inspectSecurity(configured: Configured): Promise<Finding[]> {
  const { given } = configured;
  let security: Security;
  try {
    security = securityOfServe(given, given.listen);
  } catch {
    // It was said with the configuration.
    return [];
  }
  const elsewhere = plaintextDangers(given).map(
    (sentence): Finding => ({ level: "warn", subject: "plaintext", sentence }),
  );
  const { authJwtSecretFile: secret } = given;
  const readers = secret === undefined ? [] : await inspectReaders("JWT secret", secret);
  return [...(await inspectTls(security, given)), ...elsewhere, ...readers, ...(await inspectGuard(configured))];
}

async function inspectTls({ tls, insecure }: Security, given: ServeOptions): Promise<Finding[]> {
  const subject = "TLS";
  if (tls === undefined) {
    if (!insecure || isLoopback(given.listen))
      return [{ level: "ok", subject, sentence: "none, and none is needed on loopback" }];
    const sentence =
      "none (--insecure): whoever is on the way reads and changes what is sent; give --tls-cert and --tls-key";
    return [{ level: "warn", subject, sentence }];
  }
  return [...(await inspectFiles(tls, given)), ...(await inspectReaders("TLS key", tls.key))];
}

async function inspectFiles(tls: NodeTls, { advertise, listen }: ServeOptions): Promise<Finding[]> {
  const { inspectCertificate } = await import("../../broker/index.js");
  const host = hostOf(advertise ?? listen);
  const hosts = isWildcard(host) ? [] : [host];
  try {
    const { expiry, validTo, names, uncovered } = await inspectCertificate(tls, hosts);
    const found: Finding[] = [
      { level: "ok", subject: "TLS files", sentence: "the certificate can be used, and the key belongs to it" },
    ];
    const isOver = expiry !== undefined && !expiry.startsWith("expires");
    const renewed = `the certificate ${expiry}; put a new one in its place, it is read without a restart`;
    if (expiry === undefined) found.push({ level: "ok", subject: "TLS time", sentence: `good until ${validTo}` });
    else found.push({ level: isOver ? "fail" : "warn", subject: "TLS time", sentence: renewed });
    const [other] = uncovered;
    const lacks = `clients are sent to ${other}, and the certificate is for ${names}: have one made for it, or advertise a name in it`;
    if (other !== undefined) found.push({ level: "fail", subject: "TLS name", sentence: lacks });
    else if (hosts.length > 0) found.push({ level: "ok", subject: "TLS name", sentence: `it is for ${host}` });
    return found;
  } catch (thrown) {
    return [{ level: "fail", subject: "TLS files", sentence: (thrown as Error).message }];
  }
}

/** Of a file that only the node should read. */
async function inspectReaders(subject: string, path: string): Promise<Finding[]> {
  const mode = await stat(path).then(
    ({ mode }) => mode,
    () => 0,
  );
  if ((mode & 0o007) === 0) return [];
  const sentence = `everybody on this machine can read ${path}: chmod 640, and the node's group`;
  return [{ level: "warn", subject, sentence }];
}

async function inspectGuard(configured: Configured): Promise<Finding[]> {
  const { given } = configured;
  const subject = "authentication";
  try {
    const guard = await guardOf(given, await permissionsOf(configured), noLog);
    guard?.close();
    if (guard !== undefined) return [{ level: "ok", subject, sentence: "its files and keys can be used" }];
  } catch (thrown) {
    return [{ level: "fail", subject, sentence: (thrown as Error).message }];
  }
  if (isLoopback(given.listen))
    return [{ level: "ok", subject, sentence: "none, and none but this machine gets there" }];
  const sentence =
    "none: whoever reaches the node can read and publish everything; give --auth-tokens or --auth-jwks, and --policy";
  return [{ level: "warn", subject, sentence }];
}
