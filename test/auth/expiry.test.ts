// Sessions and calls whose credentials expire, or are taken back, while they last, and of which nobody renews them (P-41).
import { readFileSync, writeFileSync } from "node:fs";
import pb from "../../generated/reprise/v1/broker_pb.js";
import type { OpenGuard } from "../../src/auth/index.js";
import { encodeAuthenticate, encodeHello } from "../../src/wire/client-frame.js";
import { startNode } from "../broker/node.js";
import { clientOf, connectPeer, type Ended, endedOf, listen, openStream } from "../broker/peer.js";
import { makeCertificates } from "../certificates.js";
import { assert, suite, type T, until } from "../harness.js";
import { open, recorded, startTls, trusting, works } from "../tls/node.js";
import { testGuard } from "./guard.js";

const test = suite("auth expiry");

const identity = (bytes: Buffer) => bytes;

const lifeMs = 2_000;
const never = new Date("2099-01-01");

/** A node where a token of ada expires, by default soon. */
async function expiring(t: T, expiresAt = new Date(Date.now() + lifeMs)) {
  const guard = testGuard(t, `\n  ada: { rules: [{ allow: all, channels: "*" }] }\n`, { graceMs: 1 });
  const token = guard.tokenOf("ada", expiresAt);
  await guard.changed();
  let recognized = 0;
  const authenticate: OpenGuard["authenticate"] = async (credentials) => {
    const identity = await guard.guard.authenticate(credentials);
    if (identity.name === "ada") recognized++;
    return identity;
  };
  const node = await startNode(t, {
    guard: Object.create(guard.guard, { authenticate: { value: authenticate } }),
    token: guard.root,
  });
  const gone = () =>
    until(async () => !(await node.admin.sessions()).some(({ name }) => name === "ada"), "no session of hers is left");
  return {
    ...guard,
    node,
    token,
    gone,
    begun: Date.now(),
    recognized: () => recognized,
    /** Takes her tokens out of the file. */
    takeBack() {
      const done = guard.changed();
      const lines = readFileSync(guard.tokenFile, "utf8").split("\n");
      writeFileSync(guard.tokenFile, lines.filter((line) => !line.startsWith("ada ")).join("\n"));
      return done;
    },
  };
}

/** A session of hers that has stopped reading, with much on its way. */
async function stuck(t: T, { node, token, root }: Awaited<ReturnType<typeof expiring>>) {
  const peer = await connectPeer(t, node.address, { token });
  await peer.subscribe("c");
  peer.pause();
  const publisher = await connectPeer(t, node.address, { token: root });
  let published = 0;
  // Its own library takes some for it.
  await until(async () => {
    await publisher.published("c", ["x".repeat(500_000)]);
    published++;
    const [{ subscriptionsList: [subscription] = [] } = {}] = (await node.admin.sessions()).filter(
      ({ name }) => name === "ada",
    );
    // It may be over already, where all takes long.
    return subscription === undefined || subscription.nextOffset <= published - 5;
  }, "it is behind");
  return peer;
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
  const expiry = await expiring(t);
  await stuck(t, expiry);
  await expiry.gone();
});

test("so is one whose token was taken back, whatever it shows then: it was told that it is over", async (t) => {
  const expiry = await expiring(t, never);
  const peer = await stuck(t, expiry);
  await expiry.takeBack();
  const another = expiry.tokenOf("ada");
  await expiry.changed();
  peer.send(encodeAuthenticate(another));
  await expiry.gone();
});

test("a session that begins while its token is taken back sees nothing of that, and ends like the others", async (t) => {
  const { node, token, recognized, takeBack, gone } = await expiring(t, never);
  const late = openStream(t, node.address, token);
  await until(() => recognized() === 1, "she is let in");
  await takeBack();
  late.send(encodeHello("", Buffer.alloc(0)));
  assert.is((await late.end()).code, "unauthenticated");
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

test("a session by a certificate ends when that expires, and the bus comes again: there may be a new one", async (t) => {
  const policy = `\n  ada: { rules: [{ allow: all, channels: "*" }] }\n`;
  const { guard } = testGuard(t, policy, { certificates: true, graceMs: 1 });
  const told: string[] = [];
  // The first one's time comes as soon as it is let in, whenever that is on a busy machine.
  const authenticate: OpenGuard["authenticate"] = ({ certificate }) => {
    told.push(certificate!.valid_to);
    const soon = new Date(Date.now() + lifeMs).toUTCString();
    return guard.authenticate({ certificate: { ...certificate!, ...(told.length === 1 && { valid_to: soon }) } });
  };
  const certificates = await makeCertificates(t);
  const own = await certificates.issue("ada", { usage: "client", hosts: [], to: never });
  const node = await startTls(
    t,
    { ...certificates.server, clientCa: certificates.ca },
    { guard: Object.create(guard, { authenticate: { value: authenticate } }) },
  );
  const { states, onState } = recorded();
  const bus = await open(t, node.address, trusting(certificates, own), { onState });
  const lost = () => states.find((state) => state.kind === "reconnecting");
  await until(() => lost() !== undefined || bus.state.kind === "failed", "it is sent away");
  assert.is(lost()?.reason.code, "unauthenticated");
  await until(() => bus.state.kind === "connected", "it is back");
  await works(bus);
  assert.ok(told.length > 1 && told.every((time) => Date.parse(time) === never.getTime()), told.join());
});

test.run();
