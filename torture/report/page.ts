// The report of a run, as one page of HTML that needs nothing from elsewhere.
import { isClean, type Verdict, violations } from "../check/verdict.js";
import { drawChart, drawTimeline, escaped } from "./chart.js";
import type { Figures } from "./figures.js";
import { type GrowthRow, growthHeadings, growthRows } from "./growth.js";
import { type Figure, shownMs, summarize } from "./summary.js";

const style = `
:root { --ground: #fff; --ink: #1c2024; --soft: #60646c; --line: #e2e4e8; --panel: #f7f8f9;
  --a: #0a6fb3; --b: #c05a00; --c: #2b8a4b; --fault: #d9730d; --good: #1d7a3e; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ground: #16181b; --ink: #e6e8ea; --soft: #9ba1a8; --line: #303438;
  --panel: #1e2124; --a: #5cb3ee; --b: #f0a35e; --c: #6bcf8c; --fault: #f0a35e; --good: #55c27c; --bad: #f2857d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1064px; padding: 32px; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 22px; margin: 0 0 4px; } p + pre { margin: 4px 0 8px; } h2 { font-size: 16px; margin: 32px 0 8px; }
p { margin: 4px 0; color: var(--soft); } code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: 12px; background: var(--panel); border-radius: 6px; white-space: pre-wrap; }
.verdict { margin: 20px 0; padding: 14px 18px; border-radius: 6px; border-left: 6px solid var(--good);
  background: var(--panel); } .verdict.bad { border-color: var(--bad); }
.verdict strong { font-size: 18px; color: var(--good); } .verdict.bad strong { color: var(--bad); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin: 0; }
dl div { background: var(--panel); border-radius: 6px; padding: 10px 14px; } dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 600; } dd + dd { color: var(--soft); font-weight: 400; font-size: 13px; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { text-align: right; padding: 4px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 500; }
table.words td, table.words th { text-align: left; } table.words td:first-child { text-align: right; }
summary { cursor: pointer; color: var(--soft); }
svg { display: block; width: 100%; height: auto; margin: 8px 0 16px; }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft); } svg text.title { font-weight: 600; fill: var(--ink); }
svg .g { stroke: var(--line); fill: none; } svg .f { fill: var(--fault); opacity: .16; } svg .bar { fill: var(--fault); opacity: .85; }
svg .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
svg path.a { stroke: var(--a); } svg path.b { stroke: var(--b); } svg path.c { stroke: var(--c); }
svg text.a { fill: var(--a); } svg text.b { fill: var(--b); } svg text.c { fill: var(--c); }
`;

const whole = (value: number): string => Math.round(value).toLocaleString("en");

