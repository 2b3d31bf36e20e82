// Places that are taken for a while; whoever finds none waits, in order.
export interface Place {
  /** Resolves when it is there, and taken then, or when it was given up. */
  readonly come: Promise<void>;
  /** Gives it, or the wait for it, up. Again does nothing. */
  leave(): void;
}

export interface Turnstile {
  enter(): Place;
}

export function createTurnstile(places: number): Turnstile {
  let free = places;
  /** Whoever waits, with what lets it in. */
  const waiting = new Map<Place, () => void>();
  const next = () => {
    for (const [place, come] of waiting) {
      waiting.delete(place);
      come();
      return;
    }
    free++;
  };
  return {
    enter() {
      let left = false;
      let come = () => {};
      const place: Place = {
        come: new Promise((resolve) => {
          come = resolve;
        }),
        leave() {
          if (left) return;
          left = true;
          if (waiting.delete(place)) come();
          else next();
        },
      };
      if (free > 0) {
        free--;
        come();
      } else waiting.set(place, come);
      return place;
    },
  };
}
