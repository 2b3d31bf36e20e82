// The Redis buffer keeps what the contract says of appends also where they are answered once a replica has them.
import { openRedis } from "../../src/buffer/redis.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { suite } from "../harness.js";
import { startRedis } from "../redis.js";
import { startReplica } from "../redis-replica.js";
import { appendContract } from "./contract/append.js";
import { concurrencyContract } from "./contract/concurrency.js";
import { modelContract } from "./contract/model.js";
import type { Open } from "./contract/open.js";

const test = suite("buffer contract: redis, replicated:1");

const open: Open = async (t, options) => {
  const master = await startRedis(t);
  await startReplica(t, master);
  const openOne = async () => {
    const retention = retentionPolicy(options?.retention ?? []);
    const buffer = await openRedis({ url: master.url, retention, ackLevel: "replicated:1" });
    t.after(() => buffer.close());
    return buffer;
  };
  let buffer = await openOne();
  return {
    buffer,
    other: openOne,
    restart: async () => {
      await buffer.close();
      buffer = await openOne();
      return buffer;
    },
  };
};

appendContract(test, open);
modelContract(test, open);
concurrencyContract(test, open);
test.run();
