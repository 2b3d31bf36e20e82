// The messages of a measurement, and what their receivers check:
//
//   0       4       8        12       16
//   stream  number  sent_us  mark     pattern …
//
// A stream is one publisher in one channel; its messages are numbered from 1. `sent_us` is when the message was meant to be
// sent, in µs of the clock below. The pattern is a piece of a fixed block, begun at a place that depends on the number.

export const headerBytes = 16;
const patternPeriod = 251;

const blockOf = (length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 17) & 0xff));

let block = blockOf(64 * 1024);

/** The pattern of a message, without a copy. */
function patternOf(size: number, number: number): Buffer {
  if (size + patternPeriod > block.length) block = blockOf(size + patternPeriod);
  const start = number % patternPeriod;
  return block.subarray(start, start + size - headerBytes);
}

/** ms of a clock that all processes of the machine share. */
export function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** As it stands in a message: µs, modulo 2^32 (71 minutes). */
export const toUs = (ms: number): number => Math.round(ms * 1000) % 2 ** 32;

/** From `early` to `late`, right over the end of the clock's range too. */
export const elapsedUs = (early: number, late: number): number => (late - early) | 0;

const markOf = (stream: number, number: number): number => (Math.imul(stream + 1, 0x9e3779b1) ^ number) >>> 0;

export function makePayload(size: number, stream: number, number: number, sentUs: number): Buffer {
  const data = Buffer.allocUnsafe(size);
  data.writeUInt32LE(stream, 0);
  data.writeUInt32LE(number, 4);
  data.writeUInt32LE(sentUs, 8);
  data.writeUInt32LE(markOf(stream, number), 12);
  data.set(patternOf(size, number), headerBytes);
  return data;
}

const u32 = (data: Uint8Array, at: number): number =>
  (data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24)) >>> 0;

export const streamOf = (data: Uint8Array): number => u32(data, 0);
export const numberOf = (data: Uint8Array): number => u32(data, 4);
export const sentUsOf = (data: Uint8Array): number => u32(data, 8);

/** Whether every byte is as it was made. */
export function isIntact(data: Uint8Array, size: number): boolean {
  if (data.length !== size || u32(data, 12) !== markOf(streamOf(data), numberOf(data))) return false;
  return patternOf(size, numberOf(data)).compare(data, headerBytes, size) === 0;
}
