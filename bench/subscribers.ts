// N subscribers of the channel "bench", each on a connection of its own, in one process that does as little as it can.
import { openConnection } from "../src/client/connection.js";
import { encodeSubscribe } from "../src/wire/client-frame.js";

const [address, count] = [process.argv[2]!, Number(process.argv[3])];
let messages = 0;
let ready = 0;
let until = Number.POSITIVE_INFINITY;
let broken: string | undefined;

const tell = () => process.send!({ messages, broken });

for (let number = 0; number < count; number++) {
  let next = 1;
  const options = { welcomeTimeoutMs: 30_000 };
  const connection = openConnection(address, { name: "", producer: Buffer.alloc(0) }, options, {
    welcomed: () => connection.send(encodeSubscribe("bench", { from: "earliest" })),
    item(item) {
      if (item.kind === "subscribed") {
        if (++ready === count) process.send!({ ready });
      } else if (item.kind === "batch") {
        if (item.batch.first !== next) broken ??= `expected ${next}, got ${item.batch.first}`;
        next = item.batch.first + item.batch.count;
        messages += item.batch.count;
        if (messages >= until * count) {
          until = Number.POSITIVE_INFINITY;
          tell();
        }
      } else if (item.kind === "gap" || item.kind === "error") {
        broken ??= JSON.stringify(item);
        tell();
      }
    },
    ended(reason) {
      broken ??= reason.message;
    },
  });
}

process.on("message", (said: "counts" | { until: number }) => {
  if (said === "counts") tell();
  else if (messages >= said.until * count) tell();
  else until = said.until;
});
