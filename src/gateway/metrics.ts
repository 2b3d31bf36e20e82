// The metrics of a node as Prometheus reads them: its own (families.ts), and those of the process.
import { collectDefaultMetrics, type Metric, Registry } from "prom-client";
import type { Node, Vitals } from "../broker/index.js";
import { families } from "./families.js";

/** Of the process, and not to be had in bounded time with very many connections: each is looked at. */
const tooSlow = [
  ...["process_open_fds", "nodejs_active_handles", "nodejs_active_handles_total", "nodejs_active_requests"],
  ...["nodejs_active_requests_total", "nodejs_active_resources", "nodejs_active_resources_total"],
];

/**
 * `metrics()` gives the text, `getMetricsAsJSON()` what `AggregatorRegistry.aggregate` makes one of many with. For one
 * node in a process.
 */
export function metricsOf(node: Pick<Node, "vitals">): Registry {
  const registry = new Registry();
  let reading: Promise<Vitals> | undefined;
  // All families of a scrape, and scrapes at the same time, share one reading.
  const vitals = () => {
    reading ??= node.vitals().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  for (const { samples, ...family } of families) {
    const metric = { ...family, get: async () => ({ ...family, values: samples(await vitals()) }) };
    // All that a registry asks of a metric.
    registry.registerMetric(metric as unknown as Metric);
  }
  collectDefaultMetrics({ register: registry });
  for (const name of tooSlow) registry.removeSingleMetric(name);
  // Among workers that run well one that hangs would hardly show in a mean, which is what prom-client makes of them.
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith("nodejs_eventloop_lag")) Object.assign(registry.getSingleMetric(name)!, { aggregator: "max" });
  }
  return registry;
}
