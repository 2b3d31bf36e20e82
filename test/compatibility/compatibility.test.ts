// Versions that were published go on being understood (P-58, P-59): what their clients said is said again, byte for byte, to
// today's node; what their nodes answered is said again to today's client.
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import grpcAdmin from "../../generated/reprise/v1/admin_grpc_pb.js";
import { connect } from "../../src/client/index.js";
import { assert, suite, temporaryFolder } from "../harness.js";
import { conversations } from "./conversations.js";
import { requestsIn } from "./meaning.js";
import { startRecordedNode } from "./node.js";
import { type Entry, pathsOf, readRecording, unframer } from "./recording.js";
import { replayClients, replayNode, type Said, saidIn } from "./replay.js";

const test = suite("compatibility");

const versions = readdirSync(import.meta.dirname).filter((name) => /^v\d/.test(name));

/** In the order of their kinds: what of different kinds comes first is a matter of the moment. */
const sorted = (said: readonly Said[]): Said[] =>
  said.map(({ path, lines, status }) => ({
    path,
    lines: [...lines].sort((a, b) => (kindOf(a) < kindOf(b) ? -1 : kindOf(a) > kindOf(b) ? 1 : 0)),
    status,
  }));
const kindOf = (line: string): string => line.split(/[ ,]/, 1)[0]!;

function requestsOf(entries: readonly Entry[]): Set<string> {
  const paths = pathsOf(entries);
  const readers = paths.map(unframer);
  const requests = entries
    .filter(({ what }) => what === "C")
    .flatMap(({ stream, content }) =>
      readers[stream]!(content).flatMap((message) => requestsIn(paths[stream]!, message)),
    );
  return new Set(requests);
}

for (const version of versions) {
  const folder = join(import.meta.dirname, version);
  const names = readdirSync(folder).flatMap((name) => (name.endsWith(".bin") ? [name.slice(0, -4)] : []));

  for (const name of names) {
    const entries = readRecording(join(folder, `${name}.bin`));

    test(`${version} ${name}: today's node answers an old client's bytes as the old node did (P-58)`, async (t) => {
      const node = await startRecordedNode(t);
      const said = await replayClients(t, entries, node.address);
      assert.equal(sorted(said), sorted(saidIn(entries)));
    });

    test(`${version} ${name}: today's client understands what an old node answered (P-59)`, async (t) => {
      const { address, played } = await replayNode(t, entries);
      const understood = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
      // The node of the recording does the cutting.
      const heard = await Promise.race([
        conversations[name]!({ t, address, cut: () => {} }),
        played.then(() => new Promise<never>(() => {})),
      ]);
      assert.equal(heard, understood);
      await played;
    });
  }
}

for (const version of versions) {
  test(`${version}: a data folder is read whole, and goes on`, async (t) => {
    const folder = temporaryFolder(t);
    cpSync(join(import.meta.dirname, version, "data"), folder, { recursive: true });
    const node = await startRecordedNode(t, folder);
    await using bus = await connect(node.address);
    const heard: string[] = [];
    for await (const { offset, text } of bus.history("c")) heard.push(`${offset} ${text.slice(0, 20)}`);
    assert.equal(heard, ["1 one", "2 two", `3 ${"x".repeat(20)}`, "4 live", "5 after the cut"]);
    // It is a copy, so a new epoch begins.
    const { epoch } = (await bus.channel("c")).epochs.at(-1)!;
    const { position } = await bus.publish("c", "six");
    assert.is(position.offset, 6);
    assert.ok(position.epoch > epoch);
  });
}

test("the recordings have every request and every call that there is", () => {
  const requests = versions.flatMap((version) => {
    const folder = join(import.meta.dirname, version);
    const names = readdirSync(folder).filter((name) => name.endsWith(".bin"));
    return names.flatMap((name) => [...requestsOf(readRecording(join(folder, name)))]);
  });
  const items = "hello publish subscribe unsubscribe enter leave watchMembers unwatchMembers authenticate".split(" ");
  const broker = ["Publish", "PublishStream", "Subscribe", "History"].map((name) => `/reprise.v1.Broker/${name}`);
  const admin = Object.values(grpcAdmin.AdminService).map(({ path }) => path);
  for (const one of [...items, ...broker, ...admin, "/stream.StreamService/BiStream"]) {
    assert.ok(requests.includes(one), one);
  }
});

test.run();
