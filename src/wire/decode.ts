// The way into generated decoding code. It believes lengths: a string or a message that claims 2^32 bytes is looked
// for byte by byte behind the end of the input, which takes minutes. And it takes any bytes for text, reading on into
// the next field if need be. So both are checked before.
import { FieldReader, LEN } from "./bytes.js";
import { RepriseError } from "./errors.js";

/** Which fields of a message are text, and which are messages, with theirs. */
export interface Shape {
  readonly [field: number]: "text" | Shape;
}

/**
 * Decodes one message by its generated class. What that throws means that the bytes are not what the field says.
 * @param shape complete: a field that is left out is not checked, and may hang
 * @throws RepriseError `malformed`
 */
export function decode<M>(type: { deserializeBinary(bytes: Uint8Array): M }, bytes: Buffer, shape: Shape): M {
  check(new FieldReader(bytes), shape);
  try {
    return type.deserializeBinary(bytes);
  } catch (cause) {
    throw new RepriseError("malformed", "not a valid protobuf message", { cause });
  }
}

function check(reader: FieldReader, shape: Shape): void {
  while (reader.next()) {
    const content = reader.wireType === LEN ? shape[reader.field] : undefined;
    if (content === undefined) reader.skip();
    else if (content === "text") reader.text();
    else check(new FieldReader(reader.view()), content);
  }
}

/** `Start`: its position. */
export const startShape: Shape = { 6: {} };

export const subscribeShape: Shape = { 1: "text", 2: startShape };
