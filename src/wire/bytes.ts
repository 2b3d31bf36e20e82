// The protobuf wire format, as far as the hot path needs it: varints, tags, length-delimited fields.
// https://protobuf.dev/programming-guides/encoding/
import { isUtf8 } from "node:buffer";
import { RepriseError } from "./errors.js";

export const VARINT = 0;
export const FIXED64 = 1;
export const LEN = 2;
export const FIXED32 = 5;

export const tagOf = (field: number, wireType: number): number => (field << 3) | wireType;

const malformed = (what: string) => new RepriseError("malformed", `not a valid protobuf message: ${what}`);

/** Reads fields one after the other from `bytes[pos..end)`. Never allocates by a length it has read. */
export class FieldReader {
  bytes: Buffer;
  pos: number;
  end: number;
  /** Set by `next`. */
  field = 0;
  wireType = 0;

  constructor(bytes: Buffer, pos = 0, end = bytes.length) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  /** Begins anew, with others. */
  over(bytes: Buffer, pos: number, end: number): this {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
    return this;
  }

  /** Reads the next tag; false at the end. */
  next(): boolean {
    if (this.pos >= this.end) return false;
    const tag = this.varint();
    // By bits where they are few, as nearly always: much faster.
    this.field = tag < 0x80 ? tag >> 3 : Math.floor(tag / 8);
    this.wireType = tag & 7;
    if (this.field === 0 || this.field > 0x1fffffff) throw malformed(`field number ${this.field}`);
    return true;
  }

  /** Unsigned; values that a JavaScript number cannot hold exactly are refused. */
  varint(): number {
    if (this.pos < this.end) {
      const byte = this.bytes[this.pos]!;
      if (byte < 0x80) {
        this.pos++;
        return byte;
      }
    }
    return this.#longVarint();
  }

  #longVarint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (this.pos >= this.end) throw malformed("it ends inside a number");
      const byte = this.bytes[this.pos++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) throw malformed("a number above 2^53 - 1");
        return value;
      }
      scale *= 128;
    }
    throw malformed("a number of more than 10 bytes");
  }

  /** Reads a length and returns the end of the field's content, which begins at `pos`. */
  lengthEnd(): number {
    const length = this.varint();
    if (length > this.end - this.pos) throw malformed("a field is longer than the message around it");
    return this.pos + length;
  }

  /** The content of a length-delimited field, a view. */
  view(): Buffer {
    const end = this.lengthEnd();
    const view = this.bytes.subarray(this.pos, end);
    this.pos = end;
    return view;
  }

  /** The content of a length-delimited field as text. */
  text(): string {
    const end = this.lengthEnd();
    const start = this.pos;
    this.pos = end;
    // ASCII, as nearly always, needs no view, which costs more than the text.
    if (isAscii(this.bytes, start, end)) return this.bytes.toString("latin1", start, end);
    const view = this.bytes.subarray(start, end);
    if (!isUtf8(view)) throw malformed(`field ${this.field} is not UTF-8`);
    return view.toString("utf8");
  }

  /** Refuses a known field that came with another wire type. */
  expect(wireType: number): void {
    if (this.wireType !== wireType) throw malformed(`field ${this.field} has wire type ${this.wireType}`);
  }

  /** Passes over the content of an unknown field. */
  skip(): void {
    switch (this.wireType) {
      case VARINT: {
        // An unknown number may have all 64 bits.
        const start = this.pos;
        while (this.pos < this.end && this.bytes[this.pos]! >= 0x80) this.pos++;
        if (this.pos >= this.end || this.pos - start >= 10) throw malformed("a number without an end");
        this.pos++;
        return;
      }
      case LEN:
        this.pos = this.lengthEnd();
        return;
      case FIXED64:
      case FIXED32: {
        const size = this.wireType === FIXED64 ? 8 : 4;
        if (size > this.end - this.pos) throw malformed("it ends inside a number");
        this.pos += size;
        return;
      }
      default:
        throw malformed(`wire type ${this.wireType}`);
    }
  }
}

/** Looked at byte by byte: long ones count as something else. */
function isAscii(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > 128) return false;
  for (let pos = start; pos < end; pos++) if (bytes[pos]! >= 0x80) return false;
  return true;
}

/** How many bytes the varint of `value` (0 to 2^53 - 1) takes. */
export function varintSize(value: number): number {
  let size = 1;
  while (value >= 128) {
    value = Math.floor(value / 128);
    size++;
  }
  return size;
}

/** Writes the varint of `value` (0 to 2^53 - 1) at `pos` and returns the position behind it. */
export function writeVarint(bytes: Buffer, pos: number, value: number): number {
  while (value >= 128) {
    bytes[pos++] = (value % 128) | 0x80;
    value = Math.floor(value / 128);
  }
  bytes[pos++] = value;
  return pos;
}
