// The secret of JWTs is a file like the others: read again when it changes, and what it no longer vouches for ends.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startNode } from "../broker/node.js";
import { connectPeer } from "../broker/peer.js";
import { failure } from "../failure.js";
import { assert, suite, temporaryFolder, until } from "../harness.js";
import { testGuard } from "./guard.js";
import { newKey, sign, startIssuer } from "./issuer.js";

const test = suite("auth secret");

const policy = `\n  ada: { rules: [{ allow: all, channels: "*" }] }\n`;
const newSecret = () => randomBytes(32).toString("hex");
const signBy = (secret: string) => sign({ alg: "HS256", kid: "", privateKey: new TextEncoder().encode(secret) });

test("a secret that is replaced takes back the tokens that it has signed, and no others", async (t) => {
  const secretFile = join(temporaryFolder(t), "secret");
  const [first, second] = [newSecret(), newSecret()];
  writeFileSync(secretFile, `${first}\n`);
  const key = await newKey("ES256", "1");
  const issuer = await startIssuer(t, [key]);
  const jwt = { secretFile, keys: issuer.url, audience: ["reprise"], clockSkewMs: 0 };
  const { guard, root, lines, changed } = testGuard(t, policy, { jwt });
  const node = await startNode(t, { guard, token: root });
  const by = async (token: string) => connectPeer(t, node.address, { token });
  const [old, other] = [await by(await signBy(first)), await by(await sign(key))];
  // What is no secret changes nothing.
  writeFileSync(secretFile, "too short");
  await until(() => lines.some((line) => line.includes("what was read before stays")), "it is said");
  await old.published("c", ["still"]);
  const read = changed();
  writeFileSync(secretFile, `${second}\n`);
  await read;
  assert.is((await old.end()).code, "unauthenticated");
  assert.is((await failure(guard.authenticate({ token: await signBy(first) }))).code, "unauthenticated");
  await (await by(await signBy(second))).published("c", ["back"]);
  await other.published("c", ["all the time"]);
  assert.not.match(lines.join(), first);
  assert.not.match(lines.join(), second);
});

test.run();
