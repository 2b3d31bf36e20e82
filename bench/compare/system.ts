// What the comparison knows of a system, whichever it is; systems/ has an implementation for each. `start` runs in the
// process of the comparison, `follow` and `publish` each in a process of its own.

export interface System {
  /** As in the JSON and on the command line. */
  readonly name: string;
  readonly title: string;
  /** What runs, what was set that is not the default, and what an acknowledgement says. */
  readonly settings: string;
  start(folder: string): Promise<Servers>;
  /**
   * One subscriber, on one connection at a time, that goes on after disconnections as users of the system have it.
   * Resolves when it will get everything that is published from now on.
   */
  follow(address: string, listener: Listener): Promise<void>;
  /** Resolves when connected. The function resolves when the message is acknowledged. */
  publish(address: string): Promise<(data: Buffer) => Promise<unknown>>;
}

export interface Servers {
  version: string;
  /** Any of which a client may connect to. */
  nodes: readonly Node[];
  stop(): Promise<void>;
}

export interface Node {
  port: number;
  /** SIGKILL; waits for the exit. */
  kill(): Promise<void>;
  /** Again, on the same port with the same files; resolves when it listens. */
  start(): Promise<void>;
}

/** What a client gives and tells its user; as in history.ts. */
export interface Listener {
  message(data: Uint8Array): void;
  reconnected(): void;
  recovered(): void;
  gap(options: { count?: number; reconnected: boolean }): void;
}
