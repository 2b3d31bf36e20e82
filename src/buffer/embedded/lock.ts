// Keeps a folder to one opening. Each holds a file whose name says which process it belongs to, and for how long that
// process has been running, because numbers of processes come back:
//
//   lock.4242.8d2c1f0a-351877
//
// Everybody first creates its own, then looks for others: of two that start together at least one sees the other and
// withdraws. One that belongs to a process that is gone is removed; no name is ever used by two processes, so that
// this cannot hit the wrong one. Two containers with process numbers of their own do not recognise each other.
import { readFileSync } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RepriseError } from "../../wire/errors.js";

const attempts = 4;
const maxDelayMs = 50;

/** Answers how to release it. @throws RepriseError `buffer_locked` */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  for (let attempt = 1; ; attempt++) {
    const holder = await tryLock(folder);
    if (holder === undefined) return () => rm(join(folder, ownName()), { force: true });
    if (holder === process.pid || attempt === attempts) {
      throw new RepriseError("buffer_locked", `the folder ${folder} is in use by process ${holder}`);
    }
    // It may be one that is starting as well, and withdraws.
    await delay(Math.random() * maxDelayMs);
  }
}

/** The process that holds the folder, undefined if this opening does now. */
async function tryLock(folder: string): Promise<number | undefined> {
  try {
    await (await open(join(folder, ownName()), "wx")).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return process.pid;
    throw error;
  }
  for (const name of await readdir(folder)) {
    const lock = readLock(name);
    if (lock === undefined || name === ownName()) continue;
    if (isRunning(lock.pid, lock.started)) {
      await rm(join(folder, ownName()));
      return lock.pid;
    }
    await rm(join(folder, name), { force: true });
  }
  return undefined;
}

/** The process of which one of these files is the lock, and that still runs: looks, and touches nothing. */
export function lockHolder(names: readonly string[]): number | undefined {
  return names.map(readLock).find((lock) => lock !== undefined && isRunning(lock.pid, lock.started))?.pid;
}

/** Undefined: it is no lock. */
function readLock(name: string): { pid: number; started: string } | undefined {
  const [, pid, started] = /^lock\.(\d+)\.([0-9a-f-]+)$/.exec(name) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), started: started! };
}

const ownName = (): string => `lock.${process.pid}.${ownStart}`;

function isRunning(pid: number, started: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process exists too.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  if (pid === process.pid) return started === ownStart;
  const start = linuxStart(pid);
  return start === undefined || start === started;
}

/** Elsewhere than on Linux only this process knows when it started. */
const ownStart = linuxStart(process.pid) ?? Math.floor(performance.timeOrigin).toString(16);

/**
 * When a process started: the boot, and the clock ticks since then. Undefined if that cannot be told; empty for a
 * process that has ended and is yet to be collected.
 */
function linuxStart(pid: number): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").slice(0, 8);
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name of the program, in parentheses, may hold anything. Behind it stand the state, and 19 further on the start.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "" : `${boot}-${fields[19]}`;
  } catch {
    return undefined;
  }
}
