// A node that is one of several in processes which share a listening socket, begin and end together: its number, and
// what it has to ask of them all.
import type { Drained } from "./drain.js";

export interface Worker {
  /** From 1. Its name is that of all, "/" and this. */
  number: number;
  /** Makes all drain, this one too, which is told by `Node.drain`. Resolves when all have. */
  drain(windowMs: number | undefined): Promise<Drained>;
  /** How far all have come, as last heard; undefined: nothing was heard yet. */
  readonly drained: Drained | undefined;
}

/** A drain that was asked for from outside, and how far it has come. */
export type WholeDrain = Pick<Worker, "drain" | "drained">;

/** The name of a node, and which others are of its process. */
export function namesOf(name: string, worker: Worker | undefined) {
  if (worker === undefined) return { node: name };
  const isSibling = (node: string) => node.startsWith(`${name}/`);
  return { node: `${name}/${worker.number}`, isSibling };
}
