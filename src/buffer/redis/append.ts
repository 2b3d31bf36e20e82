// Appending: append.lua stores a batch in which every run is plainly new. For any other it answers what it remembers of
// the producers; then this node judges what is new, and calls again with that alone. All of it can be repeated at any
// time: a call whose answer was lost is, the second time, one in which nothing is new.

import type { Client } from "../../redis/client.js";
import type { Connection } from "../../redis/connection.js";
import { loadScript } from "../../redis/script.js";
import type { Topics } from "../../redis/topics.js";
import { RepriseError } from "../../wire/errors.js";
import type { Run, RunOutcome } from "../buffer.js";
import type { Retention } from "../retention.js";
import { judge, type Verdict, withoutFirst } from "../runs.js";
import type { Confirm } from "./confirm.js";
import { type Head, numbersOf } from "./head.js";
import type { Keys } from "./keys.js";
import { findSpans, placeOf, type Span } from "./place.js";

const appendScript = loadScript<(number | string)[]>(new URL("./append.lua", import.meta.url));

/** What the channel remembers of the last message of a producer. */
interface ProducerRecord {
  sequence: number;
  offset: number;
}

type Records = Map<string, ProducerRecord>;

/** Stored from `first` on, or what is remembered of the runs' producers. */
type Answer = { epoch: number; first: number } | { records: Records };

interface Judged {
  verdict: Verdict;
  /** What is new of the run; undefined if nothing is. */
  fresh: Run | undefined;
}

/** Where this happens and what it is bound by. */
export interface AppendTarget {
  connection: Connection;
  keys: Keys;
  retention: Retention;
  publish: Topics["publish"];
  /** Follows whatever append.lua answered; undefined where its answer is enough. */
  confirm: Confirm | undefined;
  /** In the time of `performance.now`. */
  deadline: number;
  /** What this node has seen of the channel. */
  known: Head;
}

/** Somebody else appends under the same producer: each try loses only if that one won. */
const mostTries = 20;

/** The outcomes, and where the log ended after the batch; undefined if nothing was stored. */
export async function append(
  target: AppendTarget,
  runs: readonly Run[],
): Promise<{ outcomes: RunOutcome[]; head: Head | undefined }> {
  const records: Records = new Map();
  let judged: Judged[] = runs.map((run) => ({ verdict: { kind: "accepted", duplicates: 0 }, fresh: run }));
  for (let tries = 0; tries < mostTries; tries++) {
    const fresh = judged.map((each) => each.fresh).filter((run) => run !== undefined);
    const answer = fresh.length > 0 ? await store(target, fresh) : { epoch: 0, first: 0 };
    if ("first" in answer) {
      const spans = spansOfRuns(fresh, answer.epoch, answer.first);
      const last = spans.at(-1);
      const outcomes = await outcomesOf(target, runs, judged, spans, records);
      return { outcomes, head: last && { epoch: last.epoch, next: last.offset + last.count } };
    }
    for (const [producer, record] of answer.records) records.set(producer, record);
    judged = judgeAll(runs, records);
  }
  throw new RepriseError("buffer_unavailable", "too many others append under the same producers");
}

async function store(target: AppendTarget, runs: Run[]): Promise<Answer> {
  const { connection, keys, retention, publish, confirm, deadline, known } = target;
  const [only] = runs;
  const messages = runs.length === 1 ? only!.messages : Buffer.concat(runs.map((run) => run.messages));
  const args = [
    keys.topic,
    runs.map((run) => `${run.producer} ${run.sequence} ${run.count}`).join(" "),
    runs.reduce((sum, run) => sum + run.count, 0),
    messages,
    ...[known.epoch, known.next],
    ...[limit(retention.messages), limit(retention.bytes), limit(retention.ageMs)],
    publish,
    confirm ? 1 : 0,
  ];
  // If it cannot be confirmed all of it is tried again: the second time the answer is what is remembered of it.
  const work = async (client: Client) => {
    const answer = await appendScript(client, [keys.log, keys.meta, keys.producers], args);
    await confirm?.(client, deadline);
    return answer;
  };
  const answer = await connection.attempt(deadline, work, keys.log);
  const [epoch, first, ...rest] = answer;
  if (epoch !== 0) return { epoch: Number(epoch), first: Number(first) };
  const records: Records = new Map();
  for (const [i, text] of [first, ...rest].entries()) {
    const [sequence = 0, offset = 0] = numbersOf(String(text), 3) ?? [];
    records.set(runs[i]!.producer, { sequence, offset });
  }
  return { records };
}

const limit = (value: number): number => (Number.isFinite(value) ? Math.ceil(value) : 0);

function judgeAll(runs: readonly Run[], records: Records): Judged[] {
  const last = new Map<string, number>();
  return runs.map((run) => {
    const known = last.get(run.producer) ?? records.get(run.producer)?.sequence ?? 0;
    const verdict = judge(run, known);
    if (verdict.kind === "skipped" || verdict.duplicates === run.count) return { verdict, fresh: undefined };
    last.set(run.producer, run.sequence + run.count - 1);
    return { verdict, fresh: withoutFirst(run, verdict.duplicates) };
  });
}

async function outcomesOf(
  { connection, keys, deadline }: AppendTarget,
  runs: readonly Run[],
  judged: readonly Judged[],
  stored: readonly Span[],
  records: Records,
): Promise<RunOutcome[]> {
  const wanted = duplicatesIn(runs, judged, records);
  const last = Math.max(0, ...[...wanted.keys()].map((producer) => records.get(producer)?.offset ?? 0));
  const found =
    wanted.size > 0
      ? await connection.attempt(deadline, (client) => findSpans(client, keys, wanted, last), keys.log)
      : [];
  const spans = [...stored, ...found];
  const fresh = stored.values();
  return runs.map((run, i) => {
    const { verdict, fresh: rest } = judged[i]!;
    if (verdict.kind === "skipped") return verdict;
    const { duplicates } = verdict;
    const place = duplicates > 0 ? placeOf(spans, run.producer, run.sequence, duplicates) : { epoch: 0, offset: 0 };
    const now = rest ? fresh.next().value : undefined;
    return {
      kind: "stored",
      duplicates,
      duplicateEpoch: place.epoch,
      duplicateOffset: place.offset,
      epoch: now?.epoch ?? 0,
      offset: now?.offset ?? 0,
    };
  });
}

/** For each producer of whom something had been stored by an earlier append, the lowest sequence number of that. */
function duplicatesIn(runs: readonly Run[], judged: readonly Judged[], records: Records): Map<string, number> {
  const wanted = new Map<string, number>();
  for (const [i, { producer, sequence }] of runs.entries()) {
    const { verdict } = judged[i]!;
    if (verdict.kind === "skipped" || verdict.duplicates === 0) continue;
    // Otherwise an earlier run of this very append holds it.
    if (sequence > (records.get(producer)?.sequence ?? 0)) continue;
    wanted.set(producer, Math.min(sequence, wanted.get(producer) ?? sequence));
  }
  return wanted;
}

function spansOfRuns(runs: readonly Run[], epoch: number, first: number): Span[] {
  let offset = first;
  return runs.map(({ producer, sequence, count }) => {
    const span = { producer, sequence, count, epoch, offset };
    offset += count;
    return span;
  });
}
