// The commands of operators, over a broker of two processes: sessions, disconnect, channels trim and delete, retention, top,
// explain.
import { type Bus, connect } from "../../src/client/index.js";
import { assert, suite, type T, until } from "../harness.js";
import { startRedis } from "../redis.js";
import { run, said, start } from "./command.js";

const test = suite("commands of operators");

async function serve(t: T): Promise<string> {
  const redis = await startRedis(t);
  const running = start(t, [
    "serve",
    "--listen",
    "127.0.0.1:0",
    "--workers",
    "2",
    "--buffer",
    redis.url,
    "--node",
    "n",
  ]);
  await said(running, "chat lobby");
  return /listens on (\S+)/.exec(running.stderr)![1]!;
}

async function client(t: T, address: string, name: string): Promise<Bus> {
  const bus = await connect(address, { name, timeoutMs: 20_000 });
  t.after(() => bus.close({ timeoutMs: 0 }));
  return bus;
}

const sessionOf = ({ state }: Bus): string => {
  if (state.kind !== "connected") throw new Error(state.kind);
  return state.session;
};

test(
  "they reach all workers behind one address, and do what they say",
  async (t) => {
    const address = await serve(t);
    const server = ["--server", address];
    const buses = await Promise.all(["ann", "bob", "cat", "dan"].map((name) => client(t, address, name)));
    const [ann, bob] = buses as [Bus, Bus];
    ann.onLoss(() => {});
    const received: string[] = [];
    const gaps: string[] = [];
    const onGap = ({ reason }: { reason: string }) => void gaps.push(reason);
    const subscription = bob.subscribe("c", { onGap });
    void (async () => {
      for await (const message of subscription) received.push(message.text);
    })();
    await subscription.ready;
    for (let i = 1; i <= 40; i++) await ann.publish("c", `m/${i}`);
    await until(() => received.length === 40, "they are received", 20_000);

    await checkSessions(t, server, buses);
    await checkExplain(t, server, bob);
    await checkTop(t, server);

    const retention = await run(t, ["retention", "set", "c", "messages=5", "age=1h", ...server]);
    assert.equal([retention.code, retention.lines], [0, ["c messages=5 age=1h"]], retention.stderr);
    assert.equal((await run(t, ["retention", "unset", "c", ...server])).lines, []);

    const trimmed = await run(t, ["channels", "trim", "c", "--before", "31", ...server]);
    assert.equal([trimmed.code, trimmed.lines], [0, ["c holds 10 messages, from offset 31 on"]], trimmed.stderr);
    const gone = await run(t, ["explain", "--channel", "c", "--offset", "20", ...server]);
    assert.match(gone.lines[0]!, "c 20: the log does not hold it any more, it begins at 31");

    const unsure = await run(t, ["channels", "delete", "c", ...server]);
    assert.is(unsure.code, 2);
    assert.match(unsure.stderr, "c with 10 messages for good: say --yes");
    assert.is((await run(t, ["channels", "delete", "c", "--yes", ...server])).code, 0);
    await until(() => gaps.length === 1, "the subscriber hears of it", 20_000);
    assert.equal(gaps, ["reset"]);
    await ann.publish("c", "new");
    await until(() => received.at(-1) === "new", "and goes on", 20_000);

    const before = sessionOf(bob);
    const cut = await run(t, ["disconnect", before, ...server]);
    assert.match(cut.lines[0] ?? cut.stderr, new RegExp(`^session ${before} of n/[12] has ended$`));
    await until(() => bob.state.kind === "connected" && sessionOf(bob) !== before, "it comes back", 20_000);
    assert.is((await run(t, ["disconnect", "bob", ...server])).code, 2);
    await subscription.close();
  },
  { timeoutMs: 120_000 },
);

async function checkSessions(t: T, server: string[], buses: readonly Bus[]): Promise<void> {
  const { lines, stderr } = await run(t, ["sessions", "--json", ...server]);
  const found = lines.map((line) => JSON.parse(line) as { node: string; session: string; name: string });
  assert.equal([...new Set(found.map(({ node }) => node))], ["n/1", "n/2"], stderr);
  for (const bus of buses) assert.ok(found.some(({ session }) => session === sessionOf(bus)));
  assert.match((await run(t, ["sessions", "--slow", ...server])).lines[0]!, /^NODE +SESSION .* BEHIND +SECONDS$/);
}

async function checkExplain(t: T, server: string[], bob: Bus): Promise<void> {
  const session = sessionOf(bob);
  const ask = async (...args: string[]) => {
    const { code, lines, stderr } = await run(t, ["explain", "--channel", "c", ...args, ...server]);
    assert.is(code, 0, stderr);
    return lines;
  };
  // How far it has come is seen now, if it was not before.
  const lines = await ask("--offset", "7", "--session", session);
  assert.match(lines[0]!, /^c 7: stored 20\S+Z by ann \(session \d+\), in the batch 7 to 7, epoch \d+$/);
  assert.match(
    lines[1]!,
    new RegExp(`^session ${session} \\(bob, 127.*, Connect\\) of n/[12]: delivered: handed to its`),
  );
  assert.ok(lines.some((line) => /subscribed to c \(new\): everything behind 0; the log ended with 0/.test(line)));
  assert.is(lines.filter((line) => /remembers sessions since/.test(line)).length, 2);
  assert.match((await ask("--offset", "41"))[0]!, "c 41: no message has that offset yet, the last one is 40");
  const { code, stderr } = await run(t, ["explain", ...server]);
  assert.is(code, 2);
  assert.match(stderr, "explain what?");
}

async function checkTop(t: T, server: string[]): Promise<void> {
  const once = await run(t, ["top", "--once", "--every", "300ms", "--json", ...server]);
  assert.is(once.code, 0, once.stderr);
  const seen = JSON.parse(once.lines[0]!);
  assert.equal(seen.nodes.map(({ node }: { node: string }) => node).sort(), ["n/1", "n/2"]);
  assert.equal([seen.channels.length, seen.channels[0].channel, seen.channels[0].next], [1, "c", 41]);
  assert.equal([seen.slow, seen.slowCount], [[], 0]);
  const running = start(t, ["top", "--every", "300ms", ...server]);
  await until(() => running.lines.filter((line) => line.startsWith("NODE ")).length >= 2, "it goes on", 20_000);
  assert.match(running.stdout, /CHANNEL +SUBSCRIBERS +IN\/S/);
  assert.match(running.stdout, "no subscriber is behind by more than 5 s");
  running.child.kill("SIGINT");
  assert.is(await running.exit, 0);
}

test.run();
