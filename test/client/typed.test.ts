// Typed channels: types at both ends, checked by the compiler (see the lines that expect an error), and what happens
// to messages that are not what they should be.
import {
  type Bus,
  bytes,
  type Codec,
  connect,
  json,
  type Message,
  RepriseError,
  type SubscriptionEvent,
  text,
} from "../../src/client/index.js";
import { assert, suite, type T, until } from "../harness.js";
import { startNode } from "./node.js";

const test = suite("client typed channels");

interface Price {
  symbol: string;
  cents: number;
}

/** As the schema libraries have it. */
const priceSchema = {
  parse(value: unknown): Price {
    const { symbol, cents } = value as Partial<Price>;
    if (typeof symbol !== "string" || typeof cents !== "number") throw new TypeError("not a price");
    return { symbol, cents };
  },
};

/** True if the types are the same, in both directions. */
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

async function open(t: T): Promise<Bus> {
  const node = await startNode(t);
  const bus = await connect(node.address);
  t.after(() => bus.close({ timeoutMs: 0 }));
  return bus;
}

async function take<M>(messages: AsyncIterable<M>, count: number): Promise<M[]> {
  const taken: M[] = [];
  for await (const message of messages) if (taken.push(message) === count) break;
  return taken;
}

const errorOf = (promise: Promise<unknown>): Promise<RepriseError> =>
  promise.then(
    () => assert.unreachable("no error"),
    (error) => error,
  ) as Promise<RepriseError>;

test("values go in and come out, with their types", async (t) => {
  const bus = await open(t);
  const prices = bus.typed("prices", json(priceSchema));
  const subscription = prices.subscribe({ from: "earliest" });
  await prices.publish({ symbol: "ACME", cents: 4711 }, { headers: { source: "test" } });
  await prices.publish({ symbol: "ACME", cents: 4712 });
  for await (const message of subscription) {
    same<typeof message.value, Price>(true);
    const plain: Message = message;
    assert.equal(message.value, { symbol: "ACME", cents: 4711 });
    assert.equal([plain.offset, plain.headers.source, plain.text], [1, "test", JSON.stringify(message.value)]);
    break;
  }
  for await (const batch of prices.subscribe({ from: "earliest" }).batches()) {
    same<(typeof batch)[number]["value"], Price>(true);
    assert.is(batch[0]!.value.cents, 4711);
    break;
  }
  const past = await take(prices.history(), 9);
  same<(typeof past)[number]["value"], Price>(true);
  assert.equal(
    past.map(({ value }) => value.cents),
    [4711, 4712],
  );

  // @ts-expect-error: not a Price
  const publishWrong = () => prices.publish({ symbol: "ACME" });
  // @ts-expect-error: the value is a Price
  const readWrong = (message: (typeof past)[number]): string => message.value;
  // @ts-expect-error: a codec of strings is none of numbers
  const codecWrong: Codec<number> = text;
  assert.ok([publishWrong, readWrong, codecWrong].length > 0);
});

test("every codec brings back what it was given", async (t) => {
  const bus = await open(t);
  const roundTrip = async <V>(channel: string, codec: Codec<V>, value: V): Promise<V> => {
    const typed = bus.typed(channel, codec);
    await typed.publish(value);
    return (await take(typed.subscribe({ from: "earliest" }), 1))[0]!.value;
  };
  assert.is(await roundTrip("text", text, "\u{feff}grüße"), "\u{feff}grüße");
  assert.equal([...(await roundTrip("bytes", bytes, new Uint8Array([0, 255])))], [0, 255]);
  assert.equal(await roundTrip("json", json<Price[]>(), [{ symbol: "Ä", cents: 1 }]), [{ symbol: "Ä", cents: 1 }]);
  const date: Codec<Date> = {
    encode: (value) => value.toISOString(),
    decode: (data) => new Date(Buffer.from(data).toString()),
  };
  assert.equal(await roundTrip("dates", date, new Date(4711)), new Date(4711));
  const asFunction = json((value) => Number(value));
  assert.is(await roundTrip("numbers", asFunction, 7), 7);
});

test("what cannot be encoded is not published", async (t) => {
  const bus = await open(t);
  const codes = [];
  for (const value of [undefined, () => {}, 1n]) {
    const error = await errorOf(bus.typed("c", json<unknown>()).publish(value));
    codes.push(error.code);
    assert.match(error.message, "c: the value cannot be encoded");
  }
  assert.equal(codes, ["invalid_argument", "invalid_argument", "invalid_argument"]);
  assert.is((await errorOf(bus.channel("c"))).code, "channel_not_found");
  assert.throws(
    () => bus.typed("no spaces", text),
    (thrown: unknown) => thrown instanceof RepriseError && thrown.code === "invalid_channel",
  );
});

test("what cannot be decoded ends the iteration, in its place, by channel and offset", async (t) => {
  const bus = await open(t);
  const prices = bus.typed("prices", json(priceSchema));
  await prices.publish({ symbol: "A", cents: 1 });
  await bus.publish("prices", "{");
  await prices.publish({ symbol: "A", cents: 3 });
  for (const read of [
    () => take(prices.subscribe({ from: "earliest" }), 9),
    () => take(prices.history(), 9),
    () => take(prices.subscribe({ from: "earliest" }).batches(), 9),
  ]) {
    const error = await errorOf(read());
    assert.is(error.code, "undecodable");
    assert.match(error.message, "prices: message 2 cannot be decoded");
    assert.instance(error.cause, SyntaxError);
  }
  const subscription = prices.subscribe({ from: "earliest" });
  const offsets: number[] = [];
  await errorOf(
    (async () => {
      for await (const batch of subscription.batches()) for (const { offset } of batch) offsets.push(offset);
    })(),
  );
  assert.equal(offsets, [1], "what came before it in the same batch was delivered");
  assert.is(subscription.position!.offset, 1);
});

test("or it is passed over: an event, or a warning where nobody reads events", async (t) => {
  const bus = await open(t);
  const prices = bus.typed("prices", json(priceSchema));
  for (const data of ["{", '{"symbol":"A","cents":2}', "\u{0}", "{}", '{"symbol":"A","cents":5}', "no"]) {
    await bus.publish("prices", data);
  }
  const subscription = prices.subscribe({
    from: "earliest",
    onUndecodable: "event",
    onCaughtUp: () => subscription.close(),
  });
  const events = subscription.events();
  assert.equal(
    (await take(subscription, 9)).map(({ offset }) => offset),
    [2, 5],
  );
  assert.is(subscription.position!.offset, 6, "what was passed over is processed");
  const told: SubscriptionEvent[] = await take(events, 9);
  assert.equal(
    told.map((event) => (event.kind === "undecodable" ? event.position.offset : event.kind)),
    [1, 3, 4, 6, "caughtUp", "ended"],
  );
  const warnings: Error[] = [];
  const listener = (warning: Error) => warnings.push(warning);
  process.on("warning", listener);
  t.after(() => process.off("warning", listener));
  await take(prices.subscribe({ from: "earliest", onUndecodable: "event" }), 2);
  await until(() => warnings.length === 3, "the warnings");
  assert.is(warnings[0]!.name, "RepriseUndecodable");
});

test("one's own values can be left out", async (t) => {
  const bus = await open(t);
  const mine = bus.typed("c", text);
  const subscription = mine.subscribe({ echo: false });
  await subscription.ready;
  await mine.publish("mine");
  const waiting = subscription[Symbol.asyncIterator]().next();
  await until(() => subscription.position?.offset === 1, "it is passed over");
  await subscription.close();
  assert.is((await waiting).done, true);
});

test.run();
