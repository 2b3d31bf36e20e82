// What `reprise serve` logs where nobody sits at a terminal: lines of JSON.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createToken } from "../../src/auth/index.js";
import { textOf } from "../../src/bin/own-log.js";
import { connect } from "../../src/client/index.js";
import { failure } from "../failure.js";
import { assert, suite, temporaryFolder, until } from "../harness.js";
import { ask, startRedis, watch } from "../redis.js";
import { type Running, start } from "./command.js";

const test = suite("reprise serve: log");

type Line = Record<string, unknown> & { level: string; msg: string };

/** @throws if a line is no JSON */
const linesOf = ({ stderr }: Running): Line[] =>
  stderr
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

const password = "geheim";

test("a line for people holds one line, whatever is in it, and nothing for the terminal", () => {
  const fields = {
    node: "n",
    session: "17",
    peer: "[::1]:5",
    why: 'he said "no"\n12:00:00 error: forged',
    none: undefined,
  };
  assert.is(
    textOf("warn", fields, "one\ntwo \u001b[2J\u009b2J"),
    'warning: one\n  two \ufffd[2J\ufffd2J session=17 peer=[::1]:5 why="he said \\"no\\"\\n12:00:00 error: forged"',
  );
});

test(
  "each line is one of JSON, says whom it is about, holds no secret; what strangers cause is sampled; SIGHUP changes the level",
  async (t) => {
    const redis = await startRedis(t);
    await ask(redis, "ACL", "SETUSER", "ann", "on", `>${password}`, "~*", "&*", "+@all");
    const folder = temporaryFolder(t);
    const path = (name: string) => join(folder, name);
    const [ada, eve] = [createToken("ada"), createToken("eve", new Date(Date.now() - 1_000))];
    writeFileSync(path("tokens"), `${ada.line}\n${eve.line}\n`);
    writeFileSync(path("policy"), 'identities: { ada: { rules: [{ allow: all, channels: "*" }] } }\n');
    const configure = (level: string) =>
      writeFileSync(
        path("reprise.yaml"),
        `auth-tokens: ${path("tokens")}\npolicy: ${path("policy")}\nlog-level: ${level}\n`,
      );
    configure("info");
    const env = { REPRISE_LOG_FORMAT: "auto", REPRISE_BUFFER: `redis://ann:${password}@127.0.0.1:${redis.port}` };
    const running = start(
      t,
      ["serve", "--listen", "127.0.0.1:0", "--workers", "2", "--node", "n", "--config", path("reprise.yaml")],
      { env },
    );
    const watchdog = watch(running.child);
    t.after(() => watchdog.stop());
    const logged = (msg: string) => linesOf(running).filter((line) => line.msg.includes(msg));
    await until(() => running.stderr.includes("the node listens"), "it listens", 30_000);
    const { address, node, workers, level } = logged("the node listens")[0]!;
    assert.equal([node, workers, level], ["n", 2, "info"]);
    const works = async () => {
      const bus = await connect(address as string, { token: ada.token });
      await bus.publish("c", "text of a message");
      await bus.close();
    };
    await works();
    const wrong = [eve.token, `${ada.token}x`, ...Array.from({ length: 18 }, (_, i) => `rpr_${"x".repeat(i)}`)];
    for (const token of wrong)
      assert.is((await failure(connect(address as string, { token }))).code, "unauthenticated");

    configure("debug");
    running.child.kill("SIGHUP");
    await until(() => logged("was read again").length === 1, "the configuration is read again", 30_000);
    await until(
      async () => {
        await works();
        return logged("a session has ended").length > 0;
      },
      "the workers have another level",
      30_000,
    );
    running.child.kill("SIGTERM");
    assert.is(await running.exit, 0);

    const refused = logged("a peer was not recognized");
    assert.ok(refused.length >= 1 && refused.length < wrong.length / 2, `${refused.length} lines`);
    for (const line of refused) {
      assert.match(String(line.peer), /^127\.0\.0\.1:\d+$/);
      assert.match(String(line.why), /an unknown token|the token of eve has expired/);
    }
    const [begun] = logged("a session has begun");
    assert.is(logged("a session has ended").find(({ session }) => session === begun!.session)!.peer, begun!.peer);
    assert.equal(
      [begun!.level, begun!.identity, begun!.method, begun!.node, begun!.worker],
      ["debug", "ada", "Connect", `n/${begun!.worker}`, begun!.worker],
    );
    assert.equal(linesOf(running).at(-1)!.msg.slice(0, 8), "drained:");
    for (const line of linesOf(running)) {
      assert.ok(["debug", "info", "warn", "error"].includes(line.level), line.level);
      assert.is(new Date(line.time as string).toISOString(), line.time);
    }
    for (const secret of [ada.token, eve.token, password, "text of a message"]) {
      assert.not.ok(running.stderr.includes(secret), secret);
    }
  },
  { timeoutMs: 90_000 },
);

test.run();
