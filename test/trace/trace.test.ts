// Traces from a publisher through a node to a subscriber, by the SDK of OpenTelemetry (P-52).
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import * as api from "@opentelemetry/api";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { type Bus, connect, type Message } from "../../src/client/index.js";
import { start } from "../bin/command.js";
import { startNode } from "../broker/node.js";
import { failure } from "../failure.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";

const test = suite("traces");

const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
const tracer = api.trace.getTracer("test");

const finished = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name);

async function open(t: T, address: string, tracing: typeof api | undefined): Promise<Bus> {
  const bus = await connect(address, { tracing });
  t.after(() => bus.close({ timeoutMs: 0 }));
  return bus;
}

/** What a program does that receives a message and traces. */
function handle(message: Message): void {
  const parent = api.propagation.extract(api.context.active(), message.headers);
  tracer.startSpan("process", { kind: api.SpanKind.CONSUMER }, parent).end();
}

test("one trace: the publisher's span, the node's append, the subscriber's span", async (t) => {
  exporter.reset();
  const node = await startNode(t, { tracing: api });
  const bus = await open(t, node.address, api);
  const reader = bus.subscribe("c");
  await reader.ready;
  await tracer.startActiveSpan("request", async (span) => {
    await bus.publish("c", "1", { headers: { own: "header" } });
    span.end();
  });
  for await (const message of reader) {
    assert.is(message.headers.own, "header");
    assert.match(message.headers.traceparent!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    handle(message);
    break;
  }
  const [request, send, append, process] = ["request", "send c", "append c", "process"].map(
    (name) => finished(name)[0]!,
  );
  for (const span of [send, append, process]) assert.is(span!.spanContext().traceId, request!.spanContext().traceId);
  assert.is(send!.parentSpanContext!.spanId, request!.spanContext().spanId);
  assert.is(append!.parentSpanContext!.spanId, send!.spanContext().spanId);
  assert.is(process!.parentSpanContext!.spanId, send!.spanContext().spanId);
  assert.equal([send!.kind, append!.kind], [api.SpanKind.PRODUCER, api.SpanKind.SERVER]);
  assert.equal(append!.attributes["messaging.destination.name"], "c");
  assert.equal([send!.attributes["reprise.offset"], append!.attributes["reprise.first_offset"]], [1, 1]);
});

test("a span for each context of an append, in order; none for messages without; what fails is an error of its span", async (t) => {
  exporter.reset();
  const node = await startNode(t, { tracing: api });
  const bus = await open(t, node.address, api);
  const plain = await open(t, node.address, undefined);
  await Promise.all([bus.publish("c", "1"), bus.publish("c", "2"), bus.publish("c", "3"), plain.publish("c", "4")]);
  const ids = (name: string) => finished(name).map((span) => span.spanContext().traceId);
  assert.is(finished("append c").length, 3);
  assert.equal(ids("append c").sort(), ids("send c").sort());
  const texts: string[] = [];
  for await (const message of bus.history("c")) if (message.text !== "4") texts.push(message.text);
  assert.equal(texts, ["1", "2", "3"]);
  const broken = { traceparent: "00-nonsense", own: "kept" };
  await plain.publish("c", "5", { headers: broken });

  assert.is((await failure(bus.publish("d", Buffer.alloc(2_000_000)))).code, "message_too_large");
  assert.is(finished("send d")[0]!.status.code, api.SpanStatusCode.ERROR);
});

test("docs/operate.md shows the module that is tested here", () => {
  const docs = readFileSync(join(import.meta.dirname, "../../docs/operate.md"), "utf8");
  const [, ...lines] = readFileSync(join(import.meta.dirname, "tracing.mjs"), "utf8").split("\n");
  assert.ok(docs.includes(lines.join("\n")));
});

test("off: no header is added and no span made; a context that somebody else has added comes through", async (t) => {
  exporter.reset();
  const node = await startNode(t);
  const bus = await open(t, node.address, undefined);
  const headers = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "a=1,b=2" };
  await tracer.startActiveSpan("request", async () => bus.publish("c", "1"));
  await bus.publish("c", "2", { headers });
  const received: Message[] = [];
  for await (const message of bus.history("c")) received.push(message);
  assert.equal({ ...received[0]!.headers }, {});
  assert.equal({ ...received[1]!.headers }, headers);
  assert.equal(exporter.getFinishedSpans(), []);
});

test(
  "reprise serve --trace: spans get to a collector by OTLP, also the last ones",
  async (t) => {
    exporter.reset();
    let sent = "";
    const collector = createServer((request, response) => {
      request.setEncoding("utf8").on("data", (text: string) => {
        sent += text;
      });
      request.on("end", () => response.setHeader("content-type", "application/json").end("{}"));
    }).listen(0, "127.0.0.1");
    await once(collector, "listening");
    t.after(() => collector.close());
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}` };
    const file = join(import.meta.dirname, "tracing.mjs");
    const buffer = `embedded:${join(temporaryFolder(t), "data")}`;
    const serve = ["serve", "--listen", "127.0.0.1:0", "--buffer", buffer, "--trace"];
    const running = start(t, [...serve, file], { env });
    const wrong = start(t, [...serve, `${file}.gone`]);
    await until(() => running.stderr.includes("chat lobby"), "it runs", 30_000);
    const bus = await open(t, /listens on (\S+)/.exec(running.stderr)![1]!, api);
    await bus.publish("c", "1");
    await bus.close();
    running.child.kill("SIGTERM");
    assert.is(await running.exit, 0, running.stderr);
    assert.match(sent, "append c");
    assert.match(sent, finished("send c")[0]!.spanContext().traceId);
    assert.is(await wrong.exit, 2);
    assert.match(wrong.stderr, "cannot be loaded");
  },
  { timeoutMs: 90_000 },
);

test.run();
