import { Outbox } from "../../src/client/outbox.js";
import { readPublish } from "../../src/wire/batch.js";
import { readClientFrame } from "../../src/wire/client-frame.js";
import { defaultLimits, MiB } from "../../src/wire/limits.js";
import type { Micro, Prepared } from "./micro.js";
import { channel, epoch, many, messages } from "./samples.js";

/** An outbox whose publishes are answered as soon as they leave. */
function outbox(): Prepared {
  const box = new Outbox({ maxBytes: MiB, whenFull: "wait", leave: () => {}, epochChanged: () => {} });
  const answer = (frame: Buffer): void => {
    for (const item of readClientFrame(frame)) {
      if (item.kind !== "publish") continue;
      const { sequence, count } = readPublish(item.request);
      box.published({ channel, sequence, count, epoch, first: sequence, duplicate: false });
    }
  };
  box.connected({ limits: defaultLimits, send: answer });
  return { run: () => Promise.all(messages.map((message) => box.publish(channel, message, {}))) };
}

export const micros: readonly Micro[] = [
  { name: "outbox: publish to acknowledgement, 100 messages of a turn", per: many, unit: "message", prepare: outbox },
];
