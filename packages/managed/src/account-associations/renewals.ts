import type { Timers, Write } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { ManagedIntegrations } from "@hearth/contract";
import type { Place } from "../place.ts";
import type { AssociationStore } from "./association-store.ts";
import { AuthorizationLost, AuthorizationUnavailable, type TokenKeeping } from "./authorizations.ts";
import type { Tokens } from "./token-store.ts";

const TIMER = "token-renewal";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The model's least. */
const LEAST_DAYS = 30;
/** After a renewal that failed for now. */
const AGAIN_MS = 6 * HOUR;

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
  const due = tokens.refreshExpiresAt === undefined ? tokens.renewedAt + days : tokens.refreshExpiresAt - days;
  return Math.max(due, now + HOUR);
}

/** For the batch of every write of tokens. */
export function armRenewal(timers: Timers, tokens: Tokens, due: number | undefined): Write {
  const { accountId, region, associationId: id } = tokens;
  return due === undefined
    ? timers.disarm(TIMER, timerId(tokens))
    : timers.arm(TIMER, timerId(tokens), due, { accountId, region, id });
}

export const disarmRenewal = (timers: Timers, association: Place & { id: string }): Write =>
  timers.disarm(TIMER, timerId({ ...association, associationId: association.id }));

/** Renews tokens when their time has come. A renewal arms the timer anew by itself. */
export function keepRenewing(deps: {
  timers: Timers;
  clock: Clock;
  associations: Pick<AssociationStore, "get">;
  keeping: Pick<TokenKeeping, "renew">;
}): void {
  const { timers, clock, associations, keeping } = deps;
  timers.handle(TIMER, async (id, payload) => {
    const { accountId, region, id: associationId } = payload as Place & { id: string };
    const association = await associations.get({ accountId, region }, associationId);
    if (association?.state !== "ASSOCIATION_SUCCEEDED") return [];
    try {
      await keeping.renew(association);
      return [];
    } catch (error) {
      if (error instanceof AuthorizationLost) return [];
      if (error instanceof AuthorizationUnavailable) {
        return [timers.arm(TIMER, id, clock.now() + AGAIN_MS, payload)];
      }
      throw error;
    }
  });
}
