// A node in a process of its own, to be killed: takes the URL of Redis and the times of its members, prints its address, and lives until
// its standard input ends.
import { startBroker } from "../../src/broker/index.js";
import { openEmbedded, retentionPolicy } from "../../src/buffer/index.js";
import { type RedisMembersOptions, redisMembers } from "../../src/presence/redis.js";
import { connectRedis } from "../../src/redis/redis.js";

const [, , url, times, folder] = process.argv;
const buffer = await openEmbedded({ folder: folder!, fsync: "no", retention: retentionPolicy([]) });
const members = redisMembers(await connectRedis({ url: url! }), JSON.parse(times!) as RedisMembersOptions);
const { address } = await startBroker({ buffer, members, listen: "127.0.0.1:0", node: "killed" });
process.stdout.write(`${address}\n`);
process.stdin.resume().on("end", () => process.exit());
