import type { Clock } from "@hearth/base";

/** Lets `burst` through at once and `perSecond` for ever. */
export interface TokenBucket {
  /** Whether there is room for one more, which is taken then. */
  take(): boolean;
}

export function createTokenBucket(
  clock: Clock,
  { burst, perSecond }: { burst: number; perSecond: number },
): TokenBucket {
  let tokens = burst;
  let at = clock.monotonic();
  return {
    take() {
      const now = clock.monotonic();
      tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond);
      at = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
