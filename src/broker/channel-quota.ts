// How many channels there may be. The store counts them, and asking it takes a while, so the number is known to a few seconds;
// whether a channel exists is asked only when it matters.
import type { ReplayBuffer } from "../buffer/buffer.js";
import type { Refusals } from "./quotas.js";

/** @throws RepriseError `limit_reached` if the channel does not exist and there are too many */
export type AdmitChannel = (channel: string) => Promise<void>;

const recountMs = 5_000;
const page = 1_000;

/** Undefined: there is no bound. */
export function admitChannels(buffer: ReplayBuffer, most: number, refusals: Refusals): AdmitChannel | undefined {
  if (most === Number.POSITIVE_INFINITY) return undefined;
  let counted: Promise<void> | undefined;
  let countedAt = Number.NEGATIVE_INFINITY;
  /** As last counted, and each that was let in since, though it may have existed. */
  let count = most;
  const recount = () => {
    counted ??= countChannels(buffer, most)
      .then((found) => {
        count = found;
        countedAt = performance.now();
      })
      .finally(() => {
        counted = undefined;
      });
    return counted;
  };
  return async (channel) => {
    if (count >= most && performance.now() >= countedAt + recountMs) await recount();
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
