// Two handles on one store, many appends at once.
import type { ReplayBuffer } from "../../../src/buffer/buffer.js";
import { assert, type Suite } from "../../harness.js";
import { follow } from "../follower.js";
import { readLog } from "../log.js";
import { run, texts } from "../run.js";
import { asStored, type Open, one } from "./open.js";

const producers = 4;
const appends = 60;

/** One producer that waits for each answer before it goes on; some runs are sent twice. Answers offset by content. */
async function produce(buffer: ReplayBuffer, channel: string, name: string): Promise<Map<number, string>> {
  const stored = new Map<number, string>();
  for (let i = 0, sequence = 1; i < appends; i++) {
    const count = (i % 3) + 1;
    const contents = texts(name, count, sequence);
    const { offset } = asStored(one(await buffer.append(channel, [run(name, sequence, contents)])));
    for (const [k, content] of contents.entries()) stored.set(offset + k, content);
    if (i % 10 === 0) {
      const again = asStored(one(await buffer.append(channel, [run(name, sequence, contents)])));
      assert.equal([again.duplicates, again.duplicateOffset], [count, offset]);
    }
    sequence += count;
  }
  return stored;
}

export function concurrencyContract(test: Suite, open: Open): void {
  test("appends from two handles at once: dense offsets, each message once, all watchers see the log", async (t) => {
    const { buffer, other } = await open(t);
    const handles = [buffer, await other()];
    const watchers = await Promise.all(handles.map((handle) => follow(t, handle, "c")));
    const work = handles.flatMap((handle, h) =>
      Array.from({ length: producers }, (_, p) => produce(handle, "c", `h${h}p${p}`)),
    );
    const stored = new Map((await Promise.all(work)).flatMap((offsets) => [...offsets]));
    const log = await readLog(buffer, "c");
    assert.is(log.contents.length, handles.length * producers * appends * 2);
    assert.equal(
      log.contents,
      log.contents.map((_, i) => stored.get(i + 1)),
    );
    for (const watcher of watchers) {
      await watcher.reaches(log.contents.length + 1);
      assert.equal(watcher.batches(), log.batches);
    }
  });

  test("the same run appended by both handles at once is stored once", async (t) => {
    const { buffer, other } = await open(t);
    const second = await other();
    for (let i = 1; i <= 50; i++) {
      const contents = texts("p", 2, i * 2 - 1);
      const answers = await Promise.all(
        [buffer, second, buffer, second].map((handle) => handle.append("c", [run("p", i * 2 - 1, contents)])),
      );
      const outcomes = answers.map((answer) => asStored(one(answer)));
      const fresh = outcomes.filter((outcome) => outcome.duplicates === 0);
      assert.is(fresh.length, 1);
      for (const outcome of outcomes) {
        if (outcome === fresh[0]) assert.is(outcome.offset, i * 2 - 1);
        else assert.equal([outcome.duplicates, outcome.duplicateOffset, outcome.offset], [2, i * 2 - 1, 0]);
      }
    }
    assert.equal((await readLog(second, "c")).contents, texts("p", 100));
  });

  test("what was answered is there for every handle to read, from then on", async (t) => {
    const { buffer, other } = await open(t);
    const second = await other();
    for (let i = 1; i <= 100; i++) {
      const [writer, reader] = i % 2 ? [buffer, second] : [second, buffer];
      await writer.append("c", [run("p", i, [`${i}`])]);
      assert.is((await reader.state("c"))?.next, i + 1);
      const page = await reader.read("c", i, 1000);
      assert.is(page.stretches.length, 1);
    }
  });

  test("a log that is read while it grows is a prefix of itself", async (t) => {
    const { buffer, other } = await open(t);
    const reader = await other();
    let growing = true;
    const growth = produce(buffer, "c", "p").finally(() => {
      growing = false;
    });
    const prefixes: string[][] = [];
    while (growing) {
      prefixes.push((await readLog(reader, "c", 1, 300)).contents);
      // A buffer may answer from memory, without a turn of the event loop that the appends need.
      await new Promise(setImmediate);
    }
    await growth;
    const { contents } = await readLog(reader, "c");
    for (const prefix of prefixes) assert.equal(prefix, contents.slice(0, prefix.length));
    assert.ok(prefixes.length > 1);
  });

  test("200 channels appended to at once are independent", async (t) => {
    const { buffer, other } = await open(t);
    const handles = [buffer, await other()];
    const names = Array.from({ length: 200 }, (_, i) => `c${i}`);
    await Promise.all(
      names.map(async (name, i) => {
        for (let k = 1; k <= 5; k++) await handles[(i + k) % 2]!.append(name, [run("p", k, [`${name}:${k}`])]);
      }),
    );
    for (const name of names) {
      const { contents } = await readLog(buffer, name);
      assert.equal(
        contents,
        [1, 2, 3, 4, 5].map((k) => `${name}:${k}`),
      );
    }
  });
}
