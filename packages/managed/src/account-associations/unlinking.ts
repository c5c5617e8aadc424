import { type Database, type Outbox, onConflictAgain, type Write } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type { ConnectorCaller, ConnectorFailure } from "../connectors/connector-call.ts";
import { connectorErrorReport, connectorGroups, connectorLane } from "../connectors/error-report.ts";
import type { ReachConnector } from "../connectors/reach-connector.ts";
import type { Discoveries } from "../discovery/discoveries.ts";
import type { DiscoveryStore } from "../discovery/discovery-store.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { Place } from "../place.ts";
import type { Removal } from "../things/removal.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { type AccountAssociation, associationArn } from "./account-association.ts";
import type { AssociationLife } from "./association-life.ts";
import type { AssociationStore } from "./association-store.ts";
import type { Authorizations } from "./authorizations.ts";

const CONSUMER = "account-deactivation";
/** Devices, and discoveries, that one commit removes. */
const AT_ONCE = 200;
/** So long the vendor's revocation is tried; the outbox itself forgets a message after 24 hours. */
const PATIENCE = 20 * 3_600_000;

interface Job extends Place {
  id: string;
  /** Milliseconds. */
  since: number;
  /** Whether there is something to revoke. */
  isLinked: boolean;
}

export type Unlinking = ReturnType<typeof createUnlinking>;

/**
 * The end of an account association (reference 9.8): the connector revokes the user's tokens at the vendor, then all
 * that is the user's goes. While the vendor cannot be told, the association is ASSOCIATION_DELETING: nothing uses it
 * any more, and its tokens serve the revocation alone (U29).
 */
export function createUnlinking(deps: {
  database: Database;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
  associations: AssociationStore;
  authorizations: Pick<Authorizations, "remove">;
  discoveries: Pick<DiscoveryStore, "get" | "ofAssociation" | "devices" | "remove">;
  jobs: Pick<Discoveries, "end">;
  things: Pick<ThingStore, "get">;
  removal: Pick<Removal, "finish">;
  life: AssociationLife;
  notifier: Pick<Notifier, "write" | "wake">;
  reachConnector: ReachConnector;
  caller: ConnectorCaller;
}) {
  const { database, outbox, clock, log, associations, authorizations, discoveries, jobs, things } = deps;
  const { removal, life, notifier, reachConnector, caller } = deps;

  outbox.consume(
    CONSUMER,
    async (message, { attempt }) => {
      const { accountId, region, id, since, isLinked } = message as Job;
      const place = { accountId, region };
      const association = await associations.get(place, id);
      if (association?.state !== "ASSOCIATION_DELETING") return;
      const reached = isLinked ? await reachConnector(place, id) : undefined;
      const request = { operationName: "AWS.DeactivateUser" as const };
      const outcome = reached && (await caller.call({ ...reached, request }));
      if (outcome && !outcome.ok && mayHeal(outcome) && clock.now() - since < PATIENCE) {
        // Once: the same report every few minutes helps nobody.
        if (attempt === 1) await report(association, reached?.connector, outcome);
        throw new Error(`the user could not be deactivated: ${outcome.errorCode}`);
      }
      if (outcome && !outcome.ok) {
        log.warn(
          { accountAssociationId: id, errorCode: outcome.errorCode },
          "an account is unlinked without its vendor",
        );
        await report(association, reached?.connector, outcome);
      }
      await removeDevices(association);
      await onConflictAgain(async () => {
        const now = await associations.get(place, id);
        if (now) await database.commit([...authorizations.remove(now), associations.remove(now)]);
      });
    },
    connectorGroups,
  );

  const report = async (
    association: AccountAssociation,
    connector: { id: string } | undefined,
    failure: ConnectorFailure,
  ): Promise<void> => {
    const about = { ...association, arn: associationArn(association) };
    const told = await notifier.write(about, [
      connectorErrorReport(connector, { operationName: "AWS.DeactivateUser" }, failure),
    ]);
    if (told.length > 0) await database.commit(told);
    notifier.wake();
  };

  /** The discoveries in the association, what they found, and the things that were made of it and are in no other one. */
  async function removeDevices(association: AccountAssociation): Promise<void> {
    for (;;) {
      const found = await discoveries.ofAssociation(association, association.id, AT_ONCE);
      if (found.length === 0) return;
      for (const discovery of found) {
        let after = -1;
        for (;;) {
          const devices = await discoveries.devices(discovery, after, AT_ONCE);
          for (const { managedThingId } of devices) {
            if (managedThingId !== undefined) await removeThing(association, managedThingId);
          }
          after = devices.at(-1)?.number ?? after;
          if (devices.length < AT_ONCE) break;
        }
        await onConflictAgain(async () => {
          const now = await discoveries.get(association, discovery.id);
          if (!now) return;
          const ended: Write[] = now.status === "RUNNING" ? await jobs.end(now, "FAILED", "unlinked") : [];
          await database.commit([...ended, ...discoveries.remove(now)]);
        });
        notifier.wake();
      }
    }
  }

  const removeThing = (association: AccountAssociation, thingId: string): Promise<void> =>
    onConflictAgain(async () => {
      const thing = await things.get(association, thingId);
      const isTheirs = thing?.connectorDestinationId === association.connectorDestinationId;
      if (!thing || !isTheirs || thing.status === "ACTIVATED") return;
      await removal.finish(thing, clock.now());
    });

  return {
    /** Commits the beginning of the end. The caller has made sure that no managed thing is in the association. */
    async begin(association: AccountAssociation): Promise<void> {
      const { accountId, region, id, state } = association;
      // Asked again while it goes on: that is harmless.
      if (state === "ASSOCIATION_DELETING") return;
      // There is nothing to revoke where nobody has signed in, or what they gave is worthless by now.
      const isLinked = state === "ASSOCIATION_SUCCEEDED";
      const [found] = await discoveries.ofAssociation(association, id, 1);
      if (!isLinked && !found) {
        await database.commit([...(await life.remove(association)), ...authorizations.remove(association)]);
      } else {
        const reached = await reachConnector(association, id);
        const job: Job = { accountId, region, id, since: clock.now(), isLinked };
        const lane = reached ? connectorLane(reached.connector, accountId, id) : id;
        const after: AccountAssociation = { ...association, state: "ASSOCIATION_DELETING" };
        await database.commit([...(await life.change(association, after)), outbox.write(CONSUMER, lane, job)]);
        outbox.wake();
      }
      notifier.wake();
    },
  };
}

/** A function that is gone, a refusal and a token that is lost stay what they are; a policy can be mended. */
const mayHeal = ({ errorCode, again }: ConnectorFailure): boolean => again || errorCode === "ACCESS_DENIED";
