import { type Database, onConflictAgain, type Timers } from "@hearth/backplane";
import { uuid } from "@hearth/base";
import {
  type OperationTable,
  type RequestContext,
  type SecretsmanagerOperations,
  ServiceError,
} from "@hearth/contract";
import type { Keys } from "../keys/keys.ts";
import type { Place } from "../place.ts";
import {
  arnOf,
  arnOfAbsent,
  checkName,
  checkValue,
  DAY_MS,
  invalidParameter,
  invalidRequest,
  newSuffix,
  notBuilt,
  referenceOf,
  requireLiving,
  SECRET_LIMITS,
  type Secret,
  type SecretVersion,
  secretNotFound,
  withTags,
} from "./secret.ts";
import { given, requestTags, type SecretAccess } from "./secret-access.ts";
import type { SecretKeyCaller } from "./secret-cipher.ts";
import { CURRENT } from "./secret-stages.ts";
import type { SecretStore } from "./secret-store.ts";
import type { SecretValues } from "./secret-values.ts";

type Names =
  | "CreateSecret"
  | "DeleteSecret"
  | "DescribeSecret"
  | "RestoreSecret"
  | "TagResource"
  | "UntagResource"
  | "UpdateSecret";

/** What operations on secrets share. */
export interface SecretDeps {
  database: Pick<Database, "commit">;
  store: SecretStore;
  access: SecretAccess;
  values: SecretValues;
  keys: Pick<Keys, "resolve">;
  timers: Pick<Timers, "arm" | "disarm" | "wake">;
  /** Who uses a key on behalf of a request. */
  callerOf(request: RequestContext): Promise<SecretKeyCaller>;
}

/** The timer that deletes a secret for good; its id is the secret's ARN. */
export const DELETION = "secret-deletion";

export const byStage = (versions: readonly SecretVersion[]): Record<string, readonly string[]> =>
  Object.fromEntries(versions.flatMap(({ id, stages }) => (stages.length > 0 ? [[id, stages]] : [])));

/** What DescribeSecret and ListSecrets say alike. Times in seconds. */
export const described = (secret: Secret) => ({
  ARN: arnOf(secret),
  Name: secret.name,
  ...(secret.description !== undefined && { Description: secret.description }),
  ...(secret.keyArn !== undefined && { KmsKeyId: secret.keyArn }),
  LastChangedDate: secret.changedAt / 1000,
  ...(secret.accessedAt !== undefined && { LastAccessedDate: secret.accessedAt / 1000 }),
  ...(secret.purgeAt !== undefined && { DeletedDate: secret.purgeAt / 1000 }),
  ...(secret.tags.length > 0 && { Tags: secret.tags }),
  CreatedDate: secret.createdAt / 1000,
});

