// Rights that are taken back while they are made use of (P-44).
import { startNode } from "../broker/node.js";
import { clientOf, connectPeer, type Ended, endedOf, textsOf } from "../broker/peer.js";
import { assert, suite, until } from "../harness.js";
import { testGuard } from "./guard.js";

const test = suite("auth taken back");

const policy = (right: string) => `\n  ada: { rules: [{ allow: [${right}], channels: "*" }] }\n`;

test("who reads the past and loses the right to the history does not come to its end; the present goes on", async (t) => {
  const { guard, root, tokenOf, changed, setPolicy } = testGuard(t, policy("publish, subscribe, history"));
  const token = tokenOf("ada");
  await changed();
  const node = await startNode(t, { guard, token: root });
  const publisher = await connectPeer(t, node.address, { token: root });
  // More than gRPC takes for a peer that does not read.
  const stored = 60;
  for (let i = 0; i < stored; i++) await publisher.published("c", ["x".repeat(300_000)]);
  await publisher.published("short", ["1"]);
  const live = await connectPeer(t, node.address, { token });
  await live.subscribe("c");
  await live.subscribe("short", { from: "earliest" });
  await live.gets("caughtUp", 1, "short");
  const reading = await connectPeer(t, node.address, { token });
  await reading.subscribe("c", { from: "earliest" });
  reading.pause();
  await setPolicy(policy("publish, subscribe"));
  reading.resume();
  const { code, channel, request, message } = await reading.refused();
  assert.equal([code, channel, request], ["permission_denied", "c", 3]);
  assert.match(message, "the history of c was taken back");
  assert.ok(reading.heard("c").length < stored);
  await reading.subscribe("c");
  await publisher.published("c", ["new"]);
  await publisher.published("short", ["2"]);
  assert.equal(textsOf(await live.hears("c", 1)), ["new"]);
  assert.equal(textsOf(await live.hears("short", 2)), ["1", "2"]);
  await until(() => reading.heard("c").some(({ text }) => text === "new"), "what is new is heard");
  assert.equal(live.all("error"), []);
});

test("a stream of reflection ends with the first request for which there is no right any more", async (t) => {
  const { guard, root, tokenOf, changed, setPolicy } = testGuard(t, policy("admin"));
  const token = tokenOf("ada");
  await changed();
  const node = await startNode(t, { guard, token: root });
  const identity = (bytes: Buffer) => bytes;
  const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  const call = clientOf(t, node.address, token).makeBidiStreamRequest(path, identity, identity);
  t.after(() => call.cancel());
  let answers = 0;
  let ended: Ended | undefined;
  call.on("data", () => answers++);
  call.on("error", () => {});
  call.on("status", (status) => {
    ended = endedOf(status);
  });
  const ask = () => call.write(Buffer.from("3a00", "hex"));
  ask();
  await until(() => answers === 1, "it is answered");
  await setPolicy(policy("publish"));
  ask();
  await until(() => ended !== undefined || answers > 1, "it ends");
  assert.equal([ended?.code, answers], ["permission_denied", 1]);
});

test.run();
