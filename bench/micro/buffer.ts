import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbedded, retentionPolicy } from "../../src/buffer/index.js";
import { KiB } from "../../src/wire/limits.js";
import type { Micro, Prepared } from "./micro.js";
import { channel, many, messages, storedOf } from "./samples.js";

const producer = "pBenchBenchBench";

async function inFolder(
  body: (buffer: Awaited<ReturnType<typeof openEmbedded>>) => Promise<() => unknown>,
): Promise<Prepared> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const buffer = await openEmbedded({ folder, fsync: "no", retention: retentionPolicy(["messages=100000"]) });
  return {
    run: await body(buffer),
    async end() {
      await buffer.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

const appending = (count: number, together: number) => () =>
  inFolder(async (buffer) => {
    const stored = storedOf(messages.slice(0, count));
    let sequence = 1;
    const append = () => {
      const run = { producer, sequence, count, messages: stored };
      sequence += count;
      return buffer.append(channel, [run]);
    };
    return () => Promise.all(Array.from({ length: together }, append));
  });

const reading = () =>
  inFolder(async (buffer) => {
    const stored = storedOf(messages);
    for (let i = 0; i < 20; i++) {
      await buffer.append(channel, [{ producer, sequence: 1 + i * many, count: many, messages: stored }]);
    }
    return () => buffer.read(channel, 1, 64 * KiB);
  });

export const micros: readonly Micro[] = [
  { name: "embedded: append of 100 messages", per: many, unit: "message", prepare: appending(many, 1) },
  { name: "embedded: 100 appends of 1 message, a group", per: many, unit: "append", prepare: appending(1, many) },
  { name: "embedded: read of 64 KiB", per: 1, unit: "page", prepare: reading },
];
