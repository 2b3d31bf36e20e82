// Where a chat happens: a terminal, on which what others say must not tear up the line being typed; or pipes.
import { clearScreenDown, createInterface, cursorTo, moveCursor } from "node:readline";
import { linesOf } from "./lines.js";
import { hasColours, note, print } from "./output.js";
import { onStop } from "./stop.js";

export interface Screen {
  /** What is typed here; ends with Ctrl-D, Ctrl-C or `close`. */
  lines: AsyncIterable<string>;
  /** Shows what somebody said. */
  say(who: string, text: string, at: Date): unknown;
  /** Tells something about the chat itself. */
  note(line: string): void;
  close(): void;
}

export const openScreen = (name: string): Screen =>
  process.stdin.isTTY && process.stdout.isTTY ? terminal(name) : pipes();

/** A line of chat is longer only by mistake. */
const maxLineBytes = 64 * 1024;

function pipes(): Screen {
  const { stdin } = process;
  const release = onStop(() => stdin.destroy());
  async function* lines(): AsyncGenerator<string> {
    try {
      for await (const line of linesOf(stdin, maxLineBytes)) yield line.toString();
    } catch (thrown) {
      // Destroyed by Ctrl-C: an end like any other.
      if (!stdin.destroyed) throw thrown;
    }
  }
  return {
    lines: lines(),
    say: (who, text) => print(`${who}: ${text}`),
    note,
    close() {
      release();
      stdin.destroy();
    },
  };
}

function terminal(name: string): Screen {
  const { stdin, stdout, stderr } = process;
  const screen = createInterface({ input: stdin, output: stdout, prompt: `${name}> ` });
  const dim = (text: string) => (hasColours(stdout) ? `\x1b[2m${text}\x1b[22m` : text);
  /** Takes the line being typed away, writes, and puts it back. */
  const write = (to: NodeJS.WriteStream, line: string) => {
    const { rows } = screen.getCursorPos();
    moveCursor(stdout, 0, -rows);
    cursorTo(stdout, 0);
    clearScreenDown(stdout);
    to.write(`${line}\n`);
    screen.prompt(true);
  };
  screen.on("SIGINT", () => screen.close());
  screen.prompt();
  async function* lines(): AsyncGenerator<string> {
    for await (const line of screen) {
      yield line;
      screen.prompt();
    }
  }
  const time = (at: Date) => `${at.getHours()}`.padStart(2, "0").concat(":", `${at.getMinutes()}`.padStart(2, "0"));
  return {
    lines: lines(),
    say: (who, text, at) => write(stdout, `${dim(time(at))} ${who}: ${text}`),
    note: (line) => (stderr.isTTY ? write(stderr, dim(line)) : note(line)),
    close: () => screen.close(),
  };
}
