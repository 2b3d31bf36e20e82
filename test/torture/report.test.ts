// The report of `npm run torture`, from forged histories: its figures are those of the logs, and the page needs nothing
// from elsewhere.
import { judge } from "../../torture/check/judge.js";
import { describeVerdict } from "../../torture/check/verdict.js";
import { readFigures } from "../../torture/report/figures.js";
import { createHistogram } from "../../torture/report/histogram.js";
import { pageOf } from "../../torture/report/page.js";
import { describeRun } from "../../torture/report/text.js";
import { assert, suite, type T, temporaryFolder } from "../harness.js";
import { cleanHistory, gets, type History, writeHistory } from "./forge.js";

const test = suite("the report of the torture run");

async function reported(t: T, history: History) {
  const folder = temporaryFolder(t);
  writeHistory(folder, history);
  const [verdict, figures] = [await judge(folder), await readFigures(folder)];
  const said = describeVerdict(verdict);
  return { figures, page: pageOf(figures, verdict, said), text: describeRun(figures, said) };
}

test("each second has what was published, acknowledged and delivered in it, and how long that took from sending", async (t) => {
  const history = cleanHistory();
  // Three of the five messages of the other publisher are delivered 2.1 s after they were sent.
  history.subscribers["subscriber-2"]![1] = {
    ...gets("c", 10, 8, "publisher-b-4", "publisher-a-5", "publisher-b-5"),
    t: 3_100,
  };
  // It was there when they were sent.
  history.subscribers["subscriber-2"]![0]!.t = 900;
  const { figures } = await reported(t, history);
  const { seconds } = figures;
  assert.equal(seconds.map(({ published, acked, delivered }) => [published, acked, delivered]).slice(0, 4), [
    [0, 0, 0],
    [10, 10, 22],
    [0, 0, 0],
    [0, 0, 3],
  ]);
  const { latency } = seconds[1]!;
  const close = (part: number, ms: number) => Math.abs(latency.percentile(part)! - ms) <= ms * 0.05;
  assert.ok(close(0.5, 100) && close(1, 2_100), `${latency.percentile(0.5)}, ${latency.percentile(1)}`);
  assert.is(seconds[0]!.latency.percentile(0.5), undefined);
});

test("the page says what was found, how to run it once more, and brings along all it needs", async (t) => {
  const history = cleanHistory();
  const command = "npm run torture -- --only 'node killed' --seed 1 <&>";
  history.harness[0] = { t: 0, kind: "run", seed: 1, minutes: 1, level: "stored", command };
  const clean = await reported(t, history);
  assert.match(clean.page, "<strong>Clean</strong>");
  assert.match(clean.page, "npm run torture -- --only 'node killed' --seed 1 &lt;&amp;&gt;");
  assert.not.match(clean.page, /<script|<link|<img|src=|href=|url\(|NaN|undefined/);
  assert.ok(clean.text.includes(command) && /^CLEAN: /m.test(clean.text), clean.text);
  history.subscribers["subscriber-2"]!.splice(1, 1, gets("c", 10, 9, "publisher-a-5", "publisher-b-5"));
  const { page } = await reported(t, history);
  assert.match(page, "<strong>Violations</strong>");
  assert.match(page, "lost-prefix, 1: ");
});

test("a run of which nothing is known but that it began has a page, too", async (t) => {
  const { harness } = cleanHistory();
  const { page } = await reported(t, { harness: harness.slice(0, 1), publishers: {}, subscribers: {} });
  assert.not.match(page, /NaN|undefined/);
});

test("percentiles are right to within 5 %, from nothing to hours", () => {
  const histogram = createHistogram();
  for (let ms = 0; ms <= 10_000; ms++) histogram.add(ms);
  for (const part of [0.01, 0.5, 0.99, 1]) {
    const [found, right] = [histogram.percentile(part)!, part * 10_000];
    assert.ok(Math.abs(found - right) <= right * 0.05, `${part}: ${found}`);
  }
  const other = createHistogram();
  other.add(1e9);
  histogram.take(other);
  assert.is(histogram.count, 10_002);
  assert.ok(histogram.percentile(1)! > 3_000_000);
});

test.run();
