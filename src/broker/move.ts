// Moving a session: the one way in which this node sends a peer elsewhere, whatever the reason. The peer is told, nothing
// new is accepted of it, what was accepted is answered, and its subscriptions go on until it leaves or its stream is
// ended (P-6). Other sessions are not touched.
import { RepriseError } from "../wire/errors.js";
import type { Session } from "./session.js";

/** What the peer is told, and how long it may take. */
export interface Notice {
  /** Of other nodes, the best first. */
  addresses: readonly string[];
  /** When it may come back here. */
  retryAfterMs: number;
  /** After this its stream is cut; 0: at once. */
  graceMs: number;
}

/** How it went: by itself or in good order, or because its time was over. */
export type Departure = "left" | "cut";

export interface Move {
  departure: Promise<Departure>;
  /** Its time is over. */
  cut(): void;
}

/** What peers are given. */
export const graceMs = 5_000;

/** A peer that knows the notice leaves by itself within this; of the others the stream is ended then. */
const leaveMs = 1_000;

/** A session is moved once: of a second notice its peer hears nothing. */
export function move(session: Session, node: string, notice: Notice): Move {
  session.moving ??= begin(session, node, notice);
  return session.moving;
}

function begin(session: Session, node: string, { addresses, retryAfterMs, graceMs }: Notice): Move {
  const reason = new RepriseError("draining", `node ${node} sends its peers elsewhere`);
  let departure: Departure = "left";
  const end = () => session.endWhenAnswered(reason);
  const cut = () => {
    if (session.closed) return;
    departure = "cut";
    session.close(reason);
  };
  const timers = [setTimeout(end, Math.min(leaveMs, graceMs / 2)), setTimeout(cut, graceMs)];
  const gone = session.gone().then(() => {
    for (const timer of timers) clearTimeout(timer);
    return departure;
  });
  session.tell(reason, addresses, retryAfterMs);
  // A peer that has nothing more to say cannot act on the notice: it subscribes anew when its stream has ended.
  if (session.options.subscribesOnce === true) end();
  if (graceMs === 0) cut();
  return { departure: gone, cut };
}
