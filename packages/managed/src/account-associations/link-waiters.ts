import type { Clock } from "@hearth/base";
import type { LinkEnd } from "./callback-page.ts";

/** Browsers that wait at the same time; further ones go on at once. */
const MOST = 1000;

/** Browsers that wait for the end of an attempt, by its state's hash. In memory: whoever waits does so here. */
export function createLinkWaiters({ clock }: { clock: Clock }) {
  const waiting = new Map<string, (end: LinkEnd) => void>();
  return {
    /** "pending" when the end has not come in `milliseconds`. */
    end(stateHash: string, milliseconds: number): Promise<LinkEnd> {
      if (waiting.size >= MOST) return Promise.resolve("pending");
      return new Promise((resolve) => {
        const done = (end: LinkEnd) => {
          cancel();
          waiting.delete(stateHash);
          resolve(end);
        };
        const cancel = clock.after(milliseconds, () => done("pending"));
        waiting.set(stateHash, done);
      });
    },

    tell(stateHash: string, end: LinkEnd): void {
      waiting.get(stateHash)?.(end);
    },

    /** Nobody waits any more. */
    stop(): void {
      for (const done of [...waiting.values()]) done("pending");
    },
  };
}
