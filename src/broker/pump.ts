// The pump: the only code that writes to subscribers. Outlets that have something to send and whose sink is free wait
// in one line and get one frame each a turn; after a few milliseconds the line lets the event loop read sockets again.
import type { Outlet } from "./outlet.js";

/** How long the line may hold up the event loop, in ms. */
const sliceMs = 5;

/** Looking at the clock costs about as much as a small part of a turn. */
const turnsPerLook = 16;

export class Pump {
  #line: Outlet[] = [];
  #running = false;

  /** Gives the outlet a turn, soon. It asks again when its sink is free and there is more. */
  schedule(outlet: Outlet): void {
    this.#line.push(outlet);
    if (this.#running) return;
    this.#running = true;
    // After the sockets that are readable now were read: what they bring travels along.
    setImmediate(() => this.#run());
  }

  #run(): void {
    const line = this.#line;
    this.#line = [];
    const deadline = performance.now() + sliceMs;
    for (let turn = 0; turn < line.length; turn++) {
      line[turn]!.turn();
      if (turn % turnsPerLook === turnsPerLook - 1 && performance.now() > deadline) {
        this.#line = [...line.slice(turn + 1), ...this.#line];
        break;
      }
    }
    this.#running = this.#line.length > 0;
    if (this.#running) setImmediate(() => this.#run());
  }
}
