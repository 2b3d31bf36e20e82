// The calls that are no streams of a peer: Publish, PublishStream, History.
import type { ClientWritableStream, Metadata, ServiceError } from "@grpc/grpc-js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { type Start, writeStart } from "../../src/wire/client-frame.js";
import { messagesOf } from "../../src/wire/message.js";
import { readServerFrame } from "../../src/wire/server-frame.js";
import type { T } from "../harness.js";
import { clientOf, type Ended, encodeTexts, endedOf } from "./peer.js";

/** What a call is rejected with. */
export class Refused extends Error {
  readonly ended: Ended;
  readonly metadata: Metadata;

  constructor(error: ServiceError) {
    super(error.message);
    this.ended = endedOf(error);
    this.metadata = error.metadata;
  }
}

/** The error that `promise` is rejected with. */
export async function refusalOf(promise: Promise<unknown>): Promise<Refused> {
  const answer = await promise.catch((thrown: unknown) => thrown);
  if (answer instanceof Refused) return answer;
  throw new Error(`not refused: ${JSON.stringify(answer)}`);
}

interface Encodable {
  serializeBinary(): Uint8Array;
}

const serialize = (message: Encodable) => Buffer.from(message.serializeBinary());

function call<Response>(
  t: T,
  address: string,
  method: string,
  request: Encodable,
  deserialize: (bytes: Buffer) => Response,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const path = `/reprise.v1.Broker/${method}`;
    clientOf(t, address).makeUnaryRequest(path, serialize, deserialize, request, (error, response) => {
      if (error !== null) reject(new Refused(error));
      else resolve(response!);
    });
  });
}

export interface PublishOptions {
  key?: Buffer;
  name?: string;
}

export function publishRequest(
  channel: string,
  texts: readonly string[],
  { key, name }: PublishOptions = {},
): InstanceType<typeof pb.PublishRequest> {
  const request = new pb.PublishRequest()
    .setChannel(channel)
    .setMessagesList(encodeTexts(texts).map((bytes) => pb.Message.deserializeBinary(bytes)));
  if (key !== undefined) request.setIdempotencyKey(key);
  if (name !== undefined) request.setName(name);
  return request;
}

export const sendPublish = (t: T, address: string, request: InstanceType<typeof pb.PublishRequest>) =>
  call(t, address, "Publish", request, (bytes) => pb.PublishResponse.deserializeBinary(bytes).toObject());

export const callPublish = (
  t: T,
  address: string,
  channel: string,
  texts: readonly string[],
  options?: PublishOptions,
) => sendPublish(t, address, publishRequest(channel, texts, options));

export interface Import {
  readonly call: ClientWritableStream<InstanceType<typeof pb.PublishRequest>>;
  send(channel: string, texts: readonly string[], options?: PublishOptions): void;
  /** Half-closes, and waits for the summary. */
  finish(): Promise<ReturnType<InstanceType<typeof pb.PublishSummary>["toObject"]>>;
  /** The summary, once it has come. Rejects as the call fails. */
  readonly summary: Promise<ReturnType<InstanceType<typeof pb.PublishSummary>["toObject"]>>;
}

export function openImport(t: T, address: string): Import {
  let settle: { resolve(summary: Awaited<Import["summary"]>): void; reject(error: Error): void };
  const summary = new Promise<Awaited<Import["summary"]>>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Whoever waits for it hears of it.
  summary.catch(() => undefined);
  const stream = clientOf(t, address).makeClientStreamRequest(
    "/reprise.v1.Broker/PublishStream",
    (request: InstanceType<typeof pb.PublishRequest>) => serialize(request),
    (bytes) => pb.PublishSummary.deserializeBinary(bytes).toObject(),
    (error, response) => {
      if (error !== null) settle.reject(new Refused(error));
      else settle.resolve(response!);
    },
  );
  t.after(() => stream.cancel());
  return {
    call: stream,
    summary,
    send: (channel, texts, options) => void stream.write(publishRequest(channel, texts, options)),
    finish: () => {
      stream.end();
      return summary;
    },
  };
}

export interface Page {
  texts: string[];
  offsets: number[];
  gaps: { reason: string; from: number; to: number }[];
  position: { epoch: number; offset: number };
  end: boolean;
  bytes: number;
}

export async function callHistory(t: T, address: string, channel: string, start: Start, limit = 0): Promise<Page> {
  const request = new pb.HistoryRequest().setChannel(channel).setStart(writeStart(start)).setLimit(limit);
  const bytes = await call(t, address, "History", request, (bytes) => bytes);
  const response = pb.HistoryResponse.deserializeBinary(bytes);
  // Items have the same field number in a page and in a frame.
  const items = [
    ...readServerFrame(Buffer.from(new pb.ServerFrame().setItemsList(response.getItemsList()).serializeBinary())),
  ];
  const messages = items.flatMap((item) => (item.kind === "batch" ? [...messagesOf(channel, item.batch)] : []));
  return {
    texts: messages.map((message) => message.text),
    offsets: messages.map((message) => message.offset),
    gaps: items.flatMap((item) => (item.kind === "gap" ? [item.gap] : [])),
    position: response.getPosition()!.toObject(),
    end: response.getEnd(),
    bytes: bytes.length,
  };
}
