import { type Database, onConflictAgain, UniqueViolation, WriteConflict } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import type { ManagedIntegrationsOperations, OperationTable, RequestContext } from "@hearth/contract";
import { extendSchemas, type SchemaSet } from "@hearth/data-model";
import type { AssociationStore } from "../account-associations/association-store.ts";
import { checkedCapabilities, checkedReport } from "../capabilities/checked-report.ts";
import { lockerNotFound } from "../credential-lockers/locker-operations.ts";
import type { LockerStore } from "../credential-lockers/locker-store.ts";
import type { DeviceProfileStore } from "../device-profiles/device-profile-store.ts";
import type { DiscoveredDevices } from "../discovery/discovered-devices.ts";
import { conflict, invalid, notFound } from "../errors.ts";
import type { HubGreeting } from "../hub/hub-greeting.ts";
import type { HubLabels } from "../hub/hub-labels.ts";
import type { Idempotently } from "../idempotently.ts";
import type { IotRoom, Messaging } from "../iot-room.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { OtaFeed } from "../ota-tasks/ota-feed.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { Place } from "../place.ts";
import { type CapabilitySchemaItem, checkedSchemas } from "../schemas/checked-schemas.ts";
import type { SchemaSets } from "../schemas/schema-sets.ts";
import type { SchemaStore } from "../schemas/schema-store.ts";
import { checkTags } from "../tags/tag-rules.ts";
import type { TagConditions } from "../tags/taggable.ts";
import { type ParsedMaterial, parseAuthenticationMaterial } from "./authentication-material.ts";
import type { LifeCycle } from "./life-cycle.ts";
import { initialStatus, type ManagedThing, mustBeTold, type ThingDetails, thingArn } from "./managed-thing.ts";
import type { Removal } from "./removal.ts";
import type { ThingStore } from "./thing-store.ts";

export const thingNotFound = (id: string) => notFound("ManagedThing", id, "Managed Thing resource not found.");

type Operations = ManagedIntegrationsOperations;

/** What both GetManagedThing and ListManagedThings show. */
const shown = (thing: ManagedThing) => ({
  Id: thing.id,
  Arn: thingArn(thing),
  AdvertisedProductId: thing.details.advertisedProductId,
  Brand: thing.details.brand,
  Classification: thing.details.classification,
  ConnectorDestinationId: thing.connectorDestinationId,
  ConnectorDeviceId: thing.details.connectorDeviceId,
  CredentialLockerId: thing.credentialLockerId,
  Model: thing.details.model,
  Name: thing.details.name,
  Owner: thing.details.owner,
  ParentControllerId: thing.parentControllerId,
  ProvisioningStatus: thing.status,
  Role: thing.role,
  SerialNumber: thing.details.serialNumber,
  CreatedAt: thing.createdAt / 1000,
  UpdatedAt: thing.updatedAt / 1000,
  ActivatedAt: thing.activatedAt === undefined ? undefined : thing.activatedAt / 1000,
});

