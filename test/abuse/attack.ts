// What somebody does to a node who means it ill.
import type { T } from "../scope.js";
import { openRaw, type RawConnection, settings } from "./frames.js";
import type { Target } from "./target.js";

/** A channel of which there is as much as pages can be large. */
export const pastChannel = "past";

/** Goes on for about so long, or until the node has ended its connections; leaves them open. */
export type Attack = (t: T, target: Target, forMs: number) => Promise<void>;

/** Sends what `next` makes until the time is over, or the connection is. */
export async function flood(
  connection: RawConnection,
  forMs: number,
  next: (round: number) => Buffer | Buffer[],
): Promise<void> {
  const until = performance.now() + forMs;
  for (let round = 0; performance.now() < until && !connection.over; round++) {
    const frames = next(round);
    await connection.send(...(Array.isArray(frames) ? frames : [frames]));
  }
}

export const repeated = (bytes: Buffer, times: number): Buffer => Buffer.concat(Array(times).fill(bytes));

/** The streams of a client: 1, 3, 5, … */
export const streamOf = (index: number): number => 2 * index + 1;

/** So many connections with a flood each. */
export async function floodBy(
  count: number,
  t: T,
  target: Target,
  forMs: number,
  next: (round: number, connection: number) => Buffer | Buffer[],
  { deaf = false, own = settings() } = {},
): Promise<void> {
  const connections = await Promise.all(Array.from({ length: count }, () => openRaw(t, target, own)));
  await Promise.all(
    connections.map((connection, index) => {
      if (deaf) connection.deafen();
      return flood(connection, forMs, (round) => next(round, index));
    }),
  );
}
