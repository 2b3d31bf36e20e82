// The outbox against a model of the broker: whatever happens to connections, answers and the store, every message that
// was not refused is stored once, in order, and every promise settles.
import * as fc from "fast-check";
import { Outbox, type WhenFull } from "../../src/client/outbox.js";
import { readPublish } from "../../src/wire/batch.js";
import { readClientFrame } from "../../src/wire/client-frame.js";
import { RepriseError } from "../../src/wire/errors.js";
import { defaultLimits } from "../../src/wire/limits.js";
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
      limits: { ...defaultLimits, maxPublishMessages: 3, publishWindowBytes: 60 },
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
    const refusal = { channel, sequence, count, expectedSequence: 0, message: fate };
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
      const refusal = { code: "sequence_skipped", message: "", retryable: false, channel, sequence, count };
      this.#answer(() => this.outbox.refused({ ...refusal, expectedSequence: last + 1 }));
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
