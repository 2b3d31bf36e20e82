// The addresses that a node would take, and whether clients would get to it by the one that it advertises.
import { lookup } from "node:dns/promises";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import type { Finding } from "../../store/index.js";
import type { ServeOptions } from "../serve.js";
import type { Running } from "./running.js";

export const hostOf = (address: string): string => address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
const portOf = (address: string): number => Number(/:(\d+)$/.exec(address)?.[1] ?? 0);
export const isWildcard = (host: string): boolean => host === "0.0.0.0" || host === "::";

/** @param running the node that has them already */
export async function inspectPorts(given: ServeOptions, running: Running | undefined): Promise<Finding[]> {
  const { listen, http, advertise, buffer, registry } = given;
  const own = await tryListen(listen);
  const found = [judge("listen", listen, own, running)];
  const isShared = registry !== undefined || !buffer.startsWith("embedded:");
  const reached = advertise ?? (isWildcard(hostOf(listen)) ? undefined : listen);
  if (reached === undefined && isShared) {
    const sentence = `${listen} is no address that clients could be sent to: say with --advertise HOST:PORT where it is reached`;
    found.push({ level: "warn", subject: "advertise", sentence });
  }
  if (advertise !== undefined) found.push(await inspectAdvertised(advertise, own.server));
  await new Promise((resolve) => (own.server === undefined ? resolve(undefined) : own.server.close(resolve)));
  if (http === undefined) return found;
  const other = await tryListen(http);
  found.push(judge("http", http, other, running));
  await new Promise((resolve) => (other.server === undefined ? resolve(undefined) : other.server.close(resolve)));
  return found;
}

interface Tried {
  server?: Server;
  /** Why it could not listen. */
  code?: string;
}

function tryListen(address: string): Promise<Tried> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", ({ code = "unknown" }: NodeJS.ErrnoException) => resolve({ code }));
    server.listen(portOf(address), hostOf(address), () => resolve({ server }));
  });
}

function judge(flag: string, address: string, { code }: Tried, running: Running | undefined): Finding {
  const subject = `${flag} ${address}`;
  if (code === undefined) return { level: "ok", subject, sentence: "is free" };
  if (code !== "EADDRINUSE") return { level: "fail", subject, sentence: why(code) };
  if (running?.answers) return { level: "ok", subject, sentence: "is in use, by the node that runs" };
  const holder = holderOf(portOf(address));
  const sentence = `is in use${holder === undefined ? "" : ` by ${holder}`}: stop that, or choose another address`;
  return { level: "fail", subject, sentence };
}

function why(code: string): string {
  if (code === "EACCES")
    return "this user may not listen there: take a port from 1024 on, or allow CAP_NET_BIND_SERVICE";
  if (code === "EADDRNOTAVAIL") return "this machine has no such address: see ip addr, or listen on 0.0.0.0";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "nobody knows this name: correct it, or write an IP address";
  return `cannot be listened on: ${code}`;
}

/** The process that listens on a port, as far as this user may know: `process 4242 (node)`. */
function holderOf(port: number): string | undefined {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  try {
    const sockets = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => readFileSync(path, "latin1").split("\n"));
    // Its local address, the state LISTEN, its inode.
    const inodes = sockets
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(hex) && fields[3] === "0A")
      .map((fields) => `socket:[${fields[9]}]`);
    const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && hasOneOf(name, inodes));
    return pid === undefined ? undefined : `process ${pid} (${readFileSync(`/proc/${pid}/comm`, "utf8").trim()})`;
  } catch {
    return undefined;
  }
}

function hasOneOf(pid: string, links: readonly string[]): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return links.includes(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false;
      }
    });
  } catch {
    // Another user's.
    return false;
  }
}

const reachMs = 2_000;

/** @param own listens where the node would, if it could; without it only the name is looked up */
async function inspectAdvertised(address: string, own: Server | undefined): Promise<Finding> {
  const subject = `advertise ${address}`;
  const host = hostOf(address);
  const known = await lookup(host).catch(() => undefined);
  if (known === undefined)
    return { level: "fail", subject, sentence: `nobody knows the name ${host}: clients could not either` };
  if (own === undefined) return { level: "ok", subject, sentence: `leads to ${known.address}` };
  if (await leadsTo(own, address))
    return { level: "ok", subject, sentence: `leads to this machine (${known.address})` };
  const sentence =
    "does not lead here from this machine: right if a proxy or NAT is in between, else correct it: clients are sent there";
  return { level: "warn", subject, sentence };
}

/** Whether who connects there arrives at the server. */
function leadsTo(server: Server, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostOf(address), port: portOf(address), timeout: reachMs });
    const settle = (arrived: boolean) => {
      server.off("connection", arrive);
      socket.destroy();
      resolve(arrived);
    };
    const arrive = () => settle(true);
    server.on("connection", arrive);
    // Somebody else may have taken it, and let it go.
    for (const end of ["error", "timeout", "close"]) socket.once(end, () => settle(false));
  });
}
