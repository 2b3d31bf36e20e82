// So many at a time, the others after them in their order. What many ask for at once, as when a node's peers come back to
// it, would otherwise keep all of them waiting behind each other until each is too late.

export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

export function createTurns(most: number): Turns {
  let underWay = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (underWay < most) underWay++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Who waits takes the place over.
      const next = waiting.shift();
      if (next) next();
      else underWay--;
    }
  };
}
