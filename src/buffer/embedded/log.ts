// The log of one channel, whether the channel exists or not. It is in one of three places: absent, in its files, or
// opened, with everything but the messages in memory. What changes it happens in turns, one at a time; readers do not
// wait for them. Appends that arrive while a turn is under way make up the next one.
import type { RepriseError } from "../../wire/errors.js";
import { openEpoch } from "../../wire/position.js";
import type { ChannelState, Page, Run, RunOutcome, Watch, Watcher } from "../buffer.js";
import type { Retention } from "../retention.js";
import { blankContents, type Contents, firstOf, stateOf } from "./contents.js";
import { bufferError, isMissing } from "./failure.js";
import type { Append } from "./group.js";
import { outcomesOf } from "./origin.js";
import { readPage } from "./page.js";
import { recover } from "./recovery.js";
import type { Shelf } from "./shelf.js";
import { shorten } from "./shorten.js";
import { trim } from "./trim.js";
import { prepare, store, take, takeBack, type Writing, writeClosed } from "./writing.js";

type Place =
  | { kind: "absent" }
  /** Names of the segments' files, oldest first. */
  | { kind: "files"; names: readonly string[] }
  | { kind: "opened"; contents: Contents };

const noTurn = Promise.resolve();

/** When something is due that was not looked at yet. */
const unknown = Number.NEGATIVE_INFINITY;
/** After a failure nobody waits for. */
const retryMs = 60_000;
const noLimits: Retention = { messages: 0, bytes: 0, ageMs: 0 };

export class Log {
  readonly channel: string;
  /** Set to 0 whenever the log is used. */
  idle = 0;
  readonly #shelf: Shelf;
  #place: Place;
  /** After `at`, Unix ms, something may be too old by these limits. */
  #lastDue = { at: unknown, limits: noLimits };
  readonly #watchers = new Set<Watcher>();
  #pending: Append[] = [];
  #committing = false;
  #turn: Promise<unknown> = noTurn;
  /** A write that failed and could not be taken back yet. */
  #failed: Writing | undefined;

  /** `names`: of the segments' files; none if the channel does not exist. */
  constructor(shelf: Shelf, channel: string, names: readonly string[]) {
    this.#shelf = shelf;
    this.channel = channel;
    this.#place = names.length > 0 ? { kind: "files", names: [...names].sort() } : { kind: "absent" };
  }

  get exists(): boolean {
    return this.#place.kind !== "absent";
  }

  /** It may be forgotten. */
  get vacant(): boolean {
    return !this.exists && this.#watchers.size === 0 && !this.#committing && this.#failed === undefined;
  }

  get opened(): boolean {
    return this.#place.kind === "opened";
  }

  isDue(now: number): boolean {
    return this.exists && now > this.#due;
  }

