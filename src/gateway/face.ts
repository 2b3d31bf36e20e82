// What a node says of itself over HTTP, as plain data: the node may be in another process (joint.ts).
import type { Registry } from "prom-client";
import type { Check, Node } from "../broker/index.js";
import type { Sample } from "./families.js";
import type { Reply } from "./http.js";
import { metricsOf } from "./metrics.js";

export interface NodeReadiness {
  ready: boolean;
  node: string;
  /** `since` as ISO 8601. */
  checks: (Omit<Check, "since"> & { since: string })[];
  warnings: readonly string[];
}

/** As `AggregatorRegistry.aggregate` takes them. */
export type Metrics = readonly {
  name: string;
  help: string;
  type: string;
  aggregator: string;
  values: readonly Sample[];
}[];

export interface Face {
  readiness(): Promise<NodeReadiness>;
  metrics(): Promise<Metrics>;
}

/** For one node in a process. */
export function faceOf(node: Node): Face {
  const registry = metricsOf(node);
  return {
    readiness: async () => readinessOf(node),
    metrics: () => metricsAsData(registry),
  };
}

/** What prom-client types as its own objects is data. */
export const metricsAsData = async (registry: Registry): Promise<Metrics> =>
  (await registry.getMetricsAsJSON()) as unknown as Metrics;

export function readinessOf({ node, readiness, warnings }: Node): NodeReadiness {
  readiness.look();
  const checks = readiness.checks.map((check) => ({ ...check, since: new Date(check.since).toISOString() }));
  return { ready: readiness.ready, node, checks, warnings };
}

export const livez = (): Reply => ({ status: 200, type: "text/plain; charset=utf-8", body: "ok\n" });

export const readyz = (answer: { ready: boolean }): Reply => ({
  status: answer.ready ? 200 : 503,
  type: "application/json",
  body: `${JSON.stringify(answer, undefined, 2)}\n`,
});
