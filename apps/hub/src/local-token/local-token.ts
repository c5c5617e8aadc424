import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { TokenState } from "../agent/agent-service.ts";
import type { JsonFile } from "../state/state.ts";
import { TokenError, verifyToken } from "./token-signature.ts";

/** Between two writes of what is left; of a short token, a tenth of its time. */
const SAVED_EVERY = 30_000;
/** The end is noticed this much late at the most; the token itself is not good a moment longer. */
const LEAST_WAIT = 1_000;

export interface TokenRecord {
  token: string;
  /** Pinned when the first token came: only who has given that one may give another. */
  key: string;
  seconds: number;
  /** Milliseconds that are left when the hub is away from the cloud. */
  remaining: number;
  /** The time was running when this was written. */
  counting: boolean;
}

/**
 * The cloud's leave to act without it (reference 10.8, "the local token"): good for `seconds` after the last contact. It
 * is counted by a clock that only goes forward, and written down, so that neither a changed clock on the wall nor a
 * restart makes it longer. The time in which the hub is switched off does not count.
 */
export interface LocalToken {
  /** LOCAL_TOKEN. Throws TokenError for a token that is not for this hub, or not by the platform that gave the first. */
  accept(message: { token: string; key: string }, hubId: string): Promise<void>;
  /** Whether the hub and the cloud are in touch; until it is said, they are not. */
  connection(connected: boolean): void;
  state(): TokenState;
  erase(): Promise<void>;
  /** Writes down exactly what is left. */
  stop(): Promise<void>;
}

/** Checks what the file holds; null is no token. */
export function parseTokenRecord(json: unknown): TokenRecord | null {
  if (json === null) return null;
  const { token, key, seconds, remaining, counting } = json as Record<string, unknown>;
  if (
    typeof token !== "string" ||
    typeof key !== "string" ||
    typeof seconds !== "number" ||
    typeof remaining !== "number" ||
    typeof counting !== "boolean"
  ) {
    throw new Error("it is no local token");
  }
  return { token, key, seconds, remaining: Math.min(remaining, seconds * 1000), counting };
}

export function createLocalToken(deps: { file: JsonFile<TokenRecord | null>; clock: Clock; log: Logger }): LocalToken {
  const { file, clock, log } = deps;
  let connected = false;
  let record = file.value;
  // A kill left at most this much uncounted; it counts as spent, or restarts could make a token last for ever.
  let left = record ? record.remaining - (record.counting ? savedEvery(record.seconds) : 0) : 0;
  let since = clock.monotonic();
  let cancel: (() => void) | undefined;

  const remaining = (): number => {
    if (!record) return 0;
    return connected ? record.seconds * 1000 : Math.max(0, left - (clock.monotonic() - since));
  };

  function save(counting: boolean): Promise<void> {
    if (!record) return Promise.resolve();
    record = { ...record, remaining: remaining(), counting };
    return file.replace(record).catch((error: unknown) => {
      log.error({ error: messageOf(error) }, "the time of the local token cannot be written down");
    });
  }

  function count(): void {
    cancel?.();
    cancel = undefined;
    if (!record || connected) return;
    if (remaining() <= 0) {
      log.warn({}, "the local token has expired: local commands are refused until the cloud is reached");
      void save(false);
      return;
    }
    void save(true);
    cancel = clock.after(Math.min(savedEvery(record.seconds), Math.max(LEAST_WAIT, remaining())), count);
  }

  /** From now on what is left is counted from `milliseconds`. */
  function restart(milliseconds: number): void {
    left = milliseconds;
    since = clock.monotonic();
  }

  if (record && left > 0) count();

  return {
    async accept({ token, key }, hubId) {
      const pinned = record?.key ?? key;
      if (pinned.trim() !== key.trim()) {
        throw new TokenError("its key is not the one that was pinned; off-board the hub to accept another platform");
      }
      const claims = verifyToken(token, pinned);
      if (claims.sub !== hubId) throw new TokenError("it is another hub's");
      const { seconds } = claims;
      record = { token, key: pinned, seconds, remaining: seconds * 1000, counting: false };
      restart(seconds * 1000);
      await save(!connected);
      count();
    },
    connection(now) {
      if (now === connected) return;
      connected = now;
      restart((record?.seconds ?? 0) * 1000);
      if (now) {
        count();
        void save(false);
      } else count();
    },
    state: () => ({ valid: remaining() > 0, connected, remaining: remaining() }),
    async erase() {
      cancel?.();
      cancel = undefined;
      record = null;
      await file.replace(null, { forget: true });
    },
    async stop() {
      cancel?.();
      cancel = undefined;
      await save(false);
    },
  };
}

const savedEvery = (seconds: number): number => Math.min(SAVED_EVERY, Math.max(1, seconds) * 100);
