import { type Database, isConflict, type Outbox, onConflictAgain, type Timers, type Write } from "@hearth/backplane";
import { type Clock, type Logger, randomHex } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { ConnectorDestination } from "../connector-destinations/connector-destination.ts";
import { connectorArn } from "../connectors/cloud-connector.ts";
import type { ConnectorCaller, ConnectorOutcome } from "../connectors/connector-call.ts";
import { connectorErrorReport, connectorGroups, connectorLane } from "../connectors/error-report.ts";
import type { ReachConnector, Reached } from "../connectors/reach-connector.ts";
import { invalid } from "../errors.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { Place } from "../place.ts";
import { type AccountAssociation, asErrorMessage } from "./account-association.ts";
import type { AssociationLife } from "./association-life.ts";
import type { AssociationStore } from "./association-store.ts";
import type { TokenKeeping } from "./authorizations.ts";
import { type CallbackAnswer, callbackAnswer, type LinkEnd, UNKNOWN_LINK } from "./callback-page.ts";
import { type CallbackQuery, parseCallback } from "./callback-query.ts";
import { LINK_TIMER, type Link, type LinkStore } from "./link-store.ts";
import { createLinkWaiters } from "./link-waiters.ts";
import { authorizationUrl, errorText, GrantFailed, newVerifier, type OAuthClient } from "./oauth-client.ts";
import type { VendorSecrets } from "./vendor-secret.ts";

/** Milliseconds that the end user has to sign in. */
export const SIGN_IN_MS = 3_600_000;
/** … that spending the code may take; a platform that was killed meanwhile finds out after this. */
export const EXCHANGE_MS = 60_000;
/** … after which nobody calls the connector any more: longer than the outbox keeps trying. */
const ACTIVATION_MS = 25 * 3_600_000;
/** … that the browser waits for the connector. */
const BROWSER_MS = 15_000;
/** … between two lines in the log about states that nobody knows: anybody may send those. */
const QUIET_MS = 1000;

const CONSUMER = "account-activation";
const ACTIVATE = { operationName: "AWS.ActivateUser" } as const;

/** The model's bound of UserId, and nothing that a header or a line of a log could not carry. */
const USER_ID = /^[^\p{Cc}]{1,64}$/u;

interface Activation extends Place {
  associationId: string;
  stateHash: string;
}

/** Why an attempt that nobody ended is over, by the phase that it was left in. */
const EXPIRED: Readonly<Record<Link["phase"], string>> = {
  OPEN: "Nobody signed in within an hour",
  EXCHANGING: "The platform was interrupted while it spent the authorization code - the code may be spent",
  ACTIVATING: "The connector could not be called within a day",
};

export type Linking = ReturnType<typeof createLinking>;

/**
 * Account linking (reference 9.2): the platform's part of OAuth 2.0's authorization code flow and the activation of the
 * user at the connector. Each step is committed before the next begins, so that whoever looks finds a defined state.
 */
