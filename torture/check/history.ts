// What a run leaves behind, and all that the checker knows: a folder of logs, one for each process (and each life of it),
// of one JSON object a line. A process writes down what it is about to do before it does it, and what it saw before it
// goes on; a line that a kill tore off can only be the last of its log.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** Every line: when, in Unix ms. All processes are on one machine, so times of different logs can be compared. */
interface At {
  t: number;
}

/** What the harness itself did: `harness.jsonl`. */
export type HarnessLine = At &
  /** `level`: what acknowledgements mean, unless a publisher was told otherwise. `command` begins it once more. */
  (
    | { kind: "run"; seed: number; minutes: number; level: string; command?: string }
    /** Acknowledged messages a second that publishers without any pause reached, and how many they are held at. */
    | { kind: "load"; reached: number; held: number }
    /**
     * It was started: a node, a Redis, or a life of a player, which is to read these channels to the end, and, as a
     * `member`, to enter and to say in the end who else is there.
     */
    | {
        kind: "cast";
        who: string;
        part: "node" | "redis" | "publisher" | "subscriber";
        channels?: string[];
        member?: boolean;
      }
    /** A node ended, and nobody had asked for that. */
    | { kind: "exit"; process: string; how: string }
    /** The channel keeps at least this many messages. Without such a line it keeps all. */
    | { kind: "retention"; channel: string; messages: number }
    /** For the timeline; it justifies nothing. Written when it is over. `target`: what it hit, or `nobody`. */
    | { kind: "fault"; fault: string; target: string; since: number }
    | Loss
    /** A process of the workload was ended by the harness: its log may stop anywhere. `returns`: another life follows. */
    | { kind: "killed"; who: string; returns?: boolean }
    | Sample
    /** In Redis, at the end. */
    | { kind: "keys"; channels: number; count: number }
  );

/** The target of a fault that found nothing to hit. */
export const nobody = "nobody";

/**
 * Between `since` and `until` the store may have lost what it stored after `since - withinMs` (null: anything), but
 * nothing that was acknowledged at one of the levels `spares`; in these channels only, or in any.
 */
export interface Loss {
  kind: "loss";
  since: number;
  until: number;
  withinMs: number | null;
  spares: string[];
  channels?: string[];
  /** Of these channels only, and only what stood at this offset or behind it: that was seen to be taken. */
  cut?: Record<string, number>;
}

/**
 * What a process holds: bytes after a collection of garbage and open files; of a Redis, bytes of data, connections of
 * clients, and keys. `idle`: in the end, when all was quiet. `rss`: what is resident; `pid` tells lives of a node apart.
 */
export interface Sample {
  kind: "sample";
  process: string;
  phase: "begin" | "during" | "idle";
  memory: number;
  files: number;
  keys?: number;
  rss?: number;
  pid?: number;
}

/**
 * Of a publisher: `publisher-*.jsonl`. A message is named by its publisher, which is the name of the log, and `n`: 1, 2,
 * 3, … in the order of the calls, over all channels.
 */
export type PublisherLine = At &
  /**
   * It is without the client library: nobody tells it of losses. `resends`: what is not answered is sent again until it
   * is; otherwise it fails, and may still be stored, behind what is sent after it.
   */
  (
    | { kind: "outside"; resends: boolean }
    | { kind: "send"; channel: string; n: number; hash: string }
    /** `offset` 0: stored by an earlier try, nobody knows where. */
    | { kind: "ack"; channel: string; n: number; epoch: number; offset: number }
    /** It may be stored. */
    | { kind: "fail"; channel: string; n: number; code: string }
    /** Acknowledged messages are lost, it was told. */
    | { kind: "lost"; channel: string; reason: "diverged" | "reset"; from: number; to: number }
    /** From now on it is connected to this node, whose acknowledgements mean `level`. */
    | { kind: "node"; node: string; level: string }
    | { kind: "end" }
  );

/** `name` of a message: its publisher's log, a dash, `n`; "" if this subscriber could not tell. */
export type Told = [name: string, hash: string];

/** Of a subscriber: `subscriber-*.jsonl`. */
export type SubscriberLine = At &
  /** Of which subscriber, killed before, this one goes on with the positions. `slowMs`: what it takes for a message. */
  (
    | { kind: "begin"; continues?: string; slowMs?: number }
    /**
     * Everything after the position is promised; `offset` -1: it was not told where. `stored`: the position is what a
     * subscriber before had stored. `earliest`: begins with all that is retained.
     */
    | { kind: "start"; channel: string; epoch: number; offset: number; from: "new" | "earliest" | "stored" }
    /** Consecutive messages. */
    | { kind: "got"; channel: string; epoch: number; first: number; messages: Told[] }
    | { kind: "gap"; channel: string; reason: string; from: number; to: number; epoch: number; offset: number }
    /** From now on it is connected to this node. */
    | { kind: "node"; node: string }
    | { kind: "enter"; channel: string; member: string }
    /** When all was quiet: who else is a member, as far as it was told. */
    | { kind: "members"; channel: string; members: string[] }
    | Sample
    /**
     * It reads no more. `complete`: because all was quiet for long; else anywhere. `rolled`: the rolling hash of the
     * messages `from` to `to` of the epoch, as the subscriber itself added it up.
     */
    | { kind: "stop"; channel: string; complete: boolean; rolled?: Rolled }
    | { kind: "end" }
  );

export interface Rolled {
  epoch: number;
  from: number;
  to: number;
  value: number;
}

/** Moves the rolling hash by one message. All subscribers have the same one over the same messages of an epoch. */
export const roll = (value: number, hash: string): number =>
  (Math.imul(value, 0x01000193) ^ Number.parseInt(hash.slice(0, 8), 16)) >>> 0;

/** Hashes are 12 hexadecimal digits, so that a number holds one. */
export const hashDigits = 12;

/** The lines of a log. What cannot be read is told to `torn`, with whether anything follows it. */
export async function* readLog<Line>(path: string, torn: (isLast: boolean) => void): AsyncGenerator<Line> {
  let unreadable = false;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (unreadable) {
      torn(false);
      unreadable = false;
    }
    try {
      yield JSON.parse(text) as Line;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      unreadable = true;
    }
  }
  if (unreadable) torn(true);
}
