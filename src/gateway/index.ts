// Public entry of the gateway: a node over HTTP, or several in processes of their own.
//
//   /livez     the process answers
//   /readyz    whether peers should be sent here, and why not: 200 or 503
//   /metrics   for Prometheus
import type { Node } from "../broker/index.js";
import { livez, readinessOf, readyz } from "./face.js";
import { type HttpServer, serveHttp } from "./http.js";
import { metricsOf } from "./metrics.js";

export { type Face, faceOf } from "./face.js";
export type { HttpServer } from "./http.js";
export { type Ask, openJointGateway, type Voice } from "./joint.js";
export { metricsOf } from "./metrics.js";

/**
 * @param listen HOST:PORT; port 0 chooses a free one
 * @throws RepriseError `invalid_argument`, `unavailable`
 */
export function openGateway(node: Node, listen: string): Promise<HttpServer> {
  const registry = metricsOf(node);
  return serveHttp(listen, {
    "/livez": livez,
    "/readyz": () => readyz(readinessOf(node)),
    "/metrics": async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() }),
  });
}
