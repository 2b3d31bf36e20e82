// The Dockerfile, without Docker: its lines are understood, what they copy is there, its commands do in a folder what they are
// to do in the image, and what comes out runs. And the service file, as far as systemd judges it without starting it.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, notRun, suite, temporaryFolder } from "../harness.js";
import { freePort } from "../redis.js";
import { buildStage, lastOf, parseDockerfile } from "./dockerfile.js";
import { launch } from "./program.js";

const test = suite("image");

const root = join(import.meta.dirname, "../..");
const stages = parseDockerfile(join(root, "Dockerfile"));
const [build, image] = stages as [(typeof stages)[0], (typeof stages)[0]];

test("two stages; the second has another user than root, a health check, and what it copies gets there", () => {
  assert.is(stages.length, 2);
  assert.is(build.from, image.from);
  assert.match(lastOf(image, "USER")!, /^(?!root|0)\w+$/);
  assert.is(lastOf(image, "ENTRYPOINT"), '["reprise"]');
  const shown = readFileSync(join(root, ".dockerignore"), "utf8").split("\n");
  for (const { name, rest } of stages.flatMap(({ instructions }) => instructions)) {
    if (name !== "COPY" || rest.startsWith("--from")) continue;
    for (const source of rest.split(" ").slice(0, -1)) assert.ok(shown.includes(`!${source}`), source);
  }
});

test(
  "its commands build it, and what is built serves, with nothing in it that only builds",
  async (t) => {
    const folder = temporaryFolder(t);
    const folders = new Map([build.name, image.name].map((name) => [name, join(folder, name || "image")]));
    for (const place of folders.values()) mkdirSync(place);
    const instead = (command: string, cwd: string) => {
      // What CI begins with. It is copied, not linked: npm writes over files of its own.
      if (!command.startsWith("npm ci ")) return false;
      execFileSync("cp", ["-a", join(root, "node_modules"), cwd]);
      return true;
    };
    for (const stage of stages) buildStage(stage, { context: root, folders, instead });
    const place = folders.get(image.name)!;
    const has = (name: string) => existsSync(join(place, "opt/reprise/node_modules", name));
    assert.ok(has("ioredis/package.json"));
    for (const name of ["typescript", "tsx", "@biomejs/biome", "grpc-tools"]) assert.not.ok(has(name), name);

    const variables = image.instructions.flatMap(({ name, rest }) => (name === "ENV" ? [rest.split("=", 2)] : []));
    const [port, http] = [await freePort(), await freePort()];
    const env = { ...process.env, ...Object.fromEntries(variables) };
    const cwd = join(place, lastOf(image, "WORKDIR")!);
    const program = join(place, "usr/local/bin/reprise");
    // As it is, it listens where others reach it.
    const unsafe = spawnSync(program, ["serve"], { cwd, env, encoding: "utf8", timeout: 60_000 });
    assert.is(unsafe.status, 2);
    assert.match(unsafe.stderr, "--insecure");

    const here = { ...env, REPRISE_LISTEN: `127.0.0.1:${port}`, REPRISE_HTTP: `127.0.0.1:${http}` };
    const node = launch(t, program, ["serve"], { cwd, env: here });
    await node.says("/readyz");
    const [, words] = / CMD (\[.*\])$/.exec(lastOf(image, "HEALTHCHECK")!)!;
    const [command, ...args] = JSON.parse(words!.replace("127.0.0.1:9090", `127.0.0.1:${http}`)) as string[];
    const healthy = () => spawnSync(command!, args, { timeout: 60_000 }).status;
    assert.is(healthy(), 0);
    await node.stop();
    assert.is(healthy(), 1);
    assert.ok(readdirSync(join(cwd, "reprise-data")).includes("channels"));
  },
  { timeoutMs: 180_000 },
);

test("systemd takes the service file, and finds little that it leaves open", () => {
  const unit = join(root, "ops/reprise.service");
  const verified = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8", timeout: 30_000 });
  if (verified.error !== undefined) notRun("there is no systemd-analyze here");
  assert.is(verified.status, 0, verified.stderr);
  const args = ["security", "--offline=true", "--threshold=20", unit];
  const judged = spawnSync("systemd-analyze", args, { encoding: "utf8", timeout: 30_000 });
  assert.is(judged.status, 0, judged.stdout + judged.stderr);
});

test.run();
