// Standard output: data and nothing else. What is printed in one turn of the event loop leaves in one write. And
// standard error: notes, and at the bottom of a terminal the status, a line that is there until another takes its place.
import { once } from "node:events";

/** A write is not made larger than about this. */
const chunkBytes = 64 * 1024;

let waiting: Buffer[] = [];
let bytes = 0;
let scheduled: NodeJS.Immediate | undefined;
let drained: Promise<unknown> | undefined;

const newline = Buffer.from("\n");

// Whoever reads has seen enough (`| head -1`): that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

/** Prints a line. What it returns, if anything, has to be awaited before the next: the reader is slower. */
export function print(line: Buffer | string): Promise<unknown> | undefined {
  const content = typeof line === "string" ? Buffer.from(line) : line;
  waiting.push(content, newline);
  bytes += content.length + 1;
  if (bytes >= chunkBytes) flush();
  else scheduled ??= setImmediate(flush);
  return drained;
}

function flush(): void {
  clearImmediate(scheduled);
  scheduled = undefined;
  const chunk = Buffer.concat(waiting, bytes);
  waiting = [];
  bytes = 0;
  const write = () => process.stdout.write(chunk);
  // On a terminal it goes where the status stands.
  const takesMore = process.stdout.isTTY ? aboveStatus(write) : write();
  if (takesMore || drained !== undefined) return;
  drained = once(process.stdout, "drain").then(() => {
    drained = undefined;
  });
}

/** Prints a line for people. */
export function note(line: string): void {
  aboveStatus(() => process.stderr.write(`${line}\n`));
}

/** Whether `status` is shown to anybody: never on a pipe or in a file. */
export const hasStatus = (): boolean => process.stderr.isTTY === true && process.env.TERM !== "dumb";

const eraseLine = "\r\x1b[K";
let shown = "";

/** Shows a line in the place of the one before; "" takes it away. */
export function status(line: string): void {
  if (shown === "" && line === "") return;
  // A line that wraps could not be erased.
  shown = line.slice(0, process.stderr.columns - 1);
  process.stderr.write(eraseLine + shown);
}

function aboveStatus<A>(write: () => A): A {
  if (shown === "") return write();
  process.stderr.write(eraseLine);
  const result = write();
  process.stderr.write(shown);
  return result;
}

/** Colours are for terminals, and for people who did not ask to be spared (https://no-color.org). */
export const hasColours = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";
