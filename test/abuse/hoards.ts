// What makes a node keep something, as much of it as it lets itself be given: messages that do not end, streams, headers,
// answers that nobody takes.
import { gzipSync } from "node:zlib";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { encodeHello, encodeSubscribe } from "../../src/wire/client-frame.js";
import { framed } from "../scenarios/raw.js";
import { type Attack, flood, floodBy, pastChannel, repeated, streamOf } from "./attack.js";
import {
  callBlock,
  data,
  header,
  headers,
  headerTable,
  indexed,
  initialWindow,
  openRaw,
  settings,
  windowUpdate,
} from "./frames.js";

const MiB = 1024 * 1024;
const paths = ["Connect", "Publish", "PublishStream", "Subscribe", "History"].map(
  (name) => `/reprise.v1.Broker/${name}`,
);
const connectPath = paths[0]!;

/** The longest DATA frame. */
const longest = 16_384;

/** A message of 2 MiB as it says; what it has of it is sent to all streams, and its last byte to none. */
const unfinished = framed(Buffer.alloc(longest - 5), 2 * MiB);
const more = Buffer.alloc(longest);

/** Many streams, on each a message that never ends. */
export const unfinishedMessages: Attack = async (t, target, forMs) => {
  const connections = await Promise.all(Array.from({ length: 3 }, () => openRaw(t, target)));
  const endAt = performance.now() + 4 * forMs;
  await Promise.all(
    connections.map(async (connection) => {
      for (let i = 0; i < 300; i++) {
        const stream = streamOf(i);
        await connection.send(headers(stream, callBlock(paths[i % paths.length]!)));
        await connection.sendData(stream, unfinished);
        for (let sent = 2 * longest; sent < 2 * MiB && !connection.over; sent += longest) {
          if (performance.now() > endAt) return;
          await connection.sendData(stream, more);
        }
      }
    }),
  );
};

/** A message of 2 MiB, a byte a frame. */
export const dribbledMessage: Attack = async (t, target, forMs) => {
  const endAt = performance.now() + 2 * forMs;
  await Promise.all(
    Array.from({ length: 3 }, async () => {
      const connection = await openRaw(t, target);
      await connection.send(headers(1, callBlock(paths[1]!)));
      await connection.sendData(1, unfinished.subarray(0, 5));
      for (let left = 2 * MiB - longest; left > 0 && !connection.over && performance.now() < endAt; left -= longest) {
        await connection.sendData(1, more, { each: 1 });
      }
    }),
  );
};

/** Calls without end that say nothing. */
export const openStreams: Attack = (t, target, forMs) =>
  floodBy(3, t, target, forMs, (round) =>
    Array.from({ length: 200 }, (_, i) => headers(streamOf(round * 200 + i), callBlock(paths[i % paths.length]!))),
  );

/** The same with as many headers as one call may have. */
export const heavyHeaders: Attack = (t, target, forMs) => {
  const block = Buffer.concat([callBlock(connectPath), repeated(header("x-filler", "x".repeat(500)), 25)]);
  return floodBy(3, t, target, forMs, (round) =>
    Array.from({ length: 20 }, (_, i) => headers(streamOf(round * 20 + i), block)),
  );
};

/** A large header once, in the table, and thousands of references to it of a byte each. */
export const headerBomb: Attack = (t, target, forMs) => {
  const seed = Buffer.concat([callBlock(connectPath), header("x-bomb", "x".repeat(3_900), true)]);
  const bomb = Buffer.concat([callBlock(connectPath), repeated(indexed(62), 15_000)]);
  return floodBy(5, t, target, forMs, (round) => headers(streamOf(round), round === 0 ? seed : bomb));
};

/** The table that the node would have to keep for us, as large as can be said. */
export const hugeTable: Attack = (t, target, forMs) =>
  floodBy(3, t, target, forMs, (round) => headers(streamOf(round), callBlock(paths[4]!), true), {
    own: settings([headerTable, 0xffffffff]),
  });

