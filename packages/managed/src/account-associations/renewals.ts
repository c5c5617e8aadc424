import type { Timers } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { Place } from "../place.ts";
import type { AssociationStore } from "./association-store.ts";
import { AuthorizationLost, AuthorizationUnavailable, type TokenKeeping } from "./authorizations.ts";
import { RENEWAL_TIMER } from "./renewal-timer.ts";

/** Milliseconds after a renewal that failed for now. */
const AGAIN_MS = 6 * 3_600_000;

/** Renews tokens when their time has come. A renewal arms the timer anew by itself. */
export function keepRenewing(deps: {
  timers: Timers;
  clock: Clock;
  associations: Pick<AssociationStore, "get">;
  keeping: Pick<TokenKeeping, "renew">;
}): void {
  const { timers, clock, associations, keeping } = deps;
  timers.handle(RENEWAL_TIMER, async (id, payload) => {
    const { accountId, region, id: associationId } = payload as Place & { id: string };
    const association = await associations.get({ accountId, region }, associationId);
    if (association?.state !== "ASSOCIATION_SUCCEEDED") return [];
    try {
      await keeping.renew(association);
      return [];
    } catch (error) {
      if (error instanceof AuthorizationLost) return [];
      if (error instanceof AuthorizationUnavailable) {
        return [timers.arm(RENEWAL_TIMER, id, clock.now() + AGAIN_MS, payload)];
      }
      throw error;
    }
  });
}
