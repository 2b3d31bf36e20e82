// JSON Web Tokens: real ones, by keys that are served over HTTP and rotated.

import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CryptoKey, exportSPKI, importJWK, type JWK, UnsecuredJWT } from "jose";
import { openGuard } from "../../src/auth/index.js";
import { openKeys } from "../../src/auth/jwks.js";
import { type JwtOptions, openJwt } from "../../src/auth/jwt.js";
import { noLog } from "../../src/log/log.js";
import { failure } from "../failure.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { collect } from "../log.js";
import { newKey, sign, startIssuer } from "./issuer.js";

const test = suite("auth jwt");

function verifier(t: T, options: Partial<JwtOptions>, keys: Partial<Parameters<typeof openKeys>[1]> = {}) {
  const lines: string[] = [];
  const opening = { log: collect(lines), everyMs: 10, ...keys };
  const jwt = openJwt({ audience: ["reprise"], clockSkewMs: 0, ...options }, opening);
  t.after(() => jwt.close());
  return { verify: jwt.verify, lines };
}

const algorithms = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];

test("tokens of every kind of key, found by their id", async (t) => {
  const keys = await Promise.all(algorithms.map((alg) => newKey(alg, `key-${alg}`)));
  const issuer = await startIssuer(t, keys);
  const { verify } = verifier(t, { keys: issuer.url });
  for (const key of keys) assert.is((await verify(await sign(key))).name, "ada", key.alg);
  assert.is(issuer.fetched, 1);

  const secretFile = join(temporaryFolder(t), "secret");
  writeFileSync(secretFile, `${randomBytes(32).toString("hex")}\n`);
  const secret = new TextEncoder().encode(readFileSync(secretFile, "utf8").trim());
  const both = verifier(t, { keys: issuer.url, secretFile });
  for (const alg of ["HS256", "HS512"]) {
    assert.is((await both.verify(await sign({ alg, kid: "", privateKey: secret }))).name, "ada");
  }
  assert.is((await both.verify(await sign(keys[0]!))).name, "ada");
});

test("what is wrong with a token is refused in the same words, but for a good one that has expired", async (t) => {
  const [key, other] = await Promise.all([newKey("ES256", "a"), newKey("ES256", "a")]);
  const issuer = await startIssuer(t, [key]);
  const { verify } = verifier(t, { keys: issuer.url, issuer: "https://issuer.test" }, { cooldownMs: 60_000 });
  const good = await sign(key);
  assert.ok((await verify(good)).expiresAt > Date.now());
  const wrong: [what: string, token: string][] = [
    ["signed by another key of the same id", await sign(other)],
    ["of an unknown key", await sign({ ...other, kid: "b" })],
    ["for another service", await sign(key, { aud: "billing" })],
    ["for nobody", await sign(key, { aud: undefined })],
    ["of another issuer", await sign(key, { iss: "https://evil.test" })],
    ["not valid yet", await sign(key, { nbf: Math.floor(Date.now() / 1_000) + 60 })],
    ["good for ever", await sign(key, { expiresIn: undefined })],
    ["good past all dates", await sign(key, { expiresIn: 1e17 })],
    ["of nobody", await sign(key, { sub: undefined })],
    ["of a name that is none", await sign(key, { sub: "a\nb" })],
    ["of a name that is too long", await sign(key, { sub: "a".repeat(65) })],
    ["not signed", new UnsecuredJWT({ sub: "ada", aud: "reprise" }).setExpirationTime("1m").encode()],
    ["signed with the public key as a secret", await confused(key.jwk)],
    ["with rules that are none", await sign(key, { reprise: { rules: [{ allow: "everything", channels: "*" }] } })],
    ["cut", good.slice(0, -2)],
    ["garbage", "a.b.c"],
  ];
  for (const [what, token] of wrong) {
    const { code, message } = await failure(verify(token));
    assert.equal([code, message], ["unauthenticated", "the credentials are not valid"], what);
  }
  const expired = await failure(verify(await sign(key, { expiresIn: -1 })));
  assert.equal([expired.code, expired.message], ["unauthenticated", "the token has expired"]);
  const forged = await failure(verify(await sign(other, { expiresIn: -1 })));
  assert.is(forged.message, "the credentials are not valid", "only its owner is told");
});

/** Believers of the header would take the public key, which everybody has, for the secret of HS256. */
async function confused(jwk: object): Promise<string> {
  const secret = new TextEncoder().encode(JSON.stringify(jwk).padEnd(64));
  return sign({ alg: "HS256", kid: "a", privateKey: secret });
}

