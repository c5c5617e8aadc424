import type { Write } from "@hearth/backplane";
import { ServiceError } from "@hearth/contract";
import { arnOf, DAY_MS, invalidRequest, type Secret, type SecretValue, type SecretVersion } from "./secret.ts";
import type { SecretCipher, SecretKeyCaller } from "./secret-cipher.ts";
import {
  CURRENT,
  moved,
  PENDING,
  PREVIOUS,
  type Stages,
  stagesOf,
  versionNotFound,
  versionsToDrop,
} from "./secret-stages.ts";
import type { SecretStore } from "./secret-store.ts";

interface NewVersion {
  id: string;
  value: SecretValue;
  stages: readonly string[];
}

export interface VersionChoice {
  versionId?: string;
  versionStage?: string;
}

export type SecretValues = ReturnType<typeof createSecretValues>;

const same = (one: SecretValue, other: SecretValue): boolean =>
  "text" in one
    ? "text" in other && one.text === other.text
    : "bytes" in other && Buffer.from(one.bytes).equals(other.bytes);

/** The versions of a secret: how one is added, chosen, opened and sealed again. */
export function createSecretValues({ store, cipher }: { store: SecretStore; cipher: SecretCipher }) {
  async function open(secret: Secret, version: SecretVersion, caller: SecretKeyCaller): Promise<SecretValue> {
    const sealed = await store.sealed(secret, version.id);
    if (!sealed) throw versionNotFound(`VersionId: ${version.id}`);
    return cipher.open(secret, version, sealed, caller);
  }

  /** The writes that bring stages from `before` to `after`. */
  const restage = (secret: Secret, before: Stages, after: Stages): Write[] =>
    [...after].flatMap(([id, stages]) => {
      const was = before.get(id);
      const changed = was !== undefined && was.join("\n") !== stages.join("\n");
      return changed ? [store.setStages(secret, id, stages)] : [];
    });

  return {
    open,
    restage,

    /**
     * The version that a retry means; undefined: the id is free. Throws `ResourceExistsException` where it stands for
     * another value (AWS: PutSecretValue, ClientRequestToken).
     */
    async repeated(
      secret: Secret,
      versions: readonly SecretVersion[],
      { id, value }: Pick<NewVersion, "id" | "value">,
      caller: SecretKeyCaller,
    ): Promise<SecretVersion | undefined> {
      const version = versions.find((one) => one.id === id);
      if (!version) return undefined;
      if (same(await open(secret, version, caller), value)) return version;
      const message =
        `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ` +
        `${arnOf(secret)}.`;
      throw new ServiceError("ResourceExistsException", message);
    },

    /** Throws `EncryptionFailure`, `LimitExceededException`, `AccessDeniedException`. */
    async add(
      secret: Secret,
      versions: readonly SecretVersion[],
      { id, value, stages }: NewVersion,
      caller: SecretKeyCaller,
      now: number,
    ): Promise<{ writes: Write[]; stages: readonly string[] }> {
      const dropped = versionsToDrop(versions, now);
      const before = stagesOf(versions.filter((version) => !dropped.includes(version.id)));
      // The first version is the current one, whatever was asked.
      const after = moved(before, id, versions.length === 0 ? [...stages, CURRENT] : stages);
      const { dataKey, value: sealed, ...key } = await cipher.seal(secret, id, value, caller);
      const version = { id, stages: after.get(id) ?? [], ...key, createdAt: now, accessedAt: undefined };
      return {
        writes: [
          ...dropped.map((one) => store.deleteVersion(secret, one)),
          ...restage(secret, before, after),
          store.insertVersion(secret, version, { dataKey, value: sealed }),
        ],
        stages: version.stages,
      };
    },

    /** Brings what is in use under the key of `after`. What the caller may not read stays as it is (AWS: UpdateSecret). */
    async reseal(
      before: Secret,
      after: Secret,
      versions: readonly SecretVersion[],
      caller: SecretKeyCaller,
    ): Promise<Write[]> {
      const writes: Write[] = [];
      for (const version of versions) {
        if (!version.stages.some((stage) => [CURRENT, PENDING, PREVIOUS].includes(stage))) continue;
        const value = await open(before, version, caller).catch((error: unknown) => {
          if (error instanceof ServiceError) return undefined;
          throw error;
        });
        if (value === undefined) continue;
        const { dataKey, value: sealed, ...key } = await cipher.seal(after, version.id, value, caller);
        writes.push(store.reseal(before, { ...version, ...key }, { dataKey, value: sealed }));
      }
      return writes;
    },

    /** Throws `ResourceNotFoundException`, `InvalidRequestException`. */
    choose(versions: readonly SecretVersion[], { versionId, versionStage }: VersionChoice): SecretVersion {
      const stage = versionStage ?? (versionId === undefined ? CURRENT : undefined);
      const byId = versionId === undefined ? undefined : versions.find(({ id }) => id === versionId);
      if (versionId !== undefined && !byId) throw versionNotFound(`VersionId: ${versionId}`);
      if (stage === undefined) return byId as SecretVersion;
      if (byId) {
        if (byId.stages.includes(stage)) return byId;
        throw invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.");
      }
      const found = versions.find(({ stages }) => stages.includes(stage));
      if (!found) throw versionNotFound(`staging label: ${stage}`);
      return found;
    },

    /** The write that notes the day on which a value was read; none where it is noted already. */
    accessed(secret: Secret, version: SecretVersion, now: number): Write[] {
      const day = now - (now % DAY_MS);
      const noted = (secret.accessedAt ?? 0) >= day && (version.accessedAt ?? 0) >= day;
      return noted ? [] : store.accessed(secret, version.id, day);
    },
  };
}
