// Every metric of a node: its name, what it means, and where it is read. None has a label that grows with channels, peers
// or time. docs/operate.md has the same table for people; a test compares them.
import type { Histogram, Vitals } from "../broker/index.js";

export interface Sample {
  labels: Record<string, string>;
  value: number;
  /** Where it is not the family's own: the parts of a histogram. */
  metricName?: string;
}

export interface Family {
  name: string;
  help: string;
  type: "gauge" | "counter" | "histogram";
  /** What the values of several workers become together. */
  aggregator: "sum" | "min" | "max" | "first";
  samples(vitals: Vitals): Sample[];
}

const one = (value: number): Sample[] => [{ labels: {}, value }];

/** Nothing is said of what is not known. */
const known = (value: number | undefined): Sample[] => (value === undefined ? [] : one(value));

/** @param always there from the start, so that the first increase is seen as one */
function each(label: string, counts: ReadonlyMap<string, number>, always: readonly string[] = []): Sample[] {
  const all = new Map<string, number>([...always.map((name) => [name, 0] as const), ...counts]);
  return Array.from(all, ([name, value]) => ({ labels: { [label]: name }, value }));
}

function buckets(name: string, { bounds, counts, sum }: Histogram): Sample[] {
  let total = 0;
  const samples = counts.map((count, i): Sample => {
    total += count;
    const le = i < bounds.length ? String(bounds[i]) : "+Inf";
    return { metricName: `${name}_bucket`, labels: { le }, value: total };
  });
  return [
    ...samples,
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: total },
  ];
}

type Read = Family["samples"];

const gauge = (name: string, aggregator: Family["aggregator"], help: string, samples: Read): Family => ({
  ...{ name, help, type: "gauge", aggregator, samples },
});

const counter = (name: string, help: string, samples: Read): Family => ({
  ...{ name, help, type: "counter", aggregator: "sum", samples },
});

const histogram = (name: string, help: string, read: (vitals: Vitals) => Histogram): Family => ({
  ...{ name, help, type: "histogram", aggregator: "sum", samples: (vitals) => buckets(name, read(vitals)) },
});

const gapReasons = ["trimmed", "diverged", "reset", "corrupt"];

/** Of a node one, itself; how many do not answer is known to who has asked them. */
const workers = gauge("reprise_workers", "sum", "Processes of the node, by whether they answer the scrape.", () =>
  workersAre(1, 0),
);

const workersAre = (answering: number, silent: number): Sample[] =>
  each("state", new Map(Object.entries({ answering, silent })));

/** The family as data, for those that did not answer. */
export function silentWorkers(count: number) {
  const { samples, ...family } = workers;
  return { ...family, values: workersAre(0, count) };
}

const state: Family[] = [
  gauge("reprise_build_info", "first", "Always 1; the version is in the label.", ({ version }) => [
    { labels: { version }, value: 1 },
  ]),
  gauge("reprise_ready", "min", "1 if peers should be sent to this node, as /readyz says.", ({ ready }) =>
    one(Number(ready)),
  ),
  gauge("reprise_check_ok", "min", "1 for each check of /readyz that holds.", ({ checks }) =>
    checks.map(({ name, ok }) => ({ labels: { check: name }, value: Number(ok) })),
  ),
  workers,
  gauge("reprise_nodes", "max", "Nodes that share the store, this one included.", ({ nodes }) => one(nodes)),
  gauge("reprise_sessions", "sum", "Connected peers, by the method that they called.", ({ sessions }) =>
    each("method", sessions),
  ),
  counter("reprise_sessions_opened_total", "Sessions opened.", ({ sessionsOpened }) => one(sessionsOpened)),
  gauge("reprise_channels", "sum", "Channels that somebody on this node listens to.", ({ channels }) => one(channels)),
  gauge(
    "reprise_memory_bytes",
    "sum",
    "What the node holds, by what it is.",
    ({ tailBytes, pagesBytes, pendingBytes }) =>
      each("of", new Map(Object.entries({ tail: tailBytes, pages: pagesBytes, pending: pendingBytes }))),
  ),
];

