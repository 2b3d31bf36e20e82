// A process that appends batches of 1,000 bytes to one channel until the buffer refuses.
//   node filler.ts FOLDER
// Prints how many were answered, then the code of the refusal.
import { openEmbedded } from "../../../src/buffer/embedded.js";
import { retentionPolicy } from "../../../src/buffer/retention.js";
import type { RepriseError } from "../../../src/wire/errors.js";
import { run } from "../run.js";

const buffer = await openEmbedded({ folder: process.argv[2]!, fsync: "no", retention: retentionPolicy([]) });
for (let i = 1; ; i++) {
  try {
    await buffer.append("c", [run("p", i, ["x".repeat(1_000)])]);
  } catch (error) {
    console.log(i - 1);
    console.log((error as RepriseError).code);
    break;
  }
}
await buffer.close();
