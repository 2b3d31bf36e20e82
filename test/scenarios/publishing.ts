// A publisher of a flow in one channel: its messages are numbered in their texts.
import type { Bus, Loss, PublishResult } from "../../src/client/index.js";
import { assert } from "../harness.js";
import type { Stored } from "./flow.js";

export interface Publishing {
  name: string;
  channel: string;
  bus: Bus;
  /** By number: 1, 2, 3, … at 0, 1, 2, … */
  results: PublishResult[];
  sent: number;
  acked: number;
  losses: Loss[];
}

export const textOf = (name: string, number: number): string => `${name} ${number}`;

/**
 * What was acknowledged is stored, once and in order, or was announced to be lost; and what was announced is lost, unless
 * the store could only say that it knows nothing (`reset`).
 * Returns how many acknowledged messages are.
 */
export function checkPublishing({ name, results, losses }: Publishing, log: readonly Stored[]): number {
  const numbers = numbersInOrder(name, log);
  /** Offsets at which something was acknowledged and is no more. */
  const lost: number[] = [];
  // A channel remembers a limited number of epochs: what is from before them counts as of the oldest.
  const oldestEpoch = log[0]?.epoch ?? 0;
  for (const [index, { position, duplicate }] of results.entries()) {
    // Stored by an earlier try, and the store no longer knows where.
    if (duplicate && position.offset === 0 && numbers.has(index + 1)) continue;
    const text = textOf(name, index + 1);
    const stored = log[position.offset - 1];
    if (stored?.text === text && stored.epoch === Math.max(position.epoch, oldestEpoch)) continue;
    const where = `${text}, acknowledged at ${position.epoch}:${position.offset}, where ${stored?.epoch}:${stored?.text} is`;
    const announced = losses.some(
      ({ reason, from, to }) => reason === "reset" || (from <= position.offset && position.offset <= to),
    );
    assert.ok(announced, where);
    lost.push(position.offset);
  }
  for (const { reason, from, to } of losses) {
    if (reason === "reset") continue;
    const told = `${name} was told of a loss: ${from} to ${to}`;
    assert.ok(lost.includes(to), `${told}, but its message at ${to} is there`);
    // Behind the beginning of the loss the log goes on with a later epoch; before it nothing is lost.
    assert.ok(from === 1 || log[from - 2]!.epoch < log[from - 1]!.epoch, `${told}, but no epoch began at ${from}`);
  }
  return lost.length;
}

/** The numbers of a publisher's messages in the log. */
function numbersInOrder(name: string, log: readonly Stored[]): Set<number> {
  let before = 0;
  const numbers = new Set<number>();
  for (const { text } of log) {
    const [publisher, number] = text.split(" ");
    if (publisher !== name) continue;
    assert.ok(Number(number) > before, `${text} is stored after ${before}`);
    before = Number(number);
    numbers.add(before);
  }
  return numbers;
}
