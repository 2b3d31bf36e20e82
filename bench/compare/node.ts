// A server program that is killed and started again.
import { freePort } from "../../test/redis.js";
import { startServer } from "../server.js";
import type { Node } from "./system.js";

export async function startNode(
  program: string,
  folder: string,
  args: (port: number) => readonly string[],
): Promise<Node> {
  const port = await freePort();
  const launch = () => startServer(program, folder, args, port);
  let server = await launch();
  return {
    port,
    kill: () => server.stop("SIGKILL"),
    async start() {
      server = await launch();
    },
  };
}
