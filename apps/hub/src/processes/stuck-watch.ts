import type { Clock, Logger } from "@hearth/base";
import type { Bus } from "../bus/bus.ts";
import type { PartName } from "../part.ts";

/** Milliseconds between two questions, and that an answer may take. */
const EVERY = 30_000;
/** In vain, one after the other. A process that starts on a slow gateway has answered by then. */
const PATIENCE = 4;

/**
 * Asks a part of another process how it is, again and again: a process that never yields (a plug-in in a loop without end)
 * does not end by itself, and answers nothing. The returned function ends that.
 */
export function watchForStuck(
  part: PartName,
  { bus, clock, log, kill }: { bus: Pick<Bus, "request">; clock: Clock; log: Logger; kill: () => void },
): () => void {
  let inVain = 0;
  let stopped = false;
  let cancel = () => {};

  async function ask(): Promise<void> {
    const answers = await bus.request(`part.${part}`, "status", {}, { timeout: EVERY }).then(
      () => true,
      () => false,
    );
    if (stopped) return;
    inVain = answers ? 0 : inVain + 1;
    if (inVain === PATIENCE) {
      inVain = 0;
      log.error({ part }, "the process answers nothing any more and is ended");
      kill();
    }
    cancel = clock.after(EVERY, () => void ask());
  }

  cancel = clock.after(EVERY, () => void ask());
  return () => {
    stopped = true;
    cancel();
  };
}
