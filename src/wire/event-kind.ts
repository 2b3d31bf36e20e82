// The kinds of events that a node remembers: `Event.Kind` in admin.proto, in words.

export type NodeEventKind =
  | "unknown"
  | "opened"
  | "closed"
  | "subscribed"
  | "unsubscribed"
  | "gap"
  | "refused"
  | "moved"
  | "turnedAway"
  | "changed"
  | "admin"
  | "progress"
  | "head"
  | "stored";

/** By their numbers there. */
export const eventKinds: readonly NodeEventKind[] = [
  "unknown",
  "opened",
  "closed",
  "subscribed",
  "unsubscribed",
  "gap",
  "refused",
  "moved",
  "turnedAway",
  "changed",
  "admin",
  "progress",
  "head",
  "stored",
];
