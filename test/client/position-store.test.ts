// Positions that outlive the process: when they are saved, what the file store does with its file, and kill -9.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  after,
  type Bus,
  connect,
  filePositionStore,
  type Position,
  type PositionStore,
  RepriseError,
} from "../../src/client/index.js";
import { assert, loader, suite, type T, temporaryFolder, until } from "../harness.js";
import { startNode } from "./node.js";

const test = suite("client position store");

async function openWithMessages(t: T, count: number): Promise<Bus> {
  const node = await startNode(t);
  const bus = await connect(node.address);
  t.after(() => bus.close({ timeoutMs: 0 }));
  await publish(bus, count);
  return bus;
}

const publish = (bus: Bus, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => bus.publish("c", `${i + 1}`)));

/** A store in memory whose saves end when the test says so; unless it says nothing. */
function memoryStore(stored?: Position) {
  const saves: number[] = [];
  const positions = new Map<string, Position>(stored && [["c", stored]]);
  let under = 0;
  let hold: Promise<void> | undefined;
  const store: PositionStore = {
    load: async (channel) => positions.get(channel),
    async save(channel, position) {
      assert.is(++under, 1, "one save at a time");
      saves.push(position.offset);
      await hold;
      positions.set(channel, position);
      under--;
    },
  };
  const holdSaves = () => {
    let release!: () => void;
    hold = new Promise((resolve) => {
      release = resolve;
    });
    return () => {
      hold = undefined;
      release();
    };
  };
  return { store, saves, positions, holdSaves };
}

const failure = async (promise: Promise<unknown>): Promise<RepriseError> => {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof RepriseError, `no RepriseError: ${thrown}`);
  return thrown as RepriseError;
};

async function drain(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}

test("what is stored decides the start, `from` where nothing is", async (t) => {
  const bus = await openWithMessages(t, 5);
  const { store, positions, saves } = memoryStore();
  const first = bus.subscribe("c", { from: 2, store });
  assert.is((await first.ready).offset, 1);
  assert.equal(saves, [1], "saved when it is ready");
  for await (const message of first) if (message.offset === 4) break;
  assert.is(positions.get("c")!.offset, 3, "the message at which it ended was not processed");
  for await (const message of bus.subscribe("c", { from: 2, store })) {
    assert.is(message.offset, 4);
    break;
  }
});

test("`new` is fixed once: what comes between two processes is not missed", async (t) => {
  const bus = await openWithMessages(t, 5);
  const { store } = memoryStore();
  const first = bus.subscribe("c", { store });
  await first.ready;
  await first.close();
  await publish(bus, 1);
  for await (const message of bus.subscribe("c", { store })) {
    assert.is(message.offset, 6);
    break;
  }
});

test("one save at a time, the latest position wins, and the last one is saved at the end", async (t) => {
  const bus = await openWithMessages(t, 100);
  const { store, saves, positions, holdSaves } = memoryStore();
  const subscription = bus.subscribe("c", { from: "earliest", store, saveIntervalMs: 1 });
  await subscription.ready;
  const release = holdSaves();
  const iterator = subscription[Symbol.asyncIterator]();
  for (let i = 0; i < 10; i++) await iterator.next();
  await until(() => saves.length === 2, "the first save");
  for (let i = 0; i < 60; i++) await iterator.next();
  release();
  await until(() => saves.length === 3, "the second save");
  assert.equal(saves, [0, 9, 69]);
  for (let i = 0; i < 5; i++) await iterator.next();
  await iterator.return!();
  assert.is(positions.get("c")!.offset, 74);
  assert.ok(saves.length <= 5);
});

test("every way to end saves", async (t) => {
  const bus = await openWithMessages(t, 10);
  const ways: ((subscription: ReturnType<Bus["subscribe"]>, abort: AbortController) => unknown)[] = [
    (subscription) => subscription.close(),
    (_, abort) => abort.abort(),
    () => bus.close(),
  ];
  for (const end of ways) {
    const { store, positions } = memoryStore();
    const abort = new AbortController();
    const subscription = bus.subscribe("c", { from: "earliest", store, signal: abort.signal, saveIntervalMs: 60_000 });
    for await (const message of subscription) if (message.offset === 7) await end(subscription, abort);
    assert.is(positions.get("c")!.offset, 7, "all of it was processed, the last one while it ended");
  }
});

