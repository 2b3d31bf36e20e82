// What a publisher publishes when: bursts and silence, sizes from nothing to almost 1 MiB, into any of its channels.
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "./random.js";

export interface Load {
  channels: readonly string[];
  /** About so many messages a second; 0: without any pause. */
  perSecond: number;
}

export interface Taker {
  publish(channel: string, bytes: number): void;
  /** Resolves when there is room for another one. */
  room(): Promise<void>;
  readonly isFinished: boolean;
}

/** Until the taker is finished. */
export async function publishInBursts(random: Random, { channels, perSecond }: Load, taker: Taker): Promise<void> {
  while (!taker.isFinished) {
    const burst = random.chance(0.1) ? random.between(20, 60) : random.between(1, 5);
    const channel = random.pick(channels);
    for (let i = 0; i < burst && !taker.isFinished; i++) {
      taker.publish(random.chance(0.8) ? channel : random.pick(channels), sizeOf(random));
      await taker.room();
    }
    const silence = random.chance(0.02) ? 1_000 : 0;
    await delay(perSecond === 0 ? 0 : (burst / perSecond) * 1_000 * 2 * random.next() + silence);
  }
}

/** Most are small; a header and the encoding go with each. */
function sizeOf(random: Random): number {
  const kind = random.next();
  if (kind < 0.05) return 0;
  if (kind < 0.975) return random.between(1, 300);
  if (kind < 0.998) return random.between(300, 30_000);
  return random.between(30_000, 1_048_000);
}
