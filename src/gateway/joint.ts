// Several workers behind one HTTP port, each a node in a process of its own. They are asked when somebody asks; one that does
// not answer in time is left out, so that a worker that hangs does not hide the others.
import { AggregatorRegistry, Registry } from "prom-client";
import { type Face, livez, type Metrics, metricsAsData, type NodeReadiness, readyz } from "./face.js";
import { silentWorkers } from "./families.js";
import { type HttpServer, serveHttp } from "./http.js";

/** What came of asking a worker. */
export interface Voice<Answer> {
  worker: number;
  /** Of its process; undefined: there is none at the moment. */
  pid: number | undefined;
  /** Undefined: it has not answered. */
  answer: Answer | undefined;
}

/** Asks all workers. Resolves when all have answered, or after `patienceMs`. */
export type Ask = <Question extends keyof Face>(
  question: Question,
  patienceMs: number,
) => Promise<Voice<Awaited<ReturnType<Face[Question]>>>[]>;

/** Probes are usually given a second. */
const readinessMs = 500;
const metricsMs = 2_000;

/** @throws RepriseError `invalid_argument`, `unavailable` */
export function openJointGateway(ask: Ask, listen: string): Promise<HttpServer> {
  const metrics = jointMetrics(ask);
  return serveHttp(listen, {
    "/livez": livez,
    "/readyz": async () => readyz(jointReadiness(await ask("readiness", readinessMs))),
    "/metrics": async () => ({ status: 200, type: Registry.PROMETHEUS_CONTENT_TYPE, body: await metrics() }),
  });
}

/**
 * A connection gets to any worker that takes one: all of those must be ready. One that hangs or is not there takes none,
 * so it does not count as long as there is another.
 */
function jointReadiness(voices: readonly Voice<NodeReadiness>[]) {
  const answers = voices.flatMap(({ answer }) => answer ?? []);
  return {
    ready: answers.length > 0 && answers.every(({ ready }) => ready),
    workers: voices.map(({ worker, answer }) => {
      if (answer === undefined) return { worker, answers: false };
      const { ready, node, checks } = answer;
      return { worker, answers: true, ready, node, checks };
    }),
    // The store is the same for all.
    warnings: answers[0]?.warnings ?? [],
  };
}

/**
 * Counts must never become less, or Prometheus takes all of them for new: of workers that do not answer, and of those that
 * have ended, the last ones that were heard stay in the sum.
 */
function jointMetrics(ask: Ask): () => Promise<string> {
  let past: Metrics = [];
  const heard = new Map<number, Metrics>();
  return async () => {
    const voices = await ask("metrics", metricsMs);
    for (const { pid, answer } of voices) {
      if (pid !== undefined && answer !== undefined) heard.set(pid, answer.filter(isCount));
    }
    const alive = new Set(voices.map(({ pid }) => pid));
    for (const [pid, counts] of heard) {
      if (alive.has(pid)) continue;
      heard.delete(pid);
      past = await metricsAsData(AggregatorRegistry.aggregate([past, counts]));
    }
    const silent = voices.filter(({ answer }) => answer === undefined);
    return AggregatorRegistry.aggregate([
      ...voices.flatMap(({ answer }) => (answer === undefined ? [] : [answer])),
      ...silent.map(({ pid }) => (pid === undefined ? [] : (heard.get(pid) ?? []))),
      [silentWorkers(silent.length)],
      past,
    ]).metrics();
  };
}

const isCount = ({ type }: Metrics[number]): boolean => type === "counter" || type === "histogram";