test("an interval of 0: saved before the next message is handed out", async (t) => {
  const bus = await openWithMessages(t, 50);
  const { store, positions } = memoryStore();
  for await (const message of bus.subscribe("c", { from: "earliest", store, saveIntervalMs: 0 })) {
    assert.is(positions.get("c")!.offset, message.offset - 1);
    if (message.offset === 50) break;
  }
});

test("a store that fails ends the iteration, with what it threw as the cause", async (t) => {
  const bus = await openWithMessages(t, 100);
  const cause = new Error("disk on fire");
  const refuse = () => Promise.reject(cause);
  const { store } = memoryStore();
  const unreadable = bus.subscribe("c", { from: "earliest", store: { ...store, load: refuse } });
  const notLoaded = await failure(unreadable.ready);
  assert.equal([notLoaded.code, notLoaded.cause], ["position_store_failed", cause]);
  assert.is(await failure(drain(unreadable)), notLoaded);

  let fail!: (error: Error) => void;
  const loading = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const closed = bus.subscribe("c", { store: { ...store, load: () => loading } });
  await closed.close();
  fail(cause);
  await new Promise(setImmediate);
  await drain(closed);
  assert.is((await failure(closed.ready)).code, "closed");

  for (const saveIntervalMs of [0, 1, 60_000]) {
    let saves = 0;
    const save = () => (saves++ === 0 ? Promise.resolve() : refuse());
    const failing = bus.subscribe("c", { from: "earliest", store: { ...store, save }, saveIntervalMs });
    const events = failing.events();
    const consume = async () => {
      for await (const message of failing) {
        await new Promise(setImmediate);
        if (message.offset === 100) break;
      }
    };
    const error = await failure(consume());
    assert.equal([error.code, error.cause], ["position_store_failed", cause], `${saveIntervalMs}`);
    const all: unknown[] = [];
    for await (const event of events) all.push(event);
    assert.is((all.at(-1) as { error: RepriseError }).error.cause, cause);
  }
});

test("the file: several channels, positions that come back, no leftovers", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "positions");
  const store = filePositionStore(path);
  assert.is(await store.load("c"), undefined);
  assert.equal(readdirSync(folder), [], "loading creates nothing");
  const channels = ["c", "constructor", "__proto__x", "17", "a/b:c@d"];
  const positionOf = (offset: number) => ({ epoch: 1_700_000_000_000, offset });
  for (let round = 1; round <= 20; round++) {
    await Promise.all(channels.map((channel, i) => store.save(channel, positionOf(round * 10 + i))));
  }
  assert.equal(readdirSync(folder), ["positions"]);
  const reopened = filePositionStore(path);
  for (const [i, channel] of channels.entries()) assert.equal(await reopened.load(channel), positionOf(200 + i));
  assert.is(await reopened.load("toString"), undefined);
  // The pid of a process that has ended.
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  writeFileSync(`${path}.${child.pid}.0123abcd.tmp`, "half");
  writeFileSync(`${path}.${process.pid}.0123abcd.tmp`, "of another store of this process");
  await filePositionStore(path).load("c");
  assert.equal(readdirSync(folder).sort(), ["positions", `positions.${process.pid}.0123abcd.tmp`]);
});

test("the file: torn or changed at any place it is an error, never a start from nothing", async (t) => {
  const path = join(temporaryFolder(t), "positions");
  const store = filePositionStore(path);
  await store.save("c", { epoch: 1_700_000_000_000, offset: 4711 });
  const whole = readFileSync(path);
  const refused = async (content: Buffer | string, what: string) => {
    writeFileSync(path, content);
    const error = await failure(filePositionStore(path).load("c"));
    assert.is(error.code, "position_store_failed", what);
    assert.match(error.message, path);
  };
  for (let length = 0; length < whole.length; length++) await refused(whole.subarray(0, length), `cut at ${length}`);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const flipped = Buffer.from(whole);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    await refused(flipped, `bit ${bit}`);
  }
  for (const content of [`${whole}\n`, "null", "[]", "{}", "4711", "hello"]) await refused(content, content);
  writeFileSync(path, whole);
  assert.is((await filePositionStore(path).load("c"))!.offset, 4711);
});

