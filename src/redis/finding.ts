// What was found about something that a node depends on: for its operator, who is to do something about it unless it is `ok`.
//
//   fail   a node would not start with it, would not work, or would lose what nobody has reason to expect to be lost
//   warn   it works, and will not always

export interface Finding {
  level: "ok" | "warn" | "fail";
  /** What it is about, in a few words: `redis 10.0.0.1:6379 appendonly`. */
  subject: string;
  /** How it is; and, unless it is well, what to do. Holds no secret. */
  sentence: string;
}

/** Findings about one thing. */
export interface Notes {
  readonly found: readonly Finding[];
  ok(about: string, sentence: string): void;
  warn(about: string, sentence: string): void;
  fail(about: string, sentence: string): void;
  /** `level` if it is so, otherwise ok. */
  unless(isWell: boolean, level: "warn" | "fail", about: string, well: string, ill: string): void;
}

export function takeNotes(thing: string): Notes {
  const found: Finding[] = [];
  const add = (level: Finding["level"]) => (about: string, sentence: string) =>
    void found.push({ level, subject: [thing, about].filter((word) => word !== "").join(" "), sentence });
  const notes: Notes = {
    found,
    ok: add("ok"),
    warn: add("warn"),
    fail: add("fail"),
    unless: (isWell, level, about, well, ill) => (isWell ? notes.ok : notes[level])(about, isWell ? well : ill),
  };
  return notes;
}
