import { randomInt } from "node:crypto";
import { WriteConflict } from "@hearth/backplane";
import { type Clock, randomHex } from "@hearth/base";
import { type Kinesis, type KinesisOperations, type OperationTable, ServiceError } from "@hearth/contract";
import { formatSequenceNumber, formatShardId, parseShardId, placeOf, shardOf } from "./shard.ts";
import { checkRecordSize, RETENTION_MS, STREAM_LIMITS, scopeText, streamArn, streamNotFound } from "./stream.ts";
import { findStream, onStream } from "./stream-operations.ts";
import type { NewRecord, RecordHead, Stream, StreamStore } from "./stream-store.ts";
import { formatIterator, type KeyedHash, parseIterator } from "./token.ts";

interface Producer {
  store: StreamStore;
  clock: Pick<Clock, "now">;
}

export interface PutEntry {
  Data: Uint8Array;
  PartitionKey?: string;
  ExplicitHashKey?: string;
}

/**
 * Appends records to a stream in one durable batch. Throws `InvalidArgumentException` for one that is too large or
 * lacks its partition key, `ResourceNotFoundException` when the stream is deleted meanwhile.
 */
export async function put(
  { store, clock }: Producer,
  stream: Stream,
  entries: readonly PutEntry[],
): Promise<{ ShardId: string; SequenceNumber: string }[]> {
  const records = entries.map((entry) => newRecord(stream, entry));
  const now = clock.now();
  const putId = newPutId(now);
  try {
    await store.append(stream, records, putId, now);
    const places = await store.placesOf(putId);
    return places.map((place, index) => {
      const shard = records[index]!.shard;
      return {
        ShardId: formatShardId(shard),
        SequenceNumber: formatSequenceNumber(stream.createdAt, shard, place),
      };
    });
  } catch (error) {
    if (error instanceof WriteConflict) throw streamNotFound(stream.name, stream);
    throw error;
  }
}

/** Begins with the time, so that the index over it grows at its end. */
export const newPutId = (now: number): string => `${now.toString(36).padStart(9, "0")}-${randomHex(12)}`;

/** Throws `InvalidArgumentException` for a record that is too large or lacks its partition key. */
export function newRecord(
  stream: Stream,
  { Data: data, PartitionKey: partitionKey, ExplicitHashKey: hashKey }: PutEntry,
): NewRecord {
  checkRecordSize(stream, data, partitionKey);
  if (stream.distribution === "AUTO") return { shard: randomInt(stream.shardCount), partitionKey, data };
  if (partitionKey === undefined) {
    throw new ServiceError("InvalidArgumentException", "Every record of this stream needs a PartitionKey.");
  }
  return { shard: shardOf(partitionKey, hashKey, stream.shardCount), partitionKey, data };
}

const notInDryRun = (dryRun: boolean | undefined): void => {
  if (dryRun) throw new ServiceError("DryRunOperationException", "The request would have succeeded; DryRun is set.");
};

type Names = "GetRecords" | "GetShardIterator" | "PutRecord" | "PutRecords";

