// bench/slow-consumer.ts in short: 10 ms a message while 10,000 a second arrive.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { assert, loader, suite, type T } from "../harness.js";

const test = suite("client slow consumer");

interface Outcome {
  published: number;
  delivered: number;
  during: number;
  missed: number;
  lagged: number;
  grown: number;
  boundBytes: number;
}

async function run(t: T, retain: string): Promise<Outcome> {
  const script = resolve(import.meta.dirname, "../../bench/slow-consumer.ts");
  const options = ["--seconds", "3", "--retain", retain, "--buffer-bytes", `${256 * 1024}`, "--json"];
  const child = spawn(process.execPath, ["--import", loader, script, ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGTERM"));
  const exit = once(child, "exit");
  const output = await text(child.stdout);
  assert.equal(await exit, [0, null], output);
  return JSON.parse(output);
}

test(
  "within retention nothing is lost, and memory is bounded",
  async (t) => {
    const { published, delivered, during, missed, lagged, grown, boundBytes } = await run(t, "messages=1000000");
    assert.equal([published, delivered, missed], [30_000, 30_000, 0]);
    assert.ok(during < 1_000, `${during} while it was slow`);
    assert.ok(lagged > 0, "it was told that it lags");
    assert.ok(grown < boundBytes, `${grown} bytes`);
  },
  { timeoutMs: 60_000 },
);

test(
  "beyond retention everything is delivered or in a gap",
  async (t) => {
    const { published, delivered, missed } = await run(t, "messages=5000");
    assert.ok(missed > 5_000, `${missed} missed`);
    assert.is(delivered + missed, published);
    assert.ok(delivered >= 5_000, "what was retained, and what waited in the client");
  },
  { timeoutMs: 60_000 },
);

test.run();
