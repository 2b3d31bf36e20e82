// A subscriber process: follows one system and writes down what it was given and told. Arguments: the system, the address.
// Whatever it is sent it answers: with the highest number that it has seen, or, asked for it, with all that it wrote.
import type { SubscriberLine } from "./history.js";
import { numberIn } from "./message.js";
import type { Listener } from "./system.js";
import { systemNamed } from "./systems/index.js";

const [name, address] = process.argv.slice(2) as [string, string];
/** Messages within this time, if their numbers are consecutive, are one line, with the time of the last. */
const togetherMs = 10;

const lines: SubscriberLine[] = [];
let highest = 0;
/** The line that is being added to, and when it was begun. */
let run: Extract<SubscriberLine, { kind: "got" }> | undefined;
let begun = 0;

function message(data: Uint8Array): void {
  const number = numberIn(data);
  const t = Date.now();
  highest = Math.max(highest, number);
  if (run !== undefined && run.to === number - 1 && t - begun < togetherMs) {
    run.to = number;
    run.t = t;
    return;
  }
  begun = t;
  run = { t, kind: "got", from: number, to: number };
  lines.push(run);
}

function say(line: SubscriberLine): void {
  run = undefined;
  lines.push(line);
}

const listener: Listener = {
  message,
  reconnected: () => say({ t: Date.now(), kind: "reconnected" }),
  recovered: () => say({ t: Date.now(), kind: "recovered" }),
  gap: (gap) => say({ t: Date.now(), kind: "gap", ...gap }),
};

process.on("disconnect", () => process.exit());
process.on("message", (question: { lines?: true }) => void process.send!(question.lines ? { lines } : { highest }));
const system = await systemNamed(name);
await system.follow(address, listener);
process.send!({ ready: true });
