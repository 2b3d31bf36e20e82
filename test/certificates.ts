// Certificates for a test: of an authority, of servers on loopback, of a client.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Authority, type Certificate, createAuthority, type Wanted } from "../src/bin/authority.js";
import { type T, temporaryFolder } from "./harness.js";

/** Files. */
export interface Files {
  cert: string;
  key: string;
}

export interface Certificates {
  ca: string;
  /** For 127.0.0.1, localhost and the name redis.test. */
  server: Files;
  client: Files;
  /** Another one of the same authority. */
  issue(name: string, wanted: Partial<Wanted>): Promise<Files>;
}

export const hourMs = 60 * 60 * 1_000;
export const inHours = (hours: number): Date => new Date(Date.now() + hours * hourMs);

const hosts = ["127.0.0.1", "localhost", "redis.test"];

/** Made once for a file of tests: keys take time. */
interface Made {
  authority: Authority;
  server: Certificate;
  client: Certificate;
}

const made = new Map<string, Promise<Made>>();

async function make(authorityName: string): Promise<Made> {
  const authority = await createAuthority(authorityName, { to: inHours(48) });
  const [server, client] = await Promise.all([
    issueBy(authority, "server", {}),
    issueBy(authority, "client", { usage: "client", hosts: [] }),
  ]);
  return { authority, server, client };
}

export async function makeCertificates(t: T, authorityName = "test authority"): Promise<Certificates> {
  const making = made.get(authorityName) ?? make(authorityName);
  made.set(authorityName, making);
  const { authority, server, client } = await making;
  const folder = temporaryFolder(t);
  const file = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const write = (name: string, { cert, key }: Certificate): Files => ({
    cert: file(`${name}.crt`, cert),
    key: file(`${name}.key`, key),
  });
  return {
    ca: write("ca", authority).cert,
    server: write("server", server),
    client: write("client", client),
    issue: async (name, wanted) => write(name, await issueBy(authority, name, wanted)),
  };
}

/** For a server on loopback, from an hour ago to tomorrow, unless it is wanted otherwise. */
const issueBy = (authority: Authority, commonName: string, wanted: Partial<Wanted>): Promise<Certificate> =>
  authority.issue({ commonName, usage: "server", hosts, to: inHours(24), ...wanted });
