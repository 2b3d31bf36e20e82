// What the kernel and Redis know about a process, for the benchmarks.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** CPU time of a process in µs, by the kernel's accounting (in ticks of 10 ms). */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Resident memory in MiB. */
export const residentOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;

export const machine = (): string => `${cpus().length} x ${cpus()[0]!.model}, Node ${process.version}`;

/** The CPU that each process takes, in % of one core, over some seconds. */
export async function loadOf(pids: readonly number[], seconds: number): Promise<number[]> {
  const before = pids.map(cpuOf);
  const begun = performance.now();
  await sleep(seconds * 1_000);
  const elapsed = (performance.now() - begun) * 1_000;
  return pids.map((pid, i) => ((cpuOf(pid) - before[i]!) / elapsed) * 100);
}

/** What Redis answers to INFO: the text of a section. */
export async function infoOf(port: number, section: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.end(`INFO ${section}\r\n`);
  let text = "";
  socket.setEncoding("utf8").on("data", (more: string) => {
    text += more;
  });
  await once(socket, "close");
  return text;
}

/** A number in what INFO answered, for example `used_memory`. */
export const numberIn = (info: string, field: string): number =>
  Number(new RegExp(`^${field}:(\\d+)`, "m").exec(info)?.[1] ?? 0);

/** Calls of a command until now, and the µs that Redis spent in them. */
export function commandIn(info: string, command: string): { calls: number; us: number } {
  const found = new RegExp(`^cmdstat_${command}:calls=(\\d+),usec=(\\d+)`, "m").exec(info);
  return { calls: Number(found?.[1] ?? 0), us: Number(found?.[2] ?? 0) };
}
