// What the machine gives to a node. On systems other than Linux, what is read from /proc is left out.
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import type { Finding } from "../../store/index.js";
import type { ServeOptions } from "../serve.js";
import { countWorkers } from "../workers.js";

/** Files of channels, connections to Redis, and some. */
const ownFiles = 320;
/** Fewer sockets than these are soon used up, where nobody has said how many there shall be. */
const usualFiles = 4_096;
/** What Node.js asks for when it listens. */
const backlog = 511;

export function inspectMachine(given: ServeOptions): Finding[] {
  return [nodeVersion(), memory(given), ...openFiles(given), ...kernel(given), ...cores(given)];
}

const { engines } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
  engines: { node: string };
};

function nodeVersion(): Finding {
  const numbers = (text: string) => text.split(".").map((part) => Number.parseInt(part.replace(/\D/g, ""), 10));
  const [least, found] = [numbers(engines.node), numbers(process.versions.node)];
  const differs = least.findIndex((number, i) => number !== found[i]);
  const isOld = differs !== -1 && found[differs]! < least[differs]!;
  const subject = "Node.js";
  if (isOld) return { level: "fail", subject, sentence: `is ${process.versions.node}; ${engines.node} is needed` };
  return { level: "ok", subject, sentence: `is ${process.versions.node}` };
}

const MiB = 2 ** 20;

const sizeOf = (bytes: number): string => {
  const gibibytes = Math.floor(bytes / 1_024 / MiB);
  return gibibytes >= 2 ? `${gibibytes}GiB` : `${Math.floor(bytes / MiB)}MiB`;
};

/** Of this machine, or of the container. */
function memory(given: ServeOptions): Finding {
  const count = countOf(given);
  const each = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY) / count;
  const most = given.limit.findLast(([quota]) => quota === "memory")?.[1];
  const subject = "memory";
  const there = count === 1 ? sizeOf(each) : `${sizeOf(each)} for each of ${count} workers`;
  // Half of it is for others, for the system's buffers, and for what a second may add. If all of it is heap, V8 ends it.
  const well = `--limit memory=${sizeOf(Math.min(each / 2, getHeapStatistics().heap_size_limit * 0.9))}`;
  if (most === undefined) {
    const sentence = `peers may make it use all that is here (${there}), and then the system ends it: ${well}, beyond which it sheds load`;
    return { level: "warn", subject, sentence };
  }
  if (most <= each) return { level: "ok", subject, sentence: `it sheds load beyond ${sizeOf(most)} of ${there}` };
  const sentence = `it would shed load beyond ${sizeOf(most)}, and the system ends it before, here are ${there}: ${well}`;
  return { level: "warn", subject, sentence };
}

const readLine = (path: string): string | undefined => {
  try {
    return readFileSync(path, "latin1").trim();
  } catch {
    return undefined;
  }
};

function openFiles({ limit }: ServeOptions): Finding[] {
  const [, text] = /^Max open files\s+(\S+)/m.exec(readLine("/proc/self/limits") ?? "") ?? [];
  if (text === undefined) return [];
  const most = text === "unlimited" ? Number.POSITIVE_INFINITY : Number(text);
  const connections = limit.findLast(([quota]) => quota === "connections")?.[1];
  const wanted = connections === undefined ? usualFiles : connections + ownFiles;
  const subject = "open files";
  if (most >= wanted) return [{ level: "ok", subject, sentence: `a process may have ${text}` }];
  const why = connections === undefined ? "each client takes one" : `${connections} connections need ${wanted}`;
  const sentence = `a process may have ${text}, and ${why}: raise it (ulimit -n; LimitNOFILE= of systemd)`;
  return [{ level: "warn", subject, sentence }];
}

function kernel({ buffer }: ServeOptions): Finding[] {
  const found: Finding[] = [];
  const queue = Number(readLine("/proc/sys/net/core/somaxconn") ?? Number.NaN);
  if (queue >= backlog) found.push({ level: "ok", subject: "somaxconn", sentence: `${queue} connections may wait` });
  else if (!Number.isNaN(queue)) {
    const sentence = `only ${queue} connections may wait to be accepted, and all clients come back at once: sysctl net.core.somaxconn=4096`;
    found.push({ level: "warn", subject: "somaxconn", sentence });
  }
  // What matters to Redis is what its own machine says.
  const hasRedis = /^redis[a-z-]*:\/\/([^@/]*@)?(127\.|localhost|\[::1\])/.test(buffer);
  const overcommit = hasRedis ? readLine("/proc/sys/vm/overcommit_memory") : undefined;
  if (overcommit === undefined) return found;
  const ill = "Redis may be refused the memory to rewrite its files: sysctl vm.overcommit_memory=1";
  if (overcommit === "1") found.push({ level: "ok", subject: "overcommit_memory", sentence: "Redis can always fork" });
  else found.push({ level: "warn", subject: "overcommit_memory", sentence: ill });
  return found;
}

const countOf = ({ workers, buffer }: ServeOptions): number =>
  workers === 1 || buffer.startsWith("embedded:") ? 1 : countWorkers(workers, buffer);

function cores(given: ServeOptions): Finding[] {
  const count = countOf(given);
  const most = availableParallelism();
  if (count === 1) return [];
  const subject = "workers";
  if (count <= most) return [{ level: "ok", subject, sentence: `${count} on ${most} cores` }];
  return [{ level: "warn", subject, sentence: `${count} share ${most} cores: --workers auto takes one for each` }];
}
