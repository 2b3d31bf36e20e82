// What has come of a drain, as `reprise drain` and the node itself say it.
import type { DrainProgress } from "../client/index.js";

export function drainedLine({ moved, cut, elapsedMs }: Pick<DrainProgress, "moved" | "cut" | "elapsedMs">): string {
  const line = `drained: ${moved} sessions moved in ${(elapsedMs / 1_000).toFixed(1)} s`;
  return cut === 0 ? line : `${line}, ${cut} did not go in time and were cut`;
}
