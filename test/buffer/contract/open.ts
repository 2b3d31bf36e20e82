// How the contract's tests get at a buffer, and how they ask about what it answers.
import type { ReplayBuffer, Run, RunOutcome } from "../../../src/buffer/buffer.js";
import { type ErrorCode, RepriseError } from "../../../src/wire/errors.js";
import { assert, type T } from "../../harness.js";

export interface Opened {
  buffer: ReplayBuffer;
  /** A second handle on the same store; the same one where a store has only one. */
  other(): Promise<ReplayBuffer>;
  /** Closes the buffer and opens it again on the same data. */
  restart(): Promise<ReplayBuffer>;
}

/** Opens an empty buffer. Whatever it opened is closed after the test. `retention`: rules of `retentionPolicy`. */
export type Open = (t: T, options?: { retention?: string[] }) => Promise<Opened>;

/** One after the other: the buffer, another handle on its store, the buffer opened again. */
export async function* handlesOf({ buffer, other, restart }: Opened): AsyncGenerator<ReplayBuffer> {
  yield buffer;
  yield await other();
  yield await restart();
}

export type Stored = Extract<RunOutcome, { kind: "stored" }>;

/** Appends one run that must be stored as a whole, now. */
export async function store(buffer: ReplayBuffer, channel: string, run: Run): Promise<Stored> {
  const stored = asStored(one(await buffer.append(channel, [run])));
  assert.is(stored.duplicates, 0);
  return stored;
}

export function one(outcomes: readonly RunOutcome[]): RunOutcome {
  assert.is(outcomes.length, 1);
  return outcomes[0]!;
}

export function asStored(outcome: RunOutcome | undefined): Stored {
  if (outcome?.kind !== "stored") throw new Error(`expected "stored", got ${JSON.stringify(outcome)}`);
  return outcome;
}

export async function rejects(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error = await promise.then(
    (value) => new Error(`resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (!(error instanceof RepriseError)) throw error;
  assert.is(error.code, code);
}
