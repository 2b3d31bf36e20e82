// reprise drain, and how reprise serve ends when it is drained.
import { assert, suite, type T, until } from "../harness.js";
import { freePort, someRedis } from "../redis.js";
import { type Running, run, said, start } from "./command.js";

const test = suite("reprise drain");

async function serve(t: T, buffer: string, ...args: string[]): Promise<{ running: Running; listen: string }> {
  const listen = `127.0.0.1:${await freePort()}`;
  const running = start(t, ["serve", "--listen", listen, "--buffer", buffer, ...args]);
  await said(running, "try it, in other terminals:");
  return { running, listen };
}

/** Subscribed to c, as many as told. */
async function subscribers(t: T, server: string, count: number): Promise<Running[]> {
  const all = Array.from({ length: count }, () => start(t, ["sub", "c", "--from", "earliest", "--server", server]));
  await until(() => all.every(({ lines }) => lines.length > 0), "they are subscribed", 20_000);
  return all;
}

test("moves the sessions of one node to the other and stops it; nobody is told of anything", async (t) => {
  const { url } = await someRedis(t);
  const [leaving, other] = [await serve(t, url), await serve(t, url, "--no-balance")];
  assert.is((await run(t, ["pub", "c", "1", "--server", leaving.listen])).code, 0);
  const subs = await subscribers(t, leaving.listen, 2);
  const drained = await run(t, ["drain", "--server", leaving.listen, "--window", "800ms"]);
  assert.is(drained.code, 0, drained.stderr);
  assert.match(drained.stdout, /^drained: 2 sessions moved in \d\.\d s\n$/);
  assert.is(drained.stderr, "");
  assert.is(await leaving.running.exit, 0);
  assert.match(leaving.running.stderr, /drained: 2 sessions moved in \d\.\d s\n$/);
  assert.is((await run(t, ["pub", "c", "2", "--server", other.listen])).code, 0);
  await until(() => subs.every(({ lines }) => lines.length === 2), "they go on at the other node");
  for (const { lines, stderr } of subs) {
    assert.equal(lines, ["1", "2"]);
    assert.not.match(stderr, "connected");
  }
});

test("what it cannot do it says: no node there, more than one named, a wrong window", async (t) => {
  const nobody = `127.0.0.1:${await freePort()}`;
  const [away, many, wrong] = await Promise.all([
    run(t, ["drain", "--server", nobody]),
    run(t, ["drain", "--server", "a:1,b:2"]),
    run(t, ["drain", "--server", nobody, "--window", "soon"]),
  ]);
  assert.equal([away.code, many.code, wrong.code], [3, 2, 2]);
  assert.match(away.stderr, "ECONNREFUSED");
  assert.match(many.stderr, "which one?");
  for (const { stderr } of [away, many, wrong]) assert.not.match(stderr, "    at ");
});

test.run();
