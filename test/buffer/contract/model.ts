// Random appends, resends and restarts against a model that is too simple to be wrong.
import fc from "fast-check";
import type { ReplayBuffer, Run } from "../../../src/buffer/buffer.js";
import { assert, type Suite } from "../../harness.js";
import { readLog } from "../log.js";
import { run } from "../run.js";
import { asStored, type Open } from "./open.js";

interface Message {
  content: string;
  epoch: number;
}

/** What a channel must hold. Message i of the log has offset i + 1. */
interface Model {
  log: Message[];
  /** For each producer the offsets of its messages; message i has sequence i + 1. */
  producers: Map<string, number[]>;
  /** How many messages each append stored. */
  batches: number[];
}

type Expected =
  | { kind: "skipped"; expected: number }
  | { kind: "stored"; duplicates: number; duplicateOffset: number; offset: number };

/** A run by its place relative to the next sequence of its producer: before it, at it, or skipping ahead. */
interface RunPlan {
  producer: string;
  place: number;
  count: number;
}

const runPlan: fc.Arbitrary<RunPlan> = fc.record({
  producer: fc.constantFrom("a", "b", "c"),
  place: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: fc.integer({ min: -8, max: -1 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) },
  ),
  count: fc.integer({ min: 1, max: 5 }),
});

const step = fc.oneof(
  { weight: 20, arbitrary: fc.array(runPlan, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constant("restart" as const) },
);

function build(model: Model, planned: ReadonlyMap<string, number>, plan: RunPlan): Run {
  const next = (model.producers.get(plan.producer)?.length ?? 0) + (planned.get(plan.producer) ?? 0) + 1;
  const sequence = Math.max(1, next + plan.place);
  const contents = Array.from({ length: plan.count }, (_, i) => `${plan.producer}:${sequence + i}`);
  return run(plan.producer, sequence, contents);
}

function apply(model: Model, runs: readonly Run[]): Expected[] {
  const before = model.log.length;
  const outcomes = runs.map((run): Expected => {
    const offsets = model.producers.get(run.producer) ?? [];
    model.producers.set(run.producer, offsets);
    if (run.sequence > offsets.length + 1) return { kind: "skipped", expected: offsets.length + 1 };
    const known = offsets.slice(run.sequence - 1, run.sequence - 1 + run.count);
    const together = known.every((offset, i) => offset === known[0]! + i);
    const offset = known.length < run.count ? model.log.length + 1 : 0;
    for (let i = known.length; i < run.count; i++) {
      model.log.push({ content: `${run.producer}:${run.sequence + i}`, epoch: 0 });
      offsets.push(model.log.length);
    }
    // Duplicates that do not stand together have no place that could be told.
    return { kind: "stored", duplicates: known.length, duplicateOffset: together ? (known[0] ?? 0) : 0, offset };
  });
  if (model.log.length > before) model.batches.push(model.log.length - before);
  return outcomes;
}

async function append(buffer: ReplayBuffer, channel: string, model: Model, plans: readonly RunPlan[]): Promise<void> {
  const planned = new Map<string, number>();
  const runs = plans.map((plan) => {
    const built = build(model, planned, plan);
    // Later plans of the call count on this one unless it skips.
    if (plan.place <= 0) {
      const fresh = Math.max(0, plan.count + plan.place);
      planned.set(plan.producer, (planned.get(plan.producer) ?? 0) + fresh);
    }
    return built;
  });
  const expected = apply(model, runs);
  const outcomes = await buffer.append(channel, runs);
  for (const [i, outcome] of outcomes.entries()) {
    const { duplicates, duplicateOffset, offset } = outcome as Extract<Expected, { kind: "stored" }>;
    const told = outcome.kind === "skipped" ? outcome : { kind: outcome.kind, duplicates, duplicateOffset, offset };
    // Where there are no duplicates, duplicateOffset says nothing.
    if (told.kind === "stored" && told.duplicates === 0) told.duplicateOffset = 0;
    assert.equal(told, expected[i], JSON.stringify(runs[i]));
  }
  for (const [i, run] of runs.entries()) {
    if (expected[i]!.kind === "skipped") continue;
    const stored = asStored(outcomes[i]);
    if (stored.offset > 0) {
      for (let k = 0; k < run.count - stored.duplicates; k++) model.log[stored.offset + k - 1]!.epoch = stored.epoch;
    }
    if (stored.duplicates > 0 && stored.duplicateOffset > 0) {
      assert.is(stored.duplicateEpoch, model.log[stored.duplicateOffset - 1]!.epoch);
    }
  }
}

export function modelContract(test: Suite, open: Open): void {
  test(
    "whatever is appended, resent and skipped, also after restarts: log and outcomes are those of the model",
    async (t) => {
      const opened = await open(t);
      let buffer = opened.buffer;
      let channels = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          const channel = `model-${++channels}`;
          const model: Model = { log: [], producers: new Map(), batches: [] };
          for (const step of steps) {
            if (step === "restart") buffer = await opened.restart();
            else await append(buffer, channel, model, step);
          }
          const log = await readLog(buffer, channel, 1, 50);
          assert.equal(
            log.contents,
            model.log.map((message) => message.content),
          );
          assert.equal(
            log.batches.map((batch) => batch.count),
            model.batches,
          );
        }),
        { numRuns: 60 },
      );
    },
    { timeoutMs: 60_000 },
  );
}
