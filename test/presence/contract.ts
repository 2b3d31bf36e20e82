// What every member store must do; two of them over the same members are two nodes.
import type { MemberStore } from "../../src/presence/members.js";
import { RepriseError } from "../../src/wire/errors.js";
import { maxMembers } from "../../src/wire/members.js";
import { assert, type Suite, type T, until } from "../harness.js";
import { entering, idsOf, watching } from "./audience.js";

/** @param open two stores that share their members; the same one twice where nobody else can */
export function contract(test: Suite, open: (t: T) => Promise<[MemberStore, MemberStore]>): void {
  test("who entered is listed with all that was said, until it leaves", async (t) => {
    const [one, two] = await open(t);
    assert.equal(await one.list("c"), []);
    const before = Date.now();
    const ada = entering("ada-00001", {
      name: "Ada L",
      metadata: [{ key: "a b\n", value: 'ü"\u0000 ' }],
      node: "n/1 x",
    });
    await one.enter("c", ada, "1");
    await two.enter("c", entering("bob-00001"), "2");
    await one.enter("d", entering("bob-00001"), "1");
    const [first] = await two.list("c").then((members) => members.filter(({ id }) => id === "ada-00001"));
    assert.equal(first, { ...ada, sinceMs: first!.sinceMs });
    assert.ok(Math.abs(first!.sinceMs - before) < 10_000);
    assert.equal(idsOf(await one.list("c")), ["ada-00001", "bob-00001"]);
    await one.leave("c", { id: "ada-00001", session: "1" });
    assert.equal(idsOf(await two.list("c")), ["bob-00001"]);
    assert.equal(idsOf(await two.list("d")), ["bob-00001"]);
  });

  test("watchers are told who joins, changes and leaves, in order, on every node", async (t) => {
    const [one, two] = await open(t);
    await one.enter("c", entering("ada-00001"), "1");
    const [here, there] = [await watching(t, one, "c"), await watching(t, two, "c")];
    assert.equal(idsOf(here.watch.members), ["ada-00001"]);
    assert.equal(idsOf(there.watch.members), ["ada-00001"]);
    await two.enter("c", entering("bob-00001", { node: "n2" }), "2");
    await one.enter("c", entering("ada-00001", { metadata: [] }), "1");
    await one.enter("c", entering("ada-00001", { metadata: [] }), "1");
    await two.leave("c", { id: "bob-00001", session: "2" });
    await two.enter("c", entering("bob-00001", { node: "n2", name: "again" }), "2");
    for (const each of [here, there]) {
      await each.tells("+bob-00001", "*ada-00001", "-bob-00001", "+bob-00001");
      assert.equal(each.members.get("ada-00001")!.metadata, []);
      assert.is(each.members.get("bob-00001")!.name, "again");
    }
    here.watch.close();
    await one.leave("c", { id: "ada-00001", session: "1" });
    await there.tells("+bob-00001", "*ada-00001", "-bob-00001", "+bob-00001", "-ada-00001");
    assert.is(here.told.length, 4);
  });

  test("a session that ended is a member for the grace time; one that comes back was never away", async (t) => {
    const [one, two] = await open(t);
    await one.enter("c", entering("ada-00001"), "1");
    await one.enter("c", entering("bob-00001"), "2");
    const since = (await one.list("c")).map(({ sinceMs }) => sinceMs).sort();
    const audience = await watching(t, two, "c");
    await one.release("c", { id: "ada-00001", session: "1" }, 60_000);
    await one.release("c", { id: "bob-00001", session: "2" }, 300);
    await two.enter("c", entering("ada-00001", { node: "n2" }), "3");
    await until(() => audience.told.includes("-bob-00001"), "bob is gone");
    await audience.tells(">ada-00001", "-bob-00001");
    assert.is(audience.members.get("ada-00001")!.node, "n2");
    assert.ok(since.includes((await two.list("c"))[0]!.sinceMs));
    await two.release("c", { id: "ada-00001", session: "3" }, 0);
    await audience.tells(">ada-00001", "-bob-00001", "-ada-00001");
  });

  test("the later of two sessions counts; what the earlier one does then has no effect", async (t) => {
    const [one, two] = await open(t);
    const audience = await watching(t, one, "c");
    await one.enter("c", entering("ada-00001"), "1");
    await two.enter("c", entering("ada-00001"), "2");
    await one.leave("c", { id: "ada-00001", session: "1" });
    await one.release("c", { id: "ada-00001", session: "1" }, 0);
    assert.equal(idsOf(await one.list("c")), ["ada-00001"]);
    await two.release("c", { id: "ada-00001", session: "2" }, 60_000);
    await two.leave("c", { id: "ada-00001", session: "2" });
    assert.equal(idsOf(await one.list("c")), ["ada-00001"], "it was released: its time has begun");
    await audience.tells("+ada-00001");
    await one.leave("c", { id: "nobody-01", session: "1" });
    await one.leave("nowhere", { id: "nobody-01", session: "1" });
  });

  test(
    `a channel has at most ${maxMembers} members, and a list of them all`,
    async (t) => {
      const [one, two] = await open(t);
      const ids = Array.from({ length: maxMembers }, (_, i) => `member-${i}`);
      for (let i = 0; i < maxMembers; i += 1_000) {
        await Promise.all(ids.slice(i, i + 1_000).map((id) => one.enter("c", entering(id), "1")));
      }
      const refused = await two.enter("c", entering("one-more1"), "2").catch((error: unknown) => error);
      assert.ok(refused instanceof RepriseError && refused.code === "too_many_members");
      await two.enter("c", entering("member-7", { name: "known" }), "2");
      const audience = await watching(t, two, "c");
      assert.equal(idsOf(audience.watch.members), [...ids].sort());
      await one.leave("c", { id: "member-8", session: "1" });
      await two.enter("c", entering("one-more1"), "2");
      await audience.tells("-member-8", "+one-more1");
    },
    { timeoutMs: 60_000 },
  );

  test("a store that was closed refuses, and tells nobody anything", async (t) => {
    const [one] = await open(t);
    const audience = await watching(t, one, "c");
    await one.enter("c", entering("ada-00001"), "1");
    await audience.tells("+ada-00001");
    await one.release("c", { id: "ada-00001", session: "1" }, 20);
    await one.close();
    const refused = await one.enter("c", entering("bob-00001"), "1").catch((error: unknown) => error);
    assert.ok(refused instanceof RepriseError && refused.code === "closed");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await audience.tells("+ada-00001");
  });
}
