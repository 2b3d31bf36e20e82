// Brings one watcher what is appended to a channel, in order and each once, from three sources of which none serves
// alone: live batches (fast; may be lost, repeated, late), head comparisons (once a second; may be older than live
// batches that came meanwhile) and the log (the truth, but it has to be asked).
//
// Following, a live batch that begins where the last one ended is passed on, one from before is dropped. Whatever else
// shows that the watcher is not at the head makes it catch up: read the log from its place until it is there. Live
// batches that arrive during a read are held; those from before it are not needed, since the store had stored them
// when it executed the read. So memory is bounded by what arrives during one read, and by `heldBytes`.
//
// Nothing here knows Redis or a clock.
import { cutBatch } from "../../wire/batch.js";
import { MiB } from "../../wire/limits.js";
import { currentEpoch, epochAt, resume } from "../../wire/position.js";
import type { ChannelState, StoredBatch, Stretch, Watcher } from "../buffer.js";
import { compareHeads, type Head, noHead } from "./head.js";
import type { HeadedPage } from "./page.js";

/** The log of the channel. A method answers undefined if it cannot be asked now. */
export interface LogSource {
  state(): Promise<{ state: ChannelState | undefined } | undefined>;
  read(from: number): Promise<HeadedPage | undefined>;
}

/** Where a watcher was at some time. */
export interface Mark {
  head: Head;
  /** How often the log had turned out not to continue until then. */
  turn: number;
}

export interface Sequencer {
  /** Begins at the end of `state`, which the log had after the first live batch that this sequencer was not given. */
  begin(state: ChannelState | undefined): void;
  live(batch: StoredBatch): void;
  /** To be taken when a comparison is sent, and given to `compare` with its result. */
  mark(): Mark;
  compare(sent: Mark, head: Head): void;
  /** The beginning of the log was trimmed: tells the watcher, if it has got beyond that. Otherwise reading shows it. */
  trimmed(): Promise<void>;
  close(): void;
}

const heldBytes = 4 * MiB;

export function createSequencer(source: LogSource, watcher: Watcher): Sequencer {
  let at: Head = noHead;
  let turn = 0;
  /** `reading`: live batches are held, and somebody is under way who will look at them. */
  let mode: "reading" | "following" | "closed" = "reading";
  let held: StoredBatch[] = [];
  let size = 0;
  const closed = () => mode === "closed";

  function dropHeld(): void {
    held = [];
    size = 0;
  }

  function hold(batch: StoredBatch): void {
    const last = held.at(-1);
    if (last && compareHeads(startOf(batch), startOf(last)) <= 0) return;
    const continues = last === undefined || compareHeads(startOf(batch), endOf(last)) === 0;
    if (!continues || size > heldBytes) dropHeld();
    held.push(batch);
    size += batch.messages.length;
  }

  /** Passes on what is new in the stretch, which must not begin beyond the watcher's place. */
  function pass(stretch: Stretch): void {
    const next = at.next;
    const end = "reason" in stretch ? stretch.to + 1 : stretch.first + stretch.count;
    if (closed() || end <= next) return;
    at = { epoch: at.epoch, next: end };
    if ("reason" in stretch) watcher.stretch({ ...stretch, from: Math.max(stretch.from, next) });
    else watcher.stretch(cutBatch(stretch, next));
  }

  /** Passes on what was held, as far as it continues; false if something lies beyond. */
  function passHeld(): boolean {
    const batches = held;
    dropHeld();
    for (const batch of batches) {
      if (compareHeads(startOf(batch), at) > 0) return false;
      if (batch.epoch === at.epoch) pass(batch);
    }
    return true;
  }

  /**
   * Moves to where a log that does not simply go on is to be read from, and says so.
   * @param seen what showed that; the log may have grown since
   */
  function adopt(state: ChannelState | undefined, seen: Head): void {
    const before = at;
    if (state === undefined) {
      at = noHead;
      turn++;
      if (before.epoch !== 0) watcher.changed(undefined);
      return;
    }
    const epoch = currentEpoch(state);
    if (before.epoch === 0 && state.first > 1) {
      at = { epoch, next: state.first };
      turn++;
      watcher.changed(state);
      return;
    }
    if (before.epoch === 0) {
      // If it has opened another epoch since, the next read shows that.
      at = { epoch: epochAt(state, before.next), next: before.next };
      return;
    }
    const next = epoch === seen.epoch ? Math.min(state.next, seen.next) : state.next;
    if (epoch === before.epoch && next >= before.next) return;
    const then = { ...state, next };
    at = { epoch, next: resume({ epoch: before.epoch, offset: before.next - 1 }, then).cursor.next };
    turn++;
    watcher.changed(then);
  }

  /** @param back a head that the watcher's place is not before */
  async function catchUp(back?: Head): Promise<void> {
    mode = "reading";
    while (!closed()) {
      dropHeld();
      if (back) {
        const answer = await source.state();
        if (!answer || closed()) break;
        adopt(answer.state, back);
        back = undefined;
        continue;
      }
      const page = await source.read(at.next);
      if (!page || closed()) break;
      if (page.head.epoch !== at.epoch || page.head.next < at.next) {
        back = page.head;
        continue;
      }
      for (const stretch of page.stretches) pass(stretch);
      if (at.next >= page.head.next && passHeld()) break;
    }
    // Where the log could not be asked, the next comparison of heads tries again.
    dropHeld();
    if (!closed()) mode = "following";
  }

  return {
    begin(state) {
      at = state ? { epoch: currentEpoch(state), next: state.next } : noHead;
      // By then the caller has told the watcher what it begins with.
      setImmediate(() => {
        if (closed()) return;
        mode = "following";
        if (!passHeld()) void catchUp();
      });
    },
    live(batch) {
      if (mode === "reading") hold(batch);
      if (mode !== "following") return;
      if (compareHeads(startOf(batch), at) > 0) void catchUp();
      else if (batch.epoch === at.epoch && batch.first === at.next) pass(batch);
    },
    mark: () => ({ head: at, turn }),
    compare(sent, head) {
      if (mode !== "following" || sent.turn !== turn) return;
      if (compareHeads(head, sent.head) < 0) void catchUp(head);
      else if (compareHeads(head, at) > 0) void catchUp();
    },
    async trimmed() {
      const answer = await source.state();
      if (closed() || !answer?.state) return;
      const { state } = answer;
      // A log that does not go on is another matter, and shows by its head.
      if (currentEpoch(state) !== at.epoch || at.next < state.first) return;
      watcher.changed({ ...state, next: Math.max(at.next, state.next) });
    },
    close() {
      mode = "closed";
      dropHeld();
    },
  };
}

const startOf = (batch: StoredBatch): Head => ({ epoch: batch.epoch, next: batch.first });

const endOf = (batch: StoredBatch): Head => ({ epoch: batch.epoch, next: batch.first + batch.count });
