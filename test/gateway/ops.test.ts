// What is delivered for Prometheus and Grafana speaks of metrics that there are, and docs/operate.md of all of them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { connectPeer } from "../broker/peer.js";
import { assert, notRun, suite, type T } from "../harness.js";
import { scrape, startGateway } from "./scrape.js";

const test = suite("ops");

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { refId: string; expr: string; datasource: { uid: string } }[];
}

const dashboard = JSON.parse(read("ops/grafana-dashboard.json")) as {
  title: string;
  uid: string;
  schemaVersion: number;
  panels: Panel[];
  templating: { list: { name: string }[] };
};
const alerts = read("ops/alerts.yml");
const alertNames = [...alerts.matchAll(/- alert: (\w+)$/gm)].map(([, name]) => name!);

/** Of everything that is delivered. */
const expressions = [
  ...[...alerts.matchAll(/^ +expr: (.+)$/gm)].map(([, expr]) => expr!),
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
];

function promtool(args: readonly string[], input = ""): string {
  const program = process.env.REPRISE_TEST_PROMTOOL || "promtool";
  if (program === "none") notRun("there is no promtool here");
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, encoding: "utf8", cwd: root });
  if (error !== undefined) throw error;
  assert.is(status, 0, stdout + stderr);
  return stdout + stderr;
}

/** Names in an expression. @throws if it is none */
function namesIn(expression: string): { metrics: string[]; labels: string[] } {
  const text = expression.replaceAll("$__rate_interval", "5m");
  const found = { metrics: [] as string[], labels: [] as string[] };
  parser.parse(text).iterate({
    enter({ type, name, from, to, node }) {
      const word = text.slice(from, to);
      if (type.isError) throw new Error(`${expression}: wrong at ${from}`);
      if (name === "Identifier" && node.parent?.name === "VectorSelector") found.metrics.push(word);
      if (name === "LabelName") found.labels.push(word);
    },
  });
  return found;
}

/** A scrape in which every family of ours has a value, but those that only Redis has. */
async function fullScrape(t: T) {
  const { node, url } = await startGateway(t);
  const peer = await connectPeer(t, node.address);
  peer.unsubscribe("c");
  await peer.refused();
  return scrape(url);
}

test("Prometheus loads the rules, and finds nothing wrong with a scrape", async (t) => {
  const { text } = await fullScrape(t);
  const rules = promtool(["check", "rules", "ops/alerts.yml"]);
  assert.match(rules, `${alertNames.length} rules found`);
  promtool(["check", "metrics"], text.replace(/^[^\n]*nodejs_[^\n]*\n/gm, "").replace(/^[^\n]*process_[^\n]*\n/gm, ""));
});

test("rules and dashboard name metrics and labels that there are", async (t) => {
  const { families } = await fullScrape(t);
  const names = families.flatMap(({ name, type }) =>
    type === "HISTOGRAM" ? ["bucket", "sum", "count"].map((part) => `${name}_${part}`) : [name],
  );
  const metrics = new Set(["up", ...names]);
  const labels = new Set(["job", "instance", "le"]);
  for (const family of families) {
    for (const metric of family.metrics) for (const label of Object.keys(metric.labels ?? {})) labels.add(label);
  }
  assert.ok(expressions.length > 40, `${expressions.length} were found`);
  for (const expression of expressions) {
    const found = namesIn(expression);
    assert.ok(found.metrics.length > 0, expression);
    for (const name of found.metrics) assert.ok(metrics.has(name), `${name} in ${expression}`);
    for (const name of found.labels) assert.ok(labels.has(name), `${name} in ${expression}`);
  }
  assert.throws(() => namesIn("sum(rate(reprise_frames_total[5m])"), "wrong at");
  // And all of ours is shown.
  const shown = new Set(expressions.flatMap((expression) => namesIn(expression).metrics));
  const ours = families.filter(({ name }) => name.startsWith("reprise_"));
  const missing = ours.filter(({ name }) => !shown.has(name) && !shown.has(`${name}_bucket`)).map(({ name }) => name);
  assert.equal(missing, []);
});

test("the dashboard is one that Grafana shows: panels with ids and places of their own, a source that is chosen", () => {
  const { panels, templating } = dashboard;
  assert.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Map<string, string>();
  for (const { type, title, gridPos, targets = [] } of panels) {
    assert.ok(["row", "stat", "timeseries"].includes(type), type);
    assert.is(targets.length > 0, type !== "row", title);
    assert.is(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
    for (const { datasource } of targets) assert.match(datasource.uid, /^\$\{datasource\}$/);
    const { x, y, w, h } = gridPos;
    assert.ok(x >= 0 && x + w <= 24, title);
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        assert.is(taken.get(`${column} ${line}`), undefined, title);
        taken.set(`${column} ${line}`, title);
      }
    }
  }
  assert.equal(
    templating.list.map(({ name }) => name),
    ["datasource", "job", "instance"],
  );
});

test("docs/operate.md has every metric, with its labels, and every alert", async (t) => {
  const text = read("docs/operate.md");
  const { families } = await fullScrape(t);
  const rows = [...text.matchAll(/^\| `(reprise_\w+)` \| (\w+) \|([^|]*)\|/gm)].map(([, name, type, labels]) => ({
    name: name!,
    type: type!,
    labels: [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!),
  }));
  const ours = families.filter(({ name }) => name.startsWith("reprise_"));
  const scraped = ours.map(({ name, type, metrics }) => ({
    name,
    type: type.toLowerCase(),
    labels: Object.keys(metrics[0]?.labels ?? {}),
  }));
  assert.equal(rows, scraped);
  const sections = text.split(/^### /m).slice(1);
  const told = sections.flatMap((section) => /^`(Reprise\w+)`\n\n(.+)/.exec(section)?.[1] ?? []);
  assert.equal(told, alertNames);
});

test.run();
