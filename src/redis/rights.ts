// What a user of Redis needs to be allowed (docs/redis.md), asked for one by one: a command without effect for each kind.
import { randomUUID } from "node:crypto";
import type { Client } from "./client.js";
import type { Notes } from "./finding.js";

/** Each in a form that changes nothing: of a key that does not exist, or that creates none. */
const commands = (key: string, topic: string, sharded: boolean): string[][] => [
  ["XADD", key, "NOMKSTREAM", "1-0", "field", ""],
  ["XTRIM", key, "MINID", "0"],
  ["XRANGE", key, "-", "+", "COUNT", "1"],
  ["XREVRANGE", key, "+", "-", "COUNT", "1"],
  ["HGETALL", key],
  ["HDEL", key, "field"],
  ["ZREMRANGEBYSCORE", key, "0", "0"],
  ["PEXPIRE", key, "1"],
  ["UNLINK", key],
  ["SCAN", "0", "COUNT", "1"],
  ["EVAL", "return 1", "1", key],
  ["EVALSHA", "0".repeat(40), "1", key],
  ["WAIT", "0", "1"],
  ["TIME"],
  [sharded ? "SPUBLISH" : "PUBLISH", topic, ""],
  ...(sharded
    ? [
        ["CLUSTER", "SLOTS"],
        ["CLUSTER", "INFO"],
      ]
    : []),
];

/** Which of the commands the user may not use. */
export async function denied(client: Client, prefix: string, sharded: boolean): Promise<string[]> {
  const name = `${prefix}{doctor.${randomUUID()}}`;
  const found: string[] = [];
  for (const [command, ...args] of commands(`${name}:key`, `${name}:topic`, sharded)) {
    await client.call(command!, ...args).catch((thrown: Error) => {
      // Whatever else it says, it was allowed: the script is not known, the slot is somebody else's.
      if (/\bNOPERM\b/.test(thrown.message)) found.push(command === "CLUSTER" ? `${command} ${args[0]}` : command!);
      else if (thrown.name !== "ReplyError") throw thrown;
    });
  }
  return found;
}

export async function judgeRights(notes: Notes, client: Client, prefix: string, sharded: boolean): Promise<void> {
  const missing = await denied(client, prefix, sharded);
  notes.unless(
    missing.length === 0,
    "fail",
    "rights",
    "allows this user all that a node does",
    `does not allow this user ${missing.join(", ")} on ${prefix}*: give it the rule of docs/redis.md, "A user of its own"`,
  );
}
