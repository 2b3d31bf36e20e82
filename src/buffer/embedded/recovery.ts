// Opens a log from its files: what they hold, what is damaged, and where it ends.
//
// Normally the newest segment tells everything: its checkpoint, and the batches behind it. If that checkpoint is
// damaged, the walk begins one segment earlier, in the worst case with nothing known at the first.
//
// Damage is told apart by what lies behind it. If something was written later than the damaged bytes, those had been
// answered: readers are told of the gap, and the log goes on. If not, this is the torn end of a write that was
// probably never answered: it is cut, and since one cannot know, a new epoch opens where it was cut.
import type { Log } from "../../log/log.js";
import { RepriseError } from "../../wire/errors.js";
import { MiB } from "../../wire/limits.js";
import { maxEpochs, openEpoch } from "../../wire/position.js";
import type { BatchRecord, ClosedRecord } from "./body.js";
import { type Checkpoint, encodeCheckpoint } from "./checkpoint.js";
import { blankContents, type Contents } from "./contents.js";
import type { Files } from "./files.js";
import { lastRun, remember } from "./producers.js";
import { existingSegment, learn, type Segment, sizeOf } from "./segment.js";
import { walk } from "./walk.js";

const chunkBytes = 1 * MiB;

/** Appended to the names of files in which nothing can be read. */
export const putAside = ".damaged";

export interface Recovery {
  files: Files;
  channel: string;
  operator: Log;
  now(): number;
}

/** Undefined if the files hold nothing that can be used; then they are put aside. */
export async function recover(recovery: Recovery, names: readonly string[]): Promise<Contents | undefined> {
  const segments = [...names].sort().map((name) => existingSegment(recovery.files, name));
  let replay: Replay | undefined;
  for (let i = segments.length - 1; i >= 0 && replay === undefined; i--) {
    replay = await replayFrom(recovery, segments, i, true);
  }
  replay ??= (await replayFrom(recovery, segments, 0, false))!;
  const { contents } = replay;
  if (contents.epochs.length === 0) {
    recovery.operator.warn({}, `nothing in its files can be read; they are renamed to *${putAside}`);
    for (const { name } of segments) await recovery.files.rename(name, name + putAside);
    return undefined;
  }
  if (replay.torn !== undefined) await cut(recovery, contents, replay.torn);
  await baseOf(recovery.files, contents, 0);
  return contents;
}

/** What the log held where the segment at index `i` begins; if that is damaged, where the next one does. */
export async function baseOf(files: Files, contents: Contents, i: number): Promise<NonNullable<Segment["base"]>> {
  const segment = contents.segments[i]!;
  if (segment.base === undefined) {
    await walk(segment, 0, await sizeOf(files, segment), 4096, (position, _size, body) => {
      if (position === 0 && body?.kind === "checkpoint") segment.base = baseIn(body);
      return false;
    });
  }
  segment.base ??= await baseOf(files, contents, i + 1);
  return segment.base;
}

const baseIn = ({ bytes, storedAt }: Checkpoint | Contents) => ({ bytes, storedAt });

interface Replay {
  contents: Contents;
  /** Where in the newest segment bytes begin that nothing written later lies behind. */
  torn: number | undefined;
  /** Batches behind such bytes, of the same write. */
  held: { position: number; record: BatchRecord }[];
}

/** Undefined if the first of the segments does not begin with a checkpoint although it `must`. */
async function replayFrom(
  recovery: Recovery,
  all: readonly Segment[],
  from: number,
  must: boolean,
): Promise<Replay | undefined> {
  const contents = blankContents(recovery.channel, [...all]);
  const replay: Replay = { contents, torn: undefined, held: [] };
  for (const segment of all.slice(from)) {
    if (contents.next < segment.first) missing(recovery, contents, segment.first);
    const begun = await replaySegment(recovery, replay, segment, must && segment === all[from]);
    if (!begun) return undefined;
    if (segment !== all.at(-1)) settle(recovery, replay, segment);
  }
  return replay;
}

async function replaySegment(recovery: Recovery, replay: Replay, segment: Segment, must: boolean): Promise<boolean> {
  const { contents } = replay;
  const size = await sizeOf(recovery.files, segment);
  contents.damaged = true;
  segment.base = baseIn(contents);
  await walk(segment, 0, size, chunkBytes, (position, _size, body) => {
    if (position === 0 && body?.kind === "checkpoint") {
      segment.base = baseIn(body);
      contents.damaged = false;
    }
    if (must && contents.damaged) return false;
    if (body === undefined) replay.torn ??= position;
    else if (body.kind === "batch") replayBatch(recovery, replay, segment, position, body);
    else {
      settle(recovery, replay, segment);
      if (body.kind === "checkpoint") takeCheckpoint(recovery, contents, body);
      else takeClosed(recovery, contents, body);
    }
    return true;
  });
  if (size === 0) replay.torn = 0;
  return !(must && contents.damaged);
}

