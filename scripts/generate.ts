// Makes generated/ from proto/. Uses grpc-tools where its compiler could be installed; elsewhere, on Debian, the
// packages of Debian 11 (the last release whose protoc writes JavaScript), fetched with apt into .cache/ and
// unpacked there, never installed.
//
//   npm run generate            write generated/
//   npm run generate -- --check fail if generated/ is not what proto/ gives (needs a compiler as well)
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const protos = ["reprise/v1/broker.proto", "reprise/v1/admin.proto", "stream/stream.proto", "etcd/rpc.proto"];

type Compiler = { protoc: string; plugin: string; env: NodeJS.ProcessEnv };

function grpcTools(): Compiler | undefined {
  const bin = join(root, "node_modules/grpc-tools/bin");
  const compiler = { protoc: join(bin, "protoc"), plugin: join(bin, "grpc_node_plugin"), env: process.env };
  return existsSync(compiler.protoc) && existsSync(compiler.plugin) ? compiler : undefined;
}

function debian11(): Compiler {
  const cache = join(root, ".cache/protoc");
  const unpacked = join(cache, "root");
  const lib = join(unpacked, "usr/lib/x86_64-linux-gnu").replace(
    "x86_64",
    process.arch === "arm64" ? "aarch64" : "x86_64",
  );
  const compiler = {
    protoc: join(unpacked, "usr/bin/protoc"),
    plugin: join(unpacked, "usr/bin/grpc_node_plugin"),
    env: { ...process.env, LD_LIBRARY_PATH: lib },
  };
  if (existsSync(join(cache, "complete"))) return compiler;
  if (!existsSync("/usr/bin/apt-get")) {
    throw new Error(
      "no protobuf compiler with JavaScript output: allow the install script of grpc-tools (npm rebuild grpc-tools), or run this on Debian",
    );
  }
  rmSync(cache, { recursive: true, force: true });
  for (const folder of ["lists/partial", "archives/partial", "root"])
    mkdirSync(join(cache, folder), { recursive: true });
  const key = "/usr/share/keyrings/debian-archive-bullseye-stable.gpg";
  const signed = existsSync(key) ? `[signed-by=${key}] ` : "";
  writeFileSync(join(cache, "sources.list"), `deb ${signed}http://deb.debian.org/debian bullseye main\n`);
  const apt = (...args: string[]) =>
    execFileSync(
      "apt-get",
      [
        "-qq",
        ...["-o", `Dir::Etc::sourcelist=${join(cache, "sources.list")}`, "-o", "Dir::Etc::sourceparts=/dev/null"],
        ...["-o", `Dir::State::Lists=${join(cache, "lists")}`, "-o", `Dir::Cache=${cache}`],
        ...[
          "-o",
          "Dir::Etc::preferencesparts=/dev/null",
          "-o",
          "Acquire::Check-Valid-Until=false",
          "-o",
          "APT::Sandbox::User=root",
        ],
        ...args,
      ],
      { cwd: join(cache, "archives"), stdio: ["ignore", "inherit", "inherit"] },
    );
  console.error("fetching the protobuf compiler of Debian 11 into .cache/protoc");
  apt("update");
  const packages = [
    "protobuf-compiler",
    "protobuf-compiler-grpc",
    "libprotoc23",
    "libprotobuf23",
    "libgrpc++1",
    "libgrpc10",
  ];
  apt("download", ...packages.map((name) => `${name}/bullseye`));
  for (const deb of readdirSync(join(cache, "archives")).filter((name) => name.endsWith(".deb"))) {
    execFileSync("dpkg", ["-x", join(cache, "archives", deb), unpacked]);
  }
  writeFileSync(join(cache, "complete"), "");
  return compiler;
}

/** Generates into `out`. Output of both compilers is brought to the same form, so that it can be compared. */
function generate(out: string): void {
  const { protoc, plugin, env } = grpcTools() ?? debian11();
  const typescript = join(root, "node_modules/grpc_tools_node_protoc_ts/bin/protoc-gen-ts");
  execFileSync(
    protoc,
    [
      `--plugin=protoc-gen-grpc=${plugin}`,
      `--plugin=protoc-gen-ts=${typescript}`,
      `--js_out=import_style=commonjs,binary:${out}`,
      `--grpc_out=${out}`,
      `--ts_out=grpc_js:${out}`,
      `-I${join(root, "proto")}`,
      ...protos,
    ],
    { env, stdio: ["ignore", "inherit", "inherit"] },
  );
  for (const file of files(out).filter((name) => name.endsWith("_grpc_pb.js"))) {
    // The plugin of Debian 11 writes for the package `grpc`, long gone, and for the `Buffer` constructor of its time.
    const text = readFileSync(join(out, file), "utf8");
    writeFileSync(
      join(out, file),
      text.replaceAll("require('grpc')", "require('@grpc/grpc-js')").replaceAll("new Buffer(", "Buffer.from("),
    );
  }
  writeFileSync(join(out, "package.json"), '{ "type": "commonjs" }\n');
}

const files = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(js|ts|json)$/.test(name))
    .sort();

const target = join(root, "generated");
const fresh = mkdtempSync(join(tmpdir(), "reprise-generate-"));
try {
  generate(fresh);
  if (process.argv.includes("--check")) {
    const differs = [...new Set([...files(fresh), ...files(target)])].filter((name) => {
      const [a, b] = [join(fresh, name), join(target, name)];
      return !existsSync(a) || !existsSync(b) || readFileSync(a, "utf8") !== readFileSync(b, "utf8");
    });
    if (differs.length > 0) throw new Error(`generated/ is stale, run "npm run generate": ${differs.join(", ")}`);
    console.error("generated/ agrees with proto/");
  } else {
    rmSync(target, { recursive: true, force: true });
    for (const name of files(fresh)) {
      mkdirSync(join(target, name, ".."), { recursive: true });
      writeFileSync(join(target, name), readFileSync(join(fresh, name)));
    }
    console.error(`wrote ${files(target).length} files to generated/`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
