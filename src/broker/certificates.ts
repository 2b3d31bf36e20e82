// The certificate of a node, its key, and who vouches for its peers: files, read again when their contents change,
// however that comes about (written over, renamed, a folder behind a symbolic link swapped). What cannot be used changes
// nothing: the node goes on with what it has, and says so.
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { Log } from "../log/log.js";
import { RepriseError } from "../wire/errors.js";

export interface NodeTls {
  /** Files in PEM: the certificate, with those between it and its authority behind it, and its key. */
  cert: string;
  key: string;
  /** The authorities that sign the certificates of clients, a file in PEM. Default: clients are not asked for one. */
  clientCa?: string | undefined;
  /** With `clientCa`: whether a client may come without one. One that is not trusted is refused anyway. Default: false. */
  clientCertOptional?: boolean | undefined;
  /** Default: "TLSv1.2". */
  minVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
}

export interface Certificates {
  /** The last ones that can be used. */
  readonly context: SecureContextOptions;
  /** Reads them now. */
  reload(): Promise<void>;
  close(): void;
}

const lookEveryMs = 2_000;
const dayMs = 24 * 60 * 60 * 1_000;
const soonMs = 14 * dayMs;

interface Contents {
  cert: Buffer;
  key: Buffer;
  ca: Buffer | undefined;
}

/**
 * @param changed called with each new context after the first
 * @throws RepriseError `invalid_argument` if the first ones cannot be used
 */
export async function openCertificates(
  tls: NodeTls,
  log: Log,
  changed: (context: SecureContextOptions) => void,
): Promise<Certificates> {
  let contents = await read(tls);
  let context = contextOf(contents, tls);
  let failedBefore = "";
  /** Of the failures, not to be told again. */
  let told = "";
  let warnedAt = Number.NEGATIVE_INFINITY;
  let closed = false;

  function warn(): void {
    warnedAt = Date.now();
    const warning = expiry(contents.cert, warnedAt);
    if (warning !== undefined) log.warn({}, `the certificate ${tls.cert} ${warning}`);
  }
  function use(now: Contents): void {
    if (sameAs(contents, now)) return;
    const fresh = contextOf(now, tls);
    // Clients refuse it: better the one that they take, for as long as they do.
    if (!isValid(now.cert) && isValid(contents.cert)) throw invalid(`${tls.cert} ${expiry(now.cert, Date.now())}`);
    context = fresh;
    contents = now;
    changed(context);
    log.info({}, `the certificate was read again: ${tls.cert}`);
    warn();
  }
  /** What fails once may be in the middle of being written: unless somebody asked, it is told when it fails so again. */
  async function look(isAsked: boolean): Promise<void> {
    const failure = await read(tls).then(
      (now) => (closed ? "" : attemptTo(() => use(now))),
      (thrown: Error) => thrown.message,
    );
    if (failure !== "" && failure !== told && (isAsked || failure === failedBefore)) {
      log.error({}, `the certificate is not read again, the old one stays: ${failure}`);
      told = failure;
    }
    if (failure === "") told = "";
    failedBefore = failure;
  }

  let waiting = 0;
  let last = Promise.resolve();
  /** One after the other: what was read earlier must not be used later. */
  function lookInTurn(isAsked: boolean): Promise<void> {
    waiting++;
    last = last.then(() => look(isAsked)).finally(() => waiting--);
    return last;
  }

  warn();
  const timer = setInterval(() => {
    if (waiting === 0) void lookInTurn(false);
    if (Date.now() >= warnedAt + dayMs) warn();
  }, lookEveryMs);
  return {
    get context() {
      return context;
    },
    reload: () => lookInTurn(true),
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}

async function read({ cert, key, clientCa }: NodeTls): Promise<Contents> {
  const file = (path: string) =>
    readFile(path).catch((thrown: Error) => {
      throw invalid(`cannot read ${path}: ${thrown.message}`);
    });
  return {
    cert: await file(cert),
    key: await file(key),
    ca: clientCa === undefined ? undefined : await file(clientCa),
  };
}

const sameAs = (a: Contents, b: Contents): boolean =>
  a.cert.equals(b.cert) &&
  a.key.equals(b.key) &&
  (a.ca === b.ca || (b.ca !== undefined && a.ca?.equals(b.ca) === true));

/** Checks what OpenSSL would find out in the middle of a handshake, or never. */
function contextOf({ cert, key, ca }: Contents, { minVersion = "TLSv1.2", ...files }: NodeTls): SecureContextOptions {
  const own = attempt(files.cert, () => new X509Certificate(cert));
  const fits = attempt(files.key, () => own.checkPrivateKey(createPrivateKey(key)));
  if (!fits) throw invalid(`the key ${files.key} does not belong to the certificate ${files.cert}`);
  if (ca !== undefined) attempt(files.clientCa!, () => new X509Certificate(ca));
  const context = { cert, key, ...(ca && { ca }), minVersion };
  attempt(files.cert, () => createSecureContext(context));
  return context;
}

/** What was wrong with it; empty: nothing. */
function attemptTo(work: () => void): string {
  try {
    work();
    return "";
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

function attempt<A>(path: string, work: () => A): A {
  try {
    return work();
  } catch (thrown) {
    throw invalid(`${path} cannot be used: ${(thrown as Error).message}`);
  }
}

const invalid = (what: string): RepriseError => new RepriseError("invalid_argument", `TLS: ${what}`);

/** A node's certificate, as reprise doctor looks at it. */
export interface CertificateState {
  /** What has to be said of its time; undefined: nothing. */
  expiry: string | undefined;
  validTo: string;
  /** For whom it is, as it says. */
  names: string;
  /** Those of the hosts asked about that it is not for. */
  uncovered: string[];
}

/**
 * @param hosts names and IP addresses by which clients reach the node
 * @throws RepriseError `invalid_argument` if a node would not start with these files
 */
export async function inspectCertificate(tls: NodeTls, hosts: readonly string[]): Promise<CertificateState> {
  const contents = await read(tls);
  contextOf(contents, tls);
  const own = new X509Certificate(contents.cert);
  const covers = (host: string) => (isIP(host) ? own.checkIP(host) : own.checkHost(host)) !== undefined;
  return {
    expiry: expiry(contents.cert, Date.now()),
    validTo: own.validTo,
    names: own.subjectAltName ?? own.subject,
    uncovered: hosts.filter((host) => !covers(host)),
  };
}

function isValid(pem: Buffer): boolean {
  const { validFrom, validTo } = new X509Certificate(pem);
  const now = Date.now();
  return Date.parse(validFrom) <= now && now < Date.parse(validTo);
}

/** What has to be said about a certificate at this time; undefined: nothing. */
export function expiry(pem: Buffer, now: number): string | undefined {
  const { validFrom, validTo } = new X509Certificate(pem);
  const left = Date.parse(validTo) - now;
  if (Date.parse(validFrom) > now) return `is not valid before ${validFrom}: clients refuse it`;
  if (left <= 0) return `has expired on ${validTo}: clients refuse it`;
  if (left >= soonMs) return undefined;
  return `expires on ${validTo}, in ${left < dayMs ? "less than a day" : `${Math.floor(left / dayMs)} days`}`;
}
