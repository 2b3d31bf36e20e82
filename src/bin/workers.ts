// serve --workers: several processes behind one listening socket, each a node of its own. This is the first process. It
// holds the socket, hands each connection to the next worker, and replaces workers that die; it reads no message.
import { availableParallelism } from "node:os";
import { InvalidArgumentError, Option } from "commander";
import type { HttpServer } from "../gateway/index.js";
import type { Log } from "../log/log.js";
import { type Crew, createCrew, type Given } from "./crew.js";
import { drainedLine } from "./drained.js";
import { Exit, exitCodes } from "./exit.js";
import type { Reload } from "./hangup.js";
import type { Greeting } from "./serve.js";
import { onStop } from "./stop.js";

export const workersOption = () =>
  new Option("--workers <N>", "processes that share --listen, or auto: one for each core; needs Redis")
    .env("REPRISE_WORKERS")
    .default(1)
    .argParser(parseWorkers);

const mostWorkers = 256;

function parseWorkers(text: string): number | "auto" {
  if (text === "auto") return text;
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= mostWorkers) return count;
  throw new InvalidArgumentError(`Expected a number from 1 to ${mostWorkers}, or auto.`);
}

/** How many there shall be. @throws Exit if they could not share the buffer */
export function countWorkers(given: number | "auto", buffer: string): number {
  const isShared = !buffer.startsWith("embedded:");
  if (given === "auto") return isShared ? Math.min(mostWorkers, availableParallelism()) : 1;
  if (given === 1 || isShared) return given;
  const what = `--workers ${given} needs a buffer that processes can share, --buffer redis://HOST:PORT for example`;
  throw new Exit(exitCodes.usage, `${what}: the folder of an embedded one belongs to one process`);
}

/** What the first process does besides. */
export interface First {
  log: Log;
  greet(greeting: Greeting, workers: number): void;
  /** Calls `reload` on SIGHUP. Returns what ends that. */
  hangup(reload: Reload): () => void;
  openHttp(crew: Crew): Promise<HttpServer | undefined>;
}

/**
 * Runs them until they are told to stop.
 * @throws Exit if one of them cannot start the first time; it has said why
 */
export async function runWorkers(count: number, given: Given, { log, greet, hangup, openHttp }: First): Promise<void> {
  const crew = createCrew(given, log);
  const forgetHangup = hangup(crew.reload);
  let gateway: HttpServer | undefined;
  const release = onStop(() => {
    log.info({}, "stopping (again to stop at once)");
    crew.drain({});
  });
  try {
    const begun = async () => {
      await start(crew, count, greet);
      gateway = await openHttp(crew);
    };
    await Promise.race([crew.ended, begun()]);
    log.info({}, drainedLine(await crew.ended));
  } finally {
    release();
    forgetHangup();
    await gateway?.close();
    await crew.dismiss();
  }
}

async function start(crew: Crew, count: number, greet: (greeting: Greeting, workers: number) => void): Promise<void> {
  // What keeps one from starting would keep all of them, and is said once. The others take over what it has found: a free
  // port, a name.
  const first = await crew.add(1);
  const node = first.node.replace(/\/1$/, "");
  crew.found = { ...crew.found, listen: first.address, node };
  await Promise.all(Array.from({ length: count - 1 }, (_, i) => crew.add(i + 2)));
  greet({ ...first, node }, count);
}
