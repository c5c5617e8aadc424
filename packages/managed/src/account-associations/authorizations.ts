import { randomInt } from "node:crypto";
import { type Database, isConflict, onConflictAgain, type Timers, type Write } from "@hearth/backplane";
import { BoundedMap, type Clock, type Logger, messageOf } from "@hearth/base";
import { type ManagedIntegrations, ServiceError } from "@hearth/contract";
import type { ReachConnector } from "../connectors/reach-connector.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { Place } from "../place.ts";
import { type AccountAssociation, asErrorMessage } from "./account-association.ts";
import type { AssociationLife } from "./association-life.ts";
import type { AssociationStore } from "./association-store.ts";
import type { LinkStore } from "./link-store.ts";
import { type Grant, GrantFailed, type OAuthClient } from "./oauth-client.ts";
import { armRenewal, disarmRenewal, dueOf } from "./renewal-timer.ts";
import type { TokenStore, Tokens } from "./token-store.ts";
import type { VendorSecrets } from "./vendor-secret.ts";

/** What `header.auth` of a connector's request carries (reference 9.3). */
export interface Authorization {
  token: string;
  type: "OAuth2.0" | "GeneralAuthorization";
}

/** The end user has to link again; the association is REFRESH_TOKEN_EXPIRED, or never had a token. */
export class AuthorizationLost extends Error {}

/** There is no token now; later there may be. The message is fit for a report and never has a token in it. */
export class AuthorizationUnavailable extends Error {}

/** The tokens of account associations, as everybody but account linking sees them. */
export interface Authorizations {
  /**
   * A token good for at least 60 s more, renewed first where needed (one renewal at a time per association).
   * Throws AuthorizationLost or AuthorizationUnavailable.
   */
  of(association: AccountAssociation): Promise<Authorization>;
  /** The vendor does not take this token any more (401 of a connector): the next `of` renews, if it is still that one. */
  refused(association: AccountAssociation, token: string): void;
  /** Writes that destroy what is stored. */
  remove(association: Place & { id: string }): Write[];
}

/** What account linking does with tokens besides. */
export interface TokenKeeping extends Authorizations {
  /** Writes that keep the first tokens of a link. */
  keep(association: Place & { id: string }, oAuth: ManagedIntegrations.OAuthConfig, grant: Grant): Promise<Write[]>;
  /** Renews whatever the age of the token. Throws as `of` does. */
  renew(association: AccountAssociation): Promise<Authorization>;
}

/** A token that ends sooner is renewed before it is given out. */
const MARGIN_MS = 60_000;
/** After a renewal that failed for now, the vendor is left alone for so long. */
const PAUSE_MS = 5_000;
/** Associations whose token was refused or whose renewal failed, that are remembered. */
const REMEMBERED = 10_000;

const keyOf = (association: Place & { id: string }) =>
  `${association.accountId}/${association.region}/${association.id}`;

const shown = (tokens: Tokens): Authorization => ({ token: tokens.accessToken, type: "OAuth2.0" });

const expiring = (grant: Grant, now: number) => ({
  ...(grant.expiresIn === undefined ? {} : { accessExpiresAt: now + grant.expiresIn * 1000 }),
  ...(grant.refreshExpiresIn === undefined ? {} : { refreshExpiresAt: now + grant.refreshExpiresIn * 1000 }),
});

