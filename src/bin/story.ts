// What nodes remember, put into words: what became of a message for a subscriber, or what happened to a session.
//
// A subscription begins behind an offset and then gets everything, in order, or a gap that says what it does not get. So
// whether it got a message follows from where it began, how far it has come, and its gaps. How far it had come at what time
// was looked up once a second: the time of a delivery is known as well as that.
import type { NodeEvent, NodeEvents } from "../client/index.js";
import { plain } from "./format.js";

export interface Question {
  session?: string | undefined;
  channel?: string | undefined;
  offset?: number | undefined;
}

/** What is known of one session, on one node. */
interface Trace {
  node: string;
  session: string;
  name: string;
  peer: string;
  method: string;
  events: NodeEvent[];
}

/** Of more sessions only so many are told of. */
const mostSessions = 50;

const time = (ms: number): string => new Date(ms).toISOString();

export function storyOf(told: readonly NodeEvents[], question: Question): string[] {
  const { session, channel, offset } = question;
  const lines: string[] = [];
  if (channel !== undefined && offset !== undefined) lines.push(...messageLines(told, channel, offset));
  const traces = tracesOf(told, session);
  const storedMs = told.flatMap(({ events }) => events).find(({ kind }) => kind === "stored")?.atMs ?? 0;
  if (traces.length === 0) {
    lines.push(session === undefined ? "no node remembers a subscriber" : `no node remembers a session ${session}`);
  }
  for (const trace of traces.slice(0, mostSessions)) {
    if (channel !== undefined && offset !== undefined) lines.push(...verdictLines(trace, channel, offset, storedMs));
    else lines.push(...lifeLines(trace));
  }
  if (traces.length > mostSessions) lines.push(`and ${traces.length - mostSessions} more: name one with --session`);
  if (channel !== undefined) lines.push(...channelLines(told, channel));
  for (const { node, sinceMs, progressSinceMs, truncated } of told) {
    const cut = truncated ? ", and had more to tell than was asked for" : "";
    lines.push(
      `${plain(node)} remembers sessions since ${time(sinceMs)}, how far they had come since ${time(progressSinceMs)}${cut}`,
    );
  }
  return lines;
}

/** Where the message is, or was. */
function messageLines(told: readonly NodeEvents[], channel: string, offset: number): string[] {
  const events = told.flatMap((each) => each.events);
  const stored = events.find(({ kind }) => kind === "stored");
  if (stored !== undefined) {
    const { atMs, name, session, epoch, from, to } = stored;
    const by = name === "" ? `session ${session}` : `${plain(name)} (session ${session})`;
    return [`${channel} ${offset}: stored ${time(atMs)} by ${by}, in the batch ${from} to ${to}, epoch ${epoch}`];
  }
  // Of what was seen now, which comes last.
  const head = events.findLast(({ kind, from }) => kind === "head" && from > 0);
  if (head === undefined) return [`${channel} ${offset}: there is no channel ${channel} now`];
  if (offset > head.offset)
    return [`${channel} ${offset}: no message has that offset yet, the last one is ${head.offset}`];
  const seen = events.find(({ kind, offset: end }) => kind === "head" && end >= offset);
  const when = seen === undefined || seen === head ? "" : `; it was stored before ${time(seen.atMs)}`;
  return [`${channel} ${offset}: the log does not hold it any more, it begins at ${head.from}${when}`];
}

function tracesOf(told: readonly NodeEvents[], wanted: string | undefined): Trace[] {
  const traces = new Map<string, Trace>();
  for (const { node, events } of told) {
    for (const event of events) {
      const { session, name, peer, method } = event;
      if (event.kind === "stored" || session === "0" || (wanted !== undefined && session !== wanted)) continue;
      const trace = traces.get(session) ?? { node, session, name, peer, method, events: [] };
      traces.set(session, trace);
      trace.events.push(event);
    }
  }
  return [...traces.values()];
}

const titleOf = ({ node, session, name, peer, method }: Trace): string =>
  `session ${session} (${[plain(name), peer, method].filter((word) => word !== "").join(", ")}) of ${plain(node)}`;

