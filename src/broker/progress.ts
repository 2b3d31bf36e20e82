// How far subscriptions and logs have come, looked up once a second for the recorder: those that have moved since they were
// looked at last. A bound on what one round may record makes sure that the ring reaches back for a minute at least; where
// more move than that, they have their turns, and each is known less exactly.
import type { Broker } from "./broker.js";
import type { ChannelLog } from "./channel-log.js";
import type { Cursor } from "./cursor.js";
import type { Session } from "./session.js";

const everyMs = 1_000;
const mostCursors = 800;
const mostLogs = 200;
/** Looked at in a round, moved or not: about a millisecond. */
const mostLooks = 20_000;

/** Returns what ends it. */
export function startProgress(broker: Broker): () => void {
  const { recorder } = broker;
  const cursors = turns(
    () => cursorsOf(broker.sessions),
    mostCursors,
    ({ session, cursor }) => {
      if (cursor.next === cursor.seen) return false;
      cursor.seen = cursor.next;
      recorder.recordProgress(progressOf(session, cursor));
      return true;
    },
  );
  const logs = turns(
    () => broker.logs(),
    mostLogs,
    (log) => {
      if (log.passed === log.seen) return false;
      log.seen = log.passed;
      recorder.recordProgress(headOf(log));
      return true;
    },
  );
  const timer = setInterval(() => {
    cursors();
    logs();
  }, everyMs);
  return () => clearInterval(timer);
}

export function* cursorsOf(sessions: Iterable<Session>): Generator<{ session: Session; cursor: Cursor }> {
  for (const session of sessions) {
    for (const cursor of session.subscriptions.cursors()) yield { session, cursor };
  }
}

export const progressOf = (session: Session, { log, epoch, next }: Cursor) =>
  ({ kind: "progress", who: session.who, channel: log.channel, epoch, offset: next - 1, to: log.passed - 1 }) as const;

const headOf = ({ channel, head }: ChannelLog) =>
  ({ kind: "head", channel, epoch: head.epoch, offset: head.offset }) as const;

/** A round goes on where the last one stopped. What comes and goes meanwhile may be passed over, or be looked at twice. */
function turns<Thing>(all: () => Iterable<Thing>, most: number, look: (thing: Thing) => boolean): () => void {
  let iterator: Iterator<Thing> | undefined;
  return () => {
    iterator ??= all()[Symbol.iterator]();
    for (let looks = 0, found = 0; looks < mostLooks && found < most; looks++) {
      const next = iterator.next();
      if (next.done) {
        iterator = undefined;
        return;
      }
      if (look(next.value)) found++;
    }
  };
}
