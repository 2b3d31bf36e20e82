// A checkpoint: all that is known of a log at one point of it, besides its messages. Every segment begins with one, so
// that the newest segment is enough to open a log, and older ones can go without anything being forgotten.
//
//   01  version  next  bytes  stored_at
//       epochs: how many, { epoch, first }   producers: how many, { id, sequence, offset, epoch, since }
import { FieldReader } from "../../wire/bytes.js";
import type { EpochStart } from "../../wire/position.js";
import { numberMax, readText, textMax, writeNumbers, writeText } from "./field.js";
import type { Producers } from "./producers.js";
import { frameBytes, sealRecord } from "./record.js";

export const checkpointKind = 1;
const version = 1;

export interface Checkpoint {
  kind: "checkpoint";
  /** False: the files have the format of another version; nothing else could be read. */
  readable: boolean;
  /** The offset of the message that follows. */
  next: number;
  /** Bytes of all messages ever stored before this point. */
  bytes: number;
  /** Unix ms: when the last of them was stored, or the channel was created. */
  storedAt: number;
  epochs: EpochStart[];
  producers: Producers;
}

export function encodeCheckpoint(marker: number, checkpoint: Omit<Checkpoint, "kind" | "readable">): Buffer {
  const { next, epochs, producers } = checkpoint;
  let max = frameBytes + numberMax * (7 + 2 * epochs.length + 4 * producers.size);
  for (const producer of producers.keys()) max += textMax(producer);
  const bytes = Buffer.allocUnsafe(max);
  let pos = writeNumbers(bytes, frameBytes, [checkpointKind, version]);
  pos = writeNumbers(bytes, pos, [next, checkpoint.bytes, checkpoint.storedAt, epochs.length]);
  for (const { epoch, first } of epochs) pos = writeNumbers(bytes, pos, [epoch, first]);
  pos = writeNumbers(bytes, pos, [producers.size]);
  for (const [producer, last] of producers) {
    pos = writeText(bytes, pos, producer);
    pos = writeNumbers(bytes, pos, [last.sequence, last.offset, last.epoch, last.since]);
  }
  const record = bytes.subarray(0, pos);
  sealRecord(marker, record);
  return record;
}

/** @throws RepriseError `malformed` */
export function decodeCheckpoint(body: Buffer): Checkpoint {
  const reader = new FieldReader(body, 1);
  const readable = reader.varint() === version;
  const checkpoint: Checkpoint = {
    kind: "checkpoint",
    readable,
    next: 1,
    bytes: 0,
    storedAt: 0,
    epochs: [],
    producers: new Map(),
  };
  if (!readable) return checkpoint;
  checkpoint.next = reader.varint();
  checkpoint.bytes = reader.varint();
  checkpoint.storedAt = reader.varint();
  for (let left = reader.varint(); left > 0; left--) {
    checkpoint.epochs.push({ epoch: reader.varint(), first: reader.varint() });
  }
  for (let left = reader.varint(); left > 0; left--) {
    const producer = readText(reader);
    const [sequence, offset, epoch, since] = [reader.varint(), reader.varint(), reader.varint(), reader.varint()];
    checkpoint.producers.set(producer, { sequence, offset, epoch, since });
  }
  return checkpoint;
}
