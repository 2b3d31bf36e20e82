// The load of stall.ts: `join N plain|compressed` replays 100,000 lines again and again, each of N from places of its own;
// `large N KIB` publishes messages of this size to N subscribers. Asked, it tells how many bytes of messages were delivered.
import { connect } from "../src/client/index.js";

const [address, kind, count, how] = [process.argv[2]!, process.argv[3]!, Number(process.argv[4]), process.argv[5]!];
const lines = 100_000;
let delivered = 0;

const line = (i: number): string => `${i} ${(i * 7919) % 9973} a line of a log, like others before it ${(i * 31) % 97}`;

async function fill(): Promise<void> {
  await using bus = await connect(address);
  for (let i = 0; i < lines; i += 1_000) {
    await Promise.all(Array.from({ length: 1_000 }, (_, k) => bus.publish("bench", line(i + k))));
  }
}

async function join(index: number): Promise<void> {
  const bus = await connect(address, { compression: how === "compressed" && "subscribe" });
  for (let round = 1; ; round++) {
    const from = 1 + ((index * 7_919 + round * 104_729) % (lines - 1));
    const subscription = bus.subscribe("bench", { from });
    for await (const batch of subscription.batches()) {
      for (const { data } of batch) delivered += data.length;
      if (batch.at(-1)!.offset === lines) break;
    }
    // What is done in one turn only would starve the others.
    await new Promise(setImmediate);
  }
}

async function subscribeLarge(): Promise<void> {
  const bus = await connect(address);
  const subscription = bus.subscribe("large");
  await subscription.ready;
  void (async () => {
    for await (const { data } of subscription) delivered += data.length;
  })();
}

async function publishLarge(): Promise<void> {
  const bus = await connect(address);
  const data = Buffer.alloc(Number(how) * 1024, "large");
  for (;;) await Promise.all([bus.publish("large", data), bus.publish("large", data)]);
}

if (kind === "join") await fill();
else for (let i = 0; i < count; i++) await subscribeLarge();
process.once("SIGTERM", () => process.exit(0));
process.on("message", (message) => {
  if (message !== "go") process.send!(delivered);
  else if (kind === "large") void publishLarge();
  else for (let i = 0; i < count; i++) void join(i);
});
process.send!("ready");
