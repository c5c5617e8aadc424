import { type Database, WriteConflict } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import type { ManagedIntegrationsOperations, OperationTable, RequestContext } from "@hearth/contract";
import { notFound } from "../errors.ts";
import type { HubLabels } from "../hub/hub-labels.ts";
import type { Idempotently } from "../idempotently.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { Place } from "../place.ts";
import { checkTags } from "../tags/tag-rules.ts";
import type { TagConditions } from "../tags/taggable.ts";
import type { CredentialLocker, LockerStore } from "./locker-store.ts";

export const lockerNotFound = (id: string) => notFound("CredentialLocker", id, "Credential locker not found.");

const lockerArn = ({ accountId, region }: Place, id: string): string =>
  `arn:aws:iotmanagedintegrations:${region}:${accountId}:credential-locker/${id}`;

const shown = (locker: CredentialLocker) => ({
  Id: locker.id,
  Arn: lockerArn(locker, locker.id),
  Name: locker.details.name,
  CreatedAt: locker.createdAt / 1000,
});

/**
 * Credential lockers (reference 3.3). Deleting one cannot be undone: things that name it keep its id, and are not
 * admitted any more where a locker is asked for.
 */
export function lockerOperations(deps: {
  database: Database;
  lockers: LockerStore;
  idempotently: Idempotently;
  tagConditions: TagConditions;
  labels: Pick<HubLabels, "lockerGone">;
}) {
  const { database, lockers, idempotently, tagConditions, labels } = deps;
  const resources = (input: { Identifier: string }, request: RequestContext) => [lockerArn(request, input.Identifier)];
  const conditions = tagConditions.resource("credential-locker", (input: { Identifier: string }) => input.Identifier);

  return {
    CreateCredentialLocker: {
      resources: (_input, request) => [lockerArn(request, "*")],
      conditions: (input) => tagConditions.request(input.Tags),
      handle: (input, request) =>
        idempotently("CreateCredentialLocker", input, request, async (remember) => {
          checkTags(input.Tags, "ValidationException");
          const { accountId, region } = request;
          const locker: CredentialLocker = {
            ...{ accountId, region, id: randomHex(16) },
            details: { name: input.Name, tags: input.Tags },
            revision: 1,
            createdAt: request.now,
          };
          const { Name: _, ...answer } = shown(locker);
          await database.commit([await lockers.insert(locker), ...remember(answer)]);
          return answer;
        }),
    },

    GetCredentialLocker: {
      resources,
      conditions,
      async handle(input, request) {
        const locker = await lockers.get(request, input.Identifier);
        if (!locker) throw lockerNotFound(input.Identifier);
        return { ...shown(locker), Tags: locker.details.tags };
      },
    },

    ListCredentialLockers: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const rows = await lockers.list(request, afterToken(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => row.id);
        return { Items: items.map(shown), NextToken: nextToken };
      },
    },

    DeleteCredentialLocker: {
      resources,
      conditions,
      async handle(input, request) {
        try {
          await database.commit([lockers.remove(request, input.Identifier)]);
        } catch (error) {
          if (error instanceof WriteConflict) throw lockerNotFound(input.Identifier);
          throw error;
        }
        await labels.lockerGone(request, input.Identifier);
        return {};
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
