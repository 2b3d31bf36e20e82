// The processes of the workload: each one is started by its role, and may be killed, and come back as another life with
// a log of its own: publisher-2.1, publisher-2.2, … None outlives the harness.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { watch } from "../test/redis.js";
import { loader, type T } from "../test/scope.js";
import type { HarnessLine, SubscriberLine } from "./check/history.js";
import { hashOf, type Journal, nameOf, openJournal } from "./journal.js";
import type { Order, OutsidePublisherRole, PublisherRole, SubscriberRole } from "./roles.js";
import { openChannel, untold } from "./told.js";

export interface Player {
  /** Without the number of its life. */
  readonly name: string;
  /** Names its present log. */
  readonly who: string;
  readonly isRunning: boolean;
  /** Kills are survived: another life goes on. */
  readonly mortal: boolean;
  start(): void;
  /** SIGKILL; waits for the exit. */
  kill(): Promise<void>;
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  order(order: Order): void;
  /** Resolves when it has ended by itself; after that long it is killed, and the checker sees that it did not. */
  ended(timeoutMs: number): Promise<void>;
}

/** What a player is, without what differs from life to life. */
export type Part =
  | { program: "publisher"; role: Omit<PublisherRole, "who" | "folder"> }
  | { program: "outside-publisher"; role: Omit<OutsidePublisherRole, "who" | "folder"> }
  | { program: "subscriber"; role: Omit<SubscriberRole, "who" | "folder" | "positions"> & { stores: boolean } }
  | { program: "stream" | "lines"; role: Omit<SubscriberRole, "who" | "folder" | "from"> }
  | { program: "command"; role: { addresses: string[]; channels: string[] } };

const isPublisher = (part: Part): part is Extract<Part, { role: { seed: number } }> => "seed" in part.role;

/** Where players are: what they write goes into the folder, and that they are started into the journal. */
export interface Stage {
  folder: string;
  journal: Journal<HarnessLine>;
}

export function cast(t: T, { folder, journal }: Stage, name: string, part: Part): Player {
  let life = 0;
  let child: ChildProcess | undefined;
  let exited: Promise<unknown> = Promise.resolve();
  const who = () => `${name}.${life}`;
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const end = async () => {
    if (isRunning()) child!.kill("SIGKILL");
    await exited;
  };
  t.after(end);
  return {
    name,
    get who() {
      return who();
    },
    get isRunning() {
      return isRunning();
    },
    mortal: isPublisher(part) || (part.program === "subscriber" && part.role.stores),
    start() {
      life++;
      journal.write({ kind: "cast", who: who(), ...duties(part) });
      const starting =
        part.program === "command"
          ? command(folder, who(), part.role, () => this.start())
          : launch(folder, name, life, part);
      child = starting;
      const guard = watch(starting);
      exited = once(starting, "close").then(() => guard.stop());
    },
    kill: end,
    signal: (signal) => void (isRunning() && child!.kill(signal)),
    order(order) {
      if (!isRunning()) return;
      if (part.program !== "command") child!.send(order, () => {});
      else if (order === "finish") child!.kill("SIGTERM");
    },
    async ended(timeoutMs) {
      const timer = setTimeout(() => child?.kill("SIGKILL"), timeoutMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** What the checker is to see of it. */
function duties(part: Part): { part: "publisher" } | { part: "subscriber"; channels: string[]; member: boolean } {
  if (isPublisher(part)) return { part: "publisher" };
  const { channels } = part.role;
  return { part: "subscriber", channels, member: "member" in part.role && part.role.member !== undefined };
}

function launch(folder: string, name: string, life: number, part: Exclude<Part, { program: "command" }>): ChildProcess {
  const who = `${name}.${life}`;
  const isOutside = part.program === "stream" || part.program === "lines";
  const positions = part.program === "subscriber" && part.role.stores && join(folder, `${name}.positions`);
  const told = {
    ...part.role,
    folder,
    who,
    ...(positions && { positions }),
    ...(positions && life > 1 && { continues: `${name}.${life - 1}` }),
    // Another life says other things.
    ...(isPublisher(part) && { seed: part.role.seed + life }),
  };
  const said = openSync(join(folder, `${who}.out`), "a");
  const file = join(import.meta.dirname, isOutside ? "outside-subscriber.ts" : `${part.program}.ts`);
  return fork(file, [JSON.stringify(told), ...(isOutside ? [part.program] : [])], {
    execArgv: ["--expose-gc", "--import", loader],
    stdio: ["ignore", said, said, "ipc"],
  });
}

const cannotConnect = 3;

/**
 * `reprise sub --json`, whose lines are put down in a log here.
 * @param again called if it has ended because nobody answered within its 5 s: a busy machine may take longer
 */
function command(
  folder: string,
  who: string,
  { addresses, channels }: { addresses: string[]; channels: string[] },
  again: () => void,
): ChildProcess {
  const program = resolve(import.meta.dirname, "../dist/bin/reprise.js");
  const [channel] = channels as [string];
  const said = openSync(join(folder, `${who}.out`), "a");
  const servers = addresses.flatMap((address) => ["--server", address]);
  const args = [program, "sub", channel, "--json", "--from", "earliest", ...servers];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", said],
    env: { ...process.env, XDG_CONFIG_HOME: "/nonexistent" },
  });
  const journal = openJournal<SubscriberLine>(folder, who);
  const own = openChannel(journal, channel);
  own.start("earliest", untold);
  let connected = false;
  createInterface({ input: child.stdout! }).on("line", (text) => {
    connected = true;
    const line = JSON.parse(text);
    if (line.gap) own.gap(line.gap);
    else {
      const { epoch, offset, headers, data, encoding } = line;
      const bytes = Buffer.from(data, encoding === "text" ? "utf8" : "base64");
      own.heard([{ epoch, offset, name: nameOf(headers.id, bytes), hash: hashOf(bytes) }]);
    }
  });
  child.once("close", (code) => {
    const inVain = code === cannotConnect && !connected;
    // Otherwise it did not end in good order.
    if (code !== 0 && !inVain) return;
    own.stop(!inVain);
    journal.write({ kind: "end" });
    if (inVain) again();
  });
  return child;
}
