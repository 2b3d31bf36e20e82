// How a fault is done, and undone: when it resolves, all runs again.
import type { Player } from "../cast.js";
import type { Node, Scene } from "../scene.js";

export interface Doing extends Scene {
  node: Node;
  /** ms. */
  lasts: number;
  /** As in `Fault`. */
  target: number;
  /** 0 up to, not including, 1: for what else a deed may choose. */
  lot: number;
  /** Of the publishers or subscribers that it may hit; undefined if there is none. */
  publisher: Player | undefined;
  subscriber: Player | undefined;
}

/** Returns what it hit. */
export type Deed = (doing: Doing) => Promise<string>;

export { nobody } from "../check/history.js";
