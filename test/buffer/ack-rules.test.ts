// Ack levels of single channels (P-9), over both buffers: an append is answered when it has reached the buffer's level and that
// of its channel, and what waits for more than others do holds up none of them.
import type { AckRule } from "../../src/buffer/ack-rules.js";
import { levelBesides } from "../../src/buffer/ack-rules.js";
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import { Files } from "../../src/buffer/embedded/files.js";
import { RepriseError } from "../../src/wire/errors.js";
import { currentEpoch } from "../../src/wire/position.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { ask, startRedis } from "../redis.js";
import { freeze, startReplica, thaw } from "../redis-replica.js";
import { asStored, one, rejects, store } from "./contract/open.js";
import { copyFolder, open } from "./embedded/folder.js";
import { readLog, stateOf } from "./log.js";
import { openAt } from "./redis-handle.js";
import { run } from "./run.js";

const test = suite("ack levels of single channels");

const audit = (level: AckRule["level"]): AckRule[] => [{ pattern: "audit.*", level }];

/** What it was refused with. */
async function refusal(opening: Promise<ReplayBuffer>): Promise<string> {
  const error = await opening.catch((error: unknown) => error);
  if (!(error instanceof RepriseError)) throw new Error("it was not refused");
  assert.is(error.code, "ack_level_unavailable");
  return error.message;
}

test("the last rule that matches counts, and none lowers the buffer's own level", () => {
  const rules: AckRule[] = [
    { pattern: "*", level: "fsynced" },
    { pattern: "audit.*", level: "replicated:2" },
    { pattern: "*.log", level: "stored" },
  ];
  const of = (own: AckRule["level"]) => ["chat", "audit.1", "audit.log"].map(levelBesides(own, rules));
  assert.equal(of("stored"), ["fsynced", "replicated:2", undefined]);
  assert.equal(of("fsynced"), [undefined, "replicated:2", undefined]);
  assert.equal(of("replicated:2"), ["fsynced", undefined, undefined]);
  assert.equal(levelBesides("stored", [])("chat"), undefined);
});

/** Counts the syncs of files until the end of the test, and lets them fail. */
function watchSyncs(t: T) {
  const { sync } = Files.prototype;
  const syncs = { count: 0, failing: 0 };
  Files.prototype.sync = async function (name) {
    syncs.count++;
    await sync.call(this, name);
    if (syncs.failing === 0) return;
    syncs.failing--;
    throw Object.assign(new Error("EIO: i/o error"), { code: "EIO", syscall: "fdatasync" });
  };
  t.after(() => {
    Files.prototype.sync = sync;
  });
  return syncs;
}

test("embedded: what is appended to an fsynced channel is on the disk before it is answered, many at once", async (t) => {
  const syncs = watchSyncs(t);
  // Nothing else syncs.
  const buffer = await open(t, { fsync: "no", ackRules: audit("fsynced") });
  assert.is(buffer.ackLevel, "stored");
  await store(buffer, "chat", run("p", 1, ["1"]));
  assert.is(syncs.count, 0);
  for (let i = 1; i <= 3; i++) {
    await store(buffer, "audit.a", run("p", i, [`${i}`]));
    assert.is(syncs.count, i);
  }
  await Promise.all(Array.from({ length: 50 }, (_, i) => store(buffer, "audit.b", run(`p${i}`, 1, ["1"]))));
  assert.ok(syncs.count < 3 + 10, `${syncs.count - 3} syncs for 50 appends`);
  const before = syncs.count;
  await store(buffer, "chat", run("p", 2, ["2"]));
  assert.is(syncs.count, before);
});

test("embedded: a sync that fails is no answer; sent again it is stored, once", async (t) => {
  const syncs = watchSyncs(t);
  const buffer = await open(t, { fsync: "everysec", ackRules: audit("fsynced") });
  await store(buffer, "audit.a", run("p", 1, ["1"]));
  syncs.failing = 1;
  await rejects(buffer.append("audit.a", [run("p", 2, ["2"])]), "buffer_unavailable");
  await store(buffer, "audit.a", run("p", 2, ["2"]));
  assert.is(asStored(one(await buffer.append("audit.a", [run("p", 2, ["2"])]))).duplicates, 1);
  assert.equal((await readLog(buffer, "audit.a")).contents, ["1", "2"]);
});

for (const fsync of ["everysec", "no"] as const) {
  test(`embedded, not closed, ${fsync}: the end of an fsynced channel proves itself, that of others does not`, async (t) => {
    const [source, folder] = [temporaryFolder(t), temporaryFolder(t)];
    const before = await open(t, { folder: source, fsync, ackRules: audit("fsynced") });
    for (const channel of ["audit.a", "chat"]) await store(before, channel, run("p", 1, ["1"]));
    await copyFolder(source, folder);
    const after = await open(t, { folder, fsync });
    const epochs = async (channel: string) => {
      const was = currentEpoch(await stateOf(before, channel));
      return (await store(after, channel, run("p", 2, ["2"]))).epoch - was;
    };
    assert.is(await epochs("audit.a"), 0);
    assert.ok((await epochs("chat")) > 0);
  });
}

