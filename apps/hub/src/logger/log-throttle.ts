import { BoundedMap, type Clock } from "@hearth/base";
import { createTokenBucket, type TokenBucket } from "../plugins/token-bucket.ts";

/** Lines of the same words, and all lines of a part: so many at once, and so many a second for ever. */
const SAME = { burst: 100, perSecond: 1 };
const ALL = { burst: 1_500, perSecond: 50 };
/** Words that are remembered. */
const REMEMBERED = 1_000;

/**
 * Whatever a device, a plug-in or the cloud makes a part say again and again must neither fill the disk nor push out what
 * else there was to say.
 */
export interface LogThrottle {
  /** How many lines of these words were left out before this one; undefined when it is left out itself. */
  admit(part: string, words: string): number | undefined;
}

export function createLogThrottle(clock: Clock): LogThrottle {
  const same = new BoundedMap<string, { bucket: TokenBucket; leftOut: number }>(REMEMBERED);
  const parts = new BoundedMap<string, TokenBucket>(REMEMBERED);

  function slot<T>(map: BoundedMap<string, T>, key: string, create: () => T): T {
    const found = map.get(key) ?? create();
    map.set(key, found);
    return found;
  }

  return {
    admit(part, words) {
      const said = slot(same, `${part} ${words}`, () => ({ bucket: createTokenBucket(clock, SAME), leftOut: 0 }));
      if (!said.bucket.take() || !slot(parts, part, () => createTokenBucket(clock, ALL)).take()) {
        said.leftOut++;
        return undefined;
      }
      const { leftOut } = said;
      said.leftOut = 0;
      return leftOut;
    },
  };
}
