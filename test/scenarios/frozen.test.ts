// One subscriber that is stopped while it reads (SIGSTOP), among others that a flood is delivered to. The others do not
// notice, the broker keeps nothing for it, and when it goes on it is told everything: what is retained as messages, the
// rest as a gap.
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "../../src/client/index.js";
import { assert, suite, type T, until } from "../harness.js";
import { type BrokerProcess, MB, type Memory, shown, startBroker } from "./broker-process.js";
import { bufferNames, buffers } from "./buffers.js";
import { type Flood, startFlood } from "./flood.js";
import { figure, form, full } from "./form.js";
import { type Frozen, type FrozenReport, startFrozen } from "./frozen.js";
import { type Listener, listen } from "./listener.js";
import type { Range } from "./trail.js";

const channel = "flood";
const retained = 100_000;
const others = 19;
/** The node cuts a peer that does not answer its pings for 15 s (P-5): one buffer shows that, the other what is before. */
const frozenSeconds = form({ short: { embedded: 8, redis: 17 }, full: { embedded: 60, redis: 60 } });
const cutAfterSeconds = 16;
const maxGrowth = 20 * MB;
/** What a node lets come together before it collects (src/bin/heap.ts). A node that kept what was sent would keep 30 MB/s. */
const garbage = 64 * MB;

const test = suite("a frozen subscriber");

interface Scene {
  broker: BrokerProcess;
  flood: Flood;
  listeners: Listener[];
}

/** Everybody is there, retention has begun to trim, and nothing moves. */
async function prepare(t: T, name: (typeof bufferNames)[number]): Promise<Scene> {
  const { buffer } = await buffers[name](t);
  const broker = await startBroker(t, { buffer, retain: [`messages=${retained}`] });
  const listeners = Array.from({ length: others }, () => listen(broker.address, channel, { from: "earliest" }));
  for (const listener of listeners) t.after(() => listener.close());
  // Retention must not overtake the others: they are to miss nothing.
  const received = () => Math.min(...listeners.map(({ trail }) => (trail.next ?? 1) - 1));
  const flood = await startFlood(t, broker.address, channel, { received });
  return { broker, flood, listeners };
}

async function settle({ flood, listeners }: Scene): Promise<void> {
  await flood.pause();
  const arrived = ({ trail }: Listener) => trail.fault !== undefined || trail.next === flood.acked + 1;
  await until(() => listeners.every(arrived), "the others have received everything", 20_000);
  for (const { trail } of listeners) {
    assert.is(trail.fault, undefined);
    assert.equal(trail.gaps, [], "the others miss nothing");
  }
}

async function warmUp(scene: Scene): Promise<void> {
  scene.flood.resume();
  await until(() => scene.flood.acked > 3 * retained, "warm", 30_000);
  await settle(scene);
}

interface Run {
  /** Messages a second that each of the others received. */
  perSecond: number;
  before: Memory;
  after: Memory;
  /** As the flood went on. */
  looks: Memory[];
}

/** Floods for some time. */
async function run(scene: Scene, seconds: number): Promise<Run> {
  const { broker, flood } = scene;
  const before = await broker.measure();
  const already = flood.acked;
  const looks: Memory[] = [];
  const begun = performance.now();
  flood.resume();
  while (performance.now() - begun < seconds * 1000) {
    await delay(500);
    looks.push(await broker.measure());
  }
  await settle(scene);
  const perSecond = (flood.acked - already) / ((performance.now() - begun) / 1000);
  return { perSecond, before, after: await broker.measure(), looks };
}

/** What is in use, at rest and while everything moves. What is resident holds garbage too, as much as V8 likes. */
function checkMemory({ before, after, looks }: Run): void {
  const atRest = inUse(after) - inUse(before);
  assert.ok(atRest < maxGrowth, `${atRest / MB} MB more are in use`);
  const { begin, end } = beginAndEnd(looks, inUse);
  assert.ok(end - begin < maxGrowth, `what is in use under flood grew by ${(end - begin) / MB} MB`);
  const resident = beginAndEnd(looks, ({ rss }) => rss);
  const grown = resident.end - resident.begin;
  assert.ok(grown < maxGrowth + garbage, `resident memory grew by ${grown / MB} MB`);
}

const inUse = ({ heapUsed, external }: Memory): number => heapUsed + external;

/** Medians of the first and of the last fifth. */
function beginAndEnd(looks: readonly Memory[], of: (memory: Memory) => number): { begin: number; end: number } {
  const fifth = Math.ceil(looks.length / 5);
  const values = looks.map(of);
  return { begin: median(values.slice(0, fifth)), end: median(values.slice(-fifth)) };
}

async function firstRetained(t: T, address: string): Promise<number> {
  const bus = await connect(address);
  t.after(() => bus.close());
  return (await bus.channel(channel)).first;
}

