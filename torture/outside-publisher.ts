// A publisher without the client library, on generated stubs alone: one of the calls that publish, repeated by itself at
// another node where that may be. Some of its calls it gives up before they are answered.
import { setTimeout as delay } from "node:timers/promises";
import { publishInBursts } from "./bursts.js";
import type { PublisherLine } from "./check/history.js";
import { dataOf, hashOf, openJournal } from "./journal.js";
import { biStream } from "./outside/bi-stream.js";
import { connect } from "./outside/connect.js";
import { publish } from "./outside/publish.js";
import { publishStream } from "./outside/publish-stream.js";
import type { Outgoing, Way } from "./outside/way.js";
import { createRandom } from "./random.js";
import { type OutsidePublisherRole, onOrder, roleOf } from "./roles.js";

/** Not yet sent, at most. */
const mostWaiting = 100;
const lotBytes = 512 * 1_024;
const settleMs = 90_000;

const ways: Record<OutsidePublisherRole["way"], Way> = { publish, publishStream, biStream, connect };

const { folder, who, addresses, seed, channels, perSecond, ackLevel, way: name } = roleOf<OutsidePublisherRole>();
const way = ways[name];
const journal = openJournal<PublisherLine>(folder, who);
const random = createRandom(seed);
const late = new AbortController();
let finishing = false;
onOrder((order) => {
  if (order !== "finish" || finishing) return;
  finishing = true;
  setTimeout(() => late.abort(), settleMs).unref();
});
journal.write({ kind: "outside", resends: way.resends });
// It goes to no others, and none of its calls but one would be told.
journal.write({ kind: "node", node: addresses.join(" "), level: ackLevel });

const deliver = way.open({
  who,
  addresses,
  // Of its own: what is published must not hang on what becomes of it.
  random: createRandom(seed + 1),
  late: late.signal,
  acked: ({ n, channel }, epoch, offset) => journal.write({ kind: "ack", channel, n, epoch, offset }),
  failed: ({ n, channel }, code) => journal.write({ kind: "fail", channel, n, code }),
});

const waiting: { channel: string; bytes: number }[] = [];
let n = 0;

/** The next ones that may go together. */
function takeLot(): Outgoing[] {
  const most = random.between(1, way.most);
  const lot: Outgoing[] = [];
  for (let bytes = 0; lot.length < most && bytes < lotBytes; ) {
    const [next] = waiting;
    if (next === undefined || (way.lot === "channel" && lot.length > 0 && lot[0]!.channel !== next.channel)) break;
    waiting.shift();
    n++;
    const message = `${who}-${n}`;
    const data = dataOf(message, Math.max(next.bytes, way.leastBytes(message)));
    journal.write({ kind: "send", channel: next.channel, n, hash: hashOf(data) });
    lot.push({ n, channel: next.channel, name: message, data });
    bytes += data.length;
  }
  return lot;
}

async function send(): Promise<void> {
  while (!late.signal.aborted && (waiting.length > 0 || !finishing)) {
    if (waiting.length === 0) await delay(5);
    else await deliver(takeLot());
  }
}

const publishing = publishInBursts(
  random,
  { channels, perSecond },
  {
    publish: (channel, bytes) => void waiting.push({ channel, bytes }),
    async room() {
      while (waiting.length >= mostWaiting && !finishing) await delay(10);
    },
    get isFinished() {
      return finishing;
    },
  },
);
await Promise.all([publishing, send()]);
journal.write({ kind: "end" });
process.exit(0);
