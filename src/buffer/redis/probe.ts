// Whether Redis takes a write now: each master is asked to, by the way of the appends. What refuses them (memory that is
// full, replicas that are missing, a disk that cannot be written, a server that is no master any more) refuses this too.
import type { Connection } from "../../redis/connection.js";
import { keyAt, type Masters } from "../../redis/masters.js";
import type { Confirm } from "./confirm.js";

interface ProbeTarget {
  connection: Connection;
  masters: Masters;
  prefix: string;
  confirm: Confirm | undefined;
  timeoutMs: number;
}

/** What was written is gone after that. */
const keepMs = 10_000;

/** @throws RepriseError as `Connection.attempt` and `Confirm` */
export async function probe({ connection, masters, prefix, confirm, timeoutMs }: ProbeTarget): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  await Promise.all(
    masters.all.map((master) => {
      const key = keyAt(masters, master, (i) => `${prefix}{probe.${i}}:probe`);
      const work = async (client: Parameters<Confirm>[0]) => {
        await client.set(key, "", "PX", keepMs);
        await confirm?.(client, deadline);
      };
      return connection.attempt(deadline, work, key);
    }),
  );
}
