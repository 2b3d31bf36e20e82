// The publisher process. Arguments: the system, the address, messages a second, bytes of each, seconds. It publishes when it
// is sent anything, and answers with all that it wrote down when everything is settled. It sends nothing twice itself.
import { setTimeout as delay } from "node:timers/promises";
import type { PublisherLine } from "./history.js";
import { makeMessage } from "./message.js";
import { systemNamed } from "./systems/index.js";

const [name, address, ...numbers] = process.argv.slice(2) as [string, string, ...string[]];
const [perSecond, size, seconds] = numbers.map(Number) as [number, number, number];
const tickMs = 5;
/** From the last message on. */
const settleMs = 60_000;

const lines: PublisherLine[] = [];
let open = 0;

function acked(number: number): void {
  const last = lines.at(-1);
  if (last?.kind === "acked" && last.to === number - 1) last.to = number;
  else lines.push({ t: Date.now(), kind: "acked", from: number, to: number });
}

process.on("disconnect", () => process.exit());
const system = await systemNamed(name);
const publish = await system.publish(address);

function send(number: number): void {
  const data = makeMessage(number, size);
  open++;
  // What fails may be stored, or not: nobody is owed it.
  publish(data)
    .then(() => acked(number))
    .catch(() => {})
    .finally(() => open--);
}

async function run(): Promise<void> {
  const begun = performance.now();
  const all = perSecond * seconds;
  for (let sent = 0; sent < all; ) {
    await delay(tickMs);
    const due = Math.min(all, Math.floor(((performance.now() - begun) / 1_000) * perSecond));
    if (due === sent) continue;
    lines.push({ t: Date.now(), kind: "sent", from: sent + 1, to: due });
    while (sent < due) send(++sent);
  }
  const late = performance.now() + settleMs;
  while (open > 0 && performance.now() < late) await delay(tickMs);
  process.send!({ lines });
}

process.once("message", () => void run());
process.send!({ ready: true });
