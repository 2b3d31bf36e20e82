// The outbox against a model of the broker: whatever happens to connections, answers and the store, every message that
// was not refused is stored once, in order, and every promise settles.
import * as fc from "fast-check";
import { Outbox, type WhenFull } from "../../src/client/outbox.js";
import { readPublish } from "../../src/wire/batch.js";
import { readClientFrame } from "../../src/wire/client-frame.js";
import { RepriseError } from "../../src/wire/errors.js";
import { defaultLimits, type Limits, maxFrameItems } from "../../src/wire/limits.js";
import { encodeMessage, messagesOf } from "../../src/wire/message.js";
import { assert, suite, until } from "../harness.js";

const test = suite("client outbox");

/** What becomes of a publish that reaches the model. */
type Fate = "stored" | "stored, answer lost" | "busy" | "refused" | "lost before" | "connection lost";

interface Stored {
  text: string;
  producer: string;
}

/** A broker with one rule: for each producer and channel the numbers are dense. */
class Model {
  readonly logs = new Map<string, Stored[]>();
  readonly last = new Map<string, number>();
  readonly outbox: Outbox;
  epoch = 1;
  checks: string[] = [];
  readonly #fates: Iterator<Fate>;
  limits: Partial<Limits> = {};
  /** Stores, but answers nothing. */
  silent = false;
  #connected = false;

  constructor(fates: Iterator<Fate>, maxBytes = 1_000_000, whenFull: WhenFull = "wait") {
    this.#fates = fates;
    this.outbox = new Outbox({
      maxBytes,
      whenFull,
      backoff: { baseMs: 1, capMs: 1 },
      leave: () => this.reconnect(),
      epochChanged: (channel) => this.checks.push(channel),
    });
  }

  connect(): void {
    this.#connected = true;
    this.silent = false;
    const producer = this.outbox.producer.toString("hex");
    let open = true;
    this.#close = () => {
      open = false;
    };
    this.outbox.connected({
      limits: { ...defaultLimits, maxPublishMessages: 3, publishWindowBytes: 60, ...this.limits },
      send: (frame) => {
        for (const item of readClientFrame(frame)) {
          if (item.kind !== "publish") throw new Error("only publishes here");
          const { request } = item;
          setImmediate(() => open && this.#take(producer, request));
        }
      },
    });
  }

  #close = () => {};

  reconnect(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#close();
    this.outbox.lost();
    setImmediate(() => this.connect());
  }

  #take(producer: string, request: Buffer): void {
    const { channel, sequence, count } = readPublish(request);
    const texts = [
      ...messagesOf(channel, { epoch: 1, first: 1, count, storedAt: 0, messages: messagesIn(request) }),
    ].map((message) => message.text);
    const fate = this.#fates.next().value ?? "stored";
    if (fate === "connection lost") {
      this.reconnect();
      return;
    }
    const refusal = { channel, sequence, count, expectedSequence: 0, message: fate, request: 2, retryAfterMs: 0 };
    if (fate === "busy")
      this.#answer(() => this.outbox.refused({ ...refusal, code: "buffer_unavailable", retryable: true }));
    else if (fate === "refused") {
      this.#answer(() => this.outbox.refused({ ...refusal, code: "message_too_large", retryable: false }));
    } else this.#store(producer, channel, sequence, texts, fate);
  }

  #store(producer: string, channel: string, sequence: number, texts: string[], fate: Fate): void {
    const key = `${producer} ${channel}`;
    if (fate === "lost before") this.#forget(key, channel, producer);
    const last = this.last.get(key) ?? 0;
    const log = this.logs.get(channel) ?? [];
    this.logs.set(channel, log);
    const count = texts.length;
    if (sequence > last + 1) {
      const refusal = { code: "sequence_skipped", message: "", retryable: false, channel, sequence, count, request: 2 };
      this.#answer(() => this.outbox.refused({ ...refusal, expectedSequence: last + 1, retryAfterMs: 0 }));
      return;
    }
    const duplicates = Math.min(count, last + 1 - sequence);
    const fresh = texts.slice(duplicates);
    const first = log.length + 1;
    for (const text of fresh) log.push({ text, producer });
    this.last.set(key, Math.max(last, sequence + count - 1));
    if (fate === "stored, answer lost") {
      this.silent = true;
      // A connection that answers nothing any more is found dead.
      setImmediate(() => this.reconnect());
    }
    const { epoch } = this;
    if (duplicates > 0) {
      this.#answer(() =>
        this.outbox.published({ channel, sequence, count: duplicates, epoch, first: 0, duplicate: true }),
      );
    }
    if (fresh.length > 0) {
      const rest = { channel, sequence: sequence + duplicates, count: fresh.length, epoch, first, duplicate: false };
      this.#answer(() => this.outbox.published(rest));
    }
  }

  /** The store comes back without the last message it acknowledged to this producer. */
  #forget(key: string, channel: string, producer: string): void {
    const last = this.last.get(key) ?? 0;
    const log = this.logs.get(channel) ?? [];
    if (last === 0 || log.at(-1)?.producer !== producer) return;
    log.pop();
    this.last.set(key, last - 1);
    this.epoch++;
  }

  #answer(answer: () => void): void {
    if (!this.silent) answer();
  }
}

