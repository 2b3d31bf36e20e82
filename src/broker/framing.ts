// The 5 bytes that gRPC puts before each message: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
//
//   00 (not compressed)   length, 32 bits, most significant byte first   the message
//
// grpc-js puts them there by copying each message into a new buffer, once for every call that it is sent on. Sessions at
// the same place send the identical buffer, so here it is copied once: a thousand copies of 64 KiB cost time, and the
// garbage of them as much again. What is joined here has room before it, and is not copied at all.

const prefixBytes = 5;

interface Framed {
  message: Buffer;
  framed: Buffer;
}

/**
 * What was framed last. The pump writes to all sessions that wait at one place one after the other: to some the one buffer,
 * and to those that asked for it compressed the other.
 */
let last: Framed | undefined;
let other: Framed | undefined;

/** What was joined here, with the prefix. */
const joined = new WeakMap<Buffer, Buffer>();

/** One message of all these pieces, `size` bytes in all. */
export function join(pieces: readonly Buffer[], size: number): Buffer {
  const bytes = allocate(size);
  let at = prefixBytes;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  const message = bytes.subarray(prefixBytes);
  joined.set(message, bytes);
  return message;
}

function allocate(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(prefixBytes + size);
  bytes[0] = 0;
  bytes.writeUInt32BE(size, 1);
  return bytes;
}

function copied(message: Buffer): Buffer {
  const bytes = allocate(message.length);
  bytes.set(message, prefixBytes);
  return bytes;
}

function framed(message: Buffer): Buffer {
  if (last?.message === message) return last.framed;
  const older = other;
  other = last;
  last = older;
  if (last?.message === message) return last.framed;
  const bytes = joined.get(message) ?? copied(message);
  last = { message, framed: bytes };
  return bytes;
}

/**
 * Lets messages that are sent on a call several times be framed once. It replaces a method of grpc-js that is not public
 * (and the same in all of 1.14); where it is not there, messages are copied each time, as ever.
 * @param call of a method whose messages are `Buffer`s of a serializer that leaves them as they are
 * @returns whether it could
 */
export function frameOnce(call: object): boolean {
  const { call: inner } = call as { call?: { serializeMessage?: (message: Buffer) => Buffer } };
  if (typeof inner?.serializeMessage !== "function") return false;
  inner.serializeMessage = framed;
  return true;
}
