// Many subscribers in one process, each on a connection of its own, as users write them. Arguments: HOST:PORT, how many,
// and the channels they are spread over. Tells its parent when all have subscribed; then, for each offset per channel that it
// is sent, when the last of them had received it.
import { connect } from "../../src/client/index.js";
import { Trail } from "./trail.js";

/** Offsets by channel. */
export type Targets = Record<string, number>;

export interface Arrivals {
  /** Unix ms; when each subscriber was connected again, and when it had received its target. */
  connected: number[];
  reached: number[];
  fault: string | undefined;
}

interface Subscriber {
  channel: string;
  trail: Trail;
  connectedAt: number;
  /** When the message at which the subscriber is now came. */
  times: number[];
}

const [address, count, ...channels] = process.argv.slice(2) as [string, string, ...string[]];

async function subscribe(channel: string): Promise<Subscriber> {
  const subscriber: Subscriber = { channel, trail: new Trail(), connectedAt: 0, times: [] };
  const { trail, times } = subscriber;
  const bus = await connect(address, {
    timeoutMs: 60_000,
    onState: ({ kind }) => {
      if (kind === "connected") subscriber.connectedAt = Date.now();
    },
  });
  const subscription = bus.subscribe(channel, { from: "new", onGap: (gap) => trail.gap(gap, gap.position) });
  trail.next = (await subscription.ready).offset + 1;
  void (async () => {
    for await (const message of subscription) {
      trail.messages(message.offset, message.offset);
      times[message.offset] = Date.now();
    }
  })().catch((error) => trail.fail(String(error)));
  return subscriber;
}

const subscribers: Subscriber[] = [];
// Not all at once: how they come the first time is not what is measured.
while (subscribers.length < Number(count)) {
  const group = Array.from({ length: Math.min(20, Number(count) - subscribers.length) }, (_, i) =>
    subscribe(channels[(subscribers.length + i) % channels.length]!),
  );
  subscribers.push(...(await Promise.all(group)));
}

process.on("disconnect", () => process.exit());
process.on("message", (targets: Targets) => {
  const timer = setInterval(() => {
    const waiting = subscribers.filter(
      ({ channel, trail }) => trail.fault === undefined && trail.next! <= targets[channel]!,
    );
    if (waiting.length > 0) return;
    clearInterval(timer);
    const arrivals: Arrivals = {
      connected: subscribers.map(({ connectedAt }) => connectedAt),
      reached: subscribers.map(({ channel, times }) => times[targets[channel]!] ?? 0),
      fault: subscribers.find(({ trail }) => trail.fault ?? trail.gaps[0])?.trail.fault,
    };
    process.send!(arrivals);
  }, 20);
});
process.send!("subscribed");
