// A node that may open no more files: it stays, and afterwards all goes on.
import { spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "../../src/client/index.js";
import { assert, notRun, suite, temporaryFolder } from "../harness.js";
import { startBroker } from "./broker-process.js";

const test = suite("out of files");

test(
  "a node that may open no more files goes on, also where it looks after its memory",
  async (t) => {
    const args = ["--limit", "memory=4GiB", "--limit", "unused=1h"];
    const broker = await startBroker(t, { buffer: `embedded:${temporaryFolder(t)}`, args });
    const allow = (files: string) =>
      spawnSync("prlimit", ["--pid", `${broker.pid}`, `--nofile=${files}:`]).status === 0;
    const bus = await connect(broker.address);
    t.after(() => bus.close({ timeoutMs: 0 }));
    await bus.publish("c", "before");
    if (!allow("5")) notRun("there is no prlimit");
    // It looks at its memory once a second, and there is nothing that tells of it.
    await delay(2_500);
    assert.ok(allow("1000"));
    await bus.publish("c", "after");
    const later = await connect(broker.address, { timeoutMs: 20_000 });
    await later.close();
  },
  { timeoutMs: 60_000 },
);

test.run();
