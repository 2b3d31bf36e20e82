// A thread that wakes the publisher at exact moments: timers of Node are late by up to a millisecond, this one by some
// 0.1 ms. Every tick is a message; the publisher looks at the clock itself. Plain JavaScript: Node 20
// gives threads no loader.
import { parentPort, workerData } from "node:worker_threads";

/** @type {{ startMs: number, tickMs: number }} */
const { startMs, tickMs } = workerData;
const cell = new Int32Array(new SharedArrayBuffer(4));
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
for (let tick = 0; ; tick++) {
  const wait = startMs + tick * tickMs - nowMs();
  if (wait > 0) Atomics.wait(cell, 0, 0, wait);
  parentPort.postMessage(tick);
}
