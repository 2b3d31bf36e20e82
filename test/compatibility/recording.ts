// What was said between clients and a node on HTTP/2 streams, byte for byte and in the order in which it was said. A file of
// it is a sequence of
//
//   what (1 byte)  stream (1 byte)  length (4 bytes, big endian)  content
//
//   O  the client opens the stream; its headers as JSON     R  the node's headers as JSON
//   C  bytes of the client                                  S  bytes of the node
//   H  the client has ended its side                        T  the node has ended the stream; trailers as JSON
//   X  the client has cancelled the stream                  K  the connection was cut, with all its streams
import { readFileSync, writeFileSync } from "node:fs";

export type What = "O" | "C" | "H" | "X" | "K" | "R" | "S" | "T";

export interface Entry {
  what: What;
  /** Streams are numbered as they were opened, from 0. */
  stream: number;
  content: Buffer;
}

export type Headers = Record<string, string>;

export const headersOf = ({ content }: Entry): Headers => JSON.parse(content.toString()) as Headers;

export function writeRecording(path: string, entries: readonly Entry[]): void {
  const parts = entries.flatMap(({ what, stream, content }) => {
    const head = Buffer.from([what.charCodeAt(0), stream, 0, 0, 0, 0]);
    head.writeUInt32BE(content.length, 2);
    return [head, content];
  });
  writeFileSync(path, Buffer.concat(parts));
}

export function readRecording(path: string): Entry[] {
  const bytes = readFileSync(path);
  const entries: Entry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 6 + bytes.readUInt32BE(at + 2);
    const what = String.fromCharCode(bytes[at]!) as What;
    entries.push({ what, stream: bytes[at + 1]!, content: bytes.subarray(at + 6, end) });
    at = end;
  }
  return entries;
}

/** The path of each stream's call. */
export const pathsOf = (entries: readonly Entry[]): string[] =>
  entries.filter(({ what }) => what === "O").map((entry) => headersOf(entry)[":path"]!);

/** Takes the messages of gRPC out of the bytes of a stream's direction, however they are cut. */
export function unframer(): (bytes: Buffer) => Buffer[] {
  let unread: Buffer = Buffer.alloc(0);
  return (bytes) => {
    unread = Buffer.concat([unread, bytes]);
    const messages: Buffer[] = [];
    while (unread.length >= 5 && unread.length >= 5 + unread.readUInt32BE(1)) {
      const end = 5 + unread.readUInt32BE(1);
      messages.push(unread.subarray(5, end));
      unread = unread.subarray(end);
    }
    return messages;
  };
}
