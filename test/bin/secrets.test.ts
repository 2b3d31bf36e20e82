// No secret is seen where it does not belong: in logs, in errors, in what commands print, in metrics, in the list of processes.
// Two nodes are given all the secrets that there are, everything that can be asked of them is asked, rightly and wrongly,
// and what they and the commands said is searched.
import { randomBytes } from "node:crypto";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newKey, sign, startIssuer } from "../auth/issuer.js";
import { makeCertificates } from "../certificates.js";
import { secureEtcd, startEtcd } from "../etcd.js";
import { assert, suite, temporaryFolder, until } from "../harness.js";
import { ask, freePort, startRedis, watch } from "../redis.js";
import { type Running, run, said, start } from "./command.js";

const test = suite("secrets");

/** Also what is left of it where it is encoded for a URL. */
const password = () => randomBytes(12).toString("hex");
const inUrl = (word: string) => encodeURIComponent(`p@:/${word}`);
const asIs = (word: string) => `p@:/${word}`;

/** What everybody on the machine can see of the processes that run. */
function commandLines(): string {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        // It has ended.
        return "";
      }
    })
    .join("\n");
}

/** The lines of a key between its first and its last. */
const linesOf = (path: string) => readFileSync(path, "utf8").trim().split("\n").slice(1, -1);

