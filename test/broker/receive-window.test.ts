// The HTTP/2 windows that a node opens to its peers, seen by a bare HTTP/2 client.
import { connect } from "node:http2";
import { RepriseError } from "../../src/wire/errors.js";
import { KiB, MiB } from "../../src/wire/limits.js";
import { assert, suite, type T, until } from "../harness.js";
import { startNode } from "./node.js";

const test = suite("receive window");

/** How much may be sent on a stream, and on the connection. */
async function windowsOf(t: T, address: string): Promise<() => [stream: number, connection: number]> {
  const session = connect(`http://${address}`);
  t.after(() => session.destroy());
  await new Promise((resolve) => session.once("connect", resolve));
  return () => [session.remoteSettings?.initialWindowSize ?? 0, session.state.remoteWindowSize ?? 0];
}

for (const [what, given, expected] of [
  ["by default", undefined, 256 * KiB],
  ["as told", 4 * MiB, 4 * MiB],
] as const) {
  test(`${what}, of streams and of connections`, async (t) => {
    const node = await startNode(t, given === undefined ? {} : { windowBytes: given });
    const windows = await windowsOf(t, node.address);
    await until(() => windows()[0] === expected && windows()[1] === expected, `both are ${expected}: ${windows()}`);
  });
}

test("1,000 streams of a connection are open at a time", async (t) => {
  const node = await startNode(t);
  const session = connect(`http://${node.address}`);
  t.after(() => session.destroy());
  await until(() => session.remoteSettings?.maxConcurrentStreams === 1_000, "it is told");
});

test("nothing else is taken for one", async (t) => {
  for (const windowBytes of [0, 65_534, 2 ** 31, Number.NaN]) {
    const error = await startNode(t, { windowBytes }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof RepriseError && error.code === "invalid_argument", `${windowBytes}`);
  }
});

test.run();
