// A node that is attacked, a publisher and a subscriber on connections of their own beside it, and what must be true of all
// three: the others lose nothing and wait for nothing, the node's memory has a bound, and when the attackers have gone it has
// what it had.
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { connect } from "../../src/client/index.js";
import { adminOf } from "../broker/node.js";
import { freePort } from "../redis.js";
import { type BrokerProcess, MB, type Memory, startBroker } from "../scenarios/broker-process.js";
import { buffers } from "../scenarios/buffers.js";
import { type Flow, startFlow } from "../scenarios/flow.js";
import { type T, until } from "../scope.js";
import { pastChannel, type Target } from "./attack.js";

export interface Arena {
  readonly target: Target;
  /**
   * The others go on during `attack`; afterwards everybody who took part in it leaves.
   * @throws Error for whatever did not hold
   */
  bears(what: string, attack: (t: T, target: Target) => Promise<unknown>): Promise<Harm>;
  /** Nobody is left but the others, who have received all that was stored. */
  finish(): Promise<void>;
}

export interface Harm {
  /** Resident memory at most, and by how much that is more than before any attack, in bytes. */
  most: number;
  grown: number;
  /** How long the event loop stood still at most, and how long the subscriber heard nothing, in ms. */
  stalledMs: number;
  silentMs: number;
}

/**
 * What is allowed. A machine that is busy stops everybody for a while; before these attacks were defended against, they
 * stopped the node for minutes, or took gigabytes.
 */
const mostGrown = 800 * MB;
const mostStalledMs = 20_000;
const mostSilentMs = 30_000;

const perSecond = 200;
const lookMs = 100;
/** Of channels that were created meanwhile. */
const moreFiles = 10;
/** The node's own time limits: a connection that says nothing is cut 15 s after that. */
const goneMs = 40_000;

export async function startArena(t: T): Promise<Arena> {
  const { buffer } = await buffers.embedded(t);
  const httpPort = await freePort();
  const broker = await startBroker(t, { buffer, args: ["--http", `127.0.0.1:${httpPort}`] });
  await fillPast(broker.address);
  const flow = await startFlow(t, broker.address, { channel: "others", publishers: 1, subscribers: 1, perSecond });
  const admin = adminOf(t, broker.address);
  const alone = async () => (await admin.sessions()).length === flow.buses.length;
  await until(alone, "the others are there");
  const before = await broker.measure();
  const target = { port: broker.port, httpPort };
  return {
    target,
    bears: (what, attack) => bear(what, { broker, flow, before, target, attack }),
    async finish() {
      await until(alone, "sessions have gone", goneMs);
      const closed = async () => (await broker.measure()).files <= before.files + moreFiles;
      await until(closed, "connections are closed", goneMs);
      await flow.finish();
      assert.equal(flow.states, [], "the others stayed connected");
    },
  };
}

interface Round {
  broker: BrokerProcess;
  flow: Flow;
  /** Any attack. */
  before: Memory;
  target: Target;
  attack: (t: T, target: Target) => Promise<unknown>;
}

async function bear(what: string, { broker, flow, before, target, attack }: Round): Promise<Harm> {
  await broker.measure();
  flow.lap();
  const cleanups: (() => unknown)[] = [];
  const scope: T = { after: (cleanup) => void cleanups.push(cleanup), signal: new AbortController().signal };
  let most = 0;
  let over = false;
  // One question at a time: the answers do not say which they are of.
  const looks = (async () => {
    while (!over) {
      most = Math.max(most, await broker.look());
      await delay(lookMs);
    }
  })();
  try {
    await attack(scope, target);
  } finally {
    over = true;
    await looks;
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
  const at = flow.received;
  await until(() => flow.received > at + 1, `${what}: the others go on`, 60_000);
  const { stallMs: silentMs } = flow.lap();
  const { stalledMs } = await broker.measure();
  const grown = most - before.rss;
  assert.ok(grown < mostGrown, `${what}: ${grown / MB} MB more`);
  assert.ok(stalledMs < mostStalledMs, `${what}: the node stood still for ${stalledMs} ms`);
  assert.ok(silentMs < mostSilentMs, `${what}: the others heard nothing for ${silentMs} ms`);
  return { most, grown, stalledMs, silentMs };
}

/** As a line of figures. */
export const shownHarm = ({ grown, stalledMs, silentMs }: Harm): string =>
  `${(grown / MB).toFixed(0)} MB more, stood still ${stalledMs.toFixed(0)} ms, others silent ${silentMs.toFixed(0)} ms`;

/** A channel with pages to ask for. */
async function fillPast(address: string): Promise<void> {
  await using bus = await connect(address);
  await Promise.all(Array.from({ length: 40 }, () => bus.publish(pastChannel, Buffer.alloc(100_000, "x"))));
}
