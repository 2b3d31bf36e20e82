// Judges the logs of the channels when everybody's logs are read: what is stored twice, in the wrong order, from nobody. Each
// log is judged as it stood at the end of each epoch: what a later loss has taken is judged like what is still there.
import type { Placed } from "./channel-log.js";
import type { Stretch } from "./lineage.js";
import type { Channel, World } from "./world.js";

/** The messages of one publisher that stand in the log, in the order of their offsets. */
interface Column {
  offsets: number[];
  ns: number[];
  /** The largest `n` up to each. */
  most: number[];
}

export function judgeLogs(world: World): void {
  for (const channel of world.channels.values()) judgeLog(world, channel);
}

/** Each publisher's messages in their order, but for what went astray, each once. */
function judgeLog(world: World, channel: Channel): void {
  const { findings, sent } = world;
  const columns = new Map<number, Column>();
  /** Where an epoch may have begun earlier than anybody was told: then what stands there in front of it may be gone. */
  let doubtful = 0;
  for (const stretch of channel.lineage.stretches) {
    cutBack(columns.values(), stretch);
    if (doubtful >= stretch.start) doubtful = 0;
    if (!stretch.isCertain) doubtful = stretch.start;
    for (const entry of channel.log.of(stretch.epoch)) {
      if (entry.publisher !== 0) {
        if (entry.offset >= stretch.start) place(world, channel, columns, entry, doubtful);
      } else if (!sent.isAnywhere(channel.index, entry.hash))
        findings.find({ kind: "unsent", who: channel.name, text: `${channel.name} ${entry.epoch}:${entry.offset}` });
    }
  }
}

/** The epoch takes the place of what stands behind its start. */
function cutBack(columns: Iterable<Column>, { start }: Stretch): void {
  for (const { offsets, ns, most } of columns) {
    let length = offsets.length;
    while (length > 0 && offsets[length - 1]! >= start) length--;
    offsets.length = length;
    ns.length = length;
    most.length = length;
  }
}

function place(world: World, channel: Channel, columns: Map<number, Column>, entry: Placed, doubtful: number): void {
  const { publisher, n, epoch, offset } = entry;
  const column = columns.get(publisher) ?? { offsets: [], ns: [], most: [] };
  columns.set(publisher, column);
  const { offsets, ns, most } = column;
  const before = most.at(-1) ?? 0;
  if (n <= before) {
    const proven = offsets.findIndex((other) => other >= doubtful);
    const { who, astray } = world.publisherNumbered(publisher)!;
    const where = `${who}-${n} at ${channel.name} ${epoch}:${offset}`;
    const later = proven < 0 ? [] : ns.slice(proven);
    const first = later.indexOf(n);
    if (first >= 0)
      world.findings.find({ kind: "duplicate", who, text: `${where}, and at ${offsets[proven + first]}` });
    else if (!astray.has(n) && later.some((other) => other > n))
      world.findings.find({ kind: "reordered", who, text: `${where}, behind ${who}-${before}` });
  }
  offsets.push(offset);
  ns.push(n);
  most.push(Math.max(n, before));
}
