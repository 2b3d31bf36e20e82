// Which servers are masters now, and which of them serves a key: one that never changes, the one that the sentinels
// name, or those of a Cluster, each with some of the 16,384 slots.
import slotOf from "cluster-key-slot";
import { type Address, display, type Endpoint } from "./address.js";
import { type Failure, failureOf } from "./failure.js";

export interface Master extends Endpoint {
  /** host:port */
  id: string;
}

export interface Masters {
  /** A Cluster: keys have slots, and topics belong to them. */
  readonly sharded: boolean;
  /** In a fixed order for a given set. Empty: not known yet. */
  readonly all: readonly Master[];
  /** Names what serves what: the same text, the same assignment. */
  readonly assignment: string;
  /** The slots of one, as text. */
  slotsOf(master: Master): string;
  /** Without a key any of them. Undefined: nobody serves it as far as is known. */
  of(key?: string): Master | undefined;
  /**
   * Looks again. Never rejects: what is known stays known if nobody answers. Who calls while a look is under way, or
   * shortly after, shares it.
   */
  look(): Promise<void>;
  /** The same, and the answer is not older than this call. */
  lookAnew(): Promise<void>;
  /**
   * Whether a server that we have been connected to since then may be taken for the master. Not before the sentinels were
   * asked: one that died and has come back takes itself for the master, with a log that may have been given up.
   */
  trusted(since: number): boolean;
  /** Why the last look was in vain. */
  readonly failure: Failure | undefined;
  onChange(tell: () => void): void;
  close(): void;
}

/** The masters, each with its first and last slots. */
export interface Assignment {
  master: Endpoint;
  slots: readonly (readonly [number, number])[];
}

/** Asks who the masters are; rejects if nobody knows. */
export interface Directory {
  ask(): Promise<Assignment[]>;
  /** Calls `tell` when the answer has probably changed. */
  onHint?(tell: () => void): void;
  close(): void;
}

const slotCount = 16_384;
const wholeRange = [0, slotCount - 1] as const;
/** Between two looks. */
const lookMs = 100;

export const textOf = (slots: Assignment["slots"]): string => slots.map((range) => range.join("-")).join(" ");

export const allSlots = (master: Endpoint): Assignment => ({ master, slots: [wholeRange] });

/** @param directory undefined for one server, which is the only master always */
export function createMasters({ form, endpoints, where }: Address, directory: Directory | undefined): Masters {
  let all: Master[] = [];
  let slotsOf = new Map<string, string>();
  let assignment = "";
  let failure: Failure | undefined;
  let looking: Promise<void> | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  /** When the last look that has ended had begun. */
  let askedAt = Number.NEGATIVE_INFINITY;
  const slots: (Master | undefined)[] = new Array(slotCount);
  const listeners = new Set<() => void>();

  function adopt(assignments: readonly Assignment[]): void {
    const sorted = assignments.map(({ master, slots }) => ({ master: { ...master, id: display(master) }, slots }));
    sorted.sort((a, b) => (a.master.id < b.master.id ? -1 : 1));
    const texts = sorted.map(({ master, slots }) => [master.id, textOf(slots)] as const);
    const text = texts.join("\n");
    if (text === assignment) return;
    slotsOf = new Map(texts);
    assignment = text;
    all = sorted.map(({ master }) => all.find(({ id }) => id === master.id) ?? master);
    slots.fill(undefined);
    for (const [i, { slots: ranges }] of sorted.entries()) {
      for (const [from, to] of ranges) slots.fill(all[i], from, to + 1);
    }
    for (const tell of [...listeners]) tell();
  }

  async function ask(directory: Directory): Promise<void> {
    const begun = performance.now();
    try {
      adopt(await directory.ask());
      failure = undefined;
    } catch (thrown) {
      failure = failureOf(thrown, where);
    }
    lookedAt = performance.now();
    askedAt = begun;
    looking = undefined;
  }

  async function look(): Promise<void> {
    if (!directory || performance.now() < lookedAt + lookMs) return;
    looking ??= ask(directory);
    await looking;
  }
  async function lookAnew(): Promise<void> {
    // The one under way may have asked too early.
    await looking;
    lookedAt = Number.NEGATIVE_INFINITY;
    await look();
  }

  if (!directory) adopt(endpoints.map(allSlots));
  directory?.onHint?.(() => void lookAnew());
  const sharded = form === "cluster";
  return {
    sharded,
    get all() {
      return all;
    },
    get assignment() {
      return assignment;
    },
    get failure() {
      return failure;
    },
    of: (key) => (key === undefined ? all[Math.floor(Math.random() * all.length)] : slots[sharded ? slotOf(key) : 0]),
    slotsOf: ({ id }) => slotsOf.get(id) ?? "",
    look,
    lookAnew,
    trusted: (since) => form !== "sentinel" || askedAt >= since,
    onChange: (tell) => void listeners.add(tell),
    close: () => directory?.close(),
  };
}

/** The first of the keys that the master serves. */
export function keyAt(masters: Masters, master: Master, key: (i: number) => string): string {
  for (let i = 0; ; i++) {
    // It may just have lost its last slot: then any key will do, and whoever uses it is sent on.
    if (masters.of(key(i)) === master || i === 100_000) return key(i);
  }
}
