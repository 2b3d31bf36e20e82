// What peers have begun to send and not ended: messages without their last byte, which gRPC keeps for each stream, and for as
// long as it takes. No session is asked, so no window bounds them. Together they have a bound; when it is reached, the
// connection goes for which most is kept. And what comes compressed is inflated when it is its turn, one message at a time.
//
// grpc-js gives no place for this, so it is put in place of parts of its call that are not public (and the same in all of
// 1.14); where they are not there, gRPC reads as ever.
import { gunzipSync, inflateSync } from "node:zlib";
import { type ServerInterceptor, status } from "@grpc/grpc-js";
import type { Log } from "../log/log.js";
import { sparing } from "../log/sparing.js";
import { MiB } from "../wire/limits.js";
import type { Gate } from "./gate.js";
import { RequestReader } from "./request-reader.js";
import type { Turn } from "./turn.js";

/** What inflating may take of one turn of the event loop; a frame of bombs would take seconds. */
const inflateMs = 10;

/** Of all connections. As many publishers as fit may be in the middle of a message at the same time. */
const mostBytes = 256 * MiB;

/** A connection, as Node has it. */
interface Connection {
  readonly socket?: { readonly remoteAddress?: string | undefined };
  destroy(): void;
}

interface Entry {
  type: "COMPRESSED" | "HALF_CLOSE";
  compressedMessage: Buffer | null;
}

/** Of grpc-js: a call below everything else. */
interface Inner {
  stream: { session?: Connection; once(event: "close", listener: () => void): unknown };
  decoder: Pick<RequestReader, "write">;
  decompressAndMaybePush(entry: Entry): unknown;
  maybePushNextMessage(): void;
  listener: { onReceiveMessage(message: unknown): void; onReceiveHalfClose(): void } | null;
  handler: { deserialize(bytes: Buffer): unknown };
  readQueue: Entry[];
  isReadPending: boolean;
  incomingEncoding: string;
  cancelled: boolean;
  wantTrailers: boolean;
  getPeer(): string;
  sendStatus(status: { code: status; details: string }): void;
}

export interface Incoming {
  /** Bytes of messages that are not complete. */
  readonly bytes: number;
  /** For all calls; the first of the interceptors. */
  readonly intercept: ServerInterceptor;
}

export interface IncomingOptions {
  /** Of one message, also when it is inflated. */
  maxMessageBytes: number;
  gate: Pick<Gate, "connection">;
  turn: Turn;
  log: Log;
  maxBytes?: number;
}

export function createIncoming({ maxMessageBytes, gate, turn, log, maxBytes = mostBytes }: IncomingOptions): Incoming {
  /** Bytes by connection. */
  const held = new Map<Connection, number>();
  /** What they had is not counted any more; their streams are yet to be closed. */
  const cut = new WeakSet<Connection>();
  const sparingly = sparing(log);
  let bytes = 0;
  /** Whose next message is compressed. */
  const inflating = new Set<Inner>();

  function inflate(): void {
    const until = performance.now() + inflateMs;
    for (const inner of inflating) {
      inflating.delete(inner);
      pushNext(inner, maxMessageBytes);
      if (performance.now() > until) break;
    }
    if (inflating.size > 0) setImmediate(inflate);
  }

  function cutHeaviest(): void {
    const [heaviest, had] = [...held].reduce((a, b) => (b[1] > a[1] ? b : a));
    held.delete(heaviest);
    bytes -= had;
    cut.add(heaviest);
    const peer = heaviest.socket?.remoteAddress;
    sparingly.warn({ peer, bytes: had }, "a connection was cut: messages on it do not end");
    heaviest.destroy();
  }

  function count(connection: Connection, more: number): void {
    if (cut.has(connection)) return;
    const has = (held.get(connection) ?? 0) + more;
    bytes += more;
    if (has > 0) held.set(connection, has);
    else held.delete(connection);
    if (bytes > maxBytes) cutHeaviest();
  }

  function take(inner: Inner): void {
    const connection = inner.stream.session;
    if (connection === undefined) return;
    const socket = gate.connection(inner.getPeer())?.socket;
    let gone = false;
    const reader = new RequestReader(maxMessageBytes, (more) => count(connection, more));
    inner.stream.once("close", () => {
      gone = true;
      reader.clear();
    });
    inner.decoder = {
      write: (chunk) => {
        if (socket !== undefined) turn.took(socket);
        return gone ? [] : reader.write(chunk);
      },
    };
    inner.decompressAndMaybePush = () => inner.maybePushNextMessage();
    inner.maybePushNextMessage = () => {
      if (!isCompressed(inner.readQueue[0])) {
        pushNext(inner, maxMessageBytes);
        return;
      }
      if (inflating.size === 0) setImmediate(inflate);
      inflating.add(inner);
    };
  }

  return {
    get bytes() {
      return bytes;
    },
    intercept(_method, call) {
      const inner = call as unknown as Inner;
      const known =
        typeof inner.maybePushNextMessage === "function" &&
        typeof inner.decompressAndMaybePush === "function" &&
        typeof inner.decoder?.write === "function";
      if (known) take(inner);
      return call as ReturnType<ServerInterceptor>;
    },
  };
}

const isCompressed = (entry: Entry | undefined): boolean => entry?.compressedMessage?.[0] === 1;

/** The next message to whoever waits for one. */
function pushNext(inner: Inner, maxMessageBytes: number): void {
  const { listener, readQueue } = inner;
  if (listener === null || !inner.isReadPending || readQueue.length === 0) return;
  // It has been answered: nobody wants the rest.
  if (inner.cancelled || inner.wantTrailers) {
    readQueue.length = 0;
    return;
  }
  inner.isReadPending = false;
  const { type, compressedMessage } = readQueue.shift()!;
  if (type === "HALF_CLOSE") {
    listener.onReceiveHalfClose();
    return;
  }
  const content = contentOf(compressedMessage!, inner.incomingEncoding, maxMessageBytes);
  if (!Buffer.isBuffer(content)) {
    inner.sendStatus(content);
    return;
  }
  let message: unknown;
  try {
    message = inner.handler.deserialize(content);
  } catch {
    inner.sendStatus({ code: status.INTERNAL, details: "Error deserializing request" });
    return;
  }
  listener.onReceiveMessage(message);
}

const decompressors = { gzip: gunzipSync, deflate: inflateSync };

/** A message without its prefix and as it was before it was compressed, or why there is none. */
function contentOf(
  framed: Buffer,
  encoding: string,
  maxOutputLength: number,
): Buffer | { code: status; details: string } {
  const content = framed.subarray(5);
  if (framed[0] !== 1 || encoding === "identity") return content;
  if (encoding !== "gzip" && encoding !== "deflate") {
    const details = `Received message compressed with unsupported encoding "${encoding}"`;
    return { code: status.UNIMPLEMENTED, details };
  }
  try {
    return decompressors[encoding](content, { maxOutputLength });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") {
      return { code: status.INTERNAL, details: "Failed to decompress message" };
    }
    const details = `Received message that decompresses to a size larger than ${maxOutputLength}`;
    return { code: status.RESOURCE_EXHAUSTED, details };
  }
}
