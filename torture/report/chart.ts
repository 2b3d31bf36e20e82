// Curves over the seconds of a run, as SVG: readable on light and on dark ground, nothing from elsewhere. Faults stand
// behind them as bands.
import type { Fault } from "./figures.js";

export interface Curve {
  name: string;
  /** Of the page's style: a, b or c. */
  colour: "a" | "b" | "c";
  /** One for each second; undefined: nothing to show. */
  values: readonly (number | undefined)[];
}

export interface Chart {
  title: string;
  curves: readonly Curve[];
  /** Of what is shown for one point. */
  label(value: number): string;
  /** Powers of ten from this one on; otherwise linear from 0. */
  logarithmicFrom?: number;
  /** Several seconds in one point: their mean, or the worst of them. */
  merge: "mean" | "worst";
}

const width = 1_000;
const plot = { left: 64, right: 972, top: 30, bottom: 210 };
const height = 236;
const mostPoints = 460;

export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]!);

const text = (x: number, y: number, words: string, more = ""): string =>
  `<text x="${x}" y="${y}" ${more}>${escaped(words)}</text>`;

/** Where a second of the run stands. */
const placeAt = (total: number) => (second: number) =>
  Number((plot.left + (second / Math.max(1, total)) * (plot.right - plot.left)).toFixed(1));

/** Round numbers, about so many of them. */
function ticks(most: number, about: number): number[] {
  const raw = most / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw)!;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => i * step);
}

const shownTime = (seconds: number, total: number): string => {
  if (total <= 240) return `${seconds} s`;
  const minutes = seconds / 60;
  return Number.isInteger(minutes)
    ? `${minutes} min`
    : `${Math.floor(minutes)}:${String(seconds % 60).padStart(2, "0")}`;
};

function timeGrid(total: number, top: number, bottom: number): string {
  const place = placeAt(total);
  const unit = total > 240 ? 60 : 1;
  return ticks(total / unit, 10)
    .map((tick) => {
      const x = place(tick * unit);
      return `<path d="M${x} ${top}V${bottom}" class="g"/>${text(x, bottom + 16, shownTime(tick * unit, total), 'text-anchor="middle"')}`;
    })
    .join("");
}

const svg = (height: number, title: string, inner: string): string =>
  `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">${inner}</svg>`;

const bands = (faults: readonly Fault[], total: number, top: number, bottom: number): string =>
  faults
    .map(({ fault, target, since, until }) => {
      const place = placeAt(total);
      const x = place(Math.max(0, since));
      const wide = Math.max(1.5, place(until) - x).toFixed(1);
      const said = escaped(`${since.toFixed(1)} s: ${fault}, ${target}, ${(until - since).toFixed(1)} s`);
      return `<rect x="${x}" y="${top}" width="${wide}" height="${bottom - top}" class="f"><title>${said}</title></rect>`;
    })
    .join("");

function merged(values: Curve["values"], merge: Chart["merge"], size: number): (number | undefined)[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => {
    const some = values.slice(i * size, (i + 1) * size).filter((value) => value !== undefined);
    if (some.length === 0) return undefined;
    return merge === "worst" ? Math.max(...some) : some.reduce((sum, value) => sum + value, 0) / some.length;
  });
}

export function drawChart(chart: Chart, faults: readonly Fault[], total: number): string {
  const { title, label, merge, logarithmicFrom } = chart;
  const size = Math.ceil(total / mostPoints);
  const curves = chart.curves.map((curve) => ({ ...curve, points: merged(curve.values, merge, size) }));
  const highest = Math.max(1, ...curves.flatMap(({ points }) => points.filter((value) => value !== undefined)));
  const isLinear = logarithmicFrom === undefined;
  const most = isLinear ? highest * 1.05 : Math.max(10 * logarithmicFrom, 10 ** Math.ceil(Math.log10(highest)));
  const part = (value: number) =>
    isLinear
      ? value / most
      : Math.log(Math.max(value, logarithmicFrom) / logarithmicFrom) / Math.log(most / logarithmicFrom);
  const y = (value: number) => Number((plot.bottom - part(value) * (plot.bottom - plot.top)).toFixed(1));
  const x = placeAt(total);
  const powers = () =>
    Array.from({ length: Math.round(Math.log10(most / logarithmicFrom!)) + 1 }, (_, i) => logarithmicFrom! * 10 ** i);
  const grid = (isLinear ? ticks(most, 4) : powers())
    .map(
      (value) =>
        `<path d="M${plot.left} ${y(value)}H${plot.right}" class="g"/>${text(plot.left - 6, y(value) + 4, label(value), 'text-anchor="end"')}`,
    )
    .join("");
  let at = plot.right;
  const legend = [...curves].reverse().map(({ name, colour }) => {
    const drawn = `${text(at, 16, name, `text-anchor="end" class="${colour}"`)}`;
    at -= name.length * 6.6 + 18;
    return drawn;
  });
  const lines = curves.map(({ points, colour }) => {
    let isUp = true;
    const path = points
      .map((value, i) => {
        if (value === undefined) {
          isUp = true;
          return "";
        }
        const step = `${isUp ? "M" : "L"}${x(Math.min(total, (i + 0.5) * size))} ${y(value)}`;
        isUp = false;
        return step;
      })
      .join("");
    return `<path d="${path}" class="line ${colour}"/>`;
  });
  const inner = [
    bands(faults, total, plot.top, plot.bottom),
    timeGrid(total, plot.top, plot.bottom),
    grid,
    ...lines,
    text(plot.left, 16, size > 1 ? `${title} (${merge} of ${size} s)` : title, 'class="title"'),
    ...legend,
  ];
  return svg(height, title, inner.join(""));
}

/** One row for each kind of fault, with a bar for each time that it happened. */
export function drawTimeline(faults: readonly Fault[], total: number): string {
  const names = [...new Set(faults.map(({ fault }) => fault))].sort();
  const row = 17;
  const left = 190;
  const top = 8;
  const bottom = top + names.length * row;
  const place = (second: number) => Number((left + (second / Math.max(1, total)) * (plot.right - left)).toFixed(1));
  const rows = names.map((name, i) => {
    const y = top + i * row;
    const own = faults.filter(({ fault }) => fault === name);
    const bars = own.map(({ target, since, until }) => {
      const from = place(Math.max(0, since));
      const said = escaped(`${since.toFixed(1)} s: ${name}, ${target}, ${(until - since).toFixed(1)} s`);
      const wide = Math.max(3, place(until) - from).toFixed(1);
      return `<rect x="${from}" y="${y + 3}" width="${wide}" height="${row - 6}" rx="2" class="bar"><title>${said}</title></rect>`;
    });
    const count = own.length > 1 ? ` × ${own.length}` : "";
    return `<path d="M${left} ${y + row / 2}H${plot.right}" class="g"/>${text(left - 8, y + row / 2 + 4, name + count, 'text-anchor="end"')}${bars.join("")}`;
  });
  const unit = total > 240 ? 60 : 1;
  const times = ticks(total / unit, 10).map((tick) =>
    text(place(tick * unit), bottom + 14, shownTime(tick * unit, total), 'text-anchor="middle"'),
  );
  return svg(bottom + 22, "Faults", [...rows, ...times].join(""));
}
