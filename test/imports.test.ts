// Imports run one way (docs/design.md, "Folders"): log, trace, generated ← wire ← tls ← redis, etcd ← buffer, presence, nodes ←
// store ← bin, wire ← auth ← bin, wire ← broker ← bin, and wire ← client ← bin.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { assert, suite } from "./harness.js";

const test = suite("imports");

const root = resolve(import.meta.dirname, "..");

interface Rule {
  /** Folders, or single files, whose code may be loaded. */
  code: string[];
  /** Whose types may be used, too. */
  types?: string[];
  packages?: string[];
}

/** Everything that a folder may import besides itself and node's own modules. */
const rules: Record<string, Rule> = {
  "src/log": { code: [] },
  "src/trace": { code: [] },
  "src/wire": { code: ["generated"], packages: ["@grpc/grpc-js", "google-protobuf"] },
  "src/tls": { code: ["src/wire"], packages: ["@grpc/grpc-js"] },
  "src/redis": { code: ["src/log", "src/wire"], packages: ["ioredis", "cluster-key-slot"] },
  "src/etcd": { code: ["generated", "src/wire", "src/tls"], packages: ["@grpc/grpc-js"] },
  "src/buffer": { code: ["src/log", "src/wire", "src/redis"], packages: ["ioredis"] },
  "src/presence": { code: ["src/wire", "src/redis"] },
  "src/nodes": { code: ["src/wire", "src/redis", "src/etcd"] },
  "src/auth": { code: ["src/log", "src/wire"], packages: ["jose", "yaml"] },
  "src/store": { code: ["src/log", "src/wire", "src/redis", "src/buffer", "src/presence", "src/nodes"] },
  "src/broker": {
    code: ["generated", "src/log", "src/trace", "src/wire", "src/tls"],
    types: ["src/auth/guard.ts", "src/buffer/buffer.ts", "src/presence/members.ts", "src/nodes/registry.ts"],
    packages: ["@grpc/grpc-js", "@grpc/proto-loader", "@grpc/reflection", "grpc-health-check"],
  },
  "src/gateway": { code: ["src/wire"], types: ["src/broker/index.ts"], packages: ["prom-client"] },
  "src/client": { code: ["generated", "src/trace", "src/wire", "src/tls", "src/etcd"], packages: ["@grpc/grpc-js"] },
  // Public entries only: the commands can do nothing that a user's program cannot.
  "src/bin": {
    code: [
      "src/client/index.ts",
      "src/broker/index.ts",
      "src/gateway/index.ts",
      "src/store/index.ts",
      "src/auth/index.ts",
      "src/log/log.ts",
      // Public through the client, whose whole code a node that starts need not load for it.
      "src/tls/loopback.ts",
    ],
    packages: ["commander", "node-forge", "pino", "yaml"],
  },
};

interface Import {
  /** As written. */
  specifier: string;
  typesOnly: boolean;
  /** Only when the code comes to it. */
  later: boolean;
}

