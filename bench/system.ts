// What a scenario knows of a broker, whichever it is. Scenarios are written once over this; systems/ has an
// implementation for each broker. `start` runs in the process of the benchmark, `open` in the client processes.

export interface System {
  /** As in the JSON and on the command line. */
  readonly name: string;
  readonly title: string;
  /** What an acknowledged message is, in a few words. */
  readonly durability: string;
  start(place: Place): Promise<Servers>;
  /** One connection of its own, as users of the system open it. */
  open(address: string): Promise<Session>;
}

export interface Place {
  /** Empty; removed afterwards. */
  folder: string;
  channels: readonly string[];
  /** Bytes of every message. */
  size: number;
  /** True: nothing that is published may be forgotten. False: the system's own retention as it is delivered. */
  keepAll: boolean;
}

export interface Servers {
  /** For `open`. */
  address: string;
  /** All processes that the system consists of. */
  processes: readonly ServerProcess[];
  /** Of the server programs. */
  version: string;
  /** How often the log was read from the store since the start, for systems that can tell. */
  storeReads?(): Promise<number>;
  stop(): Promise<void>;
}

export interface ServerProcess {
  /** `broker`, or the store behind it. */
  role: "broker" | "store";
  pid: number;
}

export interface Session {
  /** What is ready to be published in one turn of the publisher. Resolves when the system acknowledged all of it. */
  publish(channel: string, messages: readonly Buffer[]): Promise<unknown>;
  /** Resolves when the start is fixed: everything from it on will be received. */
  subscribe(channels: readonly string[], from: From, receive: (data: Uint8Array) => void): Promise<void>;
  close(): Promise<void>;
}

/** A number: that message of the channel, the first one being 1. */
export type From = "new" | "earliest" | number;

/** Thrown by `subscribe` and `publish` where a system has no such thing. */
export class NotOffered extends Error {
  override readonly name = "NotOffered";
}
