import type { Database } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import type {
  ManagedIntegrations,
  ManagedIntegrationsOperations,
  OperationTable,
  RequestContext,
} from "@hearth/contract";
import { associationArn } from "../account-associations/account-association.ts";
import { associationNotFound } from "../account-associations/association-operations.ts";
import type { AssociationStore } from "../account-associations/association-store.ts";
import { conflict, invalid, notFound } from "../errors.ts";
import { discoveryMessage } from "../hub/hub-messages.ts";
import type { Idempotently } from "../idempotently.ts";
import type { Messaging } from "../iot-room.ts";
import type { Notifier } from "../notifications/notifier.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { Place } from "../place.ts";
import { checkTags } from "../tags/tag-rules.ts";
import type { TagConditions } from "../tags/taggable.ts";
import { thingArn } from "../things/managed-thing.ts";
import { thingNotFound } from "../things/thing-operations.ts";
import type { ThingStore } from "../things/thing-store.ts";
import type { CloudSearch } from "./cloud-search.ts";
import type { Discoveries } from "./discoveries.ts";
import { type DeviceDiscovery, discoveryArn, materialOf } from "./discovery.ts";
import type { DiscoveryStore } from "./discovery-store.ts";

export const discoveryNotFound = (id: string) => notFound("DeviceDiscovery", id, "Device discovery not found.");

type Input = ManagedIntegrations.StartDeviceDiscoveryRequest;

