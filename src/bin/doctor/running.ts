// A node that runs: whether it lets us in, which version it is, what it warns of, and what its health says.
import type { Bus, NodeEntry, RepriseError } from "../../client/index.js";
import type { Finding } from "../../store/index.js";
import { dial } from "../dial.js";
import { type Reached, reachAll } from "../fleet.js";
import { type TlsFlags, tlsOf } from "../tls-flags.js";

export interface Running {
  /** It answered: what is in use is likely in use by it. */
  answers: boolean;
  found: Finding[];
}

interface Wanted extends TlsFlags {
  server: string[];
  tokenFile?: string;
  insecure?: boolean | undefined;
  /** Of its health and metrics. */
  http?: string | undefined;
  /** Ours. */
  version: string;
}

export async function inspectRunning(wanted: Wanted): Promise<Running> {
  const { server, tokenFile, insecure, http } = wanted;
  const subject = `node ${server.join()}`;
  let bus: Bus;
  try {
    bus = await dial({ server, tls: tlsOf(wanted), insecure, tokenFile, notice: () => {} });
  } catch (thrown) {
    const { message, advice } = thrown as RepriseError;
    return { answers: false, found: [{ level: "fail", subject, sentence: `${message} (${advice})` }] };
  }
  try {
    const found = await inspectNode(bus, wanted);
    return { answers: true, found: [...found, ...(http === undefined ? [] : await inspectHealth(http))] };
  } finally {
    await bus.close();
  }
}

async function inspectNode(bus: Bus, wanted: Wanted): Promise<Finding[]> {
  const { state } = bus;
  if (state.kind !== "connected") return [{ level: "fail", subject: "node", sentence: `it is ${state.kind}` }];
  const subject = `node ${state.node}`;
  let entries: NodeEntry[];
  try {
    entries = await bus.nodes();
  } catch (thrown) {
    const sentence = `it answers; of its version and warnings it does not tell us: ${(thrown as Error).message}`;
    return [{ level: "warn", subject, sentence }];
  }
  const own = entries.find(({ node }) => node === state.node);
  const found = [judgeVersion(subject, own?.version ?? "unknown", wanted.version)];
  for (const { node, state, warnings } of entries) {
    for (const warning of warnings) found.push({ level: "warn", subject: `node ${node}`, sentence: warning });
    if (state === "draining") found.push({ level: "warn", subject: `node ${node}`, sentence: "is draining: it stops" });
  }
  const versions = new Set(entries.map((entry) => entry.version));
  if (versions.size > 1) {
    const sentence = `run versions ${[...versions].join(" and ")}: right during an upgrade, otherwise finish it`;
    found.push({ level: "warn", subject: "nodes", sentence });
  }
  return [...found, ...(await inspectFleet(wanted))];
}

/** Each of the nodes by itself; one that is not reached is told of on standard error. */
async function inspectFleet(wanted: Wanted): Promise<Finding[]> {
  const { server, tokenFile } = wanted;
  try {
    const fleet = await reachAll({ server, tokenFile, tls: tlsOf(wanted), notice: () => {} });
    try {
      return (await Promise.all(fleet.nodes.map(inspectOne))).flat();
    } finally {
      await fleet.close();
    }
  } catch (thrown) {
    const sentence = `do not say how they are: ${(thrown as Error).message}`;
    return [{ level: "warn", subject: "nodes", sentence }];
  }
}

const skewMs = 1_000;

async function inspectOne({ node, bus }: Reached): Promise<Finding[]> {
  const subject = `node ${node}`;
  const before = Date.now();
  const { atMs, ready } = await bus.admin.activity({ channels: 1, slow: 1, timeoutMs: healthMs });
  const tripMs = Date.now() - before;
  const clock = judgeClock(subject, atMs - before - tripMs / 2, skewMs + tripMs);
  if (ready) return [clock];
  const sentence = "is not ready, and no peers should be sent there: its log and its /readyz say why";
  return [{ level: "fail", subject: `${subject} health`, sentence }, clock];
}

function judgeVersion(subject: string, its: string, ours: string): Finding {
  if (its === ours) return { level: "ok", subject, sentence: `it answers, and is version ${its}` };
  return { level: "warn", subject, sentence: `it is version ${its}, and this command ${ours}: upgrade the older one` };
}

const healthMs = 5_000;

interface Readiness {
  ready: boolean;
  node: string;
  checks: { name: string; ok: boolean; detail: string }[];
}

/** What its --http tells; and its clock, which HTTP tells to the second, cut. */
async function inspectHealth(http: string): Promise<Finding[]> {
  const subject = `http ${http}`;
  const url = `http://${http.replace(/^(0\.0\.0\.0|\[::\])/, "127.0.0.1")}/readyz`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(healthMs) });
    const date = response.headers.get("date");
    const { ready, checks } = (await response.json()) as Partial<Readiness>;
    if (typeof ready !== "boolean" || !Array.isArray(checks)) throw new Error("that is no answer of a node");
    const failed = checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
    const sentence = `is not ready, and no peers should be sent there: ${failed.join("; ")}`;
    const health: Finding = ready
      ? { level: "ok", subject: `${subject} health`, sentence: "is ready" }
      : { level: "fail", subject: `${subject} health`, sentence };
    return [health, ...(date === null ? [] : [judgeClock(subject, Date.parse(date) + 500 - Date.now(), 3_000)])];
  } catch (thrown) {
    const sentence = `does not tell its health: ${(thrown as Error).message}; is the node started with --http ${http}?`;
    return [{ level: "fail", subject, sentence }];
  }
}

/** @param exactMs how well that is known */
function judgeClock(subject: string, aheadMs: number, exactMs: number): Finding {
  const off = Math.abs(aheadMs);
  const seconds = Math.round(off / 1_000);
  if (off < exactMs) return { level: "ok", subject: `${subject} clock`, sentence: "agrees with this machine's" };
  const sentence = `is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} this machine's: tokens will expire at the wrong time, and what top and the metrics say of lags is wrong; let NTP set both`;
  return { level: "warn", subject: `${subject} clock`, sentence };
}
