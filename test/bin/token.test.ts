// reprise token, and what keeps a node with authentication from starting.
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createToken } from "../../src/auth/index.js";
import { newKey, sign } from "../auth/issuer.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import { freePort } from "../redis.js";
import { run } from "./command.js";

const test = suite("reprise token");

/** A folder, and files in it. */
function filesOf(t: T) {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  const write = (name: string, text: string) => {
    writeFileSync(path(name), text, { mode: 0o600 });
    return path(name);
  };
  return { folder, path, write };
}

const policy = `
identities:
  ada: { rules: [{ allow: [publish, subscribe, history], channels: "own.*" }] }
`;

test("create prints the token once and appends its line to a file for its owner's eyes; inspect finds it", async (t) => {
  const { path, write } = filesOf(t);
  write("tokens", "# ours");
  const created = await run(t, ["token", "create", "ada", "--append", path("tokens")]);
  assert.is(created.code, 0);
  const [token] = created.lines;
  assert.match(token!, /^rpr_[\w-]{43}$/);
  assert.match(readFileSync(path("tokens"), "utf8"), /^# ours\nada sha256:[0-9a-f]{64}\n$/);
  assert.is(statSync(path("tokens")).mode & 0o777, 0o600);
  const shown = await run(t, ["token", "create", "bob", "--expires", "2099-01-31"]);
  assert.match(shown.stderr, /bob sha256:[0-9a-f]{64} expires=2099-01-31T00:00:00.000Z/);
  // Its group may read it, as that of a service does.
  chmodSync(path("tokens"), 0o640);
  await run(t, ["token", "create", "bob", "--append", path("tokens")]);
  assert.is(statSync(path("tokens")).mode & 0o777, 0o640);
  const fresh = path("fresh");
  await run(t, ["token", "create", "eve", "--append", fresh]);
  assert.is(statSync(fresh).mode & 0o777, 0o600);
  const wrong = [["a b"], ["ada", "--expires", "2001-01-01"], ["ada", "--expires", "soon"]];
  const refused = await Promise.all(wrong.map((args) => run(t, ["token", "create", ...args])));
  assert.equal(
    refused.map(({ code }) => code),
    [2, 2, 2],
  );

  const env = { REPRISE_TOKEN: token! };
  const found = await run(t, ["token", "inspect", "--auth-tokens", path("tokens")], { env });
  assert.equal([found.code, found.lines], [0, ["a static token", "identity: ada", "expires: never"]]);
  const lost = await run(t, ["token", "inspect", "--auth-tokens", fresh], { env });
  assert.is(lost.code, 1);
  const { token: over, line } = createToken("eve", new Date(Date.now() - 60_000));
  const expired = await run(t, ["token", "inspect", "--auth-tokens", write("old", line)], {
    env: { REPRISE_TOKEN: over },
  });
  assert.equal([expired.code, expired.lines[1]], [1, "identity: eve"]);
  assert.match(expired.lines[2]!, /^expires: .* s ago\)$/);
  assert.is((await run(t, ["token", "inspect"], { env })).code, 0);
  assert.is((await run(t, ["token", "inspect"])).code, 2);
  assert.is((await run(t, ["token", "inspect", "--token-file", path("none")])).code, 1);
  for (const { stdout, stderr } of [found, lost]) assert.not.match(stdout + stderr, token!);
});

test("inspect shows what a JWT says, and whether it is true if it is given keys", async (t) => {
  const { write } = filesOf(t);
  const [key, other] = await Promise.all([newKey("ES256", "k1"), newKey("ES256", "k1")]);
  const token = await sign(key, { reprise: { roles: ["writer"] } });
  const file = write("token", `${token}\n`);
  const shown = await run(t, ["token", "inspect", "--token-file", file]);
  assert.is(shown.code, 0);
  assert.match(shown.stdout, '"alg":"ES256","kid":"k1"');
  assert.match(shown.stdout, '"sub":"ada"');
  assert.match(shown.stdout, /expires: 20.* \(in (60|5\d) s\)/);
  assert.match(shown.stdout, "not verified");
  const verify = (jwk: object, audience: string) => {
    const jwks = write("jwks.json", JSON.stringify({ keys: [jwk] }));
    return run(t, ["token", "inspect", "--token-file", file, "--auth-jwks", jwks, "--auth-jwt-audience", audience]);
  };
  const good = await verify(key.jwk, "billing,reprise");
  assert.equal([good.code, good.lines.at(-1)], [0, "valid"]);
  const forged = await verify(other.jwk, "reprise");
  assert.equal([forged.code, forged.lines.at(-1)], [1, "NOT VALID: signature verification failed"]);
  assert.match((await verify(key.jwk, "billing")).lines.at(-1)!, 'NOT VALID: unexpected "aud"');
  for (const { stdout, stderr } of [shown, good, forged]) assert.not.match(stdout + stderr, token);
});

test("what would let in everybody, or nobody, keeps the node from starting", async (t) => {
  const { path, write } = filesOf(t);
  const [tokens, policyFile] = [write("tokens", ""), write("policy.yaml", policy)];
  const refused = async (...args: string[]) => {
    const { code, stderr } = await run(t, [
      "serve",
      "--listen",
      "127.0.0.1:0",
      "--buffer",
      `embedded:${path("data")}`,
      ...args,
    ]);
    assert.is(code, 2, stderr);
    return stderr;
  };
  assert.match(await refused("--policy", policyFile), "needs identities");
  assert.match(await refused("--auth-tokens", tokens), "nobody could do anything");
  assert.match(await refused("--auth-jwks", "https://x.test/jwks"), "for whom");
  assert.match(await refused("--auth-jwt-audience", "reprise"), "which keys");
  assert.match(await refused("--auth-tokens", tokens, "--policy", write("bad", "everyone: 7")), "everyone");
  assert.match(await refused("--auth-tokens", path("none"), "--policy", policyFile), "cannot read");
});

test("a password on the command line is warned of, and not told", async (t) => {
  const nobody = `127.0.0.1:${await freePort()}`;
  const { code, stderr } = await run(t, [
    "serve",
    "--listen",
    "127.0.0.1:0",
    "--buffer",
    `redis://u:pass-word@${nobody}`,
  ]);
  assert.is(code, 1);
  assert.match(
    stderr,
    "--buffer has a password, which other users of this machine can see: put it into REPRISE_BUFFER",
  );
  assert.not.match(stderr, "pass-word");
});

test("a context knows the file of its token", async (t) => {
  const { folder, write } = filesOf(t);
  const env = { XDG_CONFIG_HOME: folder, REPRISE_SERVER: "", REPRISE_CONTEXT: "" };
  const file = write("token", "rpr_of-prod");
  await run(t, ["context", "add", "prod", "--server", "a:1", "--token-file", file], { env });
  await run(t, ["context", "use", "prod"], { env });
  const { lines } = await run(t, ["context", "show"], { env });
  assert.equal(lines.slice(0, 2), ["server a:1", `token in ${file}`]);
  const other = await run(t, ["context", "show", "--server", "b:1"], { env });
  assert.not.match(other.stdout, file, "a token is for the broker that it came with");
});

test.run();
