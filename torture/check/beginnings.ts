// Where subscriptions of what is new begin. The position is promised with the subscription, and what it covers must have
// been stored by then: a position that is told too far ahead hides what is missing in front of it.
import type { SubscriberLine } from "./history.js";
import type { World } from "./world.js";

type StartLine = Extract<SubscriberLine, { kind: "start" }>;

export interface Beginnings {
  subscriber(who: string, line: SubscriberLine): void;
  /** When all logs are read. */
  judge(): void;
}

export function observeBeginnings(world: World): Beginnings {
  const { findings, sent, losses, begun } = world;
  const all: { who: string; line: StartLine }[] = [];

  /** Undefined: nothing. */
  function wrongWith({ t, channel, epoch, offset }: StartLine): string | undefined {
    if (offset === -1) return "it was not told from where on it is given what is new";
    const { log } = world.channel(channel);
    const entry = log.at(epoch, offset);
    // A crash may have taken what nobody else was told of.
    if (entry === undefined && losses.length === 0 && offset > log.highest)
      return `it begins behind ${epoch}:${offset}, and the log never went further than ${log.highest}`;
    if (entry === undefined || entry.publisher === 0) return undefined;
    const late = begun + sent.find(entry.publisher, entry.n)!.at - t;
    return late > 0 ? `it begins behind ${epoch}:${offset}, which was sent ${late} ms later` : undefined;
  }

  return {
    subscriber(who, line) {
      if (line.kind === "start" && line.from === "new") all.push({ who, line });
    },
    judge() {
      for (const { who, line } of all) {
        const wrong = wrongWith(line);
        if (wrong !== undefined) findings.find({ kind: "lost-prefix", who, text: `${line.channel}: ${wrong}` });
      }
    },
  };
}
