import { type Database, onConflictAgain, type Write } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import type { ManagedIntegrationsOperations, OperationTable, RequestContext } from "@hearth/contract";
import type { MessageEndpoint } from "@hearth/data-model";
import type { DiscoveredDevice } from "../discovery/discovery.ts";
import { discoveryNotFound } from "../discovery/discovery-operations.ts";
import type { DiscoveryStore } from "../discovery/discovery-store.ts";
import { conflict, invalid } from "../errors.ts";
import type { Notifier } from "../notifications/notifier.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { SchemaStore } from "../schemas/schema-store.ts";
import type { StoredProperty } from "../state/state.ts";
import type { StateStore } from "../state/state-store.ts";
import type { TagConditions } from "../tags/taggable.ts";
import type { LifeCycle } from "../things/life-cycle.ts";
import { type ManagedThing, thingArn } from "../things/managed-thing.ts";
import { thingNotFound } from "../things/thing-operations.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { associationArn } from "./account-association.ts";
import { associationNotFound } from "./association-operations.ts";
import type { AssociationStore, ThingAssociation } from "./association-store.ts";

interface Named {
  ManagedThingId: string;
  AccountAssociationId: string;
}

/** Managed things in account associations (reference 9.9, step 4f and its reverse). */
export function registrationOperations(deps: {
  database: Database;
  things: ThingStore;
  states: Pick<StateStore, "put">;
  lifeCycle: LifeCycle;
  associations: AssociationStore;
  discoveries: DiscoveryStore;
  schemas: Pick<SchemaStore, "replaceOfThing">;
  notifier: Pick<Notifier, "wake">;
  tagConditions: TagConditions;
}) {
  const { database, things, states, lifeCycle, associations, discoveries, schemas, notifier, tagConditions } = deps;
  const resources = (input: Named, { accountId, region }: RequestContext) => [
    thingArn({ accountId, region, id: input.ManagedThingId }),
    associationArn({ accountId, region, id: input.AccountAssociationId }),
  ];
  const conditions = tagConditions.resource("managed-thing", (input: Named) => input.ManagedThingId);

  const found = async (input: Named, request: RequestContext) => {
    const thing = await things.get(request, input.ManagedThingId);
    if (!thing) throw thingNotFound(input.ManagedThingId);
    const association = await associations.get(request, input.AccountAssociationId);
    if (!association) throw associationNotFound(input.AccountAssociationId);
    return { thing, association };
  };

  /** The first association of a thing makes it usable, with what the connector said that it can do and how it is. */
  const activated = (
    thing: ManagedThing,
    { report, schemas: own }: Pick<DiscoveredDevice, "report" | "schemas">,
    now: number,
  ): ManagedThing =>
    thing.status !== "UNASSOCIATED"
      ? { ...thing, updatedAt: now }
      : {
          ...thing,
          status: "ACTIVATED",
          activatedAt: now,
          updatedAt: now,
          details: { ...thing.details, ...(own && { schemaRevision: randomHex(8) }) },
          capabilityReport: report === undefined ? thing.capabilityReport : JSON.stringify(report),
        };

  return {
    RegisterAccountAssociation: {
      resources,
      conditions,
      handle: (input, request) =>
        onConflictAgain(async () => {
          const { thing, association } = await found(input, request);
          const discovery = await discoveries.get(request, input.DeviceDiscoveryId);
          if (!discovery) throw discoveryNotFound(input.DeviceDiscoveryId);
          if (association.state !== "ASSOCIATION_SUCCEEDED") {
            throw conflict(`The account association is ${association.state}; it must have succeeded first.`);
          }
          const { connectorDeviceId } = thing.details;
          const isThrough = thing.connectorDestinationId === association.connectorDestinationId;
          if (connectorDeviceId === undefined || !isThrough) {
            throw invalid("The managed thing was not discovered through the connector of this account association.");
          }
          const device =
            discovery.associationId === association.id
              ? await discoveries.device(discovery, { deviceId: connectorDeviceId })
              : undefined;
          if (!device)
            throw invalid("The device discovery did not find this managed thing in the account association.");
          const key = { thingId: thing.id, associationId: association.id };
          if (await associations.hasThing(request, key)) {
            throw conflict("The managed thing is registered with the account association already.");
          }
          if (thing.status !== "UNASSOCIATED" && thing.status !== "ACTIVATED") {
            throw conflict(`The managed thing is ${thing.status}.`);
          }
          const writes: Write[] = [
            ...(await associations.insertThing(association, thing.id, request.now)),
            ...(await lifeCycle.change(thing, activated(thing, device, request.now))),
          ];
          if (thing.status === "UNASSOCIATED" && device.schemas) {
            writes.push(...(await schemas.replaceOfThing(thing, thing.id, device.schemas)));
          }
          if (thing.status === "UNASSOCIATED" && device.state) {
            writes.push(...(await states.put(thing, propertiesOf(device.state, request.now))));
          }
          await database.commit(writes);
          notifier.wake();
          return {
            AccountAssociationId: association.id,
            DeviceDiscoveryId: discovery.id,
            ManagedThingId: thing.id,
          };
        }),
    },

    DeregisterAccountAssociation: {
      resources,
      conditions,
      handle: (input, request) =>
        onConflictAgain(async () => {
          const { thing, association } = await found(input, request);
          const start = { thingId: "", associationId: "" };
          const all = await associations.things(request, { thingId: thing.id }, start, 2);
          const key = { thingId: thing.id, associationId: association.id };
          if (!(await associations.hasThing(request, key))) throw associationNotFound(association.id);
          const isLast = all.length === 1 && thing.status === "ACTIVATED";
          const after: ManagedThing = { ...thing, updatedAt: request.now };
          await database.commit([
            associations.removeThing(request, key),
            ...(await lifeCycle.change(thing, isLast ? { ...after, status: "UNASSOCIATED" } : after)),
          ]);
          notifier.wake();
          return {};
        }),
    },

    ListManagedThingAccountAssociations: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const filters = { thingId: input.ManagedThingId, associationId: input.AccountAssociationId };
        const rows = await associations.things(request, filters, afterPair(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => `${row.thingId}/${row.associationId}`);
        return {
          Items: items.map(({ thingId, associationId }) => ({
            ManagedThingId: thingId,
            AccountAssociationId: associationId,
            ManagedThingAssociationStatus: "ASSOCIATED" as const,
          })),
          NextToken: nextToken,
        };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}

function afterPair(nextToken: string | undefined): ThingAssociation {
  const after = afterToken(nextToken);
  if (after === "") return { thingId: "", associationId: "" };
  const [thingId = "", associationId, ...rest] = after.split("/");
  if (associationId === undefined || rest.length > 0) {
    throw invalid("NextToken was not returned by this operation. Start again without it.");
  }
  return { thingId, associationId };
}

const propertiesOf = (endpoints: readonly MessageEndpoint[], now: number): StoredProperty[] =>
  endpoints.flatMap(({ endpointId, capabilities }) =>
    capabilities.flatMap(({ id, properties = [] }) =>
      properties.map(({ name, value }) => ({
        endpointId,
        capabilityId: id,
        property: name,
        value,
        changedAt: new Date(now).toISOString(),
      })),
    ),
  );
