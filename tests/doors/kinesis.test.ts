import { createKinesis } from "@hearth/managed";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clients, type Door, type Input, openDoor, refusing, sender } from "./door.ts";

let door: Door;
let kinesis: Clients["kinesis"];
let arnOf: (stream: string) => string;
beforeAll(async () => {
  door = await openDoor();
  kinesis = door.root.kinesis;
  arnOf = (stream) => `arn:aws:kinesis:${door.file.region}:${door.file.accountId}:stream/${stream}`;
});
afterAll(() => door.stop());

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);
const refused = refusing("kinesis", () => door.root);

async function recordsFrom(stream: string, iterator: Input): Promise<string[]> {
  const { Shards } = await kinesis.send("ListShards", { StreamName: stream });
  const found: string[] = [];
  for (const { ShardId } of Shards ?? []) {
    const start = { StreamName: stream, ShardId, ...iterator };
    const { ShardIterator } = await sender(kinesis).send("GetShardIterator", start);
    let next = String(ShardIterator);
    for (;;) {
      const page = await kinesis.send("GetRecords", { ShardIterator: next, Limit: 2 });
      found.push(...page.Records.map(({ Data }) => text(Data)));
      if (page.Records.length === 0 && page.MillisBehindLatest === 0) break;
      next = page.NextShardIterator ?? "";
    }
  }
  return found;
}

describe("streams", () => {
  test("live from creation to deletion", async () => {
    const StreamName = "live_.-1";
    await kinesis.send("CreateStream", { StreamName, ShardCount: 3 });
    const { StreamDescriptionSummary } = await kinesis.send("DescribeStreamSummary", { StreamName });
    expect(StreamDescriptionSummary).toMatchObject({
      StreamName,
      StreamARN: arnOf(StreamName),
      StreamStatus: "ACTIVE",
      OpenShardCount: 3,
      RetentionPeriodHours: 24,
    });
    const { StreamDescription } = await kinesis.send("DescribeStream", { StreamARN: arnOf(StreamName) });
    expect(StreamDescription).toMatchObject({ StreamName, HasMoreShards: false });
    expect(StreamDescription.Shards).toHaveLength(3);
    const { Shards } = await kinesis.send("ListShards", { StreamName });
    expect(Shards).toEqual(StreamDescription.Shards);
    // The shards part the hash keys among them without gap or overlap.
    const ranges = (Shards ?? []).map(({ HashKeyRange: { StartingHashKey, EndingHashKey } }) => [
      BigInt(StartingHashKey),
      BigInt(EndingHashKey),
    ]);
    let expected = 0n;
    for (const [start, end] of ranges) {
      expect(start).toBe(expected);
      expected = (end ?? 0n) + 1n;
    }
    expect(expected).toBe(2n ** 128n);
    expect((await kinesis.send("ListStreams", {})).StreamNames).toContain(StreamName);
    await refused("CreateStream", "ResourceInUseException", { StreamName, ShardCount: 1 });
    await kinesis.send("DeleteStream", { StreamName });
    await refused("DescribeStreamSummary", "ResourceNotFoundException", { StreamName });
  });

  test("have a mode", async () => {
    const StreamModeDetails = { StreamMode: "ON_DEMAND" } as const;
    await kinesis.send("CreateStream", { StreamName: "on-demand", StreamModeDetails });
    const { StreamDescriptionSummary } = await kinesis.send("DescribeStreamSummary", { StreamName: "on-demand" });
    expect(StreamDescriptionSummary.StreamModeDetails).toEqual(StreamModeDetails);
  });
});

