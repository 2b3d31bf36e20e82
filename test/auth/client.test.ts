// The client where nodes ask who it is: tokens, how they are renewed, and what happens without.
import { readFileSync, writeFileSync } from "node:fs";
import { type ConnectOptions, connect, drainNode, type State } from "../../src/client/index.js";
import { memoryMembers } from "../../src/presence/memory.js";
import { startNode } from "../broker/node.js";
import { failure } from "../failure.js";
import { assert, suite, type T, until } from "../harness.js";
import { testGuard } from "./guard.js";
import { newKey, sign, startIssuer } from "./issuer.js";

const test = suite("auth client");

const policy = `
  ada: { rules: [{ allow: all, channels: "own.*" }] }
  reader: { rules: [{ allow: subscribe, channels: "own.*" }] }
`;

async function all<A>(items: AsyncIterable<A>): Promise<A[]> {
  const list: A[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** A node that recognizes static tokens, and JWTs by a key of its own. */
async function guarded(t: T, options: Parameters<typeof testGuard>[2] = {}) {
  const key = await newKey("ES256", "1");
  const issuer = await startIssuer(t, [key]);
  const jwt = { keys: issuer.url, audience: ["reprise"], clockSkewMs: 0 };
  const guard = testGuard(t, policy, { jwt, ...options });
  const members = memoryMembers();
  t.after(() => members.close());
  const node = await startNode(t, { guard: guard.guard, token: guard.root, members });
  const open = async (options: ConnectOptions) => {
    const states: State[] = [];
    const bus = await connect(node.address, { onState: (state) => void states.push(state), ...options });
    t.after(() => bus.close({ timeoutMs: 0 }));
    return { bus, states };
  };
  return { ...guard, node, key, open, jwtOf: (seconds: number) => sign(key, { expiresIn: seconds }) };
}

test("who is not recognized is told so at once, and not asked again and again", async (t) => {
  const { open } = await guarded(t);
  let asked = 0;
  const wrong = () => {
    asked++;
    return "rpr_wrong";
  };
  for (const token of [undefined, "rpr_wrong", wrong]) {
    const { code, message } = await failure(open({ token, timeoutMs: 10_000 }));
    assert.is(code, "unauthenticated");
    assert.not.match(message, "rpr_wrong");
  }
  assert.is(asked, 2, "a source may have had an old one, once");
  const { code, message } = await failure(open({ token: "two words" }));
  assert.is(code, "invalid_argument");
  assert.not.match(message, "words");
  const silent = await failure(open({ token: () => Promise.reject(new Error("no disk")), timeoutMs: 1_000 }));
  assert.is(silent.code, "unavailable");
  assert.match(silent.message, "the token source failed: no disk");
});

test("a token goes to another machine by TLS only, unless the caller says otherwise", async () => {
  // Of `.invalid` nothing is ever found (RFC 6761): what is refused before is so without asking.
  const away = "broker.invalid:50051";
  const to = (options: ConnectOptions) => failure(connect(away, { token: "rpr_secret", timeoutMs: 300, ...options }));
  const refused = [await to({}), await failure(drainNode(away, { token: "rpr_secret" }).next())];
  for (const { code, message } of refused) {
    assert.is(code, "invalid_argument");
    assert.match(message, "without TLS");
    assert.not.match(message, "rpr_secret");
  }
  assert.is((await to({ insecure: true })).code, "unavailable");
  assert.is((await to({ token: undefined })).code, "unavailable");
});

test("everything that a bus does carries the token; what is denied is an error of that alone", async (t) => {
  const { open, tokenOf, changed, node } = await guarded(t);
  const [ada, reader] = [tokenOf("ada"), tokenOf("reader")];
  await changed();
  const { bus } = await open({ token: ada, name: "root" });
  const heard = bus.subscribe("own.1", { from: "earliest" });
  await bus.publish("own.1", "a");
  for await (const message of heard) {
    assert.equal([message.text, message.publisher], ["a", "ada"]);
    break;
  }
  assert.equal((await all(bus.history("own.1"))).length, 1);
  assert.equal(
    (await all(bus.channels())).map(({ channel }) => channel),
    ["own.1"],
  );
  await using presence = bus.presence("own.1");
  await bus.enter("own.1");
  await presence.ready;
  assert.equal(
    (await bus.members("own.1")).map(({ id, name }) => [id, name]),
    [[bus.member, "ada"]],
  );

  const denied = (work: Promise<unknown>) => failure(work).then(({ code }) => assert.is(code, "permission_denied"));
  await denied(bus.publish("other", "no"));
  await denied(bus.subscribe("other").ready);
  await denied(bus.enter("other"));
  await denied(bus.presence("other").ready);
  await denied(all(bus.history("other")));
  await denied(bus.nodes());
  await denied(all(drainNode(node.address, { token: ada })));
  await bus.publish("own.1", "b");

  const { bus: other } = await open({ token: reader });
  await denied(other.publish("own.1", "no"));
  await denied(other.subscribe("own.1", { from: "earliest" }).ready);
  await other.subscribe("own.1").ready;
});

test("a token is renewed on the stream before it expires: nothing is interrupted (P-41)", async (t) => {
  const { open, jwtOf, node } = await guarded(t, { graceMs: 1_000 });
  let asked = 0;
  const { bus, states } = await open({
    token: () => {
      asked++;
      return jwtOf(3);
    },
  });
  const { session } = bus.state as Extract<State, { kind: "connected" }>;
  const begun = Date.now();
  await until(() => asked >= 3, "it has been renewed twice", 15_000);
  await until(() => Date.now() - begun > 5_500, "the first one has expired, and its grace time too", 15_000);
  await bus.publish("own.1", "still there");
  assert.is((bus.state as Extract<State, { kind: "connected" }>).session, session);
  assert.equal(
    states.map(({ kind }) => kind),
    ["connecting", "connected"],
  );
  assert.is((await all(bus.history("own.1"))).length, 1, "the other calls carry the new one");
  assert.is((await node.admin.sessions()).length, 1);
});

test("a session whose token expires ends after the grace time, for good where there is no other (P-41)", async (t) => {
  const { open, jwtOf } = await guarded(t, { graceMs: 1_000 });
  const { bus } = await open({ token: await jwtOf(3) });
  const begun = Date.now();
  await until(() => bus.state.kind === "failed", "it fails", 15_000);
  assert.ok(Date.now() - begun > 900, "not before its time");
  const { error } = bus.state as Extract<State, { kind: "failed" }>;
  assert.is(error.code, "unauthenticated");
  assert.match(error.message, "expired");
});

test("a source that had nothing newer in time is asked again: the bus reconnects, and misses nothing", async (t) => {
  const { open, jwtOf, tokenOf, changed } = await guarded(t, { graceMs: 1 });
  const stale = await jwtOf(3);
  let late = false;
  const { bus, states } = await open({ token: () => (late ? jwtOf(60) : stale), backoff: { baseMs: 10 } });
  const ada = tokenOf("ada");
  await changed();
  const { bus: other } = await open({ token: ada });
  const subscription = bus.subscribe("own.1", { from: "new" });
  await subscription.ready;
  await until(
    () => bus.state.kind === "reconnecting" || states.some(({ kind }) => kind === "reconnecting"),
    "it is sent away",
    15_000,
  );
  late = true;
  const reason = states.find((state) => state.kind === "reconnecting")!.reason;
  assert.is(reason.code, "unauthenticated");
  await other.publish("own.1", "meanwhile");
  await until(() => bus.state.kind === "connected" || bus.state.kind === "failed", "it is back", 15_000);
  for await (const message of subscription) {
    assert.is(message.text, "meanwhile");
    break;
  }
});

test("a static token that is taken out of the file ends its sessions, and no others", async (t) => {
  const { open, tokenOf, tokenFile, changed, root } = await guarded(t);
  const ada = tokenOf("ada");
  await changed();
  const { bus } = await open({ token: ada });
  const { bus: other } = await open({ token: root });
  const lines = readFileSync(tokenFile, "utf8").split("\n");
  writeFileSync(tokenFile, lines.filter((line) => !line.startsWith("ada ")).join("\n"));
  await until(() => bus.state.kind === "failed", "it fails");
  const { error } = bus.state as Extract<State, { kind: "failed" }>;
  assert.equal([error.code, error.message], ["unauthenticated", "the token was taken back"]);
  await other.publish("own.1", "goes on");
});

test("a right that is taken back ends a subscription in its consumer; publishes go on", async (t) => {
  const { open, tokenOf, changed, setPolicy } = await guarded(t);
  const ada = tokenOf("ada");
  await changed();
  const { bus } = await open({ token: ada });
  const subscription = bus.subscribe("own.1");
  const presence = bus.presence("own.1");
  await Promise.all([subscription.ready, presence.ready]);
  await bus.publish("own.1", "before");
  await setPolicy(`
  ada: { rules: [{ allow: publish, channels: "own.*" }] }
`);
  const heard: string[] = [];
  const thrown = await failure(
    (async () => {
      for await (const message of subscription) heard.push(message.text);
    })(),
  );
  assert.is(thrown.code, "permission_denied");
  assert.equal(heard, ["before"]);
  assert.is((await failure(all(presence))).code, "permission_denied");
  await bus.publish("own.1", "after");
  assert.is(bus.state.kind, "connected");
});

test("a node that does not ask takes anybody, with and without a token", async (t) => {
  const node = await startNode(t);
  const bus = await connect(node.address, { token: "whatever", name: "ada" });
  t.after(() => bus.close());
  const subscription = bus.subscribe("c");
  await subscription.ready;
  await bus.publish("c", "x");
  for await (const message of subscription) {
    assert.equal([message.text, message.publisher], ["x", "ada"]);
    break;
  }
});

test.run();
