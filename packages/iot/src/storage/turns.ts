/** Runs what is asked for one key one after another, in the order of asking; different keys do not wait for each other. */
export type InTurn = <Result>(key: string, run: () => Promise<Result>) => Promise<Result>;

export function createTurns(): InTurn {
  const turns = new Map<string, Promise<unknown>>();

  return async (key, run) => {
    const before = turns.get(key);
    const own = before === undefined ? run() : before.then(run);
    const settled = own.catch(() => undefined);
    turns.set(key, settled);
    try {
      return await own;
    } finally {
      if (turns.get(key) === settled) turns.delete(key);
    }
  };
}
