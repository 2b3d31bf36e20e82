// Which channels there are.
import type { ReplayBuffer } from "../../../src/buffer/buffer.js";
import { assert, type Suite } from "../../harness.js";
import { readLog } from "../log.js";
import { run } from "../run.js";
import { handlesOf, type Open, store } from "./open.js";

/** All pages; checks that none is much larger than asked for (a store that walks a hash table cannot be exact). */
async function list(buffer: ReplayBuffer, prefix: string, limit: number): Promise<string[]> {
  const found = new Set<string>();
  let token: string | undefined;
  let pages = 0;
  do {
    const page = await buffer.channels(prefix, token, limit);
    assert.ok(page.channels.length <= 3 * limit + 10, `${page.channels.length} channels on a page of about ${limit}`);
    for (const channel of page.channels) found.add(channel);
    token = page.token;
    assert.ok(++pages < 1000, "the pages come to an end");
  } while (token !== undefined);
  return [...found].sort();
}

export function channelsContract(test: Suite, open: Open): void {
  test("an empty buffer has no channels", async (t) => {
    const { buffer } = await open(t);
    assert.equal(await buffer.channels("", undefined, 10), { channels: [], token: undefined });
    assert.equal(await buffer.channels("c", undefined, 10), { channels: [], token: undefined });
  });

  test("300 channels: every page size and prefix finds each that begins so, and no other", async (t) => {
    const opened = await open(t);
    const { buffer } = opened;
    const names = Array.from({ length: 300 }, (_, i) => `${i % 3 === 0 ? "odd" : "room"}.${i}`);
    await Promise.all(names.map((name) => store(buffer, name, run("p", 1, ["1"]))));
    names.sort();
    for await (const handle of handlesOf(opened)) {
      for (const limit of [7, 50, 1000]) assert.equal(await list(handle, "", limit), names);
      for (const prefix of ["room.", "odd.1", "room.299", "r", "room.2990", "ROOM.", "zzz"]) {
        assert.equal(
          await list(handle, prefix, 20),
          names.filter((name) => name.startsWith(prefix)),
        );
      }
    }
  });

  test("of channels that are not admitted neither pages nor tokens tell, whatever is asked for", async (t) => {
    const opened = await open(t);
    const { buffer } = opened;
    const names = Array.from({ length: 40 }, (_, i) => `${i % 4 === 0 ? "mine" : "secret"}.${i}`);
    await Promise.all(names.map((name) => store(buffer, name, run("p", 1, ["1"]))));
    const admits = (name: string) => name.startsWith("mine.");
    for await (const handle of handlesOf(opened)) {
      const found = new Set<string>();
      for (let token: string | undefined, more = true; more; more = token !== undefined) {
        const page = await handle.channels("", token, 3, admits);
        for (const name of page.channels) found.add(name);
        token = page.token;
        assert.not.match(token ?? "", "secret");
      }
      assert.equal([...found].sort(), names.filter(admits).sort());
      for (const prefix of ["secret.", "secret.1", "nothing."]) {
        assert.equal(await handle.channels(prefix, undefined, 1, admits), { channels: [], token: undefined }, prefix);
      }
    }
  });

  test("a prefix is taken literally", async (t) => {
    const { buffer } = await open(t);
    await store(buffer, "a.b", run("p", 1, ["1"]));
    await store(buffer, "axb", run("p", 1, ["1"]));
    for (const prefix of ["*", "a*", "a?", "[a]", "a.*", "\\", "a\\", "^a", "%", "_", "..", "../", "/"]) {
      assert.equal(await list(buffer, prefix, 10), [], prefix);
    }
    assert.equal(await list(buffer, "a.", 10), ["a.b"]);
  });

  test("any valid name is a channel of its own", async (t) => {
    const opened = await open(t);
    const { buffer } = opened;
    const long = (last: string) => `${"n".repeat(119)}${last}`;
    const awkward = [
      "Room",
      "room",
      "ROOM",
      "a:b/c@d",
      "a",
      "a/b",
      "a/",
      "a.",
      "a..",
      "a/../b",
      "0",
      "-".padStart(2, "x"),
    ];
    const device = ["con", "nul.txt", "constructor", "toString", "a//b", "a-b_c", "x@y", "x:", long("1"), long("2")];
    const names = [...awkward, ...device];
    for (const [i, name] of names.entries()) await store(buffer, name, run("p", 1, [name, `${i}`]));
    for await (const handle of handlesOf(opened)) {
      assert.equal(await list(handle, "", 5), [...names].sort());
      for (const [i, name] of names.entries()) assert.equal((await readLog(handle, name)).contents, [name, `${i}`]);
    }
  });
}
