// A node that runs: whether it lets us in, which version it is, what it warns of, and what its health says.
import type { Bus, NodeEntry, RepriseError } from "../../client/index.js";
import type { Finding } from "../../store/index.js";
import { dial } from "../dial.js";
import { type TlsFlags, tlsOf } from "../tls-flags.js";

export interface Running {
  /** It answered: what is in use is likely in use by it. */
  answers: boolean;
  found: Finding[];
}

interface Wanted extends TlsFlags {
  server: string[];
  tokenFile?: string;
  /** Of its health and metrics. */
  http?: string | undefined;
  /** Ours. */
  version: string;
}

export async function inspectRunning(wanted: Wanted): Promise<Running> {
  const { server, tokenFile, http, version } = wanted;
  const subject = `node ${server.join()}`;
  let bus: Bus;
  try {
    bus = await dial({ server, tls: tlsOf(wanted), tokenFile, notice: () => {} });
  } catch (thrown) {
    const { message, advice } = thrown as RepriseError;
    return { answers: false, found: [{ level: "fail", subject, sentence: `${message} (${advice})` }] };
  }
  try {
    const found = [...(await inspectNode(bus, version)), ...(http === undefined ? [] : await inspectHealth(http))];
    return { answers: true, found };
  } finally {
    await bus.close();
  }
}

async function inspectNode(bus: Bus, version: string): Promise<Finding[]> {
  const { state } = bus;
  if (state.kind !== "connected") return [{ level: "fail", subject: "node", sentence: `it is ${state.kind}` }];
  const subject = `node ${state.node}`;
  const found: Finding[] = [];
  if (state.bufferAway) {
    const sentence = "cannot reach its buffer: publishers wait, nothing new arrives; look at its store";
    found.push({ level: "fail", subject: `${subject} buffer`, sentence });
  }
  let entries: NodeEntry[];
  try {
    entries = await bus.nodes();
  } catch (thrown) {
    const sentence = `it answers; of its version and warnings it does not tell us: ${(thrown as Error).message}`;
    return [...found, { level: "warn", subject, sentence }];
  }
  const own = entries.find(({ node }) => node === state.node);
  found.push(judgeVersion(subject, own?.version ?? "unknown", version));
  for (const { node, state, warnings } of entries) {
    for (const warning of warnings) found.push({ level: "warn", subject: `node ${node}`, sentence: warning });
    if (state === "draining") found.push({ level: "warn", subject: `node ${node}`, sentence: "is draining: it stops" });
  }
  const versions = new Set(entries.map((entry) => entry.version));
  if (versions.size > 1) {
    const sentence = `run versions ${[...versions].join(" and ")}: right during an upgrade, otherwise finish it`;
    found.push({ level: "warn", subject: "nodes", sentence });
  }
  return found;
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

/** What its --http tells; and its clock, which HTTP tells to the second. */
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
    return [health, ...(date === null ? [] : [judgeClock(subject, Date.parse(date) - Date.now())])];
  } catch (thrown) {
    const sentence = `does not tell its health: ${(thrown as Error).message}; is the node started with --http ${http}?`;
    return [{ level: "fail", subject, sentence }];
  }
}

/** @param aheadMs cut to the second, and the answer took some time */
function judgeClock(subject: string, aheadMs: number): Finding {
  const off = Math.abs(aheadMs + 500);
  const seconds = Math.round(off / 1_000);
  if (off < 3_000) return { level: "ok", subject: `${subject} clock`, sentence: "agrees with this machine's" };
  const sentence = `is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} this machine's: tokens will expire at the wrong time; let NTP set both`;
  return { level: "warn", subject: `${subject} clock`, sentence };
}
