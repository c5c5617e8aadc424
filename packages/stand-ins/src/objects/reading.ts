import { type ByteStream, ServiceError } from "@hearth/contract";
import type { BodyFiles } from "./body-files.ts";
import { keyBytes, noSuchKey } from "./object.ts";
import type { ByteRange } from "./object-access.ts";
import type { ObjectStore, ObjectVersion, Part } from "./object-store.ts";

export type Reading = ReturnType<typeof createReading>;

/** Finds versions and reads their bytes. */
export function createReading({ store, files }: { store: ObjectStore; files: BodyFiles }) {
  return {
    /** Throws `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a marker that is named. */
    async find(bucket: string, key: string, versionId?: string): Promise<ObjectVersion> {
      const bytes = keyBytes(key);
      const found = await (versionId === undefined
        ? store.latest(bucket, bytes)
        : store.version(bucket, bytes, versionId));
      if (!found && versionId !== undefined) {
        throw new ServiceError("NoSuchVersion", "The specified version does not exist.", { Key: key });
      }
      if (found?.marker && versionId !== undefined) {
        throw new ServiceError("MethodNotAllowed", "The specified method is not allowed against a delete marker.");
      }
      if (!found || found.marker) throw noSuchKey(key);
      return found;
    },

    /** The bytes of a version, part by part; what its row tells is read before the first of them. */
    async bytes({ id, size }: ObjectVersion, range: ByteRange = { first: 0, last: size - 1 }): Promise<ByteStream> {
      const parts = await store.bodies(id);
      return { [Symbol.asyncIterator]: () => bytesOf(files, parts, range) };
    },
  };
}

async function* bytesOf(
  files: BodyFiles,
  parts: readonly Part[],
  { first, last }: ByteRange,
): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const part of parts) {
    const end = start + part.size - 1;
    if (end >= first && start <= last) {
      yield* files.read(part, Math.max(0, first - start), Math.min(part.size - 1, last - start));
    }
    start = end + 1;
  }
}
