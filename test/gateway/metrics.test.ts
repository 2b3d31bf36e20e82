// What /metrics says is what has happened, in a form that Prometheus reads.
import { AggregatorRegistry } from "prom-client";
import { families } from "../../src/gateway/families.js";
import { metricsOf } from "../../src/gateway/index.js";
import { embedded, gate } from "../broker/buffers.js";
import { connectPeer, newProducer, subscribeCall, texts } from "../broker/peer.js";
import { assert, suite, until } from "../harness.js";
import { scrape, startGateway } from "./scrape.js";

const test = suite("metrics");

test("counts sessions, publishes by result, deliveries, latencies", async (t) => {
  const { node, url } = await startGateway(t);
  const publisher = await connectPeer(t, node.address, { producer: newProducer() });
  const subscribers = await Promise.all([1, 2, 3].map(() => connectPeer(t, node.address)));
  for (const subscriber of subscribers) await subscriber.subscribe("c");
  const simple = subscribeCall(t, node.address, { c: { from: "new" } });
  await simple.gets("subscribed");
  await publisher.published("c", texts("m", 10), 1);
  await publisher.published("c", texts("m", 10), 1);
  publisher.publish("not a name", texts("m", 2), 1);
  await publisher.refused();
  publisher.publish("c", texts("m", 3), 50);
  await publisher.refused();
  for (const listener of [...subscribers, simple]) await listener.hears("c", 10);

  const { value, families, text } = await scrape(url);
  assert.is(value("reprise_sessions", { method: "Connect" }), 4);
  assert.is(value("reprise_sessions", { method: "Subscribe" }), 1);
  assert.is(value("reprise_sessions_opened_total"), 5);
  assert.is(value("reprise_channels"), 1);
  assert.is(value("reprise_subscriptions"), 4);
  assert.is(value("reprise_published_messages_total", { result: "stored" }), 10);
  assert.is(value("reprise_published_messages_total", { result: "duplicate" }), 10);
  assert.is(value("reprise_published_messages_total", { result: "invalid_channel" }), 2);
  assert.is(value("reprise_published_messages_total", { result: "sequence_skipped" }), 3);
  assert.is(value("reprise_refused_requests_total", { code: "sequence_skipped" }), 1);
  assert.is(value("reprise_delivered_messages_total"), 40);
  assert.ok(value("reprise_append_seconds")! >= 1);
  assert.ok(value("reprise_frame_bytes_total")! > 4 * value("reprise_published_bytes_total")!);
  assert.is(value("reprise_ready"), 1);
  assert.is(value("reprise_check_ok", { check: "publishing" }), 1);
  assert.is(value("reprise_cursor_lag_messages"), 0);
  assert.ok(value("reprise_memory_bytes", { of: "tail" })! > 0);
  // Of the process.
  assert.ok(value("process_resident_memory_bytes")! > 1_000_000);
  assert.ok(families.some(({ name }) => name === "nodejs_eventloop_lag_seconds"));
  // Of frames some are timed.
  for (let i = 1; i <= 10; i++) {
    await publisher.published("c", ["x"], 10 + i);
    await simple.hears("c", 10 + i);
  }
  const later = await scrape(url);
  const timed = later.value("reprise_fanout_seconds")!;
  assert.ok(timed >= 1 && timed <= later.value("reprise_frames_total")! / 7 + 1, `${timed} timed`);
  // No label tells channels or sessions apart.
  assert.not.ok(text.includes('"c"') || text.includes(publisher.session));
});

