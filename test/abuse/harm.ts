// What an attack does to a node and to the others, in numbers, and what of it is allowed.
//
// Where it can be, a bound is of the node's own CPU or memory: these are about the same however busy the machine is. What is
// measured in time has bounds that only something broken exceeds.
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { type BrokerProcess, MB, type Memory } from "../scenarios/broker-process.js";
import type { Others } from "./others.js";

export interface Harm {
  /** Heap and buffers at most, by which that is more than before any attack, and how much more is resident. Bytes. */
  most: number;
  grown: number;
  residentGrown: number;
  /** CPU of the node's longest turn of the event loop, and at most while the others heard nothing, in ms. */
  turnMs: number;
  silentCpuMs: number;
  /** How long the event loop stood still at most, and how long the subscriber heard nothing, in ms. */
  stalledMs: number;
  silentMs: number;
}

type Measured = Exclude<keyof Harm, "most">;

const bounds: Readonly<Record<Measured, number>> = {
  grown: 450 * MB,
  residentGrown: 550 * MB,
  turnMs: 1_500,
  silentCpuMs: 3_000,
  stalledMs: 20_000,
  silentMs: 30_000,
};

const lookMs = 50;

/** Looks at the node until `over` is called. @param before any attack */
export async function watchHarm(
  broker: BrokerProcess,
  others: Others,
  before: Memory,
): Promise<{ over(): Promise<Harm> }> {
  const usedBefore = before.heapUsed + before.external;
  const [most, silence] = [
    { used: 0, rss: 0 },
    { received: -1, cpuMs: 0, most: 0 },
  ];
  await broker.measure();
  others.lap();
  let going = true;
  // One question at a time: the answers do not say which they are of.
  const looks = (async () => {
    while (going) {
      const { used, rss, cpuMs } = await broker.look();
      most.used = Math.max(most.used, used);
      most.rss = Math.max(most.rss, rss);
      if (silence.received !== others.received) Object.assign(silence, { received: others.received, cpuMs });
      silence.most = Math.max(silence.most, cpuMs - silence.cpuMs);
      await delay(lookMs);
    }
  })();
  return {
    async over() {
      going = false;
      await looks;
      const { stallMs: silentMs } = others.lap();
      const { stalledMs, turnMs } = await broker.measure();
      const grown = most.used - usedBefore;
      const residentGrown = most.rss - before.rss;
      return { most: most.rss, grown, residentGrown, turnMs, silentCpuMs: silence.most, stalledMs, silentMs };
    },
  };
}

/** @throws Error for what is beyond its bound */
export function checkHarm(what: string, harm: Harm): void {
  for (const [name, bound] of Object.entries(bounds) as [Measured, number][]) {
    assert.ok(harm[name] < bound, `${what}: ${name} ${harm[name]}, and less than ${bound} is allowed`);
  }
}

/** As a line of figures. */
export function shownHarm({ grown, residentGrown, turnMs, silentCpuMs, stalledMs, silentMs }: Harm): string {
  const memory = `${(grown / MB).toFixed(0)} MB more (${(residentGrown / MB).toFixed(0)} resident)`;
  const turn = `turn of ${turnMs.toFixed(0)} ms CPU, stood still ${stalledMs.toFixed(0)} ms`;
  return `${memory}, ${turn}, others silent ${silentMs.toFixed(0)} ms (${silentCpuMs.toFixed(0)} ms CPU)`;
}
