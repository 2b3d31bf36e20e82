// A master that dies and comes back takes itself for the master. It is not believed before the sentinels were asked.
import { parseAddress } from "../../src/redis/address.js";
import type { Client } from "../../src/redis/client.js";
import { connect } from "../../src/redis/connection.js";
import { allSlots, createMasters } from "../../src/redis/masters.js";
import { gate } from "../broker/buffers.js";
import { assert, suite, until } from "../harness.js";
import { ask, startRedis } from "../redis.js";

const test = suite("masters by Sentinel");

test("a master that was lost and is back is not used while it is not known who the master is now", async (t) => {
  const [old, next] = [await startRedis(t), await startRedis(t)];
  let named = old;
  let answer = Promise.resolve();
  let asked = 0;
  const directory = {
    async ask() {
      asked++;
      await answer;
      return [allSlots({ host: "127.0.0.1", port: named.port })];
    },
    close() {},
  };
  const address = parseAddress("redis-sentinel://127.0.0.1:26379/m");
  const masters = createMasters(address, directory);
  const connection = connect(address, masters, "test", 1_000);
  t.after(() => connection.close());
  const portOf = async (client: Client) => {
    await client.ping();
    return client.options.port;
  };
  const used = () => connection.attempt(performance.now() + 10_000, portOf);
  assert.is(await used(), old.port);

  const held = gate();
  answer = held.passed;
  const before = asked;
  const line = () => connection.ready(`127.0.0.1:${old.port}`);
  await old.kill();
  await until(() => line() === undefined, "the connection is lost");
  await old.start();
  const attempt = used();
  let settled = false;
  void attempt.finally(() => {
    settled = true;
  });
  await until(() => asked > before, "the sentinels are asked");
  await until(() => line() !== undefined, "the connection to the old one is ready again");
  // Whatever is ready to be executed there has the time for it.
  await new Promise(setImmediate);
  await ask(old, "PING");
  assert.not(settled, "and not used");
  named = next;
  held.open();
  assert.is(await attempt, next.port);
});

test.run();
