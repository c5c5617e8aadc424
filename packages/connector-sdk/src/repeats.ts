/** Requests that are remembered. */
const MOST = 1_000;

/**
 * The platform repeats a request whose answer it missed (reference 9.3, U25): a repeat joins the first one while that
 * is at work, and has its answer afterwards. What failed is forgotten, for its repeat is to be tried.
 */
export function createRepeats<Outcome>(most = MOST): {
  once(key: string, run: () => Promise<Outcome>): Promise<Outcome>;
} {
  const known = new Map<string, Promise<Outcome>>();
  return {
    once(key, run) {
      const before = known.get(key);
      if (before) return before;
      const outcome = run();
      known.set(key, outcome);
      outcome.catch(() => {
        if (known.get(key) === outcome) known.delete(key);
      });
      if (known.size > most) known.delete(known.keys().next().value as string);
      return outcome;
    },
  };
}
