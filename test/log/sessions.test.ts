// Whatever is said of a session says which one it is and whose: `session` and `peer` on each line, and whatever is said of a
// peer, `peer`.
import { connect as connectTcp } from "node:net";
import { connect } from "../../src/client/index.js";
import { createLog } from "../../src/log/log.js";
import { memoryMembers } from "../../src/presence/memory.js";
import { encodeAuthenticate, encodeEnter, encodeHello, encodePublish } from "../../src/wire/client-frame.js";
import { RepriseError } from "../../src/wire/errors.js";
import { testGuard } from "../auth/guard.js";
import { callPublish } from "../broker/calls.js";
import { startNode } from "../broker/node.js";
import { connectPeer, encodeTexts, openStream, texts } from "../broker/peer.js";
import { assert, suite, type T, until } from "../harness.js";

const busy = { timeoutMs: 120_000 };

const test = suite("log of sessions");

type Line = Record<string, unknown> & { msg: string };

const policy = `
  ada: { rules: [{ allow: all, channels: "*" }] }
  none: { rules: [{ allow: subscribe, channels: "*" }] }
`;

/** A node whose every line is kept as it would be written. */
async function startLogged(t: T) {
  const lines: Line[] = [];
  const log = createLog((level, fields, msg) => {
    lines.push(JSON.parse(JSON.stringify({ level, ...fields, msg })) as Line);
  });
  const guard = testGuard(t, policy, { graceMs: 1 });
  const members = {
    ...memoryMembers(),
    release: () => Promise.reject(new RepriseError("unavailable", "the store is away")),
  };
  const node = await startNode(t, { guard: guard.guard, token: guard.root, log, members });
  const logged = (msg: string) => until(() => lines.some((line) => line.msg.startsWith(msg)), `it is logged: ${msg}`);
  return { node, guard, lines, logged };
}

test(
  "a session from its beginning to each kind of end, and those who get none",
  async (t) => {
    const { node, guard, lines, logged } = await startLogged(t);
    const [ada, none] = [guard.tokenOf("ada"), guard.tokenOf("none")];
    const brief = guard.tokenOf("ada", new Date(Date.now() + 3_000));
    await guard.changed();
    const open = (token: string) => connectPeer(t, node.address, { token });
    const expiring = await open(brief);

    const peer = await open(ada);
    const { epoch } = (await peer.published("c", ["1"]))[0]!;
    await peer.subscribe("c", { from: "position", position: { epoch, offset: 0 } });
    peer.send(encodeEnter("room", []), encodeAuthenticate("rpr_somebody-else"));
    await peer.refused();
    await logged("a peer was not recognized");
    const denied = await open(none);
    denied.publish("c", ["2"]);
    assert.is((await denied.refused()).code, "permission_denied");
    assert.is((await openStream(t, node.address, "rpr_nobody").end()).code, "unauthenticated");

    node.node.setQuotas({ messages: 1 });
    peer.send(...texts("m", 5).map((text) => encodePublish("c", 0, encodeTexts([text]))));
    await logged("limit reached: messages");
    node.node.setQuotas({ sessions: 1 });
    const late = openStream(t, node.address, ada);
    late.send(encodeHello("", Buffer.alloc(0)));
    assert.is((await late.end()).code, "limit_reached");
    node.node.setQuotas({ connectionsPerAddress: 1 });
    const [host, port] = node.address.split(":");
    const socket = connectTcp(Number(port), host).on("error", () => {});
    t.after(() => socket.destroy());
    await logged("limit reached: connections-per-address");
    node.node.setQuotas({});
    await callPublish(t, node.address, "c", ["x"]).catch(() => {});

    peer.cancel();
    await logged("a member was not released");
    const unwanted = await open(ada);
    const root = await connect(node.address, { token: guard.root });
    await root.admin.disconnect(unwanted.session);
    await root.close();
    await logged("a session was ended: disconnected");
    const early = openStream(t, node.address, ada);
    early.send(encodePublish("c", 0, encodeTexts(["before the hello"])));
    await logged("a stream was turned away");
    await expiring.end();
    await logged("a session was ended: unauthenticated");
    denied.cancel();
    await logged("a session has ended");
    await node.quiet();

    for (const line of lines) {
      const text = JSON.stringify(line);
      if (/session|peer|stream|member|connection|limit/.test(line.msg))
        assert.match(String(line.peer), /^127\.0\.0\.1/, text);
      if (/session|member/.test(line.msg) && !/limit reached: sessions/.test(line.msg)) {
        assert.match(String(line.session), /^\d+$/, text);
      }
      assert.match(String(line.node), node.node.node, text);
      if (line.session !== undefined) assert.ok(["ada", "none", "root"].includes(String(line.identity)), text);
    }
    // Of whom nobody was recognized yet there is an address; a session has its id besides, until it ends.
    const of = (msg: string) => lines.filter((line) => line.msg.startsWith(msg));
    assert.ok(of("limit reached: messages").every(({ session }) => session === peer.session));
    assert.ok(of("a peer was not recognized")[0]!.session === peer.session);
    assert.is(of("a session has begun").length, of("a session has ended").length + of("a session was ended").length);
  },
  busy,
);

test.run();
