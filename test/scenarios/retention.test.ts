// A channel that may keep 1,000 messages, after 100,000: what is stored is bounded, and whoever comes back from before
// is told first what is gone, then gets the rest.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { connect } from "../../src/client/index.js";
import type { Start } from "../../src/wire/client-frame.js";
import { assert, suite, until } from "../harness.js";
import { startBroker } from "./broker-process.js";
import { type BufferPlace, bufferNames, buffers } from "./buffers.js";
import { startFlood } from "./flood.js";
import { figure } from "./form.js";
import { listen } from "./listener.js";
import type { Trail } from "./trail.js";

const channel = "limited";
const limit = 1_000;
const published = 100_000;
/** The limit, a fixed part of it, and the batch at its edge, which is not cut. */
const mostStored = 3_000;
/** Of a message of the flood with all that belongs to it. */
const messageBytes = 200;

const test = suite("retention");

for (const name of bufferNames) {
  test(`${name}: storage is bounded, and a gap says what is gone (P-16)`, async (t) => {
    const place = await buffers[name](t);
    const broker = await startBroker(t, { buffer: place.buffer, retain: [`${channel} messages=${limit}`] });
    const flood = await startFlood(t, broker.address, channel);
    const live = listen(broker.address, channel, { from: "earliest" });
    t.after(() => live.close());
    flood.resume();
    await until(() => flood.acked >= published, "everything is published", 20_000);
    await flood.stop();
    const head = flood.acked;
    await until(() => live.trail.fault !== undefined || live.trail.next! > head, "the live subscriber is at the head");
    assert.is(live.trail.fault, undefined);

    const bus = await connect(broker.address);
    t.after(() => bus.close());
    const { first, next } = await bus.channel(channel);
    assert.is(next, head + 1);
    assert.ok(next - first >= limit && next - first <= mostStored, `${next - first} messages are stored`);
    const { bytes, entries } = await stored(place);
    assert.ok(entries <= mostStored, `${entries} entries`);
    assert.ok(bytes <= mostStored * messageBytes, `${bytes} bytes`);
    figure(`${name}, of ${head} messages`, `${next - first} stored in ${bytes} bytes`);

    const expected = (from: number) => [
      { from, to: first - 1, how: "trimmed" },
      { from: first, to: head, how: "message" },
    ];
    const position = { epoch: flood.epoch, offset: 10 };
    // What somebody read before it was removed may be in the node's memory a little longer.
    let resumed: Trail | undefined;
    await until(async () => {
      resumed = await read(broker.address, { from: "position", position }, head);
      return resumed.ranges[0]?.to === first - 1;
    }, "what is removed is gone");
    assert.equal(resumed!.ranges, expected(11));
    assert.equal((await read(broker.address, { from: "offset", offset: 10 }, head)).ranges, expected(10));
  });
}

/** What a subscription brings, up to `head`. */
async function read(address: string, start: Start, head: number): Promise<Trail> {
  const { trail, close } = listen(address, channel, start);
  try {
    await until(() => trail.fault !== undefined || (trail.next ?? 0) > head, "everything was read");
  } finally {
    close();
  }
  assert.is(trail.fault, undefined);
  return trail;
}

/** What the store itself says that it holds, whatever it calls it. */
async function stored({ folder, redis }: BufferPlace): Promise<{ bytes: number; entries: number }> {
  if (folder !== undefined) {
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const files = names.map((name) => statSync(join(folder, name))).filter((stat) => stat.isFile());
    return { bytes: files.reduce((sum, { size }) => sum + size, 0), entries: files.length };
  }
  const client = new Redis(redis!.url);
  try {
    let [bytes, entries] = [0, 0];
    for (const key of await client.keys("*")) {
      bytes += (await client.memory("USAGE", key, "SAMPLES", 0)) ?? 0;
      if ((await client.type(key)) === "stream") entries += await client.xlen(key);
    }
    return { bytes, entries };
  } finally {
    client.disconnect();
  }
}

test.run();
