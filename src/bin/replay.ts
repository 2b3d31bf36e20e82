// How far the replay of channels has come, towards the last message each of them held at its beginning.
import { type Bus, RepriseError } from "../client/index.js";
import { hasStatus } from "./output.js";
import { startProgress } from "./progress.js";

export interface Replay {
  /** Everything of the channel up to this offset was delivered. */
  passed(channel: string, offset: number): void;
  end(): void;
}

/** Offsets: replayed is what lies behind `start`, up to `at`, of what will be up to `head`. */
interface Stretch {
  start: number;
  at: number;
  head: number;
}

/** @param limit at most so many messages of each */
export async function startReplay(
  bus: Bus,
  channels: readonly string[],
  limit = Number.POSITIVE_INFINITY,
): Promise<Replay> {
  if (!hasStatus()) return { passed() {}, end() {} };
  const heads = await Promise.all(channels.map((channel) => headOf(bus, channel)));
  const stretches = new Map<string, Stretch>();
  const sum = (of: (stretch: Stretch) => number) => [...stretches.values()].reduce((all, one) => all + of(one), 0);
  const progress = startProgress(() => {
    const done = sum(({ start, at }) => at - start);
    return { done, total: sum(({ start, head }) => head - start), detail: `${done} messages` };
  });
  return {
    passed(channel, offset) {
      const stretch = stretches.get(channel);
      if (stretch !== undefined) stretch.at = offset;
      else {
        const start = offset - 1;
        const head = Math.max(offset, Math.min(heads[channels.indexOf(channel)]!, start + limit));
        stretches.set(channel, { start, at: offset, head });
      }
    },
    end: progress.end,
  };
}

async function headOf(bus: Bus, channel: string): Promise<number> {
  try {
    return (await bus.channel(channel)).next - 1;
  } catch (thrown) {
    if (thrown instanceof RepriseError && thrown.code === "channel_not_found") return 0;
    throw thrown;
  }
}