function messagesIn(request: Buffer): Buffer {
  // Field 15 comes last in what the client encodes: channel, sequence, then the messages.
  const channelEnd = 2 + request[1]!;
  let at = channelEnd + 1;
  while (request[at]! >= 0x80) at++;
  return request.subarray(at + 1);
}

const publishAll = (model: Model, texts: readonly { channel: string; text: string }[]) =>
  Promise.allSettled(
    texts.map(({ channel, text }) => model.outbox.publish(channel, encodeMessage(Buffer.from(text)), {})),
  );

const numbered = (count: number, channels: number) =>
  Array.from({ length: count }, (_, i) => ({ channel: `c${i % channels}`, text: `m${i}` }));

const orderOf = (texts: readonly { text: string }[]) => texts.map(({ text }) => Number(text.slice(1)));

const isSorted = (numbers: readonly number[]) => numbers.every((number, i) => i === 0 || numbers[i - 1]! < number);

test("P-11: stores every message once and in order, whatever is lost on the way", async () => {
  const fate = fc.constantFrom<Fate>("stored", "stored, answer lost", "busy", "connection lost");
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (fates, channels) => {
      const model = new Model(fates.values());
      const messages = numbered(30, channels);
      const done = publishAll(model, messages);
      model.connect();
      const results = await done;
      assert.ok(results.every((result) => result.status === "fulfilled"));
      for (const [channel, log] of model.logs) {
        assert.equal(
          log.map(({ text }) => text),
          messages.filter((message) => message.channel === channel).map(({ text }) => text),
        );
      }
      assert.is(model.outbox.size, 0);
    }),
    { numRuns: 100 },
  );
});

test("P-12: what is refused for good is rejected, and takes nothing else with it", async () => {
  const fate = fc.constantFrom<Fate>("stored", "refused", "stored, answer lost", "busy", "connection lost");
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { maxLength: 40 }), async (fates) => {
      const model = new Model(fates.values());
      const messages = numbered(30, 2);
      const done = publishAll(model, messages);
      model.connect();
      const results = await done;
      const stored = [...model.logs.values()].flat().map(({ text }) => text);
      for (const [i, result] of results.entries()) {
        // What was refused may have been stored by an earlier try.
        if (result.status === "fulfilled") assert.ok(stored.includes(messages[i]!.text), messages[i]!.text);
      }
      const refusals = fates.filter((fate) => fate === "refused").length;
      assert.ok(results.filter((result) => result.status === "rejected").length <= 3 * refusals);
      for (const log of model.logs.values()) assert.ok(isSorted(orderOf(log)));
      assert.is(new Set(stored).size, stored.length, "nothing is stored twice");
    }),
    { numRuns: 200 },
  );
});

