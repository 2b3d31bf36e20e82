// npm run fuzz -- --minutes 5 --seed 1
//
//   --minutes N   how long (default 5)
//   --seed N      repeats what is sent, though not how it interleaves (default: a random one)
//   --only NAME   of these attacks only, and no damaged traffic; repeatable
//
// One node, others who use it, and in turn damaged traffic of all services for 10 s and one of the attacks of test/abuse for
// 3 s. Exit code 1: something did not hold, and what was sent last is printed.
import { parseArgs } from "node:util";
import { createRandom } from "../../torture/random.js";
import { suite, type T } from "../harness.js";
import { MB } from "../scenarios/broker-process.js";
import { startArena } from "./arena.js";
import { attacks } from "./attacks.js";
import { shownHarm } from "./harm.js";
import { record } from "./recording.js";
import { playDamaged } from "./traffic.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    only: { type: "string", multiple: true, default: [] },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !(seed >= 0)) throw new Error("--minutes and --seed are numbers");
const names = Object.keys(attacks).filter((name) => values.only.length === 0 || values.only.includes(name));
if (names.length === 0) throw new Error(`--only: there are ${Object.keys(attacks).join(", ")}`);

const trafficMs = 10_000;
const attackMs = 3_000;

async function fuzz(t: T): Promise<void> {
  console.log(`seed ${seed}, ${minutes} minutes`);
  const random = createRandom(seed);
  const arena = await startArena(t);
  const recordings = await record(t, arena.target);
  const endAt = performance.now() + minutes * 60_000;
  let connections = 0;
  let most = 0;
  let suspects: string[] = [];
  const tell = (what: string) => {
    suspects = [...suspects.slice(-99), what];
  };
  const bears = async (name: string, attack: Parameters<typeof arena.bears>[1]) => {
    const harm = await arena.bears(name, attack);
    most = Math.max(most, harm.most);
    console.log(`${name.padEnd(24)} ${shownHarm(harm)}`);
  };
  try {
    while (performance.now() < endAt) {
      if (values.only.length === 0) {
        await bears("damaged traffic", async (scope, target) => {
          const options = { seed: random.between(0, 2 ** 31), forMs: trafficMs };
          connections += (await playDamaged(scope, target, recordings, options, tell)).connections;
        });
      }
      const name = random.pick(names);
      await bears(name, (scope, target) => attacks[name]!(scope, target, attackMs));
    }
    console.log(await arena.finish());
  } catch (thrown) {
    console.log(`sent last:\n${suspects.join("\n")}`);
    throw thrown;
  }
  console.log(`held: ${connections} connections of damaged traffic, at most ${(most / MB).toFixed(0)} MB resident`);
}

// What starts the node and watches the others is made for tests: so this is one, by hand.
const test = suite("fuzz");
test(`seed ${seed}`, fuzz, { timeoutMs: 2 * minutes * 60_000 + 300_000 });
test.run();
