// What the services share: streams as sinks, errors as statuses, bytes left as they are.
import {
  type Metadata,
  Metadata as MetadataOf,
  type ServerDuplexStream,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import { errorCodeKey, RepriseError, retryAfterKey, type toRepriseError } from "../../wire/errors.js";
import type { Access } from "../access.js";
import type { Broker } from "../broker.js";
import { frameOnce } from "../framing.js";
import type { Sink } from "../session.js";

/** Serializer and deserializer of methods whose bytes are read and written by hand. */
export const identity = (bytes: Buffer): Buffer => bytes;

/** Of a method both of whose sides are. */
export const raw = {
  requestSerialize: identity,
  requestDeserialize: identity,
  responseSerialize: identity,
  responseDeserialize: identity,
};

/** A status that carries in its metadata the error's code, and when to try again if that is known. */
export function statusOf(error: ReturnType<typeof toRepriseError>) {
  const metadata: Metadata = new MetadataOf();
  metadata.set(errorCodeKey, error.code);
  if (error.retryAfterMs !== undefined) metadata.set(retryAfterKey, String(error.retryAfterMs));
  return { code: error.status, details: error.message, metadata };
}

/** What all streams of peers have, whatever they carry. */
export interface PeerStream {
  readonly cancelled: boolean;
  readonly destroyed: boolean;
  end(): unknown;
  emit(event: "error", status: ReturnType<typeof statusOf>): unknown;
  on(event: "cancelled" | "close" | "error", listener: () => void): unknown;
  /** Only where the peer sends a stream too. */
  pause?(): unknown;
  resume?(): unknown;
}

/** Ends a stream for good: with a status, or in good order. */
export function endStream(call: PeerStream, error: RepriseError | undefined): void {
  if (call.cancelled || call.destroyed) return;
  if (error === undefined) call.end();
  else call.emit("error", statusOf(error));
}

/** Ends a stream that has not become a session. */
export function turnAway(broker: Broker, call: PeerStream & { getPeer(): string }, error: RepriseError): void {
  // What was refused for a limit is logged already, and who is sent elsewhere is no news.
  if (error.code !== "limit_reached" && error.code !== "draining") {
    broker.sparingLog.info({ peer: call.getPeer(), why: error.message }, `a stream was turned away: ${error.code}`);
  }
  endStream(call, error);
}

/**
 * Of a stream that is not read, keeps one frame instead of 16, which is Node's default for streams of objects: frames
 * may be large, and streams many. gRPC offers no option; a stream whose mark cannot be set works all the same.
 */
export function boundReadAhead(call: object): void {
  const { _readableState: state } = call as { _readableState?: { highWaterMark: number } };
  if (state !== undefined) state.highWaterMark = 1;
}

/** Calls `gone` once when the transport has gone, however it went. A write callback may then never be called. */
export function whenGone(call: Pick<PeerStream, "on">, gone: () => void): void {
  call.on("cancelled", gone);
  call.on("close", gone);
  // Writing to a stream that has just gone is an error event too, and not news.
  call.on("error", gone);
}

/** Frames as they are, one gRPC message each. The write callback fires when the bytes went to the socket. */
export function frameSink(call: ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>): Sink {
  frameOnce(call);
  return {
    write: (frame, done) => void call.write(frame, done),
    end: (error) => endStream(call, error),
    setReading: (reading) => setReading(call, reading),
  };
}

export function setReading(call: PeerStream, reading: boolean): void {
  if (reading) call.resume?.();
  else call.pause?.();
}

const maxNameBytes = 64;

/** @throws RepriseError `invalid_argument` */
export function checkName(name: string): string {
  if (Buffer.byteLength(name) <= maxNameBytes && !/\p{Cc}/u.test(name) && !name.includes("\ufffd")) return name;
  throw new RepriseError(
    "invalid_argument",
    `a publisher's name has at most ${maxNameBytes} bytes of UTF-8 and no control characters`,
  );
}

/**
 * A producer id as the buffer keeps it. The first letter keeps apart what peers, keys and nodes choose; one identity's
 * are apart from another's, which could otherwise pass its messages off as sent again.
 * @throws RepriseError `invalid_argument`
 */
export function producerId(kind: "p" | "k", bytes: Buffer, access: Access, what: string): string {
  if (bytes.length >= 8 && bytes.length <= 64) return kind + access.own(bytes.toString("base64url"));
  throw new RepriseError("invalid_argument", `${what} has 8 to 64 bytes, not ${bytes.length}`);
}
