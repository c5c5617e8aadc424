import { type Database, onConflictAgain } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import type { ManagedIntegrationsOperations, OperationTable, RequestContext } from "@hearth/contract";
import type { DestinationStore } from "../connector-destinations/connector-destination-store.ts";
import { invalid, notFound } from "../errors.ts";
import type { Idempotently } from "../idempotently.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { Place } from "../place.ts";
import { type CloudConnector, connectorArn, functionArn, ownFunctionArn } from "./cloud-connector.ts";
import type { ConnectorStore } from "./connector-store.ts";

export const connectorNotFound = (id: string) => notFound("CloudConnector", id, "Cloud connector not found.");

/** Which function answers for a connector is its own account's affair. */
const shown = (connector: CloudConnector, { accountId }: Place) => ({
  Id: connector.id,
  Name: connector.name,
  Description: connector.description,
  EndpointConfig: connector.accountId === accountId ? { lambda: { arn: connector.lambdaArn } } : {},
  EndpointType: "LAMBDA" as const,
  Type: connector.type,
});

/** Cloud connectors: an account's own, and those that are listed for everybody (reference 9; 9.9, steps 1 and 7). */
export function connectorOperations(deps: {
  database: Database;
  connectors: ConnectorStore;
  destinations: Pick<DestinationStore, "anyFor">;
  idempotently: Idempotently;
}) {
  const { database, connectors, destinations, idempotently } = deps;

  const existing = async (place: Place, id: string): Promise<CloudConnector> => {
    const connector = await connectors.get(place, id);
    if (!connector) throw connectorNotFound(id);
    return connector;
  };
  const arn = (input: { Identifier: string }, request: RequestContext) => [
    connectorArn({ accountId: request.accountId, region: request.region, id: input.Identifier }),
  ];

  return {
    CreateCloudConnector: {
      resources: (_input, request) => [
        `arn:aws:iotmanagedintegrations:${request.region}:${request.accountId}:cloud-connector/*`,
      ],
      async handle(input, request) {
        const given = input.EndpointConfig.lambda?.arn;
        if (given === undefined) throw invalid("EndpointConfig.lambda is required: connectors are functions.");
        const lambdaArn = ownFunctionArn(request, given);
        // The builder's permission on the function (reference 9.1): the platform will call it on this record's word.
        await request.authorize("lambda:InvokeFunction", lambdaArn);
        return idempotently("CreateCloudConnector", input, request, async (remember) => {
          const connector: CloudConnector = {
            accountId: request.accountId,
            region: request.region,
            id: randomHex(16),
            name: input.Name,
            description: input.Description,
            lambdaArn,
            type: "UNLISTED",
            createdAt: request.now,
            revision: 1,
          };
          const answer = { Id: connector.id };
          await database.commit([connectors.insert(connector), ...remember(answer)]);
          return answer;
        });
      },
    },

    GetCloudConnector: {
      resources: arn,
      async handle(input, request) {
        const connector = await connectors.visible(request, input.Identifier);
        if (!connector) throw connectorNotFound(input.Identifier);
        return shown(connector, request);
      },
    },

    ListCloudConnectors: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const lambdaArn = input.LambdaArn === undefined ? undefined : functionArn(request, input.LambdaArn);
        const filters = { type: input.Type, lambdaArn };
        const rows = await connectors.list(request, filters, afterToken(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => row.id);
        return { Items: items.map((one) => shown(one, request)), NextToken: nextToken };
      },
    },

    UpdateCloudConnector: {
      resources: arn,
      handle: (input, request) =>
        onConflictAgain(async () => {
          const connector = await existing(request, input.Identifier);
          const after: CloudConnector = {
            ...connector,
            name: input.Name ?? connector.name,
            description: input.Description ?? connector.description,
          };
          await database.commit([connectors.update(connector, after)]);
          return {};
        }),
    },

    DeleteCloudConnector: {
      resources: arn,
      handle: (input, request) =>
        onConflictAgain(async () => {
          const connector = await existing(request, input.Identifier);
          const used = await destinations.anyFor(connector);
          // The model gives this operation no ConflictException. Whose destinations others' are is not told.
          if (used?.accountId === request.accountId) {
            throw invalid(`The cloud connector has connector destinations (${used.id}). Delete them first.`);
          }
          if (used) throw invalid("Other accounts have connector destinations for the cloud connector.");
          await database.commit([connectors.remove(connector)]);
          return {};
        }),
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
