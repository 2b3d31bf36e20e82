// The systems by name. Loaded one at a time: each brings its client with it.
import type { System } from "../system.js";

/** The file of each, in this folder. */
const files = {
  "reprise-redis": "reprise",
  "reprise-embedded": "reprise",
  "nats-core": "nats-core",
  jetstream: "jetstream",
  "redis-pubsub": "redis-pubsub",
  "redis-streams": "redis-streams",
  "socket-io": "socket-io",
  mosquitto: "mosquitto",
  tcp: "tcp",
} as const;

export type SystemName = keyof typeof files;

export const systemNames = Object.keys(files) as SystemName[];

export async function systemNamed(name: string): Promise<System> {
  const file = files[name as SystemName];
  if (file === undefined) throw new Error(`no system ${name}; there are ${systemNames.join(", ")}`);
  const { systems } = (await import(`./${file}.js`)) as { systems: readonly System[] };
  return systems.find((system) => system.name === name)!;
}
