import { UniqueViolation, WriteConflict } from "@hearth/backplane";
import { type Clock, randomText } from "@hearth/base";
import { type KinesisOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { parseShardId } from "./shard.ts";
import {
  describeShards,
  nameInScope,
  referencedArn,
  STREAM_LIMITS,
  type StreamReference,
  scopeText,
  streamArn,
  streamNotFound,
} from "./stream.ts";
import type { Scope, Stream, StreamStore } from "./stream-store.ts";
import { formatShardListToken, type KeyedHash, parseShardListToken } from "./token.ts";

/** The stream that a request names. Throws `ResourceNotFoundException`, also for another account's. */
export async function findStream(store: StreamStore, reference: StreamReference, scope: Scope): Promise<Stream> {
  const arn = referencedArn(reference, scope);
  const name = nameInScope(arn, scope);
  const stream = name === undefined ? undefined : await store.find(scope, name);
  if (!stream || (reference.StreamId !== undefined && reference.StreamId !== stream.streamId)) {
    throw streamNotFound(name ?? arn, scope);
  }
  return stream;
}

export const onStream = (input: StreamReference, request: RequestContext): string[] => [referencedArn(input, request)];

const refuse = (message: string) => new ServiceError("InvalidArgumentException", message);

/** What the model allows a stream's name to be; a listing's token is the last name listed. */
const STREAM_NAME = /^[a-zA-Z0-9_.-]{1,128}$/;

const LOWER_CASE = "abcdefghijklmnopqrstuvwxyz0123456789";

type Names =
  | "CreateStream"
  | "DeleteStream"
  | "DescribeStream"
  | "DescribeStreamSummary"
  | "ListShards"
  | "ListStreams";

/** Streams and their shards. `onDeleted` is told when a stream waits for its removal. */
export function streamOperations(deps: {
  store: StreamStore;
  clock: Pick<Clock, "now">;
  key: KeyedHash;
  onDeleted: () => void;
}): OperationTable<Pick<KinesisOperations, Names>> {
  const { store, clock, key } = deps;
  return {
    CreateStream: {
      resources: (input, request) => [streamArn(request, input.StreamName)],
      conditions: ({ Tags = {} }) => ({
        "aws:TagKeys": Object.keys(Tags),
        ...Object.fromEntries(Object.entries(Tags).map(([tag, value]) => [`aws:RequestTag/${tag}`, value])),
      }),
      async handle(input, request) {
        const mode = input.StreamModeDetails?.StreamMode ?? "PROVISIONED";
        const onDemand = mode === "ON_DEMAND";
        if (onDemand === (input.ShardCount !== undefined)) {
          throw refuse("ShardCount must be given for the mode PROVISIONED, and for no other.");
        }
        if (input.RecordDistributionStrategy !== undefined && !onDemand) {
          throw refuse("RecordDistributionStrategy may be given for the mode ON_DEMAND only.");
        }
        if (input.WarmThroughputMiBps !== undefined) throw refuse("WarmThroughputMiBps is not supported here.");
        const shardCount = input.ShardCount ?? STREAM_LIMITS.onDemandShards;
        if ((await store.shardsInUse(request)) + shardCount > STREAM_LIMITS.shardsPerAccount) {
          throw new ServiceError(
            "LimitExceededException",
            `This request would exceed the limit of ${STREAM_LIMITS.shardsPerAccount} shards of the account.`,
          );
        }
        try {
          await store.create({
            accountId: request.accountId,
            region: request.region,
            name: input.StreamName,
            streamId: `${randomText(20, LOWER_CASE)}-${randomText(3, LOWER_CASE)}`,
            status: "ACTIVE",
            mode,
            distribution: input.RecordDistributionStrategy ?? "USER_PARTITION_KEY",
            shardCount,
            maxRecordKib: input.MaxRecordSizeInKiB ?? STREAM_LIMITS.recordKib,
            tags: input.Tags ?? {},
            createdAt: clock.now(),
          });
        } catch (error) {
          if (!(error instanceof UniqueViolation)) throw error;
          const message = `Stream ${input.StreamName} under account ${request.accountId} already exists.`;
          throw new ServiceError("ResourceInUseException", message);
        }
        return {};
      },
    },

    DeleteStream: {
      resources: onStream,
      async handle(input, request) {
        const stream = await findStream(store, input, request);
        try {
          await store.markDeleting(stream);
        } catch (error) {
          if (!(error instanceof WriteConflict)) throw error;
          throw new ServiceError("ResourceInUseException", `Stream ${stream.name} is being deleted.`);
        }
        // A small stream is gone with the answer; the rest goes in steps behind it.
        if (!(await store.deleteStep(stream.streamId))) deps.onDeleted();
        return {};
      },
    },

    DescribeStreamSummary: {
      resources: onStream,
      async handle(input, request) {
        const stream = await findStream(store, input, request);
        return {
          StreamDescriptionSummary: {
            ...descriptionOf(stream),
            StreamId: stream.streamId,
            OpenShardCount: stream.shardCount,
            ConsumerCount: 0,
            MaxRecordSizeInKiB: stream.maxRecordKib,
            ...(stream.mode === "ON_DEMAND" ? { RecordDistributionStrategy: stream.distribution } : {}),
          },
        };
      },
    },

    DescribeStream: {
      resources: onStream,
      async handle(input, request) {
        const stream = await findStream(store, input, request);
        const from = input.ExclusiveStartShardId === undefined ? 0 : behind(input.ExclusiveStartShardId, stream);
        const to = from + Math.min(input.Limit ?? 100, 100);
        return {
          StreamDescription: {
            ...descriptionOf(stream),
            Shards: describeShards(stream, from, to),
            HasMoreShards: to < stream.shardCount,
          },
        };
      },
    },

    ListStreams: {
      async handle(input, request) {
        const limit = Math.min(input.Limit ?? 100, 100);
        if (input.NextToken !== undefined && !STREAM_NAME.test(input.NextToken)) throw refuse("NextToken is invalid.");
        const after = input.NextToken ?? input.ExclusiveStartStreamName ?? "";
        const found = await store.list(request, after, limit + 1);
        const page = found.slice(0, limit);
        const more = found.length > limit;
        return {
          StreamNames: page.map((stream) => stream.name),
          HasMoreStreams: more,
          // The name itself: a listing goes on behind it whatever was created or deleted meanwhile.
          ...(more ? { NextToken: page.at(-1)!.name } : {}),
          StreamSummaries: page.map((stream) => ({
            StreamName: stream.name,
            StreamARN: streamArn(stream, stream.name),
            StreamStatus: stream.status,
            StreamModeDetails: { StreamMode: stream.mode },
            StreamCreationTimestamp: stream.createdAt / 1000,
          })),
        };
      },
    },

    ListShards: {
      resources: (input, request) => {
        const token = input.NextToken;
        if (token === undefined) return onStream(input, request);
        const { streamName } = parseShardListToken(token, scopeText(request), clock.now(), key);
        return [streamArn(request, streamName)];
      },
      async handle(input, request) {
        const scope = scopeText(request);
        const token =
          input.NextToken === undefined ? undefined : parseShardListToken(input.NextToken, scope, clock.now(), key);
        if (token && (input.StreamName ?? input.StreamARN ?? input.ExclusiveStartShardId) !== undefined) {
          throw new ServiceError("InvalidArgumentException", "NextToken and the name of a stream exclude each other.");
        }
        const stream = await findStream(store, token ? { StreamName: token.streamName } : input, request);
        if (token && token.streamId !== stream.streamId) throw streamNotFound(stream.name, request);
        const from = token ? token.after + 1 : firstListed(input, stream);
        const to = from + (input.MaxResults ?? 1000);
        const next = { streamName: stream.name, streamId: stream.streamId, after: to - 1 };
        return {
          Shards: describeShards(stream, from, to),
          ...(to < stream.shardCount ? { NextToken: formatShardListToken(next, scope, clock.now(), key) } : {}),
        };
      },
    },
  };
}

/** Shards are neither split nor merged here, so every filter but `AFTER_SHARD_ID` leaves all of them. */
function firstListed(
  input: { ExclusiveStartShardId?: string; ShardFilter?: { Type: string; ShardId?: string } },
  stream: Stream,
): number {
  const { ExclusiveStartShardId: start, ShardFilter: filter } = input;
  if (filter?.Type === "AFTER_SHARD_ID") {
    if (filter.ShardId === undefined) {
      throw new ServiceError("InvalidArgumentException", "The filter AFTER_SHARD_ID needs a ShardId.");
    }
    return behind(filter.ShardId, stream);
  }
  return start === undefined ? 0 : behind(start, stream);
}

/** The shard behind the given one; ids need not exist (AWS: "ListShards", ExclusiveStartShardId). */
function behind(shardId: string, stream: Stream): number {
  const shard = parseShardId(shardId, Number.MAX_SAFE_INTEGER);
  if (shard === undefined) {
    throw new ServiceError("InvalidArgumentException", `${shardId} is not the id of a shard.`);
  }
  return Math.min(shard + 1, stream.shardCount);
}

const descriptionOf = (stream: Stream) => ({
  StreamName: stream.name,
  StreamARN: streamArn(stream, stream.name),
  StreamStatus: stream.status,
  StreamModeDetails: { StreamMode: stream.mode },
  RetentionPeriodHours: STREAM_LIMITS.retentionHours,
  StreamCreationTimestamp: stream.createdAt / 1000,
  EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
  EncryptionType: "NONE" as const,
});
