import { type Database, type Outbound, OutboundRefused, onConflictAgain } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import type { ManagedIntegrationsOperations, OperationTable, RequestContext } from "@hearth/contract";
import type { AssociationStore } from "../account-associations/association-store.ts";
import { connectorNotFound } from "../connectors/connector-operations.ts";
import type { ConnectorStore } from "../connectors/connector-store.ts";
import { invalid, notFound, unlessGone } from "../errors.ts";
import type { Idempotently } from "../idempotently.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { Place } from "../place.ts";
import {
  type ConnectorDestination,
  checkAuth,
  type DestinationAuth,
  secretArns,
  updatedMaterials,
} from "./connector-destination.ts";
import type { DestinationStore } from "./connector-destination-store.ts";

export const destinationNotFound = (id: string) =>
  notFound("ConnectorDestination", id, "Connector destination not found.");

const summary = (destination: ConnectorDestination) => ({
  Id: destination.id,
  CloudConnectorId: destination.cloudConnectorId,
  Name: destination.name,
  Description: destination.description,
});

/** The model shows the redirect URL a second time, where it is one that a browser is sent to. */
const webUrl = (url: string | undefined) => (url && /^https?:\/\//.test(url) ? url : undefined);

/** Connector destinations: the OAuth and secret settings of connectors (reference 9.2; 9.9, step 2). */
export function connectorDestinationOperations(deps: {
  database: Database;
  connectors: ConnectorStore;
  destinations: DestinationStore;
  associations: Pick<AssociationStore, "list">;
  outbound: Pick<Outbound, "check">;
  idempotently: Idempotently;
}) {
  const { database, connectors, destinations, associations, outbound, idempotently } = deps;

  const existing = async (place: Place, id: string): Promise<ConnectorDestination> => {
    const destination = await destinations.get(place, id);
    if (!destination) throw destinationNotFound(id);
    return destination;
  };
  /** @throws ValidationException for URLs that the platform will not call */
  const mayCall = async ({ oAuth }: DestinationAuth): Promise<void> => {
    if (!oAuth) return;
    for (const member of ["authUrl", "tokenUrl"] as const) {
      await outbound.check(oAuth[member]).catch((error: unknown) => {
        if (!(error instanceof OutboundRefused)) throw error;
        throw invalid(`AuthConfig.oAuth.${member}: ${error.message}`);
      });
    }
  };
  const mayReadSecrets = async (request: RequestContext, auth: DestinationAuth): Promise<void> => {
    for (const arn of new Set(secretArns(auth))) await request.authorize("secretsmanager:GetSecretValue", arn);
  };

  return {
    CreateConnectorDestination: {
      handle: (input, request) =>
        idempotently("CreateConnectorDestination", input, request, async (remember) => {
          const connector = await connectors.visible(request, input.CloudConnectorId);
          if (!connector) throw connectorNotFound(input.CloudConnectorId);
          const auth = checkAuth({
            authType: input.AuthType,
            oAuth: input.AuthConfig.oAuth,
            generalAuthorization: input.AuthConfig.GeneralAuthorization,
            secretsManager: input.SecretsManager,
          });
          await mayReadSecrets(request, auth);
          await mayCall(auth);
          const destination: ConnectorDestination = {
            accountId: request.accountId,
            region: request.region,
            id: randomHex(16),
            cloudConnectorId: connector.id,
            connectorAccountId: connector.accountId,
            name: input.Name,
            description: input.Description,
            auth,
            createdAt: request.now,
            revision: 1,
          };
          const answer = { Id: destination.id };
          const created = [await destinations.insert(destination), ...remember(answer)];
          await unlessGone(database.commit([connectors.use(connector), ...created]), () =>
            connectorNotFound(connector.id),
          );
          return answer;
        }),
    },

    GetConnectorDestination: {
      async handle(input, request) {
        const destination = await existing(request, input.Identifier);
        const { authType, oAuth, generalAuthorization, secretsManager } = destination.auth;
        return {
          ...summary(destination),
          AuthType: authType,
          AuthConfig: { oAuth, GeneralAuthorization: generalAuthorization },
          SecretsManager: secretsManager,
          OAuthCompleteRedirectUrl: webUrl(oAuth?.oAuthCompleteRedirectUrl),
        };
      },
    },

    ListConnectorDestinations: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const filters = { cloudConnectorId: input.CloudConnectorId };
        const rows = await destinations.list(request, filters, afterToken(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => row.id);
        return { ConnectorDestinationList: items.map(summary), NextToken: nextToken };
      },
    },

    UpdateConnectorDestination: {
      handle: (input, request) =>
        onConflictAgain(async () => {
          const destination = await existing(request, input.Identifier);
          const before = destination.auth;
          const change = input.AuthConfig?.oAuthUpdate;
          if (change && !before.oAuth) throw invalid("AuthConfig.oAuthUpdate: the connector destination has no oAuth.");
          const materials = updatedMaterials(
            before.generalAuthorization ?? [],
            input.AuthConfig?.GeneralAuthorizationUpdate,
          );
          const auth = checkAuth({
            authType: input.AuthType ?? before.authType,
            oAuth: before.oAuth && { ...before.oAuth, ...change },
            generalAuthorization: materials.length > 0 ? materials : before.generalAuthorization,
            secretsManager: input.SecretsManager ?? before.secretsManager,
          });
          await mayReadSecrets(request, auth);
          await mayCall(auth);
          const after: ConnectorDestination = {
            ...destination,
            name: input.Name ?? destination.name,
            description: input.Description ?? destination.description,
            auth,
          };
          await database.commit([await destinations.update(destination, after)]);
          return {};
        }),
    },

    DeleteConnectorDestination: {
      handle: (input, request) =>
        onConflictAgain(async () => {
          const destination = await existing(request, input.Identifier);
          const [used] = await associations.list(request, { connectorDestinationId: destination.id }, "", 1);
          // The model gives this operation no ConflictException.
          if (used) {
            throw invalid(`The connector destination is used by account association ${used.id}. Delete it first.`);
          }
          await database.commit([destinations.remove(destination)]);
          return {};
        }),
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
