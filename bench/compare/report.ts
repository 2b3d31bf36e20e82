// What was counted, for people (a table in Markdown) and for programs (JSON).

import { table } from "../report/markdown.js";
import { commit, machine } from "../report/report.js";
import type { Counts } from "./count.js";
import type { Load } from "./run.js";
import type { Fault } from "./schedule.js";

export interface Result {
  system: string;
  title: string;
  settings: string;
  /** Of the server programs. */
  version: string;
  counts: Counts;
}

export interface Report {
  machine: string;
  node: string;
  commit: string;
  /** ISO. */
  begun: string;
  seed: number;
  load: Load;
  schedule: readonly Fault[];
  results: readonly Result[];
}

export const makeReport = (given: Omit<Report, "machine" | "node" | "commit">): Report => ({
  machine: machine(),
  node: process.version,
  commit: commit(),
  ...given,
});

const whole = (value: number): string => Math.round(value).toLocaleString("en");

/** @param share 0.5: the median; 1: the most */
const quantile = (sorted: readonly number[], share: number): string =>
  sorted.length === 0 ? "" : whole(sorted[Math.ceil(share * sorted.length) - 1]!);

const rows: readonly [head: string, of: (counts: Counts) => string][] = [
  ["published", ({ published }) => whole(published)],
  ["acknowledged to the publisher", ({ acked }) => whole(acked)],
  ["refused or not answered", ({ unanswered }) => whole(unanswered)],
  ["acknowledged, and seen by no subscriber", ({ lost }) => whole(lost)],
  ["reconnections of subscribers", ({ reconnects }) => whole(reconnects)],
  ["of these, said to have missed nothing", ({ claims }) => whole(claims)],
  ["**missing silently**", ({ missingSilently }) => `**${whole(missingSilently)}**`],
  ["of these, where it was said that nothing is", ({ missingDespiteClaim }) => whole(missingDespiteClaim)],
  ["missing, and announced", ({ missingAnnounced }) => whole(missingAnnounced)],
  ["seen again", ({ repeated }) => whole(repeated)],
  ["out of order", ({ outOfOrder }) => whole(outOfOrder)],
  ["behind before the first fault, ms: the slowest", ({ behindMs }) => whole(behindMs)],
  ["caught up after a fault, ms: median", ({ caughtUpMs }) => quantile(caughtUpMs, 0.5)],
  ["the slowest", ({ caughtUpMs }) => quantile(caughtUpMs, 1)],
  ["never caught up", ({ neverCaughtUp }) => whole(neverCaughtUp)],
];

/** A column for each system. */
export const describe = ({ results }: Pick<Report, "results">): string =>
  table(
    ["", ...results.map(({ title }) => title)],
    rows.map(([head, of]) => [head, ...results.map(({ counts }) => of(counts))]),
  );
