// HTTP/2 as bytes, right or wrong: frames that are written by hand to a socket, for what no HTTP/2 library would send.
//
//   length, 24 bits   type, 8 bits   flags, 8 bits   stream, 31 bits   payload
import { preface } from "../scenarios/raw.js";
import { type T, until } from "../scope.js";
import { openGrpc, type Target } from "./target.js";

export const types = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const;

const flags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8 } as const;

/** @param length as it says; default: what it has */
export function frame(type: number, flag: number, stream: number, payload: Buffer, length = payload.length): Buffer {
  const bytes = Buffer.alloc(9 + payload.length);
  bytes.writeUIntBE(length, 0, 3);
  bytes[3] = type;
  bytes[4] = flag;
  bytes.writeUInt32BE(stream, 5);
  payload.copy(bytes, 9);
  return bytes;
}

export function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

const none = Buffer.alloc(0);

export const data = (stream: number, payload: Buffer, end = false): Buffer =>
  frame(types.data, end ? flags.endStream : 0, stream, payload);

export const paddedData = (stream: number, padding: number): Buffer =>
  frame(types.data, flags.padded, stream, Buffer.concat([Buffer.from([padding]), Buffer.alloc(padding)]));

export const reset = (stream: number, code = 8): Buffer => frame(types.reset, 0, stream, number32(code));

export const ping = (ack = false, payload: Buffer = Buffer.alloc(8)): Buffer =>
  frame(types.ping, ack ? flags.ack : 0, 0, payload);

export const windowUpdate = (stream: number, bytes: number): Buffer => frame(types.window, 0, stream, number32(bytes));

export const priority = (stream: number, on: number): Buffer =>
  frame(types.priority, 0, stream, Buffer.concat([number32(on), Buffer.from([7])]));

export const settings = (...values: [id: number, value: number][]): Buffer =>
  frame(
    types.settings,
    0,
    0,
    Buffer.concat(values.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), number32(value)]))),
  );

export const settingsAck = frame(types.settings, flags.ack, 0, none);

/** Ids of settings. */
export const initialWindow = 4;
export const headerTable = 1;

export const headers = (stream: number, block: Buffer, end = false, whole = true): Buffer =>
  frame(types.headers, (whole ? flags.endHeaders : 0) | (end ? flags.endStream : 0), stream, block);

export const continuation = (stream: number, block: Buffer, last = false): Buffer =>
  frame(types.continuation, last ? flags.endHeaders : 0, stream, block);

/** A length or an index of HPACK, behind so many bits of something else. */
function prefixed(bits: number, first: number, value: number): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.from([first | value]);
  const bytes = [first | most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([prefixed(7, 0, bytes.length), bytes]);
};

/** A header as it is, not compressed. @param kept put into the table of the connection */
export const header = (name: string, value: string, kept = false): Buffer =>
  Buffer.concat([Buffer.from([kept ? 0x40 : 0]), text(name), text(value)]);

/** A header from the table. */
export const indexed = (index: number): Buffer => prefixed(7, 0x80, index);

/** The headers of a call. */
export const callBlock = (path: string, more: Record<string, string> = {}): Buffer =>
  Buffer.concat(
    Object.entries({
      ":method": "POST",
      ":scheme": "http",
      ":path": path,
      ":authority": "node",
      "content-type": "application/grpc",
      te: "trailers",
      ...more,
    }).map(([name, value]) => header(name, value)),
  );

export interface RawConnection {
  /** Ended or cut by the node. */
  readonly over: boolean;
  /** It was told that it is over (GOAWAY), or is. */
  readonly refused: boolean;
  /** Bytes that the node has sent. */
  readonly received: number;
  /** Resolves when more is taken, or when it is over. */
  send(...frames: Buffer[]): Promise<void>;
  /**
   * DATA frames of so many bytes each, one by default, when the windows of stream and connection allow them.
   * @param untilMs by `performance.now`: nothing is sent if they do not allow it before
   */
  sendData(stream: number, payload: Buffer, options?: { each?: number; untilMs?: number }): Promise<void>;
  /** Reads nothing any more: not even what says that it is over. */
  deafen(): void;
  /** Resolves when it is over. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Of HTTP/2, until the node says otherwise. */
const firstWindow = 65_535;

/** How long a socket that takes nothing is waited for. */
const stuckMs = 500;

/**
 * A connection that has said its preface. It answers pings and settings, as long as it hears them: else it would be taken
 * for dead.
 * @param own settings of the peer
 */
export async function openRaw(t: T, target: Target, own: Buffer = settings()): Promise<RawConnection> {
  const { socket, closed } = await openGrpc(t, target);
  let over = false;
  let refused = false;
  let received = 0;
  let unread: Buffer = none;
  /** What the node takes of each stream, 0 being the connection, less what it was sent. */
  const windows = new Map<number, number>([[0, firstWindow]]);
  let ownWindow = firstWindow;
  void closed.then(() => {
    over = true;
  });
  socket.on("error", () => {
    over = true;
  });
  socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    let at = 0;
    for (; unread.length - at >= 9; ) {
      const end = at + 9 + unread.readUIntBE(at, 3);
      if (end > unread.length) break;
      const [type, flag] = [unread[at + 3], unread[at + 4]!];
      const payload = unread.subarray(at + 9, end);
      if (type === types.goaway) refused = true;
      if (type === types.window) {
        const stream = unread.readUInt32BE(at + 5);
        windows.set(stream, (windows.get(stream) ?? ownWindow) + payload.readUInt32BE());
      }
      if (type === types.settings) {
        for (let i = 0; i + 6 <= payload.length; i += 6) {
          if (payload.readUInt16BE(i) !== initialWindow) continue;
          const grown = payload.readUInt32BE(i + 2) - ownWindow;
          ownWindow += grown;
          for (const [stream, left] of windows) if (stream > 0) windows.set(stream, left + grown);
        }
      }
      if ((flag & flags.ack) === 0 && !socket.writableEnded) {
        if (type === types.ping) socket.write(ping(true, payload));
        if (type === types.settings) socket.write(settingsAck);
      }
      at = end;
    }
    unread = unread.subarray(at);
  });
  const send = (...frames: Buffer[]) =>
    new Promise<void>((resolve) => {
      if (over || socket.destroyed) return resolve();
      if (socket.write(Buffer.concat(frames))) return void setImmediate(resolve);
      const timer = setTimeout(() => done(), stuckMs);
      const done = () => {
        socket.off("drain", done).off("close", done);
        clearTimeout(timer);
        resolve();
      };
      socket.once("drain", done);
      socket.once("close", done);
    });
  await send(preface.subarray(0, 24), own);
  return {
    get over() {
      return over || socket.destroyed;
    },
    get refused() {
      return refused || over || socket.destroyed;
    },
    get received() {
      return received;
    },
    send,
    async sendData(stream, payload, { each = payload.length, untilMs = Number.POSITIVE_INFINITY } = {}) {
      const open = () => Math.min(windows.get(0)!, windows.get(stream) ?? ownWindow) >= payload.length;
      const isLate = () => performance.now() > untilMs;
      await until(() => open() || over || socket.destroyed || isLate(), "the window opens", 30_000);
      if (!open()) return;
      windows.set(0, windows.get(0)! - payload.length);
      windows.set(stream, (windows.get(stream) ?? ownWindow) - payload.length);
      const count = Math.ceil(payload.length / each);
      await send(...Array.from({ length: count }, (_, i) => data(stream, payload.subarray(i * each, (i + 1) * each))));
    },
    deafen: () => void socket.pause(),
    closed,
    close: () => void socket.destroy(),
  };
}
