// The client under node:cluster and in worker threads, and what it leaves behind: no handle, no unhandled rejection.
import cluster, { type Worker as ClusterWorker } from "node:cluster";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { connect, type RepriseError } from "../../src/client/index.js";
import { assert, loader, suite, type T, until } from "../harness.js";
import { startNode } from "./node.js";
import type { Assignment } from "./peer.js";
import { startScripted, welcome } from "./scripted.js";

const test = suite("client processes");

const peer = new URL("./peer.ts", import.meta.url);
/** A thread does not inherit the loader of TypeScript, and takes none from its arguments before Node 22. */
const loadPeer = `import(${JSON.stringify(import.meta.resolve("tsx/esm/api"))}).then((tsx) => {
  tsx.register();
  return import(${JSON.stringify(peer.href)});
});`;

/** Peers that have ended by themselves: what each received. */
type RunPeers = (t: T, assignments: readonly Assignment[]) => Promise<string[][]>;

const inProcesses: RunPeers = (t, assignments) => {
  cluster.setupPrimary({ exec: fileURLToPath(peer), execArgv: ["--import", loader], args: [] });
  return Promise.all(
    assignments.map(async (assignment) => {
      const worker: ClusterWorker = cluster.fork({ ASSIGNMENT: JSON.stringify(assignment) });
      t.after(() => worker.process.kill("SIGKILL"));
      const exit = once(worker, "exit");
      const [received] = (await Promise.race([once(worker, "message"), exit])) as [string[]];
      assert.equal(await exit, [0, null]);
      return received;
    }),
  );
};

const inThreads: RunPeers = (t, assignments) =>
  Promise.all(
    assignments.map(async (assignment) => {
      const worker = new Worker(loadPeer, { eval: true, workerData: assignment });
      t.after(() => worker.terminate());
      const exit = once(worker, "exit");
      const [received] = (await once(worker, "message")) as [string[]];
      assert.equal(await exit, [0]);
      return received;
    }),
  );

for (const [where, runPeers] of [
  ["in processes of a cluster", inProcesses],
  ["in worker threads", inThreads],
] as const) {
  test(`two peers ${where} publish and receive, and end by themselves`, async (t) => {
    const { address } = await startNode(t);
    const assignments = ["a", "b"].map((name) => ({ address, name, own: 200, all: 400 }));
    const [one, two] = await runPeers(t, assignments);
    assert.equal(one, two);
    for (const name of ["a", "b"]) {
      const own = one!.filter((text) => text.startsWith(`${name} `));
      assert.equal(
        own,
        own.map((_, i) => `${name} ${i}`),
      );
      assert.is(own.length, 200);
    }
  });
}

// Unhandled rejections fail a test by the harness.

test("everything ends with an error while nobody listens: no unhandled rejection", async (t) => {
  const node = await startNode(t);
  const refusing = await startScripted(t, (call) => call.write(welcome({ ackLevel: "stored" })));
  const buses = [
    await connect(node.address, { reconnect: false }),
    await connect(node.address),
    await connect("127.0.0.1:1", { wait: false, timeoutMs: 50 }),
    await connect("127.0.0.1:1", { wait: false, signal: AbortSignal.timeout(50) }),
    await connect(refusing, { wait: false, ackLevel: "fsynced" }),
  ];
  const codes: Promise<string>[] = [];
  for (const bus of buses) {
    assert.is.not(bus.state.kind, "failed", "not yet");
    // Neither `ready` nor the iterations are looked at.
    for (let i = 0; i < 20; i++) bus.subscribe(`c${i}`, { from: 99 });
    bus.subscribe("d")[Symbol.asyncIterator]();
    bus.history("c");
    bus.channels();
    bus.states();
    // Whose promise a caller gets, is the caller's business.
    const published = bus.publish("c", "x").then(
      () => "stored",
      (error: RepriseError) => error.code,
    );
    codes.push(published);
  }
  await node.stop();
  await until(() => buses.filter((bus) => bus.state.kind === "failed").length === 4, "all but one have failed");
  for (const bus of buses) await bus.close({ timeoutMs: 0 });
  assert.equal((await Promise.all(codes)).slice(2), ["unavailable", "deadline_exceeded", "ack_level_unavailable"]);
});

test.run();
