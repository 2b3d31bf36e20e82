// A Sentinel set or a Cluster that all tests of a file share: starting one for each would take longer than the tests.
import { type Suite, suite, type T } from "../harness.js";
import { startCluster } from "../redis-cluster.js";
import { startSentinel } from "../redis-sentinel.js";

/**
 * Starts what `start` starts when it is first asked for. @returns how to get at it, and the suite that ends it, which
 * must be run last.
 */
export function shared<Started>(what: string, start: (t: T) => Promise<Started>): [() => Promise<Started>, Suite] {
  const cleanups: (() => unknown)[] = [];
  const t: T = { after: (cleanup) => cleanups.push(cleanup), signal: new AbortController().signal };
  let started: Promise<Started> | undefined;
  const last = suite(`${what} that the tests shared`);
  last("is ended", async () => {
    await started?.catch(() => {});
    for (const cleanup of cleanups.reverse()) await cleanup();
  });
  const get = () => {
    started ??= start(t);
    return started;
  };
  return [get, last];
}

export const sharedCluster = (replicasPerMaster = 0) =>
  shared("the Cluster", (t) => startCluster(t, { replicasPerMaster }));
export const sharedSentinel = () => shared("the Sentinel set", (t) => startSentinel(t));
