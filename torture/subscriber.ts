// A subscriber as users write it: live, late, slow, or going on from the positions that it, or the process before it, has
// stored. What it is given goes into its log before it asks for more.
import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { connect, filePositionStore, type Message, type State } from "../src/client/index.js";
import type { SubscriberLine } from "./check/history.js";
import { hashOf, nameOf, openJournal } from "./journal.js";
import { onOrder, roleOf, type SubscriberRole } from "./roles.js";
import { type Heard, openChannel } from "./told.js";

const { folder, who, addresses, channels, from, positions, continues, member, slowMs = 0 } = roleOf<SubscriberRole>();
const journal = openJournal<SubscriberLine>(folder, who);
journal.write({ kind: "begin", ...(continues !== undefined && { continues }), ...(slowMs > 0 && { slowMs }) });
const store = positions === undefined ? undefined : filePositionStore(positions);
const hurried = new AbortController();
const stopped = new AbortController();
let look = () => {};
onOrder((order) => {
  if (order === "measure") return measure();
  hurried.abort();
  if (order === "look") look();
  if (order === "finish") stopped.abort();
});

const bus = await connect(addresses, {
  ...(member !== undefined && { member }),
  discover: false,
  timeoutMs: Number.POSITIVE_INFINITY,
  backoff: { baseMs: 50, capMs: 1_000 },
  onState(state: State) {
    if (state.kind === "connected") journal.write({ kind: "node", node: state.node });
  },
});

const heardOf = ({ epoch, offset, headers, data }: Message): Heard => ({
  epoch,
  offset,
  name: nameOf(headers.id, data),
  hash: hashOf(data),
});

async function follow(channel: string): Promise<void> {
  const own = openChannel(journal, channel);
  const stored = await store?.load(channel);
  const subscription = bus.subscribe(channel, { from, store, signal: stopped.signal, onGap: own.gap });
  own.start(stored === undefined ? from : "stored", await subscription.ready);
  for await (const messages of subscription.batches()) {
    // What comes when it was told to stop is not asked for.
    if (stopped.signal.aborted) break;
    own.heard(messages.map(heardOf));
    if (slowMs > 0) await delay(slowMs * messages.length, undefined, { signal: hurried.signal }).catch(() => {});
  }
  own.stop(true);
}

function measure(): void {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const files = readdirSync("/dev/fd").length - 1;
  journal.write({ kind: "sample", process: who, phase: "during", memory: heapUsed + external, files, rss });
}

/** Members come and go as they like; who is there when all is quiet is what counts. */
async function attend(): Promise<void> {
  if (member === undefined) return;
  const [channel] = channels as [string];
  const presence = bus.presence(channel, { signal: stopped.signal });
  // It ends with the bus.
  presence.ready.catch(() => {});
  look = () => journal.write({ kind: "members", channel, members: [...presence.members.keys()].sort() });
  await bus.enter(channel);
  journal.write({ kind: "enter", channel, member });
}

await Promise.all([attend(), ...channels.map(follow)]);
journal.write({ kind: "end" });
await bus.close({ timeoutMs: 1_000 });
process.exit(0);
