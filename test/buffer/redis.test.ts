// The Redis buffer keeps the contract. What only it has to withstand: the other redis-*.test.ts.
import { someRedis } from "../redis.js";
import { bufferContract } from "./contract.js";
import { openIn } from "./redis-handle.js";

bufferContract("redis", async (t, options) => openIn(t, (await someRedis(t)).url, options?.retention));
