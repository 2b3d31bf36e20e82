// Publishers and subscribers that go on whatever happens below them, and what must be true of them afterwards: what was
// acknowledged is in the log where the acknowledgement said, once, in its publisher's order, or its loss was announced;
// and every subscriber was told exactly the log, and of what it was told besides, that it is gone.
import { type Bus, connect, type State, type TlsOptions } from "../../src/client/index.js";
import { assert, type T, until } from "../harness.js";
import { checkFollowing, type Following, follow } from "./following.js";
import { checkPublishing, type Publishing, textOf } from "./publishing.js";

export interface FlowOptions {
  /** Every publisher publishes to all, every subscriber follows all. */
  channel: string | readonly string[];
  publishers: number;
  subscribers: number;
  /** Unacknowledged messages of each publisher in each channel, always; without `perSecond`. */
  inFlight?: number;
  /** Messages a second of all publishers together, acknowledged or not. */
  perSecond?: number;
  /** Bytes by which messages are larger than what they say. */
  padding?: number;
  /** Default: in plaintext. */
  tls?: TlsOptions | undefined;
}

export interface Flow {
  /** Messages acknowledged so far. */
  readonly acked: number;
  readonly buses: readonly Bus[];
  /** Messages received so far, by the subscriber and in the channel where they are fewest. */
  readonly received: number;
  /** All clients are. */
  readonly connected: boolean;
  /** The states that the clients went through, all of them in one list. */
  readonly states: State[];
  /** What happened since this was asked last. */
  lap(): Lap;
  /** Publishes no more, waits until all is acknowledged and received, and checks it all. */
  finish(): Promise<FlowFigures>;
}

export interface Lap {
  /** Acknowledged. */
  messages: number;
  deliveries: number;
  reconnections: number;
  /** The longest time for which a subscriber heard nothing of a channel. */
  stallMs: number;
}

export interface FlowFigures {
  messages: number;
  /** Acknowledged as stored by an earlier try. */
  duplicates: number;
  /** Acknowledged, then lost by the store, which must have been announced. */
  lost: number;
  gaps: number;
  /** Gaps and losses of unknown extent. */
  resets: number;
}

export interface Stored {
  epoch: number;
  text: string;
}

/** An append is tried for 10 s, and its publisher waits before it tries again. */
const finishMs = 45_000;
const tickMs = 5;

