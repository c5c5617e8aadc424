import type { ManagedIntegrationsOperations, OperationTable } from "@hearth/contract";
import type { CapabilityReport } from "@hearth/data-model";
import type { ReportCache } from "../capabilities/reports.ts";
import type { TagConditions } from "../tags/taggable.ts";
import { thingArn } from "../things/managed-thing.ts";
import { thingNotFound } from "../things/thing-operations.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { type CapabilityNames, stateEndpoints } from "./state.ts";
import type { StateStore } from "./state-store.ts";

/** Display name and version of a capability as the device's report gives them. */
export const namesIn =
  (report: CapabilityReport | undefined): CapabilityNames =>
  (endpointId, capabilityId) => {
    const endpoint = report?.endpoints.find((candidate) => candidate.id === endpointId);
    const capability = endpoint?.capabilities.find((candidate) => candidate.id === capabilityId);
    return { name: capability?.name ?? capabilityId, version: capability?.version ?? "1" };
  };

/** GetManagedThingState: the stored copy, whole (U19). */
export function stateOperations(deps: {
  things: ThingStore;
  states: StateStore;
  reports: ReportCache;
  tagConditions: TagConditions;
}) {
  const { things, states, reports, tagConditions } = deps;
  return {
    GetManagedThingState: {
      resources: (input, request) => [thingArn({ ...request, id: input.ManagedThingId })],
      conditions: tagConditions.resource("managed-thing", (input: { ManagedThingId: string }) => input.ManagedThingId),
      async handle(input, request) {
        const thing = await things.get(request, input.ManagedThingId);
        if (!thing) throw thingNotFound(input.ManagedThingId);
        return { Endpoints: stateEndpoints(await states.all(thing), namesIn(reports.of(thing))) };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
