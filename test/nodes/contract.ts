// The contract of src/nodes/registry.ts, sentence by sentence, as tests that run over every implementation.
import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { NodeEntry, NodeRegistry } from "../../src/nodes/registry.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, loader, type Suite, suite, type T, until } from "../harness.js";
import { entry } from "./entry.js";

/** A registry that several nodes may open. */
export interface Place {
  /** As one more node has it; closed after the test. */
  open(): Promise<NodeRegistry>;
  /** Of those that are kept in a server. */
  server?: Server;
}

export interface Server {
  kill(): Promise<void>;
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Writes what another program might, in the place of a node's entry. */
  write(node: string, content: string): Promise<void>;
  /** Arguments of `announcer.ts`. */
  announcer: readonly string[];
}

export type Open = (t: T) => Promise<Place>;

/** What a registry needs to find out that a lease has run out. */
const slackMs = 3_000;

/** "In bounded time", on a busy machine. */
const answerMs = 8_000;

const byName = (entries: readonly NodeEntry[]): NodeEntry[] => [...entries].sort((a, b) => (a.node < b.node ? -1 : 1));
const names = async (registry: NodeRegistry): Promise<string> =>
  byName(await registry.list())
    .map(({ node }) => node)
    .join();

export function registryContract(name: string, open: Open): void {
  const test = suite(`node registry: ${name}`);
  entries(test, open);
  leases(test, open);
  test.run();
}

/** @param open of a place with a server */
export function servedContract(name: string, open: Open): void {
  const test = suite(`node registry in a server: ${name}`);
  failures(test, open);
  test.run();
}

function entries(test: Suite, open: Open): void {
  test("a node is entered, replaced and withdrawn, each at once and for all", async (t) => {
    const place = await open(t);
    const [one, other] = [await place.open(), await place.open()];
    assert.equal(await one.list(), []);
    await one.announce(entry("a"));
    await other.announce(entry("b", { address: "", zone: "", warnings: [], sessions: 0 }));
    assert.equal(byName(await one.list()), [
      entry("a"),
      entry("b", { address: "", zone: "", warnings: [], sessions: 0 }),
    ]);
    assert.equal(byName(await other.list()), byName(await one.list()));
    const changed = entry("a", { state: "draining", sessions: 0, zone: "Zürich", warnings: [] });
    await one.announce(changed);
    assert.equal(byName(await other.list())[0], changed);
    await one.withdraw("a");
    assert.is(await names(other), "b");
    await one.withdraw("a");
    await one.withdraw("never");
    await one.announce(entry("a"));
    assert.is(await names(other), "a,b");
  });

  test("a node may call itself whatever is one line, and say what is too much", async (t) => {
    const registry = await (await open(t)).open();
    const odd = [" ", "a/b", "ä 你", `"'\\`, "x".repeat(255), "__proto__"].map((node) =>
      entry(node, { address: "h:1" }),
    );
    for (const one of odd) await registry.announce(one);
    assert.equal(byName(await registry.list()), byName(odd));
    await registry.announce(entry("loud", { warnings: Array.from({ length: 50 }, () => "no ".repeat(1_000)) }));
    const { warnings } = (await registry.list()).find(({ node }) => node === "loud")!;
    assert.ok(warnings.length > 0);
    assert.ok(JSON.stringify(warnings).length < 20_000);
  });

  test("a hundred nodes", async (t) => {
    const registry = await (await open(t)).open();
    const all = Array.from({ length: 100 }, (_, i) => entry(`node-${String(i).padStart(3, "0")}`));
    await Promise.all(all.map((one) => registry.announce(one)));
    assert.equal(byName(await registry.list()), all);
    await Promise.all(all.map(({ node }) => registry.withdraw(node)));
    assert.equal(await registry.list(), []);
  });
}

function leases(test: Suite, open: Open): void {
  test("an entry is there while it is announced, gone within the lease after that, and may come back", async (t) => {
    const place = await open(t);
    const registry = await place.open();
    const { leaseMs } = registry;
    const silent = new Set(["gone"]);
    if (place.server !== undefined) silent.add(await killedAnnouncer(t, registry, place.server));
    await registry.announce(entry("gone"));
    const last = performance.now();
    while (silent.size > 0) {
      await registry.announce(entry("here"));
      const listed = (await names(registry)).split(",");
      const silentMs = performance.now() - last;
      assert.ok(listed.includes("here"));
      for (const node of silent) if (!listed.includes(node)) silent.delete(node);
      if (silent.size > 0) assert.ok(silentMs < leaseMs + slackMs, `${[...silent]} is there after ${silentMs} ms`);
      else assert.ok(silentMs > leaseMs / 2, `gone after ${silentMs} ms`);
      await delay(leaseMs / 20);
    }
    assert.is(await names(registry), "here");
    await registry.announce(entry("gone", { sessions: 1 }));
    assert.is(await names(registry), "gone,here");
  });
}

