// HTTP/2, gRPC and the HTTP gateway abused, one way after the other, at one node: it stays up in bounded memory, those who use
// it meanwhile are not harmed, and in the end nothing is left of it. Then damaged traffic of every method, the short form of
// `npm run fuzz`.
import { assert, suite, type T } from "../harness.js";
import { figure } from "../scenarios/form.js";
import { attacks } from "./attacks.js";
import { playDamagedDrains, recordDrain } from "./drains.js";
import { shownHarm } from "./harm.js";
import { calledMethods, calledPages, servedMethods, servedPages } from "./methods.js";
import type { Recording } from "./recorder.js";
import { record } from "./recording.js";
import { besiege, timeoutMs } from "./siege.js";
import { playDamaged } from "./traffic.js";

const test = suite("abuse");

const seed = 1;

const siege = besiege(test, attacks);

let recordings: Recording[] = [];
let drain: Buffer;

test(
  "traffic of each method of each service is recorded, and of each page",
  async (t) => {
    const { address, target } = siege.arena;
    recordings = await record(t, target);
    drain = await recordDrain(t);
    const sentTo = (port: Recording["to"]) => recordings.flatMap(({ to, bytes }) => (to === port ? [bytes] : []));
    const called = await calledMethods([...sentTo("port"), drain]);
    const methods = [...(await servedMethods(address))];
    assert.ok(methods.length > 20, `${methods}`);
    assert.equal(
      methods.filter((path) => !called.has(path)),
      [],
    );
    const asked = calledPages(sentTo("httpPort"));
    const pages = await servedPages(target.httpPort);
    assert.ok(pages.length > 2, `${pages}`);
    assert.equal(
      pages.filter((path) => !asked.has(path)),
      [],
    );
  },
  { timeoutMs },
);

test(
  "damaged traffic",
  async () => {
    const { arena } = siege;
    const suspects: string[] = [];
    const play = (scope: T) =>
      playDamaged(scope, arena.target, recordings, { seed, forMs: 10_000, most: 300 }, (what) => suspects.push(what));
    const harm = await arena.bears("damaged traffic", play).catch((thrown: Error) => {
      const last = suspects.slice(-20).map((what) => what.slice(0, 300));
      throw new Error(`${thrown.message}; sent last: ${last.join("\n")}`);
    });
    figure("damaged traffic", shownHarm(harm));
  },
  { timeoutMs },
);

test(
  "damaged drains",
  async (t) => {
    const drained = await playDamagedDrains(t, drain, seed, 12);
    assert.ok(drained > 0, "one of them was understood");
    figure("damaged drains", `${drained} nodes drained`);
  },
  { timeoutMs },
);

siege.end();

test.run();
