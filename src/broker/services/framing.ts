// The 5 bytes that gRPC puts before each message: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
//
//   00 (not compressed)   length, 32 bits, most significant byte first   the message
//
// grpc-js puts them there by copying each message into a new buffer, once for every call that it is sent on. Sessions at
// the same place send the identical buffer, so here it is copied once: a thousand copies of 64 KiB cost time, and the
// garbage of them as much again.

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

function framed(message: Buffer): Buffer {
  if (last?.message === message) return last.framed;
  const older = other;
  other = last;
  last = older;
  if (last?.message === message) return last.framed;
  const bytes = Buffer.allocUnsafe(prefixBytes + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, prefixBytes);
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
