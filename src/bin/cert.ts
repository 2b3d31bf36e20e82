// reprise cert: certificates for development, without any other program.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Certificate } from "./authority.js";
import { commandLine, quote } from "./command-line.js";
import { devFiles } from "./dev-files.js";
import { Exit, exitCodes } from "./exit.js";
import { withOptions } from "./options.js";
import { note, print } from "./output.js";

interface DevOptions {
  dir: string;
  host: string[];
  client: string;
  force?: boolean;
}

const dayMs = 24 * 60 * 60 * 1_000;
/** What some systems allow at most. */
const days = 825;
const authorityDays = 3_650;

const options = [
  new Option("--dir <DIR>", "where to put them").default("./reprise-certs"),
  new Option("--host <NAME>", "a further host name or IP address of the server, repeatable")
    .default([], "localhost, 127.0.0.1, ::1 and the name of this machine are always there")
    .argParser((text, before: string[]) => [...before, parseHost(text)]),
  new Option("--client <NAME>", "whom the client's certificate names").default("dev"),
  new Option("--force", "replace what is there"),
];

export const certCommand = (): Command =>
  new Command("cert").summary("make certificates for development").addCommand(
    withOptions(new Command("dev"), options)
      .summary("make a CA, and with it a certificate for a server and one for a client")
      .description(
        "Makes a certificate authority, a certificate for a server and one for a client, for development: whoever has " +
          "the key of the authority can pretend to be any server to those who trust it.",
      )
      .action(makeDev),
  );

function parseHost(text: string): string {
  if (/^[A-Za-z0-9*]([\w.-]{0,251}\w)?$|^[\da-f:]*:[\da-f:.]*$/i.test(text)) return text;
  throw new InvalidArgumentError("Expected the name of a host, or an IP address, without a port.");
}

async function makeDev({ dir, host, client, force = false }: DevOptions): Promise<void> {
  const folder = resolve(dir);
  const file = (name: string) => join(folder, name);
  const files = Object.values(devFiles).flatMap(({ cert, key }) => [file(cert), file(key)]);
  const there = files.find(existsSync);
  if (there !== undefined && !force) {
    throw new Exit(
      exitCodes.failed,
      `${there} is there already: --force replaces all of them, or choose another --dir`,
    );
  }
  // Loaded here so that the other commands do not wait for it.
  const { createAuthority } = await import("./authority.js");
  const until = (days: number) => new Date(Date.now() + days * dayMs);
  const authority = await createAuthority(`Reprise development CA (${hostname()})`, { to: until(authorityDays) });
  const hosts = [...new Set(["localhost", "127.0.0.1", "::1", hostname(), ...host])];
  const [server, own] = await Promise.all([
    authority.issue({ commonName: hosts.at(-1)!.slice(0, 64), usage: "server", hosts, to: until(days) }),
    authority.issue({ commonName: client, usage: "client", to: until(days) }),
  ]);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, made] of Object.entries({ ca: authority, server, client: own })) {
    write(folder, devFiles[name as keyof typeof devFiles], made);
  }
  note(`made in ${folder}, for ${hosts.join(", ")}; valid for ${days} days, the CA for ten years`);
  await explain(folder);
}

function write(folder: string, names: { cert: string; key: string }, { cert, key }: Certificate): void {
  for (const [name, content, mode] of [
    [names.key, key, 0o600],
    [names.cert, cert, 0o644],
  ] as const) {
    try {
      // The mode is of new files only: a key must not come into one that others can read.
      writeFileSync(join(folder, name), "", { mode });
      chmodSync(join(folder, name), mode);
      writeFileSync(join(folder, name), content);
    } catch (thrown) {
      throw new Exit(exitCodes.failed, `cannot write: ${(thrown as Error).message}`);
    }
  }
}

async function explain(folder: string): Promise<void> {
  const command = commandLine();
  const file = (name: string) => quote(join(folder, name));
  const { ca, server, client } = devFiles;
  const serve = `${command} serve --tls-cert ${file(server.cert)} --tls-key ${file(server.key)}`;
  const trusting = `--tls --ca ${file(ca.cert)}`;
  const known = `${trusting} --cert ${file(client.cert)} --key ${file(client.key)}`;
  const talk = `${command} pub lobby hello --server localhost:50051`;
  const lines = [
    ["# a node with TLS, and how to talk to it", serve, `${talk} ${trusting}`],
    [
      "# a node that asks clients for a certificate too",
      `${serve} --tls-client-ca ${file(ca.cert)}`,
      `${talk} ${known}`,
    ],
    [
      "# so that it need not be typed again",
      `${command} context add dev --server localhost:50051 ${known}`,
      `${command} context use dev`,
    ],
  ];
  for (const line of lines.flat()) await print(line);
}
