import type { Clock } from "@hearth/base";

export interface BackOff {
  /** Milliseconds before the first repetition. */
  minimum: number;
  /** Milliseconds that no pause exceeds. */
  maximum: number;
}

export const usualBackOff: BackOff = { minimum: 500, maximum: 60_000 };

/**
 * Milliseconds to wait before repetition `attempt` (0 is the first): doubles from the minimum to the maximum, of
 * which a random half is taken off, so that devices which lost the platform together do not come back together.
 */
export function pauseBefore(attempt: number, { minimum, maximum }: BackOff, random: () => number): number {
  const whole = Math.min(maximum, minimum * 2 ** Math.min(attempt, 30));
  return Math.round(whole / 2 + (whole / 2) * random());
}

/** Resolves after `milliseconds`, keeping the process alive meanwhile; rejects as soon as `signal` is aborted. */
export function pause(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const release = holdProcess();
    const end = (finish: () => void) => () => {
      cancel();
      release();
      signal?.removeEventListener("abort", aborted);
      finish();
    };
    const aborted = end(() => reject(signal?.reason));
    const cancel = clock.after(
      milliseconds,
      end(() => resolve()),
    );
    if (signal?.aborted) aborted();
    else signal?.addEventListener("abort", aborted);
  });
}

/** Keeps the process from exiting until the returned function is called; the clock's own timers do not. */
export function holdProcess(): () => void {
  const timer = setInterval(() => {}, 0x7fffffff);
  return () => clearInterval(timer);
}
