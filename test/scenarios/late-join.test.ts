// Subscribers that join in the middle of a flood, from everywhere in its history: for each one the seam between what
// was stored before and what comes live must not show. Nothing is missing, nothing comes twice.
import { setTimeout as delay } from "node:timers/promises";
import type { Start } from "../../src/wire/client-frame.js";
import type { Position } from "../../src/wire/position.js";
import { suite, type T, until } from "../harness.js";
import { startBroker } from "./broker-process.js";
import { bufferNames, buffers } from "./buffers.js";
import { type Flood, startFlood } from "./flood.js";
import { figure } from "./form.js";
import { listen } from "./listener.js";

const perSecond = 5_000;
const joiners = 10;
/** Each on a flood and a channel of its own, so that a history has a bounded length. */
const waves = 5;
/** Of `joiners`, in a wave, overlapping each other. */
const repetitions = 40;
const waveMs = 2_000;
/** How long a joiner stays once it has caught up. */
const liveMessages = 300;

const test = suite("joining late during a flood");

/** A joiner's start, and the position that it must be answered with. */
interface Join {
  start: Start;
  expected(head: Position): number;
}

function randomJoin(flood: Flood): Join {
  const offset = 1 + Math.floor(Math.random() * flood.acked);
  const joins: Join[] = [
    { start: { from: "earliest" }, expected: () => 0 },
    { start: { from: "new" }, expected: (head) => head.offset },
    { start: { from: "last", count: offset }, expected: (head) => head.offset - offset },
    { start: { from: "offset", offset }, expected: () => offset - 1 },
    { start: { from: "position", position: { epoch: flood.epoch, offset } }, expected: () => offset },
  ];
  return joins[Math.floor(Math.random() * joins.length)]!;
}

/** Joins, stays, leaves, and resolves with the number of messages received. */
function join(address: string, channel: string, flood: Flood, { start, expected }: Join): Promise<number> {
  return new Promise((resolve, reject) => {
    let ackedBefore = 0;
    let headThen = 0;
    let enough = Number.POSITIVE_INFINITY;
    const fail = (fault: string) => listener.trail.fail(fault);
    const listener = listen(address, channel, start, {
      subscribing: () => {
        ackedBefore = flood.acked;
      },
      subscribed(position, head) {
        headThen = head.offset;
        if (position.offset !== expected(head)) fail(`begins after ${position.offset}, the head being ${head.offset}`);
        if (head.offset < ackedBefore || head.offset > flood.sent) fail(`head ${head.offset} is not the head`);
      },
      caughtUp(position) {
        if (position.offset < headThen) fail(`caught up at ${position.offset}, before the head ${headThen}`);
        if (position.offset !== listener.trail.next! - 1) fail(`caught up at ${position.offset}, which is elsewhere`);
        enough = Math.min(enough, position.offset + liveMessages);
      },
      told() {
        const { fault, next = 0, gaps, received } = listener.trail;
        if (fault === undefined && next <= enough) return;
        listener.close();
        if (fault !== undefined) reject(new Error(`${JSON.stringify(start)}: ${fault}`));
        else if (gaps.length > 0) reject(new Error(`${JSON.stringify(start)}: gaps ${JSON.stringify(gaps)}`));
        else resolve(received);
      },
    });
  });
}

async function wave(t: T, address: string, channel: string): Promise<{ received: number; published: number }> {
  const flood = await startFlood(t, address, channel, { perSecond });
  flood.resume();
  await until(() => flood.acked > 0, "the channel exists");
  const joins = Array.from({ length: repetitions * joiners }, async () => {
    await delay(Math.random() * waveMs);
    return join(address, channel, flood, randomJoin(flood));
  });
  const received = await Promise.all(joins);
  await flood.stop();
  return { received: received.reduce((sum, each) => sum + each, 0), published: flood.acked };
}

for (const name of bufferNames) {
  test(
    `${name}: ${joiners} joiners, ${waves * repetitions} times: contiguous across the seam (P-16, P-17, P-18)`,
    async (t) => {
      const { buffer } = await buffers[name](t);
      const broker = await startBroker(t, { buffer });
      const begun = performance.now();
      let received = 0;
      let published = 0;
      for (let number = 1; number <= waves; number++) {
        const figures = await wave(t, broker.address, `flood${number}`);
        received += figures.received;
        published += figures.published;
      }
      const seconds = (performance.now() - begun) / 1000;
      figure(
        `${name}, ${waves * repetitions} x ${joiners} joiners`,
        `${received} messages, none missing, none twice, while ${Math.round(published / seconds)} /s were published`,
      );
    },
    { timeoutMs: 120_000 },
  );
}

test.run();
