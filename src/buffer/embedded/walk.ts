// Walks the records of a segment file from one position to another. Damaged bytes are passed over to the next intact
// record and named; a file shorter than it should be is damaged at its end.
import { type Body, decodeBody } from "./body.js";
import { frameBytes, intactBody, markerBytes, recordSize } from "./record.js";

export interface Source {
  marker: number;
  /** At most `length` bytes from `position` on: fewer only where the file ends. */
  read(position: number, length: number): Promise<Buffer>;
}

/** Answers whether to go on. `body` is undefined for `size` damaged bytes. Bodies are views of what was read. */
export type Visit = (position: number, size: number, body: Body | undefined) => boolean;

/** `start` must be where a record begins. Reads about `chunkBytes` at a time. */
export async function walk(
  source: Source,
  start: number,
  end: number,
  chunkBytes: number,
  visit: Visit,
): Promise<void> {
  let bytes: Buffer = Buffer.alloc(0);
  let base = start;
  let position = start;
  let damagedFrom: number | undefined;
  /** `length` bytes from `position` on are in `bytes`. */
  const here = (length: number): boolean => position + length <= base + bytes.length;
  /** Lets them be there; false if the file does not hold them. */
  const fetch = async (length: number): Promise<boolean> => {
    if (position + length > end) return false;
    bytes = await source.read(position, Math.min(end - position, Math.max(length, chunkBytes)));
    base = position;
    return bytes.length >= length;
  };
  while (here(frameBytes) || (await fetch(frameBytes))) {
    const size = recordSize(bytes, position - base, source.marker);
    const whole = size > 0 && (here(size) || (await fetch(size)));
    const body = whole ? bodyAt(bytes, position - base, size) : undefined;
    if (body === undefined) {
      damagedFrom ??= position;
      position = base + nextMarker(bytes, position - base + 1, source.marker);
      continue;
    }
    if (damagedFrom !== undefined && !visit(damagedFrom, position - damagedFrom, undefined)) return;
    damagedFrom = undefined;
    if (!visit(position, size, body)) return;
    position += size;
  }
  damagedFrom ??= position;
  if (damagedFrom < end) visit(damagedFrom, end - damagedFrom, undefined);
}

function bodyAt(bytes: Buffer, pos: number, size: number): Body | undefined {
  const body = intactBody(bytes, pos, size);
  if (body === undefined) return undefined;
  try {
    return decodeBody(body);
  } catch {
    return undefined;
  }
}

/** Where the marker stands from `pos` on, or else may begin: in the last 3 of the bytes. */
function nextMarker(bytes: Buffer, pos: number, marker: number): number {
  const found = bytes.indexOf(markerBytes(marker), pos);
  return found >= 0 ? found : Math.max(pos, bytes.length - 3);
}
