// Certificates for a test: an authority of its own, and who it vouches for.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { notRun, type T, temporaryFolder } from "../harness.js";

export interface Certificates {
  ca: string;
  /** Of `localhost` and 127.0.0.1. */
  server: { cert: string; key: string };
  client: { cert: string; key: string };
}

/** Paths of files in PEM. */
export function makeCertificates(t: T): Certificates {
  const folder = temporaryFolder(t);
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  try {
    openssl("version");
  } catch {
    notRun("it needs openssl, and there is none here");
  }
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test");
  writeFileSync(file("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  const issue = (name: string) => {
    openssl("req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    openssl(
      ...["x509", "-req", "-in", `${name}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
      ...["-out", `${name}.pem`, "-days", "2", "-extfile", "names"],
    );
    return { cert: file(`${name}.pem`), key: file(`${name}.key`) };
  };
  return { ca: file("ca.pem"), server: issue("server"), client: issue("client") };
}