export function createLinking(deps: {
  database: Database;
  outbox: Outbox;
  timers: Timers;
  clock: Clock;
  log: Logger;
  associations: Pick<AssociationStore, "get">;
  links: LinkStore;
  life: Pick<AssociationLife, "change">;
  notifier: Pick<Notifier, "write" | "wake">;
  secrets: VendorSecrets;
  oauth: OAuthClient;
  keeping: TokenKeeping;
  reachConnector: ReachConnector;
  caller: Pick<ConnectorCaller, "call">;
  /** `redirect_uri` of every link, without a query. */
  callbackUrl(): string;
}) {
  const { database, outbox, timers, clock, log, associations, links, life, notifier, secrets, oauth } = deps;
  const { keeping, reachConnector, caller, callbackUrl } = deps;
  const waiters = createLinkWaiters({ clock });
  let quietUntil = 0;

  const wake = () => {
    outbox.wake();
    timers.wake();
    notifier.wake();
  };

  /** The association of this attempt, while the attempt goes on. */
  async function underWay({ accountId, region, associationId, stateHash }: Activation) {
    const place = { accountId, region };
    const [association, link] = [await associations.get(place, associationId), await links.get(place, associationId)];
    const isCurrent = association?.state === "ASSOCIATION_IN_PROGRESS" && link?.stateHash === stateHash;
    return isCurrent ? { association, link } : undefined;
  }

  const activation = ({ accountId, region, associationId, stateHash }: Link): Activation => ({
    ...{ accountId, region, associationId, stateHash },
  });

  /** Ends an attempt: ASSOCIATION_FAILED, nothing of it is kept. `phase`: only while it is in that one. */
  async function fail(
    attempt: Activation,
    failure: { error: string; description: string },
    more: { phase?: Link["phase"]; alongside?: (association: AccountAssociation) => Promise<Write[]> } = {},
  ): Promise<void> {
    await onConflictAgain(async () => {
      const current = await underWay(attempt);
      if (!current || (more.phase !== undefined && current.link.phase !== more.phase)) return;
      const { association, link } = current;
      const details = {
        ...association.details,
        authorizationUrl: "",
        errorMessage: asErrorMessage(failure.description),
      };
      await database.commit([
        ...links.end(link),
        ...(await life.change(association, { ...association, state: "ASSOCIATION_FAILED", details })),
        ...keeping.remove(association),
        ...((await more.alongside?.(association)) ?? []),
      ]);
      log.info({ accountAssociationId: association.id, why: failure.description }, "an account was not linked");
    });
    wake();
    waiters.tell(attempt.stateHash, failure);
  }

  /** Why the user is not the association's; undefined: the link has succeeded. */
  function refusalOf(association: AccountAssociation, outcome: ConnectorOutcome): string | undefined {
    if (!outcome.ok) return `AWS.ActivateUser: ${outcome.errorCode} - ${outcome.message}`;
    const { userId } = outcome;
    if (typeof userId !== "string" || !USER_ID.test(userId)) {
      return "AWS.ActivateUser: the connector answered without a userId of 1 to 64 characters";
    }
    // Else one user's token would command another user's devices (reference 9.2).
    const known = association.details.userId;
    return known === undefined || known === userId ? undefined : "Another user of the vendor signed in than before";
  }

  outbox.consume(
    CONSUMER,
    async (message) => {
      const attempt = message as Activation;
      const current = await underWay(attempt);
      const reached = current && (await reachConnector(attempt, attempt.associationId));
      if (!reached) return;
      const outcome = await caller.call({ ...reached, request: ACTIVATE });
      const refusal = refusalOf(reached.association, outcome);
      if (refusal !== undefined) {
        const alongside = async (association: AccountAssociation): Promise<Write[]> => {
          if (outcome.ok) return [];
          const about = { ...association, arn: connectorArn(reached.connector) };
          return notifier.write(about, [connectorErrorReport(reached.connector, ACTIVATE, outcome)]);
        };
        return fail(attempt, { error: "server_error", description: errorText(refusal) }, { alongside });
      }
      const userId = outcome.ok ? String(outcome.userId) : undefined;
      await onConflictAgain(async () => {
        const now = await underWay(attempt);
        if (!now) return;
        const { association, link } = now;
        const { errorMessage: _, ...details } = { ...association.details, authorizationUrl: "", userId };
        const after: AccountAssociation = { ...association, state: "ASSOCIATION_SUCCEEDED", details };
        await database.commit([...links.end(link), ...(await life.change(association, after))]);
      });
      wake();
      waiters.tell(attempt.stateHash, "linked");
    },
    connectorGroups,
  );

  timers.handle(LINK_TIMER, async (_id, payload) => {
    const { accountId, region, associationId } = payload as Place & { associationId: string };
    const link = await links.get({ accountId, region }, associationId);
    if (!link || link.expiresAt > clock.now()) return [];
    const { phase } = link;
    await fail(activation(link), { error: "server_error", description: EXPIRED[phase] }, { phase });
    return [];
  });

  /** Spends the code: a grant, or why there is none. @throws GrantFailed */
  async function exchanged({ code, error, errorDescription, iss }: CallbackQuery, link: Link, reached: Reached) {
    const { association, destination } = reached;
    const { oAuth } = destination.auth;
    const { redirectUri, verifier } = link.details;
    if (!oAuth || redirectUri === undefined) {
      throw new GrantFailed("server_error", "The connector destination has no oAuth settings any more");
    }
    if (iss !== undefined) {
      // RFC 9207: an answer of another server than the one that was asked.
      const origins = [oAuth.authUrl, oAuth.tokenUrl].map((url) => new URL(url).origin);
      if (!URL.canParse(iss) || !origins.includes(new URL(iss).origin)) {
        throw new GrantFailed("server_error", "The redirect came from another issuer than the vendor");
      }
    }
    if (error !== undefined) {
      const name = errorText(error) || "server_error";
      const description = errorText(errorDescription ?? "");
      throw new GrantFailed(name, description === "" ? `The vendor answered ${name}` : description);
    }
    if (code === undefined) throw new GrantFailed("server_error", "The vendor sent neither a code nor an error");
    const secret = await secrets.client(association, destination).catch((refused: unknown) => {
      if (!(refused instanceof ServiceError)) throw refused;
      throw new GrantFailed("server_error", `The secret could not be read - ${refused.message}`);
    });
    return { oAuth, grant: await oauth.exchange(oAuth, secret, { code, redirectUri, verifier }) };
  }

  const unknown = (): CallbackAnswer => {
    if (clock.now() >= quietUntil) {
      quietUntil = clock.now() + QUIET_MS;
      log.warn("a redirect came back with a state that no link has: forged, used before, or too late");
    }
    return UNKNOWN_LINK;
  };

  /** @returns false when the attempt ended meanwhile, or somebody else has taken this step */
  const took = async (writes: Write[]): Promise<boolean> => {
    try {
      await database.commit(writes);
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  };

  return {
    /**
     * A new attempt for an association in progress, in place of any before: where the end user signs in, and the writes
     * for the batch that begins it. Throws what reading the secret throws.
     */
    async begin(
      association: Place & { id: string },
      destination: ConnectorDestination,
      authMaterialName: string | undefined,
    ): Promise<{ authorizationUrl: string; writes: Write[] }> {
      const { accountId, region, id: associationId } = association;
      const { auth } = destination;
      const state = randomHex(32);
      const attempt = { accountId, region, associationId, stateHash: links.hashOf(state) };
      if (authMaterialName !== undefined) {
        if (!auth.generalAuthorization?.some((one) => one.AuthMaterialName === authMaterialName)) {
          throw invalid("GeneralAuthorization.AuthMaterialName names no secret of the connector destination.");
        }
        // No end user has to sign in: the named secret authenticates.
        const link: Link = { ...attempt, phase: "ACTIVATING", details: {}, expiresAt: clock.now() + ACTIVATION_MS };
        return { authorizationUrl: "", writes: [...(await links.put(link)), activate(link, destination)] };
      }
      if (!auth.oAuth) {
        throw invalid(
          "The connector destination has no oAuth settings: name one of its secrets in GeneralAuthorization.",
        );
      }
      const { clientId, pkce } = await secrets.client(association, destination);
      const verifier = pkce === "S256" ? newVerifier() : undefined;
      const redirectUri = callbackUrl();
      const details = { redirectUri, verifier };
      const url = authorizationUrl(auth.oAuth, { clientId, redirectUri, state, verifier });
      const link: Link = { ...attempt, phase: "OPEN", details, expiresAt: clock.now() + SIGN_IN_MS };
      return { authorizationUrl: url, writes: await links.put(link) };
    },

    /** After a commit with writes of `begin`. */
    wake,

    /** The end user's browser, back from the vendor (reference 9.2, steps 3 to 8). */
    async acceptCallback(query: URLSearchParams): Promise<CallbackAnswer> {
      const said = parseCallback(query);
      if (!said) return unknown();
      const link = await links.byState(links.hashOf(said.state));
      if (link?.phase !== "OPEN" || link.expiresAt <= clock.now()) return unknown();
      const reached = await reachConnector(link, link.associationId);
      if (reached?.association.state !== "ASSOCIATION_IN_PROGRESS") return unknown();
      // The state is used up before anything else is done with what came along.
      const spending: Link = { ...link, phase: "EXCHANGING" };
      if (!(await took(links.advance(link, "EXCHANGING", clock.now() + EXCHANGE_MS)))) return unknown();
      timers.wake();
      const complete = reached.destination.auth.oAuth?.oAuthCompleteRedirectUrl;
      let end: LinkEnd;
      try {
        const { oAuth, grant } = await exchanged(said, spending, reached);
        const ended = waiters.end(link.stateHash, BROWSER_MS);
        const isKept = await took([
          ...links.advance(spending, "ACTIVATING", clock.now() + ACTIVATION_MS),
          ...(await keeping.keep(reached.association, oAuth, grant)),
          activate(link, reached.destination),
        ]);
        if (!isKept) {
          // The association was deleted meanwhile: nobody may have these tokens.
          waiters.tell(link.stateHash, "pending");
          return UNKNOWN_LINK;
        }
        wake();
        end = await ended;
      } catch (error) {
        if (!(error instanceof GrantFailed)) throw error;
        end = { error: error.code, description: errorText(error.message) };
        await fail(activation(link), end);
      }
      return callbackAnswer(complete, end);
    },

    stop: () => waiters.stop(),
  };

  function activate(link: Link, destination: ConnectorDestination): Write {
    const { accountId } = link;
    const connector = { accountId: destination.connectorAccountId, id: destination.cloudConnectorId };
    return outbox.write(CONSUMER, connectorLane(connector, accountId, link.associationId), activation(link));
  }
}
