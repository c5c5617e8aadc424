import { type Database, onConflictAgain } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import type { ManagedIntegrationsOperations, OperationTable, RequestContext } from "@hearth/contract";
import { type ConnectorDestination, secretArns } from "../connector-destinations/connector-destination.ts";
import { destinationNotFound } from "../connector-destinations/connector-destination-operations.ts";
import type { DestinationStore } from "../connector-destinations/connector-destination-store.ts";
import { conflict, invalid, notFound, unlessGone } from "../errors.ts";
import type { Idempotently } from "../idempotently.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { Place } from "../place.ts";
import { checkTags } from "../tags/tag-rules.ts";
import type { TagConditions, Taggable } from "../tags/taggable.ts";
import { type AccountAssociation, associationArn, mayBecome } from "./account-association.ts";
import type { AssociationLife } from "./association-life.ts";
import type { AssociationStore } from "./association-store.ts";
import type { Linking } from "./linking.ts";
import type { Unlinking } from "./unlinking.ts";

export const associationNotFound = (id: string) => notFound("AccountAssociation", id, "Account association not found.");

const shown = (association: AccountAssociation) => ({
  AccountAssociationId: association.id,
  AssociationState: association.state,
  ErrorMessage: association.details.errorMessage,
  ConnectorDestinationId: association.connectorDestinationId,
  Name: association.details.name,
  Description: association.details.description,
  Arn: associationArn(association),
});

/** The tags of account associations: in their sealed details. */
export const associationTags = (associations: AssociationStore): Taggable => ({
  type: "account-association",
  async find(place, id) {
    const association = await associations.get(place, id);
    if (!association) return undefined;
    return {
      tags: association.details.tags ?? {},
      replace: (tags) =>
        associations.update(association, {
          ...association,
          details: { ...association.details, tags: Object.keys(tags).length > 0 ? tags : undefined },
        }),
    };
  },
});

/** Account associations: end users' accounts at third-party clouds (reference 9.2; 9.9, step 3). */
export function associationOperations(deps: {
  database: Database;
  destinations: DestinationStore;
  associations: AssociationStore;
  life: AssociationLife;
  linking: Pick<Linking, "begin" | "wake">;
  unlinking: Unlinking;
  idempotently: Idempotently;
  tagConditions: TagConditions;
}) {
  const { database, destinations, associations, life, linking, unlinking, idempotently, tagConditions } = deps;
  const conditions = tagConditions.resource(
    "account-association",
    (input: { AccountAssociationId: string }) => input.AccountAssociationId,
  );

  const existing = async (place: Place, id: string): Promise<AccountAssociation> => {
    const association = await associations.get(place, id);
    if (!association) throw associationNotFound(id);
    return association;
  };
  const destinationOf = async (request: RequestContext, id: string): Promise<ConnectorDestination> => {
    const destination = await destinations.get(request, id);
    if (!destination) throw destinationNotFound(id);
    // The builder's permission on the secrets by which the link is made (reference 9.1).
    for (const arn of new Set(secretArns(destination.auth))) {
      await request.authorize("secretsmanager:GetSecretValue", arn);
    }
    return destination;
  };
  const arn = (input: { AccountAssociationId: string }, request: RequestContext) => [
    associationArn({ accountId: request.accountId, region: request.region, id: input.AccountAssociationId }),
  ];

  return {
    CreateAccountAssociation: {
      resources: (_input, request) => [
        `arn:aws:iotmanagedintegrations:${request.region}:${request.accountId}:account-association/*`,
      ],
      conditions: (input) => tagConditions.request(input.Tags),
      handle: (input, request) =>
        idempotently("CreateAccountAssociation", input, request, async (remember) => {
          checkTags(input.Tags, "ValidationException");
          const destination = await destinationOf(request, input.ConnectorDestinationId);
          const authMaterialName = input.GeneralAuthorization?.AuthMaterialName;
          // The id comes first: the secret is read on behalf of the association (reference 13.3).
          const place = { accountId: request.accountId, region: request.region, id: randomHex(16) };
          const { authorizationUrl, writes } = await linking.begin(place, destination, authMaterialName);
          const association: AccountAssociation = {
            ...place,
            connectorDestinationId: destination.id,
            state: "ASSOCIATION_IN_PROGRESS",
            details: {
              name: input.Name,
              description: input.Description,
              tags: input.Tags,
              authorizationUrl,
              authMaterialName,
            },
            createdAt: request.now,
            revision: 1,
          };
          const answer = {
            OAuthAuthorizationUrl: authorizationUrl,
            AccountAssociationId: association.id,
            AssociationState: association.state,
            Arn: associationArn(association),
          };
          const created = [...(await life.create(association)), ...writes, ...remember(answer)];
          await unlessGone(database.commit([destinations.use(destination), ...created]), () =>
            destinationNotFound(destination.id),
          );
          linking.wake();
          return answer;
        }),
    },

    GetAccountAssociation: {
      resources: arn,
      conditions,
      async handle(input, request) {
        const association = await existing(request, input.AccountAssociationId);
        await destinationOf(request, association.connectorDestinationId);
        const { authorizationUrl, authMaterialName, tags } = association.details;
        return {
          ...shown(association),
          OAuthAuthorizationUrl: authorizationUrl,
          GeneralAuthorization: authMaterialName === undefined ? undefined : { AuthMaterialName: authMaterialName },
          Tags: tags,
        };
      },
    },

    ListAccountAssociations: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const filters = { connectorDestinationId: input.ConnectorDestinationId };
        const rows = await associations.list(request, filters, afterToken(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => row.id);
        return { Items: items.map(shown), NextToken: nextToken };
      },
    },

    UpdateAccountAssociation: {
      resources: arn,
      conditions,
      handle: (input, request) =>
        onConflictAgain(async () => {
          const association = await existing(request, input.AccountAssociationId);
          const details = {
            ...association.details,
            name: input.Name ?? association.details.name,
            description: input.Description ?? association.details.description,
          };
          await database.commit(await life.change(association, { ...association, details }));
          return {};
        }),
    },

    DeleteAccountAssociation: {
      resources: arn,
      conditions,
      handle: (input, request) =>
        onConflictAgain(async () => {
          const association = await existing(request, input.AccountAssociationId);
          const start = { thingId: "", associationId: "" };
          const [registered] = await associations.things(request, { associationId: association.id }, start, 1);
          // The model gives this operation no ConflictException.
          if (registered) {
            throw invalid(
              `Managed thing ${registered.thingId} is registered with the account association. Deregister it first.`,
            );
          }
          await unlinking.begin(association);
          return {};
        }),
    },

    StartAccountAssociationRefresh: {
      resources: arn,
      conditions,
      handle: (input, request) =>
        onConflictAgain(async () => {
          const association = await existing(request, input.AccountAssociationId);
          const destination = await destinationOf(request, association.connectorDestinationId);
          if (!mayBecome(association.state, "ASSOCIATION_IN_PROGRESS")) {
            throw conflict(
              `The account association is ${association.state}; only one that failed or expired is linked again.`,
            );
          }
          const { authMaterialName } = association.details;
          const { authorizationUrl, writes } = await linking.begin(association, destination, authMaterialName);
          const after: AccountAssociation = {
            ...association,
            state: "ASSOCIATION_IN_PROGRESS",
            details: { ...association.details, authorizationUrl, errorMessage: undefined },
          };
          await database.commit([...(await life.change(association, after)), ...writes]);
          linking.wake();
          return { OAuthAuthorizationUrl: authorizationUrl };
        }),
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
