// The publishing half of a session: what its peer publishes, until it is answered.
import { type Publish, spliceMessages } from "../wire/batch.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { encodePublished } from "../wire/server-item.js";
import type { Access } from "./access.js";
import type { Broker } from "./broker.js";
import { checkPublish, splitRuns } from "./publish.js";
import { increase } from "./tally.js";

/** Messages of a publish, `count` from `sequence` on. */
export interface PublishedRange {
  channel: string;
  sequence: number;
  count: number;
}

/** What a publisher needs of its session. */
export interface Answers {
  send(item: Buffer): void;
  refuse(error: RepriseError, request: PublishedRange): void;
  /** Something was taken on or settled. */
  changed(): void;
}

/** An append that is not answered yet. */
interface Append {
  /** What is to be refused right after its answer. */
  refusals: (() => void)[];
}

/** What a refusal that waits costs, roughly. */
const waitingRefusalBytes = 512;

export class Publishing {
  unansweredMessages = 0;
  unansweredBytes = 0;

  readonly #broker: Broker;
  readonly #access: Access;
  readonly #producer: string | undefined;
  readonly #publisher: Buffer;
  readonly #answers: Answers;
  /** The last append of each channel without a number, while it is not answered. */
  readonly #lastAppends = new Map<string, Append>();

  /**
   * @param producer id for numbered publishes; undefined: the node numbers
   * @param publisher what is added to each message (batch.ts, `encodePublisher`)
   */
  constructor(broker: Broker, access: Access, producer: string | undefined, publisher: Buffer, answers: Answers) {
    this.#broker = broker;
    this.#access = access;
    this.#producer = producer;
    this.#publisher = publisher;
    this.#answers = answers;
  }

  /**
   * Answered by one or more `published` or `error` items, together for all of its messages.
   * @param refusal why nothing is accepted any more
   */
  publish(publish: Publish, refusal: RepriseError | undefined): void {
    const { channel, sequence, count } = publish;
    try {
      if (refusal !== undefined) throw refusal;
      checkPublish(publish, this.#broker);
      this.#access.check("publish", channel);
      if (this.#producer === undefined && sequence !== 0) {
        throw new RepriseError("invalid_argument", "a sequence number needs a producer in the hello");
      }
      if (this.#producer !== undefined && sequence === 0) {
        throw new RepriseError("invalid_argument", "with a producer in the hello, publishes are numbered 1, 2, 3, …");
      }
    } catch (thrown) {
      this.#refuse(toRepriseError(thrown), { channel, sequence, count });
      return;
    }
    const messages = spliceMessages(publish, this.#publisher);
    for (const run of splitRuns(messages, publish, this.#producer)) this.#append(channel, run);
    this.#answers.changed();
  }

  #append(channel: string, run: ReturnType<typeof splitRuns>[number]): void {
    const { count, messages } = run;
    const sequence = run.numbered?.sequence ?? 0;
    const append: Append = { refusals: [] };
    if (run.numbered === undefined) this.#lastAppends.set(channel, append);
    this.unansweredMessages += count;
    this.unansweredBytes += messages.length;
    const settle = () => {
      if (this.#lastAppends.get(channel) === append) this.#lastAppends.delete(channel);
      for (const refuse of append.refusals) refuse();
      this.unansweredMessages -= count;
      this.unansweredBytes -= messages.length;
      this.#answers.changed();
    };
    this.#broker.append(channel, run).then(
      (answers) => {
        this.#broker.tally.answered(answers, messages.length);
        for (const answer of answers) this.#answers.send(encodePublished(answer));
        settle();
      },
      (thrown: unknown) => {
        const error = toRepriseError(thrown);
        increase(this.#broker.tally.published, error.code, count);
        this.#answers.refuse(error, { channel, sequence, count });
        settle();
      },
    );
  }

  /** Without numbers only their order tells answers apart: a refusal waits for the answer to the publish before it. */
  #refuse(error: RepriseError, request: PublishedRange): void {
    increase(this.#broker.tally.published, error.code, request.count);
    const last = this.#lastAppends.get(request.channel);
    if (last === undefined) {
      this.#answers.refuse(error, request);
      return;
    }
    this.unansweredBytes += waitingRefusalBytes;
    last.refusals.push(() => {
      this.unansweredBytes -= waitingRefusalBytes;
      this.#answers.refuse(error, request);
    });
    this.#answers.changed();
  }
}
