import { Appender } from "../../src/broker/appender.js";
import { Broker } from "../../src/broker/broker.js";
import { ChannelLog } from "../../src/broker/channel-log.js";
import { Cursor } from "../../src/broker/cursor.js";
import { frameOnce } from "../../src/broker/framing.js";
import { SharedMemory } from "../../src/broker/memory.js";
import { Rate } from "../../src/broker/rate.js";
import { Session, type Sink } from "../../src/broker/session.js";
import { Tally } from "../../src/broker/tally.js";
import type { ReplayBuffer, StoredBatch, Watcher } from "../../src/buffer/buffer.js";
import { defaultRetention } from "../../src/buffer/retention.js";
import { noLog } from "../../src/log/log.js";
import { defaultLimits, KiB, MiB } from "../../src/wire/limits.js";
import type { Micro, Prepared } from "./micro.js";
import { channel, epoch, many, messages, storedOf } from "./samples.js";

const single = storedOf(messages.slice(0, 1));
const sessions = 1_000;
const frameRoom = 64 * KiB;

/** A buffer that keeps nothing and answers at once; `next` is passed on to whoever watches. */
function nowhere(): ReplayBuffer & { tell(count: number, stored: Buffer): void } {
  let watcher: Watcher | undefined;
  let next = 1;
  const state = async () => ({ epochs: [{ epoch, first: 1 }], first: 1, next, bytes: 0 });
  return {
    description: "nowhere",
    ackLevel: "stored",
    available: true,
    onAvailable: () => () => {},
    echo: undefined,
    probe: async () => {},
    retention: () => defaultRetention,
    append: async (_, runs) =>
      runs.map(() => ({ kind: "stored", duplicates: 0, duplicateEpoch: 0, duplicateOffset: 0, epoch, offset: 1 })),
    read: async () => ({ stretches: [], end: true }),
    state,
    async watch(_, given) {
      watcher = given;
      return { state: await state(), close: () => {} };
    },
    trim: state,
    delete: async () => false,
    rules: { list: async () => [], set: async () => {} },
    channels: async () => ({ channels: [], token: undefined }),
    close: async () => {},
    tell(count, stored) {
      const batch: StoredBatch = { epoch, first: next, count, storedAt: epoch, messages: stored };
      next += count;
      watcher?.stretch(batch);
    },
  };
}

/** A tail of single messages, which a cursor reads from its beginning: 64 KiB of them in one step. */
async function tail(places: number): Promise<Prepared> {
  const buffer = nowhere();
  const memory = () => new SharedMemory(MiB);
  const [all, behind, deflated] = [memory(), memory(), memory()];
  const log = new ChannelLog(channel, {
    buffer,
    tail: all,
    pages: behind,
    deflated,
    deflating: new Rate(Number.POSITIVE_INFINITY),
    tally: new Tally(),
    log: noLog,
  });
  await log.open();
  for (let i = 0; i < 1_000; i++) buffer.tell(1, single);
  const cursor = new Cursor(log, { epoch, offset: 0 }, () => {});
  cursor.advance(frameRoom, []);
  let turn = 0;
  return {
    run() {
      // What is joined for one place serves whoever is there; two places in turn are joined each time.
      cursor.next = 1 + (turn++ % places);
      const frames: Buffer[] = [];
      cursor.advance(frameRoom, frames);
      return frames;
    },
    end: () => log.close(),
  };
}

/** One batch for a thousand sessions, whose sinks take it at once. */
async function fanOut(count: number): Promise<Prepared> {
  const buffer = nowhere();
  const broker = new Broker({
    buffer,
    node: "bench",
    presenceGraceMs: 10_000,
    limits: defaultLimits,
    heartbeatIntervalMs: 60_000,
    log: noLog,
  });
  const stored = storedOf(messages.slice(0, count));
  let [missing, all] = [Number.POSITIVE_INFINITY, () => {}];
  const sink: Sink = {
    write(_, done) {
      done();
      if (--missing === 0) all();
    },
    end: () => {},
    setReading: () => {},
  };
  const open = async () => {
    const options = { method: "Connect", peer: "", name: "", producer: undefined };
    const session = new Session(broker.sessions.newId(), broker, sink, options);
    broker.sessions.add(session);
    await session.subscriptions.subscribe(channel, { from: "new" });
  };
  await Promise.all(Array.from({ length: sessions }, open));
  // Answers to subscribe, and that they have caught up, come before what is measured.
  buffer.tell(count, stored);
  const arrived = () =>
    [...broker.sessions].every(({ subscriptions }) => subscriptions.positions[0]!.position!.offset === count);
  while (!arrived()) await new Promise(setImmediate);
  return {
    run: () =>
      new Promise<void>((resolve) => {
        [missing, all] = [sessions, resolve];
        buffer.tell(count, stored);
      }),
    async end() {
      for (const session of [...broker.sessions]) session.close();
      await broker.close(0);
    },
  };
}

/** Publishes of a turn to one channel: the first is a batch by itself, the others make the next. */
function appending(): Prepared {
  const appender = new Appender(nowhere(), MiB);
  const run = { count: 1, messages: single };
  return { run: () => Promise.all(Array.from({ length: many }, () => appender.append(channel, run))) };
}

/** What grpc-js does with each message of a call, for the sessions that get the same one after the other. */
function framing(same: number): Prepared {
  const call = { call: { serializeMessage: (message: Buffer) => message } };
  if (!frameOnce(call)) throw new Error("framing.ts does not know this call");
  const frames = [Buffer.alloc(frameRoom), Buffer.alloc(frameRoom)];
  let turn = 0;
  return { run: () => call.call.serializeMessage(frames[Math.floor(turn++ / same) % 2]!) };
}

export const micros: readonly Micro[] = [
  { name: "cursor: advance over 64 KiB of the tail, joined already", per: 1, unit: "frame", prepare: () => tail(1) },
  { name: "cursor: advance over 64 KiB of the tail, to be joined", per: 1, unit: "frame", prepare: () => tail(2) },
  { name: "pump: 1 message to 1,000 sessions", per: sessions, unit: "delivery", prepare: () => fanOut(1) },
  { name: "pump: 100 messages to 1,000 sessions", per: sessions, unit: "frame", prepare: () => fanOut(many) },
  { name: "appender: 100 publishes of a turn", per: many, unit: "publish", prepare: appending },
  { name: "framing: 64 KiB, each for one session", per: 1, unit: "frame", prepare: () => framing(1) },
  { name: "framing: 64 KiB, each for 1,000 sessions", per: 1, unit: "frame", prepare: () => framing(sessions) },
];
