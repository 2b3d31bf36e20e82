// Growth curves as SVG: cost of a delivery over the number of something, both axes logarithmic. Readable on light and on
// dark ground.

export interface Curve {
  name: string;
  points: readonly { x: number; y: number }[];
}

const width = 560;
const height = 300;
const plot = { left: 56, right: 380, top: 36, bottom: 252 };
/** As many as there are systems; legible on white and on black. The name stands at the end of its curve. */
const colours = [
  ...["#0a84c6", "#d9730d", "#8b8b8b", "#2e9e5b", "#b0529f"],
  ...["#c2452d", "#5b6fd8", "#9a7d0a", "#2a9d9d", "#7a8f3c"],
];

/** Between two names. */
const lineHeight = 15;

/** Where names stand: at the ends of their curves, in their order, none over another. */
function namePlaces(ends: readonly number[]): number[] {
  const places: number[] = [];
  let free = Number.NEGATIVE_INFINITY;
  for (const [end, index] of ends.map((end, index) => [end, index] as const).sort((a, b) => a[0] - b[0])) {
    places[index] = Math.max(end, free);
    free = places[index]! + lineHeight;
  }
  return places;
}

const powers = (low: number, high: number): number[] =>
  Array.from({ length: Math.round(Math.log10(high / low)) + 1 }, (_, i) => low * 10 ** i);

const label = (value: number): string =>
  value >= 1 ? value.toLocaleString("en") : String(Number(value.toPrecision(1)));

export function chart(title: string, xTitle: string, yTitle: string, curves: readonly Curve[]): string {
  const all = curves.flatMap(({ points }) => points);
  const xs = all.map(({ x }) => x);
  const ys = all.map(({ y }) => y);
  const floor = (value: number) => 10 ** Math.floor(Math.log10(value) + 1e-9);
  const ceiling = (value: number) => 10 ** Math.ceil(Math.log10(value) - 1e-9);
  const [x0, x1, y0, y1] = [
    floor(Math.min(...xs)),
    ceiling(Math.max(...xs)),
    floor(Math.min(...ys)),
    ceiling(Math.max(...ys)),
  ];
  const part = (value: number, low: number, high: number) => Math.log(value / low) / Math.log(high / low || 1);
  const at = {
    x: (x: number) => Math.round(plot.left + part(x, x0, x1) * (plot.right - plot.left)),
    y: (y: number) => Math.round(plot.bottom - part(y, y0, Math.max(y1, y0 * 10)) * (plot.bottom - plot.top)),
  };
  const text = (x: number, y: number, words: string, more = "") => `<text x="${x}" y="${y}" ${more}>${words}</text>`;
  const grid = [
    ...powers(x0, x1).map(
      (x) =>
        `<path d="M${at.x(x)} ${plot.top}V${plot.bottom}" class="g"/>${text(at.x(x), plot.bottom + 16, label(x), 'text-anchor="middle"')}`,
    ),
    ...powers(y0, Math.max(y1, y0 * 10)).map(
      (y) =>
        `<path d="M${plot.left} ${at.y(y)}H${plot.right}" class="g"/>${text(plot.left - 6, at.y(y) + 4, label(y), 'text-anchor="end"')}`,
    ),
  ];
  const ordered = curves.map(({ name, points }) => ({ name, sorted: [...points].sort((a, b) => a.x - b.x) }));
  const places = namePlaces(ordered.map(({ sorted }) => at.y(sorted.at(-1)!.y)));
  const lines = ordered.map(({ name, sorted }, index) => {
    const colour = colours[index % colours.length]!;
    const path = sorted.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${at.x(x)} ${at.y(y)}`).join("");
    const dots = sorted.map(({ x, y }) => `<circle cx="${at.x(x)}" cy="${at.y(y)}" r="3" fill="${colour}"/>`).join("");
    const named = text(plot.right + 12, places[index]! + 4, name, `style="fill:${colour}"`);
    return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}${named}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${title}</title>`,
    "<style>text{font:12px system-ui,sans-serif;fill:#767676}.g{stroke:#767676;stroke-opacity:.25}</style>",
    text(plot.left, 18, `${title}: ${yTitle}`, 'style="font-weight:600"'),
    ...grid,
    text((plot.left + plot.right) / 2, height - 10, xTitle, 'text-anchor="middle"'),
    ...lines,
    "</svg>\n",
  ].join("\n");
}
