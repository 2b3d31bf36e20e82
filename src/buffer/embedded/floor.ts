// The epoch above which every channel begins that is created now. A channel that disappears takes the memory of its
// epochs along; should it be created again after the clock was set back, the clock alone would give it an epoch that
// its readers know as another. Kept in a file of its own, which is written before anything disappears, and at the end.
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";

export class EpochFloor {
  readonly #file: string;
  /** The highest epoch that was seen. */
  #highest = 0;
  #kept = 0;
  #keeping: Promise<void> = Promise.resolve();
  /** Epochs of channels created now are above this. */
  value = 0;

  constructor(folder: string) {
    this.#file = join(folder, "epoch");
  }

  /** A file that is missing or damaged is as good as none: then there is only the clock. */
  async load(): Promise<void> {
    const [number = "", sum] = (await readFile(this.#file, "latin1").catch(() => "")).trimEnd().split(" ");
    if (sum !== sumOf(number)) return;
    this.#kept = this.#highest = this.value = Number(number);
  }

  saw(epoch: number): void {
    this.#highest = Math.max(this.#highest, epoch);
  }

  /** Must be through before the memory of any epoch goes. */
  keep(): Promise<void> {
    const kept = this.#keeping.then(() => this.#write());
    this.#keeping = kept.catch(() => undefined);
    return kept;
  }

  async #write(): Promise<void> {
    this.value = this.#highest;
    if (this.#kept === this.value) return;
    const { value } = this;
    await writeFile(`${this.#file}.new`, `${value} ${sumOf(String(value))}\n`, { flush: true });
    await rename(`${this.#file}.new`, this.#file);
    this.#kept = value;
  }
}

const sumOf = (text: string): string => crc32(text).toString(16);
