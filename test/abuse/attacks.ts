// All attacks, by name.
import type { Attack } from "./attack.js";
import * as floods from "./floods.js";
import * as hoards from "./hoards.js";
import * as rules from "./rules.js";

export const attacks: Readonly<Record<string, Attack>> = { ...floods, ...hoards, ...rules };
