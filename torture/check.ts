// The checker, a process of its own that knows nothing but logs:
//
//   node --import tsx torture/check.ts FOLDER
//
// It puts report.txt and report.html beside them. The last line is the verdict. Exit code 0: something was delivered, some
// fault hit (if any was tried), and nothing found.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { judge } from "./check/judge.js";
import { describeVerdict, isClean } from "./check/verdict.js";
import { readFigures } from "./report/figures.js";
import { pageOf } from "./report/page.js";
import { describeRun } from "./report/text.js";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("expected a folder with the logs of a run");
  process.exitCode = 2;
} else {
  const verdict = await judge(folder);
  const said = describeVerdict(verdict);
  const figures = await readFigures(folder);
  const page = join(folder, "report.html");
  writeFileSync(page, pageOf(figures, verdict, said));
  writeFileSync(join(folder, "report.txt"), describeRun(figures, said));
  console.log(`report: ${page}\n${said}`);
  const { delivered, faults, missed } = verdict.counts;
  const isIdle = delivered === 0;
  if (isIdle) console.log("NO VERDICT: nothing was delivered, so nothing could be found");
  const isSpared = faults === 0 && missed > 0;
  if (isSpared) console.log("NO VERDICT: no fault hit anything, so nothing was tried");
  process.exitCode = isClean(verdict) && !isIdle && !isSpared ? 0 : 1;
}
