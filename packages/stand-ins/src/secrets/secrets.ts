import type { Database, Timers, Write } from "@hearth/backplane";
import { type Clock, InternalError } from "@hearth/base";
import { type OperationTable, type Principal, type SecretsmanagerOperations, ServiceError } from "@hearth/contract";
import type { Rights } from "../keys/key-policy.ts";
import type { Keys } from "../keys/keys.ts";
import { policyOperations } from "./policy-operations.ts";
import { randomPassword } from "./random-password.ts";
import { arnOf, referenceOf, type Secret, type SecretReference } from "./secret.ts";
import { createSecretAccess } from "./secret-access.ts";
import { createSecretCipher, type SecretKeyCaller } from "./secret-cipher.ts";
import { DELETION, type SecretDeps, secretOperations } from "./secret-operations.ts";
import { serviceRefusal } from "./secret-policy.ts";
import type { SecretAsk, SecretRead, SecretReader } from "./secret-reader.ts";
import { createSecretSearch, searchOperations } from "./secret-search.ts";
import { CURRENT } from "./secret-stages.ts";
import { createSecretStore } from "./secret-store.ts";
import { createSecretValues } from "./secret-values.ts";
import { valueOperations } from "./value-operations.ts";

type SigningPrincipal = Exclude<Principal, { type: "Certificate" }>;

export interface Secrets extends SecretReader {
  /** For the API door, service `secretsmanager`. */
  operations: OperationTable<SecretsmanagerOperations>;
}

const viaService = (region: string): string => `secretsmanager.${region}.amazonaws.com`;

/** Secrets Manager, without rotation and replicas. Values are sealed by keys of KMS. */
export function createSecrets(deps: {
  database: Pick<Database, "query" | "commit">;
  clock: Clock;
  timers: Timers;
  keys: Pick<Keys, "decrypt" | "generateDataKey" | "resolve" | "serviceKey">;
  /** What a caller's own policies say; for the use of keys. */
  rightsOf(principal: SigningPrincipal): Promise<Rights>;
}): Secrets {
  const { database, clock, timers, keys, rightsOf } = deps;
  const store = createSecretStore({ database });
  const access = createSecretAccess(store);
  const values = createSecretValues({ store, cipher: createSecretCipher(keys) });
  const search = createSecretSearch(store);
  const shared: SecretDeps = {
    ...{ database, store, access, values, keys, timers },
    async callerOf({ principal, region }) {
      if (principal.type === "Certificate") throw new InternalError("a device does not call Secrets Manager");
      return { kind: "forwarded", principal, rights: await rightsOf(principal), viaService: viaService(region) };
    },
  };

  timers.handle(DELETION, async (_id, payload): Promise<readonly Write[]> => {
    const secret = await store.find(payload as SecretReference);
    const due = secret?.purgeAt !== undefined && secret.purgeAt <= clock.now();
    return due ? store.delete(secret) : [];
  });

  async function readFor(secret: Secret, ask: SecretAsk): Promise<SecretRead> {
    const { versionId, versionStage, caller } = ask;
    const now = clock.now();
    const asked = {
      "aws:CurrentTime": new Date(now).toISOString(),
      "aws:EpochTime": String(Math.floor(now / 1000)),
      ...(versionId !== undefined && { "secretsmanager:VersionId": versionId }),
      ...((versionStage !== undefined || versionId === undefined) && {
        "secretsmanager:VersionStage": versionStage ?? CURRENT,
      }),
    };
    const refused = serviceRefusal(secret, caller, asked);
    if (refused !== undefined) return { outcome: "denied", message: refused };
    if (secret.purgeAt !== undefined) {
      return { outcome: "deleted", message: `${arnOf(secret)} was marked for deletion. RestoreSecret keeps it.` };
    }
    const version = values.choose(await store.versions(secret), ask);
    const keyCaller: SecretKeyCaller = { kind: "service", ...caller, viaService: viaService(secret.region) };
    try {
      const value = await values.open(secret, version, keyCaller);
      const noted = values.accessed(secret, version, now);
      if (noted.length > 0) await database.commit(noted);
      return { outcome: "read", ...value, versionId: version.id };
    } catch (error) {
      if (!(error instanceof ServiceError) || error.name === "ResourceNotFoundException") throw error;
      const why = version.defaultKey
        ? "It is under the account's default key, which services cannot use. UpdateSecret with the KmsKeyId of a key " +
          `whose policy allows ${caller.service} kms:Decrypt.`
        : error.message;
      return { outcome: "key-unusable", message: `The value of ${arnOf(secret)} cannot be decrypted. ${why}` };
    }
  }

  return {
    operations: {
      ...secretOperations(shared),
      ...valueOperations({ ...shared, search }),
      ...searchOperations({ store, search }),
      ...policyOperations(shared),
      GetRandomPassword: { handle: async (input) => ({ RandomPassword: randomPassword(input) }) },
    },

    async read(ask) {
      try {
        const place = { accountId: ask.account, region: ask.region };
        const secret = await store.find(referenceOf(ask.secretArn, place));
        if (!secret) return { outcome: "not-found", message: `There is no secret ${ask.secretArn}.` };
        return await readFor(secret, ask);
      } catch (error) {
        // What is no ARN of a secret, and versions and stages that do not exist.
        if (!(error instanceof ServiceError)) throw error;
        return { outcome: "not-found", message: `${ask.secretArn}: ${error.message}` };
      }
    },
  };
}
