// The way into generated decoding code. It believes lengths: a string or a message that claims 2^32 bytes is looked
// for byte by byte behind the end of the input, which takes it minutes. So the lengths are checked before.
import { FieldReader, LEN } from "./bytes.js";
import { RepriseError } from "./errors.js";

/** The fields of a message that are messages themselves, and theirs. */
export interface Nesting {
  readonly [field: number]: Nesting;
}

const flat: Nesting = {};

/**
 * Decodes one message by its generated class. What that throws means that the bytes are not what the field says.
 * @param nesting complete, or what is left out may hang
 * @throws RepriseError `malformed`
 */
export function decode<M>(
  type: { deserializeBinary(bytes: Uint8Array): M },
  bytes: Buffer,
  nesting: Nesting = flat,
): M {
  checkLengths(new FieldReader(bytes), nesting);
  try {
    return type.deserializeBinary(bytes);
  } catch (cause) {
    throw new RepriseError("malformed", "not a valid protobuf message", { cause });
  }
}

function checkLengths(reader: FieldReader, nesting: Nesting): void {
  while (reader.next()) {
    const inner = reader.wireType === LEN ? nesting[reader.field] : undefined;
    if (inner === undefined) {
      reader.skip();
    } else {
      const end = reader.lengthEnd();
      checkLengths(new FieldReader(reader.bytes, reader.pos, end), inner);
      reader.pos = end;
    }
  }
}

/** `Start`: its position. */
export const startNesting: Nesting = { 6: {} };

/** `Subscribe`: its start. */
export const subscribeNesting: Nesting = { 2: startNesting };