test("what a token says of its key is not believed: where it is, which it is, of what kind, that there is none", async (t) => {
  const [key, rsa, own] = await Promise.all([newKey("ES256", "a"), newKey("RS256", "r"), newKey("ES256", "own")]);
  const [secret, leaked] = [randomBytes(32), randomBytes(32)];
  const hmac: JWK = { kty: "oct", kid: "hmac", alg: "HS256", k: leaked.toString("base64url") };
  const issuer = await startIssuer(t, [key, rsa, { ...key, kid: "hmac", jwk: hmac }]);
  const theirs = await startIssuer(t, [own]);
  const secretFile = join(temporaryFolder(t), "secret");
  writeFileSync(secretFile, secret.toString("hex"));
  const { verify } = verifier(t, { keys: issuer.url, secretFile }, { cooldownMs: 60_000 });
  await verify(await sign(key));
  const by = (header: Record<string, unknown>) => sign(own, {}, header);
  const hs = (privateKey: Uint8Array, kid = "r") => sign({ alg: "HS256", kid, privateKey });
  const pem = await exportSPKI((await importJWK(rsa.jwk)) as CryptoKey);
  const [, claims, signature] = (await sign(key)).split(".");
  const headed = (header: object) => `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${claims}.`;
  const wrong: Record<string, string> = {
    "where it is": await by({ jku: theirs.url, kid: "a" }),
    "which it is": await by({ jwk: own.jwk }),
    "a certificate for it": await by({ x5u: theirs.url, x5c: ["MIIB"], kid: "a" }),
    "a file that is its key": await by({ kid: secretFile }),
    "a file with nothing in it": await hs(new Uint8Array(1), "../../../../dev/null"),
    "a query": await by({ kid: "x' UNION SELECT 'a" }),
    "something of all objects": await by({ kid: "__proto__" }),
    "something that must be understood": await by({ kid: "a", crit: ["b64"], b64: true }),
    "the public key as a secret": await hs(Buffer.from(pem)),
    "the public key as a secret, another way": await hs(Buffer.from(JSON.stringify(rsa.jwk))),
    "a secret among the public keys": await hs(leaked, "hmac"),
    none: headed({ alg: "none" }),
    "none, in other letters": headed({ alg: "nOnE", kid: "a" }),
    "none, but with a signature": headed({ alg: "none", kid: "a" }) + signature,
    "no algorithm": headed({ kid: "a" }) + signature,
  };
  for (const [what, token] of Object.entries(wrong)) {
    const { code, message } = await failure(verify(token));
    assert.equal([code, message], ["unauthenticated", "the credentials are not valid"], what);
  }
  assert.is(theirs.fetched, 0);
  const longAgo = await sign(key, { nbf: -1, iat: -1e9 });
  assert.is((await verify(longAgo)).name, "ada", "good since long ago");
});

test("a key set without an end is given up, and the last keys are used", async (t) => {
  const key = await newKey("ES256", "1");
  const issuer = await startIssuer(t, [key]);
  const { verify, lines } = verifier(t, { keys: issuer.url }, { cooldownMs: 10, maxAgeMs: 10 });
  await verify(await sign(key));
  issuer.endless = true;
  await until(async () => {
    assert.is((await verify(await sign(key))).name, "ada");
    return lines.some((line) => line.endsWith("more than 1048576 bytes; the last keys are used"));
  }, "it is given up");
});

test("what stands in the URL of a key set for its server alone is not logged; a password in it is refused", async (t) => {
  const issuer = await startIssuer(t, []);
  issuer.away = true;
  const { verify, lines } = verifier(t, { keys: `${issuer.url}?token=geheim` });
  await failure(verify(await sign(await newKey("ES256", "1"))));
  assert.match(lines[0]!, `keys of ${issuer.url}: HTTP 503`);
  assert.not.match(lines.join(), "geheim");
  for (const keys of [issuer.url.replace("//", "//ann:geheim@"), "https://geheim@issuer.test/", "https://geheim@[x"]) {
    const { code, message } = await failure((async () => verifier(t, { keys }))());
    assert.is(code, "invalid_argument");
    assert.not.match(message, "geheim");
  }
});

test("clocks may differ by as much as was said", async (t) => {
  const key = await newKey("ES256", "a");
  const issuer = await startIssuer(t, [key]);
  const { verify } = verifier(t, { keys: issuer.url, clockSkewMs: 30_000 });
  assert.is((await verify(await sign(key, { expiresIn: -20 }))).name, "ada");
  assert.is((await verify(await sign(key, { nbf: Math.floor(Date.now() / 1_000) + 20 }))).name, "ada");
  assert.is((await failure(verify(await sign(key, { expiresIn: -40 })))).code, "unauthenticated");
});

test("keys are rotated: a new one is fetched when it is first used, but nobody can make the node fetch all the time", async (t) => {
  const [first, second, third] = await Promise.all(["1", "2", "3"].map((kid) => newKey("ES256", kid)));
  const issuer = await startIssuer(t, [first!]);
  const { verify } = verifier(t, { keys: issuer.url }, { cooldownMs: 300, maxAgeMs: 60_000 });
  await verify(await sign(first!));
  await until(async () => issuer.fetched === 1, "it is fetched");
  issuer.keys = [first!, second!];
  await until(
    async () =>
      verify(await sign(second!)).then(
        () => true,
        () => false,
      ),
    "the new key is known",
  );
  assert.is(issuer.fetched, 2);
  await verify(await sign(first!));
  for (let i = 0; i < 20; i++) assert.is((await failure(verify(await sign(third!)))).code, "unauthenticated");
  assert.ok(issuer.fetched <= 4, `fetched ${issuer.fetched} times`);
});

