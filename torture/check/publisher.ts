// Reads the log of a publisher: what it sent, and what it was answered.
import { isErrorCode, RepriseError } from "../../src/wire/errors.js";
import type { PublisherLine } from "./history.js";
import type { Publisher, ToldLoss, World } from "./world.js";

/** What publishers without the client library call a line whose stream ended before its answer. */
const unanswered = "stream_ended";

/** What is published is as it should be: only what may succeed later is refused. */
const mayRefuse = (code: string, isOutside: boolean): boolean =>
  isErrorCode(code) ? new RepriseError(code, "").retryable : isOutside && code === unanswered;

export interface PublisherReader {
  line(line: PublisherLine): void;
  /** There are no more. */
  end(): void;
}

export function readPublisher(world: World, who: string): PublisherReader {
  const { findings, sent } = world;
  const { counts } = findings;
  const publisher: Publisher = world.publisher(who);
  /** Not answered yet: the channels, by `n`. */
  const pending = new Map<number, string>();
  let resends = true;
  counts.publishers++;

  const sentBy = ({ t, channel, hash }: Extract<PublisherLine, { kind: "send" }>) => ({
    channel: world.channel(channel).index,
    hash: Number.parseInt(hash, 16),
    at: Math.max(0, t - world.begun),
  });

  function settle(n: number, channel: string): boolean {
    if (pending.get(n) !== channel) {
      findings.find({ kind: "died", who, text: `its log answers ${n} in ${channel}, which it did not wait for` });
      return false;
    }
    return pending.delete(n);
  }

  /**
   * A stream with a key whose beginning the store has lost while it went on: it is to be repeated whole (P-21), which this
   * publisher does not do.
   */
  function isCutShort({ t, n, code }: Extract<PublisherLine, { kind: "fail" }>): boolean {
    const sentAt = world.begun + (sent.find(publisher.index, n)?.at ?? t);
    const isOfLoss = world.losses.some(({ since, until }) => since <= t && until >= sentAt);
    return publisher.isOutside && code === "sequence_skipped" && isOfLoss;
  }

  function ack({ t, channel: name, n, epoch, offset }: Extract<PublisherLine, { kind: "ack" }>): void {
    counts.acked++;
    if (!settle(n, name)) return;
    const ackedAt = Math.max(1, t - world.begun);
    if (offset === 0) {
      publisher.placeless.push({ channel: name, n, ackedAt });
      return;
    }
    const { hash } = sent.find(publisher.index, n)!;
    const entry = { publisher: publisher.index, n, hash, ackedAt };
    const other = world.channel(name).log.tell(epoch, offset, entry, ackedAt);
    if (other !== undefined) {
      const there = `${world.publisherNumbered(other.publisher)?.who}-${other.n}`;
      const text = `${who}-${n} was acknowledged at ${name} ${epoch}:${offset}, where ${there} is`;
      findings.find({ kind: "contradiction", who, text });
    }
    const acked = publisher.acked.get(name) ?? new Map<number, { offset: number; since: number }>();
    const { offset: largest, since } = acked.get(epoch) ?? { offset: 0, since: ackedAt };
    publisher.acked.set(name, acked.set(epoch, { offset: Math.max(offset, largest), since }));
  }

  /** The epochs of a channel in which something was acknowledged before something was in a later one. */
  function leftIn(channel: string): ToldLoss["left"] {
    const acked = [...(publisher.acked.get(channel) ?? [])];
    return acked.flatMap(([epoch, { offset }]) => {
      const later = acked.filter(([other]) => other > epoch).map(([, { since }]) => since);
      return later.length === 0 ? [] : [{ epoch, offset, leftAt: Math.min(...later) }];
    });
  }

  return {
    line(line) {
      // What it gives up when it ends has not been answered.
      if (publisher.ended && (line.kind === "ack" || line.kind === "fail")) return;
      switch (line.kind) {
        case "outside":
          publisher.isOutside = true;
          resends = line.resends;
          break;
        case "send":
          counts.sent++;
          pending.set(line.n, line.channel);
          if (!sent.add(publisher.index, line.n, sentBy(line)))
            findings.find({ kind: "died", who, text: `its log sends ${line.n} out of turn` });
          break;
        case "ack":
          ack(line);
          break;
        case "fail":
          counts.failed++;
          if (!mayRefuse(line.code, publisher.isOutside) && !isCutShort(line))
            findings.find({ kind: "refused-wrongly", who, text: `${line.n} in ${line.channel}: ${line.code}` });
          if (settle(line.n, line.channel) && !resends) publisher.astray.add(line.n);
          break;
        case "lost": {
          const { t, channel, reason, from, to } = line;
          publisher.lost.push({ channel, reason, from, to, left: leftIn(channel), at: t - world.begun });
          break;
        }
        case "node":
          publisher.level = line.level;
          break;
        case "end":
          publisher.ended = true;
      }
    },
    end() {
      if (!publisher.ended) {
        if (!world.killed.has(who)) findings.find({ kind: "died", who, text: "its log does not come to an end" });
        return;
      }
      for (const [n, channel] of pending) findings.find({ kind: "unsettled", who, text: `${n} in ${channel}` });
    },
  };
}
