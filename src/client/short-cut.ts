// A short cut for what arrives on a call. grpc-js takes each message through a pause of the HTTP/2 stream, three ticks, four
// promises and a stream of objects, and keeps the pieces of a message until the next one: for a client of many messages
// that is a large part of its CPU. Whoever takes everything at once needs none of it.
//
// It rests on fields of grpc-js that are not public (and the same in all of 1.14): where one of them is not there, or not
// as it was, messages go the long way, as ever.
import { MiB } from "../wire/limits.js";

/** What grpc-js decodes messages with: takes bytes, and returns the messages that they complete, with their prefix. */
interface Decoder {
  write(data: Buffer): Buffer[];
}

interface SubchannelCall {
  decoder: Decoder & { readState: number; maxReadMessageLength: number };
  unpushedReadMessages: unknown[];
}

/** From the stream that callers see to the call on the connection, if nobody intercepts it. */
const way = ["call", "call", "child", "underlyingCalls", "0", "call", "child"];

function subchannelCallOf(call: object): SubchannelCall | undefined {
  let at: unknown = call;
  for (const step of way) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  const found = at as Partial<SubchannelCall> | null | undefined;
  const known = typeof found?.decoder?.write === "function" && Array.isArray(found.unpushedReadMessages);
  return known ? (found as SubchannelCall) : undefined;
}

/**
 * To be called while a message is received, by the listener for "data": what comes after it goes to `receive` at once,
 * unless that cannot be (then false; after another message it may), and until a compressed one comes.
 * @param receive must not throw
 */
export function takeShortCut(call: object & { readableLength: number }, receive: (message: Buffer) => void): boolean {
  const inner = subchannelCallOf(call);
  if (inner === undefined || inner.decoder.maxReadMessageLength !== -1) return false;
  // Nothing is on the long way, not even its beginning, that would be overtaken.
  if (inner.decoder.readState !== 0 || inner.unpushedReadMessages.length > 0 || call.readableLength > 0) return false;
  const { decoder } = inner;
  const parse = messageParser(receive);
  inner.decoder = {
    readState: 0,
    maxReadMessageLength: -1,
    write(data) {
      const rest = parse(data);
      if (rest === undefined) return [];
      inner.decoder = decoder;
      return decoder.write(rest);
    },
  };
  return true;
}

const prefixBytes = 5;

/** Memory is taken by what a message claims to be only up to here; beyond, by what there is of it. */
const mostAtOnce = MiB;

/**
 * Cuts bytes, in whatever pieces they come, into the messages of a gRPC call:
 *
 *   00 (not compressed)   length, 32 bits, most significant byte first   the message
 *
 * @returns a function that takes the next piece. From the first message that is compressed on it returns what is left,
 * and is not to be called again.
 */
export function messageParser(receive: (message: Buffer) => void): (data: Buffer) => Buffer | undefined {
  const prefix = Buffer.alloc(prefixBytes);
  let prefixed = 0;
  let size = 0;
  let message: Buffer | undefined;
  let filled = 0;

  function fill(data: Buffer, from: number): number {
    if (filled === message!.length) {
      const larger = Buffer.allocUnsafe(Math.min(size, 2 * filled));
      larger.set(message!);
      message = larger;
    }
    const copied = data.copy(message!, filled, from);
    filled += copied;
    return from + copied;
  }

  return (data) => {
    let pos = 0;
    while (pos < data.length) {
      if (message === undefined) {
        const copied = data.copy(prefix, prefixed, pos);
        prefixed += copied;
        pos += copied;
        if (prefixed < prefixBytes) return undefined;
        if (prefix[0] !== 0) return Buffer.concat([prefix, data.subarray(pos)]);
        prefixed = 0;
        filled = 0;
        size = prefix.readUInt32BE(1);
        message = Buffer.allocUnsafe(Math.min(size, mostAtOnce));
      } else {
        pos = fill(data, pos);
      }
      if (filled === size) {
        const complete = message;
        message = undefined;
        receive(complete);
      }
    }
    return undefined;
  };
}