test("the file: where it cannot be, and when somebody else writes it", async (t) => {
  const folder = temporaryFolder(t);
  const bus = await openWithMessages(t, 10);
  const nowhere = bus.subscribe("c", { store: filePositionStore(join(folder, "missing", "positions")) });
  assert.match((await failure(nowhere.ready)).message, "ENOENT");
  const path = join(folder, "positions");
  const [one, other] = [filePositionStore(path), filePositionStore(path)];
  await one.save("c", { epoch: 1, offset: 1 });
  await other.save("d", { epoch: 1, offset: 2 });
  const error = await failure(one.save("c", { epoch: 1, offset: 3 }));
  assert.is(error.code, "position_store_failed");
  assert.match(error.message, "somebody else");
  assert.equal(await filePositionStore(path).load("d"), { epoch: 1, offset: 2 });
});

interface Consumer {
  process: ChildProcess;
  /** What it processed, in order; it writes that down before it asks for more. */
  processed(): number[];
}

function startConsumer(t: T, folder: string, address: string, saveIntervalMs: number): Consumer {
  const log = join(folder, `processed-${saveIntervalMs}`);
  const child = spawn(
    process.execPath,
    [
      "--import",
      loader,
      join(import.meta.dirname, "consumer.ts"),
      address,
      join(folder, `positions-${saveIntervalMs}`),
      `${saveIntervalMs}`,
      log,
    ],
    { stdio: "inherit" },
  );
  t.after(() => child.kill("SIGKILL"));
  const processed = () => (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n").map(Number) : []);
  return { process: child, processed };
}

for (const saveIntervalMs of [0, 20]) {
  test(
    `killed again and again (interval ${saveIntervalMs} ms): goes on with the first unprocessed message`,
    async (t) => {
      const node = await startNode(t);
      const bus = await connect(node.address);
      t.after(() => bus.close({ timeoutMs: 0 }));
      const count = 4_000;
      const { epoch } = (await publish(bus, count))[0]!.position;
      const folder = temporaryFolder(t);
      const path = join(folder, `positions-${saveIntervalMs}`);
      let seen = 0;
      const rounds = 5;
      for (let round = 1; round <= rounds; round++) {
        const consumer = startConsumer(t, folder, node.address, saveIntervalMs);
        const exited = once(consumer.process, "exit");
        const goal = seen + 150;
        await until(() => consumer.processed().length >= goal, "it gets on", 20_000);
        // In good order at last.
        consumer.process.kill(round === rounds ? "SIGTERM" : "SIGKILL");
        await exited;
        const all = consumer.processed();
        const saved = (await filePositionStore(path).load("c"))!;
        assert.is(saved.epoch, epoch);
        const [before, here] = [seen === 0 ? 0 : all[seen - 1]!, all[seen]!];
        assert.ok(here <= before + 1, `missed ${before + 1} to ${here - 1}`);
        if (saveIntervalMs === 0) assert.ok(here >= before, `went back from ${before} to ${here}`);
        for (let i = seen + 1; i < all.length; i++) assert.is(all[i], all[i - 1]! + 1);
        const last = all.at(-1)!;
        assert.ok(last < count, "it was killed in the middle");
        assert.ok(saved.offset <= last && (saveIntervalMs > 0 || saved.offset >= last - 1), `${saved.offset}, ${last}`);
        if (round === rounds) assert.is(saved.offset, last);
        seen = all.length;
      }
      const position = (await filePositionStore(path).load("c"))!;
      for await (const message of bus.subscribe("c", { from: after(position) })) {
        assert.is(message.text, `${position.offset + 1}`);
        break;
      }
    },
    { timeoutMs: 90_000 },
  );
}

test.run();
