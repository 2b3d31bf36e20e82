// The state of a bus: a tagged union, changed in one place, readable at any time and told to listeners.
import type { AckLevel } from "../wire/ack-level.js";
import type { RepriseError } from "../wire/errors.js";

export type State =
  /** A try is under way. */
  | { kind: "connecting"; address: string }
  /**
   * `ackLevel`: what the node's acknowledgements mean. `bufferAway`: the node cannot reach its buffer; nothing new arrives
   * and publishes wait, until it can and everything follows.
   */
  | { kind: "connected"; address: string; node: string; session: string; ackLevel: AckLevel; bufferAway: boolean }
  /** Between two tries; the next one begins `nextTryMs` after this state was entered. */
  | { kind: "reconnecting"; attempt: number; reason: RepriseError; nextTryMs: number }
  /** The node is about to stop: what is in flight is still answered, then the bus goes elsewhere. */
  | { kind: "draining"; address: string; retryAfterMs: number }
  | { kind: "closed" }
  /** Given up; everything that waits was rejected with this error. */
  | { kind: "failed"; error: RepriseError };

export interface StateCell {
  readonly current: State;
  /** `closed` and `failed` are final: what is set after them is ignored. */
  set(state: State): void;
  /** Returns what removes the listener. A listener must not throw. */
  listen(listener: (state: State) => void): () => void;
}

export const isFinal = (state: State): boolean => state.kind === "closed" || state.kind === "failed";

export function createState(initial: State): StateCell {
  let current = initial;
  const listeners = new Set<(state: State) => void>();
  return {
    get current() {
      return current;
    },
    set(state) {
      if (isFinal(current)) return;
      current = state;
      for (const listener of [...listeners]) listener(state);
      if (isFinal(state)) listeners.clear();
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Of a reader that does not read: what is older is dropped. */
const maxUnread = 1_000;

/** Yields the present state and every one that follows, to the final one. */
export async function* statesOf(cell: StateCell): AsyncGenerator<State, undefined> {
  let unread: State[] = [cell.current];
  let wake = () => {};
  const ignore = cell.listen((state) => {
    unread.push(state);
    if (unread.length > maxUnread) unread.shift();
    wake();
  });
  try {
    for (;;) {
      const states = unread;
      unread = [];
      for (const state of states) {
        yield state;
        if (isFinal(state)) return;
      }
      if (unread.length > 0) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    ignore();
  }
}
