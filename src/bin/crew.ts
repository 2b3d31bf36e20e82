// The workers of a process, as its first process (workers.ts) sees them: forks them, tells them what to do, hears how they
// are, and replaces those that die.
import cluster, { type Worker } from "node:cluster";
import type { Drained } from "../broker/index.js";
import type { Ask, Face } from "../gateway/index.js";
import type { Log } from "../log/log.js";
import { Exit, exitCodes } from "./exit.js";
import type { Greeting } from "./serve.js";
import type { Order, Report } from "./worker.js";

export interface Given {
  listen: string;
  node?: string | undefined;
  /** The text of the configuration file. */
  config?: string | undefined;
}

export interface Crew {
  /** What the first one has found. */
  found: Given;
  /**
   * All of them go by it, also those that take the place of others later, and look at their certificates.
   * @param config undefined: as before
   */
  reload(config: string | undefined): void;
  /** Resolves when it listens. */
  add(number: number): Promise<Greeting>;
  /** What they say of themselves. */
  ask: Ask;
  /** All of them; none is replaced any more. */
  drain(order: { windowMs?: number | undefined }): void;
  /** Resolves when all have ended after a drain, with what came of it. */
  readonly ended: Promise<Drained>;
  /** Resolves when no process is left. They end in good order, without being moved elsewhere one after the other. */
  dismiss(): Promise<void>;
}

/** Before a worker is replaced: longer each time, until one has lived for a while. */
const shortestPauseMs = 100;
const longestPauseMs = 10_000;
const steadyMs = 10_000;

/** The place of a worker, whichever process has it at the moment. */
interface Seat {
  number: number;
  worker?: Worker | undefined;
  forkedAt: number;
  /** One has been there. */
  everStarted: boolean;
  /** Workers that did not live long, one after the other. */
  failures: number;
  pause?: NodeJS.Timeout;
  drained?: Drained;
  /** It has drained, or died meanwhile. */
  done: boolean;
  started: (greeting: Greeting) => void;
  failed: (error: Exit) => void;
}

