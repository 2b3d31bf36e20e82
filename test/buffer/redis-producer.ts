// One that publishes through whatever happens: each message again until it is answered. Where the store has lost what it
// had acknowledged, it goes on under a new producer id, as a client does.
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import { assert } from "../harness.js";
import { asStored, one } from "./contract/open.js";
import { run } from "./run.js";

export interface Acked {
  content: string;
  epoch: number;
  /** 0: answered as a duplicate whose place is no longer found. */
  offset: number;
}

export function produce(buffer: ReplayBuffer, channel: string, name: string) {
  const acked: Acked[] = [];
  let going = true;
  const done = (async () => {
    let life = 1;
    for (let sequence = 1, number = 1; going; ) {
      const content = `${name}/${number}`;
      try {
        const answered = one(await buffer.append(channel, [run(`${name}-${life}`, sequence, [content])]));
        if (answered.kind === "skipped") {
          life++;
          sequence = 1;
          continue;
        }
        const outcome = asStored(answered);
        const [epoch, offset] =
          outcome.duplicates > 0 ? [outcome.duplicateEpoch, outcome.duplicateOffset] : [outcome.epoch, outcome.offset];
        acked.push({ content, epoch, offset });
        sequence++;
        number++;
      } catch (error) {
        assert.is((error as { code?: string }).code, "buffer_unavailable");
      }
    }
  })();
  return {
    acked,
    stop: async () => {
      going = false;
      await done;
    },
  };
}
