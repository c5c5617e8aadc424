import type { Database } from "@hearth/backplane";
import type { ManagedIntegrationsOperations, OperationTable, RequestContext } from "@hearth/contract";
import { notFound } from "../errors.ts";
import type { Messaging } from "../iot-room.ts";
import type { EnsureServiceRole } from "../service-role.ts";
import type { TagConditions } from "../tags/taggable.ts";
import { thingArn } from "../things/managed-thing.ts";
import type { ThingStore } from "../things/thing-store.ts";
import {
  checkConfiguration,
  configurationMessage,
  effective,
  type RuntimeLogConfiguration,
} from "./runtime-log-configuration.ts";
import type { RuntimeLogStore } from "./runtime-log-store.ts";

/** What a device logs, keeps and uploads (reference 10.10). */
export function runtimeLogOperations(deps: {
  database: Database;
  things: Pick<ThingStore, "get">;
  runtimeLogs: RuntimeLogStore;
  messaging: Pick<Messaging, "publish">;
  ensureServiceRole: EnsureServiceRole;
  tagConditions: TagConditions;
}) {
  const { database, things, runtimeLogs, messaging, ensureServiceRole, tagConditions } = deps;
  const arn = (input: { ManagedThingId: string }, request: RequestContext) => [
    thingArn({ accountId: request.accountId, region: request.region, id: input.ManagedThingId }),
  ];
  const ofThing = tagConditions.resource("managed-thing", (input: { ManagedThingId: string }) => input.ManagedThingId);

  const existing = async (request: RequestContext, id: string) => {
    const thing = await things.get(request, id);
    if (!thing) throw notFound("ManagedThing", id, "Managed Thing resource not found.");
    return thing;
  };

  async function put(
    request: RequestContext,
    id: string,
    configuration: RuntimeLogConfiguration | undefined,
  ): Promise<object> {
    const thing = await existing(request, id);
    const role = configuration ? await ensureServiceRole(request) : [];
    await database.commit([...role, runtimeLogs.put(request, id, configuration, request.now)]);
    await messaging.publish([configurationMessage(thing, configuration, request.now)]);
    return {};
  }

  return {
    PutRuntimeLogConfiguration: {
      resources: arn,
      conditions: ofThing,
      async handle(input, request) {
        checkConfiguration(input.RuntimeLogConfigurations);
        return put(request, input.ManagedThingId, { ...input.RuntimeLogConfigurations });
      },
    },

    GetRuntimeLogConfiguration: {
      resources: arn,
      conditions: ofThing,
      async handle(input, request) {
        await existing(request, input.ManagedThingId);
        const stored = await runtimeLogs.get(request, input.ManagedThingId);
        return {
          ManagedThingId: input.ManagedThingId,
          RuntimeLogConfigurations: effective(stored?.configuration),
        };
      },
    },

    ResetRuntimeLogConfiguration: {
      resources: arn,
      conditions: ofThing,
      handle: (input, request) => put(request, input.ManagedThingId, undefined),
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