test("P-12: a store that loses what it acknowledged, among all the rest: still in order, nothing twice", async () => {
  const fate = fc.constantFrom<Fate>(
    "stored",
    "lost before",
    "stored, answer lost",
    "busy",
    "refused",
    "connection lost",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { maxLength: 60 }), async (fates) => {
      const model = new Model(fates.values());
      const done = publishAll(model, numbered(40, 2));
      model.connect();
      await done;
      for (const log of model.logs.values()) assert.ok(isSorted(orderOf(log)), JSON.stringify(orderOf(log)));
      assert.is(model.outbox.size, 0);
    }),
    { numRuns: 200 },
  );
});

test("after a loss the numbers begin again under the new id", async () => {
  const model = new Model((["stored", "lost before"] as Fate[]).values());
  model.connect();
  const before = model.outbox.producer;
  await publishAll(model, [{ channel: "c", text: "m1" }]);
  await publishAll(model, [{ channel: "c", text: "m2" }]);
  assert.is.not(model.outbox.producer, before);
  assert.equal(
    model.logs.get("c")!.map(({ text }) => text),
    ["m2"],
  );
  assert.equal(model.checks, ["c"]);
});

test("what is published in one turn leaves in one frame, a Publish for each channel", async () => {
  const frames: Buffer[] = [];
  const outbox = new Outbox({ maxBytes: 1_000_000, whenFull: "wait", leave: () => {}, epochChanged: () => {} });
  outbox.connected({ limits: defaultLimits, send: (frame) => frames.push(frame) });
  const done = numbered(100, 2).map(({ channel, text }) =>
    outbox.publish(channel, encodeMessage(Buffer.from(text)), {}),
  );
  await until(() => frames.length > 0, "they leave");
  outbox.close(new RepriseError("closed", "seen enough"));
  await Promise.allSettled(done);
  assert.is(frames.length, 1);
  const counts = [...readClientFrame(frames[0]!)].map(
    (item) => item.kind === "publish" && readPublish(item.request).count,
  );
  assert.equal(counts, [50, 50]);
});

test("waits for room, in order, and lets one message in however large it is", async () => {
  const model = new Model(([] as Fate[]).values(), 20);
  const large = model.outbox.publish("c", encodeMessage(Buffer.alloc(100, "x")), {});
  const small = publishAll(model, numbered(10, 1));
  model.connect();
  await large;
  await small;
  assert.equal(orderOf(model.logs.get("c0")!), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("an aborted publish is taken back before it is sent, and only abandoned after", async () => {
  const model = new Model(([] as Fate[]).values());
  const early = new AbortController();
  const late = new AbortController();
  const encoded = (text: string) => encodeMessage(Buffer.from(text));
  const first = model.outbox.publish("c", encoded("m1"), { signal: early.signal });
  const second = model.outbox.publish("c", encoded("m2"), { signal: late.signal });
  early.abort();
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => "stored",
      (error: RepriseError) => error.code,
    );
  assert.is(await codeOf(first), "cancelled");
  model.connect();
  model.silent = true;
  await until(() => (model.logs.get("c")?.length ?? 0) > 0, "m2 is stored");
  late.abort();
  assert.is(await codeOf(second), "cancelled");
  model.reconnect();
  assert.is(await codeOf(model.outbox.publish("c", encoded("m3"), {})), "stored");
  assert.is(await codeOf(model.outbox.publish("c", encoded("m4"), { signal: AbortSignal.abort() })), "cancelled");
  assert.equal(
    model.logs.get("c")!.map(({ text }) => text),
    ["m2", "m3"],
  );
  assert.is(model.outbox.size, 0);
});

/** What became of a publish, in a word or two. */
const fateOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "stored",
    (error: RepriseError) => `${error.code}${/may be stored/.test(error.message) ? ", may be stored" : ""}`,
  );

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};

/** For 30 messages: after how many turns the callers of some give up. */
const patienceOf = (turns: Record<number, number>) => Array.from({ length: 30 }, (_, i) => turns[i]);

