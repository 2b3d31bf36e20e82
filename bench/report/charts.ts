// The growth curves of a report.
import { groupBy } from "../group.js";
import type { Row } from "../scenarios/scenario.js";
import { type Curve, chart } from "./chart.js";
import type { Name } from "./markdown.js";

interface Growth {
  file: string;
  title: string;
  scenario: string;
  /** The parameter that grows; others must be as here. */
  grows: string;
  fixed: Readonly<Record<string, number>>;
}

const growths: readonly Growth[] = [
  { file: "subscribers", title: "Subscribers", scenario: "fan-out", grows: "subscribers", fixed: { size: 128 } },
  { file: "channels", title: "Channels", scenario: "growth-channels", grows: "channels", fixed: {} },
  { file: "stored", title: "Stored messages", scenario: "growth-stored", grows: "stored", fixed: {} },
];

/** By file name. What has fewer than two points is no curve. */
export function charts(rows: readonly Row[], names: ReadonlyMap<string, Name>): Map<string, string> {
  const files = new Map<string, string>();
  for (const { file, title, scenario, grows, fixed } of growths) {
    const points = rows.filter(
      (row) =>
        row.scenario === scenario &&
        row.fault === undefined &&
        Object.entries(fixed).every(([name, value]) => row.parameters[name] === value),
    );
    const curves: Curve[] = [...groupBy(points, ({ system }) => system)]
      .map(([system, rows]) => ({
        name: names.get(system)!.title,
        points: rows.map(({ parameters, figures }) => ({ x: parameters[grows]!, y: figures.servers! })),
      }))
      .filter((curve) => curve.points.length > 1);
    if (curves.length > 0) {
      files.set(`growth-${file}.svg`, chart(title, title.toLowerCase(), "µs of server CPU a delivery", curves));
    }
  }
  return files;
}
