// Where messages that a producer sends again were stored the first time. Memory knows that of its latest ones; for
// older ones the log is searched backwards, a stretch of the index at a time.
import { MiB } from "../../wire/limits.js";
import type { RunOutcome } from "../buffer.js";
import type { StoredRun } from "./body.js";
import { type Contents, segmentAt } from "./contents.js";
import type { Files } from "./files.js";
import type { Answer } from "./group.js";
import type { LastRun } from "./producers.js";
import { indexOf, type Segment, sizeOf, walkSegment } from "./segment.js";

/** After so many batches the search gives up. */
const maxBatches = 1_024;
const chunkBytes = 1 * MiB;

interface Origin {
  epoch: number;
  offset: number;
}

/** A run as it stands in the log. */
interface Found extends StoredRun, Origin {}

/** The outcomes of an append that is stored, completed by what only the log can tell. */
export function outcomesOf(
  files: Files,
  contents: Contents,
  { outcomes, lookups }: Answer,
): RunOutcome[] | Promise<RunOutcome[]> {
  if (lookups.length === 0) return outcomes;
  const filled = lookups.map(async ({ outcome, run, last }) => {
    // What cannot be read has no place that could be told.
    const origin = await findOrigin(files, contents, run, last).catch(() => undefined);
    if (origin === undefined) return;
    outcome.duplicateEpoch = origin.epoch;
    outcome.duplicateOffset = origin.offset;
  });
  return Promise.all(filled).then(() => outcomes);
}

/**
 * `last` is what is remembered of the run's producer, behind which none of its messages lies. Undefined if the messages
 * are no longer there, were not stored one behind the other, or lie too far back.
 */
async function findOrigin(
  files: Files,
  contents: Contents,
  run: StoredRun,
  last: LastRun,
): Promise<Origin | undefined> {
  let batches = 0;
  const found: Found[] = [];
  const segments = contents.segments.slice(0, segmentAt(contents, last.offset) + 1);
  for (const segment of segments.reverse()) {
    const size = await sizeOf(files, segment);
    for (let i = indexOf(segment, last.offset); i >= 0; i--) {
      const end = segment.positions[i + 1] ?? size;
      const here: Found[] = [];
      batches += await collect(segment, segment.positions[i]!, end, run, here);
      found.unshift(...here);
      if (found.some((each) => each.sequence <= run.sequence)) return place(run, found);
      if (batches >= maxBatches) return undefined;
    }
  }
  return undefined;
}

/** Gathers what overlaps `run`; answers how many batches were looked at. */
async function collect(segment: Segment, start: number, end: number, run: StoredRun, found: Found[]): Promise<number> {
  let batches = 0;
  await walkSegment(segment, start, end, chunkBytes, (_position, _size, body) => {
    if (body?.kind !== "batch") return true;
    batches++;
    let offset = body.batch.first;
    for (const each of body.runs()) {
      const overlaps = each.sequence < run.sequence + run.count && each.sequence + each.count > run.sequence;
      if (each.producer === run.producer && overlaps) found.push({ ...each, epoch: body.batch.epoch, offset });
      offset += each.count;
    }
    return true;
  });
  return batches;
}

/** One place for the whole run, if its parts stand one behind the other in one epoch. */
function place(run: StoredRun, found: readonly Found[]): Origin | undefined {
  // A producer that had been forgotten may have used the same numbers before: what counts is its latest use.
  const parts = found.slice(found.findLastIndex((each) => each.sequence <= run.sequence));
  const [{ epoch, offset, sequence }] = parts as [Found];
  let next = sequence;
  for (const part of parts) {
    if (part.sequence !== next || part.epoch !== epoch || part.offset - part.sequence !== offset - sequence) {
      return undefined;
    }
    next += part.count;
  }
  return next >= run.sequence + run.count ? { epoch, offset: offset + run.sequence - sequence } : undefined;
}
