// One node: publishers on one side, the buffer in the middle, cursors on the other. It knows no transport; services/*
// bring it sessions and requests.
import type { ReplayBuffer } from "../buffer/buffer.js";
import type { Start } from "../wire/client-frame.js";
import { RepriseError } from "../wire/errors.js";
import { type Limits, MiB } from "../wire/limits.js";
import { head, type LogState, type Position } from "../wire/position.js";
import type { Published } from "../wire/server-frame.js";
import { Appender, type Unnumbered } from "./appender.js";
import { ChannelLog } from "./channel-log.js";
import type { Cursor } from "./cursor.js";
import { SharedMemory } from "./memory.js";
import { answersOf } from "./publish.js";
import { Pump } from "./pump.js";
import { Registry } from "./registry.js";
import { startPosition } from "./start.js";

export interface BrokerOptions {
  buffer: ReplayBuffer;
  /** Name of this process. */
  node: string;
  limits: Limits;
  heartbeatIntervalMs: number;
  /** Told what goes wrong, a line each. */
  log: (line: string) => void;
}

/** The most recent batches of all channels that somebody listens to, shared by their cursors. */
const tailBytes = 8 * MiB;

/** What was last read from the buffer for cursors behind the tail. */
const pagesBytes = 8 * MiB;

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
  readonly heartbeatIntervalMs: number;
  readonly buffer: ReplayBuffer;
  readonly appender: Appender;
  readonly pump = new Pump();
  readonly sessions = new Registry();
  /** Called when the node stops, by calls that are no sessions and would go on: each removes its own. */
  readonly stopping = new Set<(reason: RepriseError) => void>();

  readonly #log: (line: string) => void;
  readonly #logs = new Map<string, LogInUse>();
  readonly #tail = new SharedMemory(tailBytes);
  readonly #pages = new SharedMemory(pagesBytes);
  readonly #heartbeat: NodeJS.Timeout;
  readonly #ignoreBuffer: () => void;
  #draining = false;

  constructor({ buffer, node, limits, heartbeatIntervalMs, log }: BrokerOptions) {
    this.buffer = buffer;
    this.node = node;
    this.limits = limits;
    this.heartbeatIntervalMs = heartbeatIntervalMs;
    this.#log = log;
    this.appender = new Appender(buffer, maxPendingBytes);
    const beat = () => {
      const now = Date.now();
      for (const session of this.sessions) session.heartbeat(now);
    };
    this.#heartbeat = setInterval(beat, heartbeatIntervalMs);
    this.#ignoreBuffer = buffer.onAvailable(beat);
  }

  /** @throws RepriseError `draining` once the node stops */
  checkOpen(): void {
    if (this.#draining) throw this.#isStopping();
  }

  readonly #isStopping = () => new RepriseError("draining", `node ${this.node} is stopping`);

  /**
   * Stores a run and returns its acknowledgements.
   * @throws RepriseError `sequence_skipped`, or what the buffer rejects with
   */
  async append(channel: string, run: Unnumbered): Promise<Published[]> {
    return answersOf(channel, run, await this.appender.append(channel, run));
  }

  /** Opens the log of a channel, or joins those who use it. The lease must be released. */
  async openLog(channel: string): Promise<LogLease> {
    let use = this.#logs.get(channel);
    if (use === undefined) {
      const log = new ChannelLog(channel, {
        buffer: this.buffer,
        tail: this.#tail,
        pages: this.#pages,
        log: this.#log,
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

  /** Where a subscription begins, and where the log ends at this moment. */
  async startOf(log: ChannelLog, start: Start): Promise<{ position: Position; head: Position }> {
    let state: LogState | undefined = log.state;
    if (!isKnown(start, log)) {
      state = await this.buffer.state(log.channel);
      await log.agree(state);
    }
    return { position: await startPosition(start, log.channel, state, this.buffer), head: head(state) };
  }

  subscribers(channel: string): number {
    return this.#logs.get(channel)?.log.cursors.size ?? 0;
  }

  /**
   * Accepts nothing new, answers what was accepted, tells the peers to go and ends their streams. Resolves when the
   * last one has gone, at the latest after `graceMs`; then what is left is cut.
   */
  async close(graceMs: number): Promise<void> {
    this.#draining = true;
    clearInterval(this.#heartbeat);
    this.#ignoreBuffer();
    const deadline = new Promise<void>((resolve) => {
      setTimeout(resolve, graceMs).unref();
    });
    const gone = new RepriseError("draining", `node ${this.node} has stopped`);
    for (const stop of this.stopping) stop(this.#isStopping());
    for (const session of this.sessions) session.drain(retryAfterMs);
    await Promise.race([this.appender.idle(), deadline]);
    for (const session of this.sessions) session.finish(gone);
    await Promise.race([this.sessions.empty(), deadline]);
    for (const session of this.sessions) session.close(gone);
  }
}

/** What a node that stops tells its peers: about what a restart takes. */
const retryAfterMs = 1_000;

/** A position that this node has passed on itself needs no question to the store: a thousand may resume at once. */
const isKnown = (start: Start, log: ChannelLog): boolean =>
  start.from === "position" &&
  start.position.offset < log.passed &&
  log.state?.epochs.some(({ epoch }) => epoch === start.position.epoch) === true;