test("counts resumes by result, gaps by reason, and reads for those behind", async (t) => {
  const buffer = await embedded(t, ["messages=100"]);
  const { node, url } = await startGateway(t, { buffer });
  const publisher = await connectPeer(t, node.address);
  const [first] = await publisher.published("c", ["x"]);
  for (let i = 0; i < 30; i++)
    await publisher.published(
      "c",
      [...texts("m", 10)].map((text) => text.padEnd(2_000)),
    );
  const state = (await node.buffer.state("c"))!;
  assert.ok(state.first > 2, "some is gone");
  const { epoch } = first!;
  const late = await connectPeer(t, node.address);
  await late.subscribe("c", { from: "position", position: { epoch, offset: 1 } });
  await late.hears("c", state.next - state.first);
  const recent = await connectPeer(t, node.address);
  await recent.subscribe("c", { from: "position", position: { epoch, offset: state.next - 3 } });
  await recent.hears("c", 2);
  const lost = await connectPeer(t, node.address);
  await lost.subscribe("c", { from: "position", position: { epoch: 7, offset: 1 } });
  await lost.gets("gap");
  const { value } = await scrape(url);
  for (const result of ["continued", "trimmed", "reset"])
    assert.is(value("reprise_resumes_total", { result }), 1, result);
  assert.is(value("reprise_resumes_total", { result: "diverged" }), 0);
  assert.is(value("reprise_gaps_total", { reason: "trimmed" }), 1);
  assert.is(value("reprise_gaps_total", { reason: "reset" }), 1);
  assert.ok(value("reprise_catch_up_reads_total")! >= 1);
  assert.ok(value("reprise_catch_up_bytes_total")! > 100_000);
});

test("a subscriber that does not read is behind, in messages and seconds, and then no more", async (t) => {
  let now = Date.now() - 20_000;
  const buffer = await embedded(t, [], { now: () => now });
  const { node, url } = await startGateway(t, { buffer });
  const frozen = await connectPeer(t, node.address);
  await frozen.subscribe("c");
  frozen.pause();
  const publisher = await connectPeer(t, node.address);
  const large = ["m".padEnd(500_000, ".")];
  // More than the sockets and streams in between hold.
  for (let i = 0; i < 50; i++) await publisher.published("c", large);
  const lagOf = async () => {
    const { value } = await scrape(url);
    const names = ["lag_messages", "lag_seconds"].map((name) => value(`reprise_cursor_${name}`)!);
    return [...names, value("reprise_subscriptions_behind")!] as [number, number, number];
  };
  const [messages, seconds, behind] = await lagOf();
  assert.ok(messages > 3 && messages <= 50, `${messages} messages`);
  assert.ok(seconds >= 20 && seconds < 60, `${seconds} s`);
  assert.is(behind, 1);
  now += 20_000;
  for (let i = 0; i < 10; i++) await publisher.published("c", large);
  assert.ok((await lagOf())[0] > messages);
  frozen.resume();
  await frozen.hears("c", 60);
  await until(async () => (await lagOf()).every((number) => number === 0), "it has caught up");
});

test("a store that is slow shows while it is", async (t) => {
  const { node, url } = await startGateway(t);
  const hold = gate();
  node.buffer.hooks.append = () => hold.passed;
  const publisher = await connectPeer(t, node.address);
  publisher.publish("c", ["x".repeat(10_000)]);
  await until(
    async () => (await scrape(url)).value("reprise_memory_bytes", { of: "pending" })! >= 10_000,
    "messages wait",
  );
  hold.open();
  await publisher.gets("published");
  assert.is((await scrape(url)).value("reprise_memory_bytes", { of: "pending" }), 0);
});

test("scrapes at the same time share what they read; those of several workers become one", async (t) => {
  const { node, url } = await startGateway(t);
  await connectPeer(t, node.address);
  const texts = await Promise.all(
    [1, 2, 3].map(async () => (await scrape(url)).value("reprise_sessions_opened_total")),
  );
  assert.equal(texts, [1, 1, 1]);
  let readings = 0;
  const vitals = () => {
    readings++;
    return node.node.vitals();
  };
  const registry = metricsOf({ vitals });
  const all = await Promise.all([registry.getMetricsAsJSON(), registry.metrics(), registry.getMetricsAsJSON()]);
  assert.is(readings, 1);
  const together = await AggregatorRegistry.aggregate([all[0], all[2]]).metrics();
  for (const { name } of families) assert.match(together, `# TYPE ${name} `);
  assert.match(together, /^reprise_sessions\{method="Connect"\} 2$/m);
  assert.match(together, /^reprise_ready 1$/m);
  // One that hangs shows, however many others there are.
  const lag = "nodejs_eventloop_lag_p99_seconds";
  const [well, hanging] = [0.01, 1].map((value) =>
    all[0].map((metric) => (metric.name === lag ? { ...metric, values: [{ labels: {}, value }] } : metric)),
  );
  const joint = await AggregatorRegistry.aggregate([well!, well!, hanging!]).metrics();
  assert.match(joint, new RegExp(`^${lag} 1$`, "m"));
});

test.run();
