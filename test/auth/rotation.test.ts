// Keys of JWTs that are rotated while `reprise serve` runs: what its clients notice, and what the server of the key set does.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../src/client/index.js";
import { said, start } from "../bin/command.js";
import { openStream } from "../broker/peer.js";
import { failure } from "../failure.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import { watch } from "../redis.js";
import { type Key, newKey, sign, startIssuer } from "./issuer.js";

const test = suite("auth rotation");

const mine = { reprise: { rules: [{ allow: "all", channels: "mine" }] }, expiresIn: 600 };

async function serve(t: T, jwks: string) {
  const buffer = `embedded:${join(temporaryFolder(t), "data")}`;
  const jwt = ["--auth-jwks", jwks, "--auth-jwt-audience", "reprise"];
  const running = start(t, ["serve", "--listen", "127.0.0.1:0", "--buffer", buffer, ...jwt]);
  const watchdog = watch(running.child);
  t.after(() => watchdog.stop());
  await said(running, "chat lobby");
  const address = /listens on (\S+)/.exec(running.stderr)![1]!;
  const open = async (key: Key) => {
    const bus = await connect(address, { token: await sign(key, mine), timeoutMs: 20_000 });
    t.after(() => bus.close({ timeoutMs: 0 }));
    return bus;
  };
  const refused = async (key: Key) => failure(connect(address, { token: await sign(key, mine), timeoutMs: 20_000 }));
  return { running, address, open, refused };
}

const busy = { timeoutMs: 120_000 };

test(
  "a key set at a URL: fetched once for all; a new key is good at once, a withdrawn one for nobody who comes then",
  async (t) => {
    const [old, young, next] = await Promise.all(["old", "young", "next"].map((kid) => newKey("ES256", kid)));
    const issuer = await startIssuer(t, [old!]);
    const { open, refused } = await serve(t, issuer.url);
    const bus = await open(old!);
    await bus.publish("mine", "1");
    for (let i = 0; i < 5; i++) await (await open(old!)).publish("mine", "2");
    assert.is(issuer.fetched, 1, "not for each who comes");

    issuer.keys = [young!, next!];
    await (await open(young!)).publish("mine", "3");
    await open(next!);
    assert.is((await refused(old!)).code, "unauthenticated");
    assert.is(issuer.fetched, 2);
    await bus.publish("mine", "4");
    assert.is(bus.state.kind, "connected", "a session goes on until its token expires");
  },
  busy,
);

test(
  "a key set that is away: those whose keys are known come in; tokens of unknown keys do not make the node ask again and again",
  async (t) => {
    const [known, foreign] = await Promise.all(["known", "foreign"].map((kid) => newKey("RS256", kid)));
    const issuer = await startIssuer(t, [known!]);
    const { running, address, open, refused } = await serve(t, issuer.url);
    await open(known!);
    issuer.away = true;
    const began = performance.now();
    assert.is((await refused(foreign!)).code, "unauthenticated");
    await said(running, "HTTP 503; the last keys are used");
    const token = await sign(foreign!, mine);
    for (let i = 0; i < 60; i++) assert.is((await openStream(t, address, token).end()).code, "unauthenticated");
    // Once for the first who came, and once for each 10 s.
    const most = 2 + Math.floor((performance.now() - began) / 10_000);
    assert.ok(issuer.fetched <= most, `${issuer.fetched} of ${most}`);
    await (await open(known!)).publish("mine", "1");
  },
  busy,
);

test(
  "a key set in a file: what stands there is what counts, within seconds",
  async (t) => {
    const [old, young] = await Promise.all(["old", "young"].map((kid) => newKey("EdDSA", kid)));
    const path = join(temporaryFolder(t), "jwks.json");
    const write = (...keys: Key[]) => {
      writeFileSync(`${path}.new`, JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
      renameSync(`${path}.new`, path);
    };
    write(old!);
    const { running, open, refused } = await serve(t, path);
    const bus = await open(old!);
    assert.is((await refused(young!)).code, "unauthenticated");
    write(young!);
    await said(running, "was read again");
    await (await open(young!)).publish("mine", "1");
    assert.is((await refused(old!)).code, "unauthenticated");
    await bus.publish("mine", "2");
  },
  busy,
);

test.run();
