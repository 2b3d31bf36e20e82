// Whether a buffer's store can be asked, as last found out, told to whoever wants to know.

export interface Availability {
  readonly available: boolean;
  set(available: boolean): void;
  /** Returns what ends it. */
  onAvailable(tell: () => void): () => void;
}

export function createAvailability(): Availability {
  let current = true;
  const listeners = new Set<() => void>();
  return {
    get available() {
      return current;
    },
    set(available) {
      if (available === current) return;
      current = available;
      for (const tell of [...listeners]) tell();
    },
    onAvailable(tell) {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
  };
}
