// Values of a configuration that cannot be used, and what is said of them.
import { InvalidArgumentError } from "commander";
import type { Tree } from "./yaml-tree.js";

/** What parsers that are loaded late have to say of a value: they throw what is allowed. By key. */
export type Checks = Readonly<Record<string, (...texts: string[]) => unknown>>;

/** @param item what a parser did not take. For what may hold a secret there is no parser that would have it repeated */
export function sayBad(item: Tree, thrown: unknown): string {
  const { message } = thrown as Error;
  if (!(thrown instanceof InvalidArgumentError) || item.kind !== "text") return message;
  return `${JSON.stringify(item.text.slice(0, 60))} cannot be used. ${message}`;
}
