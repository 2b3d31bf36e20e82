// Public entry of the gateway: a node over HTTP.
//
//   /livez     the process answers
//   /readyz    whether peers should be sent here, and why not: 200 or 503
//   /metrics   for Prometheus
import type { Node } from "../broker/index.js";
import { type HttpServer, type Reply, serveHttp } from "./http.js";
import { metricsOf } from "./metrics.js";

export type { HttpServer } from "./http.js";
export { metricsOf } from "./metrics.js";

/**
 * @param listen HOST:PORT; port 0 chooses a free one
 * @throws RepriseError `invalid_argument`, `unavailable`
 */
export function openGateway(node: Node, listen: string): Promise<HttpServer> {
  const registry = metricsOf(node);
  return serveHttp(listen, {
    "/livez": () => ({ status: 200, type: "text/plain; charset=utf-8", body: "ok\n" }),
    "/readyz": () => readiness(node),
    "/metrics": async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() }),
  });
}

function readiness({ node, readiness, warnings }: Node): Reply {
  readiness.look();
  const { ready } = readiness;
  const checks = readiness.checks.map((check) => ({ ...check, since: new Date(check.since).toISOString() }));
  return {
    status: ready ? 200 : 503,
    type: "application/json",
    body: `${JSON.stringify({ ready, node, checks, warnings }, undefined, 2)}\n`,
  };
}
