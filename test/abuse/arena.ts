// A node that is attacked, others who use it, and what must be true of them: the others lose nothing and wait for nothing, the
// node's memory has a bound, and when the attackers have gone it has what it had.
import * as assert from "uvu/assert";
import { type Bus, connect, type TlsOptions } from "../../src/client/index.js";
import { makeCertificates } from "../certificates.js";
import { freePort } from "../redis.js";
import { MB, shown, startBroker } from "../scenarios/broker-process.js";
import { buffers } from "../scenarios/buffers.js";
import { type T, until } from "../scope.js";
import { pastChannel } from "./attack.js";
import { checkHarm, type Harm, watchHarm } from "./harm.js";
import { startOthers } from "./others.js";
import { careless, type Target } from "./target.js";

export interface Arena {
  /** Of gRPC. */
  readonly address: string;
  readonly target: Target;
  /**
   * The others go on during `attack`; afterwards everybody who took part in it leaves.
   * @throws Error for whatever did not hold
   */
  bears(what: string, attack: (t: T, target: Target) => Promise<unknown>): Promise<Harm>;
  /** Nobody is left but the others, who have received all that was stored. Returns what the node has more than before. */
  finish(): Promise<string>;
}

/** Of channels that were created meanwhile. */
const moreFiles = 7;
/** After everything: what attacks leave behind for good. */
const mostKept = 40 * MB;
/** The node's own time limits: a connection that says nothing is cut 15 s after that. */
const goneMs = 40_000;

/** @param isSecure the node speaks TLS, and the others too */
export async function startArena(t: T, { isSecure = false } = {}): Promise<Arena> {
  const { buffer } = await buffers.embedded(t);
  const httpPort = await freePort();
  const args = ["--http", `127.0.0.1:${httpPort}`];
  let tls: TlsOptions | undefined;
  if (isSecure) {
    const { ca, server } = await makeCertificates(t);
    args.push("--tls-cert", server.cert, "--tls-key", server.key);
    tls = { ca };
  }
  const broker = await startBroker(t, { buffer, args });
  await fillPast(broker.address, tls);
  const others = await startOthers(t, broker.address, tls);
  const { admin } = others.buses[0] as Bus;
  const alone = async () => (await admin.sessions()).length === others.buses.length;
  await until(alone, "the others are there");
  const before = await broker.measure();
  const target: Target = { port: broker.port, httpPort, secure: isSecure ? careless() : undefined };
  return {
    address: broker.address,
    target,
    async bears(what, attack) {
      const watch = await watchHarm(broker, others, before);
      let harm: Harm;
      try {
        await within(t, (scope) => attack(scope, target));
        await others.goOn(what);
      } finally {
        harm = await watch.over();
      }
      checkHarm(what, harm);
      return harm;
    },
    async finish() {
      await until(alone, "sessions have gone", goneMs);
      const closed = async () => (await broker.measure()).files <= before.files + moreFiles;
      await until(closed, "connections are closed", goneMs);
      const after = await broker.measure();
      const kept = after.heapUsed + after.external - before.heapUsed - before.external;
      assert.ok(kept < mostKept, `${kept / MB} MB are kept`);
      await others.finish();
      return `before ${shown(before)}, after ${shown(after)}`;
    },
  };
}

/** What `work` opens is closed after it. */
async function within(t: T, work: (scope: T) => Promise<unknown>): Promise<void> {
  const cleanups: (() => unknown)[] = [];
  try {
    await work({ after: (cleanup) => void cleanups.push(cleanup), signal: t.signal });
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

/** A channel with pages to ask for. */
async function fillPast(address: string, tls: TlsOptions | undefined): Promise<void> {
  await using bus = await connect(address, { tls });
  await Promise.all(Array.from({ length: 40 }, () => bus.publish(pastChannel, Buffer.alloc(100_000, "x"))));
}
