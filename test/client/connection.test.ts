// Which node a bus connects to, when it tries again, when it does not, and how it tells.
import { credentials, type status as Status, status } from "@grpc/grpc-js";
import { statusOf } from "../../src/broker/services/grpc.js";
import { type Bus, type ConnectOptions, connect, RepriseError, type State } from "../../src/client/index.js";
import { encodeDraining, encodeHeartbeat } from "../../src/wire/server-item.js";
import { assert, suite, type T, until } from "../harness.js";
import { startNode } from "./node.js";
import { type PeerCall, startScripted, welcome } from "./scripted.js";

const test = suite("client connection");

async function open(t: T, address: string | string[], options: ConnectOptions = {}): Promise<Bus> {
  const bus = await connect(address, { backoff: { baseMs: 5, capMs: 50 }, ...options });
  t.after(() => bus.close({ timeoutMs: 0 }));
  return bus;
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof RepriseError ? error.code : String(error)),
  );

/** An address where nobody listens. */
const nobody = "127.0.0.1:1";

const roundRobin = { "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }) };

test("clients spread over the nodes", async (t) => {
  const nodes = new Map<string, number>();
  for (let i = 0; i < 4; i++) {
    const address = await startScripted(t, (call) => {
      nodes.set(address, nodes.get(address)! + 1);
      call.write(welcome());
    });
    nodes.set(address, 0);
  }
  await Promise.all(Array.from({ length: 40 }, () => open(t, [...nodes.keys()])));
  const shares = [...nodes.values()];
  // A fair choice exceeds this once in some million runs.
  assert.ok(Math.max(...shares) <= 25, `${shares}`);
});

test("a dead address is passed over, whichever comes first, and also when the node in use dies", async (t) => {
  const [one, two] = [await startNode(t), await startNode(t)];
  const bus = await open(t, [nobody, one.address, two.address]);
  const [used, other] = (bus.state as { address: string }).address === one.address ? [one, two] : [two, one];
  await used.stop();
  await until(() => bus.state.kind === "connected" && bus.state.address === other.address, "it is at the other node");
  assert.is((await bus.publish("c", "x")).position.offset, 1);
});

test("targets of gRPC: names, several addresses in one, round robin", async (t) => {
  const node = await startNode(t);
  const port = node.address.split(":")[1];
  for (const [target, grpc] of [
    [`dns:///localhost:${port}`, undefined],
    [`dns:///localhost:${port}`, roundRobin],
    [`ipv4:127.0.0.1:${port}`, undefined],
    [`ipv4:${nobody},127.0.0.1:${port}`, undefined],
    [`ipv4:${nobody},127.0.0.1:${port}`, roundRobin],
  ] as const) {
    const bus = await open(t, target, { grpc, credentials: credentials.createInsecure() });
    assert.is((await bus.channel("c").catch((error: RepriseError) => error.code)) as string, "channel_not_found");
    assert.ok((await bus.publish(`c${target.length}`, "x")).position.offset > 0);
    await bus.close();
  }
});

test("channel options are handed on, and what gRPC makes nothing of is final at once", async (t) => {
  const node = await startNode(t);
  const small = await open(t, node.address, { grpc: { "grpc.max_send_message_length": 100 } });
  const states: string[] = [];
  small.onState(({ kind }) => states.push(kind));
  void small.publish("c", "x".repeat(1_000)).catch(() => {});
  await until(() => states.includes("reconnecting"), "it cannot be sent");
  for (const [address, grpc] of [
    ["", {}],
    [node.address, { "grpc.service_config": "{nonsense" }],
  ] as const) {
    assert.is(await codeOf(connect(address, { grpc, timeoutMs: 60_000 })), "invalid_argument");
  }
  assert.is(await codeOf(connect(node.address, { timeoutMs: Number.NaN })), "invalid_argument");
});

test("P-29 a node that refuses because it drains is left alone as long as it says, and not by all for equally long", async (t) => {
  const drainer = await startScripted(t, (call) => {
    call.emit("error", statusOf(new RepriseError("draining", "it drains", { retryAfterMs: 5_000 })));
  });
  const waits = new Set<number>();
  for (let i = 0; i < 5; i++) {
    const bus = await open(t, drainer, { wait: false });
    await until(() => bus.state.kind === "reconnecting", "it is refused");
    const { nextTryMs, reason } = bus.state as Extract<State, { kind: "reconnecting" }>;
    assert.equal([reason.code, reason.message], ["draining", "it drains"]);
    assert.ok(nextTryMs >= 5_000 && nextTryMs <= 7_600, `${nextTryMs}`);
    waits.add(nextTryMs);
    await bus.close();
  }
  assert.ok(waits.size > 1);
});

test("a node that drains is left alone as long as it asks, and another one is asked first", async (t) => {
  const said: number[] = [];
  const drainer = await startScripted(t, (call) => {
    said.push(performance.now());
    call.write(welcome());
    if (said.length === 1) call.write(encodeDraining(400));
  });
  const alone = await open(t, drainer);
  const states: State[] = [];
  alone.onState((state) => states.push(state));
  await until(() => said.length === 2, "it is back");
  assert.ok(said[1]! - said[0]! >= 390, `after ${said[1]! - said[0]!} ms`);
  const waiting = states.find((state) => state.kind === "reconnecting");
  assert.ok(waiting!.nextTryMs >= 390 && waiting!.reason.code === "draining");
  await alone.close();

  // With others, they come first, even if they cannot be reached; and it is asked again when its time has come.
  said.length = 0;
  const tried: string[] = [];
  const bus = await open(t, [drainer, nobody], {
    onState: (state) => state.kind === "connecting" && tried.push(state.address),
  });
  const before = tried.length;
  await until(() => said.length === 2, "it is back");
  assert.equal(tried.slice(before, before + 2), [nobody, nobody], "the other one, again and again");
  assert.is(tried.at(-1), drainer);
  assert.ok(said[1]! - said[0]! >= 390, `after ${said[1]! - said[0]!} ms`);
  await bus.close();
});

test("the wait grows with every loss that follows soon, and begins anew after a stable time", async (t) => {
  let now = 0;
  let ends = 0;
  const calls: { end(): void }[] = [];
  const flapping = await startScripted(t, (call) => {
    call.write(welcome());
    if (ends < 4) call.end();
    else calls.push(call);
    ends++;
  });
  const bounds: number[] = [];
  const attempts: number[] = [];
  const bus = await open(t, flapping, {
    backoff: { baseMs: 8, capMs: 40, stableMs: 5_000, random: () => 0.999, now: () => now },
    onState(state) {
      if (state.kind !== "reconnecting") return;
      attempts.push(state.attempt);
      bounds.push(state.nextTryMs);
    },
  });
  await until(() => calls.length === 1 && bus.state.kind === "connected", "it stays");
  assert.equal(attempts, [1, 2, 3, 4]);
  assert.equal(bounds, [8, 16, 32, 40]);
  now += 4_999;
  calls[0]!.end();
  await until(() => calls.length === 2 && bus.state.kind === "connected", "it is back");
  assert.is(attempts.at(-1), 5, "that was not long enough");
  now += 5_000;
  calls[1]!.end();
  await until(() => calls.length === 3 && bus.state.kind === "connected", "it is back");
  assert.is(attempts.at(-1), 1);
});

test("credentials that are refused end it at once, at first and later", async (t) => {
  const refuse = (code: "unauthenticated" | "permission_denied") =>
    startScripted(t, (call) => call.emit("error", statusOf(new RepriseError(code, "not you"))));
  for (const code of ["unauthenticated", "permission_denied"] as const) {
    assert.is(await codeOf(connect(await refuse(code), { timeoutMs: 60_000 })), code);
  }
  // From something in between that knows no codes of ours.
  const plain = (code: Status) =>
    startScripted(t, (call) => call.emit("error", { code, details: "no", metadata: undefined }));
  assert.is(await codeOf(connect(await plain(status.UNAUTHENTICATED), { timeoutMs: 60_000 })), "unauthenticated");
  let first = true;
  const changed = await startScripted(t, (call) => {
    if (first) call.write(welcome());
    if (first) call.end();
    else call.emit("error", statusOf(new RepriseError("unauthenticated", "no longer")));
    first = false;
  });
  const bus = await open(t, changed);
  const lost = bus.publish("c", "x");
  const sub = bus.subscribe("d");
  assert.is(await codeOf(lost), "unauthenticated");
  assert.is(await codeOf(sub.ready), "unauthenticated");
  assert.is(bus.state.kind, "failed");
});

test("P-9: a node whose acknowledgements mean less than was asked for is refused", async (t) => {
  const everysec = await startScripted(t, (call) => call.write(welcome({ node: "n1", ackLevel: "stored" })));
  const error = await connect(everysec, { ackLevel: "fsynced", timeoutMs: 60_000 }).catch((thrown) => thrown);
  assert.is(error.code, "ack_level_unavailable");
  assert.match(error.message, "node n1 means stored, not fsynced");
  assert.is(error.retryable, false);
  const always = await startScripted(t, (call) => call.write(welcome({ ackLevel: "fsynced" })));
  for (const ackLevel of ["fsynced", "stored", undefined] as const) {
    const { state } = await open(t, always, { ackLevel });
    assert.is(state.kind === "connected" && state.ackLevel, "fsynced");
  }
  const replicated = await startScripted(t, (call) => call.write(welcome({ ackLevel: "replicated:2" })));
  for (const ackLevel of ["replicated:1", "replicated:2"] as const) {
    const { state } = await open(t, replicated, { ackLevel });
    assert.is(state.kind === "connected" && state.ackLevel, "replicated:2");
  }
  for (const ackLevel of ["replicated:3", "fsynced"] as const) {
    assert.is(await codeOf(connect(replicated, { ackLevel })), "ack_level_unavailable");
  }
  assert.is(await codeOf(connect(replicated, { ackLevel: "replicated:0" })), "invalid_argument");
});

test("P-5: a node that cannot reach its buffer says so, and the state tells it; what it told of meanwhile is not asked for", async (t) => {
  let call: PeerCall | undefined;
  const address = await startScripted(t, (opened) => {
    call = opened;
    opened.write(welcome());
  });
  const bus = await open(t, address);
  const told: (boolean | string)[] = [];
  bus.onState((state) => told.push(state.kind === "connected" ? state.bufferAway : state.kind));
  assert.ok(bus.state.kind === "connected" && !bus.state.bufferAway);
  const head = { channel: "c", position: { epoch: 1, offset: 9 } };
  bus.subscribe("c");
  for (let beat = 1; beat <= 9; beat++) call!.write(encodeHeartbeat(beat, [head], true));
  call!.write(encodeHeartbeat(10));
  await until(() => told.length === 2, "it is away, and back");
  assert.equal(told, [true, false]);
});

test("the states can be iterated: the present one, all that follow, up to the last", async (t) => {
  const node = await startNode(t);
  const bus = await open(t, node.address);
  const kinds: string[] = [];
  const reader = (async () => {
    for await (const state of bus.states()) {
      kinds.push(state.kind);
      if (state.kind === "reconnecting") {
        assert.ok(state.attempt >= 1 && state.nextTryMs >= 0);
        assert.ok(state.reason instanceof RepriseError && state.reason.message.length > 0);
      }
    }
  })();
  for await (const state of bus.states()) {
    assert.is(state.kind, "connected");
    break;
  }
  const unread = bus.states();
  await unread.next();
  await node.stop();
  await until(() => kinds.includes("reconnecting"), "it is lost");
  await node.start();
  await until(() => kinds.at(-1) === "connected", "it is back");
  await bus.close();
  await reader;
  assert.equal(kinds.filter((kind) => kind !== "draining").slice(0, 3), ["connected", "reconnecting", "connecting"]);
  assert.is(kinds.at(-1), "closed");
  const later: string[] = [];
  for await (const state of unread) later.push(state.kind);
  assert.equal(later, kinds.slice(1), "whoever reads late has missed nothing");
  const after: string[] = [];
  for await (const state of bus.states()) after.push(state.kind);
  assert.equal(after, ["closed"]);
});

test("without waiting: published while the broker is down, stored when it comes up", async (t) => {
  const node = await startNode(t);
  await node.stop();
  const bus = await open(t, node.address, { wait: false });
  assert.is.not(bus.state.kind, "connected");
  assert.ok(bus.limits.maxMessageBytes > 0);
  const done = Array.from({ length: 1_000 }, (_, i) => bus.publish("c", `${i}`));
  const texts: string[] = [];
  const received = (async () => {
    for await (const message of bus.subscribe("c", { from: "earliest" })) {
      if (texts.push(message.text) === 1_000) break;
    }
  })();
  await until(() => bus.state.kind === "reconnecting", "it has tried");
  await node.start();
  const offsets = (await Promise.all(done)).map(({ position }) => position.offset);
  assert.equal(
    offsets,
    offsets.map((_, i) => i + 1),
  );
  await received;
  assert.equal(
    texts,
    texts.map((_, i) => `${i}`),
  );
});

test("waiting for ever does the same, for whoever wants to wait", async (t) => {
  const node = await startNode(t);
  await node.stop();
  const connecting = open(t, node.address, { timeoutMs: Number.POSITIVE_INFINITY });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await node.start();
  assert.is((await (await connecting).publish("c", "x")).position.offset, 1);
});

test("without waiting the outbox keeps its limits", async (t) => {
  const node = await startNode(t);
  await node.stop();
  const data = Buffer.alloc(1_000);
  const strict = await open(t, node.address, { wait: false, outboxBytes: 10_000, outboxFull: "reject" });
  const patient = await open(t, node.address, { wait: false, outboxBytes: 10_000 });
  const refused = await Promise.all(
    Array.from({ length: 5 }, () => codeOf(strict.publish("s", data, { timeoutMs: 50 }))),
  );
  assert.equal(refused, Array(5).fill("deadline_exceeded"), "there was room, but no broker");
  const kept = Array.from({ length: 20 }, () => codeOf(strict.publish("s", data)));
  const waiting = Array.from({ length: 20 }, () => codeOf(patient.publish("p", data)));
  await node.start();
  const outcomes = await Promise.all(kept);
  assert.equal(outcomes, [...Array(9).fill("no error"), ...Array(11).fill("outbox_full")]);
  assert.equal(await Promise.all(waiting), Array(20).fill("no error"));
  assert.is((await strict.channel("s")).next, 10, "what was taken back did not arrive");
  assert.is((await patient.channel("p")).next, 21);
});

test("without waiting, what ends it for good is in the state and in all that was asked", async (t) => {
  const address = await startScripted(t, (call) => call.write(welcome({ ackLevel: "stored" })));
  const bus = await open(t, address, { wait: false, ackLevel: "fsynced" });
  assert.is(await codeOf(bus.publish("c", "x")), "ack_level_unavailable");
  assert.is(bus.state.kind, "failed");
  const late = await open(t, nobody, { wait: false, timeoutMs: 50 });
  assert.is(await codeOf(late.publish("c", "x")), "unavailable");
  const abort = new AbortController();
  const aborted = await open(t, nobody, { wait: false, signal: abort.signal });
  abort.abort();
  assert.is(await codeOf(aborted.publish("c", "x")), "cancelled");
  assert.is(await codeOf(connect([], { wait: false })), "invalid_argument");
});

test("closing may wait for ever", async (t) => {
  const node = await startNode(t);
  await node.stop();
  const bus = await open(t, node.address, { wait: false });
  const stored = bus.publish("c", "x");
  const closed = bus.close({ timeoutMs: Number.POSITIVE_INFINITY });
  await until(() => bus.state.kind === "reconnecting", "it has tried");
  await node.start();
  await closed;
  assert.is((await stored).position.offset, 1);
});

test.run();
