// One publisher of the channel "bench": batches without a pause, a bounded number of them unanswered.
import { randomBytes } from "node:crypto";
import { openConnection } from "../src/client/connection.js";
import { encodePublish } from "../src/wire/client-frame.js";
import { encodeMessage } from "../src/wire/message.js";

const [address, size, batch] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])];
const windowBytes = 1024 * 1024;
const messages = Array.from({ length: batch }, () => encodeMessage(randomBytes(size)));
let sequence = 1;
let acked = 0;
let running = false;

const options = { welcomeTimeoutMs: 30_000 };
const connection = openConnection(address, { name: "", producer: randomBytes(16) }, options, {
  welcomed: () => process.send!({ ready: true }),
  item(item) {
    if (item.kind === "published") {
      acked += item.count;
      fill();
    } else if (item.kind === "error") {
      console.error(item);
      process.exit(1);
    }
  },
  ended: () => process.exit(0),
});

function fill(): void {
  while (running && (sequence - 1 - acked) * size < windowBytes) {
    connection.send(encodePublish("bench", sequence, messages));
    sequence += batch;
  }
  if (!running && acked === sequence - 1) process.send!({ published: acked });
}

process.on("message", ({ seconds }: { seconds: number }) => {
  running = true;
  fill();
  setTimeout(() => {
    running = false;
    fill();
  }, seconds * 1000);
});
