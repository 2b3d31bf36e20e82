// A few figures for the whole run.
import type { Figures } from "./figures.js";
import { createHistogram } from "./histogram.js";

const whole = (value: number): string => Math.round(value).toLocaleString("en");
export const shownMs = (ms: number | undefined): string =>
  ms === undefined ? "none" : ms < 999.5 ? `${Math.round(ms)} ms` : `${Number((ms / 1_000).toFixed(1))} s`;

export interface Figure {
  name: string;
  value: string;
  more?: string;
}

export function summarize({ seconds, faults }: Figures): Figure[] {
  const busy = seconds.filter(({ published }) => published > 0).length;
  const total = (of: "published" | "acked" | "delivered") => seconds.reduce((sum, second) => sum + second[of], 0);
  const rate = (of: "published" | "acked" | "delivered") => ({
    ...{ value: whole(total(of)), more: `${whole(total(of) / Math.max(1, busy))} a second` },
  });
  const all = createHistogram();
  for (const { latency } of seconds) all.take(latency);
  const within = (part: number) => shownMs(all.percentile(part));
  return [
    { name: "published", ...rate("published") },
    { name: "acknowledged", ...rate("acked") },
    { name: "delivered", ...rate("delivered") },
    { name: "half delivered within", value: within(0.5), more: `99 % within ${within(0.99)}` },
    { name: "faults", value: whole(faults.length) },
  ];
}
