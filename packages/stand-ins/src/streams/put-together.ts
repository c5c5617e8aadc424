import { WriteConflict } from "@hearth/backplane";
import { BoundedMap, type Clock } from "@hearth/base";
import { newPutId, newRecord } from "./record-operations.ts";
import { streamNotFound } from "./stream.ts";
import { findStream } from "./stream-operations.ts";
import type { NewRecord, Scope, Stream, StreamStore } from "./stream-store.ts";

/** Streams that the platform itself has written to lately. */
const KNOWN = 1_000;

interface Gathered {
  stream: Stream;
  records: NewRecord[];
  appended: Promise<void>;
}

interface Together {
  /** Resolves once the record is durable. Throws as `put`. */
  put(scope: Scope, streamArn: string, partitionKey: string, data: Uint8Array): Promise<void>;
  /** After a stream was deleted. */
  forget(): void;
}

/**
 * Records of the platform's own: those that come for a stream in one turn of the event loop are one batch, and nobody asks for
 * their places. The stream is known until its shards say that it is gone.
 */
export function putTogether({ store, clock }: { store: StreamStore; clock: Pick<Clock, "now"> }): Together {
  const known = new BoundedMap<string, Promise<Stream>>(KNOWN);
  const gathering = new Map<string, Gathered>();

  function streamOf(scope: Scope, streamArn: string): Promise<Stream> {
    const key = `${scope.accountId}/${scope.region}/${streamArn}`;
    const before = known.get(key);
    if (before) return before;
    const found = findStream(store, { StreamARN: streamArn }, scope);
    known.set(key, found);
    found.catch(() => known.delete(key));
    return found;
  }

  async function append(gathered: { stream: Stream; records: readonly NewRecord[] }): Promise<void> {
    const { stream, records } = gathered;
    await new Promise((resolve) => setImmediate(resolve));
    gathering.delete(stream.streamId);
    const now = clock.now();
    try {
      await store.append(stream, records, newPutId(now), now);
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error;
      // Perhaps there is another of its name.
      known.clear();
      throw streamNotFound(stream.name, stream);
    }
  }

  return {
    async put(scope, streamArn, partitionKey, data) {
      const stream = await streamOf(scope, streamArn);
      const record = newRecord(stream, { Data: data, PartitionKey: partitionKey });
      const others = gathering.get(stream.streamId);
      if (others) {
        others.records.push(record);
        return others.appended;
      }
      const records = [record];
      const appended = append({ stream, records });
      gathering.set(stream.streamId, { stream, records, appended });
      return appended;
    },
    forget: () => known.clear(),
  };
}
