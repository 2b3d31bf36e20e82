// One node: publishers on one side, the buffer in the middle, cursors on the other. It knows no transport; services/*
// bring it sessions and requests.
import type { Guard } from "../auth/guard.js";
import type { ReplayBuffer, Run, RunOutcome } from "../buffer/buffer.js";
import type { Log } from "../log/log.js";
import { sparing } from "../log/sparing.js";
import type { NodeRegistry } from "../nodes/registry.js";
import type { MemberStore } from "../presence/members.js";
import type { Tracing } from "../trace/tracing.js";
import type { Start } from "../wire/client-frame.js";
import type { RepriseError } from "../wire/errors.js";
import { type Limits, MiB } from "../wire/limits.js";
import { head, type LogState, type Position, resume } from "../wire/position.js";
import type { Published } from "../wire/server-frame.js";
import type { Access } from "./access.js";
import { withSpans } from "./append-spans.js";
import { Appender, type Unnumbered } from "./appender.js";
import { ChannelLog } from "./channel-log.js";
import { admitChannels } from "./channel-quota.js";
import type { Cursor } from "./cursor.js";
import { deflatingMsPerSecond } from "./deflated.js";
import { type Drain, type Drained, type DrainOptions, startDrain } from "./drain.js";
import { createGate, type Gate } from "./gate.js";
import { type Headroom, measureHeadroom } from "./headroom.js";
import { SharedMemory } from "./memory.js";
import type { MessageSizes } from "./message-sizes.js";
import { Meters } from "./meters.js";
import { createNodes, type Nodes } from "./nodes.js";
import { atMost } from "./patience.js";
import { Presence } from "./presence.js";
import { answersOf } from "./publish.js";
import { Pump } from "./pump.js";
import { defaultQuotas, type Quotas, Refusals, retryAfterMs } from "./quotas.js";
import { Rate } from "./rate.js";
import { createReadiness, type Readiness } from "./readiness.js";
import { Recorder } from "./recorder.js";
import { Registry } from "./registry.js";
import { startPosition } from "./start.js";
import { increase, Tally } from "./tally.js";
import { version } from "./version.js";

export interface BrokerOptions {
  buffer: ReplayBuffer;
  members?: MemberStore | undefined;
  /** Undefined: everybody may do everything. */
  guard?: Guard | undefined;
  /** How long a member may be away after its session has ended. */
  presenceGraceMs: number;
  /** Name of this process. */
  node: string;
  /** This: see NodesOptions. */
  isSibling?: ((node: string) => boolean) | undefined;
  limits: Limits;
  /** Default: that of the limits for all channels. */
  messageSizes?: MessageSizes | undefined;
  /** Default: none but those that a node always has. */
  quotas?: Quotas;
  heartbeatIntervalMs: number;
  /** This and what follows: see NodeOptions. */
  registry?: NodeRegistry | undefined;
  zone?: string | undefined;
  warnings?: readonly string[] | undefined;
  log: Log;
  tracing?: Tracing | undefined;
}

/** The most recent batches of all channels that somebody listens to, shared by their cursors. */
const tailBytes = 8 * MiB;

/** What was last read from the buffer for cursors behind the tail. */
const pagesBytes = 8 * MiB;

/** What was last compressed, for those who come by the same place. */
const deflatedBytes = 4 * MiB;

/** Messages of all publishers that wait to be stored; beyond this no session is read. */
const maxPendingBytes = 128 * MiB;

/** A channel log in use by someone who has not yet attached a cursor. */
export interface LogLease {
  log: ChannelLog;
  /** @param attached a cursor has taken the lease over */
  release(attached: boolean): void;
}

interface LogInUse {
  log: ChannelLog;
  opened: Promise<void>;
  /** Leases and cursors. */
  uses: number;
}

export class Broker {
  readonly node: string;
  readonly limits: Limits;
  readonly messageSizes: MessageSizes;
  /** Asked wherever one of them holds: `setQuotas` changes them. */
  readonly quotas: Quotas;
  readonly recorder = new Recorder();
  readonly refusals: Refusals;
  readonly meters: Meters;
  readonly gate: Gate;
  /** It uses more memory than it may: nothing that adds to it begins (shedding.ts). */
  overloaded = false;
  readonly heartbeatIntervalMs: number;
  readonly buffer: ReplayBuffer;
  readonly guard: Guard | undefined;
  readonly appender: Appender;
  readonly pump = new Pump();
  readonly sessions = new Registry();
  readonly presence: Presence;
  readonly nodes: Nodes;
  /** Called when the node stops, by calls that are no sessions and would go on: each removes its own. */
  readonly stopping = new Set<(reason: RepriseError) => void>();
  readonly tally = new Tally();
  readonly log: Log;
  /** For what peers, or very many channels, could cause again and again. */
  readonly sparingLog: Log;
  readonly memory = {
    tail: new SharedMemory(tailBytes),
    pages: new SharedMemory(pagesBytes),
    deflated: new SharedMemory(deflatedBytes),
  };
  readonly #deflating = new Rate(deflatingMsPerSecond);
  readonly readiness: Readiness;
  readonly headroom: Headroom;

