// Where a subscriber that stores its positions has been, and so with which of them the next life of it may go on: any that
// it was given since the one that must have been stored long before it was killed.
import type { SubscriberLine } from "./history.js";
import type { Violation } from "./verdict.js";

type From = Extract<SubscriberLine, { kind: "start" }>["from"];

interface Position {
  epoch: number;
  offset: number;
}

/** Positions one after the other. */
interface Steps {
  epoch: number;
  from: number;
  to: number;
}

export interface Trail {
  /** @param doneAt when they were processed, by the life's clock, which shows `now` */
  add(steps: Steps, now: number, doneAt: number): void;
  /** The life is over: what was not stored by then may never have been. */
  end(now: number): void;
  /** A life begins, which is told where when that is stored. Returns what is wrong with going on there. */
  begin(from: From, position: Position): Violation | undefined;
}

/** Positions are stored every second; the disk, and the machine, may have much else to do. */
const storedMs = 10_000;

export function createTrail(): Trail {
  let stored: Position | undefined;
  let recent: (Steps & { doneAt: number })[] = [];

  function settle(now: number): void {
    while (recent[0] !== undefined && recent[0].doneAt <= now - storedMs) {
      const { epoch, to } = recent.shift()!;
      stored = { epoch, offset: to };
    }
  }

  function wrongWith(from: From, { epoch, offset }: Position): Violation | undefined {
    if (from !== "stored") {
      if (stored === undefined) return undefined;
      return from === "new" ? "lost-seam" : "forgotten";
    }
    const last = recent.at(-1) ?? (stored && { ...stored, to: stored.offset });
    // Killed before it was told where it begins.
    if (last === undefined) return undefined;
    if (stored?.epoch === epoch && stored.offset === offset) return undefined;
    if (recent.some((steps) => steps.epoch === epoch && steps.from <= offset && offset <= steps.to)) return undefined;
    return epoch > last.epoch || (epoch === last.epoch && offset > last.to) ? "lost-seam" : "forgotten";
  }

  return {
    add(steps, now, doneAt) {
      settle(now);
      recent.push({ ...steps, doneAt });
    },
    end(now) {
      settle(now);
      for (const steps of recent) steps.doneAt = Number.POSITIVE_INFINITY;
    },
    begin(from, position) {
      const wrong = wrongWith(from, position);
      stored = position;
      recent = [];
      return wrong;
    },
  };
}

export interface Awake {
  /** It wrote a line at this time. */
  line(t: number): void;
  /** How long it has run by its last line. */
  readonly ms: number;
}

/** What a process that stands still counts at most, between two lines. */
const mostMs = 1_000;

/** The clock of a life: it stands still while the process does. */
export function createAwake(): Awake {
  let last: number | undefined;
  let ms = 0;
  return {
    line(t) {
      ms += Math.min(mostMs, Math.max(0, t - (last ?? t)));
      last = t;
    },
    get ms() {
      return ms;
    },
  };
}