  append(runs: readonly Run[]): Promise<RunOutcome[]> {
    this.idle = 0;
    return new Promise((resolve, reject) => {
      this.#pending.push({ runs, resolve, reject });
      if (!this.#committing) void this.#commitAll();
    });
  }

  /** Undefined if the channel does not exist. */
  async read(from: number, maxBytes: number): Promise<Page | undefined> {
    const contents = await this.#contents();
    return contents && readPage(this.#shelf.files, contents, from, maxBytes).catch((error) => this.#fail(error));
  }

  async state(): Promise<ChannelState | undefined> {
    const contents = await this.#contents();
    return contents && stateOf(contents);
  }

  /** Removes what lies before `before`. Undefined if the channel does not exist. */
  trim(before: number): Promise<ChannelState | undefined> {
    this.idle = 0;
    return this.#inTurn(async () => {
      const contents = await this.#current();
      if (contents === undefined) return undefined;
      if (before <= firstOf(contents)) return stateOf(contents);
      if (this.#failed !== undefined) await this.#takeBack(this.#failed);
      const { files, now } = this.#shelf;
      await shorten({ files, channel: this.channel, operator: this.#operator, now }, contents, before, (name) =>
        this.#remove(name).catch((error) => this.#operator.warn({}, this.#error(error).message)),
      );
      this.#setDue(unknown, noLimits);
      const state = stateOf(contents);
      this.#tell((watcher) => watcher.changed(state));
      return state;
    });
  }

  /** Lets the channel disappear; whether it existed. */
  delete(): Promise<boolean> {
    return this.#inTurn(async () => {
      if (!this.exists) return false;
      if (this.#failed !== undefined) await this.#takeBack(this.#failed);
      const contents = await this.#current();
      if (contents !== undefined) await this.#disappear(contents);
      return contents !== undefined;
    });
  }

  async watch(watcher: Watcher): Promise<Watch> {
    await this.#contents();
    // The state and what the watcher is told fit together because nothing comes between these lines.
    const contents = this.#openedContents();
    this.#watchers.add(watcher);
    return { state: contents && stateOf(contents), close: () => this.#watchers.delete(watcher) };
  }

  /** Removes what is too old. */
  async expire(now: number): Promise<void> {
    try {
      if (await this.#mayBeDue(now)) await this.#contents();
    } catch (error) {
      this.#setDue(now + retryMs, this.#limits);
      this.#fail(error);
    }
  }

  /** Of a log that was not opened yet the time of its oldest file tells. */
  async #mayBeDue(now: number): Promise<boolean> {
    if (this.#place.kind !== "files" || this.#due !== unknown) return true;
    const { mtimeMs } = await this.#shelf.files.stat(this.#place.names[0]!);
    const limits = this.#limits;
    this.#setDue(mtimeMs + limits.ageMs, limits);
    // A time in the future means that the clocks differ.
    return mtimeMs > now || now > this.#due;
  }

  /** Waits for what is under way, states in the file that the log ends there, and forgets what was in memory. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      const contents = this.#openedContents();
      if (contents === undefined) return;
      if (contents.continuity === "written") await this.#writeClosed(contents);
      this.#place = { kind: "files", names: contents.segments.map((segment) => segment.name) };
    });
  }

  get #limits(): Retention {
    return this.#shelf.retention(this.channel);
  }

  /** Unix ms: after this something of it may be too old. Once the limits have changed, that has to be looked up. */
  get #due(): number {
    const { at, limits } = this.#lastDue;
    return areSame(limits, this.#limits) ? at : unknown;
  }

  #setDue(at: number, limits: Retention): void {
    this.#lastDue = { at, limits };
  }

  /** Undefined if the channel does not exist. */
  async #contents(): Promise<Contents | undefined> {
    this.idle = 0;
    if (!this.exists) return undefined;
    const contents = this.#openedContents();
    return contents !== undefined && this.#shelf.now() <= this.#due ? contents : this.#inTurn(() => this.#current());
  }

  #openedContents(): Contents | undefined {
    return this.#place.kind === "opened" ? this.#place.contents : undefined;
  }

