// What was found wrong, by kind. Of each kind only the first few are kept: when much is wrong, it is so for one reason.

/** Every kind of violation, and what it means. */
export const violations = {
  "lost-prefix": "a subscriber missed messages at the beginning of its subscription, and no gap said so",
  "lost-middle": "a subscriber missed messages between others, and no gap said so",
  "lost-seam": "a subscriber that went on from a stored position had never been given what lies before it",
  forgotten: "a subscriber that went on from a stored position was set back behind what had long been stored",
  stalled: "a subscriber was given nothing for a minute without faults, though there was something for it",
  "lost-tail": "a subscriber that read to the end did not get the last messages",
  "lost-acked": "the store lost an acknowledged message that its level and the faults do not explain",
  "loss-untold": "the store lost an acknowledged message, and its publisher, who could have been told, was not",
  "set-back": "a subscriber was set back to earlier offsets, or over to another log, without a gap",
  repeated: "a subscription was given a message twice",
  duplicate: "a message is stored twice",
  reordered: "messages of one publisher are stored in another order than they were published in",
  unsent: "a message that nobody sent",
  altered: "a message has not the content, or is not in the channel, that it was sent with",
  contradiction: "two processes were told different messages at one position",
  "gap-unjustified": "a gap, or a loss told to a publisher, that nothing explains",
  "gap-false": "a gap that does not say what is so",
  "rolling-hash": "a subscriber's own rolling hash is not that of the log",
  unsettled: "a publish that was never answered",
  "refused-wrongly": "a publish was refused with a code that nobody documents, or that says that it was wrong or a bug",
  members: "a watcher's list of the members of a channel is, when all is quiet, not who is there",
  died: "a node or a player ended by itself, or its log is damaged",
  absent: "a player that was started did not take part to the end",
  unread: "something was acknowledged in a channel that nobody read from its beginning to the end",
  unmeasured: "a node or a Redis did not say at the beginning, or when all was quiet, what it holds",
  memory: "a process holds much more memory in the end than at the beginning, or more and more of it",
  files: "more files or connections are open in the end than at the beginning, or more and more of them",
  keys: "Redis holds more keys in the end than its channels account for, or more and more of them",
} as const;

export type Violation = keyof typeof violations;

export interface Found {
  kind: Violation;
  /** The log, or what else it is about. */
  who: string;
  text: string;
  /** To which the subscriber was connected. */
  node?: string | undefined;
}

/** What was looked at. */
export interface Counts {
  sent: number;
  acked: number;
  failed: number;
  /** Acknowledged, and lost by the store, as announced and explained. */
  lost: number;
  delivered: number;
  gaps: number;
  publishers: number;
  subscribers: number;
  /** That hit something. */
  faults: number;
  /** Faults that hit nobody. */
  missed: number;
}

export interface Verdict {
  counts: Counts;
  /** How many of each kind. */
  numbers: Map<Violation, number>;
  /** Violations at subscribers, by the node they were connected to. */
  nodes: Map<string, number>;
  /** The first ones of each kind. */
  examples: Found[];
}

export interface Findings {
  readonly counts: Counts;
  find(found: Found): void;
  verdict(): Verdict;
}

const mostExamples = 5;

export function createFindings(): Findings {
  const numbers = new Map<Violation, number>();
  const nodes = new Map<string, number>();
  const examples: Found[] = [];
  const counts: Counts = {
    sent: 0,
    acked: 0,
    failed: 0,
    lost: 0,
    delivered: 0,
    gaps: 0,
    publishers: 0,
    subscribers: 0,
    faults: 0,
    missed: 0,
  };
  return {
    counts,
    find(found) {
      const number = (numbers.get(found.kind) ?? 0) + 1;
      numbers.set(found.kind, number);
      if (found.node !== undefined) nodes.set(found.node, (nodes.get(found.node) ?? 0) + 1);
      if (number <= mostExamples) examples.push(found);
    },
    verdict: () => ({ counts, numbers, nodes, examples }),
  };
}

export const isClean = ({ numbers }: Verdict): boolean => numbers.size === 0;

/** For people; the last line says it all. */
export function describeVerdict(verdict: Verdict): string {
  const { counts, numbers, nodes, examples } = verdict;
  const lines: string[] = [];
  for (const [kind, number] of numbers) {
    lines.push(`${kind} (${number}): ${violations[kind]}`);
    for (const { who, text, node } of examples.filter((one) => one.kind === kind)) {
      lines.push(`  ${who}${node === undefined ? "" : ` at ${node}`}: ${text}`);
    }
    if (number > mostExamples) lines.push(`  and ${number - mostExamples} more`);
  }
  if (nodes.size > 0) lines.push(`by node: ${[...nodes].map(([node, number]) => `${node} ${number}`).join(", ")}`);
  const total = [...numbers.values()].reduce((sum, number) => sum + number, 0);
  const kinds = [...numbers].map(([kind, number]) => `${kind} ${number}`).join(", ");
  const { sent, acked, failed, lost, delivered, gaps, publishers, subscribers, faults, missed } = counts;
  lines.push(
    `${total === 0 ? "CLEAN" : `VIOLATIONS: ${total} (${kinds})`}: ${sent} sent by ${publishers} publishers, ` +
      `${acked} acknowledged, ${failed} refused, ${lost} lost as announced; ${delivered} delivered to ${subscribers} ` +
      `subscribers, ${gaps} gaps; ${faults} faults${missed === 0 ? "" : `, ${missed} more hit nobody`}`,
  );
  return lines.join("\n");
}
