// The README's example, as it stands there, against a real broker. And what the README says to type is there to be run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startBroker } from "../src/broker/index.js";
import { openEmbedded } from "../src/buffer/embedded.js";
import { retentionPolicy } from "../src/buffer/retention.js";
import { assert, suite, temporaryFolder } from "./harness.js";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const test = suite("README");

test("its example runs and prints what it says", async (t) => {
  const folder = temporaryFolder(t);
  const buffer = await openEmbedded({ folder: join(folder, "data"), fsync: "no", retention: retentionPolicy([]) });
  t.after(() => buffer.close());
  const node = await startBroker({ buffer, listen: "127.0.0.1:0" });
  t.after(() => node.close(0));

  const [, example] = /```ts\n([\s\S]*?)```/.exec(readme)!;
  assert.match(example!, '"127.0.0.1:50051"');
  const program = join(folder, "example.mts");
  const client = pathToFileURL(join(root, "src/client/index.ts")).href;
  writeFileSync(
    program,
    example!.replace('"127.0.0.1:50051"', `"${node.address}"`).replace('"reprise"', `"${client}"`),
  );
  const child = spawn(process.execPath, ["--import", "tsx", program], { cwd: root, signal: t.signal });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  assert.is(output, "stored at 1\nworker-1: job 17 is at 40 %\n");
  assert.is(code, 0);
});

test("its commands are those of package.json", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.match(readme, "npm ci && npm start");
  assert.match(readme, "npm ci && npm test");
  for (const script of ["start", "test", "build"]) assert.type(scripts[script], "string");
});

test("what it links to exists", () => {
  for (const [, target] of readme.matchAll(/\]\((?!http)([^)#]+)/g)) {
    assert.not.throws(() => readFileSync(join(root, target!)), /ENOENT/, target);
  }
});

test.run();
