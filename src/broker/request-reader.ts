// The messages in what arrives on a call (framing.ts has the 5 bytes before each). grpc-js keeps every piece of a message that
// is not complete, with some 100 bytes for each: a message that comes a byte a frame takes a hundred times its size, and
// nobody knows how much that is. Here the pieces are joined as they come, and it is told what they take.

const prefixBytes = 5;

/** Of a message that has only begun; it doubles, whatever length the message claims. */
const firstRoom = 512;

const none = Buffer.alloc(0);

export class RequestReader {
  readonly #maxBytes: number;
  readonly #holds: (more: number) => void;
  /** Prefix and message as far as they have come, and room for more. */
  #room: Buffer = none;
  #filled = 0;

  /**
   * @param maxBytes of a message
   * @param holds told by how many bytes what is kept of an incomplete message has grown, or shrunk
   */
  constructor(maxBytes: number, holds: (more: number) => void) {
    this.#maxBytes = maxBytes;
    this.#holds = holds;
  }

  /**
   * The messages that are complete with it, each with its prefix, none of them a view of `chunk`.
   * @throws Error for one that is too large
   */
  write(chunk: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (this.#filled === 0 && chunk.length - at >= prefixBytes) {
        const end = at + this.#sizeOf(chunk, at);
        if (end <= chunk.length) {
          messages.push(Buffer.from(chunk.subarray(at, end)));
          at = end;
          continue;
        }
      }
      const wanted = this.#filled < prefixBytes ? prefixBytes : this.#sizeOf(this.#room, 0);
      const taken = Math.min(wanted - this.#filled, chunk.length - at);
      this.#reserve(this.#filled + taken, Math.max(wanted, prefixBytes));
      chunk.copy(this.#room, this.#filled, at, at + taken);
      this.#filled += taken;
      at += taken;
      if (this.#filled < prefixBytes || this.#filled < this.#sizeOf(this.#room, 0)) continue;
      messages.push(this.#room.subarray(0, this.#filled));
      this.clear();
    }
    return messages;
  }

  /** Forgets what is not complete. */
  clear(): void {
    if (this.#room.length > 0) this.#holds(-this.#room.length);
    this.#room = none;
    this.#filled = 0;
  }

  /** Of the message with its prefix, which begins at `at`. */
  #sizeOf(bytes: Buffer, at: number): number {
    const size = bytes.readUInt32BE(at + 1);
    if (size <= this.#maxBytes) return prefixBytes + size;
    throw new Error(`Received message larger than max (${size} vs ${this.#maxBytes})`);
  }

  /** @param most what it will need in the end, as far as that is known */
  #reserve(needed: number, most: number): void {
    if (needed <= this.#room.length) return;
    const doubled = Math.max(firstRoom, 2 * this.#room.length, needed);
    const room = Buffer.allocUnsafeSlow(most > prefixBytes ? Math.min(doubled, most) : firstRoom);
    this.#room.copy(room, 0, 0, this.#filled);
    this.#holds(room.length - this.#room.length);
    this.#room = room;
  }
}
