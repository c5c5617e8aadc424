import type { Timers, Write } from "@hearth/backplane";
import type { ManagedIntegrations } from "@hearth/contract";
import type { Place } from "../place.ts";
import type { Tokens } from "./token-store.ts";

export const RENEWAL_TIMER = "token-renewal";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The model's least. */
const LEAST_DAYS = 30;

const timerId = (tokens: Place & { associationId: string }) =>
  `${tokens.accountId}/${tokens.region}/${tokens.associationId}`;

/**
 * When tokens must be looked at without anybody asking for them: before the refresh token expires, where the
 * destination wants that (reference 9.2), or, where the vendor did not say when that is, so many days after the last
 * renewal; and at the end of an access token that nothing can renew.
 */
export function dueOf(tokens: Tokens, oAuth: ManagedIntegrations.OAuthConfig, now: number): number | undefined {
  if (tokens.refreshToken === undefined) return tokens.accessExpiresAt;
  const { enabled, DaysBeforeRenewal = LEAST_DAYS } = oAuth.proactiveRefreshTokenRenewal ?? {};
  if (!enabled) return undefined;
  const days = DaysBeforeRenewal * DAY;
  if (tokens.refreshExpiresAt === undefined) return tokens.renewedAt + days;
  // Where it ends sooner than that, or a renewal moves its end no further: once a day, but before the end.
  const pause = Math.max(HOUR, Math.min(DAY, (tokens.refreshExpiresAt - now) / 2));
  return Math.floor(Math.max(tokens.refreshExpiresAt - days, now + pause));
}

/** For the batch of every write of tokens. */
export function armRenewal(timers: Timers, tokens: Tokens, due: number | undefined): Write {
  const { accountId, region, associationId: id } = tokens;
  return due === undefined
    ? timers.disarm(RENEWAL_TIMER, timerId(tokens))
    : timers.arm(RENEWAL_TIMER, timerId(tokens), due, { accountId, region, id });
}

export const disarmRenewal = (timers: Timers, association: Place & { id: string }): Write =>
  timers.disarm(RENEWAL_TIMER, timerId({ ...association, associationId: association.id }));
