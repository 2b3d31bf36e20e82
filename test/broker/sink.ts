// A sink that takes a frame when the test says so, and sessions of a broker without any transport.

import { Broker } from "../../src/broker/broker.js";
import type { Quotas } from "../../src/broker/quotas.js";
import { Session, type SessionOptions, type Sink } from "../../src/broker/session.js";
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import type { MemberStore } from "../../src/presence/members.js";
import { readPublish } from "../../src/wire/batch.js";
import { encodePublish, itemsOf } from "../../src/wire/client-frame.js";
import type { RepriseError } from "../../src/wire/errors.js";
import { defaultLimits, type Limits } from "../../src/wire/limits.js";
import { messagesOf } from "../../src/wire/message.js";
import { readServerFrame, type ServerItem } from "../../src/wire/server-frame.js";
import { assert, type T, until } from "../harness.js";
import { collect } from "../log.js";
import { encodeTexts, textsOf } from "./peer.js";

export interface TestSink extends Sink {
  /** Frames are taken as they come. Otherwise each waits for `take`. */
  flowing: boolean;
  /** Frames written so far. */
  readonly frames: Buffer[];
  reading: boolean;
  /** How often reading was switched. */
  switches: number;
  /** Undefined while it is open; `[undefined]`: ended in good order. */
  ended: [RepriseError | undefined] | undefined;
  /** Called with each frame as it is written. */
  onWrite: (frame: Buffer) => void;
  /** Takes the frame that waits; false if there is none. */
  take(): boolean;
  items(): ServerItem[];
  texts(channel: string): string[];
}

export function testSink(flowing = true): TestSink {
  let waiting: (() => void) | undefined;
  const sink: TestSink = {
    flowing,
    frames: [],
    reading: true,
    switches: 0,
    ended: undefined,
    onWrite: () => undefined,
    write(frame, done) {
      assert.is(waiting, undefined, "one frame at a time");
      assert.is(sink.ended, undefined, "nothing is written to a sink that was ended");
      sink.frames.push(frame);
      sink.onWrite(frame);
      waiting = done;
      if (sink.flowing) setImmediate(() => sink.take());
    },
    take() {
      const done = waiting;
      waiting = undefined;
      done?.();
      return done !== undefined;
    },
    end(error) {
      assert.is(sink.ended, undefined, "ended once");
      sink.ended = [error];
    },
    setReading(reading) {
      assert.is.not(reading, sink.reading, "switched only when it changes");
      sink.reading = reading;
      sink.switches++;
    },
    items: () => sink.frames.flatMap((frame) => [...readServerFrame(frame)]),
    texts: (channel) =>
      sink
        .items()
        .flatMap((item) =>
          item.kind === "batch" && item.batch.channel === channel ? textsOf([...messagesOf(channel, item.batch)]) : [],
        ),
  };
  return sink;
}

export interface TestBroker {
  broker: Broker;
  lines: string[];
  open(sink: TestSink, options?: Partial<SessionOptions>): Session;
  /** Stores texts as one publish of somebody without a session. */
  store(channel: string, texts: readonly string[]): Promise<void>;
}

export interface TestBrokerOptions extends Partial<Limits> {
  members?: MemberStore;
  quotas?: Quotas;
}

export function testBroker(
  t: T,
  buffer: ReplayBuffer,
  { members, quotas, ...limits }: TestBrokerOptions = {},
): TestBroker {
  const lines: string[] = [];
  const broker = new Broker({
    buffer,
    node: "n1",
    members,
    ...(quotas && { quotas }),
    presenceGraceMs: 10_000,
    limits: { ...defaultLimits, ...limits },
    heartbeatIntervalMs: 60_000,
    log: collect(lines),
  });
  t.after(async () => {
    for (const session of broker.sessions) session.close();
    await broker.close(0);
    assert.is(broker.sessions.size, 0);
  });
  const store = testSession(broker, testSink());
  return {
    broker,
    lines,
    open: (sink, options) => testSession(broker, sink, options),
    async store(channel, texts) {
      publishTexts(store, channel, texts);
      await until(() => store.unansweredMessages === 0, "it is stored");
    },
  };
}

function testSession(broker: Broker, sink: Sink, options: Partial<SessionOptions> = {}): Session {
  const session = new Session(broker.sessions.newId(), broker, sink, {
    method: "Test",
    peer: "",
    name: "",
    producer: undefined,
    ...options,
  });
  broker.sessions.add(session);
  return session;
}

/** As if the session's peer had sent it. */
export function publishTexts(session: Session, channel: string, texts: readonly string[], sequence = 0): void {
  for (const { content } of itemsOf(encodePublish(channel, sequence, encodeTexts(texts)), 4)) {
    session.publish(readPublish(content));
  }
}
