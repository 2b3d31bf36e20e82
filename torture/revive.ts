// Starts a node as whoever looks after it would: again and again, since it does not begin while its store is away.
import { setTimeout as delay } from "node:timers/promises";
import type { BrokerProcess } from "../test/scenarios/broker-process.js";

const startMs = 500;
const mostStarts = 60;

export async function revive(broker: BrokerProcess): Promise<void> {
  for (let starts = 1; ; starts++) {
    try {
      return await broker.start();
    } catch (error) {
      if (starts === mostStarts) throw error;
      await broker.kill().catch(() => {});
      await delay(startMs);
    }
  }
}
