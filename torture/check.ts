// The checker, a process of its own that knows nothing but logs:
//
//   node --import tsx torture/check.ts FOLDER
//
// The last line is the verdict. Exit code 0: nothing was found.
import { judge } from "./check/judge.js";
import { describeVerdict, isClean } from "./check/verdict.js";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("expected a folder with the logs of a run");
  process.exitCode = 2;
} else {
  const verdict = await judge(folder);
  console.log(describeVerdict(verdict));
  process.exitCode = isClean(verdict) ? 0 : 1;
}