  readonly #tracing: Tracing | undefined;
  readonly #logs = new Map<string, LogInUse>();
  readonly #heartbeat: NodeJS.Timeout;
  #drain: Drain | undefined;
  #drained: Promise<Drained> | undefined;
  readonly #ignoreBuffer: () => void;

  constructor(options: BrokerOptions) {
    const { buffer, members, guard, presenceGraceMs, node, limits, messageSizes, ...others } = options;
    const { heartbeatIntervalMs, log, quotas = defaultQuotas, tracing, ...told } = others;
    this.buffer = buffer;
    this.guard = guard;
    this.node = node;
    this.limits = limits;
    this.messageSizes = messageSizes ?? (() => undefined);
    this.quotas = { ...quotas };
    this.log = log;
    this.#tracing = tracing;
    this.sparingLog = sparing(log);
    const turnedAway = (error: RepriseError) => this.recorder.refused({ kind: "turnedAway" }, error);
    const refusals = new Refusals(this.sparingLog, turnedAway);
    this.refusals = refusals;
    this.meters = new Meters(this.quotas, refusals);
    this.gate = createGate({ quotas: this.quotas, refusals, meters: this.meters });
    this.heartbeatIntervalMs = heartbeatIntervalMs;
    const append = (channel: string, runs: readonly Run[]) => this.#store(channel, runs);
    this.appender = new Appender(
      { append },
      maxPendingBytes,
      admitChannels(buffer, () => this.quotas.channels, refusals),
    );
    this.presence = new Presence({ members, node, graceMs: presenceGraceMs, log: this.sparingLog });
    const sessions = () => this.sessions.size;
    this.nodes = createNodes({ node, version, sessions, log, ...told });
    const beat = () => {
      const now = Date.now();
      for (const session of this.sessions) session.heartbeat(now);
    };
    this.#heartbeat = setInterval(beat, heartbeatIntervalMs);
    this.#ignoreBuffer = buffer.onAvailable(beat);
    this.readiness = createReadiness({ buffer, draining: () => this.#drain?.refusal().message, log });
    this.headroom = measureHeadroom(buffer, () => this.logs());
  }

  /** They hold from now on, for what there is as well; what there is too much of stays. */
  setQuotas(quotas: Quotas): void {
    Object.assign(this.quotas, quotas);
    this.meters.changed();
  }

  /** @throws RepriseError `draining` once the node drains: nothing new begins */
  checkOpen(): void {
    if (this.#drain !== undefined) throw this.#drain.refusal();
  }

  /**
   * @param peer its address
   * @throws RepriseError `draining`; `limit_reached` if this session would be one too many
   */
  checkSession({ name }: Access, peer: string): void {
    this.checkOpen();
    const { quotas, refusals, sessions } = this;
    const about = { peer, identity: name };
    if (sessions.size >= quotas.sessions) {
      const words = `this node has ${sessions.size} sessions, the most allowed`;
      throw refusals.of("sessions", words, retryAfterMs, about);
    }
    if (name !== undefined && sessions.of(name) >= quotas.sessionsPerIdentity) {
      const words = `${name} has ${sessions.of(name)} sessions at this node, the most allowed`;
      throw refusals.of("sessionsPerIdentity", words, retryAfterMs, about);
    }
    this.checkMemory(peer);
  }

  /** @throws RepriseError `limit_reached` while the node sheds load */
  checkMemory(peer: string): void {
    if (this.overloaded) throw this.refusals.of("memory", "this node is short of memory", retryAfterMs, { peer });
  }

  /**
   * Stores a run and returns its acknowledgements.
   * @throws RepriseError `sequence_skipped`, or what the buffer rejects with
   */
  append(channel: string, run: Unnumbered): Promise<Published[]> {
    if (this.#tracing === undefined) return this.#append(channel, run);
    return withSpans(this.#tracing, channel, run, () => this.#append(channel, run));
  }

  async #append(channel: string, run: Unnumbered): Promise<Published[]> {
    return answersOf(channel, run, await this.appender.append(channel, run));
  }

  /** Of the channels that somebody here listens to. */
  *logs(): Iterable<ChannelLog> {
    for (const { log } of this.#logs.values()) yield log;
  }

  /** How many `logs` there are. */
  get channels(): number {
    return this.#logs.size;
  }

  /** Opens the log of a channel, or joins those who use it. The lease must be released. */
  async openLog(channel: string): Promise<LogLease> {
    let use = this.#logs.get(channel);
    if (use === undefined) {
      const log = new ChannelLog(channel, {
        buffer: this.buffer,
        ...this.memory,
        deflating: this.#deflating,
        tally: this.tally,
        recorder: this.recorder,
        log: this.sparingLog,
      });
      use = { log, opened: log.open(), uses: 0 };
      this.#logs.set(channel, use);
    }
    use.uses++;
    try {
      await use.opened;
    } catch (thrown) {
      this.#unuse(use);
      throw thrown;
    }
    const { log } = use;
    return {
      log,
      release: (attached) => {
        if (!attached) this.#unuse(use);
      },
    };
  }

  /** Detaches a cursor. */
  releaseLog(cursor: Cursor): void {
    const use = this.#logs.get(cursor.log.channel);
    if (cursor.log.cursors.delete(cursor) && use?.log === cursor.log) this.#unuse(use);
  }

  #unuse(use: LogInUse): void {
    use.uses--;
    if (use.uses > 0) return;
    use.log.close();
    if (this.#logs.get(use.log.channel) === use) this.#logs.delete(use.log.channel);
  }

  /** The log knows what was stored before anybody is told so: who subscribes after that is told a head behind it. */
  async #store(channel: string, runs: readonly Run[]): Promise<RunOutcome[]> {
    const outcomes = await this.buffer.append(channel, runs);
    const log = this.#logs.get(channel)?.log;
    if (log !== undefined) {
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome.kind !== "stored" || outcome.offset === 0) continue;
        log.extend(outcome.epoch, outcome.offset + runs[i]!.count - outcome.duplicates);
      }
    }
    return outcomes;
  }

  /** Where a subscription begins, and where the log ends at this moment, as far as this node can know. */
  async startOf(log: ChannelLog, start: Start): Promise<{ position: Position; head: Position }> {
    let state: LogState | undefined = log.state;
    if (!isKnown(start, log)) {
      state = await this.buffer.state(log.channel);
      await log.agree(state);
    }
    if (start.from === "position") {
      increase(this.tally.resumes, resume(start.position, state).gaps[0]?.reason ?? "continued");
    }
    return { position: await startPosition(start, log.channel, state, this.buffer), head: head(state) };
  }

  subscribers(channel: string): number {
    return this.#logs.get(channel)?.log.cursors.size ?? 0;
  }

  /** Undefined: the node does not drain. */
  get draining(): Drain | undefined {
    return this.#drain;
  }

  /**
   * Accepts nothing new, moves the sessions elsewhere (P-6), finishes what is under way, and leaves the registry of
   * nodes. A later call can only make it shorter.
   */
  drain(options: DrainOptions): Promise<Drained> {
    if (this.#drain === undefined) {
      void this.nodes.drain();
      this.#drain = startDrain(this, options);
      this.readiness.look();
      this.#drained = this.#leave(this.#drain);
    } else this.#drain.hurry(options);
    return this.#drained!;
  }

  async #leave(drain: Drain): Promise<Drained> {
    await drain.done;
    clearInterval(this.#heartbeat);
    this.#ignoreBuffer();
    this.readiness.close();
    this.headroom.close();
    this.gate.close();
    // A registry or a member store that is away is no reason to stay. Members enter again elsewhere: what they have here has
    // the grace time, not the longer time of a node that died.
    await atMost(
      Math.max(drain.remainingMs(), leastPatienceMs),
      Promise.all([this.nodes.withdraw(), this.presence.released()]),
    );
    this.nodes.close();
    return drain.progress;
  }

  /** Drains without a window: all sessions are told at once. Those that have not gone after `graceMs` are cut. */
  async close(graceMs: number): Promise<void> {
    await this.drain({ windowMs: 0, graceMs });
  }
}

/** For the registry of nodes and the member store. */
const leastPatienceMs = 1_000;

/** A position that this node has passed on itself needs no question to the store: a thousand may resume at once. */
const isKnown = (start: Start, log: ChannelLog): boolean =>
  start.from === "position" &&
  start.position.offset < log.passed &&
  log.state?.epochs.some(({ epoch }) => epoch === start.position.epoch) === true;
