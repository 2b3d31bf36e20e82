// Certificates for a test, made by openssl: of an authority, of servers on loopback, of a client.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { notRun, type T, temporaryFolder } from "./harness.js";

/** Files. */
export interface Certificates {
  ca: string;
  /** For 127.0.0.1, localhost and the name redis.test. */
  server: { cert: string; key: string };
  client: { cert: string; key: string };
}

export function makeCertificates(t: T): Certificates {
  const folder = temporaryFolder(t);
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => {
    try {
      execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") notRun("there is no openssl here");
      throw error;
    }
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const [ca, caKey] = [file("ca.crt"), file("ca.key")];
  openssl("req", "-x509", ...newKey, "-days", "2", "-subj", "/CN=test authority", "-keyout", caKey, "-out", ca);
  const signed = (name: string, extension: string) => {
    const [cert, key, request, extensions] = ["crt", "key", "csr", "ext"].map((ending) =>
      file(`${name}.${ending}`),
    ) as [string, string, string, string];
    writeFileSync(extensions, extension);
    openssl("req", ...newKey, "-subj", `/CN=${name}`, "-keyout", key, "-out", request);
    const by = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-extfile", extensions];
    openssl("x509", "-req", "-in", request, ...by, "-days", "2", "-out", cert);
    return { cert, key };
  };
  return {
    ca,
    server: signed("server", "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:redis.test"),
    client: signed("client", "extendedKeyUsage=clientAuth"),
  };
}
