// Lines of a stream of bytes.
import { RepriseError } from "../client/index.js";

const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Yields lines as bytes, without their ends (\n or \r\n). Reads no further than it is asked to.
 * @throws RepriseError `message_too_large` for a line that does not end within `maxBytes`
 */
export async function* linesOf(input: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      parts.push(chunk.subarray(start, end));
      yield withoutReturn(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
      parts = [];
      length = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > maxBytes) {
      throw new RepriseError("message_too_large", `a line of more than ${maxBytes} bytes, the most a message may have`);
    }
  }
  if (length > 0) yield withoutReturn(Buffer.concat(parts));
}

const withoutReturn = (line: Buffer): Buffer => (line.at(-1) === carriageReturn ? line.subarray(0, -1) : line);
