// From publishers to the buffer. Batching is natural: what arrives for a channel while its previous append is under
// way forms the next batch; an idle channel appends at once. One append of a channel is under way at a time, so the
// order of publishes is the order of the log.
import { randomBytes } from "node:crypto";
import type { ReplayBuffer, Run, RunOutcome } from "../buffer/buffer.js";
import { type RepriseError, toRepriseError } from "../wire/errors.js";
import { batchBytes, batchMessages } from "../wire/limits.js";

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
  /** Under this name the node numbers what came without numbers; a fresh one after each append with unknown outcome. */
  own: { producer: string; sequence: number };
}

/** Idle queues are kept for their `own` numbering, so that a channel does not see a new producer with every publish. */
const idleQueues = 10_000;

const newProducer = () => ({ producer: `n${randomBytes(12).toString("base64url")}`, sequence: 1 });

export class Appender {
  readonly #buffer: ReplayBuffer;
  readonly #queues = new Map<string, Queue>();
  readonly #maxPendingBytes: number;
  readonly #waitingForRoom = new Set<() => void>();
  readonly #waitingForIdle = new Set<() => void>();
  #pendingBytes = 0;

  /** @param maxPendingBytes of all channels together; beyond it the node is `full` */
  constructor(buffer: ReplayBuffer, maxPendingBytes: number) {
    this.#buffer = buffer;
    this.#maxPendingBytes = maxPendingBytes;
  }

  /** True: whoever can wait must not append more, see `onRoom`. */
  get full(): boolean {
    return this.#pendingBytes >= this.#maxPendingBytes;
  }

  /** Calls back once when the node is no longer full. */
  onRoom(callback: () => void): void {
    this.#waitingForRoom.add(callback);
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
      this.#pendingBytes += run.messages.length;
      queue.pending.push({ run, resolve, reject });
      if (queue.appending) return;
      queue.appending = true;
      // After the current turn of the event loop's callback: its other publishes travel along.
      queueMicrotask(() => void this.#drain(queue));
    });
  }

  #queue(channel: string): Queue {
    let queue = this.#queues.get(channel);
    if (queue === undefined) {
      queue = { channel, pending: [], appending: false, own: newProducer() };
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
      try {
        const outcomes = await this.#buffer.append(
          queue.channel,
          batch.map(({ run }) => number(run, queue.own)),
        );
        this.#settle(queue, batch, outcomes);
      } catch (thrown) {
        queue.own = newProducer();
        for (const pending of batch) pending.reject(toRepriseError(thrown));
        this.#release(batch.reduce((sum, { run }) => sum + run.messages.length, 0));
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
    this.#release(bytes);
  }

  #release(bytes: number): void {
    this.#pendingBytes -= bytes;
    if (!this.full) callAll(this.#waitingForRoom);
    if (this.#pendingBytes === 0) callAll(this.#waitingForIdle);
  }
}

function callAll(callbacks: Set<() => void>): void {
  if (callbacks.size === 0) return;
  const called = [...callbacks];
  callbacks.clear();
  for (const callback of called) callback();
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