describe("records", () => {
  const StreamName = "records";
  beforeAll(() => kinesis.send("CreateStream", { StreamName, ShardCount: 2 }));

  test("are read back in order, from wherever one starts", async () => {
    const sent = [];
    for (const data of ["a", "b", "c", "d"]) {
      sent.push(await kinesis.send("PutRecord", { StreamName, PartitionKey: "one", Data: bytes(data) }));
    }
    const [first, second] = sent;
    expect(new Set(sent.map(({ ShardId }) => ShardId)).size).toBe(1);
    const numbers = sent.map(({ SequenceNumber }) => BigInt(SequenceNumber));
    expect(numbers).toEqual([...numbers].sort((a, b) => (a < b ? -1 : 1)));
    expect(await recordsFrom(StreamName, { ShardIteratorType: "TRIM_HORIZON" })).toEqual(["a", "b", "c", "d"]);
    expect(await recordsFrom(StreamName, { ShardIteratorType: "LATEST" })).toEqual([]);
    const at = { StreamName, ShardId: first?.ShardId ?? "", StartingSequenceNumber: second?.SequenceNumber ?? "" };
    for (const [ShardIteratorType, expected] of [
      ["AT_SEQUENCE_NUMBER", ["b", "c", "d"]],
      ["AFTER_SEQUENCE_NUMBER", ["c", "d"]],
    ] as const) {
      const { ShardIterator = "" } = await kinesis.send("GetShardIterator", { ...at, ShardIteratorType });
      const { Records, MillisBehindLatest } = await kinesis.send("GetRecords", { ShardIterator });
      expect(Records.map(({ Data }) => text(Data))).toEqual(expected);
      expect(Records[0]).toMatchObject({ PartitionKey: "one", ApproximateArrivalTimestamp: expect.any(Number) });
      expect(MillisBehindLatest).toBe(0);
    }
    const past = Date.now() / 1000 - 3600;
    const since = await door.call("kinesis", "GetShardIterator", {
      StreamName,
      ShardId: first?.ShardId,
      ShardIteratorType: "AT_TIMESTAMP",
      Timestamp: past,
    });
    const { Records } = await kinesis.send("GetRecords", { ShardIterator: String(since["ShardIterator"]) });
    expect(Records).toHaveLength(4);
  });

  test("of one call are put each where its key belongs", async () => {
    const stream = "batch";
    await kinesis.send("CreateStream", { StreamName: stream, ShardCount: 2 });
    const Records = [
      { Data: bytes("low"), PartitionKey: "k", ExplicitHashKey: "0" },
      { Data: bytes("high"), PartitionKey: "k", ExplicitHashKey: String(2n ** 128n - 1n) },
    ];
    const { Records: put } = await kinesis.send("PutRecords", { StreamARN: arnOf(stream), Records });
    expect(put.map(({ ShardId }) => ShardId)).toEqual(["shardId-000000000000", "shardId-000000000001"]);
    expect((await recordsFrom(stream, { ShardIteratorType: "TRIM_HORIZON" })).sort()).toEqual(["high", "low"]);
  });
});