/** The name of a node that was entered by a process of its own, which was then killed. */
async function killedAnnouncer(t: T, registry: NodeRegistry, { announcer }: Server): Promise<string> {
  const file = `${import.meta.dirname}/announcer.ts`;
  const child = spawn(process.execPath, ["--import", loader, file, ...announcer], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  t.after(() => child.kill("SIGKILL"));
  await until(async () => (await names(registry)) === "announcer", "it is entered");
  child.kill("SIGKILL");
  await exited;
  return "announcer";
}

function failures(test: Suite, open: Open): void {
  /** Rejects with `unavailable`, and soon. */
  async function refuses(call: () => Promise<unknown>): Promise<void> {
    const began = performance.now();
    const thrown = await call().then(
      () => assert.unreachable("it was answered"),
      (error: unknown) => error,
    );
    assert.instance(thrown, RepriseError);
    assert.is((thrown as RepriseError).code, "unavailable");
    assert.ok(performance.now() - began < answerMs, `after ${performance.now() - began} ms`);
  }
  async function answersAgain(registry: NodeRegistry): Promise<void> {
    const answers = () =>
      registry.announce(entry("a", { sessions: 2 })).then(
        () => true,
        () => false,
      );
    await until(answers, "it can be entered again", 15_000);
    const [read] = await registry.list();
    assert.equal(read, entry("a", { sessions: 2 }));
    await registry.withdraw("a");
    assert.equal(await registry.list(), []);
  }

  test("a server that is killed: refused in bounded time, and everything as before when it is back", async (t) => {
    const place = await open(t);
    const registry = await place.open();
    await registry.announce(entry("a"));
    await place.server!.kill();
    await refuses(() => registry.announce(entry("a")));
    await refuses(() => registry.list());
    await refuses(() => registry.withdraw("a"));
    await place.server!.start();
    await answersAgain(registry);
  });

  test("a server that does nothing any more: refused in bounded time, and everything as before when it wakes", async (t) => {
    const place = await open(t);
    const registry = await place.open();
    await registry.announce(entry("a"));
    place.server!.freeze();
    t.after(() => place.server!.thaw());
    await Promise.all([refuses(() => registry.announce(entry("a"))), refuses(() => registry.list())]);
    place.server!.thaw();
    await answersAgain(registry);
  });

  test("what other programs write there is passed over", async (t) => {
    const place = await open(t);
    const registry = await place.open();
    await registry.announce(entry("a"));
    const good = JSON.stringify(entry("odd"));
    const odd = [
      ...["", "{", "null", "[]", "1", '"text"', "{}", "x".repeat(200_000), JSON.stringify(entry("somebody else"))],
      ...[{ node: "" }, { address: "nowhere" }, { address: "a b:1" }, { address: "h:0" }, { address: 1 }].map((wrong) =>
        JSON.stringify({ ...entry("odd"), ...wrong }),
      ),
      ...[{ state: "asleep" }, { sessions: -1 }, { sessions: "1" }, { sessions: 1e300 }, { startedAtMs: 0.5 }].map(
        (wrong) => JSON.stringify({ ...entry("odd"), ...wrong }),
      ),
      ...[{ warnings: "w" }, { warnings: [1] }, { zone: "\u001b[2J" }, { zone: "\ud800" }, { version: null }].map(
        (wrong) => JSON.stringify({ ...entry("odd"), ...wrong }),
      ),
    ];
    for (const content of odd) {
      await place.server!.write("odd", content);
      assert.is(await names(registry), "a", content.slice(0, 100));
      await registry.announce(entry("a"));
    }
    await place.server!.write("odd", good);
    assert.is(await names(registry), "a,odd", "the way they were written would do");
    await place.server!.write("odd", JSON.stringify({ ...entry("odd"), later: { version: "9" } }));
    assert.is(await names(registry), "a,odd", "later versions may say more");
  });
}
