// A crash of the machine tears Redis's file off inside the transaction of an append. Redis 7.0 (and others: Valkey mended
// it in 2026) leaves the transaction out, but its beginning in the file; at the next restart that is carried out together
// with what was written since.
import { readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { resume } from "../../src/wire/position.js";
import { assert, suite, type T } from "../harness.js";
import { startRedis } from "../redis.js";
import { store } from "./contract/open.js";
import { follow } from "./follower.js";
import { readLog, stateOf } from "./log.js";
import { openAt, plainClient } from "./redis-handle.js";
import { message, run, texts } from "./run.js";

const test = suite("redis buffer, a torn transaction");

const [meta, producers] = ["$16\r\nreprise:{c}:meta", "$21\r\nreprise:{c}:producers"];

/** Cuts its file before the last place of that text. */
function tear(folder: string, text: string): void {
  const appends = join(folder, "appendonlydir");
  const path = join(appends, readdirSync(appends).find((name) => name.endsWith(".incr.aof"))!);
  const at = readFileSync(path).lastIndexOf(text);
  assert.ok(at > 0, `${JSON.stringify(text)} is in the file`);
  truncateSync(path, at);
}

/**
 * `before` messages of p, and two more that are torn off before `text`. Redis starts, q stores one message if it is to,
 * and Redis starts again.
 */
async function torn(t: T, { before, text, written }: { before: number; text: string; written: boolean }) {
  const server = await startRedis(t, "--appendfsync", "always");
  const buffer = await openAt(t, server.url);
  if (before > 0) await store(buffer, "c", run("p", 1, texts("p", before)));
  const lost = await store(buffer, "c", run("p", before + 1, texts("p", 2, before + 1)));
  const position = { epoch: lost.epoch, offset: before + 2 };
  await server.kill();
  tear(server.folder, text);
  await server.start();
  // Of a node that knows nothing of what was lost.
  const other = await openAt(t, server.url);
  assert.equal((await readLog(other, "c")).contents, texts("p", before), "Redis leaves the torn transaction out");
  const watcher = await follow(t, other, "c");
  if (written) await store(other, "c", run("q", 1, ["q/1"]));
  else await store(other, "d", run("q", 1, ["elsewhere"]));
  await server.kill();
  await server.start();
  return { server, buffer, other, position, watcher };
}

for (const [what, text] of [
  ["behind the batch", producers],
  ["behind the producers", meta],
  ["behind everything", "EXEC"],
] as const) {
  for (const before of text === producers ? [0, 3] : [3]) {
    test(`torn ${what} of a channel of ${before} messages: what was acknowledged since stays`, async (t) => {
      const { other, position, watcher } = await torn(t, { before, text, written: true });
      const there = [...texts("p", before), "q/1"];
      const log = await readLog(other, "c");
      assert.equal(log.gaps, []);
      assert.equal(log.contents, there);
      const [gap] = resume(position, await stateOf(other, "c")).gaps;
      assert.is(gap?.reason, before === 0 ? "reset" : "diverged");
      // What p had published last is not there, so it must not be taken for stored.
      const [outcome] = await other.append("c", [run("p", before + 1, texts("p", 1, before + 1))]);
      if (outcome!.kind === "stored") assert.is(outcome!.duplicates, 0);
      else assert.is(outcome!.expected, 1);
      await store(other, "c", run("r", 1, ["r/1"]));
      const last = await readLog(other, "c");
      assert.equal(last.gaps, []);
      await watcher.reaches(last.contents.length + 1);
      assert.equal(watcher.contents(), last.contents.slice(before));
    });
  }

  test(`torn ${what}, nothing stored there since: the log goes on, whole`, async (t) => {
    const { other, watcher } = await torn(t, { before: 3, text, written: false });
    const stored = await store(other, "c", run("r", 1, ["r/1"]));
    const log = await readLog(other, "c");
    assert.equal(log.gaps, []);
    assert.is(log.contents.at(-1), "r/1");
    assert.is(log.contents.length, stored.offset);
    await watcher.reaches(stored.offset + 1);
  });
}

test("a batch of an epoch that its place does not belong to: a gap, and what follows is delivered", async (t) => {
  const server = await startRedis(t);
  const buffer = await openAt(t, server.url);
  const redis = await plainClient(t, server.port);
  await store(buffer, "c", run("p", 1, texts("p", 3)));
  await redis.hset("reprise:{c}:meta", "lineage", "another");
  const { epoch, offset } = await store(buffer, "c", run("p", 4, texts("p", 2, 4)));
  await store(buffer, "c", run("p", 6, ["p/6"]));
  assert.is(offset, 4);
  await redis.xdel("reprise:{c}:log", "4-0", "6-0");
  await redis.xsetid("reprise:{c}:log", "3-0", "ENTRIESADDED", 1, "MAXDELETEDID", "0-0");
  const header = (of: number, count: number) => `${of} ${count} 1 999`;
  const old = Buffer.concat(["a", "b", "c"].map(message));
  await redis.xadd("reprise:{c}:log", "4-0", "h", header(epoch - 1, 3), "r", "p 4 3", "m", old);
  await redis.xadd("reprise:{c}:log", "6-0", "h", header(epoch, 1), "r", "p 6 1", "m", message("p/6"));
  const log = await readLog(buffer, "c");
  assert.equal(log.contents, [...texts("p", 3), "p/6"]);
  assert.equal(log.gaps, [{ reason: "corrupt", from: 4, to: 5 }]);
  assert.equal((await readLog(buffer, "c", 4)).contents, ["p/6"]);
});

test.run();
