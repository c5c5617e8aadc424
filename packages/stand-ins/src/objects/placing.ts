import { onConflictAgain, WriteConflict } from "@hearth/backplane";
import { type Clock, randomHex } from "@hearth/base";
import type { BodyFiles } from "./body-files.ts";
import { type Conditions, checkWriteConditions, keyBytes, noSuchBucket } from "./object.ts";
import type { Bucket, ObjectHeaders, ObjectStore, ObjectVersion, Part } from "./object-store.ts";

/** What becomes the newest version of a key. */
interface Placed {
  key: string;
  size: number;
  etag: string;
  headers: ObjectHeaders;
  marker?: true;
}

export type Placing = ReturnType<typeof createPlacing>;

/** Puts versions of objects in their places: one commit, in which the version before loses its own. */
export function createPlacing({
  store,
  files,
  clock,
}: {
  store: ObjectStore;
  files: BodyFiles;
  clock: Pick<Clock, "now">;
}) {
  let last = 0;
  /** Tells versions of one key apart although the clock stands still; microseconds, so to say. */
  const nextPlace = (): number => {
    last = Math.max(last + 1, clock.now() * 1000);
    return last;
  };

  async function bucketOf(name: string): Promise<Bucket> {
    const bucket = await store.bucket(name);
    if (!bucket) throw noSuchBucket(name);
    return bucket;
  }

  /** `bodies` makes the writes that give the version its bytes. */
  async function place(
    bucketName: string,
    placed: Placed,
    bodies: (owner: string) => readonly Parameters<ObjectStore["commit"]>[0][number][],
    conditions: Conditions = {},
  ): Promise<ObjectVersion & { versioning: Bucket["versioning"] }> {
    const key = keyBytes(placed.key);
    const { made, removed, versioning } = await onConflictAgain(async () => {
      const bucket = await bucketOf(bucketName);
      const { versioning } = bucket;
      const latest = await store.latest(bucketName, key);
      checkWriteConditions(conditions, placed.key, latest?.marker ? undefined : latest?.etag);
      const version = versioning === "Enabled" ? randomHex(16) : "null";
      const replaced =
        version === "null"
          ? latest?.version === "null"
            ? latest
            : await store.version(bucketName, key, "null")
          : undefined;
      const made: ObjectVersion = {
        ...placed,
        id: randomHex(16),
        version,
        placed: nextPlace(),
        latest: true,
        marker: placed.marker === true,
        modifiedAt: clock.now(),
      };
      const removed = replaced ? (await store.bodies(replaced.id)).map(({ id }) => id) : [];
      await store.commit([
        store.touchBucket(bucket),
        ...(replaced ? store.deleteVersion(replaced.id) : []),
        ...(latest && latest.id !== replaced?.id ? [store.setLatest(latest.id, false)] : []),
        store.insertVersion(bucketName, made),
        ...bodies(made.id),
      ]);
      return { made, removed, versioning };
    });
    await files.remove(removed);
    return { ...made, versioning };
  }

  return {
    bucketOf,
    place,

    /** A body of its own becomes a version; when it does not, its file goes. */
    async placeBody(bucketName: string, placed: Placed, part: Part, conditions?: Conditions) {
      try {
        return await place(bucketName, placed, (owner) => [store.insertBody(owner, part)], conditions);
      } catch (error) {
        await files.remove([part.id]);
        throw error;
      }
    },

    /** Removes one version for good; the one before it becomes the newest. Undefined: there was none. */
    async removeVersion(bucketName: string, keyText: string, version: string): Promise<ObjectVersion | undefined> {
      const key = keyBytes(keyText);
      const done = await onConflictAgain(async () => {
        const bucket = await bucketOf(bucketName);
        const found = await store.version(bucketName, key, version);
        if (!found) return undefined;
        const heir = found.latest ? await store.previous(bucketName, key) : undefined;
        const removed = (await store.bodies(found.id)).map(({ id }) => id);
        await store.commit([
          store.touchBucket(bucket),
          ...store.deleteVersion(found.id),
          ...(heir ? [store.setLatest(heir.id, true)] : []),
        ]);
        return { found, removed };
      });
      if (done) await files.remove(done.removed);
      return done?.found;
    },
  };
}

/** The bucket was not empty, or became so no more. */
export const isWriteConflict = (error: unknown): boolean => error instanceof WriteConflict;
