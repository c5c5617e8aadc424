import { onConflictAgain } from "@hearth/backplane";
import { uuid } from "@hearth/base";
import type { OperationTable, RequestContext, Secretsmanager, SecretsmanagerOperations } from "@hearth/contract";
import {
  arnOf,
  checkValue,
  invalidParameter,
  notBuilt,
  requireLiving,
  type Secret,
  type SecretValue,
  type SecretVersion,
} from "./secret.ts";
import { given, refusalIn } from "./secret-access.ts";
import type { SecretDeps } from "./secret-operations.ts";
import { invalidToken, type SecretSearch } from "./secret-search.ts";
import { CURRENT, relabelled, stagesOf } from "./secret-stages.ts";
import type { VersionChoice } from "./secret-values.ts";

type Names =
  | "BatchGetSecretValue"
  | "GetSecretValue"
  | "ListSecretVersionIds"
  | "PutSecretValue"
  | "UpdateSecretVersionStage";

const VERSIONS_PER_PAGE = 100;
const VALUES_PER_PAGE = 20;

const contentOf = (value: SecretValue) =>
  "text" in value ? { SecretString: value.text } : { SecretBinary: value.bytes };

const stageAsked = ({ VersionId, VersionStage }: Partial<Secretsmanager.GetSecretValueRequest>) =>
  given({
    "secretsmanager:VersionId": VersionId,
    "secretsmanager:VersionStage": VersionStage ?? (VersionId === undefined ? CURRENT : undefined),
  });

/** The values of secrets: versions and their staging labels. */
export function valueOperations(
  deps: SecretDeps & { search: SecretSearch },
): OperationTable<Pick<SecretsmanagerOperations, Names>> {
  const { database, store, access, values, callerOf, search } = deps;

  async function read(secret: Secret, choice: VersionChoice, request: RequestContext) {
    requireLiving(secret);
    const version = values.choose(await store.versions(secret), choice);
    const value = await values.open(secret, version, await callerOf(request));
    const noted = values.accessed(secret, version, request.now);
    if (noted.length > 0) await database.commit(noted);
    return {
      ARN: arnOf(secret),
      Name: secret.name,
      VersionId: version.id,
      ...contentOf(value),
      VersionStages: version.stages,
      CreatedDate: version.createdAt / 1000,
    };
  }

  return {
    PutSecretValue: {
      ...access.onSecret(),
      async handle(input, request) {
        if (input.RotationToken !== undefined) throw notBuilt("secretsmanager:PutSecretValue with RotationToken");
        const value = checkValue(input);
        if (!value) throw invalidParameter("You must provide either SecretString or SecretBinary.");
        const id = input.ClientRequestToken ?? uuid();
        const caller = await callerOf(request);
        return onConflictAgain(async () => {
          const secret = await access.find(input, request);
          requireLiving(secret);
          const versions = await store.versions(secret);
          const answer = { ARN: arnOf(secret), Name: secret.name, VersionId: id };
          const again = await values.repeated(secret, versions, { id, value }, caller);
          if (again) return { ...answer, VersionStages: again.stages };
          const asked = { id, value, stages: input.VersionStages ?? [CURRENT] };
          const { writes, stages } = await values.add(secret, versions, asked, caller, request.now);
          await database.commit([store.update(secret, { changedAt: request.now }), ...writes]);
          return { ...answer, VersionStages: stages };
        });
      },
    },

    GetSecretValue: {
      ...access.onSecret(stageAsked),
      async handle(input, request) {
        const { VersionId: versionId, VersionStage: versionStage } = input;
        const choice = {
          ...(versionId !== undefined && { versionId }),
          ...(versionStage !== undefined && { versionStage }),
        };
        return read(await access.find(input, request), choice, request);
      },
    },

    BatchGetSecretValue: {
      async handle(input, request) {
        const { SecretIdList: ids, Filters: filters, MaxResults: limit, NextToken: token } = input;
        if ((ids === undefined) === (filters === undefined)) {
          throw invalidParameter("Give either SecretIdList or Filters.");
        }
        if (ids && (limit !== undefined || token !== undefined)) {
          throw invalidParameter("MaxResults and NextToken go with Filters only.");
        }
        if (!ids) await request.authorize("secretsmanager:ListSecrets", "*");
        const page = ids
          ? { names: ids, next: undefined }
          : await search(request, { filters: filters ?? [], token, limit: limit ?? VALUES_PER_PAGE }).then(
              ({ secrets, next }) => ({ names: secrets.map(arnOf), next }),
            );
        const SecretValues: Secretsmanager.SecretValueEntry[] = [];
        const Errors: Secretsmanager.APIErrorType[] = [];
        for (const SecretId of page.names) {
          try {
            const secret = await access.permitted(SecretId, "secretsmanager:GetSecretValue", request, stageAsked({}));
            SecretValues.push(await read(secret, {}, request));
          } catch (error) {
            const { name, message } = refusalIn(error);
            Errors.push({ SecretId, ErrorCode: name, Message: message });
          }
        }
        return { SecretValues, Errors, ...(page.next !== undefined && { NextToken: page.next }) };
      },
    },

    ListSecretVersionIds: {
      ...access.onSecret(),
      async handle(input, request) {
        const secret = await access.find(input, request);
        const versions = (await store.versions(secret)).filter(
          ({ stages }) => input.IncludeDeprecated === true || stages.length > 0,
        );
        const { page, next } = pageOf(versions, input.NextToken, input.MaxResults ?? VERSIONS_PER_PAGE);
        return {
          ARN: arnOf(secret),
          Name: secret.name,
          Versions: page.map(({ id, stages, keyArn, defaultKey, createdAt, accessedAt }) => ({
            VersionId: id,
            VersionStages: stages,
            ...(accessedAt !== undefined && { LastAccessedDate: accessedAt / 1000 }),
            CreatedDate: createdAt / 1000,
            KmsKeyIds: [defaultKey ? "DefaultEncryptionKey" : keyArn],
          })),
          ...(next !== undefined && { NextToken: next }),
        };
      },
    },

    UpdateSecretVersionStage: {
      ...access.onSecret(({ VersionStage }) => given({ "secretsmanager:VersionStage": VersionStage })),
      handle: (input, request) =>
        onConflictAgain(async () => {
          const secret = await access.find(input, request);
          requireLiving(secret);
          const before = stagesOf(await store.versions(secret));
          const after = relabelled(before, input.VersionStage, input.RemoveFromVersionId, input.MoveToVersionId);
          const writes = values.restage(secret, before, after);
          if (writes.length > 0) {
            await database.commit([store.update(secret, { changedAt: request.now }), ...writes]);
          }
          return { ARN: arnOf(secret), Name: secret.name };
        }),
    },
  };
}

/** The token is the id of the last version of the page before. */
function pageOf(versions: readonly SecretVersion[], token: string | undefined, limit: number) {
  const at = token === undefined ? -1 : versions.findIndex(({ id }) => id === token);
  if (token !== undefined && at < 0) throw invalidToken();
  const page = versions.slice(at + 1, at + 1 + limit);
  return { page, next: at + 1 + limit < versions.length ? page.at(-1)?.id : undefined };
}