/** Discovery jobs (reference 9.6, 9.9 step 4, 10.6). */
export function discoveryOperations(deps: {
  database: Database;
  discoveries: DiscoveryStore;
  jobs: Discoveries;
  associations: AssociationStore;
  things: ThingStore;
  notifier: Pick<Notifier, "write" | "wake">;
  messaging: Pick<Messaging, "publish" | "reach">;
  cloudSearch: CloudSearch;
  idempotently: Idempotently;
  tagConditions: TagConditions;
}) {
  const { database, discoveries, jobs, associations, things } = deps;
  const { notifier, messaging, cloudSearch, idempotently, tagConditions } = deps;

  const existing = async (place: Place, id: string): Promise<DeviceDiscovery> => {
    const discovery = await discoveries.get(place, id);
    if (!discovery) throw discoveryNotFound(id);
    return discovery;
  };
  const arn = (input: { Identifier: string }, request: RequestContext) => [
    discoveryArn({ accountId: request.accountId, region: request.region, id: input.Identifier }),
  ];

  /** What each type needs beyond its form, and who searches (reference 10.6); `away` says why nobody does. */
  async function searcher(
    input: Input,
    place: Place,
  ): Promise<Pick<DeviceDiscovery, "controllerId" | "associationId"> & { away?: string }> {
    if (input.DiscoveryType === "CLOUD") {
      const associationId = input.AccountAssociationId ?? input.ConnectorAssociationIdentifier;
      if (associationId === undefined) throw invalid("AccountAssociationId is required with DiscoveryType CLOUD.");
      const association = await associations.get(place, associationId);
      if (!association) throw associationNotFound(associationId);
      if (association.state !== "ASSOCIATION_SUCCEEDED") {
        throw conflict(`The account association is ${association.state}; discovery needs one that succeeded.`);
      }
      return { associationId };
    }
    const controllerId = input.ControllerIdentifier;
    if (controllerId === undefined) {
      throw invalid(`ControllerIdentifier is required with DiscoveryType ${input.DiscoveryType}.`);
    }
    const controller = await things.get(place, controllerId);
    if (!controller) throw thingNotFound(controllerId);
    if (controller.role !== "CONTROLLER") throw invalid("ControllerIdentifier must name a thing of role CONTROLLER.");
    checkHubSearch(input);
    if (input.EndDeviceIdentifier !== undefined) {
      const device = await things.get(place, input.EndDeviceIdentifier);
      if (device?.parentControllerId !== controllerId) throw thingNotFound(input.EndDeviceIdentifier);
    }
    if (controller.status === "DELETE_IN_PROGRESS") throw conflict("The controller is being deleted.");
    const isThere =
      controller.status === "ACTIVATED" &&
      messaging.reach(place.accountId, controllerId, `south/${controllerId}/setup`) !== "nobody";
    const why = controller.status === "ACTIVATED" ? "not connected" : `${controller.status}, not ACTIVATED`;
    return { controllerId, ...(isThere ? {} : { away: `the controller is ${why}` }) };
  }

  return {
    StartDeviceDiscovery: {
      resources: (input, request) => {
        const { accountId, region } = request;
        const association = input.AccountAssociationId ?? input.ConnectorAssociationIdentifier;
        if (input.DiscoveryType === "CLOUD" && association !== undefined) {
          return [associationArn({ accountId, region, id: association })];
        }
        const controller = input.ControllerIdentifier;
        return [controller === undefined ? "*" : thingArn({ accountId, region, id: controller })];
      },
      conditions: async (input, request) => ({
        ...(await tagConditions.resource<Input>("managed-thing", (given) => given.ControllerIdentifier)(
          input,
          request,
        )),
        ...(await tagConditions.resource<Input>("account-association", (given) => given.AccountAssociationId)(
          input,
          request,
        )),
        ...tagConditions.request(input.Tags),
      }),
      handle: (input, request) =>
        idempotently("StartDeviceDiscovery", input, request, async (remember) => {
          checkTags(input.Tags, "ValidationException");
          const { controllerId, associationId, away } = await searcher(input, request);
          await jobs.makeRoom(request);
          const discovery: DeviceDiscovery = {
            accountId: request.accountId,
            region: request.region,
            id: randomHex(16),
            type: input.DiscoveryType,
            status: away ? "TIMED_OUT" : "RUNNING",
            controllerId,
            associationId,
            details: {
              tags: input.Tags,
              authenticationMaterial: input.AuthenticationMaterial,
              authenticationMaterialType: input.AuthenticationMaterialType,
              customProtocolDetail: input.CustomProtocolDetail,
              protocol: input.Protocol,
              endDeviceId: input.EndDeviceIdentifier,
              connectorDeviceIds: input.ConnectorDeviceIdList,
            },
            deviceCount: 0,
            startedAt: request.now,
            ...(away ? { finishedAt: request.now } : {}),
            revision: 1,
          };
          const answer = { Id: discovery.id, StartedAt: request.now / 1000 };
          await database.commit([
            ...(await jobs.begin(discovery, away)),
            ...(associationId === undefined ? [] : await cloudSearch.queue(discovery)),
            ...remember(answer),
          ]);
          notifier.wake();
          jobs.wake();
          if (controllerId !== undefined && !away) {
            await messaging.publish([
              discoveryMessage({ accountId: discovery.accountId, id: controllerId }, discovery),
            ]);
          }
          return answer;
        }),
    },

    GetDeviceDiscovery: {
      resources: arn,
      async handle(input, request) {
        const discovery = await existing(request, input.Identifier);
        return {
          Id: discovery.id,
          Arn: discoveryArn(discovery),
          DiscoveryType: discovery.type,
          Status: discovery.status,
          StartedAt: discovery.startedAt / 1000,
          FinishedAt: discovery.finishedAt === undefined ? undefined : discovery.finishedAt / 1000,
          ControllerId: discovery.controllerId,
          AccountAssociationId: discovery.associationId,
          Tags: discovery.details.tags,
        };
      },
    },

    ListDeviceDiscoveries: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const filters = { type: input.TypeFilter, status: input.StatusFilter };
        const rows = await discoveries.list(request, filters, afterToken(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => row.id);
        const shown = items.map(({ id, type, status }) => ({ Id: id, DiscoveryType: type, Status: status }));
        return { Items: shown, NextToken: nextToken };
      },
    },

    ListDiscoveredDevices: {
      resources: arn,
      async handle(input, request) {
        const discovery = await existing(request, input.Identifier);
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const rows = await discoveries.devices(discovery, afterNumber(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => String(row.number));
        return {
          Items: items.map((device) => ({
            ConnectorDeviceId: discovery.associationId === undefined ? undefined : device.deviceId,
            ConnectorDeviceName: device.name,
            DeviceTypes: device.deviceTypes,
            ManagedThingId: device.managedThingId,
            Modification: device.modification,
            DiscoveredAt: device.discoveredAt / 1000,
            Brand: device.brand,
            Model: device.model,
            AuthenticationMaterial: materialOf(discovery, device),
          })),
          NextToken: nextToken,
        };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}

function afterNumber(nextToken: string | undefined): number {
  const after = afterToken(nextToken);
  if (after === "") return -1;
  if (!/^\d{1,9}$/.test(after)) throw invalid("NextToken was not returned by this operation. Start again without it.");
  return Number(after);
}

/** @throws ValidationException where a hub could not search for what the input says */
function checkHubSearch(input: Input): void {
  if ((input.AuthenticationMaterial === undefined) !== (input.AuthenticationMaterialType === undefined)) {
    throw invalid("AuthenticationMaterial and AuthenticationMaterialType go together.");
  }
  if (input.AuthenticationMaterial !== undefined && input.DiscoveryType !== "ZWAVE") {
    throw invalid("AuthenticationMaterial goes with DiscoveryType ZWAVE only.");
  }
  if (input.DiscoveryType === "CUSTOM" && !input.CustomProtocolDetail?.["Name"]) {
    throw invalid("CustomProtocolDetail needs a Name with DiscoveryType CUSTOM.");
  }
  if (input.DiscoveryType === "CONTROLLER_CAPABILITY_REDISCOVERY" && input.Protocol === undefined) {
    throw invalid("Protocol is required with DiscoveryType CONTROLLER_CAPABILITY_REDISCOVERY.");
  }
}
