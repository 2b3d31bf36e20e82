// Publishes on their way to the broker: a bounded number of them; the first failure ends it all.
import { type Bus, type PublishResult, RepriseError } from "../client/index.js";

export interface InFlightOptions {
  /** Without any acknowledgement for this long, the broker is taken for stuck. */
  timeoutMs: number;
  headers: Record<string, string>;
  stored(result: PublishResult): void;
  /** Called once, with the first failure. */
  failed(): void;
}

const maxBytes = 4 * 1024 * 1024;
const maxMessages = 5_000;

/** How often it is looked whether the broker is stuck. */
const lookMs = 100;

export class InFlight {
  readonly #bus: Bus;
  readonly #channel: string;
  readonly #options: InFlightOptions;
  readonly #watch: NodeJS.Timeout;
  #messages = 0;
  #bytes = 0;
  #progressAt = 0;
  #failure: RepriseError | undefined;
  #changed = () => {};

  constructor(bus: Bus, channel: string, options: InFlightOptions) {
    this.#bus = bus;
    this.#channel = channel;
    this.#options = options;
    this.#watch = setInterval(() => this.#look(), Math.min(options.timeoutMs, lookMs));
  }

  /**
   * Resolves when there is room for another message. What is published behind one that fails may be stored.
   * @param line names it in its error
   * @throws RepriseError of this message or one before
   */
  async publish(data: Buffer, line?: number): Promise<void> {
    if (this.#messages === 0) this.#progressAt = performance.now();
    this.#messages++;
    this.#bytes += data.length;
    void this.#follow(this.#bus.publish(this.#channel, data, { headers: this.#options.headers }), data.length, line);
    await this.#waitFor(() => this.#messages < maxMessages && this.#bytes < maxBytes);
  }

  async #follow(published: Promise<PublishResult>, bytes: number, line: number | undefined): Promise<void> {
    const refused = (error: RepriseError) => {
      const where = line === undefined ? "" : `line ${line}: `;
      this.#fail(new RepriseError(error.code, where + error.message, { cause: error }));
    };
    await published.then(this.#options.stored, refused);
    this.#progressAt = performance.now();
    this.#messages--;
    this.#bytes -= bytes;
    this.#changed();
  }

  /** Resolves when all are stored. */
  end(): Promise<void> {
    return this.#waitFor(() => this.#messages === 0);
  }

  release(): void {
    clearInterval(this.#watch);
  }

  async #waitFor(condition: () => boolean): Promise<void> {
    while (this.#failure === undefined && !condition()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #fail(error: RepriseError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#changed();
    this.#options.failed();
  }

  #look(): void {
    const { timeoutMs } = this.#options;
    if (this.#messages === 0 || performance.now() - this.#progressAt < timeoutMs) return;
    const what = `${this.#messages} messages not stored: no acknowledgement for ${timeoutMs / 1_000} s`;
    this.#fail(new RepriseError("deadline_exceeded", what));
  }
}