test("whoever stops waiting, at whatever moment: what was taken back is not stored, nothing else suffers", async () => {
  const fate = fc.constantFrom<Fate>(
    "stored",
    "lost before",
    "stored, answer lost",
    "busy",
    "refused",
    "connection lost",
  );
  // After so many turns of the event loop its caller gives up.
  const patience = fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fate, { maxLength: 40 }),
      fc.array(patience, { minLength: 30, maxLength: 30 }),
      fc.boolean(),
      async (fates, patiences, early) => {
        const model = new Model(fates.values(), 90);
        const aborts = patiences.map(() => new AbortController());
        if (early) model.connect();
        const done = numbered(30, 2).map(({ channel, text }, i) =>
          fateOf(model.outbox.publish(channel, encodeMessage(Buffer.from(text)), { signal: aborts[i]!.signal })),
        );
        if (!early) model.connect();
        for (let turn = 0; turn <= 12; turn++) {
          for (const [i, after] of patiences.entries()) if (after === turn) aborts[i]!.abort();
          await turns(1);
        }
        const outcomes = await Promise.all(done);
        await model.outbox.empty();
        const stored = [...model.logs.values()].flat().map(({ text }) => text);
        for (const [i, outcome] of outcomes.entries()) {
          if (outcome === "cancelled") assert.not(stored.includes(`m${i}`), `m${i} was taken back`);
          const lost = fates.includes("lost before");
          if (outcome === "stored" && !lost) assert.ok(stored.includes(`m${i}`), `m${i}`);
        }
        for (const log of model.logs.values()) assert.ok(isSorted(orderOf(log)), JSON.stringify(orderOf(log)));
        assert.is(model.outbox.size, 0);
        // And the numbers go on without a hole.
        const last = await fateOf(model.outbox.publish("c0", encodeMessage(Buffer.from("m99")), {}));
        assert.ok(last === "stored" || fates.includes("refused"), last);
      },
    ),
    {
      numRuns: 300,
      examples: [
        // What had been sent on the first connection stayed behind what was known not to be stored.
        [
          ["connection lost", "stored", "stored", "busy", "lost before", "refused"],
          patienceOf({ 4: 1, 5: 1, 6: 5, 7: 1, 8: 4, 10: 4, 26: 0 }),
          false,
        ],
      ],
    },
  );
});

test("a deadline: taken back if it was not sent; if it was, it may be stored, and its number is not left as a hole", async () => {
  const model = new Model(([] as Fate[]).values());
  const publish = (text: string, timeoutMs?: number) =>
    fateOf(model.outbox.publish("c", encodeMessage(Buffer.from(text)), { timeoutMs }));
  assert.is(await publish("m1", 20), "deadline_exceeded");
  assert.is(model.outbox.size, 0);
  model.connect();
  model.silent = true;
  assert.is(await publish("m2", 20), "deadline_exceeded, may be stored");
  assert.is(model.outbox.size, 1, "its number is not settled");
  model.reconnect();
  assert.is(await publish("m3", 10_000), "stored");
  assert.equal(
    model.logs.get("c")!.map(({ text }) => text),
    ["m2", "m3"],
  );
  assert.is(model.outbox.size, 0);
  assert.is(await publish("m4", -1), "invalid_argument");
  assert.is(await publish("m5", Number.POSITIVE_INFINITY), "stored");
});

test("a full outbox rejects at once if it is told to, and takes more as soon as there is room", async () => {
  const model = new Model(([] as Fate[]).values(), 20, "reject");
  const publish = (text: string) => fateOf(model.outbox.publish("c", encodeMessage(Buffer.from(text)), {}));
  const first = publish("a message of more than 20 bytes");
  assert.is(await publish("m1"), "outbox_full");
  model.connect();
  assert.is(await first, "stored");
  const burst = await Promise.all(Array.from({ length: 10 }, (_, i) => publish(`m${i}`)));
  assert.equal(burst, [...Array(5).fill("stored"), ...Array(5).fill("outbox_full")], "4 bytes each");
  assert.is(await publish("m10"), "stored");
  const error = new RepriseError("outbox_full", "");
  assert.ok(error.retryable);
});

test("published before anybody knew the limit: what is too large is rejected when it is known, the rest is stored", async () => {
  const model = new Model(([] as Fate[]).values(), 150);
  model.limits = { maxMessageBytes: 100 };
  const texts = ["m1", "x".repeat(101), "m2", "y".repeat(120), "m3"];
  const done = texts.map((text) => fateOf(model.outbox.publish("c", encodeMessage(Buffer.from(text)), {})));
  model.connect();
  assert.equal(await Promise.all(done), ["stored", "message_too_large", "stored", "message_too_large", "stored"]);
  assert.is(await fateOf(model.outbox.publish("c", encodeMessage(Buffer.alloc(101)), {})), "message_too_large");
  assert.equal(orderOf(model.logs.get("c")!), [1, 2, 3]);
});

