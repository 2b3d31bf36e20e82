// What a subscriber was told, checked as it comes: every offset in order and once, as a message or inside a gap.
import type { Gap, GapReason, Position } from "../../src/wire/position.js";

/** Consecutive offsets, inclusive, that came the same way. */
export interface Range {
  from: number;
  to: number;
  how: "message" | GapReason;
}

export class Trail {
  /** Each begins where the one before it ended, except after a gap `diverged` or `reset`, which sets back. */
  readonly ranges: Range[] = [];
  /** The offset expected next; undefined: whatever comes first. */
  next: number | undefined;
  /** Messages. */
  received = 0;
  /** What was wrong first. */
  fault: string | undefined;

  constructor(next?: number) {
    this.next = next;
  }

  messages(from: number, to: number): void {
    this.#take(from, to, "message");
    this.received += to - from + 1;
  }

  gap({ reason, from, to }: Gap, position: Position): void {
    if (reason === "trimmed" || reason === "corrupt") {
      this.#take(from, to, reason);
    } else {
      // It names exactly what was told and is no more: no less, and nothing that was never told.
      const exact = from === position.offset + 1 && to === (this.next ?? to + 1) - 1 && from <= to;
      if (reason === "diverged" && !exact) this.fail(`expected ${this.next}, got diverged ${from} to ${to}`);
      this.ranges.push({ from, to, how: reason });
      this.next = position.offset + 1;
    }
  }

  #take(from: number, to: number, how: Range["how"]): void {
    const expected = this.next ?? from;
    if (from !== expected || to < from) this.fail(`expected ${expected}, got ${how} ${from} to ${to}`);
    this.next = to + 1;
    const last = this.ranges.at(-1);
    if (last?.how === how && last.to === from - 1) last.to = to;
    else this.ranges.push({ from, to, how });
  }

  fail(fault: string): void {
    this.fault ??= fault;
  }

  get gaps(): Range[] {
    return this.ranges.filter((range) => range.how !== "message");
  }
}