/** Create, get, list, update and delete managed things (reference 3). */
export function thingOperations(deps: {
  database: Database;
  things: ThingStore;
  lifeCycle: LifeCycle;
  removal: Removal;
  notifier: Pick<Notifier, "wake">;
  idempotently: Idempotently;
  certificatePem: IotRoom["certificatePem"];
  discovered: DiscoveredDevices;
  associations: Pick<AssociationStore, "things">;
  messaging: Pick<Messaging, "publish">;
  tagConditions: TagConditions;
  lockers: Pick<LockerStore, "exists">;
  deviceProfiles: Pick<DeviceProfileStore, "get">;
  schemas: Pick<SchemaStore, "replaceOfThing">;
  schemaSets: SchemaSets;
  labels: HubLabels;
  greeting: Pick<HubGreeting, "networkMode">;
  otaFeed: Pick<OtaFeed, "changed">;
}) {
  const { otaFeed, lockers, deviceProfiles, schemas, schemaSets, labels, greeting } = deps;
  const { database, things, lifeCycle, removal, notifier, idempotently, certificatePem, tagConditions } = deps;
  const { discovered, associations, messaging } = deps;

  const existing = async (request: RequestContext, id: string): Promise<ManagedThing> => {
    const thing = await things.get(request, id);
    if (!thing) throw thingNotFound(id);
    return thing;
  };
  const arn = (input: { Identifier: string }, request: RequestContext) => [
    thingArn({ accountId: request.accountId, region: request.region, id: input.Identifier }),
  ];
  const ofThing = tagConditions.resource("managed-thing", (input: { Identifier: string }) => input.Identifier);
  const reportOf = (
    input: { CapabilityReport?: unknown; Capabilities?: string },
    schemas: SchemaSet,
  ): string | undefined => {
    if (input.CapabilityReport !== undefined && input.Capabilities !== undefined) {
      throw invalid("Capabilities is deprecated in favour of CapabilityReport. Give one of them.");
    }
    return checkedReport(input.CapabilityReport, schemas) ?? checkedCapabilities(input.Capabilities, schemas);
  };
  /** The schemas that a request brings, and all that its report may name then. */
  const schemasOf = async (
    input: { CapabilitySchemas?: readonly CapabilitySchemaItem[] },
    before: (place: Place) => Promise<SchemaSet>,
    place: Place,
  ) => {
    if (input.CapabilitySchemas === undefined) return { own: undefined, all: await before(place) };
    const account = await schemaSets.ofAccount(place);
    const own = checkedSchemas(input.CapabilitySchemas, account);
    const documents = own.map(({ document }) => document);
    return { own, all: own.length === 0 ? account : extendSchemas(account, documents) };
  };
  const lockerMustExist = async (place: Place, id: string | undefined) => {
    if (id !== undefined && !(await lockers.exists(place, id))) throw lockerNotFound(id);
  };
  const profileOf = async (place: Place, material: ParsedMaterial) => {
    const code = material.universalProductCode ?? material.internationalArticleNumber;
    return code === undefined ? undefined : (await deviceProfiles.get(place, code))?.details;
  };

  return {
    CreateManagedThing: {
      resources: (_input, request) => [
        `arn:aws:iotmanagedintegrations:${request.region}:${request.accountId}:managed-thing/*`,
      ],
      conditions: (input) => tagConditions.request(input.Tags),
      handle: (input, request) =>
        idempotently("CreateManagedThing", input, request, async (remember) => {
          checkTags(input.Tags, "ValidationException");
          await lockerMustExist(request, input.CredentialLockerId);
          const parsed = parseAuthenticationMaterial(input.AuthenticationMaterialType, input.AuthenticationMaterial);
          const found =
            input.AuthenticationMaterialType === "DISCOVERED_DEVICE"
              ? await discovered.claim(request, input.AuthenticationMaterial)
              : undefined;
          if (parsed.serialNumber && input.SerialNumber && parsed.serialNumber !== input.SerialNumber) {
            throw invalid("SerialNumber differs from the one in AuthenticationMaterial.");
          }
          const profile = await profileOf(request, parsed);
          const { own = [], all } = await schemasOf(input, schemaSets.ofAccount, request);
          const thing: ManagedThing = {
            accountId: request.accountId,
            region: request.region,
            id: randomHex(16),
            role: input.Role,
            status: found?.status ?? initialStatus(input.AuthenticationMaterialType),
            details: {
              authenticationMaterial: input.AuthenticationMaterial,
              authenticationMaterialType: input.AuthenticationMaterialType,
              ...parsed,
              ...found?.details,
              serialNumber: parsed.serialNumber ?? input.SerialNumber,
              owner: input.Owner,
              advertisedProductId: profile?.advertisedProductId,
              brand: input.Brand ?? found?.details.brand ?? profile?.brand,
              model: input.Model ?? found?.details.model ?? profile?.model,
              name: input.Name ?? found?.details.name,
              classification: input.Classification ?? profile?.classification,
              metaData: input.MetaData,
              tags: input.Tags,
              wiFiSimpleSetupConfiguration: input.WiFiSimpleSetupConfiguration,
              schemaRevision: own.length > 0 ? randomHex(8) : undefined,
            },
            credentialLockerId: input.CredentialLockerId,
            parentControllerId: found?.parentControllerId,
            connectorDestinationId: found?.connectorDestinationId,
            capabilityReport: reportOf(input, all) ?? profile?.capabilityReport,
            revision: 1,
            lastEventNumber: 0,
            createdAt: request.now,
            updatedAt: request.now,
          };
          const answer = { Id: thing.id, Arn: thingArn(thing), CreatedAt: thing.createdAt / 1000 };
          const guard = found?.guard ?? [];
          await onConflictAgain(async () => {
            const fed = await otaFeed.changed(undefined, thing);
            try {
              await database.commit([
                ...guard,
                ...(await lifeCycle.create(thing)),
                ...(own.length > 0 ? await schemas.replaceOfThing(thing, thing.id, own) : []),
                ...remember(answer),
                ...fed.writes,
              ]);
            } catch (error) {
              if (error instanceof UniqueViolation && error.index === guard.length) {
                throw conflict("A managed thing with this AuthenticationMaterial exists. Delete it first.");
              }
              if (error instanceof WriteConflict && error.index < guard.length) {
                throw conflict("The controller that found the device was deleted. Discover again.");
              }
              throw error;
            }
            notifier.wake();
            fed.committed();
          });
          if (found) await messaging.publish(found.messages(thing, request.now));
          await labels.changed([{ after: thing }]);
          return answer;
        }),
    },

    GetManagedThing: {
      resources: arn,
      conditions: ofThing,
      async handle(input, request) {
        const thing = await existing(request, input.Identifier);
        return {
          ...shown(thing),
          UniversalProductCode: thing.details.universalProductCode,
          InternationalArticleNumber: thing.details.internationalArticleNumber,
          DeviceSpecificKey: thing.details.deviceSpecificKey,
          MacAddress: thing.details.macAddress,
          HubNetworkMode: thing.details.hubNetworkMode,
          MetaData: thing.details.metaData,
          Tags: thing.details.tags,
          WiFiSimpleSetupConfiguration: thing.details.wiFiSimpleSetupConfiguration,
        };
      },
    },

    ListManagedThings: {
      async handle(input, request) {
        // Connector policies were replaced by destinations: nothing has one.
        if (input.ConnectorPolicyIdFilter !== undefined) return { Items: [] };
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const rows = await things.list(
          request,
          {
            owner: input.OwnerFilter,
            credentialLockerId: input.CredentialLockerFilter,
            role: input.RoleFilter,
            parentControllerId: input.ParentControllerIdentifierFilter,
            serialNumber: input.SerialNumberFilter,
            status: input.ProvisioningStatusFilter,
            connectorDestinationId: input.ConnectorDestinationIdFilter,
            connectorDeviceId: input.ConnectorDeviceIdFilter,
          },
          afterToken(input.NextToken),
          size + 1,
        );
        const { items, nextToken } = pageOf(rows, size, (row) => row.id);
        return { Items: items.map(shown), NextToken: nextToken };
      },
    },

    UpdateManagedThing: {
      resources: arn,
      conditions: ofThing,
      async handle(input, request) {
        await lockerMustExist(request, input.CredentialLockerId);
        const { before, after } = await onConflictAgain(async () => {
          const thing = await existing(request, input.Identifier);
          if (thing.status === "DELETE_IN_PROGRESS") throw conflict("The managed thing is being deleted.");
          const { own, all } = await schemasOf(input, () => schemaSets.of(thing), request);
          const report = reportOf(input, all);
          // What the thing has reported must be so under the schemas that it has from now on.
          if (own && report === undefined && thing.capabilityReport !== undefined) {
            checkedReport(JSON.parse(thing.capabilityReport), all);
          }
          const details: ThingDetails = {
            ...thing.details,
            owner: input.Owner ?? thing.details.owner,
            serialNumber: input.SerialNumber ?? thing.details.serialNumber,
            brand: input.Brand ?? thing.details.brand,
            model: input.Model ?? thing.details.model,
            name: input.Name ?? thing.details.name,
            classification: input.Classification ?? thing.details.classification,
            metaData: input.MetaData ?? thing.details.metaData,
            hubNetworkMode: input.HubNetworkMode ?? thing.details.hubNetworkMode,
            wiFiSimpleSetupConfiguration:
              input.WiFiSimpleSetupConfiguration ?? thing.details.wiFiSimpleSetupConfiguration,
            ...(own && { schemaRevision: own.length > 0 ? randomHex(8) : undefined }),
          };
          const after: ManagedThing = {
            ...thing,
            details,
            credentialLockerId: input.CredentialLockerId ?? thing.credentialLockerId,
            capabilityReport: report ?? thing.capabilityReport,
            updatedAt: request.now,
          };
          const fed = await otaFeed.changed(thing, after);
          try {
            await database.commit([
              ...(await lifeCycle.change(thing, after)),
              ...(own ? await schemas.replaceOfThing(thing, thing.id, own) : []),
              ...fed.writes,
            ]);
          } catch (error) {
            if (error instanceof UniqueViolation && error.index === 0) {
              throw conflict("Another managed thing has this serial number.");
            }
            throw error;
          }
          fed.committed();
          return { before: thing, after };
        });
        await labels.changed([{ before, after }]);
        if (input.HubNetworkMode !== undefined) greeting.networkMode(after);
        if (after.role === "CONTROLLER" && after.credentialLockerId !== before.credentialLockerId) {
          await labels.list(after);
        }
        return {};
      },
    },

    DeleteManagedThing: {
      resources: arn,
      conditions: ofThing,
      async handle(input, request) {
        await onConflictAgain(async () => {
          const thing = await existing(request, input.Identifier);
          if (thing.connectorDestinationId !== undefined && input.Force !== true) {
            const start = { thingId: "", associationId: "" };
            const [registered] = await associations.things(request, { thingId: thing.id }, start, 1);
            if (registered) {
              throw conflict(
                `The managed thing is registered with account association ${registered.associationId}. Deregister it first.`,
              );
            }
          }
          if (input.Force === true) await removal.force(thing, request.now);
          else if (mustBeTold(thing)) await removal.begin(thing, request.now);
          else await removal.finish(thing, request.now);
          await labels.changed([{ before: thing }]);
        });
        return {};
      },
    },

    GetManagedThingMetaData: {
      resources: arn,
      conditions: ofThing,
      async handle(input, request) {
        const thing = await existing(request, input.Identifier);
        return { ManagedThingId: thing.id, MetaData: thing.details.metaData };
      },
    },

    GetManagedThingCertificate: {
      resources: arn,
      conditions: ofThing,
      async handle(input, request) {
        const thing = await existing(request, input.Identifier);
        const pem = thing.certificateId && (await certificatePem(thing, thing.certificateId));
        if (!pem) {
          throw notFound("Certificate", thing.id, "The managed thing has no certificate yet: it was not provisioned.");
        }
        return { ManagedThingId: thing.id, CertificatePem: pem };
      },
    },

    GetManagedThingConnectivityData: {
      resources: arn,
      conditions: ofThing,
      async handle(input, request) {
        const thing = await existing(request, input.Identifier);
        return {
          ManagedThingId: thing.id,
          Connected: thing.connected ?? false,
          Timestamp: thing.connectivityAt === undefined ? undefined : thing.connectivityAt / 1000,
          DisconnectReason: thing.disconnectReason ?? "NONE",
        };
      },
    },

    GetManagedThingCapabilities: {
      resources: arn,
      conditions: ofThing,
      async handle(input, request) {
        const thing = await existing(request, input.Identifier);
        return {
          ManagedThingId: thing.id,
          CapabilityReport: thing.capabilityReport === undefined ? undefined : JSON.parse(thing.capabilityReport),
        };
      },
    },
  } satisfies OperationTable<Operations>;
}
