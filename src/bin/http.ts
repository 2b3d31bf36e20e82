// The HTTP side of `reprise serve`: health and metrics.
import { Option } from "commander";
import type { Node } from "../broker/index.js";
import type { Face, HttpServer } from "../gateway/index.js";
import type { Log } from "../log/log.js";
import type { Crew } from "./crew.js";
import { parseListen } from "./listen.js";

export interface HttpOptions {
  http?: string;
}

export const httpOptions = [
  new Option("--http <HOST:PORT>", "serve /livez, /readyz and /metrics there (default: not at all)")
    .env("REPRISE_HTTP")
    .argParser(parseListen),
];

/** Undefined: it is not asked for. The node is stopped if it cannot be opened. */
export async function openHttp(node: Node, { http }: HttpOptions, log: Log): Promise<HttpServer | undefined> {
  if (http === undefined) return undefined;
  // Loaded here, and below: most nodes on a developer's machine do without.
  const { openGateway } = await import("../gateway/index.js");
  try {
    return greet(await openGateway(node, http), log);
  } catch (thrown) {
    await node.close(0);
    throw thrown;
  }
}

/** The same for workers, in the first process. */
export async function openHttpOfAll({ ask }: Crew, { http }: HttpOptions, log: Log): Promise<HttpServer | undefined> {
  if (http === undefined) return undefined;
  const { openJointGateway } = await import("../gateway/index.js");
  return greet(await openJointGateway(ask, http), log);
}

/** How a worker answers it. */
export const faceOfWorker = async (node: Node): Promise<Face> => (await import("../gateway/index.js")).faceOf(node);

function greet(gateway: HttpServer, log: Log): HttpServer {
  log.info({}, `health and metrics: http://${gateway.address}/readyz and /metrics`);
  return gateway;
}
