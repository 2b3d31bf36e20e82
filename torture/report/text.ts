// The report of a run, as text: what was run, what happened when, what was done, what was held, and the verdict.
import type { Figures } from "./figures.js";
import { growthHeadings, growthRows } from "./growth.js";
import { summarize } from "./summary.js";

const seconds = (s: number): string => s.toFixed(1).padStart(7);
const cell = (text: string): string => text.padStart(12);

export function describeRun(figures: Figures, checked: string): string {
  const { run, load, levels, faults, samples, keys } = figures;
  const lines = [`torture: seed ${run.seed}, ${run.minutes} minutes, acknowledged is ${[...levels].join(" or ")}`];
  if (run.command !== undefined) lines.push(run.command);
  if (load !== undefined) {
    lines.push(`without pause publishers reached ${load.reached} messages a second; they were held at ${load.held}`);
  }
  lines.push("", "  begun   ended  seconds");
  for (const { fault, target, since, until } of faults) {
    lines.push(`${seconds(since)} ${seconds(until)}  ${fault}: ${target}`);
  }
  lines.push(
    "",
    ...summarize(figures).map(({ name, value, more }) => `${name}: ${value}${more === undefined ? "" : `, ${more}`}`),
    "",
  );
  for (const { at, process, phase, memory, files } of samples.filter(({ phase }) => phase !== "during")) {
    lines.push(`${seconds(at)}  ${process} ${phase}: ${(memory / 1e6).toFixed(1)} MB, ${files} files or connections`);
  }
  if (keys !== undefined) lines.push(`         Redis: ${keys.count} keys, ${keys.channels} channels`);
  const rows = growthRows(figures);
  if (rows.length > 0) {
    const heading = growthHeadings.map(cell).join("");
    lines.push("", `${"MB, held".padEnd(26)}${heading}`);
    const show = (values: readonly (number | undefined)[], digits: number) =>
      values.map((value) => cell(value === undefined ? "" : value.toFixed(digits))).join("");
    for (const { process, memory } of rows) lines.push(process.padEnd(26) + show(memory, 1));
    lines.push("", `${"files or connections, keys".padEnd(26)}${heading}`);
    for (const { process, files, keys } of rows) {
      lines.push(process.padEnd(26) + show(files, 0));
      if (keys.some((value) => value)) lines.push(`${process} keys`.padEnd(26) + show(keys, 0));
    }
  }
  return `${[...lines, "", checked].join("\n").trimEnd()}\n`;
}