async function runWithFrozen(t: T, name: (typeof bufferNames)[number]): Promise<Run> {
  const scene = await prepare(t, name);
  const { broker, flood } = scene;
  const frozen = startFrozen(t, broker.address, channel);
  await frozen.ready;
  flood.resume();
  await frozen.reading;
  await warmUp(scene);
  flood.resume();
  const more = flood.acked + retained;
  await until(() => flood.acked > more, "the flood goes on");
  frozen.freeze();
  await settle(scene);
  const figures = await run(scene, frozenSeconds[name]);
  checkMemory(figures);

  const first = await firstRetained(t, broker.address);
  frozen.thaw();
  const head = flood.acked;
  const report = await told(frozen, head);
  checkRanges(report.ranges, first, head);
  if (frozenSeconds[name] > cutAfterSeconds) assert.is(report.connections, 2, "the node cut it, and it came back");
  figure(
    `${name}, told after ${frozenSeconds[name]} s`,
    report.ranges.map((r) => `${r.how} ${r.from}-${r.to}`).join(", "),
  );

  // Once more, and it goes on while the flood does, so that retention trims what it is about to read.
  frozen.freeze();
  flood.resume();
  await until(() => flood.acked > head + 2 * retained, "the flood goes on", 30_000);
  frozen.thaw();
  await until(() => flood.acked > head + 4 * retained, "the flood goes on", 30_000);
  await settle(scene);
  await told(frozen, flood.acked);
  return figures;
}

/** Waits until it was told everything. */
async function told(frozen: Frozen, head: number): Promise<FrozenReport> {
  let report: FrozenReport;
  await until(
    async () => {
      report = await frozen.report();
      return report.fault !== undefined || report.next > head;
    },
    "the subscriber that was frozen has been told everything",
    30_000,
  );
  assert.is(report!.fault, undefined);
  assert.is(report!.next, head + 1);
  return report!;
}

/** Messages, then the gap of what was trimmed meanwhile, then everything retained. */
function checkRanges(ranges: readonly Range[], first: number, head: number): void {
  assert.equal(
    ranges.map(({ how }) => how),
    ["message", "trimmed", "message"],
  );
  const [before, gap, after] = ranges;
  assert.is(before!.from, 1);
  assert.is(gap!.from, before!.to + 1);
  assert.is(gap!.to, first - 1);
  assert.equal(after, { from: first, to: head, how: "message" });
}

async function runWithout(t: T, name: (typeof bufferNames)[number]): Promise<Run> {
  const scene = await prepare(t, name);
  await warmUp(scene);
  return run(scene, frozenSeconds[name]);
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
};

function show(what: string, { perSecond, before, after, looks }: Run): void {
  figure(`${what}: others`, `${Math.round(perSecond).toLocaleString("en")} messages/s to each of ${others}`);
  figure(`${what}: broker before`, shown(before));
  figure(`${what}: broker after`, shown(after));
  for (const [kind, of] of [
    ["in use", inUse],
    ["resident", ({ rss }: Memory) => rss],
  ] as const) {
    const { begin, end } = beginAndEnd(looks, of);
    figure(
      `${what}: ${kind} under flood`,
      `${(begin / MB).toFixed(1)} MB at the beginning, ${(end / MB).toFixed(1)} MB at the end`,
    );
  }
}

for (const name of bufferNames) {
  if (full) {
    test(
      `${name}: it delays nobody, costs no memory, and is told everything afterwards (P-4, P-16)`,
      (t) => compare(t, name),
      { timeoutMs: 4 * (120_000 + frozenSeconds[name] * 1_000) },
    );
  } else {
    test(
      `${name}: it costs no memory, and is told everything afterwards (P-4, P-16)`,
      async (t) => show(`${name}, one of 20 frozen`, await runWithFrozen(t, name)),
      { timeoutMs: 120_000 + frozenSeconds[name] * 1_000 },
    );
  }
}

/** In turns, without and with, since a machine has its moods. */
async function compare(t: T, name: (typeof bufferNames)[number]): Promise<void> {
  const without: number[] = [];
  const frozen: number[] = [];
  for (let round = 1; round <= 2; round++) {
    for (const [what, runIt, into] of [
      ["none frozen", runWithout, without],
      ["one of 20 frozen", runWithFrozen, frozen],
    ] as const) {
      const figures = await inScope(t, (scope) => runIt(scope, name));
      show(`${name}, ${what}, run ${round}`, figures);
      into.push(figures.perSecond);
    }
  }
  const ratio = median(frozen) / median(without);
  figure(`${name}, with one frozen / without`, ratio.toFixed(3));
  assert.ok(ratio > 0.9, `the others get ${ratio.toFixed(3)} of what they get without a frozen one`);
}

/** Runs a part of a test that cleans up after itself, so that the next part has the machine to itself. */
async function inScope<A>(t: T, part: (scope: T) => Promise<A>): Promise<A> {
  const cleanups: (() => unknown)[] = [];
  try {
    return await part({ after: (cleanup) => cleanups.push(cleanup), signal: t.signal });
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

test.run();
