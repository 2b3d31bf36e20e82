// A process that appends to a folder until it is killed: three channels, several appends under way in each.
//   node appender.ts FOLDER FSYNC ROUND
// Once it has the folder it prints a line `open`, then for each answered message `channel epoch offset content`. If
// the buffer refuses, a line `error CODE MESSAGE`. It ends when its standard input does.

import type { Fsync } from "../../../src/buffer/embedded/durability.js";
import { openEmbedded } from "../../../src/buffer/embedded.js";
import { retentionPolicy } from "../../../src/buffer/retention.js";
import { RepriseError } from "../../../src/wire/errors.js";
import { run, texts } from "../run.js";

const [folder = "", fsync = "everysec", round = "1"] = process.argv.slice(2);

async function append(): Promise<void> {
  const buffer = await openEmbedded({
    folder,
    fsync: fsync as Fsync,
    segmentBytes: 20_000,
    retention: retentionPolicy([]),
  });
  console.log("open");
  for (const channel of ["a", "b", "c"]) {
    for (const name of ["x", "y", "z", "u", "v"]) void produce(channel, `${name}${round}`);
  }

  async function produce(channel: string, producer: string): Promise<void> {
    for (let sequence = 1, count = 1; ; sequence += count, count = (sequence % 5) + 1) {
      const contents = texts(`${channel}/${producer}`, count, sequence);
      const [outcome] = await buffer.append(channel, [run(producer, sequence, contents)]);
      if (outcome?.kind !== "stored") throw new Error(JSON.stringify(outcome));
      for (const [i, content] of contents.entries()) {
        console.log(`${channel} ${outcome.epoch} ${outcome.offset + i} ${content}`);
      }
    }
  }
}

process.stdin.on("end", () => process.exit()).resume();
append().catch((error: unknown) => {
  console.log(`error ${error instanceof RepriseError ? error.code : "other"} ${(error as Error).message}`);
  process.exitCode = 1;
  process.stdin.destroy();
});