export function createCrew(given: Given, log: Log): Crew {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  // JSON would make null of what is infinite, or no number.
  cluster.setupPrimary({ serialization: "advanced" });
  const seats: Seat[] = [];
  /** Workers that an operator has asked. */
  const askers = new Set<Worker>();
  /** Workers share the socket of those who listen by the same words. When there are none, a free port would be another. */
  let { listen } = given;
  /** The last configuration that was taken since the start. */
  let reloaded: string | undefined;
  let stage: "on" | "draining" | "dismissed" = "on";
  let resolveEnded: (drained: Drained) => void;
  let resolveGone = () => {};
  /** By id, those that are not answered by all. */
  const questions = new Map<number, (worker: Worker, answer: unknown) => void>();
  let asked = 0;
  const ended = new Promise<Drained>((resolve) => {
    resolveEnded = resolve;
  });
  const isEmpty = () => seats.every(({ worker }) => worker === undefined);

  function fork(seat: Seat): void {
    const worker = cluster.fork();
    seat.worker = worker;
    seat.forkedAt = performance.now();
    worker.on("message", (report: Report) => hear(seat, worker, report));
    worker.once("exit", (code, signal) => lost(seat, worker, signal ?? code));
    worker.once("error", (error) => lost(seat, worker, error.message));
  }

  function hear(seat: Seat, worker: Worker, report: Report): void {
    switch (report.kind) {
      case "ready":
        if (stage === "on") {
          tell(worker, { kind: "start", number: seat.number, ...crew.found, listen, reloaded });
        } else worker.process.disconnect();
        break;
      case "started":
        // When it began to listen all that had shared the socket were gone: it was given another free port, which nobody knows.
        if (seat.everStarted && report.greeting.address !== crew.found.listen) {
          listen = crew.found.listen;
          worker.process.kill("SIGKILL");
          break;
        }
        seat.everStarted = true;
        seat.started(report.greeting);
        break;
      case "drain":
        askers.add(worker);
        crew.drain({ windowMs: report.windowMs });
        break;
      case "drained":
        seat.drained = report.drained;
        seat.done = report.done;
        tellAskers();
        break;
      case "answer":
        questions.get(report.id)?.(worker, report.answer);
    }
  }

  function tellAskers(): void {
    const order: Order = { kind: "drained", drained: sum(seats), done: seats.every(({ done }) => done) };
    for (const worker of askers) tell(worker, order);
  }

  /** @param how an exit code, of a worker that has said why; or in words */
  function lost(seat: Seat, worker: Worker, how: number | string): void {
    if (seat.worker !== worker) return;
    seat.worker = undefined;
    askers.delete(worker);
    const words = `worker ${seat.number} has ended (${typeof how === "number" ? `exit code ${how}` : how})`;
    if (stage !== "on") seat.done = true;
    else if (seat.everStarted) replace(seat, words);
    else seat.failed(typeof how === "number" ? new Exit(how, "") : new Exit(exitCodes.failed, words));
    if (stage === "draining") tellAskers();
    if (!isEmpty()) return;
    listen = crew.found.listen;
    resolveGone();
    if (stage === "draining") resolveEnded(sum(seats));
  }

  function replace(seat: Seat, words: string): void {
    if (performance.now() - seat.forkedAt >= steadyMs) seat.failures = 0;
    const pauseMs = Math.min(longestPauseMs, shortestPauseMs * 2 ** seat.failures++);
    log.warn({}, `${words}; another one starts in ${pauseMs / 1_000} s`);
    seat.pause = setTimeout(fork, pauseMs, seat);
  }

  /** What each has answered, if it has. */
  function ask(question: keyof Face, patienceMs: number): Promise<Map<Worker, unknown>> {
    const workers = seats.flatMap(({ worker }) => worker ?? []);
    const answers = new Map<Worker, unknown>();
    const id = ++asked;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        questions.delete(id);
        resolve(answers);
      };
      const timer = setTimeout(end, patienceMs);
      questions.set(id, (worker, answer) => {
        if (answers.set(worker, answer).size === workers.length) end();
      });
      for (const worker of workers) tell(worker, { kind: "ask", id, question });
      if (workers.length === 0) end();
    });
  }

  const crew: Crew = {
    found: given,
    ended,
    reload(config) {
      reloaded = config ?? reloaded;
      for (const { worker } of seats) if (worker !== undefined) tell(worker, { kind: "reload", config });
    },
    async ask(question, patienceMs) {
      const answers = await ask(question, patienceMs);
      return seats.map(({ number, worker }) => ({
        worker: number,
        pid: worker?.process.pid,
        // It is the same program that has answered.
        answer: worker && (answers.get(worker) as Awaited<ReturnType<Face[typeof question]>> | undefined),
      }));
    },
    add: (number) =>
      new Promise<Greeting>((resolve, reject) => {
        const fresh = { forkedAt: 0, everStarted: false, failures: 0, done: false };
        const seat: Seat = { number, ...fresh, started: resolve, failed: reject };
        seats.push(seat);
        fork(seat);
      }),
    drain(order) {
      if (stage === "on") for (const { pause } of seats) clearTimeout(pause);
      if (stage !== "dismissed") stage = "draining";
      for (const { worker } of seats) if (worker !== undefined) tell(worker, { kind: "drain", ...order });
      for (const seat of seats) seat.done ||= seat.worker === undefined;
      if (isEmpty()) resolveEnded(sum(seats));
    },
    async dismiss() {
      stage = "dismissed";
      const gone = new Promise<void>((resolve) => {
        resolveGone = resolve;
      });
      for (const { worker } of seats) if (worker?.isConnected()) worker.process.disconnect();
      if (!isEmpty()) await gone;
    },
  };
  return crew;
}

const tell = (worker: Worker, order: Order): void => {
  // Who cannot be told is gone, which is an event of its own.
  if (worker.isConnected()) worker.send(order, undefined, undefined, () => {});
};

const sum = (seats: readonly Seat[]): Drained =>
  seats.reduce<Drained>(
    (all, { drained = { sessions: 0, moved: 0, cut: 0, elapsedMs: 0 } }) => ({
      sessions: all.sessions + drained.sessions,
      moved: all.moved + drained.moved,
      cut: all.cut + drained.cut,
      elapsedMs: Math.max(all.elapsedMs, drained.elapsedMs),
    }),
    { sessions: 0, moved: 0, cut: 0, elapsedMs: 0 },
  );
