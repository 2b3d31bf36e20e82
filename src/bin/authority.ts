// A certificate authority for development and tests: makes certificates, and keeps no record of them. RSA with 2,048
// bits, which everything accepts.
import { generateKeyPair, randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import forge from "node-forge";

/** Both in PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

interface Validity {
  /** Default: an hour ago, for clocks that are behind. */
  from?: Date;
  to: Date;
}

export interface Wanted extends Validity {
  /** Whom it names; for a client's certificate who the client is. */
  commonName: string;
  usage: "server" | "client";
  /** Host names and IP addresses of a server. */
  hosts?: readonly string[];
}

export interface Authority extends Certificate {
  issue(wanted: Wanted): Promise<Certificate>;
}

const newKey = promisify(generateKeyPair);

export async function createAuthority(commonName: string, validity: Validity): Promise<Authority> {
  const key = await keyPem();
  const { certificate, publicKey } = blank(key, validity);
  certificate.setSubject([{ name: "commonName", value: commonName }]);
  certificate.setIssuer(certificate.subject.attributes);
  certificate.setExtensions([
    { name: "basicConstraints", cA: true, pathLenConstraint: 0, critical: true },
    { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    { name: "subjectKeyIdentifier" },
  ]);
  const signingKey = forge.pki.privateKeyFromPem(key);
  const sign = (one: forge.pki.Certificate) => {
    one.sign(signingKey, forge.md.sha256.create());
    return forge.pki.certificateToPem(one);
  };
  const keyIdentifier = forge.pki.getPublicKeyFingerprint(publicKey, { type: "RSAPublicKey" }).getBytes();
  return {
    cert: sign(certificate),
    key,
    async issue({ commonName, usage, hosts = [], ...validity }) {
      const key = await keyPem();
      const issued = blank(key, validity).certificate;
      issued.setSubject([{ name: "commonName", value: commonName }]);
      issued.setIssuer(certificate.subject.attributes);
      issued.setExtensions([
        { name: "basicConstraints", cA: false, critical: true },
        { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
        { name: "extKeyUsage", serverAuth: usage === "server", clientAuth: usage === "client" },
        ...(hosts.length === 0 ? [] : [{ name: "subjectAltName", altNames: hosts.map(altName) }]),
        { name: "subjectKeyIdentifier" },
        { name: "authorityKeyIdentifier", keyIdentifier },
      ]);
      return { cert: sign(issued), key };
    },
  };
}

async function keyPem(): Promise<string> {
  const { privateKey } = await newKey("rsa", {
    modulusLength: 2_048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return privateKey;
}

function blank(key: string, { from = new Date(Date.now() - 3_600_000), to }: Validity) {
  const { n, e } = forge.pki.privateKeyFromPem(key);
  const publicKey = forge.pki.setRsaPublicKey(n, e);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  // A positive number that nobody can guess.
  certificate.serialNumber = `01${randomBytes(15).toString("hex")}`;
  certificate.validity.notBefore = from;
  certificate.validity.notAfter = to;
  return { certificate, publicKey };
}

const altName = (host: string) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host });
