// Reprise: two nodes over one Redis, the client as it is.
import { startRedis } from "../../systems/redis.js";
import { command, loadClient } from "../../systems/reprise.js";
import { startNode } from "../node.js";
import type { Listener, Servers, System } from "../system.js";

const channel = "compare";

async function start(folder: string): Promise<Servers> {
  const redis = await startRedis(folder);
  const launch = () =>
    startNode(process.execPath, folder, (port) => [
      ...[command, "serve", "--listen", `127.0.0.1:${port}`, "--buffer", redis.url],
    ]);
  const nodes = [await launch(), await launch()];
  return {
    version: redis.version,
    nodes,
    async stop() {
      for (const node of nodes) await node.kill();
      await redis.stop();
    },
  };
}

// Its way is the path that it is given: it must not go round it to the nodes themselves.
const open = async (address: string) => (await loadClient()).connect(address, { discover: false, timeoutMs: 60_000 });

async function follow(address: string, listener: Listener): Promise<void> {
  const bus = await open(address);
  const subscription = bus.subscribe(channel, {
    onGap: ({ from, to }) => listener.gap({ count: to - from + 1, reconnected: false }),
  });
  const events = subscription.events();
  void (async () => {
    for await (const event of events) if (event.kind === "resumed") listener.recovered();
  })();
  void (async () => {
    for await (const batch of subscription.batches()) for (const { data } of batch) listener.message(data);
  })();
  await subscription.ready;
}

async function publish(address: string): Promise<(data: Buffer) => Promise<unknown>> {
  const bus = await open(address);
  return (data) => bus.publish(channel, data);
}

export const system: System = {
  name: "reprise",
  title: "Reprise over Redis",
  settings: "two nodes, one Redis, AOF everysec; all defaults; acknowledged: `stored`",
  start,
  follow,
  publish,
};
