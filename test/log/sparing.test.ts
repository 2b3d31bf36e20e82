// What is left out of a log, and how that is told. And that a logger of pino is a log.
import { pino } from "pino";
import type { Log } from "../../src/log/log.js";
import { sparing } from "../../src/log/sparing.js";
import { assert, suite, until } from "../harness.js";
import { collect } from "../log.js";

const test = suite("log");

test("a line of each message in a while; the next one tells how many were left out", async () => {
  const lines: string[] = [];
  const log = sparing(collect(lines), 200);
  const inSession = log.child({ session: "7" });
  for (let i = 0; i < 40; i++) log.info({ peer: i }, "refused");
  for (let i = 40; i < 50; i++) inSession.info({ peer: i }, "refused");
  log.warn({}, "another one");
  assert.equal(lines, ["refused peer=0", "another one"]);
  await until(() => {
    inSession.info({ peer: "x" }, "refused");
    return lines.length > 2;
  }, "the time is over");
  const [, leftOut] = /^refused session=7 peer=x leftOut=(\d+)$/.exec(lines[2]!)!;
  assert.ok(Number(leftOut) >= 49, leftOut);
});

test("a logger of pino is a log, with what children add", () => {
  const lines: string[] = [];
  const log: Log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line) });
  log.child({ node: "n" }).warn({ session: "1" }, "said");
  log.debug({}, "not at this level");
  assert.equal(
    lines.map((line) => JSON.parse(line)),
    [{ level: 40, node: "n", session: "1", msg: "said" }],
  );
});

test.run();
