// As much of a Dockerfile's language as ours uses, and a way to do what it says in a folder, where there is no Docker: a stage
// is a folder, and what would be written under / is written under it.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";

export interface Instruction {
  name: string;
  rest: string;
}

export interface Stage {
  from: string;
  name: string;
  instructions: Instruction[];
}

const known = /^(FROM|WORKDIR|COPY|RUN|USER|VOLUME|ENV|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT|CMD)\s+(.+)$/;

/** @throws Error for a line that is none of these */
export function parseDockerfile(path: string): Stage[] {
  const stages: Stage[] = [];
  const text = readFileSync(path, "utf8").replace(/\\\n/g, " ");
  for (const line of text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"))) {
    const [, name, rest] = known.exec(line) ?? [];
    if (name === undefined) throw new Error(`${path}: what is this? ${line}`);
    if (name === "FROM") {
      const [, from = "", , as = ""] = /^(\S+)( AS (\S+))?$/.exec(rest!) ?? [];
      stages.push({ from, name: as, instructions: [] });
    } else stages.at(-1)!.instructions.push({ name, rest: rest! });
  }
  return stages;
}

/** The last one of a kind. */
export const lastOf = ({ instructions }: Stage, name: string): string | undefined =>
  instructions.findLast((one) => one.name === name)?.rest;

export interface Build {
  /** What is built. */
  context: string;
  /** Of each stage. */
  folders: Map<string, string>;
  /** In the place of a command. @returns whether it was done */
  instead(command: string, cwd: string): boolean;
}

export function buildStage(stage: Stage, { context, folders, instead }: Build): void {
  const root = folders.get(stage.name)!;
  let place = root;
  for (const { name, rest } of stage.instructions) {
    if (name === "WORKDIR") {
      place = join(root, rest);
      mkdirSync(place, { recursive: true });
    } else if (name === "COPY") {
      const [, from, words] = /^(?:--from=(\S+) )?(.+)$/.exec(rest)!;
      copy(from === undefined ? context : folders.get(from)!, place, words!.split(/\s+/));
    } else if (name === "RUN") run(rest, root, place, instead);
  }
}

function copy(from: string, place: string, words: readonly string[]): void {
  const to = join(place, words.at(-1)!);
  for (const source of words.slice(0, -1).map((word) => join(from, word))) {
    if (!existsSync(source)) throw new Error(`COPY: there is no ${source}`);
    if (statSync(source).isDirectory()) cpSync(source, to, { recursive: true, verbatimSymlinks: true });
    else {
      mkdirSync(to, { recursive: true });
      copyFileSync(source, join(to, basename(source)));
    }
  }
}

function run(command: string, root: string, place: string, instead: Build["instead"]): void {
  if (instead(command, place)) return;
  // There is no user of the image here.
  const here = command.replace(/ \//g, ` ${root}/`).replace(/ -o \w+ -g \w+/, "");
  mkdirSync(join(root, "usr/local/bin"), { recursive: true });
  execFileSync("sh", ["-c", here], { cwd: place, stdio: "pipe" });
}
