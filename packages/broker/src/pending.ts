import type { Write } from "@hearth/backplane";
import type { SessionStore } from "./session-store.ts";

/** Messages on their way into sessions' durable queues; `settle` once their batch is committed or has failed. */
export interface Pending {
  writes: Write[];
  settle: ((committed: boolean) => void)[];
}

export const noPending = (): Pending => ({ writes: [], settle: [] });

/** Commits what `offer` has gathered and lets it go; undefined when there is nothing to wait for. */
export function commitPending(store: SessionStore, { writes, settle }: Pending): Promise<void> | undefined {
  if (writes.length === 0) return undefined;
  return store.commit(writes).then(
    () => {
      for (const done of settle) done(true);
    },
    (error: unknown) => {
      for (const done of settle) done(false);
      throw error;
    },
  );
}
