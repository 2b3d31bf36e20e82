// What `npm pack` makes, on a machine that has nothing else of this repository: installed, type-checked, and run.
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { assert, notRun, suite, type T, temporaryFolder } from "../harness.js";
import { freePort } from "../redis.js";
import { launch } from "./program.js";

const test = suite("tarball");

const root = join(import.meta.dirname, "../..");
const runFile = promisify(execFile);

/** Without what npm and this repository have put into the path, or tell of themselves. */
const { PATH = "", NODE_OPTIONS: _, NODE_PATH: __, ...others } = process.env;
const env = {
  ...Object.fromEntries(Object.entries(others).filter(([name]) => !/^(npm_(?!config)|REPRISE_)/.test(name))),
  PATH: PATH.split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .join(delimiter),
  XDG_CONFIG_HOME: "/nonexistent",
};

const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];

/** The tarball of what was built, installed in an empty folder. */
async function install(t: T): Promise<string> {
  const folder = temporaryFolder(t);
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const { stdout } = await runFile("npm", pack, { cwd: root, env, signal: t.signal, maxBuffer: 2 ** 24 });
  const { files } = (JSON.parse(stdout) as { files: { path: string }[] }[])[0]!;
  checkContents(files.map(({ path }) => path));
  const place = join(folder, "elsewhere");
  mkdirSync(place);
  writeFileSync(join(place, "package.json"), '{ "private": true, "type": "module" }\n');
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  const packages = [join(folder, tarball), "@types/node@20"];
  const args = ["install", ...quiet, "--prefer-offline", "--omit=optional", ...packages];
  await runFile("npm", args, { cwd: place, env, signal: t.signal }).catch((error: Error) => {
    if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENETUNREACH/.test(error.message)) notRun("no registry is reached");
    throw error;
  });
  return place;
}

function checkContents(paths: readonly string[]): void {
  const all = new Set(paths);
  const needed = ["dist/bin/reprise.js", "dist/buffer/redis/append.lua", "proto/reprise/v1/broker.proto", "LICENSE"];
  for (const path of [...needed, "README.md", "CHANGELOG.md", "ops/reprise.service", "docs/operate.md"]) {
    assert.ok(all.has(path), path);
  }
  assert.equal(
    paths.filter((path) => /^(test|src|scripts|bench|torture|\.)/.test(path)),
    [],
  );
}

const program = `
import { openGuard } from "reprise/auth";
import { type Node, startBroker } from "reprise/broker";
import { openEmbedded, retentionPolicy } from "reprise/buffer";
import { connect, last, type Message } from "reprise";
import { openStore, type Store } from "reprise/store";

const buffer = await openEmbedded({ folder: "data", fsync: "no", retention: retentionPolicy([]) });
const node: Node = await startBroker({ buffer, listen: "127.0.0.1:0" });
const bus = await connect(node.address);
await bus.publish("c", "hello");
for await (const message of bus.subscribe("c", { from: last(1) })) {
  const heard: Message = message;
  console.log(heard.text);
  break;
}
await bus.close();
await node.close(0);
await buffer.close();
const store: Store = await openStore("embedded:other", { retention: retentionPolicy([]) });
await store.close();
console.log(typeof openGuard);
`;

const tsconfig = {
  compilerOptions: {
    ...{ target: "es2023", lib: ["es2023", "esnext.disposable"], module: "nodenext", strict: true },
    ...{ types: ["node"], skipLibCheck: false, exactOptionalPropertyTypes: true },
  },
  files: ["program.ts"],
};

test(
  "it installs in an empty folder; its types hold, and it runs",
  async (t) => {
    const place = await install(t);
    const options = { cwd: place, env, signal: t.signal };
    writeFileSync(join(place, "program.ts"), program);
    writeFileSync(join(place, "tsconfig.json"), JSON.stringify(tsconfig));
    // The compiler is a tool; what it finds is there.
    await runFile(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], options);
    assert.is((await runFile(process.execPath, ["program.js"], options)).stdout, "hello\nfunction\n");

    const listen = `127.0.0.1:${await freePort()}`;
    const node = launch(t, "npx", ["--no-install", "reprise", "serve", "--listen", listen], { cwd: place, env });
    await node.says("chat lobby");
    const reprise = async (...args: string[]) =>
      (await runFile("npx", ["--no-install", "reprise", ...args, "--server", listen], options)).stdout;
    await reprise("pub", "news", "from the tarball");
    assert.is(await reprise("sub", "news", "--from", "earliest", "--count", "1"), "from the tarball\n");
  },
  { timeoutMs: 240_000 },
);

test.run();
