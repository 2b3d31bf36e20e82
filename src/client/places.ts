// Where a bus may connect to, in an order of its own, and which place to try next: the addresses that it was given (the
// seeds), and those that the nodes tell of (found).
//
// Found addresses may be of a network that is not ours. They are proven as soon as one of them was reached: then they
// come first, and the seeds that are not among them are the last resort. Until then it is the other way round.

export interface Place {
  readonly address: string;
  /** The node asked not to be tried before, in the time of the clock. */
  notBefore: number;
  /** When it was tried last; 0: never. */
  turn: number;
  wasReached: boolean;
}

export interface Places {
  /** How many there are to be tried. */
  readonly size: number;
  /**
   * The next one in turn, and how long it must be left alone yet: one that need not be left alone goes first.
   * `preferred`: a node sent us there. Undefined: there are none.
   */
  next(): { place: Place; waitMs: number; preferred: boolean } | undefined;
  /** Whether it is among them still. */
  has(place: Place): boolean;
  /** Whether it is a seed. */
  isGiven(place: Place): boolean;
  /** A node said welcome there. */
  reached(place: Place): void;
  /** Replaces the seeds. */
  seed(addresses: readonly string[]): void;
  /** Replaces what was found: all nodes that there are. */
  find(addresses: readonly string[]): void;
  /** These first, at once and in this order, until one is reached or all were tried once. */
  prefer(addresses: readonly string[]): void;
}

/**
 * Shuffled, which spreads clients over the nodes. gRPC's own shuffling does nothing for two addresses.
 * @param now milliseconds of a clock that never goes back
 */
export function createPlaces(now: () => number, random: () => number): Places {
  const known = new Map<string, Place>();
  let seeds: Place[] = [];
  let found: Place[] = [];
  let preferred: Place[] = [];
  let turn = 0;
  /** What was tried after this turn waits until all have been. */
  let roundBegan = 0;

  const placeOf = (address: string): Place => {
    const place = known.get(address) ?? { address, notBefore: 0, turn: 0, wasReached: false };
    known.set(address, place);
    return place;
  };
  const placesOf = (addresses: readonly string[]) => [...new Set(addresses)].map(placeOf);
  const forgetOthers = () => {
    const all = new Set([...seeds, ...found, ...preferred]);
    for (const [address, place] of known) if (!all.has(place)) known.delete(address);
  };
  const isProven = () => found.some(({ wasReached }) => wasReached);
  const all = () => [...new Set(isProven() ? [...found, ...seeds] : [...seeds, ...found])];
  /** The first choice before the second, and of each the one first that was not tried for longest. */
  const compare = (a: Place, b: Place): number => {
    const first = isProven() ? found : seeds;
    return Number(first.includes(b)) - Number(first.includes(a)) || a.turn - b.turn;
  };
  const take = (place: Place) => {
    place.turn = ++turn;
    return place;
  };

  return {
    get size() {
      return all().length;
    },
    next() {
      const sentTo = preferred.shift();
      if (sentTo !== undefined) return { place: take(sentTo), waitMs: 0, preferred: true };
      if (all().length === 0) return undefined;
      const time = now();
      const waitOf = ({ notBefore }: Place) => Math.max(0, notBefore - time);
      const waitMs = Math.min(...all().map(waitOf));
      const candidates = all().filter((place) => waitOf(place) === waitMs);
      const untried = candidates.filter((place) => place.turn <= roundBegan);
      if (untried.length === 0) roundBegan = turn;
      const [place] = (untried.length === 0 ? candidates : untried).sort(compare);
      return { place: take(place!), waitMs, preferred: false };
    },
    has: (place) => known.get(place.address) === place,
    isGiven: (place) => seeds.includes(place),
    reached(place) {
      place.wasReached = true;
      roundBegan = turn;
      preferred = [];
      forgetOthers();
    },
    seed(addresses) {
      const places = placesOf(addresses);
      // The same as before keep their order.
      if (places.length === seeds.length && places.every((place) => seeds.includes(place))) return;
      seeds = shuffled(places, random);
      forgetOthers();
    },
    find(addresses) {
      found = shuffled(placesOf(addresses), random);
      forgetOthers();
    },
    prefer(addresses) {
      // To an address that nobody has proven we give one chance.
      preferred = placesOf(isProven() ? addresses : addresses.slice(0, 1));
    },
  };
}

function shuffled<A>(list: readonly A[], random: () => number): A[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
