// Judges the logs of the channels in the end, when everybody's logs are read: what is stored twice, in the wrong order,
// from nobody; and what was acknowledged and is no more.
import type { Placed } from "./channel-log.js";
import { type Channel, explainsLoss, type World } from "./world.js";

export function judgeLogs(world: World): void {
  for (const channel of world.channels.values()) {
    judgeSurviving(world, channel);
    judgeAcked(world, channel);
  }
}

/** Each publisher's messages in their order, but for what went astray, each once. */
function judgeSurviving(world: World, channel: Channel): void {
  const { findings, sent } = world;
  /** The largest `n` so far. */
  const largest = new Map<number, number>();
  const placeless = new Set<string>();
  for (const { who, placeless: some } of world.publishers) {
    for (const { channel: name, n } of some) if (name === channel.name) placeless.add(`${who}-${n}`);
  }
  for (const entry of channel.log.surviving()) {
    const { publisher, n, hash, epoch, offset } = entry;
    const where = `${channel.name} ${epoch}:${offset}`;
    if (publisher === 0) {
      if (!sent.isAnywhere(channel.index, hash)) findings.find({ kind: "unsent", who: channel.name, text: where });
      continue;
    }
    const { who, astray } = world.publisherNumbered(publisher)!;
    placeless.delete(`${who}-${n}`);
    const before = largest.get(publisher) ?? 0;
    if (n > before) {
      largest.set(publisher, n);
      continue;
    }
    const first = findEarlier(channel, entry);
    if (first === undefined && astray.has(n)) continue;
    const kind = first === undefined ? "reordered" : "duplicate";
    const text =
      first === undefined
        ? `${who}-${n} at ${where}, behind ${who}-${before}`
        : `${who}-${n} at ${where}, and at ${first.epoch}:${first.offset}`;
    findings.find({ kind, who, text });
  }
  // A loss may have taken them as well; when they were acknowledged is not known then.
  if (world.losses.length > 0 || channel.keeps < Number.POSITIVE_INFINITY) return;
  for (const name of placeless) {
    findings.find({
      kind: "lost-acked",
      who: name,
      text: `${channel.name}: acknowledged as a duplicate, and not there`,
    });
  }
}

/** Only ever asked when something is wrong. */
function findEarlier({ log }: Channel, { publisher, n, offset }: Placed): Placed | undefined {
  for (const entry of log.surviving()) {
    if (entry.offset >= offset) return undefined;
    if (entry.publisher === publisher && entry.n === n) return entry;
  }
  return undefined;
}

/** What was acknowledged is there, or its loss is explained and was told. */
function judgeAcked(world: World, channel: Channel): void {
  const { findings } = world;
  for (const { publisher: index, n, epoch, offset, ackedAt } of channel.log.everything()) {
    if (ackedAt === 0 || !channel.log.isGone(epoch, offset)) continue;
    const publisher = world.publisherNumbered(index)!;
    const { who } = publisher;
    const what = `${channel.name}: ${who}-${n}, acknowledged at ${epoch}:${offset}`;
    const sentAt = world.sent.find(index, n)!.at;
    const acked = { channel: channel.name, publisher, sentAt: world.begun + sentAt, ackedAt: world.begun + ackedAt };
    if (!explainsLoss(world, acked)) {
      findings.find({ kind: "lost-acked", who, text: what });
      continue;
    }
    findings.counts.lost++;
    // It learns of it when something is acknowledged in a later epoch.
    if (publisher.isOutside || !publisher.ended || (publisher.lastEpoch.get(channel.name) ?? 0) <= epoch) continue;
    const told = (publisher.lost.get(channel.name) ?? []).some(
      ({ reason, from, to }) => reason === "reset" || (from <= offset && offset <= to),
    );
    if (!told) findings.find({ kind: "loss-untold", who, text: what });
  }
}
