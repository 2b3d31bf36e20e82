// What `pub` publishes: the lines of standard input, or its argument, again and again if asked for.
import { fstatSync } from "node:fs";
import { linesOf } from "./lines.js";
import { note } from "./output.js";

export interface Source {
  messages: AsyncIterable<Buffer> | Iterable<Buffer>;
  /** How much of it was taken, and how much there is; a total of 0 if nobody knows. */
  taken(): { done: number; total: number };
  /** Whoever waits for the next message sees the end. */
  close(): void;
}

/** @param maxBytes of a line */
export function fromStdin(maxBytes: number): Source {
  const { stdin } = process;
  if (stdin.isTTY) note("each line is a message; Ctrl-D ends");
  const stat = fstatSync(0);
  const total = stat.isFile() ? stat.size : 0;
  let done = 0;
  async function* messages(): AsyncGenerator<Buffer> {
    for await (const line of linesOf(stdin, maxBytes)) {
      // With its end, so that the sum is that of the file.
      done += line.length + 1;
      yield line;
    }
  }
  return { messages: messages(), taken: () => ({ done, total }), close: () => void stdin.destroy() };
}

export function repeated(message: Buffer, total: number): Source {
  let done = 0;
  function* messages(): Generator<Buffer> {
    while (done++ < total) yield message;
  }
  return { messages: messages(), taken: () => ({ done, total }), close() {} };
}
