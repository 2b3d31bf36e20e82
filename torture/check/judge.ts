// Reads the logs of a run and judges them: the harness's first, then the publishers', then the subscribers', and in the
// end what takes them all.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { attend } from "./attendance.js";
import { observeBeginnings } from "./beginnings.js";
import { type HarnessLine, nobody, type PublisherLine, readLog, type SubscriberLine } from "./history.js";
import { judgeLogs } from "./judge-log.js";
import { judgeLosses } from "./judge-losses.js";
import { judgePlaces } from "./judge-places.js";
import { readPublisher } from "./publisher.js";
import { judgeResources } from "./resources.js";
import { judgeSubscribers, nothingOpen, type Places, readSubscriber } from "./subscriber.js";
import type { Verdict } from "./verdict.js";
import { createWorld, type World } from "./world.js";

const ending = ".jsonl";

/** @throws Error if it is no folder with the logs of a run */
export async function judge(folder: string): Promise<Verdict> {
  const world = createWorld();
  const { findings } = world;
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort(new Intl.Collator("en", { numeric: true }).compare);
  if (!names.includes("harness")) throw new Error(`${folder} holds no harness${ending}`);

  const lines = <Line>(who: string) =>
    readLog<Line>(join(folder, who + ending), (isLast) => {
      if (isLast && world.killed.has(who)) return;
      findings.find({ kind: "died", who, text: isLast ? "its last line is torn" : "a line in its log is damaged" });
    });

  const attendance = attend(world);
  for await (const line of lines<HarnessLine>("harness")) {
    attendance.harness(line);
    if (line.kind === "fault" && line.target === nobody) findings.counts.missed++;
    else readHarness(world, line);
  }
  const beginnings = observeBeginnings(world);
  for (const who of names.filter((name) => name.startsWith("publisher-"))) {
    const reader = readPublisher(world, who);
    for await (const line of lines<PublisherLine>(who)) {
      reader.line(line);
      attendance.publisher(who, line);
    }
    reader.end();
  }
  const open = nothingOpen();
  const places: Places = new Map();
  for (const who of names.filter((name) => name.startsWith("subscriber-"))) {
    const reader = readSubscriber(world, who, open, places);
    for await (const line of lines<SubscriberLine>(who)) {
      reader.line(line);
      attendance.subscriber(who, line);
      beginnings.subscriber(who, line);
    }
    reader.end();
  }
  judgePlaces(world, open);
  judgeSubscribers(world, open);
  judgeLogs(world);
  judgeLosses(world);
  judgeResources(world);
  attendance.judge();
  beginnings.judge();
  return findings.verdict();
}

function readHarness(world: World, line: HarnessLine): void {
  if (line.kind === "run") {
    world.level = line.level;
    world.begun = line.t;
  } else if (line.kind === "retention") world.channel(line.channel).keeps = line.messages;
  else if (line.kind === "loss") world.losses.push(line);
  else if (line.kind === "killed") world.killed.set(line.who, line.t);
  else if (line.kind === "sample") world.samples.push(line);
  else if (line.kind === "keys") world.keys = line;
  else if (line.kind === "fault") {
    world.findings.counts.faults++;
    world.faults.push({ since: line.since, until: line.t });
  }
}
