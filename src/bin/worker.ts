// One of the workers of a process: a node like any other, except that the first process (workers.ts) says when it begins
// and ends, and speaks for all of them.
import cluster from "node:cluster";
import type { Drained, Node, Worker } from "../broker/index.js";
import type { Face } from "../gateway/index.js";
import type { Reload } from "./hangup.js";
import type { Greeting } from "./serve.js";

/** What a worker is told. */
export type Order =
  | ({ kind: "start"; number: number } & Omit<Place, "worker" | "live">)
  /** Without a configuration: only the certificates. */
  | { kind: "reload"; config: string | undefined }
  | { kind: "drain"; windowMs?: number | undefined }
  /** What does it say of itself? */
  | { kind: "ask"; id: number; question: keyof Face }
  /** How far all have come; `done`: there is no more to come. */
  | { kind: "drained"; drained: Drained; done: boolean };

/** What a worker tells. */
export type Report =
  /** It listens to orders. */
  | { kind: "ready" }
  /** It listens to peers. */
  | { kind: "started"; greeting: Greeting }
  /** An operator has asked it to drain them all. */
  | { kind: "drain"; windowMs?: number | undefined }
  | { kind: "answer"; id: number; answer: unknown }
  /** How far it has come itself. */
  | { kind: "drained"; drained: Drained; done: boolean };

/** Where a node runs, and what it is given. */
export interface Place {
  listen: string;
  node?: string | undefined;
  /** The text of the configuration file at the start of the process. */
  config?: string | undefined;
  /** The one that was taken on SIGHUP since, for what takes no restart. */
  reloaded?: string | undefined;
  worker?: Worker;
  /** Resolves when the node has ended. */
  live(node: Node, greeting: Greeting, reload: Reload): Promise<void>;
}

const everyMs = 200;

/**
 * Runs a node in the place that this worker is given.
 * @param faceOf called when somebody asks what the node says of itself
 */
export async function runWorker(
  run: (place: Place) => Promise<void>,
  faceOf: (node: Node) => Promise<Face>,
): Promise<void> {
  // A terminal sends them to every process. The first one has it too, and decides.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  try {
    await run(await placeOf(faceOf));
  } finally {
    endByItself();
    if (process.connected) process.disconnect();
  }
}

/** Until then Node.js ends this process on the spot when the first one is gone: nothing would be lost. */
function endByItself(): void {
  cluster.worker!.exitedAfterDisconnect = true;
}

function tell(report: Report): void {
  // Who cannot be told is gone, which is an event of its own.
  if (process.connected) process.send!(report, undefined, undefined, () => {});
}

function placeOf(faceOf: (node: Node) => Promise<Face>): Promise<Place> {
  let node: Node | undefined;
  /** Made when somebody asks. */
  let face: Promise<Face> | undefined;
  let order: { windowMs?: number | undefined } | undefined;
  let canReload: (reload: Reload) => void;
  const reloading = new Promise<Reload>((resolve) => {
    canReload = resolve;
  });
  let all: Drained | undefined;
  let resolveAll: (drained: Drained) => void;
  const allDrained = new Promise<Drained>((resolve) => {
    resolveAll = resolve;
  });
  const worker = (number: number): Worker => ({
    number,
    drain(windowMs) {
      tell({ kind: "drain", windowMs });
      return allDrained;
    },
    get drained() {
      return all;
    },
  });
  const obey = () => {
    if (process.connected) void (order && node?.drain(order));
    // Whoever ended the first process in a drain is out of patience.
    else void node?.close(node.drained && 0);
  };
  const live = async (started: Node, greeting: Greeting, reload: Reload) => {
    node = started;
    canReload(reload);
    endByItself();
    tell({ kind: "started", greeting });
    obey();
    const report = (done: boolean) => {
      if (started.drained !== undefined) tell({ kind: "drained", drained: started.drained, done });
    };
    const timer = setInterval(report, everyMs, false);
    await started.left;
    clearInterval(timer);
    report(true);
    await started.stopped;
  };
  return new Promise((resolve) => {
    process.once("disconnect", obey);
    process.on("message", (said: Order) => {
      if (said.kind === "start") {
        const { kind: _, number, ...place } = said;
        resolve({ ...place, worker: worker(number), live });
      } else if (said.kind === "reload") {
        void reloading.then((reload) => reload(said.config));
      } else if (said.kind === "drain") {
        order = said;
        obey();
      } else if (said.kind === "ask") {
        const { id, question } = said;
        // Who does not know it yet, or cannot say, is silent.
        if (node === undefined) return;
        face ??= faceOf(node);
        const saying: Promise<unknown> = face.then((found): Promise<unknown> => found[question]());
        saying.then(
          (answer) => tell({ kind: "answer", id, answer }),
          () => {},
        );
      } else if (said.kind === "drained") {
        all = said.drained;
        if (said.done) resolveAll(all);
      }
    });
    tell({ kind: "ready" });
  });
}