function verdictLines(trace: Trace, channel: string, offset: number, storedMs: number): string[] {
  const events = trace.events.filter((event) => event.channel === channel || event.channel === "");
  const lines = [`${titleOf(trace)}: ${verdictOf(events, offset, storedMs)}`];
  for (const event of events) if (event.kind !== "progress") lines.push(`  ${wordsOf(event)}`);
  return lines;
}

/**
 * What became of the message for one session.
 * @param storedMs when it was stored, by the store's clock; 0: not known
 */
export function verdictOf(events: readonly NodeEvent[], offset: number, storedMs = 0): string {
  let verdict = "it is not known to have been subscribed";
  /** How far the subscription had come, and when that was. */
  let at: { offset: number; atMs: number } | undefined;
  for (const event of events) {
    const { kind, atMs } = event;
    if (kind === "subscribed") {
      at = { offset: event.offset, atMs };
      if (offset > event.offset) verdict = `not delivered yet: it has come to ${event.offset}`;
      // Where it resumes behind the message, it had it from a subscription before.
      else if (!isDecided(verdict)) verdict = `not asked for: it subscribed behind ${event.offset} at ${time(atMs)}`;
    } else if (kind === "gap") {
      if (event.reason === "reset" || event.reason === "diverged") {
        // From here on offsets mean other messages.
        at = { offset: event.reason === "reset" ? 0 : event.from - 1, atMs };
        verdict = `it was told at ${time(atMs)} that the log is not the one it knew (${event.reason})`;
      } else if (event.from <= offset && offset <= event.to) {
        return `not delivered: it was told at ${time(atMs)} of a gap ${event.from} to ${event.to} (${event.reason})`;
      }
    } else if (kind === "progress" || kind === "unsubscribed") {
      const before = at?.offset ?? Number.POSITIVE_INFINITY;
      if (event.offset >= offset && before < offset) {
        const since = storedMs < atMs ? Math.max(storedMs, at!.atMs) : at!.atMs;
        return `delivered: handed to its connection between ${time(since)} and ${time(atMs)}`;
      }
      if (event.offset >= offset && at === undefined) verdict = `delivered before ${time(atMs)}, or not asked for`;
      if (event.offset < offset) verdict = `not delivered yet: it has come to ${event.offset} of ${event.to}`;
      if (event.offset < offset && kind === "unsubscribed") {
        verdict = `not delivered: its subscription ended at ${time(atMs)} behind ${event.offset}`;
      }
      at = { offset: event.offset, atMs };
    }
  }
  return verdict;
}

const isDecided = (verdict: string): boolean => verdict.startsWith("not delivered:");

function lifeLines(trace: Trace): string[] {
  const lines = [titleOf(trace)];
  const last = trace.events.findLast(({ kind }) => kind === "progress");
  for (const event of trace.events) {
    if (event.kind !== "progress" || event === last) lines.push(`  ${wordsOf(event)}`);
  }
  return lines;
}

/** What happened to the channel itself. */
const channelLines = (told: readonly NodeEvents[], channel: string): string[] =>
  told.flatMap(({ events }) =>
    events.filter((event) => event.channel === channel && event.session === "0" && event.reason !== "").map(wordsOf),
  );

function wordsOf({ kind, atMs, channel, offset, from, to, reason, name, peer }: NodeEvent): string {
  const words = plain(reason);
  const what = {
    unknown: `something that this version does not know: ${words}`,
    opened: "connected",
    closed: `ended: ${words}`,
    subscribed: `subscribed to ${channel} (${words}): everything behind ${offset}; the log ended with ${to}`,
    unsubscribed: `the subscription to ${channel} ended behind ${offset}; the log ended with ${to}`,
    gap:
      from === 0 ? `told of a gap of ${channel}: ${words}` : `told of a gap of ${channel}: ${from} to ${to}, ${words}`,
    refused: `refused${channel === "" ? "" : ` on ${channel}`}: ${words}`,
    moved: `told to go elsewhere: ${words}`,
    turnedAway: `turned away: ${words}`,
    changed: `${channel}: ${words}`,
    admin: `${plain(name) || peer}: ${words}${channel === "" ? "" : ` ${channel}`}`,
    progress: `${channel}: it has come to ${offset} of ${to}`,
    head: `${channel}: the log ended with ${offset}`,
    stored: `${channel}: ${offset} is stored`,
  }[kind];
  return `${time(atMs)} ${what}`;
}
