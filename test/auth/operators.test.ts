// Operators who may do everything but on some channels: deny wins in what they ask of the whole node, too (P-43).
import { credentials } from "@grpc/grpc-js";
import adminGrpc from "../../generated/reprise/v1/admin_grpc_pb.js";
import pb from "../../generated/reprise/v1/admin_pb.js";
import { connect } from "../../src/client/index.js";
import { adminOf, startNode } from "../broker/node.js";
import { connectPeer, showing } from "../broker/peer.js";
import { failure } from "../failure.js";
import { assert, suite, type T, until } from "../harness.js";
import { testGuard } from "./guard.js";

const test = suite("auth operators");

const policy = `
  ada:
    rules:
      - { allow: all, channels: "*" }
      - { deny: all, channels: orders.secret.* }
      - { deny: admin, channels: [audit, "a*.log"] }
  owner: { rules: [{ allow: admin, channels: own }] }
`;

async function guarded(t: T) {
  const guard = testGuard(t, policy);
  const [ada, owner] = [guard.tokenOf("ada"), guard.tokenOf("owner")];
  await guard.changed();
  const node = await startNode(t, { guard: guard.guard, token: guard.root });
  const busOf = async (token: string) => {
    const bus = await connect(node.address, { token });
    t.after(() => bus.close({ timeoutMs: 0 }));
    return bus;
  };
  return {
    node,
    root: guard.root,
    tokens: { ada, owner },
    ada: await busOf(ada),
    owner: await busOf(owner),
    boss: await busOf(guard.root),
  };
}

test("retention of a pattern is for who may administer every channel that matches it, and deny wins", async (t) => {
  const { ada, owner, boss } = await guarded(t);
  const refused = [
    "*",
    "orders.*",
    "o*",
    "*t",
    "*.txt",
    "orders.secret.*",
    "orders.secret.a*",
    "*.secret.*",
    "a*.log",
    "audit",
    "orders.secret.1",
  ];
  for (const pattern of refused) {
    const { code } = await failure(ada.admin.setRetention(pattern, "messages=1"));
    assert.is(code, "permission_denied", pattern);
  }
  for (const pattern of ["chat.*", "orders.open*", "orders.1"]) {
    assert.ok((await ada.admin.setRetention(pattern, "messages=1")).some((rule) => rule.pattern === pattern));
    await ada.admin.setRetention(pattern, "");
  }
  assert.is((await failure(ada.admin.setRetention("a b*", "messages=1"))).code, "invalid_argument");
  for (const pattern of ["*", "orders.secret.1", "own"]) await boss.admin.setRetention(pattern, "messages=9");
  const patterns = (rules: readonly { pattern: string }[]) => rules.map(({ pattern }) => pattern);
  assert.equal(patterns(await ada.admin.retention()), ["*", "own"], "rules of channels that are hers");
  assert.equal(patterns(await owner.admin.setRetention("own", "messages=8")), ["own"]);
  assert.is((await failure(owner.admin.setRetention("own*", "messages=1"))).code, "permission_denied");
});

test("what an operator is told of the node leaves out the channels that are denied to her", async (t) => {
  const { node, root, tokens, ada, boss } = await guarded(t);
  const [open, secret] = ["orders.1", "orders.secret.1"];
  const publisher = await connectPeer(t, node.address, { token: root });
  // It has subscribed to both, and does not read.
  const peer = await connectPeer(t, node.address, { token: root });
  for (const channel of [open, secret]) await peer.subscribe(channel);
  peer.pause();
  // More than gRPC takes for it.
  for (let i = 0; i < 40; i++) {
    for (const channel of [open, secret]) await publisher.published(channel, ["x".repeat(200_000)]);
  }
  await boss.admin.setRetention(secret, "messages=1000");
  const client = new adminGrpc.AdminClient(node.address, credentials.createInsecure(), showing(tokens.ada));
  t.after(() => client.close());
  const slow = () =>
    new Promise<string[]>((resolve, reject) => {
      client.listSlowSubscribers(new pb.ListSlowSubscribersRequest().setBehindMs(1), (error, response) => {
        if (error !== null) reject(error);
        else resolve(response.getSubscribersList().map((each) => each.getChannel()));
      });
    });
  await until(async () => (await slow()).length > 0, "somebody is behind");
  assert.equal(await slow(), [open]);
  const { admin } = ada;
  const sessions = await admin.sessions();
  assert.is(sessions.length, (await boss.admin.sessions()).length);
  assert.equal(
    sessions.find(({ session }) => session === peer.session)!.subscriptions.map(({ channel }) => channel),
    [open],
  );
  const { channels, channelCount } = await admin.activity();
  assert.equal([channels.map(({ channel }) => channel), channelCount], [[open], 1]);
  const names = (events: readonly { channel: string }[]) => [...new Set(events.map(({ channel }) => channel))];
  for (const options of [{}, { session: peer.session }]) {
    const { events } = await admin.events(options);
    assert.ok(names(events).includes(open));
    assert.not.match(JSON.stringify(events), secret);
    assert.match(JSON.stringify((await boss.admin.events(options)).events), secret, "it was there to be told");
  }
  peer.resume();
});

test("pages of channels, and their tokens, tell whoever asks of no others than those that she has a right on", async (t) => {
  const { node, root, tokens } = await guarded(t);
  const publisher = await connectPeer(t, node.address, { token: root });
  const names = ["a", "b", "own", "z"];
  for (const name of names) await publisher.published(name, ["x"]);
  const asked: string[] = [];
  node.buffer.hooks.state = async (channel) => void asked.push(channel);
  const client = adminOf(t, node.address, tokens.owner);
  for (const token of ["", ...names]) {
    const page = await client.channels("", token, 1);
    const isBefore = token < "own";
    assert.equal(
      [page.channelsList.map(({ channel }) => channel), page.nextPageToken],
      [isBefore ? ["own"] : [], ""],
      token,
    );
  }
  assert.equal([...new Set(asked)], ["own"], "nor are the others looked at");
});

test.run();
