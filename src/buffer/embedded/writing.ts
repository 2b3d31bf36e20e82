// The write of a group: where it goes, and what becomes of the log when it succeeds or fails.
import { openEpoch } from "../../wire/position.js";
import type { Retention } from "../retention.js";
import { encodeClosed } from "./body.js";
import { encodeCheckpoint } from "./checkpoint.js";
import type { Contents } from "./contents.js";
import type { SyncFailed } from "./durability.js";
import { isMissing } from "./failure.js";
import { type Append, type Group, gather } from "./group.js";
import { parseFileName } from "./name.js";
import { remember } from "./producers.js";
import { existingSegment, learn, newSegmentName } from "./segment.js";
import type { Shelf } from "./shelf.js";
import { roomLeft, segmentRoom } from "./trim.js";

export interface Writing {
  /** The segment's file. */
  name: string;
  /** The segment begins with this write. */
  begins: boolean;
  /** It must be on the disk before it is answered. */
  synced: boolean;
  group: Group;
}

/** Decides where the next write goes, and takes from `pending` what goes into it. */
export function prepare(shelf: Shelf, contents: Contents, limits: Retention, pending: Append[]): Writing {
  const now = shelf.now();
  const synced = shelf.isSynced(contents.channel);
  const left = roomLeft(contents, limits, shelf.segmentBytes, now);
  const newest = left && contents.segments.at(-1)!;
  const name = newest?.name ?? newSegmentName(contents.channel, contents.next);
  const marker = newest?.marker ?? parseFileName(name)!.marker;
  const epochs = contents.continuity === "unproven" ? openEpoch(contents.epochs, contents.next, now) : contents.epochs;
  const group = gather(contents, pending, {
    ...(left ?? segmentRoom(limits, shelf.segmentBytes)),
    marker,
    start: newest?.size ?? 0,
    head: newest ? undefined : encodeCheckpoint(marker, { ...contents, epochs }),
    epochs,
    synced,
    storedAt: Math.max(now, contents.storedAt),
  });
  return { name, begins: newest === undefined, synced: synced || contents.continuity === "proven", group };
}

/** Writes the group, and syncs it if it must be. Whatever it did when it fails, `takeBack` undoes. */
export async function store(shelf: Shelf, writing: Writing, syncFailed: SyncFailed): Promise<void> {
  const { name, begins, group } = writing;
  if (begins) await shelf.files.create(name);
  await shelf.files.write(name, group.buffers, group.target.start);
  if (writing.synced) await shelf.durability.sync(name, begins);
  else shelf.durability.written(name, begins, syncFailed);
}

/** The file is as it was before `store`. */
export async function takeBack(shelf: Shelf, { name, begins, group }: Writing): Promise<void> {
  if (!begins) return shelf.files.truncate(name, group.target.start);
  await shelf.files.unlink(name).catch((error) => {
    if (!isMissing(error)) throw error;
  });
}

/** States behind the newest batch that the log ends there. */
export async function writeClosed({ files, durability }: Shelf, contents: Contents): Promise<void> {
  const newest = contents.segments.at(-1)!;
  const { epoch, first } = contents.epochs.at(-1)!;
  const record = encodeClosed(newest.marker, { epoch, epochFirst: first, next: contents.next });
  await files.write(newest.name, [record], newest.size!);
  await durability.sync(newest.name, false);
}

/** The log holds the group. */
export function take(shelf: Shelf, contents: Contents, { name, begins, group }: Writing): void {
  const { target, batches, positions } = group;
  if (begins) {
    const segment = existingSegment(shelf.files, name);
    segment.base = { bytes: contents.bytes, storedAt: contents.storedAt };
    contents.segments.push(segment);
    contents.damaged = false;
  }
  const newest = contents.segments.at(-1)!;
  newest.size = target.start + group.size;
  for (const [i, batch] of batches.entries()) learn(newest, batch.first, positions[i]!);
  for (const [producer, last] of group.producers) remember(contents.producers, producer, last);
  contents.epochs = target.epochs;
  contents.next = group.next;
  contents.bytes = group.bytes;
  contents.storedAt = target.storedAt;
  contents.continuity = "written";
}
