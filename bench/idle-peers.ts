// Sessions that only listen, each on a connection of its own. Arguments: HOST:PORT and how many. Asked to subscribe, each
// subscribes to the channels that it is told, and it is answered when all are, and how often they had to ask again. Told of `expected` messages a session,
// it answers when every session has them, and how many frames they all have come in so far.
import { type Connection, openConnection } from "../src/client/connection.js";
import { encodeSubscribe } from "../src/wire/client-frame.js";

export interface PeerOrder {
  /** Of each session: its channels. */
  subscribe?: string[][];
  /** Messages that each session shall have received since it subscribed. */
  expected?: number;
}

const [address, count] = [process.argv[2]!, Number(process.argv[3])];
const connections: Connection[] = [];
const received: number[] = [];
let frames = 0;
/** The session whose frame is read at the moment. */
let reading: number | undefined;
let welcomed = 0;
let unanswered = 0;
let expected = Number.POSITIVE_INFINITY;
let complete = 0;
/** Subscriptions that were refused for the time being. */
let again = 0;

const fail = (what: string) => {
  console.error(what);
  process.exit(1);
};

function open(number: number): Promise<void> {
  received[number] = 0;
  return new Promise((resolve) => {
    const options = { welcomeTimeoutMs: 60_000 };
    connections[number] = openConnection(address, { name: "", producer: Buffer.alloc(0) }, options, {
      welcomed: () => resolve(),
      item(item) {
        if (item.kind === "subscribed") {
          if (--unanswered === 0) process.send!({ again });
        } else if (item.kind === "error" && item.retryable) {
          again++;
          setTimeout(() => connections[number]!.send(encodeSubscribe(item.channel, { from: "new" })), 1_000);
        } else if (item.kind === "batch") {
          // The items of a frame come in one go.
          if (reading === undefined) queueMicrotask(() => (reading = undefined));
          if (reading !== number) frames++;
          reading = number;
          const before = received[number]!;
          received[number] = before + item.batch.count;
          if (before < expected && received[number] >= expected) told();
        } else if (item.kind === "gap" || item.kind === "error") {
          fail(JSON.stringify(item));
        }
      },
      ended: (reason) => fail(reason.message),
    });
  });
}

function told(): void {
  if (++complete === count) process.send!({ received: expected, frames });
}

process.on("message", (order: PeerOrder) => {
  if (order.subscribe !== undefined) {
    unanswered = order.subscribe.flat().length;
    for (const [number, channels] of order.subscribe.entries()) {
      if (channels.length === 0) continue;
      connections[number]!.send(Buffer.concat(channels.map((channel) => encodeSubscribe(channel, { from: "new" }))));
    }
  }
  if (order.expected !== undefined) {
    expected = order.expected;
    complete = 0;
    for (const messages of received) if (messages >= expected) told();
  }
});

while (welcomed < count) {
  const group = Math.min(50, count - welcomed);
  await Promise.all(Array.from({ length: group }, () => open(welcomed++)));
}
process.send!({ ready: count });
