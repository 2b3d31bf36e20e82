// The HTTP side of `reprise serve`: health and metrics.
import { Option } from "commander";
import type { Node } from "../broker/index.js";
import type { HttpServer } from "../gateway/index.js";
import { parseListen } from "./listen.js";
import { note } from "./output.js";

export interface HttpOptions {
  http?: string;
}

export const httpOptions = [
  new Option("--http <HOST:PORT>", "serve /livez, /readyz and /metrics there (default: not at all)")
    .env("REPRISE_HTTP")
    .argParser(parseListen),
];

/** Undefined: it is not asked for. The node is stopped if it cannot be opened. */
export async function openHttp(node: Node, { http }: HttpOptions): Promise<HttpServer | undefined> {
  if (http === undefined) return undefined;
  // Loaded here: most nodes on a developer's machine do without.
  const { openGateway } = await import("../gateway/index.js");
  try {
    const gateway = await openGateway(node, http);
    note(`health and metrics: http://${gateway.address}/readyz and /metrics`);
    return gateway;
  } catch (thrown) {
    await node.close(0);
    throw thrown;
  }
}
