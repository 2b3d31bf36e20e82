// Judges what was acknowledged and is no more: that it may be, and that its publisher was told; and that what publishers
// were told is so.
import {
  type Channel,
  calmIn,
  explainsLoss,
  longMs,
  mayHaveLost,
  newestOf,
  type Publisher,
  type ToldLoss,
  type World,
} from "./world.js";

export function judgeLosses(world: World): void {
  for (const channel of world.channels.values()) {
    judgeAcked(world, channel);
    judgePlaceless(world, channel);
  }
  for (const publisher of world.publishers) {
    for (const loss of publisher.lost) judgeTold(world, publisher, loss);
  }
}

/** What was acknowledged is there, or its loss is explained and was told. */
function judgeAcked(world: World, channel: Channel): void {
  const { findings } = world;
  const { name, log, lineage } = channel;
  for (const { publisher: index, n, epoch, offset, ackedAt } of log.everything()) {
    if (ackedAt === 0) continue;
    const successor = lineage.successor(epoch, offset);
    if (successor === undefined) continue;
    const publisher = world.publisherNumbered(index)!;
    const { who } = publisher;
    const text = `${name}: ${who}-${n}, acknowledged at ${epoch}:${offset}, which epoch ${successor.epoch} replaced`;
    const { at: sentAt } = world.sent.find(index, n)!;
    if (!explainsLoss(world, { channel: name, offset, publisher, sentAt, ackedAt, goneBy: successor.toldAt })) {
      findings.find({ kind: "lost-acked", who, text });
      continue;
    }
    findings.counts.lost++;
    // It learns of it when something is acknowledged in a later epoch.
    const learns = newestOf(publisher, name) >= successor.epoch;
    if (publisher.isOutside || !publisher.ended || !learns) continue;
    const told = publisher.lost.some(
      (loss) => loss.channel === name && loss.at >= ackedAt && covers(loss, epoch, offset),
    );
    if (!told) findings.find({ kind: "loss-untold", who, text });
  }
}

const covers = ({ reason, from, to, left }: ToldLoss, epoch: number, offset: number): boolean =>
  left.some((last) => last.epoch === epoch) && (reason === "reset" || (from <= offset && offset <= to));

/** What was acknowledged without saying where is somewhere, or where nobody looked, or its loss is explained. */
function judgePlaceless(world: World, { name, log, lineage }: Channel): void {
  const missing = new Map<string, { publisher: Publisher; n: number; ackedAt: number }>();
  for (const publisher of world.publishers) {
    for (const { channel, n, ackedAt } of publisher.placeless) {
      if (channel === name) missing.set(`${publisher.index} ${n}`, { publisher, n, ackedAt });
    }
  }
  if (missing.size === 0) return;
  let known = 0;
  for (const { publisher, n } of log.everything()) {
    known++;
    missing.delete(`${publisher} ${n}`);
  }
  // Each offset of which nobody was told, since retention was faster than all readers, can be the place of one.
  let unseen = lineage.stretches.reduce((sum, { first, last }) => sum + last - first + 1, 0) - known;
  for (const { publisher, n, ackedAt } of missing.values()) {
    const { who, index } = publisher;
    const { at: sentAt } = world.sent.find(index, n)!;
    const gone = { channel: name, offset: 0, publisher, sentAt, ackedAt, goneBy: Number.POSITIVE_INFINITY };
    if (explainsLoss(world, gone) || unseen-- > 0) continue;
    findings(world, "lost-acked", who, `${name}: ${who}-${n}, acknowledged as a duplicate, and not there`);
  }
}

/** A publisher is told of what is gone, and of nothing else. */
function judgeTold(world: World, { who, index }: Publisher, loss: ToldLoss): void {
  const { reason, from, to, at, left } = loss;
  const channel = world.channel(loss.channel);
  const { log, lineage } = channel;
  const isOwn = (epoch: number) => {
    const entry = log.at(epoch, to);
    return entry?.publisher === index && entry.ackedAt !== 0 && entry.ackedAt <= at;
  };
  // It may be told late, when more has been acknowledged to it, at the same offsets again.
  const recent = left.filter(({ leftAt }) => calmIn(world, world.begun + leftAt, world.begun + at) < longMs);
  const own = reason === "reset" ? recent : recent.filter(({ epoch }) => isOwn(epoch));
  const mayBe = own.filter(({ epoch }) => mayHaveLost(world, channel, lineage.of(epoch), world.begun + at));
  const isSo = mayBe.some(({ epoch, offset }) =>
    reason === "reset" ? lineage.isForgotten(epoch, offset, at) : areGone(channel, epoch, from, to, at),
  );
  if (isSo) return;
  const text = `${channel.name}: told of a loss, ${reason} ${from} to ${to}`;
  findings(world, own.length > 0 && mayBe.length === 0 ? "gap-unjustified" : "gap-false", who, text);
}

/**
 * Of the messages `from` to `to`, as they stood at the end of the epoch: none that was acknowledged by `at` stands there
 * still, at the end of the epoch `by`. Others may have been sent again, and have got the same place.
 */
export function areGone(
  { lineage }: Channel,
  epoch: number,
  from: number,
  to: number,
  at: number,
  by = Number.POSITIVE_INFINITY,
): boolean {
  for (let offset = from; offset <= to; offset++) {
    const entry = lineage.standing(epoch, offset);
    if (entry === undefined || entry.ackedAt === 0 || entry.ackedAt > at) continue;
    if (lineage.successor(entry.epoch, offset, by) === undefined) return false;
  }
  return from <= to;
}

const findings = (world: World, kind: "lost-acked" | "gap-unjustified" | "gap-false", who: string, text: string) =>
  world.findings.find({ kind, who, text });