/** @param checked the verdict in words */
export function pageOf(figures: Figures, verdict: Verdict, checked: string): string {
  const { run, load, levels, faults, seconds } = figures;
  const total = Math.max(1, seconds.length);
  const title = `Torture run, seed ${run.seed}`;
  const held =
    load === undefined
      ? ""
      : `<p>Without pause, publishers reached ${whole(load.reached)} acknowledged messages a second; they were held at ${whole(load.held)}.</p>`;
  const sections = [
    `<h1>${title}</h1>`,
    `<p>${new Date(run.t).toISOString().slice(0, 19).replace("T", " ")} UTC, ${run.minutes} minutes of faults, acknowledged is ${[...levels].map((level) => `<code>${escaped(level)}</code>`).join(" or ")}</p>`,
    run.command === undefined ? "" : `<p>The same workload and faults once more:</p><pre>${escaped(run.command)}</pre>`,
    held,
    banner(verdict),
    tiles(figures, verdict),
    "<h2>Faults</h2>",
    faults.length === 0 ? "<p>None.</p>" : drawTimeline(faults, total),
    "<h2>Messages a second</h2>",
    drawRates(figures, total),
    "<h2>Time from sending to delivery</h2>",
    drawDelays(figures, total),
    "<p>Of what was sent in each second, to all subscribers that were subscribed by then and take no time themselves. A message that waits for the end of a fault counts with all its waiting.</p>",
    growth(growthRows(figures)),
    faultList(figures),
    `<h2>What the checker said</h2><pre>${escaped(checked.trim())}</pre>`,
  ];
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${style}</style></head><body>\n${sections.filter((section) => section !== "").join("\n")}\n</body></html>\n`;
}

function banner(verdict: Verdict): string {
  if (isClean(verdict)) return '<div class="verdict"><strong>Clean</strong><p>No violation was found.</p></div>';
  const kinds = [...verdict.numbers].map(([kind, number]) => `<p>${kind}, ${whole(number)}: ${violations[kind]}</p>`);
  return `<div class="verdict bad"><strong>Violations</strong>${kinds.join("")}</div>`;
}

function tiles(figures: Figures, { counts }: Verdict): string {
  const { publishers, subscribers, failed, lost, gaps } = counts;
  const all: Figure[] = [
    ...summarize(figures),
    { name: "refused", value: whole(failed) },
    { name: "lost, as announced", value: whole(lost) },
    { name: "gaps told", value: whole(gaps) },
    { name: "lives of publishers", value: whole(publishers), more: `${whole(subscribers)} of subscribers` },
  ];
  const tile = ({ name, value, more = "" }: Figure) => `<div><dt>${name}</dt><dd>${value}</dd><dd>${more}</dd></div>`;
  return `<dl>${all.map(tile).join("")}</dl>`;
}

function drawRates({ seconds, faults }: Figures, total: number): string {
  const rate = (title: string, ...curves: { name: "published" | "acked" | "delivered"; colour: "a" | "b" | "c" }[]) =>
    drawChart(
      {
        title,
        label: (value) => whole(value),
        merge: "mean",
        curves: curves.map(({ name, colour }) => ({ name, colour, values: seconds.map((second) => second[name]) })),
      },
      faults,
      total,
    );
  return (
    rate("by publishers", { name: "published", colour: "a" }, { name: "acked", colour: "b" }) +
    rate("to all subscribers together", { name: "delivered", colour: "c" })
  );
}

function drawDelays({ seconds, faults }: Figures, total: number): string {
  const curve = (name: string, part: number, colour: "a" | "b") => ({
    ...{ name, colour },
    values: seconds.map(({ latency }) => latency.percentile(part)),
  });
  const curves = [curve("half within", 0.5, "a"), curve("99 % within", 0.99, "b")];
  const label = (value: number) => shownMs(value);
  return drawChart(
    { title: "by the second in which it was sent, logarithmic", label, merge: "worst", logarithmicFrom: 1, curves },
    faults,
    total,
  );
}

function growth(rows: readonly GrowthRow[]): string {
  if (rows.length === 0) return "";
  const cells = (values: readonly (number | undefined)[], digits: number) =>
    values.map((value) => `<td>${value === undefined ? "" : value.toFixed(digits)}</td>`).join("");
  const headings = growthHeadings.map((heading) => `<th>${heading}</th>`).join("");
  const table = (title: string, of: (row: GrowthRow) => string) =>
    `<h2>${title}</h2><div class="scroll"><table><tr><th></th>${headings}</tr>${rows.map(of).join("")}</table></div>`;
  const line = (name: string, values: readonly (number | undefined)[], digits: number) =>
    `<tr><td>${escaped(name)}</td>${cells(values, digits)}</tr>`;
  const memory = table("Memory held, MB", ({ process, memory }) => line(process, memory, 1));
  const files = table("Files, or connections of a Redis, and its keys", ({ process, files, keys }) =>
    [line(process, files, 0), keys.some((value) => value) ? line(`${process}, keys`, keys, 0) : ""].join(""),
  );
  return `${memory}${files}<p>Medians of what was measured in each third of the run, and what was left in the end, when all was quiet. Of nodes and clients heap and external memory after a collection of garbage; of Redis its data.</p>`;
}

function faultList({ faults }: Figures): string {
  const rows = faults.map(
    ({ fault, target, since, until }) =>
      `<tr><td>${since.toFixed(1)}</td><td>${(until - since).toFixed(1)}</td><td>${escaped(fault)}</td><td>${escaped(target)}</td></tr>`,
  );
  return `<details><summary>All ${faults.length} faults</summary><div class="scroll"><table class="words"><tr><th>at, s</th><th>for, s</th><th>fault</th><th>what it hit</th></tr>${rows.join("")}</table></div></details>`;
}
