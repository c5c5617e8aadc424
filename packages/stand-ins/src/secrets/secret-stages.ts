import { ServiceError } from "@hearth/contract";
import { invalidParameter, limitExceeded, SECRET_LIMITS, type SecretVersion } from "./secret.ts";

export const CURRENT = "AWSCURRENT";
export const PREVIOUS = "AWSPREVIOUS";
export const PENDING = "AWSPENDING";

export const versionNotFound = (what: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `Secrets Manager can't find the specified secret value for ${what}.`);

/** By version, its stages. */
export type Stages = ReadonlyMap<string, readonly string[]>;

export const stagesOf = (versions: readonly SecretVersion[]): Stages =>
  new Map(versions.map(({ id, stages }) => [id, stages]));

/**
 * A stage stands at one version at most; whichever loses AWSCURRENT becomes AWSPREVIOUS (AWS: PutSecretValue).
 * Throws `LimitExceededException`.
 */
export function moved(before: Stages, to: string, names: readonly string[]): Stages {
  const holder = [...before].find(([, stages]) => stages.includes(CURRENT))?.[0];
  const after = new Map<string, string[]>([...before].map(([id, stages]) => [id, [...stages]]));
  const place = (name: string, id: string) => {
    for (const [other, stages] of after) {
      after.set(
        other,
        stages.filter((stage) => stage !== name),
      );
    }
    after.set(id, [...(after.get(id) ?? []), name]);
  };
  for (const name of new Set(names)) if (!before.get(to)?.includes(name)) place(name, to);
  if (names.includes(CURRENT) && holder !== undefined && holder !== to) place(PREVIOUS, holder);
  if (!after.has(to)) after.set(to, []);
  for (const stages of after.values()) {
    if (stages.length > SECRET_LIMITS.stages) {
      throw limitExceeded(`A version may have ${SECRET_LIMITS.stages} staging labels.`);
    }
  }
  return after;
}

/**
 * UpdateSecretVersionStage. Throws `InvalidParameterException`, `ResourceNotFoundException`, `LimitExceededException`.
 */
export function relabelled(before: Stages, stage: string, from: string | undefined, to: string | undefined): Stages {
  if (from === undefined && to === undefined) {
    throw invalidParameter("Give RemoveFromVersionId, MoveToVersionId or both.");
  }
  for (const id of [from, to]) if (id !== undefined && !before.has(id)) throw versionNotFound(`VersionId: ${id}`);
  const holder = [...before].find(([, stages]) => stages.includes(stage))?.[0];
  if (from !== undefined && from !== holder) {
    throw invalidParameter(`The staging label ${stage} is not attached to version ${from}.`);
  }
  if (to === undefined) {
    if (stage === CURRENT) {
      throw invalidParameter(
        `You can only move staging label ${CURRENT} to a different version; give MoveToVersionId.`,
      );
    }
    return new Map([...before].map(([id, stages]) => [id, stages.filter((name) => name !== stage)]));
  }
  if (holder !== undefined && from === undefined && holder !== to) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ` +
        `${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  return moved(before, to, [stage]);
}

/**
 * Versions that go so that another one may come: the oldest without a stage, and none that is younger than a day (AWS:
 * Secrets Manager quotas). Throws `LimitExceededException`.
 */
export function versionsToDrop(versions: readonly SecretVersion[], now: number): string[] {
  const surplus = versions.length + 1 - SECRET_LIMITS.versions;
  if (surplus <= 0) return [];
  const old = versions
    .filter(({ stages, createdAt }) => stages.length === 0 && createdAt <= now - SECRET_LIMITS.versionKeptMs)
    .sort((a, b) => a.createdAt - b.createdAt);
  if (old.length < surplus) {
    throw limitExceeded(
      `A secret may have ${SECRET_LIMITS.versions} versions, and those of the last 24 hours are kept. ` +
        "Change it less often.",
    );
  }
  return old.slice(0, surplus).map(({ id }) => id);
}
