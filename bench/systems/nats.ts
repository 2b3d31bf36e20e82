// nats-server, Debian's unless there is one on the path.
import type { NatsConnection, NodeConnectionOptions } from "@nats-io/transport-node";
import { connect } from "@nats-io/transport-node";
import { findServer } from "../../scripts/programs.js";
import { startServer, versionOf } from "../server.js";
import type { Place, Servers } from "../system.js";

export const nats = { program: "nats-server", packages: ["nats-server"] };

export async function startNats({ folder }: Place, ...args: string[]): Promise<Servers> {
  const program = findServer(nats);
  const server = await startServer(program, folder, (port) => ["-a", "127.0.0.1", "-p", `${port}`, ...args]);
  return {
    address: `127.0.0.1:${server.port}`,
    processes: [{ role: "broker", pid: server.pid }],
    version: versionOf(program, "--version"),
    stop: server.stop,
  };
}

/** Without the traces that the client's documentation advises publishers to JetStream against. */
export const dial = (address: string, more: NodeConnectionOptions = {}): Promise<NatsConnection> =>
  connect({ servers: address, timeout: 60_000, noAsyncTraces: true, ...more });
