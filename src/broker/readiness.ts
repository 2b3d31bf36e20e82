// Whether peers should be sent to this node: the one answer behind gRPC's health service and /readyz. A node is ready
// while all of its checks hold, by what was found out within the last seconds and not by what its configuration hopes for:
//
//   accepting    it does not drain
//   publishing   the store would take an append now: it was asked to write something
//   following    what others append gets here now: the node has heard what it told itself by the same way
import type { ReplayBuffer } from "../buffer/buffer.js";
import type { Log } from "../log/log.js";
import { toRepriseError } from "../wire/errors.js";

export interface Check {
  name: "accepting" | "publishing" | "following";
  ok: boolean;
  /** For people. */
  detail: string;
  /** Unix ms: since when `ok` is what it is. */
  since: number;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly Check[];
  /** Calls `tell` after each change of `ready`. Returns what ends that. */
  onChange(tell: () => void): () => void;
  /** Something may have changed: asks nobody. */
  look(): void;
  close(): void;
}

interface ReadinessOptions {
  buffer: ReplayBuffer;
  /** Undefined, or why nothing new is accepted. */
  draining: () => string | undefined;
  /** Told when the node ceases to be ready, and when it is again. */
  log: Log;
}

type Finding = Pick<Check, "ok" | "detail">;

const lookMs = 1_000;
/** Between two probes of the store; after one that failed, sooner. */
const probeMs = 2_000;
const probeAgainMs = 1_000;
/** A probe that was not answered for so long has failed. A node hears itself once a second; longer silence is a failure. */
const silenceMs = 4_000;

export function createReadiness({ buffer, draining, log }: ReadinessOptions): Readiness {
  const listeners = new Set<() => void>();
  // The store was asked a moment ago, when it was opened.
  let probed: Finding & { at: number } = { ok: true, detail: "", at: performance.now() };
  const startedAt = performance.now();
  let probing = false;
  let closed = false;

  const found = (): Record<Check["name"], Finding> => ({
    accepting: { ok: draining() === undefined, detail: draining() ?? "the node accepts sessions" },
    publishing: publishing(),
    following: following(buffer.echo, startedAt),
  });
  function publishing(): Finding {
    const agoMs = performance.now() - probed.at;
    if (!buffer.available) return { ok: false, detail: "the store does not answer" };
    if (!probed.ok) return probed;
    if (probing && agoMs > probeMs + silenceMs) return { ok: false, detail: `no answer for ${inSeconds(agoMs)}` };
    return { ok: true, detail: `the store took a write ${inSeconds(agoMs)} ago` };
  }

  let checks: readonly Check[] = Object.entries(found()).map(([name, finding]) => ({
    name: name as Check["name"],
    ...finding,
    since: Date.now(),
  }));
  const isReady = () => checks.every(({ ok }) => ok);

  function look(): void {
    const was = isReady();
    const now = found();
    checks = checks.map(({ name, ok, since }) => {
      const { ok: isOk, detail } = now[name];
      return { name, ok: isOk, detail, since: isOk === ok ? since : Date.now() };
    });
    if (isReady() === was) return;
    const failed = checks.filter(({ ok, name }) => !ok && name !== "accepting");
    const why = failed.map(({ name, detail }) => `${name}: ${detail}`).join("; ");
    // Whoever lets it drain knows.
    if (isReady()) log.info({}, "ready again");
    else if (why !== "") log.warn({}, `not ready: ${why}`);
    for (const tell of [...listeners]) tell();
  }

  async function probe(): Promise<void> {
    if (probing || performance.now() - probed.at < (probed.ok ? probeMs : probeAgainMs)) return;
    probing = true;
    const detail = await buffer.probe().then(
      () => undefined,
      (thrown: unknown) => toRepriseError(thrown).message,
    );
    probing = false;
    probed = { ok: detail === undefined, detail: detail ?? "", at: performance.now() };
    if (!closed) look();
  }

  const timer = setInterval(() => {
    void probe();
    look();
  }, lookMs);
  const ignoreBuffer = buffer.onAvailable(look);
  return {
    get ready() {
      return isReady();
    },
    get checks() {
      return checks;
    },
    onChange(tell) {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    look,
    close() {
      closed = true;
      clearInterval(timer);
      ignoreBuffer();
      listeners.clear();
    },
  };
}

function following(echo: ReplayBuffer["echo"], startedAt: number): Finding {
  if (echo === undefined) return { ok: true, detail: "the store is in this process" };
  const { heardAt, roundTripMs } = echo;
  const agoMs = performance.now() - (heardAt ?? startedAt);
  if (heardAt === undefined) return { ok: agoMs <= silenceMs, detail: "the node has not heard itself yet" };
  // Of one master messages arrive in order: what was appended before the echo was published is here.
  const detail = `the node heard itself ${inSeconds(agoMs)} ago, ${roundTripMs.toFixed(1)} ms after it spoke: it is behind by no more than both`;
  return { ok: agoMs <= silenceMs, detail };
}

const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