// To nothing and back to 4,096 bytes.
const resizes = repeated(Buffer.from("203fe11f", "hex"), 3_000);
/** A table that is emptied and made anew thousands of times before each call's headers, which fill it. */
export const tableChurn: Attack = (t, target, forMs) => {
  const block = Buffer.concat([resizes, callBlock(paths[4]!), header("x-filler", "x".repeat(2_000), true)]);
  return floodBy(3, t, target, forMs, (round) => headers(streamOf(round), block, true));
};

const tiny = repeated(framed(Buffer.alloc(0)), 1_000);
const greeting = framed(encodeHello("", Buffer.alloc(0)));

/** Messages of nothing without end, to whatever takes a stream. */
export const tinyMessages: Attack = async (t, target, forMs) => {
  const streaming = [
    connectPath,
    paths[2]!,
    "/stream.StreamService/BiStream",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
  ];
  const endAt = performance.now() + forMs;
  await Promise.all(
    streaming.map(async (path) => {
      const connection = await openRaw(t, target);
      await connection.send(headers(1, callBlock(path)));
      if (path === connectPath) await connection.sendData(1, greeting);
      // Who does not make room for the answers is not read for ever.
      while (performance.now() < endAt && !connection.over) await connection.sendData(1, tiny, { untilMs: endAt });
    }),
  );
};

const gzip = { "grpc-encoding": "gzip" };

/** A compressed message as it is on a stream. */
const compressed = (bytes: Buffer, length = bytes.length): Buffer => {
  const message = framed(bytes, length);
  message[0] = 1;
  return message;
};

const compressedNothing = repeated(compressed(Buffer.alloc(0)), Math.floor(longest / 5));
/** Said to be compressed, and empty: each takes a decompressor. */
export const compressedNothings: Attack = (t, target, forMs) =>
  floodBy(3, t, target, forMs, (round) => {
    const stream = streamOf(round);
    return [headers(stream, callBlock(connectPath, gzip)), data(stream, compressedNothing)];
  });

/** As many bombs in each frame as it has room for, each within what one message may be. */
export const manyBombs: Attack = (t, target, forMs) => {
  const bomb = compressed(gzipSync(Buffer.alloc(2 * MiB)));
  const bombs = repeated(bomb, Math.floor(longest / bomb.length));
  return floodBy(3, t, target, forMs, (round) => {
    const stream = streamOf(round);
    return [headers(stream, callBlock(paths[round % 3]!, gzip)), data(stream, bombs)];
  });
};

/** Pages of the past, asked for on many streams whose window is nothing and stays so. */
export const unreadPages: Attack = async (t, target, forMs) => {
  const request = Buffer.from(
    new pb.HistoryRequest()
      .setChannel(pastChannel)
      .setStart(new pb.Start().setEarliest(true))
      .setLimit(10_000)
      .serializeBinary(),
  );
  await floodBy(
    3,
    t,
    target,
    forMs,
    (round) =>
      Array.from({ length: 5 }, (_, i) => {
        const stream = streamOf(round * 5 + i);
        return Buffer.concat([headers(stream, callBlock(paths[4]!)), data(stream, framed(request), true)]);
      }),
    { own: settings([initialWindow, 0]) },
  );
};

/** Sessions, many on one connection, that subscribe to the past and whose window is nothing. */
export const unreadSessions: Attack = async (t, target, forMs) => {
  const subscribe = framed(encodeSubscribe(pastChannel, { from: "earliest" }));
  await floodBy(
    3,
    t,
    target,
    forMs,
    (round) => {
      const stream = streamOf(round);
      return [headers(stream, callBlock(connectPath)), data(stream, Buffer.concat([greeting, subscribe]))];
    },
    { own: settings([initialWindow, 0]) },
  );
};

/** Windows that overflow, of a stream and of the connection. */
export const windowOverflow: Attack = async (t, target, forMs) => {
  for (const stream of [0, 1]) {
    const connection = await openRaw(t, target);
    await connection.send(headers(1, callBlock(connectPath)));
    await flood(connection, forMs / 2, () => windowUpdate(stream, 2 ** 31 - 1));
  }
};
