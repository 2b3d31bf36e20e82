// A trim of the embedded buffer writes a segment anew: what a crash in the middle of that leaves behind does no harm.
import { copyFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEmbedded } from "../../src/buffer/embedded.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { createLog } from "../../src/log/log.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import { store } from "./contract/open.js";
import { readLog, stateOf } from "./log.js";
import { run, texts } from "./run.js";

const test = suite("embedded: trims and crashes");

async function open(t: T, folder: string) {
  const warnings: string[] = [];
  const log = createLog((_level, _fields, message) => void warnings.push(message));
  const options = { fsync: "everysec", retention: retentionPolicy([]), segmentBytes: 800 } as const;
  const buffer = await openEmbedded({ folder, ...options, log });
  t.after(() => buffer.close());
  return { buffer, warnings };
}

/** Several segments, of batches of 5. */
async function filled(t: T): Promise<string> {
  const folder = temporaryFolder(t);
  const { buffer } = await open(t, folder);
  for (let i = 0; i < 40; i++) await store(buffer, "c", run("p", 1 + 5 * i, texts("m", 5, 1 + 5 * i)));
  await buffer.close();
  assert.ok(readdirSync(join(folder, "channels")).length > 3);
  return folder;
}

// In the first segment, in the middle of the log, in the newest segment.
for (const before of [8, 103, 198]) {
  test(`both files of a trim before ${before} are there: it reads as if there had been none, and can be trimmed again`, async (t) => {
    const folder = await filled(t);
    const aside = temporaryFolder(t);
    const channels = join(folder, "channels");
    for (const name of readdirSync(channels)) copyFileSync(join(channels, name), join(aside, name));
    const { buffer } = await open(t, folder);
    const { epochs } = await stateOf(buffer, "c");
    const { first } = (await buffer.trim("c", before))!;
    assert.is(first, before - ((before - 1) % 5));
    await buffer.close();
    // As if the machine had died before any file was removed.
    const after = readdirSync(channels);
    for (const name of readdirSync(aside))
      if (!after.includes(name)) copyFileSync(join(aside, name), join(channels, name));
    writeFileSync(join(channels, `${after[0]!}.new`), "half of a file");
    const { buffer: again, warnings } = await open(t, folder);
    assert.equal([(await stateOf(again, "c")).first, (await stateOf(again, "c")).epochs], [1, epochs]);
    const { gaps, contents } = await readLog(again, "c", 1, 700);
    assert.equal([gaps, contents], [[], texts("m", 200)]);
    await store(again, "c", run("p", 201, texts("m", 5, 201)));
    assert.is((await again.trim("c", before))!.first, first);
    assert.equal((await readLog(again, "c", first)).contents, texts("m", 206 - first, first));
    assert.not.ok(readdirSync(channels).some((name) => name.endsWith(".new")));
    assert.equal(warnings, []);
    await again.close();
    const { buffer: last } = await open(t, folder);
    assert.equal((await readLog(last, "c", first)).contents, texts("m", 206 - first, first));
    assert.equal((await stateOf(last, "c")).epochs, epochs);
  });
}

test.run();
