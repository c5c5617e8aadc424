import type { ManagedIntegrationsOperations, OperationTable } from "@hearth/contract";
import type { ReportCache } from "../capabilities/reports.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { TagConditions } from "../tags/taggable.ts";
import { thingArn } from "../things/managed-thing.ts";
import { thingNotFound } from "../things/thing-operations.ts";
import type { ThingStore } from "../things/thing-store.ts";
import type { SchemaSets } from "./schema-sets.ts";
import type { SchemaStore } from "./schema-store.ts";

/** Sorts as endpoint, then capability: neither id has a space. */
const keyOf = (row: { endpointId: string; capabilityId: string }): string => `${row.endpointId} ${row.capabilityId}`;

/** What the values of one managed thing are checked against. */
export function thingSchemaOperations(deps: {
  things: ThingStore;
  reports: ReportCache;
  schemas: SchemaStore;
  schemaSets: SchemaSets;
  tagConditions: TagConditions;
}) {
  const { things, reports, schemas, schemaSets, tagConditions } = deps;
  return {
    /**
     * The schema of each capability that each endpoint has; of what the thing brought itself also those that no
     * endpoint has, without an endpoint. Capabilities that nobody gave a schema for are left out.
     */
    ListManagedThingSchemas: {
      resources: (input, request) => [thingArn({ ...request, id: input.Identifier })],
      conditions: tagConditions.resource("managed-thing", (input: { Identifier: string }) => input.Identifier),
      async handle(input, request) {
        const thing = await things.get(request, input.Identifier);
        if (!thing) throw thingNotFound(input.Identifier);
        const set = await schemaSets.of(thing);
        const inReport = (reports.of(thing)?.endpoints ?? []).flatMap(({ id: endpointId, capabilities }) =>
          capabilities.map(({ id: capabilityId }) => ({ endpointId, capabilityId })),
        );
        const reported = new Set(inReport.map(({ capabilityId }) => capabilityId));
        const own = thing.details.schemaRevision === undefined ? [] : await schemas.ofThing(thing, thing.id);
        const rows = [
          ...inReport,
          ...own
            .map(({ $id }) => $id.slice($id.lastIndexOf("/") + 1))
            .filter((capabilityId) => !reported.has(capabilityId))
            .map((capabilityId) => ({ endpointId: "", capabilityId })),
        ];
        const { EndpointIdFilter: endpoint, CapabilityIdFilter: capability } = input;
        const after = afterToken(input.NextToken);
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const wanted = rows
          .filter((row) => endpoint === undefined || row.endpointId === endpoint)
          .filter((row) => capability === undefined || row.capabilityId === capability)
          .filter((row) => keyOf(row) > after)
          .flatMap((row) => {
            const id = set.resolve(row.capabilityId, "capability");
            const document = id === undefined ? undefined : set.source.capability(id);
            return document ? [{ ...row, document }] : [];
          })
          .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
        const { items, nextToken } = pageOf(wanted, size, keyOf);
        return {
          Items: items.map(({ endpointId, capabilityId, document }) => ({
            EndpointId: endpointId === "" ? undefined : endpointId,
            CapabilityId: capabilityId,
            Schema: document as unknown as Record<string, unknown>,
          })),
          NextToken: nextToken,
        };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
