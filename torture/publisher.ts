// A publisher as users write it. What it sends and what becomes of it goes into its log.
import { setTimeout as delay } from "node:timers/promises";
import { connect, RepriseError, type State } from "../src/client/index.js";
import { publishInBursts } from "./bursts.js";
import type { PublisherLine } from "./check/history.js";
import { dataOf, hashOf, openJournal } from "./journal.js";
import { createRandom } from "./random.js";
import { onOrder, type PublisherRole, roleOf } from "./roles.js";

/** Unanswered ones, at most. */
const mostPending = 100;
const settleMs = 90_000;
/** From the first acknowledgement after a loss it takes a call to find out what is lost. */
const lossMs = 3_000;

const { folder, who, addresses, seed, channels, perSecond, ackLevel } = roleOf<PublisherRole>();
const journal = openJournal<PublisherLine>(folder, who);
const random = createRandom(seed);
let n = 0;
let finishing = false;
const pending = new Set<Promise<void>>();
onOrder((order) => {
  if (order === "finish") finishing = true;
});

const bus = await connect(addresses, {
  name: who,
  ackLevel,
  discover: false,
  timeoutMs: Number.POSITIVE_INFINITY,
  backoff: { baseMs: 50, capMs: 1_000 },
  onState(state: State) {
    if (state.kind === "connected") journal.write({ kind: "node", node: state.node, level: state.ackLevel });
  },
});
bus.onLoss(({ channel, reason, from, to }) => journal.write({ kind: "lost", channel, reason, from, to }));

function publish(channel: string, bytes: number): void {
  n++;
  const own = n;
  const name = `${who}-${own}`;
  const data = dataOf(name, bytes);
  journal.write({ kind: "send", channel, n: own, hash: hashOf(data) });
  const settled = bus
    .publish(channel, data, { headers: { id: name } })
    .then(
      ({ position: { epoch, offset } }) => journal.write({ kind: "ack", channel, n: own, epoch, offset }),
      (error) => {
        const code = error instanceof RepriseError ? error.code : String(error);
        journal.write({ kind: "fail", channel, n: own, code });
      },
    )
    .finally(() => pending.delete(settled));
  pending.add(settled);
}

await publishInBursts(
  random,
  { channels, perSecond },
  {
    publish,
    async room() {
      while (pending.size >= mostPending && !finishing) await Promise.race([...pending, delay(100)]);
    },
    get isFinished() {
      return finishing;
    },
  },
);
// A last one everywhere: what was lost of a channel before, is told when something is acknowledged after it.
for (const channel of channels) publish(channel, 100);
const late = AbortSignal.timeout(settleMs);
while (pending.size > 0 && !late.aborted) await Promise.race([...pending, delay(100)]);
await delay(lossMs);
journal.write({ kind: "end" });
await bus.close({ timeoutMs: 0 });
process.exit(0);
