// The Redis buffer keeps the contract at the master that sentinels name.
import { bufferContract } from "./contract.js";
import { openIn } from "./redis-handle.js";
import { sharedSentinel } from "./redis-sets.js";

const [set, last] = sharedSentinel();
bufferContract("redis sentinel", async (t, options) => openIn(t, (await set()).url, options?.retention));
last.run();
