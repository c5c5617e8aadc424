/** Runs so many at a time at most; the others wait, in their order. */
export type Gate = <T>(run: () => Promise<T>) => Promise<T>;

export function createGate(limit: number): Gate {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (run) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await run();
    } finally {
      // Whoever waits next has the place.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
