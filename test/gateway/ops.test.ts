// What is delivered for Prometheus and Grafana speaks of metrics that there are, and docs/operate.md of all of them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { connectPeer } from "../broker/peer.js";
import { assert, notRun, suite, type T } from "../harness.js";
import { type Scrape, scrape, startGateway } from "./scrape.js";

const test = suite("ops");

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { refId: string; expr: string; legendFormat: string; datasource: { uid: string } }[];
}

const dashboard = JSON.parse(read("ops/grafana-dashboard.json")) as {
  title: string;
  uid: string;
  schemaVersion: number;
  panels: Panel[];
  templating: { list: { name: string; definition?: string }[] };
};
const alerts = read("ops/alerts.yml");
const alertNames = [...alerts.matchAll(/- alert: (\w+)$/gm)].map(([, name]) => name!);

const targets = dashboard.panels.flatMap(({ targets = [] }) => targets);

/** Of everything that is delivered. */
const expressions = [
  ...[...alerts.matchAll(/^ +expr: (.+)$/gm)].map(([, expr]) => expr!),
  ...targets.map(({ expr }) => expr),
  // What its variables are taken from.
  ...dashboard.templating.list.flatMap(({ definition }) =>
    definition === undefined ? [] : [/^label_values\((.+), \w+\)$/.exec(definition)![1]!],
  ),
];

function promtool(args: readonly string[], input = ""): string {
  const program = process.env.REPRISE_TEST_PROMTOOL || "promtool";
  if (program === "none") notRun("there is no promtool here");
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, encoding: "utf8", cwd: root });
  if (error !== undefined) throw error;
  assert.is(status, 0, stdout + stderr);
  return stdout + stderr;
}

/** A metric in an expression. */
interface Selector {
  metric: string;
  matchers: { label: string; value: string }[];
  /** By which what is around it adds up. */
  grouped: string[];
}

/** The metrics in an expression. @throws if it is none */
function selectorsIn(expression: string): Selector[] {
  const text = expression.replaceAll("$__rate_interval", "5m");
  const found: Selector[] = [];
  const wordOf = ({ from, to }: SyntaxNode) => text.slice(from, to);
  parser.parse(text).iterate({
    enter({ type, name, from, node }) {
      if (type.isError) throw new Error(`${expression}: wrong at ${from}`);
      if (name !== "VectorSelector") return;
      const matchers = (node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? []).map((matcher) => ({
        label: wordOf(matcher.getChild("LabelName")!),
        value: wordOf(matcher.getChild("StringLiteral")!).slice(1, -1),
      }));
      const grouped: string[] = [];
      for (let around = node.parent; around !== null; around = around.parent) {
        const labels = around.getChild("AggregateModifier")?.getChild("GroupingLabels")?.getChildren("LabelName") ?? [];
        grouped.push(...labels.map(wordOf));
      }
      found.push({ metric: wordOf(node.getChild("Identifier")!), matchers, grouped });
    },
  });
  return found;
}

/** The labels of each metric, with their values; a histogram is three metrics. */
function labelsOf({ families }: Scrape): Map<string, Map<string, Set<string>>> {
  const all = new Map<string, Map<string, Set<string>>>([["up", new Map()]]);
  for (const { name, type, metrics } of families) {
    const labels = new Map<string, Set<string>>();
    for (const { labels: own = {} } of metrics) {
      for (const [label, value] of Object.entries(own)) labels.set(label, (labels.get(label) ?? new Set()).add(value));
    }
    if (type !== "HISTOGRAM") all.set(name, labels);
    else {
      const bounds = new Set(Object.keys(metrics[0]?.buckets ?? {}));
      for (const part of ["sum", "count"]) all.set(`${name}_${part}`, labels);
      all.set(`${name}_bucket`, new Map([...labels, ["le", bounds]]));
    }
  }
  return all;
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

/** Labels that legends and summaries speak of. */
function told(): { expr: string; words: string[] }[] {
  const inAlerts = alerts.split("- alert:").flatMap((alert) => {
    const [, expr] = /expr: (.+)/.exec(alert) ?? [];
    return expr === undefined
      ? []
      : [{ expr, words: [...alert.matchAll(/\$labels\.(\w+)/g)].map(([, word]) => word!) }];
  });
  const inLegends = targets.map(({ expr, legendFormat }) => ({
    expr,
    words: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, word]) => word!),
  }));
  return [...inAlerts, ...inLegends];
}

/** Those that Prometheus adds to all that it scrapes. */
const added = ["job", "instance"];

test("rules and dashboard name metrics that there are, and of each the labels and values that it has", async (t) => {
  const scraped = await fullScrape(t);
  const { families } = scraped;
  const known = labelsOf(scraped);
  assert.ok(expressions.length > 40, `${expressions.length} were found`);
  for (const expression of expressions) {
    const found = selectorsIn(expression);
    assert.ok(found.length > 0, expression);
    for (const { metric, matchers, grouped } of found) {
      const labels = known.get(metric);
      assert.ok(labels !== undefined, `${metric} in ${expression}`);
      for (const label of grouped) assert.ok(added.includes(label) || labels.has(label), `${label} in ${expression}`);
      for (const { label, value } of matchers) {
        if (added.includes(label)) continue;
        for (const one of value.split("|")) assert.ok(labels.get(label)?.has(one), `${label}=${one} in ${expression}`);
      }
    }
  }
  for (const { expr, words } of told()) {
    const [{ metric, grouped } = { metric: "", grouped: [] }] = selectorsIn(expr);
    const left = expr.includes(" by (") ? grouped : [...added, ...known.get(metric)!.keys()];
    for (const word of words) assert.ok(left.includes(word), `${word}: ${expr}`);
  }
  assert.throws(() => selectorsIn("sum(rate(reprise_frames_total[5m])"), "wrong at");
  // And all of ours is shown.
  const shown = new Set(expressions.flatMap((expression) => selectorsIn(expression).map(({ metric }) => metric)));
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
