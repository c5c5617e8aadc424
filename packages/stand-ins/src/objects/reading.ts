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

    /**
     * The bytes of a version, part by part. Throws `ServiceUnavailable` where it was replaced meanwhile, `InternalError` where
     * a file is missing: whoever reads hears of it before the first byte.
     */
    async bytes(version: ObjectVersion, range: ByteRange = { first: 0, last: version.size - 1 }): Promise<ByteStream> {
      const parts = await store.bodies(version.id);
      if (parts.reduce((sum, { size }) => sum + size, 0) !== version.size) throw replaced();
      const spans = spansOf(parts, range);
      for (const { part } of spans) {
        if (await files.holds(part)) continue;
        throw (await store.bodies(version.id)).length === 0 ? replaced() : missing(version.key);
      }
      return { [Symbol.asyncIterator]: () => bytesOf(files, spans) };
    },
  };
}

const replaced = (): ServiceError =>
  new ServiceError("ServiceUnavailable", "The object was replaced or deleted while it was looked for. Ask again.");
const missing = (key: string): ServiceError =>
  new ServiceError(
    "InternalError",
    "A file of this object is not on the server's disk, or not whole. Put the data directory's folder objects back from the backup.",
    { Key: key },
  );

interface Span extends ByteRange {
  part: Part;
}

/** What of each part lies in a range of the whole. */
function spansOf(parts: readonly Part[], { first, last }: ByteRange): Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (const part of parts) {
    const end = start + part.size - 1;
    if (part.size > 0 && end >= first && start <= last) {
      spans.push({ part, first: Math.max(0, first - start), last: Math.min(part.size - 1, last - start) });
    }
    start = end + 1;
  }
  return spans;
}

async function* bytesOf(files: BodyFiles, spans: readonly Span[]): AsyncGenerator<Uint8Array> {
  for (const { part, first, last } of spans) yield* files.read(part, first, last);
}
