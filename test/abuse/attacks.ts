// All attacks, by name, but for those below HTTP/2 (handshakes.ts).
import type { Attack } from "./attack.js";
import * as floods from "./floods.js";
import * as hoards from "./hoards.js";
import * as requests from "./requests.js";
import * as rules from "./rules.js";

export const attacks: Readonly<Record<string, Attack>> = { ...floods, ...hoards, ...requests, ...rules };
