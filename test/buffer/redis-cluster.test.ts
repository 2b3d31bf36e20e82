// The Redis buffer keeps the contract in a Cluster.
import { bufferContract } from "./contract.js";
import { openIn } from "./redis-handle.js";
import { sharedCluster } from "./redis-sets.js";

const [cluster, last] = sharedCluster();
bufferContract("redis cluster", async (t, options) => openIn(t, (await cluster()).url, options?.retention));
last.run();