/** All of a module, however they are written. */
function importsOf(text: string): Import[] {
  const names = String.raw`([\w\s{},*]+?)\s+from\s+`;
  const statement = new RegExp(
    String.raw`^(?:import\s+(type\s+)?(?:${names})?|export\s+(type\s+)?(\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s+from\s+)"([^"]+)"`,
    "gm",
  );
  const call = /\b(?:import|require|import\.meta\.resolve)\s*\(\s*["'`]([^"'`]+)["'`]/g;
  const typesAlone = (names: string) =>
    /^\{[^}]*\}$/.test(names) &&
    names
      .slice(1, -1)
      .split(",")
      .every((name) => /^\s*(type\s|$)/.test(name));
  return [
    ...[...text.matchAll(statement)].map(([, type, names, exportType, exported, specifier]) => ({
      specifier: specifier!,
      typesOnly: (type ?? exportType) !== undefined || typesAlone(names ?? exported ?? ""),
      later: false,
    })),
    ...[...text.matchAll(call)].map(([, specifier]) => ({ specifier: specifier!, typesOnly: false, later: true })),
  ];
}

/** What is wrong with an import; undefined if it is allowed. */
function wrong(file: string, { specifier, typesOnly }: Pick<Import, "specifier" | "typesOnly">): string | undefined {
  const folder = Object.keys(rules).find((name) => file.startsWith(`${name}/`));
  const said = `${file} imports ${specifier}`;
  if (folder === undefined) return `${said}, and there is no rule for its folder`;
  const { code, types = [], packages = [] } = rules[folder]!;
  if (specifier.startsWith("node:")) return undefined;
  if (!specifier.startsWith(".")) return packages.includes(specifier) ? undefined : said;
  const target = relative(root, resolve(root, dirname(file), specifier)).replace(/^(src\/.*)\.js$/, "$1.ts");
  if (!existsSync(join(root, target))) return `${said}, which does not exist`;
  const allowed = [folder, ...code, ...(typesOnly ? types : [])];
  return allowed.some((one) => target === one || target.startsWith(`${one}/`)) ? undefined : said;
}

test("each folder imports what its rule allows", () => {
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `src/${name}`);
  const imports = files.flatMap((file) =>
    importsOf(readFileSync(join(root, file), "utf8")).map((one) => ({ file, one })),
  );
  assert.ok(imports.length > files.length, "they were found");
  assert.equal(
    imports.map(({ file, one }) => wrong(file, one)).filter((said) => said !== undefined),
    [],
  );
});

/** What is loaded with a file: the packages, and files of src/. */
function loadedWith(file: string, found = new Set<string>()): Set<string> {
  found.add(file);
  for (const { specifier, typesOnly, later } of importsOf(readFileSync(join(root, file), "utf8"))) {
    if (typesOnly || later) continue;
    const target = relative(root, resolve(root, dirname(file), specifier)).replace(/\.js$/, ".ts");
    if (!specifier.startsWith(".")) found.add(specifier);
    else if (target.startsWith("src/") && !found.has(target)) loadedWith(target, found);
  }
  return found;
}

test("a command loads no more than it needs to begin", () => {
  assert.ok(loadedWith("src/bin/pub.ts").has("@grpc/grpc-js"), "what talks to a broker does");
  for (const name of ["reprise", "serve", "config", "context", "token", "cert"]) {
    const loaded = loadedWith(`src/bin/${name}.ts`);
    assert.ok(loaded.has("commander"), name);
    assert.not.ok(loaded.has("@grpc/grpc-js"), name);
  }
  assert.not.ok(loadedWith("src/bin/reprise.ts").has("src/bin/serve.ts"), "nor another command");
});

test("generated code imports nothing of ours", () => {
  for (const name of readdirSync(join(root, "generated"), { recursive: true, encoding: "utf8" })) {
    if (!/\.(js|ts)$/.test(name)) continue;
    const own = importsOf(readFileSync(join(root, "generated", name), "utf8")).filter(({ specifier }) =>
      resolve(root, "generated", dirname(name), specifier).startsWith(join(root, "src")),
    );
    assert.equal(own, [], name);
  }
});

test("every way to write an import is seen, and a wrong one found", () => {
  const found = importsOf(`
import "a";
import b from "b";
import type { C } from "c";
import { type D, d } from "d";
import {
  type E,
  type F,
} from "e";
import * as g from "g";
export { h } from "h";
export type * from "i";
const [{ j }] = await Promise.all([import("j")]);
`);
  assert.equal(
    found.map(({ specifier, typesOnly }) => `${specifier}${typesOnly ? " types" : ""}`),
    ["a", "b", "c types", "d", "e types", "g", "h", "i types", "j"],
  );
  const isWrong = (file: string, specifier: string, typesOnly = false) =>
    wrong(file, { specifier, typesOnly }) !== undefined;
  assert.ok(isWrong("src/client/client.ts", "../broker/index.js"));
  assert.ok(isWrong("src/client/client.ts", "../buffer/buffer.js", true));
  assert.ok(isWrong("src/client/client.ts", "ioredis"));
  assert.ok(isWrong("src/bin/sub.ts", "../client/client.js"));
  assert.ok(isWrong("src/bin/sub.ts", "../wire/errors.js", true));
  assert.ok(isWrong("src/broker/broker.ts", "../buffer/buffer.js"));
  assert.not.ok(isWrong("src/broker/broker.ts", "../buffer/buffer.js", true));
  assert.ok(isWrong("src/wire/bytes.ts", "../client/index.js", true));
  assert.ok(isWrong("src/new/file.ts", "../wire/bytes.js"));
});

test.run();
