// The Redis buffer keeps the contract. What only it has to withstand: the other redis-*.test.ts.
import { openRedis } from "../../src/buffer/redis.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { someRedis } from "../redis.js";
import { bufferContract } from "./contract.js";

bufferContract("redis", async (t, options) => {
  const { url, prefix } = await someRedis(t);
  const open = async () => {
    const buffer = await openRedis({
      url: `${url}?prefix=${prefix}`,
      retention: retentionPolicy(options?.retention ?? []),
    });
    t.after(() => buffer.close());
    return buffer;
  };
  let buffer = await open();
  return {
    buffer,
    other: open,
    restart: async () => {
      await buffer.close();
      buffer = await open();
      return buffer;
    },
  };
});
