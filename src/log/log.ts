// The log: what a process says of itself while it runs, a line at a time, for whoever operates it. A logger of pino is one.
// Messages are the same for all lines of a kind; what varies is in the fields: `session` and `peer` where it is about a
// session, `channel` where it is about one. No line holds a message of a peer, a token, or a password.

/** debug: each session; info: what an operator expects; warn: what may need somebody; error: what does. */
export type LogLevel = "debug" | "info" | "warn" | "error";

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** The same log, with these fields on each line. */
  child(fields: LogFields): Log;
}

/** Takes a line. */
export type WriteLine = (level: LogLevel, fields: LogFields, message: string) => void;

export function createLog(write: WriteLine, own: LogFields = {}): Log {
  const at = (level: LogLevel) => (fields: LogFields, message: string) => write(level, { ...own, ...fields }, message);
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => createLog(write, { ...own, ...fields }),
  };
}

/** Nobody reads it. */
export const noLog: Log = createLog(() => {});
