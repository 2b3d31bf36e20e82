// Whether this node, and so the others, could reach Redis for long enough that whoever is missing there really is.

export interface Contact {
  /** It could, without a break, for the settling time. */
  readonly settled: boolean;
  /** To be called once in a round. */
  kept(): void;
  lost(): void;
}

/**
 * By the time of day, which also goes on while a machine sleeps; one that somebody has set begins anew, since what counts
 * is the time between calls that belong together.
 * @param roundMs two calls of `kept` that are several of these apart do not belong together
 */
export function createContact(settleMs: number, roundMs: number): Contact {
  let since: number | undefined;
  let last = 0;
  return {
    get settled() {
      return since !== undefined && last - since >= settleMs;
    },
    kept() {
      const now = Date.now();
      if (since === undefined || now < last || now - last > 5 * roundMs) since = now;
      last = now;
    },
    lost() {
      since = undefined;
    },
  };
}
