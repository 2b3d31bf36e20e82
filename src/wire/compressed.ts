// Compressed batches: deflated once by a node for all who asked for it (P-36), inflated by each peer within a bound (P-37).
//
//   0A <len>                                   ServerFrame.items
//     82 01 <len>                              ServerItem.compressed
//       08 01  10 <size>                       DEFLATE, bytes when inflated
//       1A <len> deflated bytes                a ServerFrame of batches, as it would have gone out otherwise
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { FieldReader, LEN, tagOf, VARINT, varintSize, writeVarint } from "./bytes.js";
import { RepriseError } from "./errors.js";
import { KiB, MiB } from "./limits.js";

/** `Compression.DEFLATE` */
export const deflate = 1;

/** The field number in ServerItem. */
export const compressedField = 16;

/** Smaller frames stay as they are: what they would save is less than what a packet costs. */
export const smallestCompressed = 512;

/** Larger ones, that is single large messages, too: deflating them would hold up the node for more than some milliseconds. */
export const largestCompressed = 256 * KiB;

/** What a peer inflates at most; more than a node of this version sends. */
export const maxInflatedBytes = 1 * MiB;

/** Measured (docs/performance.md): 6 takes three times as long to save a fifth more. */
const level = 1;

/**
 * Compresses a frame of batches to a frame of one item.
 * @returns undefined if that saves less than an eighth
 */
export function encodeCompressed(frame: Buffer): Buffer | undefined {
  const deflated = deflateRawSync(frame, { level });
  if (deflated.length > frame.length - frame.length / 8) return undefined;
  const size = 2 + 1 + varintSize(frame.length) + 1 + varintSize(deflated.length) + deflated.length;
  const itemSize = 2 + varintSize(size) + size;
  const bytes = Buffer.allocUnsafe(1 + varintSize(itemSize) + itemSize);
  bytes[0] = tagOf(1, LEN);
  let pos = writeVarint(bytes, 1, itemSize);
  pos = writeVarint(bytes, pos, tagOf(compressedField, LEN));
  pos = writeVarint(bytes, pos, size);
  bytes[pos++] = tagOf(1, VARINT);
  bytes[pos++] = deflate;
  bytes[pos++] = tagOf(2, VARINT);
  pos = writeVarint(bytes, pos, frame.length);
  bytes[pos++] = tagOf(3, LEN);
  pos = writeVarint(bytes, pos, deflated.length);
  bytes.set(deflated, pos);
  return bytes;
}

/**
 * Inflates the frame in an encoded `Compressed`. Takes no more memory than the size that it declares, nor than the bound.
 * @throws RepriseError `malformed`
 */
export function inflateFrame(content: Buffer): Buffer {
  const { compression, size, frame } = readCompressed(content);
  if (compression !== deflate) throw new RepriseError("malformed", `compression ${compression} was not asked for`);
  if (size === 0 || size > maxInflatedBytes) {
    throw new RepriseError("malformed", `compressed batches of ${size} bytes: 1 to ${maxInflatedBytes} are allowed`);
  }
  let inflated: Buffer;
  try {
    // One byte more than needed: a chunk that is filled makes zlib take a second one.
    inflated = inflateRawSync(frame, { maxOutputLength: size, chunkSize: Math.max(size + 1, 64) });
  } catch (cause) {
    throw new RepriseError("malformed", `compressed batches that cannot be inflated to ${size} bytes`, { cause });
  }
  if (inflated.length === size) return inflated;
  throw new RepriseError("malformed", `compressed batches of ${inflated.length} bytes, not ${size}`);
}

function readCompressed(content: Buffer): { compression: number; size: number; frame: Buffer } {
  const reader = new FieldReader(content);
  const compressed = { compression: 0, size: 0, frame: content.subarray(0, 0) };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.expect(VARINT);
        compressed.compression = reader.varint();
        break;
      case 2:
        reader.expect(VARINT);
        compressed.size = reader.varint();
        break;
      case 3:
        reader.expect(LEN);
        compressed.frame = reader.view();
        break;
      default:
        reader.skip();
    }
  }
  return compressed;
}
