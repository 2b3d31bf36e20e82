// A broker as a process of its own: the command line as users start it. It can be killed, stopped, and started again on
// the same address.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { freePort } from "../redis.js";
import { type T, until } from "../scope.js";

export interface BrokerOptions {
  /** As in `--buffer`. */
  buffer: string;
  /** As in `--retain`. */
  retain?: readonly string[];
  /** More options of `reprise serve`. */
  args?: readonly string[];
  /** It had been listening, and ended by itself: with this exit code or signal. */
  fell?: (broker: BrokerProcess, how: string) => void;
}

/** What the process uses after a full garbage collection. Sizes in bytes. */
export interface Memory {
  rss: number;
  heapUsed: number;
  external: number;
  /** Open file descriptors. */
  files: number;
  /** How long its event loop stood still at most since it was measured last, in ms. */
  stalledMs: number;
  /** How much CPU it used at most in one turn of its event loop since then, in ms: the same on a machine that is busy. */
  turnMs: number;
}

/** What it uses at the moment, garbage included. Sizes in bytes. */
export interface Glance {
  rss: number;
  /** Heap and buffers. */
  used: number;
  /** CPU since its start, in ms. */
  cpuMs: number;
}

export interface BrokerProcess {
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  /** It listens: neither ended nor about to begin. */
  readonly isUp: boolean;
  /** Everything it said on stdout and stderr since its first start. */
  readonly log: string;
  start(): Promise<void>;
  /** SIGKILL; waits for the exit. */
  kill(): Promise<void>;
  /** SIGTERM; waits for the exit. */
  stop(): Promise<{ code: number | null; seconds: number }>;
  measure(): Promise<Memory>;
  look(): Promise<Glance>;
  /** Its time of day is so far ahead of the true one, until it is started anew. */
  moveClock(aheadMs: number): Promise<void>;
}

const root = resolve(import.meta.dirname, "../..");
const command = ["dist/bin/reprise.js", "serve", "--log-format", "text"];
const readyMs = 60_000;

export async function startBroker(
  t: T,
  { buffer, retain = [], args: more = [], fell }: BrokerOptions,
): Promise<BrokerProcess> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const probe = ["--expose-gc", "--import", resolve(import.meta.dirname, "probe.mjs")];
  const args = [...probe, ...command, "--listen", address, "--buffer", buffer, ...more];
  for (const rule of retain) args.push("--retain", rule);
  let child: ChildProcess | undefined;
  let isUp = false;
  let log = "";

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child;
    child = undefined;
    isUp = false;
    if (ending === undefined) throw new Error(`the broker does not run:\n${log}`);
    if (ending.exitCode !== null || ending.signalCode !== null) throw new Error(`the broker had ended:\n${log}`);
    const exited = once(ending, "exit");
    ending.kill(signal);
    const [code] = await exited;
    return code;
  }

  async function ask(
    question: "measure" | "look" | { aheadMs: number },
  ): Promise<{ memory?: Memory; glance?: Glance }> {
    if (child === undefined) throw new Error("the broker does not run");
    const over = new AbortController();
    const { signal } = over;
    const ended = once(child, "exit", { signal }).then(() => {
      throw new Error(`the broker ended when it was asked:\n${log}`);
    });
    try {
      const answer = once(child, "message", { signal });
      // That it is gone is said by its exit.
      child.send(question, () => {});
      return (await Promise.race([answer, ended]))[0];
    } finally {
      over.abort();
    }
  }

  const broker: BrokerProcess = {
    address,
    port,
    get pid() {
      return child!.pid!;
    },
    get isUp() {
      return isUp;
    },
    get log() {
      return log;
    },
    async start() {
      const starting = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe", "ipc"] });
      child = starting;
      starting.once("exit", (code, signal) => {
        if (child !== starting || !isUp) return;
        isUp = false;
        fell?.(broker, `${signal ?? code}`);
      });
      const before = log.length;
      for (const output of [starting.stdout!, starting.stderr!]) {
        output.setEncoding("utf8").on("data", (text: string) => {
          log += text;
        });
      }
      await until(
        () => {
          const hasEnded = starting.exitCode !== null || starting.signalCode !== null;
          if (hasEnded) throw new Error(`the broker did not start:\n${log}`);
          // Itself: somebody else may be there, who was given the port meanwhile.
          return log.includes(`listens on ${address}`, before);
        },
        `the broker listens on ${address}`,
        readyMs,
      );
      // It may have been ended meanwhile.
      isUp = child === starting && starting.exitCode === null && starting.signalCode === null;
    },
    kill: async () => void (await end("SIGKILL")),
    async stop() {
      const begun = performance.now();
      const code = await end("SIGTERM");
      return { code, seconds: (performance.now() - begun) / 1000 };
    },
    measure: async () => (await ask("measure")).memory!,
    look: async () => (await ask("look")).glance!,
    moveClock: async (aheadMs) => void (await ask({ aheadMs })),
  };
  t.after(async () => {
    if (child !== undefined && child.exitCode === null && child.signalCode === null) await end("SIGKILL");
  });
  await broker.start();
  return broker;
}

export const MB = 1_000_000;

/** Memory and files, for a line of figures. */
export const shown = ({ rss, heapUsed, external, files }: Memory): string =>
  `${(rss / MB).toFixed(1)} MB resident (heap ${(heapUsed / MB).toFixed(1)}, external ${(external / MB).toFixed(1)}), ${files} files`;