/** Keeps, renews and gives out the tokens of associations (reference 9.2). */
export function createAuthorizations(deps: {
  database: Database;
  timers: Timers;
  clock: Clock;
  log: Logger;
  associations: Pick<AssociationStore, "get">;
  links: Pick<LinkStore, "remove">;
  tokens: TokenStore;
  life: Pick<AssociationLife, "change">;
  notifier: Pick<Notifier, "wake">;
  secrets: VendorSecrets;
  oauth: OAuthClient;
  reachConnector: ReachConnector;
}): TokenKeeping {
  const { database, timers, clock, log, associations, links, tokens, life, notifier, secrets, oauth, reachConnector } =
    deps;
  const renewing = new Map<string, Promise<Authorization>>();
  const refusedTokens = new BoundedMap<string, string>(REMEMBERED);
  const paused = new BoundedMap<string, { until: number; message: string }>(REMEMBERED);

  const isGood = (key: string, { accessToken, accessExpiresAt }: Tokens): boolean =>
    refusedTokens.peek(key) !== accessToken &&
    (accessExpiresAt === undefined || accessExpiresAt - clock.now() >= MARGIN_MS);

  const written = (association: Place & { id: string }, after: Tokens, oAuth: ManagedIntegrations.OAuthConfig) =>
    armRenewal(timers, { ...after, associationId: association.id }, dueOf(after, oAuth, clock.now()));

  /** Refusals of the account's key or of a secret heal when somebody allows it again. */
  const unavailable = (error: unknown): never => {
    if (error instanceof ServiceError) throw new AuthorizationUnavailable(error.message);
    throw error;
  };

  /** Nothing renews this token any more: the end user must link again. Leaves newer tokens alone. */
  async function lose(association: AccountAssociation, lost: Tokens, why: string): Promise<never> {
    await onConflictAgain(async () => {
      const [now, kept] = [await associations.get(association, association.id), await tokens.get(lost, association.id)];
      if (now?.state !== "ASSOCIATION_SUCCEEDED" || kept?.revision !== lost.revision) return;
      const details = { ...now.details, errorMessage: asErrorMessage(why) };
      await database.commit([
        ...(await life.change(now, { ...now, state: "REFRESH_TOKEN_EXPIRED", details })),
        tokens.remove(now, now.id),
        disarmRenewal(timers, now),
      ]);
      log.info({ accountAssociationId: now.id, why }, "an account association must be linked again");
    });
    notifier.wake();
    throw new AuthorizationLost(why);
  }

  async function renewed(association: AccountAssociation, stored: Tokens): Promise<Authorization> {
    const { refreshToken } = stored;
    if (refreshToken === undefined) {
      return lose(association, stored, "The access token has expired and the vendor granted no refresh token");
    }
    const reached = await reachConnector(association, association.id);
    const oAuth = reached?.destination.auth.oAuth;
    if (!reached || !oAuth) throw new AuthorizationUnavailable("The connector destination has no oAuth settings");
    const secret = await secrets.client(association, reached.destination).catch(unavailable);
    let grant: Grant;
    try {
      grant = await oauth.renew(oAuth, secret, refreshToken);
    } catch (error) {
      if (!(error instanceof GrantFailed)) throw error;
      if (error.code === "invalid_grant") return lose(association, stored, error.message);
      throw new AuthorizationUnavailable(error.message);
    }
    const now = clock.now();
    const { accessExpiresAt: _, refreshExpiresAt, ...kept } = stored;
    const newest = grant.refreshToken ?? refreshToken;
    const after: Tokens = {
      ...kept,
      accessToken: grant.accessToken,
      refreshToken: newest,
      // Of another refresh token nobody has said yet when it ends.
      ...(newest === refreshToken && refreshExpiresAt !== undefined ? { refreshExpiresAt } : {}),
      ...expiring(grant, now),
      renewedAt: now,
    };
    try {
      await database.commit([await tokens.replace(stored, after), written(association, after, oAuth)]);
    } catch (error) {
      if (!isConflict(error)) throw error;
      const newer = await tokens.get(association, association.id);
      if (!newer) throw new AuthorizationLost("The account association has no tokens any more");
      return shown(newer);
    }
    timers.wake();
    // Some vendors grant the same access token again: then it is tried again as well.
    refusedTokens.delete(keyOf(association));
    return shown(after);
  }

  /** One renewal at a time; `force`: whatever the age of the token. */
  function renew(association: AccountAssociation, force: boolean): Promise<Authorization> {
    const key = keyOf(association);
    const running = renewing.get(key);
    if (running) return running;
    const pause = paused.peek(key);
    if (pause && pause.until > clock.now()) return Promise.reject(new AuthorizationUnavailable(pause.message));
    const renewal = (async () => {
      try {
        const stored = await tokens.get(association, association.id).catch(unavailable);
        if (!stored) throw new AuthorizationLost("The account association has no tokens");
        if (!force && isGood(key, stored)) return shown(stored);
        return await renewed(association, stored);
      } catch (error) {
        if (error instanceof AuthorizationUnavailable) {
          paused.set(key, { until: clock.now() + PAUSE_MS, message: error.message });
          const { id: accountAssociationId } = association;
          log.warn(
            { accountAssociationId, error: messageOf(error) },
            "the tokens of an account association were not renewed",
          );
        }
        throw error;
      } finally {
        renewing.delete(key);
      }
    })();
    renewing.set(key, renewal);
    return renewal;
  }

  return {
    async of(association) {
      const name = association.details.authMaterialName;
      if (name !== undefined) {
        const reached = await reachConnector(association, association.id);
        if (!reached) throw new AuthorizationLost("The account association is gone");
        const token = await secrets.material(association, reached.destination, name).catch(unavailable);
        return { token, type: "GeneralAuthorization" };
      }
      const stored = await tokens.get(association, association.id).catch(unavailable);
      if (!stored) throw new AuthorizationLost("The account association has no tokens");
      return isGood(keyOf(association), stored) ? shown(stored) : renew(association, false);
    },

    refused(association, token) {
      refusedTokens.set(keyOf(association), token);
    },

    renew: (association) => renew(association, true),

    async keep(association, oAuth, grant) {
      const now = clock.now();
      const stored: Tokens = {
        accountId: association.accountId,
        region: association.region,
        associationId: association.id,
        accessToken: grant.accessToken,
        ...(grant.refreshToken === undefined ? {} : { refreshToken: grant.refreshToken }),
        ...expiring(grant, now),
        renewedAt: now,
        revision: randomInt(2 ** 47),
      };
      return [await tokens.put(stored), written(association, stored, oAuth)];
    },

    remove: (association) => [
      tokens.remove(association, association.id),
      ...links.remove(association, association.id),
      disarmRenewal(timers, association),
    ],
  };
}
