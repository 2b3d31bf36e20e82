// Public entry: who peers are and what they may do.
export type { Credentials, Guard, Identity, Operation, Rights } from "./guard.js";
export { type Inspected, inspectToken } from "./inspect.js";
export type { JwtOptions } from "./jwt.js";
export { type GuardOptions, type OpenGuard, openGuard } from "./open.js";
export type { Permission } from "./permissions.js";
export { parseOperations } from "./rules.js";
export { createToken } from "./static-token.js";
