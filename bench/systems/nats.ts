// nats-server, as Debian delivers it unless there is another one on the path.
import type { NatsConnection } from "@nats-io/transport-node";
import { connect } from "@nats-io/transport-node";
import { findProgram } from "../../scripts/debian.js";
import { startServer, versionOf } from "../server.js";
import type { Place, Servers } from "../system.js";

const nats = { name: "nats-server", packages: ["nats-server"], path: "usr/sbin/nats-server" };

export async function startNats({ folder }: Place, ...args: string[]): Promise<Servers> {
  const program = findProgram(nats);
  const server = await startServer(program, folder, (port) => ["-a", "127.0.0.1", "-p", `${port}`, ...args]);
  return {
    address: `127.0.0.1:${server.port}`,
    processes: [{ role: "broker", pid: server.pid }],
    version: versionOf(program, "--version"),
    stop: server.stop,
  };
}

export const dial = (address: string): Promise<NatsConnection> => connect({ servers: address, timeout: 60_000 });
