// reprise top and explain, of what does not go well: somebody who does not read, a node that is away, messages that
// somebody did not get.

import { openEmbedded } from "../../src/buffer/embedded.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { embedded } from "../broker/buffers.js";
import { startNode } from "../broker/node.js";
import { connectPeer } from "../broker/peer.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { freePort } from "../redis.js";
import { run, start } from "./command.js";

const test = suite("reprise top and explain");

const busy = { timeoutMs: 120_000 };

test(
  "top has a row for who is slow, and for the channel; sessions --slow, too",
  async (t) => {
    let now = Date.now() - 20_000;
    const node = await startNode(t, { node: "n", buffer: await embedded(t, [], { now: () => now }) });
    const frozen = await connectPeer(t, node.address, { name: "frozen" });
    await frozen.subscribe("c");
    frozen.pause();
    const publisher = await connectPeer(t, node.address);
    // More than the sockets and streams in between hold.
    for (let i = 0; i < 30; i++) await publisher.published("c", ["m".padEnd(500_000, ".")]);
    now += 1;
    const server = ["--server", node.address];
    const row = new RegExp(`^n +${frozen.session} +frozen +127\\.0\\.0\\.1:\\d+ +c +(\\d+) +(\\d+)$`);
    const { code, lines, stderr } = await run(t, ["top", "--once", "--every", "100ms", ...server]);
    assert.is(code, 0, stderr);
    const [, messages, seconds] = lines.map((line) => row.exec(line)).find((found) => found !== null) ?? [];
    assert.ok(Number(messages) > 1 && Number(messages) <= 30, lines.join("\n"));
    assert.ok(Number(seconds) >= 19, lines.join("\n"));
    assert.match(lines[1]!, /^n +\d+ +\d+ +1 /);
    assert.ok(
      lines.some((line) => new RegExp(`^c +1 .* 30 +${messages} +${seconds}$`).test(line)),
      lines.join("\n"),
    );
    const slow = await run(t, ["sessions", "--slow", ...server]);
    assert.match(slow.lines[1] ?? slow.stderr, row);
    frozen.resume();
    await frozen.hears("c", 30);
  },
  busy,
);

/** One that another may follow, at the same place with the same data. */
async function place(t: T) {
  const [folder, listen] = [temporaryFolder(t), `127.0.0.1:${await freePort()}`];
  return async () => {
    const buffer = await openEmbedded({ folder, fsync: "no", retention: retentionPolicy([]) });
    const node = await startNode(t, { node: "n", listen, buffer });
    const close = async () => {
      await node.close(0);
      await buffer.close();
    };
    t.after(close);
    return { node, close };
  };
}

test(
  "top goes on while a node is away, says so, and shows it when it is back",
  async (t) => {
    const begin = await place(t);
    const { node, close } = await begin();
    const top = start(t, ["top", "--every", "200ms", "--server", node.address]);
    const rows = () => top.lines.filter((line) => /^n +\d/.test(line)).length;
    await until(() => rows() > 0, "the node has a row", 40_000);
    await close();
    await until(() => /^n: /m.test(top.stderr), "it is said that it does not answer", 40_000);
    const before = top.lines.length;
    await until(() => top.lines.slice(before).some((line) => line.startsWith("NODE")), "it goes on", 40_000);
    await begin();
    const seen = rows();
    await until(() => rows() > seen, "it is back", 40_000);
    assert.is(top.child.exitCode, null);
    top.child.kill("SIGINT");
    assert.is(await top.exit, 0);
  },
  busy,
);

test(
  "explain: who got a message, who did not and why, and what became of a session",
  async (t) => {
    const node = await startNode(t, { node: "n" });
    const open = (name: string) => connectPeer(t, node.address, { name });
    const publisher = await open("pub");
    const peers = await Promise.all(["got", "late", "left", "gap"].map(open));
    const [got, late, left, gap] = peers as [typeof publisher, typeof publisher, typeof publisher, typeof publisher];
    await got.subscribe("c");
    await left.subscribe("c");
    const batches = Array.from({ length: 9 }, (_, i) => [`m/${i + 1}`]);
    for (const batch of batches.slice(0, 5)) await publisher.published("c", batch);
    await left.hears("c", 5);
    left.unsubscribe("c");
    await left.gets("unsubscribed");
    for (const batch of batches.slice(5)) await publisher.published("c", batch);
    await got.hears("c", 9);
    await late.subscribe("c");
    gap.publish("no name!", ["x"]);
    await gap.refused();

    const server = ["--server", node.address];
    const explain = async (...args: string[]) => {
      const { code, lines, stderr } = await run(t, ["explain", ...args, ...server]);
      assert.is(code, 0, stderr);
      return lines;
    };
    const of = (lines: readonly string[], { session }: typeof publisher) =>
      lines.find((line) => line.startsWith(`session ${session} `));
    const held = await explain("--channel", "c", "--offset", "7");
    assert.match(held[0]!, /^c 7: stored .* by pub \(session \d+\), in the batch 7 to 7, epoch \d+$/);
    assert.match(of(held, got)!, "(got, 127.0.0.1:");
    assert.match(of(held, got)!, "of n: delivered: handed to its connection between");
    assert.match(of(held, late)!, "not asked for: it subscribed behind 9");
    assert.match(of(held, left)!, /not delivered: its subscription ended at \S+ behind 5$/);
    assert.is(of(held, gap), undefined);

    assert.is((await run(t, ["channels", "trim", "c", "--before", "8", ...server])).code, 0);
    await gap.subscribe("c", { from: "earliest" });
    await late.subscribe("other", { from: "earliest" });
    const epoch = Number(/epoch (\d+)/.exec(held[0]!)![1]);
    const resumed = await open("resumed");
    await resumed.subscribe("c", { from: "position", position: { epoch, offset: 2 } });
    await resumed.hears("c", 2);
    const gone = await explain("--channel", "c", "--offset", "7");
    assert.match(gone[0]!, "c 7: the log does not hold it any more, it begins at 8");
    assert.match(of(gone, resumed)!, /not delivered: it was told at \S+ of a gap 3 to 7 \(trimmed\)$/);
    assert.ok(
      gone.some((line) => line.endsWith("c: trimmed before 8")),
      gone.join("\n"),
    );

    gap.cancel();
    await until(
      async () => (await node.admin.sessions()).every(({ session }) => session !== gap.session),
      "it has gone",
    );
    const life = await explain("--session", gap.session);
    const words = life.map((line) => line.replace(/^ {2}\S+ /, ""));
    assert.match(words[1]!, /^connected$/);
    assert.match(words[2]!, /^refused( on .*)?: invalid_channel: /);
    assert.match(words[3]!, /^subscribed to c \(earliest\): everything behind 7; the log ended with 9$/);
    assert.ok(
      words.some((line) => /^ended: (the peer has gone|in good order)/.test(line)),
      life.join("\n"),
    );
    assert.equal((await explain("--session", "12345"))[0], "no node remembers a session 12345");
    const none = await explain("--channel", "none", "--offset", "1");
    assert.equal(none.slice(0, 2), ["none 1: there is no channel none now", "no node remembers a subscriber"]);
  },
  busy,
);

test.run();
