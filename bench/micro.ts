// Hot functions by themselves: what to look at before and after one of them is changed. By hand, on a quiet machine.
//
//   npm run bench:micro                 all of them
//   npm run bench:micro -- pump wire    those whose names contain one of the words
import { machine } from "./measure.js";
import { all, type Micro } from "./micro/micro.js";
import { installPeers } from "./peers.js";

installPeers();
const { do_not_optimize, measure } = await import("mitata");

/** Of JavaScript objects and of buffers. */
const heap = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** Calls between two looks at the heap: few, so that hardly any has a garbage collection between them. */
const batchSamples = 64;

const digits = (value: number): string =>
  value.toLocaleString("en", { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 });

async function line({ name, per, unit, prepare }: Micro): Promise<string> {
  const { run, end } = await prepare();
  const made = run();
  // Only what is asynchronous is awaited: that is a part of what it costs.
  const once = made instanceof Promise ? async () => do_not_optimize(await run()) : () => do_not_optimize(run());
  await made;
  const { p50, p99, heap: used } = await measure(once, { heap, batch_samples: batchSamples });
  await end?.();
  const cells = [digits(p50), digits(p99), digits(used?.avg ?? 0)].map((cell) => cell.padStart(11));
  return `${name.padEnd(58)}${cells.join("")}${digits(p50 / per).padStart(11)} a ${unit}`;
}

const words = process.argv.slice(2);
console.log(machine());
console.log(`${"".padEnd(58)}${["ns/op", "p99", "bytes/op", "ns"].map((head) => head.padStart(11)).join("")}`);
for (const micro of await all()) {
  if (words.length > 0 && !words.some((word) => micro.name.includes(word))) continue;
  console.log(await line(micro));
}
