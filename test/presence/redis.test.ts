// The member store over a real Redis: the contract, with two nodes.
import { suite } from "../harness.js";
import { someRedis } from "../redis.js";
import { redisStore } from "./audience.js";
import { contract } from "./contract.js";

const test = suite("members in Redis");

contract(test, async (t) => {
  const { url, prefix } = await someRedis(t);
  return [await redisStore(t, url, prefix), await redisStore(t, url, prefix)];
});

test.run();