/** @param addresses of all clients, or of each by its number: 0, 1, 2, … */
export async function startFlow(
  t: T,
  addresses: string | ((client: number) => readonly string[]),
  options: FlowOptions,
): Promise<Flow> {
  const { inFlight = 0, perSecond, padding = 0, tls } = options;
  const headers = padding > 0 ? { padding: "x".repeat(padding) } : {};
  const channels = typeof options.channel === "string" ? [options.channel] : options.channel;
  const states: State[] = [];
  const sessions = new Set<string>();
  const buses: Bus[] = [];
  const publishings: Publishing[] = [];
  const followings: Following[] = [];
  let publishing = true;
  let fault: string | undefined;

  const open = async (name: string) => {
    // The tries must not become rare: how often a client tries is not what is tested.
    const backoff = { baseMs: 20, capMs: 200 };
    const at = typeof addresses === "string" ? addresses : addresses(buses.length);
    const bus = await connect(at, { name, backoff, tls, timeoutMs: 20_000 });
    t.after(() => bus.close({ timeoutMs: 0 }));
    const note = (state: State) => {
      if (state.kind === "connected") sessions.add(state.session);
    };
    note(bus.state);
    bus.onState((state) => {
      note(state);
      states.push(state);
    });
    buses.push(bus);
    return bus;
  };

  let begun = 0;
  /** How many it shall have published by now. */
  const allowed = ({ acked }: Publishing): number =>
    perSecond === undefined
      ? acked + inFlight
      : ((performance.now() - begun) / 1_000) * (perSecond / publishings.length);
  const fill = (source: Publishing) => {
    const { bus, name, channel, results } = source;
    while (publishing && source.sent < allowed(source)) {
      const number = ++source.sent;
      bus.publish(channel, textOf(name, number), { headers }).then(
        (result) => {
          results[number - 1] = result;
          source.acked++;
          fill(source);
        },
        (error) => {
          fault ??= `${name}: message ${number} was refused: ${error}`;
        },
      );
    }
  };

  for (let i = 1; i <= options.subscribers; i++) {
    const bus = await open(`subscriber${i}`);
    for (const channel of channels) followings.push(await follow(bus, channel));
  }
  for (let i = 1; i <= options.publishers; i++) {
    const name = `publisher${i}`;
    const bus = await open(name);
    const own = channels.map(
      (channel): Publishing => ({ name, channel, bus, results: [], sent: 0, acked: 0, losses: [] }),
    );
    bus.onLoss((loss) => own.find(({ channel }) => channel === loss.channel)?.losses.push(loss));
    publishings.push(...own);
  }
  begun = performance.now();
  publishings.forEach(fill);
  const timer = perSecond === undefined ? undefined : setInterval(() => publishings.forEach(fill), tickMs);
  t.after(() => clearInterval(timer));

  const acked = () => sum(publishings, (source) => source.acked);
  const reconnections = () => sessions.size - buses.length;
  const deliveries = () => sum(followings, ({ trail }) => trail.received);
  let last = { messages: 0, deliveries: 0, reconnections: 0 };

  async function finishChannel(channel: string): Promise<FlowFigures> {
    const own = publishings.filter((source) => source.channel === channel);
    const followers = followings.filter((following) => following.channel === channel);
    const log = await readLog(buses.at(-1)!, channel);
    // It may be beyond the end, with what the store has lost, until it is told so.
    const complete = ({ trail }: Following) => trail.fault !== undefined || trail.next === log.length + 1;
    await until(() => followers.every(complete), "every subscriber has received the log", finishMs);
    for (const following of followers) checkFollowing(following, log);
    const lost = sum(own, (source) => checkPublishing(source, log));
    assert.is(
      log.length,
      sum(own, (source) => source.acked) - lost,
      "the log holds what was acknowledged, and nothing else",
    );
    return {
      messages: log.length,
      duplicates: sum(own, (source) => source.results.filter(({ duplicate }) => duplicate).length),
      lost,
      gaps: sum(followers, ({ trail }) => trail.gaps.length),
      resets:
        sum(followers, ({ trail }) => trail.gaps.filter(({ how }) => how === "reset").length) +
        sum(own, ({ losses }) => losses.filter(({ reason }) => reason === "reset").length),
    };
  }

  return {
    get acked() {
      return acked();
    },
    get received() {
      return Math.min(...followings.map(({ trail }) => trail.received));
    },
    get connected() {
      return buses.every((bus) => bus.state.kind === "connected");
    },
    buses,
    states,
    lap() {
      const before = last;
      last = { messages: acked(), deliveries: deliveries(), reconnections: reconnections() };
      const now = performance.now();
      const stallMs = Math.max(...followings.map((following) => Math.max(following.stallMs, now - following.heardAt)));
      for (const following of followings) following.stallMs = 0;
      return {
        messages: last.messages - before.messages,
        deliveries: last.deliveries - before.deliveries,
        reconnections: last.reconnections - before.reconnections,
        stallMs,
      };
    },
    async finish() {
      publishing = false;
      const settled = () => publishings.every(({ sent, acked }) => sent === acked);
      await until(() => fault !== undefined || settled(), "everything published is acknowledged", finishMs);
      assert.is(fault, undefined);
      const total: FlowFigures = { messages: 0, duplicates: 0, lost: 0, gaps: 0, resets: 0 };
      for (const channel of channels) {
        const figures = await finishChannel(channel);
        for (const key of ["messages", "duplicates", "lost", "gaps", "resets"] as const) total[key] += figures[key];
      }
      return total;
    },
  };
}

/**
 * Why clients left their connections, but for those that a node sent elsewhere: it does that while it has more sessions
 * than the others.
 */
export const reasonsToLeave = (states: readonly State[]): string[] =>
  states
    .flatMap((state) => (state.kind === "reconnecting" ? [state.reason.code] : []))
    .filter((code) => code !== "draining");

const sum = <A>(list: readonly A[], of: (item: A) => number): number =>
  list.reduce((total, item) => total + of(item), 0);

/** By offset: 1, 2, 3, … at 0, 1, 2, … */
async function readLog(bus: Bus, channel: string): Promise<Stored[]> {
  const log: Stored[] = [];
  for await (const { offset, epoch, text } of bus.history(channel, { from: "earliest" })) {
    assert.is(offset, log.length + 1, "offsets of the log are dense");
    log.push({ epoch, text });
  }
  return log;
}