function replayBatch(
  recovery: Recovery,
  replay: Replay,
  segment: Segment,
  position: number,
  record: BatchRecord,
): void {
  const { contents, torn } = replay;
  // If no message is missing in the damaged bytes it does not matter what they were.
  if (torn !== undefined && record.batch.first > contents.next && position - record.back <= torn) {
    replay.held.push({ position, record });
    return;
  }
  settle(recovery, replay, segment);
  takeBatch(recovery, contents, segment, position, record);
}

/** Something was written after the damaged bytes: what was held back counts. */
function settle(recovery: Recovery, replay: Replay, segment: Segment): void {
  for (const { position, record } of replay.held) takeBatch(recovery, replay.contents, segment, position, record);
  replay.held = [];
  replay.torn = undefined;
}

function takeBatch(
  recovery: Recovery,
  contents: Contents,
  segment: Segment,
  position: number,
  record: BatchRecord,
): void {
  const { batch } = record;
  if (batch.first > contents.next) missing(recovery, contents, batch.first);
  takeEpoch(contents, batch.epoch, record.epochFirst);
  let offset = batch.first;
  for (const run of record.runs()) {
    const last = lastRun(contents.producers.get(run.producer), run, batch.epoch, offset);
    remember(contents.producers, run.producer, last);
    offset += run.count;
  }
  contents.next = batch.first + batch.count;
  contents.bytes += batch.messages.length;
  contents.storedAt = batch.storedAt;
  contents.continuity = record.synced ? "proven" : "unproven";
  learn(segment, batch.first, position);
}

function takeCheckpoint(recovery: Recovery, contents: Contents, checkpoint: Checkpoint): void {
  if (!checkpoint.readable) {
    const message = `channel ${recovery.channel}: its files were written by another version of Reprise`;
    throw new RepriseError("buffer_unavailable", message);
  }
  if (contents.epochs.length > 0 && checkpoint.next > contents.next) missing(recovery, contents, checkpoint.next);
  contents.next = checkpoint.next;
  contents.bytes = checkpoint.bytes;
  contents.storedAt = checkpoint.storedAt;
  contents.epochs = checkpoint.epochs;
  contents.producers = checkpoint.producers;
  contents.continuity = "unproven";
}

function takeClosed(recovery: Recovery, contents: Contents, closed: ClosedRecord): void {
  if (closed.next > contents.next) missing(recovery, contents, closed.next);
  takeEpoch(contents, closed.epoch, closed.epochFirst);
  contents.continuity = "proven";
}

function takeEpoch(contents: Contents, epoch: number, first: number): void {
  if (epoch <= (contents.epochs.at(-1)?.epoch ?? 0)) return;
  contents.epochs = [...contents.epochs, { epoch, first }].slice(-maxEpochs);
}

/** Messages up to `next` cannot be read: readers get a gap in their place. */
function missing(recovery: Recovery, contents: Contents, next: number): void {
  if (contents.epochs.length > 0) {
    recovery.operator.error({}, `messages ${contents.next} to ${next - 1} are damaged`);
  }
  contents.next = next;
}

/**
 * What the log held where the batch begins that holds `offset`, or the first one behind it, and where that stands in the
 * segment. Undefined if there is none, or if the segment does not tell what it begins with.
 */
export async function contentsAt(
  recovery: Recovery,
  segment: Segment,
  offset: number,
): Promise<{ contents: Contents; position: number } | undefined> {
  const contents = blankContents(recovery.channel, []);
  let position: number | undefined;
  await walk(segment, 0, await sizeOf(recovery.files, segment), chunkBytes, (at, _size, body) => {
    if (body?.kind === "checkpoint") takeCheckpoint(recovery, contents, body);
    else if (contents.epochs.length === 0) return false;
    else if (body?.kind === "closed") takeClosed(recovery, contents, body);
    else if (body?.kind === "batch") {
      const { first, count } = body.batch;
      if (first + count > offset) {
        position = at;
        contents.next = first;
        return false;
      }
      takeBatch(recovery, contents, segment, at, body);
    }
    return true;
  });
  return position === undefined ? undefined : { contents, position };
}

/** Replaces the damaged end by a checkpoint with a new epoch: from then on the files are whole. */
async function cut(recovery: Recovery, contents: Contents, position: number): Promise<void> {
  const segment = contents.segments.at(-1)!;
  const size = segment.size!;
  contents.epochs = openEpoch(contents.epochs, contents.next, recovery.now());
  const record = encodeCheckpoint(segment.marker, contents);
  await recovery.files.write(segment.name, [record], position);
  await recovery.files.truncate(segment.name, position + record.length);
  await recovery.files.sync(segment.name);
  segment.size = position + record.length;
  contents.continuity = "written";
  if (position === 0) contents.damaged = false;
  recovery.operator.warn(
    {},
    `its log ends in ${size - position} damaged bytes; they are cut, and epoch ` +
      `${contents.epochs.at(-1)!.epoch} begins at offset ${contents.next}`,
  );
}
