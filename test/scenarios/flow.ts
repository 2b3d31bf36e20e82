// Publishers and subscribers of one channel that go on whatever happens below them, and what must be true of them
// afterwards: what was acknowledged is in the log where the acknowledgement said, once, in its publisher's order, and
// every subscriber was told exactly the log.
import { type Bus, connect, type Loss, type PublishResult, type State } from "../../src/client/index.js";
import { assert, type T, until } from "../harness.js";
import { Trail } from "./trail.js";

export interface FlowOptions {
  channel: string;
  publishers: number;
  subscribers: number;
  /** Unacknowledged messages of each publisher, always; without `perSecond`. */
  inFlight?: number;
  /** Messages a second of all publishers together, acknowledged or not. */
  perSecond?: number;
}

interface Publisher {
  name: string;
  bus: Bus;
  /** By number: 1, 2, 3, … at 0, 1, 2, … */
  results: PublishResult[];
  sent: number;
  losses: Loss[];
}

interface Subscriber {
  bus: Bus;
  trail: Trail;
  /** By offset: 1, 2, 3, … at 0, 1, 2, … */
  texts: string[];
}

export interface Flow {
  /** Messages acknowledged so far. */
  readonly acked: number;
  readonly buses: readonly Bus[];
  /** All clients are. */
  readonly connected: boolean;
  /** The states that the clients went through, all of them in one list. */
  readonly states: State[];
  /** Publishes no more, waits until all is acknowledged and received, and checks it all. */
  finish(): Promise<FlowFigures>;
}

export interface FlowFigures {
  messages: number;
  /** Acknowledged as stored by an earlier try. */
  duplicates: number;
  /** Acknowledged, then lost by the store, which must have been announced. */
  lost: number;
  gaps: number;
}

const finishMs = 30_000;
const tickMs = 5;

/** @param address several are separated by commas */
export async function startFlow(t: T, address: string, options: FlowOptions): Promise<Flow> {
  const { channel, inFlight = 0, perSecond } = options;
  const states: State[] = [];
  let publishing = true;
  let acked = 0;
  let fault: string | undefined;

  const open = async (name: string) => {
    // The tries must not become rare: how often a client tries is not what is tested.
    const bus = await connect(address.split(","), { name, backoff: { baseMs: 20, capMs: 200 }, timeoutMs: 20_000 });
    t.after(() => bus.close({ timeoutMs: 0 }));
    bus.onState((state) => states.push(state));
    return bus;
  };

  let begun = 0;
  /** How many it shall have published by now. */
  const allowed = ({ results }: Publisher): number =>
    perSecond === undefined
      ? results.length + inFlight
      : ((performance.now() - begun) / 1_000) * (perSecond / options.publishers);
  const fill = (publisher: Publisher) => {
    const { bus, name, results } = publisher;
    while (publishing && publisher.sent < allowed(publisher)) {
      const number = ++publisher.sent;
      bus.publish(channel, textOf(name, number)).then(
        (result) => {
          if (number !== results.length + 1) fault ??= `${name}: ${number} was acknowledged after ${results.length}`;
          results.push(result);
          acked++;
          fill(publisher);
        },
        (error) => {
          fault ??= `${name}: message ${number} was refused: ${error}`;
        },
      );
    }
  };

  const subscribers: Subscriber[] = [];
  for (let i = 1; i <= options.subscribers; i++) {
    const subscriber = { bus: await open(`subscriber${i}`), trail: new Trail(1), texts: [] };
    await follow(subscriber, channel);
    subscribers.push(subscriber);
  }
  const publishers: Publisher[] = [];
  for (let i = 1; i <= options.publishers; i++) {
    const bus = await open(`publisher${i}`);
    const publisher: Publisher = { name: `publisher${i}`, bus, results: [], sent: 0, losses: [] };
    bus.onLoss((loss) => publisher.losses.push(loss));
    publishers.push(publisher);
  }
  begun = performance.now();
  for (const publisher of publishers) fill(publisher);
  const timer = perSecond === undefined ? undefined : setInterval(() => publishers.forEach(fill), tickMs);
  t.after(() => clearInterval(timer));

  return {
    get acked() {
      return acked;
    },
    get connected() {
      return [...subscribers, ...publishers].every(({ bus }) => bus.state.kind === "connected");
    },
    buses: [...subscribers, ...publishers].map(({ bus }) => bus),
    states,
    async finish() {
      publishing = false;
      const settled = () => publishers.every(({ sent, results }) => sent === results.length);
      await until(() => fault !== undefined || settled(), "everything published is acknowledged", finishMs);
      assert.is(fault, undefined);
      const log = await readLog(publishers[0]!.bus, channel);
      const complete = () => subscribers.every(({ trail }) => trail.fault !== undefined || trail.next! > log.length);
      await until(complete, "every subscriber has received the log", finishMs);
      for (const subscriber of subscribers) checkSubscriber(subscriber, log);
      const lost = publishers.reduce((sum, publisher) => sum + checkPublisher(publisher, log), 0);
      assert.is(log.length, acked - lost, "the log holds what was acknowledged, and nothing else");
      return {
        messages: log.length,
        duplicates: publishers.flatMap(({ results }) => results.filter(({ duplicate }) => duplicate)).length,
        lost,
        gaps: subscribers.reduce((sum, { trail }) => sum + trail.gaps.length, 0),
      };
    },
  };
}

