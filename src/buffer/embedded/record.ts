// A record: what a segment file is a sequence of. All numbers are little endian.
//
//   u32 marker   the segment's own, from its file name: where a record may begin
//   u32 length   of the body
//   u32 crc32    of the body, begun with the length
//   body         body.ts
//
// Behind damaged bytes the next record is found by its marker. Without it a publisher could put bytes that look like
// a record into a message and have them read as one.
import { crc32 } from "node:zlib";

/** What stands in front of a body. */
export const frameBytes = 12;

/**
 * Completes a record. `head` holds the first part of the body behind `frameBytes` free bytes; `rest` the other part,
 * which follows it in the file without having been copied.
 */
export function sealRecord(marker: number, head: Buffer, rest?: Buffer): void {
  const length = head.length - frameBytes + (rest?.length ?? 0);
  let sum = crc32(head.subarray(frameBytes), length);
  if (rest !== undefined) sum = crc32(rest, sum);
  head.writeUInt32LE(marker, 0);
  head.writeUInt32LE(length, 4);
  head.writeUInt32LE(sum, 8);
}

/** Size of the record that begins at `pos`, with its frame; 0 if none does. At least `frameBytes` must be there. */
export function recordSize(bytes: Buffer, pos: number, marker: number): number {
  return bytes.readUInt32LE(pos) === marker ? frameBytes + bytes.readUInt32LE(pos + 4) : 0;
}

/** The body of the record of `size` bytes at `pos`, a view; undefined if it is damaged. */
export function intactBody(bytes: Buffer, pos: number, size: number): Buffer | undefined {
  const body = bytes.subarray(pos + frameBytes, pos + size);
  return crc32(body, body.length) === bytes.readUInt32LE(pos + 8) ? body : undefined;
}

export function markerBytes(marker: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(marker);
  return bytes;
}
