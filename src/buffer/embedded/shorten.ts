// Removing the beginning of a log at an offset, where retention removes whole segments: the segment that holds the offset is
// written anew without what lies before it. The new file has the old one's marker, so its records are copied as they are,
// behind a checkpoint of what the log held there. It bears its name once it is complete and on the disk; until the old one
// is removed, both are there, and what they share is the same.
import { MiB } from "../../wire/limits.js";
import { encodeCheckpoint } from "./checkpoint.js";
import { type Contents, segmentAt } from "./contents.js";
import type { Files } from "./files.js";
import { fileName, parseFileName } from "./name.js";
import { contentsAt, type Recovery } from "./recovery.js";
import { existingSegment, newSegmentName, type Segment, sizeOf } from "./segment.js";

/** Behind the name of a file that is not complete. */
export const unfinished = ".new";

const copiedBytes = 1 * MiB;

/**
 * Removes the segments, and the part of one, that lie before `before`. What stands in damaged bytes stays with its segment.
 */
export async function shorten(
  recovery: Recovery,
  contents: Contents,
  before: number,
  remove: (name: string) => Promise<void>,
): Promise<void> {
  const { segments } = contents;
  const index = before >= contents.next ? segments.length - 1 : segmentAt(contents, before);
  const segment = segments[index]!;
  // A newest segment that could not be synced, or is damaged, is left alone: only what is before it goes.
  const mayCopy = !(contents.damaged && index === segments.length - 1);
  const rest = mayCopy ? await restOf(recovery, contents, segment, before) : undefined;
  if (rest !== undefined) segments[index] = rest;
  const gone = [...segments.splice(0, index), ...(rest === undefined ? [] : [segment])];
  for (const { name } of gone) await remove(name);
}

/** The segment from the batch on that holds `before`, in a file of its own; undefined if that is all of it. */
async function restOf(
  recovery: Recovery,
  contents: Contents,
  segment: Segment,
  before: number,
): Promise<Segment | undefined> {
  const { files, channel } = recovery;
  if (before >= contents.next) {
    if (contents.next === segment.first) return undefined;
    const name = newSegmentName(channel, contents.next);
    return create(files, name, contents, undefined);
  }
  const place = await contentsAt(recovery, segment, before);
  if (place === undefined || place.contents.next === segment.first) return undefined;
  const name = fileName({ channel, first: place.contents.next, marker: segment.marker });
  return create(files, name, place.contents, { segment, position: place.position });
}

async function create(
  files: Files,
  name: string,
  contents: Contents,
  copied: { segment: Segment; position: number } | undefined,
): Promise<Segment> {
  const draft = name + unfinished;
  await files.create(draft);
  try {
    const checkpoint = encodeCheckpoint(parseFileName(name)!.marker, contents);
    await files.write(draft, [checkpoint], 0);
    let size = checkpoint.length;
    if (copied !== undefined) {
      const end = await sizeOf(files, copied.segment);
      for (let position = copied.position; position < end; ) {
        const bytes = await copied.segment.read(position, Math.min(copiedBytes, end - position));
        await files.write(draft, [bytes], size);
        position += bytes.length;
        size += bytes.length;
      }
    }
    await files.sync(draft);
    await files.rename(draft, name);
    await files.syncFolder();
    const segment = existingSegment(files, name);
    segment.size = size;
    segment.base = { bytes: contents.bytes, storedAt: contents.storedAt };
    return segment;
  } catch (error) {
    await files.unlink(draft).catch(() => undefined);
    throw error;
  }
}
