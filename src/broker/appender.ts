// From publishers to the buffer. Batching is natural: what arrives for a channel while its previous append is under
// way forms the next batch; an idle channel appends at once. One append of a channel is under way at a time, so the
// order of publishes is the order of the log.
import { randomBytes } from "node:crypto";
import type { ReplayBuffer, Run, RunOutcome } from "../buffer/buffer.js";
import { type RepriseError, toRepriseError } from "../wire/errors.js";
import { batchBytes, batchMessages } from "../wire/limits.js";
import type { AdmitChannel } from "./channel-quota.js";
import { Histogram, latencyBounds } from "./histogram.js";

/** Messages to append. Without `numbered`, the appender gives them a producer and a sequence of its own. */
export interface Unnumbered {
  count: number;
  messages: Buffer;
  numbered?: { producer: string; sequence: number };
}

interface Pending {
  run: Unnumbered;
  resolve(outcome: RunOutcome): void;
  reject(error: RepriseError): void;
}

interface Queue {
  channel: string;
  pending: Pending[];
  appending: boolean;
  /** There may be such a channel. */
  admitted: boolean;
  /** Under this name the node numbers what came without numbers; a fresh one after each append with unknown outcome. */
  own: { producer: string; sequence: number };
}

/** Idle queues are kept for their `own` numbering, so that a channel does not see a new producer with every publish. */
const idleQueues = 10_000;

/** A node that was full is so until no more than this part of it waits. */
const roomPart = 3 / 4;

const newProducer = () => ({ producer: `n${randomBytes(12).toString("base64url")}`, sequence: 1 });

export class Appender {
  /** Of the buffer's appends, those that failed too. */
  readonly latency = new Histogram(latencyBounds);
  readonly #buffer: Pick<ReplayBuffer, "append">;
  readonly #queues = new Map<string, Queue>();
  readonly #maxPendingBytes: number;
  readonly #admit: AdmitChannel;
  readonly #listeners = new Set<() => void>();
  readonly #waitingForIdle = new Set<() => void>();
  /** Queues that were idle. */
  readonly #starting: Queue[] = [];
  #pendingBytes = 0;
  #full = false;

  /**
   * @param maxPendingBytes of all channels together; at that many the node is `full`
   * @param admit asked before the first append of a channel. Default: all may be
   */
  constructor(buffer: Pick<ReplayBuffer, "append">, maxPendingBytes: number, admit: AdmitChannel = () => undefined) {
    this.#buffer = buffer;
    this.#maxPendingBytes = maxPendingBytes;
    this.#admit = admit;
  }

  /** True: whoever can wait must not append more, until a part of what waits is stored. */
  get full(): boolean {
    return this.#full;
  }

  /** Of messages that wait to be stored. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Calls `tell` after each change of `full`. Returns what ends that. */
  onFull(tell: () => void): () => void {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    if (this.#pendingBytes === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForIdle.add(resolve));
  }

  /**
   * Resolves once the run is stored (or refused for its sequence).
   * @throws RepriseError of `ReplayBuffer.append`
   */
  append(channel: string, run: Unnumbered): Promise<RunOutcome> {
    return new Promise((resolve, reject) => {
      const queue = this.#queue(channel);
      this.#count(run.messages.length);
      queue.pending.push({ run, resolve, reject });
      if (queue.appending) return;
      queue.appending = true;
      // After the sockets that are readable now were read: what they bring travels along.
      if (this.#starting.push(queue) === 1) setImmediate(() => this.#start());
    });
  }

  /** All at once, so that the buffer can send them together. */
  #start(): void {
    for (const queue of this.#starting.splice(0)) void this.#drain(queue);
  }

  #queue(channel: string): Queue {
    let queue = this.#queues.get(channel);
    if (queue === undefined) {
      queue = { channel, pending: [], appending: false, admitted: false, own: newProducer() };
      if (this.#queues.size >= idleQueues) this.#forgetIdle();
    } else {
      this.#queues.delete(channel);
    }
    // Last used comes last.
    this.#queues.set(channel, queue);
    return queue;
  }

  #forgetIdle(): void {
    for (const [channel, queue] of this.#queues) {
      if (queue.appending) continue;
      this.#queues.delete(channel);
      return;
    }
  }

  async #drain(queue: Queue): Promise<void> {
    while (queue.pending.length > 0) {
      const batch = takeBatch(queue.pending);
      const runs = batch.map(({ run }) => number(run, queue.own));
      try {
        const asking = queue.admitted ? undefined : this.#admit(queue.channel);
        if (asking !== undefined) await asking;
        queue.admitted = true;
        const began = performance.now();
        const outcomes = await this.#buffer
          .append(queue.channel, runs)
          .finally(() => this.latency.observe(performance.now() - began));
        this.#settle(queue, batch, outcomes);
      } catch (thrown) {
        queue.own = newProducer();
        for (const pending of batch) pending.reject(toRepriseError(thrown));
        this.#count(-batch.reduce((sum, { run }) => sum + run.messages.length, 0));
      }
    }
    queue.appending = false;
  }

  #settle(queue: Queue, batch: readonly Pending[], outcomes: readonly RunOutcome[]): void {
    const forgotten: Pending[] = [];
    let bytes = 0;
    for (const [index, outcome] of outcomes.entries()) {
      const pending = batch[index]!;
      if (outcome.kind === "skipped" && pending.run.numbered === undefined) {
        forgotten.push(pending);
      } else {
        bytes += pending.run.messages.length;
        pending.resolve(outcome);
      }
    }
    // The store no longer knows the node's own numbers: the channel disappeared, or a failover lost them.
    if (forgotten.length > 0) {
      queue.own = newProducer();
      queue.pending.unshift(...forgotten);
    }
    this.#count(-bytes);
  }

  /** More wait, or fewer. */
  #count(bytes: number): void {
    this.#pendingBytes += bytes;
    // Everybody is told of each change: it must not go to and fro with every batch.
    const full = this.#pendingBytes >= this.#maxPendingBytes * (this.#full ? roomPart : 1);
    if (full !== this.#full) {
      this.#full = full;
      for (const tell of [...this.#listeners]) tell();
    }
    if (this.#pendingBytes > 0) return;
    for (const resolve of this.#waitingForIdle) resolve();
    this.#waitingForIdle.clear();
  }
}

/** Removes the next batch from the front; at least one run, then as many as the limits of a batch allow. */
function takeBatch(pending: Pending[]): Pending[] {
  let bytes = 0;
  let messages = 0;
  let taken = 0;
  for (const { run } of pending) {
    bytes += run.messages.length;
    messages += run.count;
    if (taken > 0 && (bytes > batchBytes || messages > batchMessages)) break;
    taken++;
  }
  return pending.splice(0, taken);
}

function number(run: Unnumbered, own: { producer: string; sequence: number }): Run {
  const { count, messages } = run;
  if (run.numbered !== undefined) return { ...run.numbered, count, messages };
  const numbered = { producer: own.producer, sequence: own.sequence, count, messages };
  own.sequence += count;
  return numbered;
}
