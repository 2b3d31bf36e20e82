// What a run leaves behind, for one system: what was published, what each subscriber saw and was told, and the faults. The
// count (count.ts) knows nothing else. Times are ms of one clock, and lines stand in their order.

export interface History {
  publisher: readonly PublisherLine[];
  /** By their index. */
  subscribers: readonly (readonly SubscriberLine[])[];
  faults: readonly FaultLine[];
}

/** Messages are numbered 1, 2, 3, …, and sent in this order; `from` to `to` are consecutive. */
export type PublisherLine =
  | { t: number; kind: "sent"; from: number; to: number }
  | { t: number; kind: "acked"; from: number; to: number };

export type SubscriberLine =
  | { t: number; kind: "got"; from: number; to: number }
  /** There was a disconnection, and the client says no more than that it goes on. */
  | { t: number; kind: "reconnected" }
  /** There was a disconnection, and the client says that nothing was missed by it. */
  | { t: number; kind: "recovered" }
  /**
   * The client says that messages are missing in this place: so many at most, or it does not know how many. `reconnected`:
   * this is what it says of a disconnection.
   */
  | { t: number; kind: "gap"; count?: number; reconnected: boolean };

export interface FaultLine {
  kind: string;
  /** When it began, and when it was undone. */
  since: number;
  until: number;
  /** The subscribers whose connections it hit. */
  hit: readonly number[];
}
