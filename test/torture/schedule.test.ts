// What a seed of `npm run torture` repeats: the schedule of its faults.
import { createRandom } from "../../torture/random.js";
import { drawSchedule, faultsOf } from "../../torture/schedule.js";
import { assert, suite } from "../harness.js";

const test = suite("the schedule of the torture run");

const draw = (seed: number, only: string[] = []) => drawSchedule(createRandom(seed), 600_000, 5_000, only);

test("a seed gives the same schedule each time, another seed another one", () => {
  assert.equal(draw(42), draw(42));
  assert.not.equal(draw(42), draw(43));
});

test("faults come about as often as they should, in their order, and only those that are asked for", () => {
  const schedule = draw(42);
  assert.ok(schedule.length > 90 && schedule.length < 150, String(schedule.length));
  assert.ok(schedule.every(({ at }, i) => i === 0 || at > schedule[i - 1]!.at));
  assert.ok(new Set(schedule.map(({ fault }) => fault)).size > 10);
  assert.ok(draw(42, ["redis killed"]).every(({ fault }) => fault === "redis killed"));
});

test("only what can happen to the store is drawn, and where nothing may be lost, nothing that excuses losses", () => {
  const embedded = faultsOf({ buffer: "embedded", fsync: "everysec", store: "single" });
  assert.not(embedded.some((name) => name.includes("redis")));
  assert.ok(embedded.includes("disk full") && embedded.includes("node killed"));
  const synced = faultsOf({ buffer: "redis", fsync: "always", store: "single" });
  assert.ok(synced.includes("redis killed"));
  for (const name of ["redis tail lost", "redis tail torn", "redis emptied", "disk full"] as const)
    assert.not(synced.includes(name));
});

test.run();
