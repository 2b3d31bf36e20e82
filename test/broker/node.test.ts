// Starting a node: what it listens on, what it refuses to start with.
import { startBroker } from "../../src/broker/index.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, suite } from "../harness.js";
import { embedded } from "./buffers.js";
import { startNode } from "./node.js";
import { connectPeer } from "./peer.js";

const test = suite("node");

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "started",
    (thrown: unknown) => (thrown instanceof RepriseError ? thrown.code : String(thrown)),
  );

test("a node says what it listens on, who it is and what it accepts", async (t) => {
  const limits = { maxMessageBytes: 3_000_000, maxSubscriptions: 7 };
  const node = await startNode(t, { node: "alpha", limits, heartbeatIntervalMs: 1_234 });
  assert.match(node.address, /^127\.0\.0\.1:[1-9]\d*$/);
  const peer = await connectPeer(t, node.address);
  const [welcome] = peer.all("welcome");
  assert.equal(
    { ...welcome, session: "" },
    {
      kind: "welcome",
      version: 1,
      node: "alpha",
      session: "",
      heartbeatIntervalMs: 1_234,
      ackLevel: "stored",
      limits: {
        maxMessageBytes: 3_000_000,
        maxPublishMessages: 10_000,
        // Never below one message.
        maxPublishBytes: 3_000_000,
        publishWindowBytes: 4 * 1024 * 1024,
        maxSubscriptions: 7,
      },
    },
  );
  assert.match(welcome!.session, /^[1-9]\d*$/);
});

test("without a name a node has one all the same, and two have two", async (t) => {
  const names = await Promise.all(
    [1, 2].map(async () => {
      const peer = await connectPeer(t, (await startNode(t)).address);
      return peer.all("welcome")[0]!.node;
    }),
  );
  assert.ok(names[0]!.length > 6 && names[0] !== names[1], names.join());
});

test("a node that cannot start says why, and leaves nothing open", async (t) => {
  const buffer = await embedded(t);
  const running = await startNode(t);
  const start = (listen: string, limits = {}) => codeOf(startBroker({ buffer, listen, limits }));
  assert.is(await start(running.address), "unavailable");
  assert.is(await start("127.0.0.1"), "invalid_argument");
  assert.is(await start("localhost:port"), "invalid_argument");
  for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.is(await start("127.0.0.1:0", { maxSubscriptions: value }), "invalid_argument", `${value}`);
  }
  // The harness fails the file if a timer is left.
});

test.run();
