// What Reprise is to reach, as ratios within one run, and how far a run got.
import type { Parameters, Row } from "./scenarios/scenario.js";
import type { SystemName } from "./systems/index.js";

export interface Target {
  name: string;
  target: string;
  /** Null: the run has no figure for it. */
  measured: number | null;
  met: boolean;
}

type Get = (scenario: string, system: SystemName, parameters: Parameters, figure: string) => number | undefined;

interface Goal {
  name: string;
  /** `least`: at least `bound`; `most`: at most. */
  kind: "least" | "most";
  bound: number;
  unit: string;
  measure(get: Get): number | undefined;
}

const divide = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a / b;

/** A figure of one system divided by that of another. */
const ratio =
  (scenario: string, figure: string, of: SystemName, to: SystemName, parameters: Parameters) =>
  (get: Get): number | undefined =>
    divide(get(scenario, of, parameters, figure), get(scenario, to, parameters, figure));

const least = (name: string, bound: number, measure: Goal["measure"], unit = "×"): Goal => ({
  name,
  kind: "least",
  bound,
  unit,
  measure,
});

const most = (name: string, bound: number, measure: Goal["measure"], unit = "×"): Goal => ({
  name,
  kind: "most",
  bound,
  unit,
  measure,
});

const thousand = { subscribers: 1000, size: 128 };
const hundred = { subscribers: 100, size: 128 };
const toTen = { rate: 1000, subscribers: 10, size: 128 };
const toHundred = { rate: 1000, subscribers: 100, size: 128 };
const channels = { channels: 1000, sessions: 100, each: 10, size: 128 };
const onePublisher = { publishers: 1, size: 128 };

/** How far the costs of a delivery are from the middle between the highest and the lowest, in %. */
function spreadOf(costs: readonly (number | undefined)[]): number | undefined {
  const known = costs.filter((cost) => cost !== undefined);
  if (known.length < 2) return undefined;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return (100 * (high - low)) / (high + low);
}

const fanOut = (figure: string, to: SystemName, parameters: Parameters) =>
  ratio("fan-out", figure, "reprise-redis", to, parameters);

const embedded = (parameters: Parameters) =>
  ratio("fan-out", "deliveries", "reprise-embedded", "reprise-redis", parameters);

const rate = (joiners: number) => (get: Get) => get("replay", "reprise-redis", { joiners }, "deliveries");

const goals: Goal[] = [
  least("fan-out to 1,000, stored in Redis: deliveries/s, NATS core", 2.5, fanOut("deliveries", "nats-core", thousand)),
  least("the same, JetStream ordered consumers", 10, fanOut("deliveries", "jetstream", thousand)),
  least("the same, Socket.IO Redis Streams", 15, fanOut("deliveries", "socket-io", thousand)),
  most("fan-out to 1,000: broker CPU a delivery, NATS core", 0.3, fanOut("broker", "nats-core", thousand)),
  least("fan-out to 100, stored in Redis: deliveries/s, NATS core", 1.2, fanOut("deliveries", "nats-core", hundred)),
  most("fan-out to 100: broker CPU a delivery, NATS core", 0.45, fanOut("broker", "nats-core", hundred)),
  most(
    "1,000 msg/s to 100: broker CPU a delivery, NATS core",
    3,
    ratio("paced", "broker", "reprise-redis", "nats-core", toHundred),
  ),
  most(
    "1,000 channels: broker CPU a delivery, NATS core",
    2,
    ratio("many-channels", "broker", "reprise-redis", "nats-core", channels),
  ),
  least("fan-out to 100, embedded: deliveries/s, Redis", 1.2, embedded(hundred)),
  least("fan-out to 1,000, embedded: deliveries/s, Redis", 1.2, embedded(thousand)),
  least(
    "durable publish, 1 publisher: acked/s, JetStream in files",
    2,
    ratio("durable-publish", "acked", "reprise-redis", "jetstream", onePublisher),
  ),
  least(
    "durable publish, 1 publisher: acked/s, a message at a time with XADD",
    10,
    ratio("durable-publish", "acked", "reprise-redis", "redis-streams", onePublisher),
  ),
  least("replay, 1 late joiner: messages/s, JetStream ordered consumer", 5, (get) =>
    divide(rate(1)(get), get("replay", "jetstream", { joiners: 1 }, "deliveries")),
  ),
  least("replay, 20 late joiners: messages/s in all, one joiner", 3, (get) => divide(rate(20)(get), rate(1)(get))),
  most("1,000 msg/s to 10: p50, JetStream", 1.5, ratio("paced", "p50", "reprise-redis", "jetstream", toTen)),
  most("1,000 msg/s to 10: p99, JetStream", 2, ratio("paced", "p99", "reprise-redis", "jetstream", toTen)),
  most("idle session: broker memory", 40, (get) => get("idle", "reprise-redis", {}, "memory"), "KB"),
  most(
    "5,000 idle sessions, all together: broker CPU",
    5,
    (get) => get("idle", "reprise-redis", {}, "cpu"),
    "% of a core",
  ),
  most("storm of 1,000: all caught up", 5, (get) => get("storm", "reprise-redis", {}, "seconds"), "s"),
  most("storm of 1,000: reads of the store", 20, (get) => get("storm", "reprise-redis", {}, "reads"), "reads"),
  growth("100 to 1,000 subscribers", (get) =>
    [100, 300, 1000].map((subscribers) => get("fan-out", "reprise-redis", { subscribers, size: 128 }, "broker")),
  ),
  growth("1 to 10,000 channels", (get) =>
    [1, 10, 100, 1000, 10_000].map((channels) => get("growth-channels", "reprise-redis", { channels }, "broker")),
  ),
  growth("10³ to 10⁷ stored messages", (get) =>
    [1e3, 1e4, 1e5, 1e6, 1e7].map((stored) => get("growth-stored", "reprise-redis", { stored }, "broker")),
  ),
];

function growth(what: string, costs: (get: Get) => (number | undefined)[]): Goal {
  return most(`growth, ${what}: broker CPU a delivery varies by ±`, 20, (get) => spreadOf(costs(get)), "%");
}

export function judge(rows: readonly Row[]): Target[] {
  // A parameter that is not named may be anything: the short form has smaller numbers in places.
  const get: Get = (scenario, system, parameters, figure) =>
    rows.find(
      (row) =>
        row.scenario === scenario &&
        row.system === system &&
        Object.entries(parameters).every(([name, value]) => row.parameters[name] === value),
    )?.figures[figure];
  return goals.map(({ name, kind, bound, unit, measure }) => {
    const value = measure(get);
    const measured = value === undefined || Number.isNaN(value) ? null : value;
    const met = measured !== null && (kind === "least" ? measured >= bound : measured <= bound);
    return { name, target: `${kind === "least" ? "≥" : "≤"} ${bound} ${unit}`, measured, met };
  });
}