test(
  "no secret is in a log of any level or form, in an error, in what a command prints, in a metric, in the list of processes",
  async (t) => {
    const folder = temporaryFolder(t);
    const path = (name: string) => join(folder, name);
    const write = (name: string, text: string) => {
      writeFileSync(path(name), text, { mode: 0o600 });
      return path(name);
    };
    const hidden = {
      redis: password(),
      etcd: password(),
      wrong: password(),
      jwks: password(),
      hmac: randomBytes(32).toString("hex"),
      brokenKey: randomBytes(48).toString("base64"),
      message: password(),
    };
    const [redis, etcd, certificates, issuer] = await Promise.all([
      startRedis(t),
      startEtcd(t),
      makeCertificates(t),
      startIssuer(t, [await newKey("ES256", "1")]),
    ]);
    await ask(redis, "ACL", "SETUSER", "ann", "on", `>${asIs(hidden.redis)}`, "~*", "&*", "+@all");
    await ask(redis, "ACL", "SETUSER", "default", "off");
    await secureEtcd(etcd, asIs(hidden.etcd));
    const buffer = (word: string) => `redis://ann:${inUrl(word)}@127.0.0.1:${redis.port}`;
    const registry = (word: string) => `etcd://ann:${inUrl(word)}@${etcd.endpoint}/mine`;
    issuer.away = true;

    const [token] = (await run(t, ["token", "create", "ada", "--append", path("tokens")])).lines as [string];
    const [root] = (await run(t, ["token", "create", "root", "--append", path("tokens")])).lines as [string];
    const privateKey = new TextEncoder().encode(hidden.hmac);
    const jwt = { alg: "HS256", kid: "", privateKey };
    const [good, expired, forged, foreign] = await Promise.all([
      sign(jwt),
      sign(jwt, { expiresIn: -100 }),
      sign({ ...jwt, privateKey: randomBytes(32) }),
      sign(await newKey("ES256", "1")),
    ]);
    const policy = write(
      "policy.yaml",
      'identities:\n  ada: { rules: [{ allow: [publish, subscribe, history], channels: "own.*" }] }\n' +
        '  root: { rules: [{ allow: all, channels: "*" }] }\n',
    );
    const http = `127.0.0.1:${await freePort()}`;
    const flags = [
      ...["--listen", "127.0.0.1:0", "--log-level", "debug", "--auth-tokens", path("tokens"), "--policy", policy],
      ...["--auth-jwt-secret-file", write("hmac", `${hidden.hmac}\n`), "--auth-jwt-audience", "reprise"],
      ...["--tls-cert", certificates.server.cert, "--tls-key", certificates.server.key],
    ];
    const env = {
      REPRISE_BUFFER: buffer(hidden.redis),
      REPRISE_REGISTRY: registry(hidden.etcd),
      REPRISE_AUTH_JWKS: `${issuer.url}?token=${hidden.jwks}`,
    };

    const outputs: string[] = [];
    let processes = "";
    const running = (args: readonly string[], env: Record<string, string>): Running => {
      const one = start(t, args, { input: "", env });
      const watchdog = watch(one.child);
      t.after(() => watchdog.stop());
      return one;
    };
    const ended = async (one: Running) => {
      processes += commandLines();
      const code = await one.exit;
      outputs.push(one.stdout, one.stderr);
      return { code, stdout: one.stdout, stderr: one.stderr };
    };
    const nodes = [
      running(["serve", ...flags, "--http", http, "--node", "text"], env),
      running(["serve", ...flags, "--workers", "2", "--node", "json"], { ...env, REPRISE_LOG_FORMAT: "json" }),
    ];
    await Promise.all([said(nodes[0]!, "health and metrics"), said(nodes[1]!, "the node listens")]);
    const [, first = ""] = /listens on (.*)/.exec(nodes[0]!.stderr)!;
    const second: string = JSON.parse(
      nodes[1]!.stderr.split("\n").find((line) => line.includes("the node listens"))!,
    ).address;
    const shown = (word: string | undefined, more: Record<string, string> = {}): Record<string, string> => ({
      REPRISE_SERVER: first,
      REPRISE_CA: certificates.ca,
      ...(word !== undefined && { REPRISE_TOKEN: word }),
      ...more,
    });
    const reprise = async (args: readonly string[], env: Record<string, string>) => ended(running(args, env));

    const byFile = { REPRISE_TOKEN_FILE: write("shown", `${good}\n`), REPRISE_SERVER: second };
    for (const env of [shown(token), shown(undefined, byFile)]) {
      assert.is((await reprise(["pub", "own.1", hidden.message], env)).code, 0);
    }
    const wrong: [shown: string | undefined, at: string, says: string][] = [
      [undefined, second, "a token is missing"],
      [`${token}x`, first, "not valid"],
      [expired, second, "expired"],
      [forged, first, "not valid"],
      [foreign, first, "cannot be had"],
      [foreign, second, "cannot be had"],
    ];
    await Promise.all(
      wrong.map(async ([word, at, says]) => {
        const { code, stderr } = await reprise(["pub", "own.1", "no"], shown(word, { REPRISE_SERVER: at }));
        assert.is(code, word === foreign ? 3 : 1, stderr);
        assert.match(stderr, says);
      }),
    );
    const found = { ...env, ...shown(root), REPRISE_SERVER: registry(hidden.etcd) };
    const lost = { ...found, REPRISE_SERVER: registry(hidden.wrong) };
    await Promise.all([
      reprise(["drain"], shown(token)).then(({ stderr }) => assert.match(stderr, "admin of the node")),
      reprise(["nodes"], found).then(({ stdout }) => assert.match(stdout, "json")),
      reprise(["nodes"], lost).then(({ code }) => assert.is.not(code, 0)),
      reprise(["top", "--once"], shown(root)).then(({ code }) => assert.is(code, 0)),
      reprise(["explain", "--channel", "own.1", "--json"], shown(root)).then(({ code }) => assert.is(code, 0)),
    ]);
    await Promise.all([
      reprise(["config", "print", ...flags], env).then(({ stdout }) =>
        assert.match(stdout, "buffer: redis://ann:***@"),
      ),
      reprise(["doctor", ...flags], found).then(({ stdout }) => assert.match(stdout, `127.0.0.1:${redis.port}`)),
      reprise(["doctor", ...flags], { ...lost, REPRISE_BUFFER: buffer(hidden.wrong) }),
    ]);
    const brokenKey = write(
      "broken.key",
      `-----BEGIN PRIVATE KEY-----\n${hidden.brokenKey}\n-----END PRIVATE KEY-----\n`,
    );
    const failing: [Record<string, string>, string[]][] = [
      [{ ...env, REPRISE_BUFFER: buffer(hidden.wrong) }, []],
      [{ ...env, REPRISE_BUFFER: `redis:/ann:${hidden.wrong}@127.0.0.1` }, []],
      [env, ["--tls-key", brokenKey]],
    ];
    await Promise.all(
      failing.map(async ([env, more]) => {
        const { code, stderr } = await reprise(["serve", ...flags, ...more], env);
        assert.ok(code === 1 || code === 2 || code === 3, `${code}: ${stderr}`);
      }),
    );
    const alone = running(["serve", ...flags], { ...env, REPRISE_REGISTRY: registry(hidden.wrong) });
    await said(alone, "advertised as");
    alone.child.kill("SIGTERM");
    await ended(alone);
    // Somebody puts a token where its hash belongs.
    appendFileSync(path("tokens"), `bob ${token}\n`);
    await until(() => nodes.every((node) => node.stderr.includes("line 3: expected NAME")), "it is said", 30_000);
    for (const page of ["metrics", "readyz", "livez"])
      outputs.push(await (await fetch(`http://${http}/${page}`)).text());
    assert.match(outputs.at(-3)!, "reprise_sessions");
    processes += commandLines();
    for (const node of nodes) node.child.kill("SIGTERM");
    for (const node of nodes) assert.is((await ended(node)).code, 0);

    const [asText, asJson] = nodes.map(({ stderr }) => stderr) as [string, string];
    for (const log of [asText, asJson]) {
      assert.match(log, `keys of ${issuer.url}: HTTP 503`);
      assert.match(log, "a session has begun");
    }
    assert.match(processes, /serve\0.*--workers/);
    const all = outputs.join("\n");
    const { message, ...words } = hidden;
    const keys = [certificates.server, certificates.client].flatMap(({ key }) => linesOf(key));
    assert.ok(keys.length > 2);
    for (const word of [...Object.values(words), token, root, good, expired, forged, foreign, ...keys]) {
      const at = all.indexOf(word);
      assert.is(at, -1, all.slice(Math.max(0, at - 300), at + 20));
      assert.not.ok(processes.includes(word), word);
    }
    assert.not.ok(
      [asText, asJson].some((log) => log.includes(message)),
      "nor is a message",
    );
  },
  { timeoutMs: 300_000 },
);

test.run();