/** Writing and reading records. */
export function recordOperations(deps: Producer & { key: KeyedHash }): OperationTable<Pick<KinesisOperations, Names>> {
  const { store, clock, key } = deps;

  /** The first place that an iterator of the asked type points to. */
  async function startOf(input: Kinesis.GetShardIteratorInput, stream: Stream, shard: number): Promise<number> {
    const now = clock.now();
    const oldest = now - RETENTION_MS;
    const firstSince = async (from: number) =>
      (await store.firstPlaceSince(stream, shard, Math.max(from, oldest))) ?? (await store.nextPlace(stream, shard));
    switch (input.ShardIteratorType) {
      case "TRIM_HORIZON":
        return firstSince(oldest);
      case "LATEST":
        return store.nextPlace(stream, shard);
      case "AT_TIMESTAMP":
        if (input.Timestamp === undefined || input.Timestamp * 1000 > now) {
          throw new ServiceError(
            "InvalidArgumentException",
            "AT_TIMESTAMP needs a Timestamp that is not in the future.",
          );
        }
        return firstSince(Math.ceil(input.Timestamp * 1000));
      default: {
        const place = placeOf(input.StartingSequenceNumber ?? "", stream.createdAt, shard);
        if (place === undefined) {
          throw new ServiceError(
            "InvalidArgumentException",
            `StartingSequenceNumber ${input.StartingSequenceNumber ?? ""} is not one of ${input.ShardId}.`,
          );
        }
        return input.ShardIteratorType === "AT_SEQUENCE_NUMBER" ? place : place + 1;
      }
    }
  }

  return {
    PutRecord: {
      resources: onStream,
      async handle(input, request) {
        const stream = await findStream(store, input, request);
        notInDryRun(input.DryRun);
        const [placed] = await put(deps, stream, [input]);
        return { ...placed!, EncryptionType: "NONE" };
      },
    },

    PutRecords: {
      resources: onStream,
      async handle(input, request) {
        const stream = await findStream(store, input, request);
        const bytes = input.Records.reduce(
          (sum, record) => sum + record.Data.length + Buffer.byteLength(record.PartitionKey ?? ""),
          0,
        );
        if (bytes > STREAM_LIMITS.putBytes) {
          throw new ServiceError(
            "InvalidArgumentException",
            `The records of one request must not be larger than ${STREAM_LIMITS.putBytes} bytes together.`,
          );
        }
        notInDryRun(input.DryRun);
        return { Records: await put(deps, stream, input.Records), FailedRecordCount: 0, EncryptionType: "NONE" };
      },
    },

    GetShardIterator: {
      resources: onStream,
      async handle(input, request) {
        const stream = await findStream(store, input, request);
        const shard = parseShardId(input.ShardId, stream.shardCount);
        if (shard === undefined) {
          const message = `Shard ${input.ShardId} in stream ${stream.name} under account ${request.accountId} does not exist.`;
          throw new ServiceError("ResourceNotFoundException", message);
        }
        const place = await startOf(input, stream, shard);
        notInDryRun(input.DryRun);
        const at = { streamName: stream.name, streamId: stream.streamId, shard, place };
        return { ShardIterator: formatIterator(at, scopeText(request), clock.now(), key) };
      },
    },

    GetRecords: {
      resources: (input, request) => {
        const { streamName } = parseIterator(input.ShardIterator, scopeText(request), clock.now(), key);
        return [streamArn(request, streamName)];
      },
      async handle(input, request) {
        const now = clock.now();
        const scope = scopeText(request);
        const at = parseIterator(input.ShardIterator, scope, now, key);
        const reference = { StreamName: at.streamName, StreamARN: input.StreamARN, StreamId: input.StreamId };
        const stream = await findStream(store, reference, request);
        if (stream.streamId !== at.streamId) throw streamNotFound(stream.name, request);
        notInDryRun(input.DryRun);
        const oldest = now - RETENTION_MS;
        const limit = input.Limit ?? STREAM_LIMITS.getRecords;
        const heads = await store.heads(stream, at.shard, at.place, oldest, limit + 1);
        const page = pageOf(heads, limit);
        const last = page.at(-1);
        const records = last ? await store.read(stream, at.shard, page[0]!.place, last.place, oldest) : [];
        const next = { ...at, place: last ? last.place + 1 : at.place };
        return {
          Records: records.map((record) => ({
            SequenceNumber: formatSequenceNumber(stream.createdAt, at.shard, record.place),
            ApproximateArrivalTimestamp: record.arrivedAt / 1000,
            Data: record.data,
            PartitionKey: record.partitionKey,
            EncryptionType: "NONE" as const,
          })),
          NextShardIterator: formatIterator(next, scope, now, key),
          MillisBehindLatest: heads.length > page.length && last ? Math.max(now - last.arrivedAt, 0) : 0,
        };
      },
    },
  };
}

/** As many records as one answer may hold; always the first, however large. */
function pageOf(heads: readonly RecordHead[], limit: number): readonly RecordHead[] {
  let bytes = 0;
  let count = 0;
  for (const head of heads.slice(0, limit)) {
    bytes += head.size;
    if (count > 0 && bytes > STREAM_LIMITS.getBytes) break;
    count++;
  }
  return heads.slice(0, count);
}
