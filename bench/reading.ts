// What a run cost, between two moments.
import type { Client } from "./clients.js";
import { cpuOf } from "./measure.js";
import { Fault } from "./subscribers.js";
import type { ServerProcess, Servers } from "./system.js";

export interface Reading {
  seconds: number;
  /** Of what was counted. */
  count: number;
  perSecond: number;
  /** µs of CPU for each that was counted. */
  broker: number;
  store: number;
  clients: number;
}

/** Measures for so many seconds, or while something is done. */
export async function measure(
  { servers }: { servers: Servers },
  clients: readonly Client[],
  during: number | (() => Promise<unknown>),
  counted: () => Promise<number>,
): Promise<Reading> {
  const look = async () => {
    const [count, ...used] = await Promise.all([counted(), ...clients.map((client) => client.call("cpu"))]);
    const of = (role: ServerProcess["role"]) =>
      servers.processes.filter((process) => process.role === role).reduce((sum, { pid }) => sum + cpuOf(pid), 0);
    return {
      at: performance.now(),
      count: count!,
      broker: of("broker"),
      store: of("store"),
      clients: used.reduce((a, b) => a + b, 0),
    };
  };
  const before = await look();
  if (typeof during === "number") await new Promise((resolve) => setTimeout(resolve, during * 1000));
  else await during();
  const after = await look();
  const seconds = (after.at - before.at) / 1000;
  const count = after.count - before.count;
  if (count === 0) throw new Fault("nothing arrived in the measured time");
  const each = (key: "broker" | "store" | "clients") => (after[key] - before[key]) / count;
  return {
    seconds,
    count,
    perSecond: count / seconds,
    broker: each("broker"),
    store: each("store"),
    clients: each("clients"),
  };
}
