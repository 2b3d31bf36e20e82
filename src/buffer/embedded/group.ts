// A group: the appends that go to the disk in one write. They are judged, numbered and encoded here, against what the
// log holds; the log itself changes when the write has succeeded.
import { toRepriseError } from "../../wire/errors.js";
import { MiB } from "../../wire/limits.js";
import type { EpochStart } from "../../wire/position.js";
import type { Run, RunOutcome, StoredBatch } from "../buffer.js";
import { judge, withoutFirst } from "../runs.js";
import { encodeBatch, type StoredRun } from "./body.js";
import type { Contents } from "./contents.js";
import { type LastRun, lastRun, type Producers } from "./producers.js";

/** A write of this size takes no more appends. */
const groupBytes = 4 * MiB;

export interface Append {
  runs: readonly Run[];
  resolve(outcomes: RunOutcome[] | Promise<RunOutcome[]>): void;
  reject(error: unknown): void;
}

/** Where a group goes. */
export interface Target {
  marker: number;
  /** Where the write begins. */
  start: number;
  /** Written in front of the batches: the checkpoint of the segment that begins with them. */
  head: Buffer | undefined;
  /** The table of epochs with the one that the group belongs to. */
  epochs: EpochStart[];
  /** How many messages, and bytes of them, the segment may still take; the append that reaches that is stored whole. */
  messages: number;
  bytes: number;
  /** It will be synced before it is answered, by policy. */
  synced: boolean;
  /** Unix ms. */
  storedAt: number;
}

export interface Group {
  readonly target: Target;
  readonly answers: Answer[];
  /** One for each append that stores something, and where its record begins. */
  readonly batches: StoredBatch[];
  readonly positions: number[];
  /** What is written, and its size. */
  readonly buffers: Buffer[];
  size: number;
  /** Of the log when the group is stored. */
  next: number;
  bytes: number;
  /** Those that appended, in that order. */
  readonly producers: Producers;
}

export interface Answer {
  append: Append;
  outcomes: RunOutcome[];
  lookups: Lookup[];
}

type Stored = Extract<RunOutcome, { kind: "stored" }>;

/** Messages stored before, at a place that memory does not tell: it is to be filled into the outcome. */
export interface Lookup {
  outcome: Stored;
  run: StoredRun;
  last: LastRun;
}

/** Takes from `pending`, first come first served, what goes into one write. What is malformed is rejected alone. */
export function gather(contents: Contents, pending: Append[], target: Target): Group {
  const group: Group = {
    target,
    answers: [],
    batches: [],
    positions: [],
    buffers: target.head === undefined ? [] : [target.head],
    size: target.head?.length ?? 0,
    next: contents.next,
    bytes: contents.bytes,
    producers: new Map(),
  };
  let taken = 0;
  while (taken < pending.length && !isFull(group, contents)) {
    const append = pending[taken++]!;
    try {
      add(group, contents, append);
    } catch (error) {
      append.reject(toRepriseError(error));
    }
  }
  pending.splice(0, taken);
  return group;
}

const isFull = ({ target, batches, ...group }: Group, contents: Contents): boolean =>
  group.size >= groupBytes ||
  (batches.length > 0 &&
    (group.next - contents.next >= target.messages || group.bytes - contents.bytes >= target.bytes));

/** Changes the group only if nothing is thrown. */
function add(group: Group, contents: Contents, append: Append): void {
  const { epoch } = group.target.epochs.at(-1)!;
  const answer: Answer = { append, outcomes: [], lookups: [] };
  const producers: Producers = new Map();
  const stored: StoredRun[] = [];
  const messages: Buffer[] = [];
  let next = group.next;
  for (const run of append.runs) {
    const { producer } = run;
    const last = producers.get(producer) ?? group.producers.get(producer) ?? contents.producers.get(producer);
    const verdict = judge(run, last?.sequence ?? 0);
    if (verdict.kind === "skipped") {
      answer.outcomes.push(verdict);
      continue;
    }
    const outcome = duplicatesOutcome(answer, run, verdict.duplicates, last);
    answer.outcomes.push(outcome);
    if (verdict.duplicates === run.count) continue;
    const rest = withoutFirst(run, verdict.duplicates);
    Object.assign(outcome, { epoch, offset: next });
    replace(producers, producer, lastRun(last, rest, epoch, next));
    stored.push({ producer, sequence: rest.sequence, count: rest.count });
    messages.push(rest.messages);
    next += rest.count;
  }
  group.answers.push(answer);
  if (stored.length === 0) return;
  for (const [producer, last] of producers) replace(group.producers, producer, last);
  addBatch(group, next - group.next, stored, messages.length === 1 ? messages[0]! : Buffer.concat(messages));
}

function addBatch(group: Group, count: number, runs: StoredRun[], messages: Buffer): void {
  const { target } = group;
  const { epoch, first: epochFirst } = target.epochs.at(-1)!;
  const batch = { epoch, first: group.next, count, storedAt: target.storedAt, messages };
  const head = encodeBatch(target.marker, { batch, epochFirst, synced: target.synced, back: group.size }, runs);
  group.batches.push(batch);
  group.positions.push(target.start + group.size);
  group.buffers.push(head, messages);
  group.size += head.length + messages.length;
  group.next += count;
  group.bytes += messages.length;
}

/** The outcome of a run as far as it concerns messages stored before. */
function duplicatesOutcome(answer: Answer, run: Run, duplicates: number, last: LastRun | undefined): Stored {
  const outcome: Stored = { kind: "stored", duplicates, duplicateEpoch: 0, duplicateOffset: 0, epoch: 0, offset: 0 };
  if (duplicates === 0 || last === undefined) return outcome;
  if (run.sequence >= last.since) {
    outcome.duplicateEpoch = last.epoch;
    outcome.duplicateOffset = last.offset - (last.sequence - run.sequence);
  } else {
    const { producer, sequence } = run;
    answer.lookups.push({ outcome, run: { producer, sequence, count: duplicates }, last });
  }
  return outcome;
}

/** Puts a producer behind all others. */
function replace(producers: Producers, producer: string, last: LastRun): void {
  producers.delete(producer);
  producers.set(producer, last);
}
