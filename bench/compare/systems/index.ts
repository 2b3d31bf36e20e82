// The systems by name. Loaded one at a time: each brings its client with it.
import type { System } from "../system.js";

export const systemNames = ["reprise", "socket-io", "jetstream"] as const;

export async function systemNamed(name: string): Promise<System> {
  if (!(systemNames as readonly string[]).includes(name))
    throw new Error(`no system ${name}; there are ${systemNames.join(", ")}`);
  const { system } = (await import(`./${name}.js`)) as { system: System };
  return system;
}
