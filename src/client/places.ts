// The addresses of a bus, in an order of its own, and which of them to try next.

export interface Place {
  readonly address: string;
  /** The node asked not to be tried before, in the time of the clock. */
  notBefore: number;
}

export interface Places {
  /** The next one in turn, and how long it must be left alone yet: one that need not be left alone goes first. */
  next(): { place: Place; waitMs: number };
}

/**
 * Shuffled, which spreads clients over the nodes. gRPC's own shuffling does nothing for two addresses.
 * @param addresses at least one
 * @param now milliseconds of a clock that never goes back
 */
export function createPlaces(addresses: readonly string[], now: () => number, random: () => number): Places {
  const places = shuffled(addresses, random).map((address): Place => ({ address, notBefore: 0 }));
  let turn = 0;
  return {
    next() {
      const waits = places.map((_, i) => Math.max(0, places[(turn + i) % places.length]!.notBefore - now()));
      const waitMs = Math.min(...waits);
      turn += waits.indexOf(waitMs);
      return { place: places[turn++ % places.length]!, waitMs };
    },
  };
}

function shuffled(addresses: readonly string[], random: () => number): string[] {
  const result = [...addresses];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
