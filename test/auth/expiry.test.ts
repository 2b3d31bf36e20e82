// Sessions and calls whose credentials expire while they last, and of which nobody renews them (P-41).
import pb from "../../generated/reprise/v1/broker_pb.js";
import { startNode } from "../broker/node.js";
import { clientOf, connectPeer, type Ended, endedOf, listen } from "../broker/peer.js";
import { assert, suite, type T, until } from "../harness.js";
import { testGuard } from "./guard.js";

const test = suite("auth expiry");

const identity = (bytes: Buffer) => bytes;

const lifeMs = 2_000;

/** A node where a token of ada expires soon. */
async function expiring(t: T) {
  const guard = testGuard(t, `\n  ada: { rules: [{ allow: all, channels: "*" }] }\n`, { graceMs: 1 });
  const token = guard.tokenOf("ada", new Date(Date.now() + lifeMs));
  await guard.changed();
  const node = await startNode(t, { guard: guard.guard, token: guard.root });
  const gone = () =>
    until(async () => !(await node.admin.sessions()).some(({ name }) => name === "ada"), "no session of hers is left");
  return { node, token, root: guard.root, gone, begun: Date.now() };
}

test("a call of Subscribe ends, which cannot show another token", async (t) => {
  const { node, token, gone, begun } = await expiring(t);
  const request = new pb.SubscribeRequest().setSubscriptionsList([new pb.Subscribe().setChannel("c")]);
  const path = "/reprise.v1.Broker/Subscribe";
  const bytes = Buffer.from(request.serializeBinary());
  const call = clientOf(t, node.address, token).makeServerStreamRequest(path, identity, identity, bytes);
  t.after(() => call.cancel());
  const listener = listen(call);
  await listener.gets("subscribed");
  assert.is((await listener.end()).code, "unauthenticated");
  assert.ok(Date.now() - begun > lifeMs - 500);
  await gone();
});

test("a session that does not read its last word is cut", async (t) => {
  const { node, token, root, gone } = await expiring(t);
  const stuck = await connectPeer(t, node.address, { token });
  await stuck.subscribe("c");
  stuck.pause();
  const publisher = await connectPeer(t, node.address, { token: root });
  for (let i = 0; i < 10; i++) await publisher.published("c", ["x".repeat(500_000)]);
  assert.ok((await node.admin.sessions()).some(({ name }) => name === "ada"));
  await gone();
});

test("a PublishStream ends with the next request", async (t) => {
  const { node, token } = await expiring(t);
  let ended: Ended | undefined;
  const path = "/reprise.v1.Broker/PublishStream";
  const call = clientOf(t, node.address, token).makeClientStreamRequest(path, identity, identity, (error) => {
    if (error !== null) ended = endedOf(error);
  });
  t.after(() => call.cancel());
  call.on("error", () => {});
  const request = new pb.PublishRequest().setChannel("c").setMessagesList([new pb.Message().setData(Buffer.from("x"))]);
  let sent = 0;
  await until(async () => {
    if (ended === undefined) call.write(Buffer.from(request.serializeBinary()));
    sent++;
    return ended !== undefined;
  }, "it ends");
  assert.is(ended!.code, "unauthenticated");
  assert.ok(sent > 5, "it began");
});

test.run();
