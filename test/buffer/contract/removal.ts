// Trimming and deleting a channel because somebody asks for it, and rules of retention that are set meanwhile.
import type { ReplayBuffer } from "../../../src/buffer/buffer.js";
import { currentEpoch } from "../../../src/wire/position.js";
import { assert, type Suite, until } from "../../harness.js";
import { follow } from "../follower.js";
import { isGap, readLog, stateOf } from "../log.js";
import { run, texts } from "../run.js";
import { handlesOf, type Open, rejects, store } from "./open.js";

/** 20 batches of 5: offsets 1 to 100. */
async function fill(buffer: ReplayBuffer): Promise<void> {
  for (let i = 0; i < 20; i++) await store(buffer, "c", run("p", 1 + 5 * i, texts("m", 5, 1 + 5 * i)));
}

export function removalContract(test: Suite, open: Open): void {
  test("a trim removes whole batches before an offset, and nothing else, also after a restart", async (t) => {
    const opened = await open(t);
    const { buffer } = opened;
    assert.is(await buffer.trim("c", 5), undefined, "a channel that does not exist");
    await fill(buffer);
    const before = await stateOf(buffer, "c");
    assert.is((await buffer.trim("c", 1))!.first, 1);
    // 43 lies in the batch of 41 to 45.
    const trimmed = (await buffer.trim("c", 43))!;
    assert.equal([trimmed.first, trimmed.next, trimmed.epochs], [41, 101, before.epochs]);
    assert.is(trimmed.bytes, run("p", 1, texts("m", 60, 41)).messages.length);
    for await (const handle of handlesOf(opened)) {
      assert.equal((await stateOf(handle, "c")).first, 41);
      const { gaps, contents } = await readLog(handle, "c");
      assert.equal(gaps, [{ reason: "trimmed", from: 1, to: 40 }]);
      assert.equal(contents, texts("m", 60, 41));
      assert.equal((await readLog(handle, "c", 41)).gaps, []);
    }
  });

  test("after a trim the log goes on: offsets, sequences, epoch, and another trim", async (t) => {
    const { buffer, other } = await open(t);
    await fill(buffer);
    const { epochs } = await stateOf(buffer, "c");
    await buffer.trim("c", 90);
    const stored = await store(buffer, "c", run("p", 101, texts("m", 5, 101)));
    assert.equal([stored.offset, stored.epoch], [101, epochs[0]!.epoch]);
    assert.equal(await buffer.append("c", [run("p", 200, ["no"])]), [{ kind: "skipped", expected: 106 }]);
    assert.is((await (await other()).trim("c", 101))!.first, 101);
    assert.equal((await readLog(buffer, "c", 101)).contents, texts("m", 5, 101));
  });

  for (const before of [101, 1_000]) {
    test(`a trim before ${before} of 100 leaves nothing, and the channel is still there`, async (t) => {
      const opened = await open(t);
      const { buffer } = opened;
      await fill(buffer);
      const { epochs } = await stateOf(buffer, "c");
      const state = (await buffer.trim("c", before))!;
      assert.equal([state.first, state.next, state.bytes], [101, 101, 0]);
      assert.equal((await readLog(buffer, "c")).gaps, [{ reason: "trimmed", from: 1, to: 100 }]);
      for await (const handle of handlesOf(opened)) assert.is((await stateOf(handle, "c")).first, 101);
      const reopened = await opened.restart();
      const stored = await store(reopened, "c", run("p", 101, ["101"]));
      assert.equal([stored.offset, stored.epoch], [101, epochs[0]!.epoch]);
      const after = await stateOf(reopened, "c");
      assert.equal([after.first, after.next], [101, 102]);
      assert.equal((await readLog(reopened, "c")).contents, ["101"]);
    });
  }

  test("watchers are told of a trim, and of nothing twice", async (t) => {
    const { buffer, other } = await open(t);
    await fill(buffer);
    const followers = [await follow(t, buffer, "c"), await follow(t, await other(), "c")];
    await store(buffer, "c", run("p", 101, texts("m", 5, 101)));
    for (const follower of followers) await follower.reaches(106);
    await buffer.trim("c", 101);
    for (const follower of followers) {
      await follower.hasChanged(1);
      assert.equal([follower.changes[0]!.first, follower.changes[0]!.next], [101, 106]);
    }
    await store(buffer, "c", run("p", 106, ["m/106"]));
    for (const follower of followers) {
      await follower.reaches(107);
      assert.equal(follower.contents(), texts("m", 6, 101));
    }
  });

  test("trims beside appends and reads: every message is read or named as trimmed", async (t) => {
    const { buffer } = await open(t);
    await fill(buffer);
    let appended = 100;
    const append = async () => {
      while (appended < 400) {
        await store(buffer, "c", run("p", appended + 1, texts("m", 5, appended + 1)));
        appended += 5;
      }
    };
    const trim = async () => {
      while (appended < 400) await buffer.trim("c", appended - 20);
    };
    const read = async () => {
      while (appended < 400) {
        const { stretches } = await buffer.read("c", 1, 1_000_000);
        for (const stretch of stretches) if (isGap(stretch)) assert.is(stretch.reason, "trimmed");
      }
    };
    await Promise.all([append(), trim(), read()]);
    const { gaps, contents } = await readLog(buffer, "c");
    const { first } = await stateOf(buffer, "c");
    assert.equal(gaps, [{ reason: "trimmed", from: 1, to: first - 1 }]);
    assert.equal(contents, texts("m", 401 - first, first));
  });

  test("a channel that is deleted is gone whole; watchers are told; what comes then is of a higher epoch", async (t) => {
    const opened = await open(t);
    const { buffer, other, restart } = opened;
    const second = await other();
    assert.is(await buffer.delete("c"), false);
    await fill(buffer);
    await store(buffer, "stays", run("p", 1, ["1"]));
    const old = await stateOf(buffer, "c");
    const followers = [await follow(t, buffer, "c"), await follow(t, second, "c")];
    assert.is(await second.delete("c"), true);
    assert.is(await buffer.delete("c"), false);
    for (const follower of followers) {
      await follower.hasChanged(1);
      assert.is(follower.changes[0], undefined);
    }
    for (const handle of [buffer, second]) {
      assert.is(await handle.state("c"), undefined);
      assert.equal(await handle.read("c", 1, 1_000), { stretches: [], end: true });
      assert.equal((await handle.channels("", undefined, 100)).channels, ["stays"]);
    }
    assert.equal(await second.append("c", [run("p", 101, ["no"])]), [{ kind: "skipped", expected: 1 }]);
    const again = await store(buffer, "c", run("p", 1, texts("new", 3)));
    assert.is(again.offset, 1);
    assert.ok(again.epoch > currentEpoch(old), `${again.epoch} after ${currentEpoch(old)}`);
    for (const follower of followers) {
      await follower.reaches(4);
      assert.equal(follower.contents(), texts("new", 3));
    }
    const reopened = await restart();
    assert.equal((await readLog(reopened, "c")).contents, texts("new", 3));
    assert.is((await stateOf(reopened, "stays")).next, 2);
  });

  test("a channel that is deleted and created again at once, over and over, never has an epoch twice", async (t) => {
    const { buffer, other } = await open(t);
    const handles = [buffer, await other()];
    let highest = 0;
    for (let i = 0; i < 20; i++) {
      const { epoch } = await store(handles[i % 2]!, "c", run("p", 1, ["1"]));
      assert.ok(epoch > highest, `${epoch} after ${highest}`);
      highest = epoch;
      assert.is(await handles[(i >> 1) % 2]!.delete("c"), true);
    }
  });

  test("rules of retention set at run time come on top of those that are configured, for all, and stay", async (t) => {
    const { buffer, other, restart } = await open(t, { retention: ["chat.* messages=7 age=1h"] });
    const second = await other();
    assert.equal(await buffer.rules.list(), []);
    await buffer.rules.set("chat.*", "messages=5");
    await second.rules.set("chat.a", "messages=9 bytes=1KiB");
    const rules = [
      { pattern: "chat.*", limits: "messages=5" },
      { pattern: "chat.a", limits: "messages=9 bytes=1KiB" },
    ];
    for (const handle of [buffer, second]) {
      assert.equal(await handle.rules.list(), rules);
      await until(() => handle.retention("chat.a").messages === 9, "the rule counts there too");
      assert.equal(handle.retention("chat.a"), { messages: 9, bytes: 1024, ageMs: 3_600_000 });
      assert.is(handle.retention("chat.b").messages, 5);
      assert.is(handle.retention("other").messages, 1_000_000);
    }
    const bad: [string, string][] = [
      ["a b", "messages=1"],
      ["", "messages=1"],
      ["c", "messages=0"],
      ["c", "sessions=1"],
    ];
    for (const [pattern, limits] of bad) await rejects(buffer.rules.set(pattern, limits), "invalid_argument");
    // Set again it comes behind the others.
    await buffer.rules.set("chat.*", "messages=3");
    const reopened = await restart();
    assert.equal(await reopened.rules.list(), [rules[1], { pattern: "chat.*", limits: "messages=3" }]);
    assert.is(reopened.retention("chat.a").messages, 3);
    await reopened.rules.set("chat.*", "");
    await reopened.rules.set("none", "");
    assert.equal(await reopened.rules.list(), [rules[1]]);
    assert.equal([reopened.retention("chat.a").messages, reopened.retention("chat.b").messages], [9, 7]);
  });
}