test("what is too large for its channel, and was the last of those it was published with: the numbers go on", async () => {
  const model = new Model((["refused", "stored", "refused"] as Fate[]).values());
  model.connect();
  const before = model.outbox.producer;
  const publish = (text: string) => fateOf(model.outbox.publish("c", encodeMessage(Buffer.from(text)), {}));
  assert.equal(await Promise.all([publish("m1"), publish("m2")]), ["stored", "message_too_large"]);
  assert.is(await publish("m3"), "stored");
  assert.is(model.outbox.producer, before);
  assert.equal(orderOf(model.logs.get("c")!), [1, 3]);
});

test("pipelined within a window, and what waits for it travels in larger batches", async () => {
  const sent: { count: number; bytes: number; sequence: number }[] = [];
  const outbox = new Outbox({ maxBytes: 1_000_000, whenFull: "wait", leave: () => {}, epochChanged: () => {} });
  const limits = { ...defaultLimits, publishWindowBytes: 1_000 };
  const send = (frame: Buffer) => {
    for (const item of readClientFrame(frame)) {
      if (item.kind !== "publish") continue;
      const { count, sequence } = readPublish(item.request);
      sent.push({ count, sequence, bytes: messagesIn(item.request).length });
    }
  };
  outbox.connected({ limits, send });
  const encoded = encodeMessage(Buffer.alloc(100));
  const publish = () => outbox.publish("c", encoded, {}).catch(() => {});
  const done: Promise<unknown>[] = [];
  // One a turn, and no answer: each leaves at once until the window is full, then they wait.
  for (let i = 0; i < 100; i++) {
    done.push(publish());
    await turns(2);
  }
  assert.ok(sent.length >= 9, `${sent.length} are in flight, and none is answered`);
  assert.ok(sent.length <= 10 && sent.every(({ count }) => count === 1));
  let answered = 0;
  for (let i = 0; answered < 100; i++) {
    const { sequence, count } = sent[i]!;
    answered += count;
    outbox.published({ channel: "c", sequence, count, epoch: 1, first: sequence, duplicate: false });
    // The answers of one frame are read in one turn.
    if (i % 9 === 8 || i === sent.length - 1) await turns(2);
    const inFlight = sent.reduce((sum, { count }) => sum + count, 0) - answered;
    assert.ok(inFlight * encoded.length <= 1_000 + encoded.length, `${inFlight} in flight`);
  }
  await Promise.all(done);
  assert.ok(sent.length < 10 + 90 / 3, `${sent.length} publishes for 100 messages`);
});

test("more channels than a frame may have items take more frames", async () => {
  const frames: number[] = [];
  const outbox = new Outbox({ maxBytes: 1_000_000, whenFull: "wait", leave: () => {}, epochChanged: () => {} });
  outbox.connected({ limits: defaultLimits, send: (frame) => frames.push([...readClientFrame(frame)].length) });
  const encoded = encodeMessage(Buffer.from("m"));
  const done = Array.from({ length: maxFrameItems + 1 }, (_, i) => fateOf(outbox.publish(`c${i}`, encoded, {})));
  await until(() => frames.length === 2, "they leave");
  outbox.close(new RepriseError("closed", "seen enough"));
  await Promise.all(done);
  assert.equal(frames, [maxFrameItems, 1]);
});

test("closing rejects what is waiting, in flight and to come", async () => {
  const model = new Model(([] as Fate[]).values(), 20);
  const waiting = publishAll(model, numbered(10, 2));
  model.outbox.close(new RepriseError("closed", "bye"));
  assert.ok((await waiting).every((result) => result.status === "rejected" && result.reason.code === "closed"));
  const [late] = await publishAll(model, numbered(1, 1));
  assert.is(late!.status, "rejected");
  await model.outbox.empty();
});

test.run();