test("a key that was withdrawn is good for no longer than the set may be old", async (t) => {
  const [first, second] = await Promise.all(["1", "2"].map((kid) => newKey("ES256", kid)));
  const issuer = await startIssuer(t, [first!]);
  const { verify } = verifier(t, { keys: issuer.url }, { cooldownMs: 60_000, maxAgeMs: 100 });
  const token = await sign(first!);
  await verify(token);
  issuer.keys = [second!];
  await until(
    () =>
      verify(token).then(
        () => false,
        () => true,
      ),
    "the old key is forgotten",
  );
});

test("a key that was withdrawn lets nobody in either who is the first to come after a long time", async (t) => {
  const [first, second] = await Promise.all(["1", "2"].map((kid) => newKey("ES256", kid)));
  const issuer = await startIssuer(t, [first!]);
  const { verify } = verifier(t, { keys: issuer.url }, { maxAgeMs: 50 });
  const token = await sign(first!);
  await verify(token);
  issuer.keys = [second!];
  const began = performance.now();
  await until(() => performance.now() - began > 60, "the set is old");
  const all = await Promise.all([1, 2, 3].map(() => failure(verify(token))));
  assert.equal(
    all.map(({ code }) => code),
    ["unauthenticated", "unauthenticated", "unauthenticated"],
  );
});

test("while the key set is away the keys that were fetched last are used; without any, one may try again", async (t) => {
  const key = await newKey("ES256", "1");
  const issuer = await startIssuer(t, [key]);
  issuer.away = true;
  const { verify, lines } = verifier(t, { keys: issuer.url }, { cooldownMs: 10, maxAgeMs: 10 });
  const { code, retryable } = await failure(verify(await sign(key)));
  assert.equal([code, retryable], ["unavailable", true]);
  assert.match(lines[0]!, "HTTP 503; nobody can be recognized");
  issuer.away = false;
  await until(
    async () =>
      verify(await sign(key)).then(
        () => true,
        () => false,
      ),
    "it is there",
  );
  issuer.away = true;
  const before = issuer.fetched;
  await until(async () => {
    assert.is((await verify(await sign(key))).name, "ada");
    return issuer.fetched > before + 2;
  }, "it was tried in vain");
  assert.match(lines.at(-1)!, "the last keys are used");
});

test("a key set in a file is read again when it changes", async (t) => {
  const [first, second] = await Promise.all(["1", "2"].map((kid) => newKey("EdDSA", kid)));
  const path = join(temporaryFolder(t), "jwks.json");
  writeFileSync(path, JSON.stringify({ keys: [first!.jwk] }));
  const { verify, lines } = verifier(t, { keys: path });
  await verify(await sign(first!));
  writeFileSync(path, "{");
  await until(() => lines.some((line) => line.includes("what was read before stays")), "it is said");
  await verify(await sign(first!));
  writeFileSync(path, JSON.stringify({ keys: [second!.jwk] }));
  await until(async () => (await verify(await sign(second!)).catch(() => undefined)) !== undefined, "it is read");
  assert.is((await failure(verify(await sign(first!)))).code, "unauthenticated");
});

test("the claim reprise grants rights, without a policy as well; roles are those of the policy", async (t) => {
  const key = await newKey("ES256", "a");
  const issuer = await startIssuer(t, [key]);
  const jwt = { keys: issuer.url, audience: ["reprise"], clockSkewMs: 0 };
  const policy = join(temporaryFolder(t), "policy.yaml");
  writeFileSync(policy, 'roles: { writer: [{ allow: publish, channels: "*" }, { deny: all, channels: mine.secret }] }');
  const rules = [{ allow: "all", channels: "mine.*" }];
  for (const [options, writes] of [
    [{}, false],
    [{ policy }, true],
  ] as const) {
    const guard = openGuard({ jwt, ...options, log: noLog });
    t.after(() => guard.close());
    const rightsBy = async (reprise: object) =>
      guard.rightsOf(await guard.authenticate({ token: await sign(key, { reprise }) }));
    const rights = await rightsBy({ rules, roles: ["writer", "unknown"] });
    assert.ok(rights("mine.1").has("history"));
    assert.is(rights("other").has("publish"), writes);
    assert.is(rights("mine.secret").has("publish"), !writes, "deny wins, wherever it stands");
    assert.not.ok((await rightsBy({}))("mine.1").has("publish"));
  }
});

test("keys come by HTTPS, or from this machine; secrets are long; somebody must be meant", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "short"), "only 20 bytes, really");
  const cases: Partial<JwtOptions>[] = [
    { keys: "http://issuer.test/jwks.json" },
    { keys: "http://127.0.0.1.evil.test/jwks.json" },
    { keys: join(folder, "none") },
    { secretFile: join(folder, "short") },
    { secretFile: join(folder, "none") },
    { keys: "https://issuer.test/jwks.json", audience: [] },
  ];
  for (const options of cases) {
    const { code } = await failure((async () => verifier(t, options))());
    assert.is(code, "invalid_argument", JSON.stringify(options));
  }
  assert.ok(openKeys("https://issuer.test/jwks.json", { log: noLog, everyMs: 10 }));
});

test.run();
