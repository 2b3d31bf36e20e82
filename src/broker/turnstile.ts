// Places that are taken for a while; whoever finds none waits, in order.
export interface Turnstile {
  /** Resolves when there is a place, which is taken then. */
  enter(): Promise<void>;
  leave(): void;
}

export function createTurnstile(places: number): Turnstile {
  let free = places;
  const waiting: (() => void)[] = [];
  return {
    enter() {
      if (free > 0) {
        free--;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    leave() {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    },
  };
}