const textOf = (name: string, number: number): string => `${name} ${number}`;

async function follow({ bus, trail, texts }: Subscriber, channel: string): Promise<void> {
  const subscription = bus.subscribe(channel, {
    from: "earliest",
    onGap: (gap) => trail.gap(gap, gap.position),
  });
  await subscription.ready;
  void (async () => {
    for await (const message of subscription) {
      trail.messages(message.offset, message.offset);
      texts[message.offset - 1] = message.text;
    }
  })().catch((error) => trail.fail(String(error)));
}

interface Stored {
  epoch: number;
  text: string;
}

/** By offset: 1, 2, 3, … at 0, 1, 2, … */
async function readLog(bus: Bus, channel: string): Promise<Stored[]> {
  const log: Stored[] = [];
  for await (const { offset, epoch, text } of bus.history(channel, { from: "earliest" })) {
    assert.is(offset, log.length + 1, "offsets of the log are dense");
    log.push({ epoch, text });
  }
  return log;
}

function checkSubscriber({ trail, texts }: Subscriber, log: readonly Stored[]): void {
  assert.is(trail.fault, undefined);
  assert.is(trail.next, log.length + 1, "a subscriber has received the log, and nothing beyond it");
  const differs = log.findIndex(({ text }, index) => texts[index] !== text);
  assert.is(differs, -1, `a subscriber received ${texts[differs]} at ${differs + 1}, where ${log[differs]?.text} is`);
}

/** Returns how many acknowledged messages the store has lost, which must have been announced to the publisher. */
function checkPublisher({ name, results, losses }: Publisher, log: readonly Stored[]): number {
  let before = 0;
  const numbers = new Set<number>();
  for (const { text } of log) {
    const [publisher, number] = text.split(" ");
    if (publisher !== name) continue;
    assert.ok(Number(number) > before, `${text} is stored after ${before}`);
    before = Number(number);
    numbers.add(before);
  }
  let lost = 0;
  // A channel remembers a limited number of epochs: what is from before them counts as of the oldest.
  const oldestEpoch = log[0]?.epoch ?? 0;
  for (const [index, { position, duplicate }] of results.entries()) {
    // Stored by an earlier try, and the store no longer knows where.
    if (duplicate && position.offset === 0 && numbers.has(index + 1)) continue;
    const text = textOf(name, index + 1);
    const stored = log[position.offset - 1];
    if (stored?.text === text && stored.epoch === Math.max(position.epoch, oldestEpoch)) continue;
    const where = `${text}, acknowledged at ${position.epoch}:${position.offset}, where ${stored?.epoch}:${stored?.text} is`;
    const announced = losses.some(({ from, to }) => from <= position.offset && position.offset <= to);
    assert.ok(announced, where);
    lost++;
  }
  return lost;
}