/** The life of secrets: what they are called, sealed under and tagged with. */
export function secretOperations(deps: SecretDeps): OperationTable<Pick<SecretsmanagerOperations, Names>> {
  const { database, store, access, values, keys, timers, callerOf } = deps;

  /** Undefined for the account's default key. Throws `ResourceNotFoundException`. */
  async function keyArnOf(reference: string | undefined, place: Place): Promise<string | undefined> {
    if (reference === undefined || reference === "") return undefined;
    try {
      const [arn, own] = await Promise.all([
        keys.resolve(reference, place),
        keys.resolve("alias/aws/secretsmanager", place).catch(() => undefined),
      ]);
      return arn === own || reference.endsWith("alias/aws/secretsmanager") ? undefined : arn;
    } catch (error) {
      if (reference.endsWith("alias/aws/secretsmanager")) return undefined;
      if (error instanceof ServiceError) throw new ServiceError("ResourceNotFoundException", error.message);
      throw error;
    }
  }

  async function change(
    input: { SecretId: string },
    request: RequestContext,
    decide: (secret: Secret) => Partial<Secret>,
  ): Promise<Secret> {
    return onConflictAgain(async () => {
      const secret = await access.find(input, request);
      requireLiving(secret);
      await database.commit([store.update(secret, { ...decide(secret), changedAt: request.now })]);
      return secret;
    });
  }

  return {
    CreateSecret: {
      resources: ({ Name }, { accountId, region }) => [
        arnOfAbsent({ accountId, region, name: Name, suffix: undefined }),
      ],
      conditions: ({ Name, Description, KmsKeyId, Tags = [] }) => ({
        ...given({
          "secretsmanager:Name": Name,
          "secretsmanager:Description": Description,
          "secretsmanager:KmsKeyId": KmsKeyId,
        }),
        ...requestTags(Tags),
      }),
      async handle(input, request) {
        const { accountId, region, now } = request;
        const { Name: name, Description: description, Tags = [] } = input;
        if (input.AddReplicaRegions) throw notBuilt("secretsmanager:CreateSecret with AddReplicaRegions");
        if (input.Type) throw notBuilt("secretsmanager:CreateSecret with Type");
        checkName(name);
        const value = checkValue(input);
        const tags = withTags([], Tags);
        if (tags.length > 0) {
          const arn = arnOfAbsent({ accountId, region, name, suffix: undefined });
          await request.authorize("secretsmanager:TagResource", arn, requestTags(Tags));
        }
        const keyArn = await keyArnOf(input.KmsKeyId, request);
        const id = input.ClientRequestToken ?? uuid();
        const caller = await callerOf(request);
        return onConflictAgain(async () => {
          const existing = await store.find({ accountId, region, name, suffix: undefined });
          if (existing) {
            if (existing.purgeAt !== undefined) {
              throw invalidRequest(
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
              );
            }
            const versions = value ? await store.versions(existing) : [];
            const again = value && (await values.repeated(existing, versions, { id, value }, caller));
            if (again) return { ARN: arnOf(existing), Name: name, VersionId: id };
            const message = `The operation failed because the secret ${name} already exists.`;
            throw new ServiceError("ResourceExistsException", message);
          }
          const secret: Secret = {
            ...{ accountId, region, name, suffix: newSuffix(), description, keyArn, policy: undefined, tags },
            ...{ createdAt: now, changedAt: now, accessedAt: undefined, purgeAt: undefined, revision: 1 },
          };
          const added = value && (await values.add(secret, [], { id, value, stages: [CURRENT] }, caller, now));
          await database.commit([store.insert(secret), ...(added?.writes ?? [])]);
          return { ARN: arnOf(secret), Name: name, ...(added && { VersionId: id }) };
        });
      },
    },

    DescribeSecret: {
      ...access.onSecret(),
      async handle(input, request) {
        const secret = await access.find(input, request);
        const stages = byStage(await store.versions(secret));
        return { ...described(secret), ...(Object.keys(stages).length > 0 && { VersionIdsToStages: stages }) };
      },
    },

    UpdateSecret: {
      ...access.onSecret(({ Description, KmsKeyId }) =>
        given({ "secretsmanager:Description": Description, "secretsmanager:KmsKeyId": KmsKeyId }),
      ),
      async handle(input, request) {
        if (input.Type) throw notBuilt("secretsmanager:UpdateSecret with Type");
        const value = checkValue(input);
        const keyArn = await keyArnOf(input.KmsKeyId, request);
        const id = input.ClientRequestToken ?? uuid();
        const caller = await callerOf(request);
        return onConflictAgain(async () => {
          const secret = await access.find(input, request);
          requireLiving(secret);
          const versions = await store.versions(secret);
          const after: Secret = {
            ...secret,
            description: input.Description ?? secret.description,
            keyArn: input.KmsKeyId === undefined ? secret.keyArn : keyArn,
            changedAt: request.now,
          };
          const answer = { ARN: arnOf(secret), Name: secret.name, ...(value && { VersionId: id }) };
          if (value && (await values.repeated(secret, versions, { id, value }, caller))) return answer;
          const moves = after.keyArn !== secret.keyArn;
          const resealed = moves ? await values.reseal(secret, after, versions, caller) : [];
          const added =
            value && (await values.add(after, versions, { id, value, stages: [CURRENT] }, caller, request.now));
          await database.commit([store.update(secret, after), ...resealed, ...(added?.writes ?? [])]);
          return answer;
        });
      },
    },

    DeleteSecret: {
      ...access.onSecret(({ RecoveryWindowInDays, ForceDeleteWithoutRecovery }) =>
        given({
          "secretsmanager:RecoveryWindowInDays": RecoveryWindowInDays,
          "secretsmanager:ForceDeleteWithoutRecovery": ForceDeleteWithoutRecovery,
        }),
      ),
      async handle(input, request) {
        const { RecoveryWindowInDays: days = SECRET_LIMITS.mostRecoveryDays, ForceDeleteWithoutRecovery: force } =
          input;
        if (force && input.RecoveryWindowInDays !== undefined) {
          throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
        }
        if (days < SECRET_LIMITS.fewestRecoveryDays || days > SECRET_LIMITS.mostRecoveryDays) {
          throw invalidParameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
        }
        return onConflictAgain(async () => {
          const reference = referenceOf(input.SecretId, request);
          const secret = await store.find(reference);
          if (!secret) {
            // A retry finds what it deleted gone (AWS: DeleteSecret, ForceDeleteWithoutRecovery).
            if (!force) throw secretNotFound();
            const { suffix, ...named } = reference;
            const ARN = arnOf({ ...named, suffix: suffix ?? newSuffix() });
            return { ARN, Name: reference.name, DeletionDate: request.now / 1000 };
          }
          const arn = arnOf(secret);
          if (force) {
            await database.commit([...store.delete(secret), timers.disarm(DELETION, arn)]);
            return { ARN: arn, Name: secret.name, DeletionDate: request.now / 1000 };
          }
          requireLiving(secret);
          const purgeAt = request.now + days * DAY_MS;
          const { accountId, region, name, suffix } = secret;
          await database.commit([
            store.update(secret, { purgeAt, changedAt: request.now }),
            timers.arm(DELETION, arn, purgeAt, { accountId, region, name, suffix }),
          ]);
          timers.wake();
          return { ARN: arn, Name: name, DeletionDate: purgeAt / 1000 };
        });
      },
    },

    RestoreSecret: {
      ...access.onSecret(),
      handle: (input, request) =>
        onConflictAgain(async () => {
          const secret = await access.find(input, request);
          const arn = arnOf(secret);
          if (secret.purgeAt !== undefined) {
            await database.commit([
              store.update(secret, { purgeAt: undefined, changedAt: request.now }),
              timers.disarm(DELETION, arn),
            ]);
          }
          return { ARN: arn, Name: secret.name };
        }),
    },

    TagResource: {
      ...access.onSecret(({ Tags }) => requestTags(Tags)),
      async handle(input, request) {
        await change(input, request, ({ tags }) => ({ tags: withTags(tags, input.Tags) }));
        return {};
      },
    },

    UntagResource: {
      ...access.onSecret(({ TagKeys }) => ({ "aws:TagKeys": [...TagKeys] })),
      async handle(input, request) {
        await change(input, request, ({ tags }) => ({ tags: tags.filter(({ Key }) => !input.TagKeys.includes(Key)) }));
        return {};
      },
    },
  };
}