const publishing: Family[] = [
  counter(
    "reprise_published_messages_total",
    "Messages that peers of this node published, by what became of them: stored, duplicate, or an error code.",
    ({ tally }) => each("result", tally.published, ["stored", "duplicate", "buffer_unavailable", "buffer_full"]),
  ),
  counter("reprise_published_bytes_total", "Bytes of the messages that were stored.", ({ tally }) =>
    one(tally.publishedBytes),
  ),
  counter("reprise_refused_requests_total", "Requests on streams that were refused, by error code.", ({ tally }) =>
    each("code", tally.refused),
  ),
  histogram(
    "reprise_append_seconds",
    "How long the store took for an append, up to the ack level. Failed ones count.",
    ({ appends }) => appends,
  ),
];

const protecting: Family[] = [
  counter(
    "reprise_limited_total",
    "What was turned away, refused or held up because a limit was reached, by the limit.",
    ({ limited }) => each("limit", limited),
  ),
];

const delivering: Family[] = [
  counter("reprise_delivered_messages_total", "Messages written, once for each subscriber.", ({ tally }) =>
    one(tally.delivered),
  ),
  counter("reprise_frames_total", "Frames written to peers.", ({ tally }) => one(tally.frames)),
  counter("reprise_frame_bytes_total", "Bytes of the frames written to peers.", ({ tally }) => one(tally.frameBytes)),
  histogram(
    "reprise_fanout_seconds",
    "From a batch's arrival on this node to a frame with it in a subscriber's socket; one frame in seven is timed.",
    ({ tally }) => tally.fanOut,
  ),
  gauge("reprise_subscriptions", "sum", "Subscriptions of the connected peers.", ({ lag }) => one(lag.cursors)),
  gauge(
    "reprise_subscriptions_behind",
    "sum",
    "Subscriptions whose next message was stored more than 5 s ago.",
    ({ lag }) => one(lag.behind),
  ),
  gauge("reprise_cursor_lag_messages", "max", "Messages that the slowest subscription is behind.", ({ lag }) =>
    one(lag.messages),
  ),
  gauge("reprise_cursor_lag_seconds", "max", "How long the longest waiting message has waited.", ({ lag }) =>
    one(lag.seconds),
  ),
  counter("reprise_catch_up_reads_total", "Pages read from the store for subscribers that are behind.", ({ tally }) =>
    one(tally.pages),
  ),
  counter("reprise_catch_up_bytes_total", "Bytes of messages in these pages.", ({ tally }) => one(tally.pageBytes)),
  counter("reprise_catch_up_failures_total", "Such reads that failed; they are repeated.", ({ tally }) =>
    one(tally.failedReads),
  ),
  counter("reprise_gaps_total", "Gaps told to subscribers, by reason.", ({ tally }) =>
    each("reason", tally.gaps, gapReasons),
  ),
  counter(
    "reprise_resumes_total",
    "Subscriptions from a position, by result: continued, or the reason of the gap they began with.",
    ({ tally }) => each("result", tally.resumes, ["continued", ...gapReasons.slice(0, 3)]),
  ),
];

const store: Family[] = [
  gauge(
    "reprise_replay_headroom_seconds",
    "min",
    "How long a peer may be away before retention passes it: the least of the active channels, at their present rates.",
    ({ headroomSeconds }) => known(headroomSeconds),
  ),
  gauge(
    "reprise_store_round_trip_seconds",
    "max",
    "From what the node last told itself by way of Redis to hearing it; of several masters the slowest.",
    ({ echo }) => known(echo?.heardAt === undefined ? undefined : echo.roundTripMs / 1_000),
  ),
  gauge(
    "reprise_store_silence_seconds",
    "max",
    "Since when the node has not heard itself by way of Redis: it does once a second.",
    ({ echo }) => known(echo?.heardAt === undefined ? undefined : (performance.now() - echo.heardAt) / 1_000),
  ),
];

export const families: readonly Family[] = [...state, ...publishing, ...protecting, ...delivering, ...store];
