import { formatArn, parseArn } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { formatSequenceNumber, formatShardId, hashKeyRange } from "./shard.ts";
import type { Scope, Stream } from "./stream-store.ts";

/** AWS: "Quotas and limits" of Kinesis Data Streams, and the API reference of each operation. */
export const STREAM_LIMITS = {
  shardsPerAccount: 500,
  onDemandShards: 4,
  /** Of data and partition key; a stream may be created with more. */
  recordKib: 1024,
  putRecords: 500,
  putBytes: 10 * 1024 * 1024,
  getRecords: 10_000,
  getBytes: 10 * 1024 * 1024,
  retentionHours: 24,
};

export const RETENTION_MS = STREAM_LIMITS.retentionHours * 3_600_000;

/** How a request names a stream. */
export interface StreamReference {
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export const streamArn = ({ accountId, region }: Scope, name: string): string =>
  formatArn("kinesis", region, accountId, `stream/${name}`);

export const scopeText = ({ accountId, region }: Scope): string => `${accountId}/${region}`;

/**
 * The ARN that a request means, for authorization. Throws `InvalidArgumentException` where it names none or two.
 */
export function referencedArn(reference: StreamReference, scope: Scope): string {
  const { StreamName: name, StreamARN: arn } = reference;
  if (arn !== undefined) {
    if (name !== undefined && parseArn(arn)?.resource !== `stream/${name}`) {
      throw new ServiceError("InvalidArgumentException", "StreamARN and StreamName name two different streams.");
    }
    return arn;
  }
  if (name !== undefined) return streamArn(scope, name);
  // A stream's id does not tell its name, which the policies are written for.
  throw new ServiceError("InvalidArgumentException", "Either StreamName or StreamARN must be given.");
}

/** The stream's name, where the ARN is one of this account and region. */
export function nameInScope(arn: string, { accountId, region }: Scope): string | undefined {
  const parsed = parseArn(arn);
  const inScope = parsed?.service === "kinesis" && parsed.accountId === accountId && parsed.region === region;
  return inScope && parsed.resource.startsWith("stream/") ? parsed.resource.slice("stream/".length) : undefined;
}

export const streamNotFound = (name: string, { accountId }: Scope): ServiceError =>
  new ServiceError("ResourceNotFoundException", `Stream ${name} under account ${accountId} not found.`);

/** Throws `InvalidArgumentException` for a record that is larger than its stream takes. */
export function checkRecordSize(stream: Stream, data: Uint8Array, partitionKey: string | undefined): void {
  const size = data.length + Buffer.byteLength(partitionKey ?? "");
  if (size > stream.maxRecordKib * 1024) {
    throw new ServiceError(
      "InvalidArgumentException",
      `Data and partition key must not be larger than ${stream.maxRecordKib} KiB together.`,
    );
  }
}

/** The shards `from` to `to` (not included) of a stream as the API shows them. */
export function describeShards(stream: Stream, from: number, to: number) {
  const end = Math.min(to, stream.shardCount);
  return Array.from({ length: Math.max(end - from, 0) }, (_, index) => ({
    ShardId: formatShardId(from + index),
    HashKeyRange: hashKeyRange(from + index, stream.shardCount),
    SequenceNumberRange: { StartingSequenceNumber: formatSequenceNumber(stream.createdAt, from + index, 0) },
  }));
}
