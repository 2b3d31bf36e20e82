// The body of a record, one of three kinds:
//
//   01 checkpoint  checkpoint.ts
//   02 batch       synced  epoch  epoch_first  first  count  stored_at  back
//                  size of the runs, { producer, sequence, count }  messages
//   03 closed      epoch  epoch_first  next
//
// `messages` comes last: what is handed out is a view of what was read. The batch carries where its epoch began, so
// that any batch proves its part of the epoch table.
import { FieldReader } from "../../wire/bytes.js";
import type { StoredBatch } from "../buffer.js";
import { type Checkpoint, checkpointKind, decodeCheckpoint } from "./checkpoint.js";
import { numberMax, readText, textMax, writeNumbers, writeText } from "./field.js";
import { frameBytes, sealRecord } from "./record.js";

const batchKind = 2;
const closedKind = 3;

/** What was stored of a run. */
export interface StoredRun {
  producer: string;
  sequence: number;
  count: number;
}

export interface BatchRecord {
  kind: "batch";
  batch: StoredBatch;
  /** Where the batch's epoch began. */
  epochFirst: number;
  /** It was on the disk before anybody was told of it. */
  synced: boolean;
  /**
   * How many bytes before it the write began to which the record belongs. When that write began, everything before it
   * had been answered; nothing of the last write of a file may have been.
   */
  back: number;
  runs(): StoredRun[];
}

/** Here the log was closed with nothing left to write: this is its end. */
export interface ClosedRecord {
  kind: "closed";
  epoch: number;
  epochFirst: number;
  next: number;
}

export type Body = Checkpoint | BatchRecord | ClosedRecord;

/** Encodes all of a batch record but the messages, which follow it in the file. */
export function encodeBatch(
  marker: number,
  record: Omit<BatchRecord, "kind" | "runs">,
  runs: readonly StoredRun[],
): Buffer {
  const { epoch, first, count, storedAt, messages } = record.batch;
  const encoded = encodeRuns(runs);
  const bytes = Buffer.allocUnsafe(frameBytes + 9 * numberMax + encoded.length);
  let pos = writeNumbers(bytes, frameBytes, [batchKind, record.synced ? 1 : 0, epoch, record.epochFirst, first]);
  pos = writeNumbers(bytes, pos, [count, storedAt, record.back, encoded.length]);
  pos += encoded.copy(bytes, pos);
  const head = bytes.subarray(0, pos);
  sealRecord(marker, head, messages);
  return head;
}

export function encodeClosed(marker: number, closed: Omit<ClosedRecord, "kind">): Buffer {
  const bytes = Buffer.allocUnsafe(frameBytes + 4 * numberMax);
  const pos = writeNumbers(bytes, frameBytes, [closedKind, closed.epoch, closed.epochFirst, closed.next]);
  const record = bytes.subarray(0, pos);
  sealRecord(marker, record);
  return record;
}

/** Undefined, or RepriseError `malformed` thrown, if this is no body. */
export function decodeBody(body: Buffer): Body | undefined {
  if (body[0] === batchKind) return decodeBatch(body);
  if (body[0] === checkpointKind) return decodeCheckpoint(body);
  if (body[0] !== closedKind) return undefined;
  const reader = new FieldReader(body, 1);
  return { kind: "closed", epoch: reader.varint(), epochFirst: reader.varint(), next: reader.varint() };
}

function decodeBatch(body: Buffer): BatchRecord {
  const reader = new FieldReader(body, 1);
  const synced = reader.varint() === 1;
  const epoch = reader.varint();
  const epochFirst = reader.varint();
  const first = reader.varint();
  const count = reader.varint();
  const storedAt = reader.varint();
  const back = reader.varint();
  const runsEnd = reader.lengthEnd();
  const runsStart = reader.pos;
  return {
    kind: "batch",
    batch: { epoch, first, count, storedAt, messages: body.subarray(runsEnd) },
    epochFirst,
    synced,
    back,
    runs: () => decodeRuns(new FieldReader(body, runsStart, runsEnd)),
  };
}

function encodeRuns(runs: readonly StoredRun[]): Buffer {
  let max = 0;
  for (const run of runs) max += textMax(run.producer) + 2 * numberMax;
  const bytes = Buffer.allocUnsafe(max);
  let pos = 0;
  for (const run of runs) {
    pos = writeText(bytes, pos, run.producer);
    pos = writeNumbers(bytes, pos, [run.sequence, run.count]);
  }
  return bytes.subarray(0, pos);
}

function decodeRuns(reader: FieldReader): StoredRun[] {
  const runs: StoredRun[] = [];
  while (reader.pos < reader.end) {
    const producer = readText(reader);
    runs.push({ producer, sequence: reader.varint(), count: reader.varint() });
  }
  return runs;
}
