// A BiStream peer as programs have it that were generated long before Reprise: it knows message, pid and reply, and
// nothing else. Its classes are made from these three fields alone, by another protobuf library.
import { type ClientDuplexStream, Metadata, type StatusObject } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import pb from "../../generated/stream/stream_pb.js";
import { type T, until } from "../harness.js";
import { clientOf, type Ended, endedOf } from "./peer.js";

const { root } = protobuf.parse(`
  syntax = "proto3";
  package stream;
  message StreamRequest { string message = 1; int32 pid = 2; }
  message StreamResponse { string reply = 1; }
`);
const request = root.lookupType("stream.StreamRequest");
const response = root.lookupType("stream.StreamResponse");

export type Reply = ReturnType<InstanceType<typeof pb.StreamResponse>["toObject"]>;

export interface LinePeer {
  /** What an old program sees, in order. */
  readonly lines: string[];
  /** The same with the fields that Reprise adds. */
  readonly replies: Reply[];
  /** Undefined while the stream is open. */
  ended: Ended | undefined;
  readonly call: ClientDuplexStream<Line, Answer>;
  say(...messages: string[]): void;
  /** Waits for at least `count` lines. */
  hears(count: number): Promise<string[]>;
  halfClose(): void;
  end(): Promise<Ended>;
}

interface Line {
  message: string;
  pid: number;
}

interface Answer {
  line: string;
  reply: Reply;
}

export interface LineOptions {
  channel?: string;
  replay?: string;
  name?: string;
  pid?: number;
}

/** Opens the call; it need not be subscribed yet. */
export function openLines(t: T, address: string, { pid = 0, ...options }: LineOptions = {}): LinePeer {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(options)) metadata.set(key, value);
  const call = clientOf(t, address).makeBidiStreamRequest<Line, Answer>(
    "/stream.StreamService/BiStream",
    (line) => Buffer.from(request.encode(line).finish()),
    (bytes) => ({
      line: (response.decode(bytes).toJSON().reply as string | undefined) ?? "",
      reply: pb.StreamResponse.deserializeBinary(bytes).toObject(),
    }),
    metadata,
  );
  t.after(() => call.cancel());
  const peer: LinePeer = {
    lines: [],
    replies: [],
    ended: undefined,
    call,
    say: (...messages) => {
      for (const message of messages) call.write({ message, pid });
    },
    async hears(count) {
      await until(() => {
        if (peer.ended !== undefined) throw new Error(`the stream ended: ${JSON.stringify(peer.ended)}`);
        return peer.lines.length >= count;
      }, `${count} lines are heard`).catch((error: Error) => {
        throw new Error(`${error.message}; heard ${peer.lines.length}: ${JSON.stringify(peer.lines.slice(-5))}`);
      });
      return peer.lines;
    },
    halfClose: () => void call.end(),
    async end() {
      await until(() => peer.ended !== undefined, "the stream ends");
      return peer.ended!;
    },
  };
  call.on("data", ({ line, reply }: Answer) => {
    peer.lines.push(line);
    peer.replies.push(reply);
  });
  call.on("error", () => undefined);
  call.on("status", (status: StatusObject) => {
    peer.ended = endedOf(status);
  });
  return peer;
}

/** A peer that is subscribed: from now on it misses nothing. */
export async function connectLines(t: T, address: string, options: LineOptions = {}): Promise<LinePeer> {
  const peer = openLines(t, address, options);
  await new Promise<void>((resolve, reject) => {
    peer.call.once("metadata", () => resolve());
    peer.call.once("status", (status: StatusObject) => reject(new Error(`refused: ${status.details}`)));
  });
  return peer;
}