test("embedded: replicas are refused when it is opened, with the pattern", async (t) => {
  const found = await refusal(open(t, { ackRules: [...audit("fsynced"), ...audit("replicated:1")] }));
  assert.match(found, /^channels audit\.\*: replicated:1 is not to be had: .*no replicas; use Redis/);
});

test("Redis: a level that it cannot keep is refused when it is opened, with the pattern and what to change", async (t) => {
  const master = await startRedis(t);
  await startReplica(t, master);
  const opened = (rules: AckRule[]) => openAt(t, master.url, { ackRules: rules });
  assert.match(await refusal(opened(audit("fsynced"))), /^channels audit\.\*: fsynced .*set appendfsync always/);
  const several = [...audit("replicated:1"), { pattern: "pay.*", level: "replicated:2" as const }];
  assert.match(await refusal(opened(several)), /^channels pay\.\*: replicated:2 .*1 connected replica;/);
});

test(
  "Redis: a replica that stands still holds up the channels that wait for it, and no others",
  async (t) => {
    const master = await startRedis(t);
    const replica = await startReplica(t, master);
    const ackRules = audit("replicated:1");
    const buffer = await openAt(t, master.url, { ackRules, appendDeadlineMs: 60_000 });
    const impatient = await openAt(t, master.url, { ackRules, appendDeadlineMs: 600 });
    assert.is(buffer.ackLevel, "stored");
    for (const channel of ["audit.a", "audit.b", "chat"]) await store(buffer, channel, run("p", 1, ["1"]));
    freeze(replica);
    t.after(() => thaw(replica));

    let answered = false;
    const append = buffer.append("audit.a", [run("p", 2, ["2"])]).finally(() => {
      answered = true;
    });
    const waits = async () =>
      Number(/cmdstat_wait:calls=(\d+)/.exec(String(await ask(master, "INFO", "commandstats")))![1]);
    const before = await waits();
    await until(async () => (await waits()) > before, "it waits for the replica, and again");
    const begun = await waits();
    for (let i = 2; i <= 100; i++) await store(buffer, "chat", run("p", i, [`${i}`]));
    await buffer.probe();
    const passed = (await waits()) - begun;
    // A wait lasts 250 ms. On one connection each of the others would have been behind one.
    assert.ok(passed < 50, `${passed} waits`);
    assert.not(answered);

    // It is stored, and not confirmed: neither that, nor sent again, nor removed.
    const refused = await impatient.append("audit.b", [run("p", 2, ["2"])]).catch((error: Error) => error.message);
    assert.match(String(refused), /stored it, but not confirmed replicated:1 in time/);
    await rejects(impatient.append("audit.b", [run("p", 2, ["2"])]), "buffer_unavailable");
    await rejects(impatient.trim("audit.b", 2), "buffer_unavailable");
    assert.ok(await buffer.delete("chat"));
    assert.not(answered);

    thaw(replica);
    assert.is(asStored(one(await append)).offset, 2);
    const again = asStored(one(await buffer.append("audit.b", [run("p", 2, ["2"])])));
    assert.equal([again.duplicates, again.duplicateOffset], [1, 2]);
    assert.equal((await readLog(buffer, "audit.a")).contents, ["1", "2"]);
    assert.equal((await readLog(buffer, "audit.b")).contents, ["2"]);
  },
  { timeoutMs: 90_000 },
);

test("Redis: a level beside the buffer's own, where neither includes the other, is waited for together with it", async (t) => {
  const master = await startRedis(t, "--appendfsync", "always");
  const replica = await startReplica(t, master);
  const ackRules = audit("replicated:1");
  const buffer = await openAt(t, master.url, { ackRules });
  const impatient = await openAt(t, master.url, { ackRules, appendDeadlineMs: 600 });
  assert.is(buffer.ackLevel, "fsynced");
  await store(buffer, "audit.a", run("p", 1, ["1"]));
  freeze(replica);
  t.after(() => thaw(replica));
  const refused = await impatient.append("audit.a", [run("p", 2, ["2"])]).catch((error: Error) => error.message);
  assert.match(String(refused), "not confirmed fsynced and replicated:1 in time");
  await store(buffer, "chat", run("p", 1, ["1"]));
  thaw(replica);
  assert.is(asStored(one(await buffer.append("audit.a", [run("p", 2, ["2"])]))).duplicates, 1);
});

test.run();
