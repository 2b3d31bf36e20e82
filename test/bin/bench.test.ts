// reprise bench: figures of a sound stream, and none of a broken one.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bus, connect } from "../../src/client/index.js";
import { startNode } from "../client/node.js";
import { assert, suite, temporaryFolder, until } from "../harness.js";
import { run, start } from "./command.js";

const test = suite("reprise bench");

const short = ["bench", "--duration", "300ms", "--publishers", "2", "--subscribers", "3"];

test("prints figures, on a channel of its own, and writes them to a file", async (t) => {
  const { address } = await startNode(t);
  const file = join(temporaryFolder(t), "figures.json");
  const args = [...short, "--channels", "4", "--rate", "400", "--size", "64B", "--json", file, "--server", address];
  const { code, lines, stderr } = await run(t, args);
  assert.is(code, 0, stderr);
  assert.match(lines[0]!, "2 publishers, 3 subscribers, 4 channels, 64 B, 400 messages a second");
  assert.equal(
    lines.map((line) => line.split(" ")[0]),
    ["load", "deliveries", "acked", "latency", "client", "complete"],
  );
  const { load, figures } = JSON.parse(readFileSync(file, "utf8"));
  assert.is(load.channels.length, 4);
  const { deliveriesPerSecond, ackedPerSecond, latencyMs, clientCpuUsPerDelivery } = figures;
  assert.ok(deliveriesPerSecond > 0 && ackedPerSecond > 0 && clientCpuUsPerDelivery > 0, JSON.stringify(figures));
  const { p50, p99, p999 } = latencyMs;
  assert.ok(0 < p50 && p50 <= p99 && p99 <= p999, JSON.stringify(latencyMs));
  const bus = await connect(address);
  t.after(() => bus.close());
  const names: string[] = [];
  for await (const { channel } of bus.channels()) names.push(channel);
  assert.equal(names.sort(), load.channels);
  assert.match(names[0]!, /^bench\/[0-9a-f]{12}\.1$/);
});

test("unpaced, within its windows: also one message at a time, and messages larger than a page", async (t) => {
  const { address } = await startNode(t);
  const results = await Promise.all(
    [["--window", "1"], ["--size", "100KiB"], []].map((more) => run(t, [...short, ...more, "--server", address])),
  );
  for (const { code, lines, stderr } of results) {
    assert.is(code, 0, stderr);
    assert.match(lines.at(-1)!, "every message once");
  }
});

/** Waits until it is under way. */
const publishes = (bus: Bus) =>
  until(async () => {
    const channel = await bus.channel("ours").catch(() => undefined);
    return channel !== undefined && channel.next > 10;
  }, "it publishes");

test("somebody else on its channel: FAIL, exit code 1, and no figures", async (t) => {
  const { address } = await startNode(t);
  const file = join(temporaryFolder(t), "figures.json");
  const args = ["bench", "--channel", "ours", "--duration", "20s", "--rate", "100", "--json", file];
  const running = start(t, [...args, "--server", address]);
  const bus = await connect(address);
  t.after(() => bus.close());
  await publishes(bus);
  await bus.publish("ours", "x".repeat(128));
  assert.is(await running.exit, 1);
  assert.match(running.stderr, /reprise: FAIL: subscriber \d+: got message \d+ of stream/);
  assert.is(running.stdout, "");
  const { figures, fault } = JSON.parse(readFileSync(file, "utf8"));
  assert.is(figures, undefined);
  assert.match(fault, "got message");
});

test("a broker that starts again meanwhile loses nothing: no FAIL", async (t) => {
  const node = await startNode(t);
  const args = ["bench", "--channel", "ours", "--duration", "2s", "--rate", "200", "--server", node.address];
  const running = start(t, args);
  const bus = await connect(node.address);
  t.after(() => bus.close({ timeoutMs: 0 }));
  await publishes(bus);
  await node.stop();
  await node.start();
  assert.is(await running.exit, 0, running.stderr);
  assert.match(running.lines.at(-1)!, "every message once");
});

test("a message that the broker does not take, and a broker that is not there", async (t) => {
  const { address } = await startNode(t, { limits: { maxMessageBytes: 1_000 } });
  const large = await run(t, ["bench", "--size", "2KiB", "--server", address]);
  assert.is(large.code, 1);
  assert.match(large.stderr, "at most 1000 are allowed");
  assert.is((await run(t, ["bench", "--size", "15B", "--server", address])).code, 2);
  assert.is((await run(t, ["bench", "--rate", "1", "--window", "1", "--server", address])).code, 2);
  const nobody = await run(t, ["bench", "--server", "127.0.0.1:1"]);
  assert.is(nobody.code, 3);
});

test.run();
