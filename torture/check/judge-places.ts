// Judges, when all logs are read, what subscribers were told: that what was said to be removed or replaced was, that they were
// led along the log as it was, in time, and to its end.
import { areGone } from "./judge-losses.js";
import type { Crossing, Ending, Open, Replaced, Silence, Trim } from "./subscriber.js";
import { calmIn, longMs, mayHaveLost, type World } from "./world.js";

export function judgePlaces(world: World, { trims, replaced, crossings, silences, endings }: Open): void {
  for (const trim of trims) judgeTrim(world, trim);
  for (const one of replaced) judgeReplaced(world, one);
  for (const crossing of crossings) judgeCrossing(world, crossing);
  for (const silence of silences) judgeSilence(world, silence);
  for (const ending of endings) judgeEnding(world, ending);
}

/** What a node may have appended at once, and lost before anybody heard of it. */
const mostUnheard = 1_000;

/** What the channel keeps behind it must have been sent by then. */
function judgeTrim(world: World, { who, node, channel, t, to, kind }: Trim): void {
  const { name, log, keeps, lineage } = channel;
  const needed = to + keeps;
  const known = log.epochs.map(({ epoch }) => log.at(epoch, needed)).filter((entry) => entry !== undefined);
  const isSent = known.some(({ publisher, n }) => {
    const sent = world.sent.find(publisher, n);
    return sent === undefined || world.begun + sent.at <= t;
  });
  if (isSent || (known.length === 0 && needed <= log.highest)) return;
  const wasCut = lineage.stretches.some(
    ({ last, toldAt }, i, { length }) =>
      i < length - 1 && world.begun + toldAt <= t && last < needed && needed <= last + mostUnheard,
  );
  if (wasCut) return;
  const text = `${name}: up to ${to} was removed, it is said, and ${keeps} are kept, of ${log.highest} in the end`;
  world.findings.find({ kind, who, text, node });
}

/** Something was lost, and what is taken back was. */
function judgeReplaced(world: World, one: Replaced): void {
  const { who, node, channel, t, said, reason, epoch, from, to, by } = one;
  const { lineage } = channel;
  if (!mayHaveLost(world, channel, lineage.of(epoch), t)) {
    world.findings.find({ kind: "gap-unjustified", who, text: said, node });
    return;
  }
  const isTrue =
    reason === "diverged"
      ? areGone(channel, epoch, from, to, t - world.begun, by)
      : lineage.isForgotten(epoch, to, t - world.begun);
  if (!isTrue) world.findings.find({ kind: "gap-false", who, text: `${said}, and that is not so`, node });
  // What lies in front of it must not have been replaced, either.
  const before = reason === "diverged" ? lineage.standing(epoch, from - 1) : undefined;
  if (before === undefined || by === undefined) return;
  judgeCrossing(world, { who, node, channel, epoch: before.epoch, offset: before.offset, later: by });
}

function judgeCrossing({ findings }: World, { who, node, channel, epoch, offset, later }: Crossing): void {
  if (channel.lineage.successor(epoch, offset, later) === undefined) return;
  const text = `${channel.name}: from ${epoch}:${offset} to epoch ${later}, which had replaced it`;
  findings.find({ kind: "set-back", who, text, node });
}

/** There was nothing for it. */
function judgeSilence(world: World, { who, node, channel, epoch, next, since, until }: Silence): void {
  const { findings, begun } = world;
  const { log, lineage } = channel;
  for (const { epoch: later, start } of lineage.stretches) {
    const entry = later >= epoch && next >= start ? log.at(later, next) : undefined;
    if (entry === undefined || entry.ackedAt === 0) continue;
    const from = Math.max(since, begun + entry.ackedAt);
    const goneBy = begun + (lineage.successor(later, next)?.toldAt ?? Number.POSITIVE_INFINITY);
    if (calmIn(world, from, Math.min(until, goneBy)) < longMs) continue;
    const text = `${channel.name}: ${later}:${next}, acknowledged, was not given for ${until - from} ms`;
    findings.find({ kind: "stalled", who, text, node });
    return;
  }
}

function judgeEnding({ findings }: World, { who, node, channel, epoch, next }: Ending): void {
  const { head } = channel.log;
  const isBehind = head.offset >= next;
  const isElsewhere = head.epoch > epoch && channel.lineage.successor(epoch, next - 1) !== undefined;
  if (!isBehind && !isElsewhere) return;
  const text = `${channel.name}: read to ${epoch}:${next - 1}, the log goes to ${head.epoch}:${head.offset}`;
  findings.find({ kind: "lost-tail", who, text, node });
}