  async #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result.catch((error) => this.#fail(error));
  }

  #error(error: unknown): RepriseError {
    return bufferError(`channel ${this.channel}`, error);
  }

  #fail(error: unknown): never {
    throw this.#error(error);
  }

  get #operator() {
    return this.#shelf.operator.child({ channel: this.channel });
  }

  // What follows happens in turns.

  /** Opens the log if it is in its files, and removes what is too old. */
  async #current(): Promise<Contents | undefined> {
    const { files, floor, copiedAt, now } = this.#shelf;
    if (this.#place.kind === "files") {
      const contents = await recover(
        { files, channel: this.channel, operator: this.#operator, now },
        this.#place.names,
      );
      if (contents === undefined) await this.#disappear();
      else {
        const { epoch } = contents.epochs.at(-1)!;
        floor.saw(epoch);
        // However well it was closed: what went on was the other one.
        if (epoch < copiedAt) contents.continuity = "unproven";
        this.#place = { kind: "opened", contents };
        this.#setDue(unknown, noLimits);
      }
    }
    const contents = this.#openedContents();
    if (contents !== undefined && now() > this.#due) await this.#trim(contents);
    return this.#openedContents();
  }

  async #commitAll(): Promise<void> {
    this.#committing = true;
    while (this.#pending.length > 0) {
      await this.#inTurn(() => this.#commit()).catch((error) => {
        for (const append of this.#pending.splice(0)) append.reject(error);
      });
    }
    this.#committing = false;
  }

  async #commit(): Promise<void> {
    const contents = (await this.#current()) ?? this.#create();
    if (this.#failed !== undefined) await this.#takeBack(this.#failed);
    const writing = prepare(this.#shelf, contents, this.#limits, this.#pending);
    const { answers, batches } = writing.group;
    if (batches.length > 0) {
      try {
        await store(this.#shelf, writing, (error) => void this.#syncFailed(contents, error));
      } catch (error) {
        await this.#takeBack(writing).catch(() => undefined);
        for (const { append } of answers) append.reject(this.#error(error));
        return;
      }
      this.#take(contents, writing);
    }
    for (const answer of answers) answer.append.resolve(outcomesOf(this.#shelf.files, contents, answer));
    if (this.opened) await this.#trim(contents).catch((error) => this.#operator.warn({}, this.#error(error).message));
  }

  /** The contents of a channel that begins now. It exists when they are stored. */
  #create(): Contents {
    const now = this.#shelf.now();
    const epochs = openEpoch([], 1, Math.max(now, this.#shelf.floor.value + 1));
    return { ...blankContents(this.channel, []), epochs, storedAt: now };
  }

  #take(contents: Contents, writing: Writing): void {
    const { epochs } = writing.group.target;
    const changed = epochs === contents.epochs ? undefined : { ...stateOf(contents), epochs };
    take(this.#shelf, contents, writing);
    this.#place = { kind: "opened", contents };
    this.#shelf.floor.saw(contents.epochs.at(-1)!.epoch);
    if (changed !== undefined) this.#tell((watcher) => watcher.changed(changed));
    for (const batch of writing.group.batches) this.#tell((watcher) => watcher.stretch(batch));
  }

  async #takeBack(writing: Writing): Promise<void> {
    this.#failed = writing;
    await takeBack(this.#shelf, writing);
    this.#failed = undefined;
  }

  async #syncFailed(contents: Contents, error: unknown): Promise<void> {
    this.#operator.error({}, `${this.#error(error).message}; what was stored since the last sync may be lost`);
    await this.#inTurn(async () => {
      // The system may have dropped what it could not write, and does not say so twice: the file is left alone.
      contents.continuity = "unproven";
      contents.damaged = true;
    });
  }

  async #writeClosed(contents: Contents): Promise<void> {
    try {
      if (this.#failed !== undefined) await this.#takeBack(this.#failed);
      await writeClosed(this.#shelf, contents);
    } catch (error) {
      this.#operator.warn({}, `${this.#error(error).message}; its next append opens a new epoch`);
    }
  }

  async #trim(contents: Contents): Promise<void> {
    const { files, now } = this.#shelf;
    const time = now();
    const limits = this.#limits;
    const due = await trim(files, contents, limits, time, (name) =>
      // It stays the log's oldest segment for whoever opens the log next.
      this.#remove(name).catch((error) => this.#operator.warn({}, this.#error(error).message)),
    );
    this.#setDue(due, limits);
    if (time > due) await this.#disappear(contents);
  }

  async #disappear(contents?: Contents): Promise<void> {
    const { floor } = this.#shelf;
    // A full disk must not keep from being emptied.
    await floor.keep().catch((error) => this.#operator.warn({}, this.#error(error).message));
    const segments = contents?.segments ?? [];
    for (; segments.length > 0; segments.shift()) await this.#remove(segments[0]!.name);
    this.#place = { kind: "absent" };
    this.#tell((watcher) => watcher.changed(undefined));
  }

  async #remove(name: string): Promise<void> {
    this.#shelf.durability.forget(name);
    await this.#shelf.files.unlink(name).catch((error) => {
      if (!isMissing(error)) throw error;
    });
  }

  #tell(tell: (watcher: Watcher) => void): void {
    for (const watcher of this.#watchers) {
      try {
        tell(watcher);
      } catch (error) {
        // Its own fault must neither fail an append nor keep it from the others.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

const areSame = (a: Retention, b: Retention): boolean =>
  a === b || (a.messages === b.messages && a.bytes === b.bytes && a.ageMs === b.ageMs);
