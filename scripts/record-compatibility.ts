// Records what today's client says and today's node answers, for the versions that follow:
//
//   npm run record-compatibility          writes test/compatibility/v<version of package.json>/
//
// To be run on the very code of each release that is published. Before, its folder may be removed and recorded anew; afterwards
// what was recorded stays.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { conversations } from "../test/compatibility/conversations.js";
import { startRecordedNode } from "../test/compatibility/node.js";
import { startRecorder } from "../test/compatibility/recorder.js";
import { writeRecording } from "../test/compatibility/recording.js";
import type { T } from "../test/scope.js";

const root = resolve(import.meta.dirname, "..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
const folder = join(root, `test/compatibility/v${version}`);
if (existsSync(folder)) {
  console.error(`${folder} exists already: what was published stays as it is. Is there a new version in package.json?`);
  process.exit(1);
}
mkdirSync(folder);

for (const [name, conversation] of Object.entries(conversations)) {
  const cleanups: (() => unknown)[] = [];
  const t: T = { after: (cleanup) => cleanups.unshift(cleanup), signal: new AbortController().signal };
  try {
    // What the first one stores is kept as well: whether it can be read later.
    const data = join(folder, "data");
    const node = await startRecordedNode(t, name === "peer" ? data : undefined);
    const { address, cut, entries } = await startRecorder(t, node.address);
    const understood = await conversation({ t, address, cut });
    writeRecording(join(folder, `${name}.bin`), entries);
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(understood, null, 2)}\n`);
    console.log(`${name}: ${entries.length} entries`);
  } finally {
    for (const cleanup of cleanups) await cleanup();
  }
}