describe("refusals", () => {
  test("of more shards than an account has", async () => {
    await refused("CreateStream", "LimitExceededException", { StreamName: "huge", ShardCount: 501 });
  });

  const StreamName = "refusing";
  const ShardId = "shardId-000000000000";
  beforeAll(() => kinesis.send("CreateStream", { StreamName, ShardCount: 1 }));

  const argument: readonly [operation: string, why: string, input: Input][] = [
    [
      "CreateStream",
      "a count of shards for a stream that chooses it itself",
      {
        StreamName: "both",
        ShardCount: 2,
        StreamModeDetails: { StreamMode: "ON_DEMAND" },
      },
    ],
    ["DeleteStream", "no stream", {}],
    ["DescribeStream", "no stream", {}],
    ["DescribeStreamSummary", "no stream", {}],
    ["ListShards", "no stream", {}],
    ["PutRecord", "no stream", { PartitionKey: "k", Data: bytes("x") }],
    ["PutRecords", "no stream", { Records: [{ PartitionKey: "k", Data: bytes("x") }] }],
    ["GetShardIterator", "no stream", { ShardId, ShardIteratorType: "LATEST" }],
    [
      "PutRecord",
      "a hash key beyond the last",
      {
        StreamName,
        PartitionKey: "k",
        Data: bytes("x"),
        ExplicitHashKey: String(2n ** 128n),
      },
    ],
    [
      "PutRecords",
      "a hash key beyond the last",
      {
        StreamName,
        Records: [{ PartitionKey: "k", Data: bytes("x"), ExplicitHashKey: String(2n ** 128n) }],
      },
    ],
    ["PutRecord", "more than a MiB", { StreamName, PartitionKey: "k", Data: new Uint8Array(1024 * 1024 + 1) }],
    [
      "GetShardIterator",
      "no sequence number to start at",
      { StreamName, ShardId, ShardIteratorType: "AT_SEQUENCE_NUMBER" },
    ],
    ["GetShardIterator", "no time to start at", { StreamName, ShardId, ShardIteratorType: "AT_TIMESTAMP" }],
    ["GetRecords", "an iterator that nobody gave", { ShardIterator: "AAAA" }],
    ["ListShards", "a token that nobody gave", { NextToken: "AAAA" }],
    ["ListStreams", "a token that nobody gave", { NextToken: "no/name" }],
  ];
  test.each(argument)("%s: %s", async (operation, _, input) => {
    await refused(operation, "InvalidArgumentException", input);
  });

  test("of a shard that the stream does not have", async () => {
    const start = { StreamName, ShardId: "shardId-000000000007", ShardIteratorType: "LATEST" };
    await refused("GetShardIterator", "ResourceNotFoundException", start);
  });

  test("of an iterator whose stream is deleted", async () => {
    await kinesis.send("CreateStream", { StreamName: "short-lived", ShardCount: 1 });
    const start = { StreamName: "short-lived", ShardId, ShardIteratorType: "LATEST" } as const;
    const { ShardIterator } = await kinesis.send("GetShardIterator", start);
    await kinesis.send("DeleteStream", { StreamName: "short-lived" });
    await refused("GetRecords", "ResourceNotFoundException", { ShardIterator });
  });

  const dry: readonly [operation: string, input: Input][] = [
    ["PutRecord", { StreamName, PartitionKey: "k", Data: bytes("x") }],
    ["PutRecords", { StreamName, Records: [{ PartitionKey: "k", Data: bytes("x") }] }],
    ["GetShardIterator", { StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" }],
  ];
  test.each(dry)("%s of a dry run says that it would have been done", async (operation, input) => {
    await refused(operation, "DryRunOperationException", { ...input, DryRun: true });
    expect(await recordsFrom(StreamName, { ShardIteratorType: "TRIM_HORIZON" })).toEqual([]);
  });

  test("GetRecords of a dry run says that it would have been done", async () => {
    const start = { StreamName, ShardId, ShardIteratorType: "LATEST" } as const;
    const { ShardIterator } = await kinesis.send("GetShardIterator", start);
    await refused("GetRecords", "DryRunOperationException", { ShardIterator, DryRun: true });
  });

  test("of a whole request that is too large", async () => {
    const Data = new Uint8Array(900 * 1024);
    const Records = Array.from({ length: 12 }, (_, index) => ({ Data, PartitionKey: `k${index}` }));
    await refused("PutRecords", "InvalidArgumentException", { StreamName, Records });
  });
});

test("what is sent to AWS's Kinesis by its own client arrives under the ARN, the key and the bytes", async () => {
  await kinesis.send("CreateStream", { StreamName: "aws", ShardCount: 1 });
  const { apiEndpoint: endpoint, accessKeyId, secretAccessKey, accountId, region } = door.file;
  const target = createKinesis({ endpoint, credentials: { accessKeyId, secretAccessKey } });
  const delivery = { accountId, region, roleArn: "role", messageId: "m", partitionKey: "thing" };
  const put = (targetArn: string, signal: AbortSignal) =>
    target.put({ ...delivery, targetArn, data: bytes('{"a":1}') }, signal);
  await put(arnOf("aws"), AbortSignal.timeout(10_000));
  expect(await recordsFrom("aws", { ShardIteratorType: "TRIM_HORIZON" })).toEqual(['{"a":1}']);
  await expect(put(arnOf("absent"), AbortSignal.timeout(10_000))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  await expect(put(arnOf("aws"), AbortSignal.abort())).rejects.toThrow();
  target.close?.();
});
