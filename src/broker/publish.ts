// What a publish must look like, and what it becomes for the appender, whichever service it came through.
import type { RunOutcome } from "../buffer/buffer.js";
import { type Publish, skipMessages } from "../wire/batch.js";
import { checkChannel } from "../wire/channel.js";
import { RepriseError } from "../wire/errors.js";
import { batchBytes, batchMessages, type Limits } from "../wire/limits.js";
import type { Published } from "../wire/server-frame.js";
import type { Unnumbered } from "./appender.js";
import type { MessageSizes } from "./message-sizes.js";

/** What a node accepts. */
interface Sizes {
  limits: Limits;
  messageSizes: MessageSizes;
}

/** @throws RepriseError `invalid_channel`, `invalid_argument`, `message_too_large`, `batch_too_large` */
export function checkPublish(publish: Publish, { limits, messageSizes }: Sizes): void {
  checkChannel(publish.channel);
  if (publish.count === 0) throw new RepriseError("invalid_argument", "a publish without messages");
  const allowed = Math.min(limits.maxMessageBytes, messageSizes(publish.channel) ?? limits.maxMessageBytes);
  if (publish.largest > allowed) {
    const others = publish.count > 1 ? `; all ${publish.count} messages of the publish are refused with it` : "";
    const what = `a message of ${publish.largest} bytes: at most ${allowed} are allowed`;
    throw new RepriseError("message_too_large", what + others);
  }
  if (publish.count > limits.maxPublishMessages || publish.bytes > limits.maxPublishBytes) {
    throw new RepriseError(
      "batch_too_large",
      `${publish.count} messages of ${publish.bytes} bytes in one publish: at most ${limits.maxPublishMessages} messages and ${limits.maxPublishBytes} bytes are allowed`,
    );
  }
}

/**
 * Cuts the messages of a publish into runs that fit a batch.
 * @param messages encoded elements of `Batch.messages`, spliced
 * @param producer undefined: the node numbers
 */
export function splitRuns(messages: Buffer, publish: Publish, producer: string | undefined): Unnumbered[] {
  const { sequence, count } = publish;
  const numbered = (first: number) => (producer === undefined ? {} : { numbered: { producer, sequence: first } });
  if (messages.length <= batchBytes && count <= batchMessages) return [{ count, messages, ...numbered(sequence) }];
  const runs: Unnumbered[] = [];
  for (let first = 0, start = 0; first < count; ) {
    let end = start;
    let taken = 0;
    while (first + taken < count && taken < batchMessages) {
      const next = end + skipMessages(messages.subarray(end), 1);
      if (taken > 0 && next - start > batchBytes) break;
      end = next;
      taken++;
    }
    runs.push({ count: taken, messages: messages.subarray(start, end), ...numbered(sequence + first) });
    first += taken;
    start = end;
  }
  return runs;
}

/**
 * The acknowledgements of a run: two if a part of it had been stored before.
 * @throws RepriseError `sequence_skipped`
 */
export function answersOf(channel: string, run: Unnumbered, outcome: RunOutcome): Published[] {
  const sequence = run.numbered?.sequence ?? 0;
  if (outcome.kind === "skipped") {
    throw new RepriseError("sequence_skipped", `sequence ${sequence} on ${channel}: expected ${outcome.expected}`, {
      expectedSequence: outcome.expected,
    });
  }
  const { duplicates, duplicateEpoch, duplicateOffset, epoch, offset } = outcome;
  const answers: Published[] = [];
  if (duplicates > 0) {
    answers.push({
      channel,
      sequence,
      count: duplicates,
      epoch: duplicateEpoch,
      first: duplicateOffset,
      duplicate: true,
    });
  }
  if (duplicates < run.count) {
    const first = sequence === 0 ? 0 : sequence + duplicates;
    answers.push({ channel, sequence: first, count: run.count - duplicates, epoch, first: offset, duplicate: false });
  }
  return answers;
}
