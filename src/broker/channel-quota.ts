// How many channels there may be. The store counts them, and asking it takes a while, so the number is known to a few seconds;
// whether a channel exists is asked only when it matters.
import type { ReplayBuffer } from "../buffer/buffer.js";
import type { Refusals } from "./quotas.js";

/**
 * Undefined: at once.
 * @throws RepriseError `limit_reached` if the channel does not exist and there are too many
 */
export type AdmitChannel = (channel: string) => Promise<void> | undefined;

const recountMs = 5_000;
const page = 1_000;

/** @param quota asked each time: it may become another */
export function admitChannels(buffer: ReplayBuffer, quota: () => number, refusals: Refusals): AdmitChannel {
  let counted: Promise<void> | undefined;
  let countedAt = Number.NEGATIVE_INFINITY;
  /** Further than to it nothing was counted. */
  let countedTo = 0;
  /** As last counted, and each that was let in since, though it may have existed. */
  let count = 0;
  const recount = (most: number) => {
    counted ??= countChannels(buffer, most)
      .then((found) => {
        count = found;
        countedAt = performance.now();
        countedTo = most;
      })
      .finally(() => {
        counted = undefined;
      });
    return counted;
  };
  async function admit(channel: string, most: number): Promise<void> {
    const isOld = performance.now() >= countedAt + recountMs;
    if (countedTo < most || (count >= most && isOld)) await recount(most);
    if (count < most) {
      count++;
      return;
    }
    if ((await buffer.state(channel)) !== undefined) return;
    throw refusals.of(
      "channels",
      `${channel} does not exist, and there are ${most} channels, the most allowed`,
      recountMs,
      { channel },
    );
  }
  return (channel) => {
    const most = quota();
    if (most !== Number.POSITIVE_INFINITY) return admit(channel, most);
    // What is let in without a bound is not counted.
    countedTo = 0;
    return undefined;
  };
}

/** Up to `most`. */
async function countChannels(buffer: ReplayBuffer, most: number): Promise<number> {
  const found = new Set<string>();
  let token: string | undefined;
  do {
    const next = await buffer.channels("", token, page);
    for (const channel of next.channels) found.add(channel);
    token = next.token;
  } while (token !== undefined && found.size < most);
  return found.size;
}
