import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSealer, type Database, openPostgres, openSqlite } from "@hearth/backplane";
import { FakeClock, silentLogger } from "@hearth/base";
import type { KinesisOperations, OperationBinding, RequestContext } from "@hearth/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startPostgres } from "../../../../tests/kit/postgres.ts";
import { RETENTION_MS } from "./stream.ts";
import { streamMigrations } from "./stream-store.ts";
import { createStreams, type Streams } from "./streams.ts";

const ACCOUNT = "000000000000";
const REGION = "us-east-1";
const MINUTE = 60_000;
const skipped = process.env["HEARTH_SKIP_POSTGRES"] === "1";

const bytes = (text: string) => new TextEncoder().encode(text);
const failing = (name: string) => expect.objectContaining({ name });

describeStreams("SQLite", async () => {
  const directory = mkdtempSync(join(tmpdir(), "hearth-streams-"));
  const options = { file: join(directory, "hearth.db"), migrations: streamMigrations, log: silentLogger };
  const database = await openSqlite(options);
  return { database, stop: () => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }) };
});

describe.runIf(!skipped)("on a real PostgreSQL", () => {
  describeStreams("PostgreSQL", async () => {
    const server = await startPostgres();
    const database = await openPostgres({ url: server.url, migrations: streamMigrations, log: silentLogger });
    return { database, stop: () => server.stop() };
  });
});

type Outputs = { [Name in keyof KinesisOperations]: KinesisOperations[Name]["output"] };

function describeStreams(
  store: string,
  open: () => Promise<{ database: Database; stop: () => void | Promise<void> }>,
): void {
  describe(`streams on ${store}`, () => {
    let database: Database;
    let stop: () => void | Promise<void>;
    let clock: FakeClock;
    let streams: Streams;
    let streamCount = 0;
    const sealer = createSealer(new Uint8Array(32));

    beforeAll(async () => {
      ({ database, stop } = await open());
    });
    afterAll(async () => {
      await database.close();
      await stop();
    });
    beforeEach(() => {
      clock = new FakeClock();
      streams = createStreams({ database, clock, log: silentLogger, sealer });
    });

    /** What the door would do: ask for the resources, then call. */
    async function call<Name extends keyof KinesisOperations>(
      name: Name,
      input: KinesisOperations[Name]["input"],
      accountId = ACCOUNT,
    ): Promise<Outputs[Name]> {
      const binding = streams.operations[name] as OperationBinding<unknown, Outputs[Name]>;
      const context = { accountId, region: REGION } as RequestContext;
      for (const arn of (await binding.resources?.(input, context)) ?? []) expect(arn).toMatch(/^arn:aws:kinesis:/);
      return binding.handle(input, context);
    }

    /** A new stream's name. */
    async function stream(ShardCount = 1): Promise<string> {
      const StreamName = `stream-${++streamCount}`;
      await call("CreateStream", { StreamName, ShardCount });
      return StreamName;
    }

    const put = (StreamName: string, text: string, PartitionKey = "k") =>
      call("PutRecord", { StreamName, PartitionKey, Data: bytes(text) });

    const shard = (number: number) => `shardId-${String(number).padStart(12, "0")}`;

    async function iterator(
      StreamName: string,
      over: Partial<KinesisOperations["GetShardIterator"]["input"]> = {},
    ): Promise<string> {
      const input = { StreamName, ShardId: shard(0), ShardIteratorType: "TRIM_HORIZON" as const, ...over };
      return (await call("GetShardIterator", input)).ShardIterator!;
    }

    async function read(ShardIterator: string, Limit?: number) {
      const page = await call("GetRecords", { ShardIterator, Limit });
      return {
        texts: page.Records.map((record) => new TextDecoder().decode(record.Data)),
        next: page.NextShardIterator!,
        behind: page.MillisBehindLatest,
        records: page.Records,
      };
    }

    describe("streams and shards", () => {
      test("a stream is described, listed and unique in its account", async () => {
        const StreamName = await stream(3);
        const { StreamDescriptionSummary: summary } = await call("DescribeStreamSummary", { StreamName });
        expect(summary).toMatchObject({
          StreamARN: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/${StreamName}`,
          StreamStatus: "ACTIVE",
          OpenShardCount: 3,
          RetentionPeriodHours: 24,
          StreamCreationTimestamp: clock.now() / 1000,
          StreamModeDetails: { StreamMode: "PROVISIONED" },
        });
        const { StreamDescription } = await call("DescribeStream", { StreamARN: summary.StreamARN, Limit: 2 });
        expect(StreamDescription.Shards.map((one) => one.ShardId)).toEqual([shard(0), shard(1)]);
        expect(StreamDescription.HasMoreShards).toBe(true);
        await expect(call("CreateStream", { StreamName, ShardCount: 1 })).rejects.toThrow(
          failing("ResourceInUseException"),
        );
        await call("CreateStream", { StreamName, ShardCount: 1 }, "000000000001");
        const other = await call("DescribeStreamSummary", { StreamName }, "000000000001");
        expect(other.StreamDescriptionSummary.OpenShardCount).toBe(1);
      });

      test("what another account has does not exist", async () => {
        const StreamName = await stream();
        const StreamARN = `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/${StreamName}`;
        for (const reference of [{ StreamName }, { StreamARN }]) {
          const attempt = call("DescribeStreamSummary", reference, "000000000009");
          await expect(attempt).rejects.toThrow(failing("ResourceNotFoundException"));
        }
        expect((await call("ListStreams", {}, "000000000009")).StreamNames).toEqual([]);
        const ShardIterator = await iterator(StreamName);
        const foreign = call("GetRecords", { ShardIterator }, "000000000009");
        await expect(foreign).rejects.toThrow(failing("InvalidArgumentException"));
      });

      test("a stream is named by name, ARN or both, and by nothing else", async () => {
        const StreamName = await stream();
        const StreamARN = `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/${StreamName}`;
        await call("DescribeStreamSummary", { StreamName, StreamARN });
        for (const reference of [{}, { StreamId: "i" }, { StreamName: "other", StreamARN }]) {
          await expect(call("DescribeStreamSummary", reference)).rejects.toThrow(failing("InvalidArgumentException"));
        }
        const wrong = call("DescribeStreamSummary", { StreamName, StreamId: "other" });
        await expect(wrong).rejects.toThrow(failing("ResourceNotFoundException"));
      });

      test("streams are listed in pages", async () => {
        const names = ["a", "b", "c"];
        for (const name of names) await call("CreateStream", { StreamName: name, ShardCount: 1 }, "000000000002");
        const first = await call("ListStreams", { Limit: 2 }, "000000000002");
        expect([first.StreamNames, first.HasMoreStreams]).toEqual([["a", "b"], true]);
        const second = await call("ListStreams", { NextToken: first.NextToken, Limit: 2 }, "000000000002");
        expect([second.StreamNames, second.HasMoreStreams, second.NextToken]).toEqual([["c"], false, undefined]);
        const malformed = call("ListStreams", { NextToken: "a b" }, "000000000002");
        await expect(malformed).rejects.toThrow(failing("InvalidArgumentException"));
        const behind = await call("ListStreams", { ExclusiveStartStreamName: "b" }, "000000000002");
        expect(behind.StreamSummaries?.map((one) => one.StreamName)).toEqual(["c"]);
      });

      test("shards are listed in pages", async () => {
        const StreamName = await stream(5);
        const first = await call("ListShards", { StreamName, MaxResults: 2 });
        expect(first.Shards?.map((one) => one.ShardId)).toEqual([shard(0), shard(1)]);
        const NextToken = first.NextToken;
        const rest = await call("ListShards", { NextToken });
        expect([rest.Shards?.map((one) => one.ShardId), rest.NextToken]).toEqual([
          [shard(2), shard(3), shard(4)],
          undefined,
        ]);
        const behind = await call("ListShards", { StreamName, ExclusiveStartShardId: shard(3) });
        expect(behind.Shards?.map((one) => one.ShardId)).toEqual([shard(4)]);
        const filtered = await call("ListShards", {
          StreamName,
          ShardFilter: { Type: "AFTER_SHARD_ID", ShardId: shard(9) },
        });
        expect(filtered.Shards).toEqual([]);
        const both = call("ListShards", { StreamName, NextToken });
        await expect(both).rejects.toThrow(failing("InvalidArgumentException"));
        clock.advance(6 * MINUTE);
        await expect(call("ListShards", { NextToken })).rejects.toThrow(failing("ExpiredNextTokenException"));
      });

      test("modes and limits", async () => {
        const StreamName = "wanted";
        const onDemand = { StreamModeDetails: { StreamMode: "ON_DEMAND" as const } };
        for (const input of [{}, { ...onDemand, ShardCount: 1 }, { ShardCount: 1, WarmThroughputMiBps: 1 }]) {
          const attempt = call("CreateStream", { StreamName, ...input });
          await expect(attempt).rejects.toThrow(failing("InvalidArgumentException"));
        }
        const many = call("CreateStream", { StreamName, ShardCount: 501 });
        await expect(many).rejects.toThrow(failing("LimitExceededException"));
        await call("CreateStream", { StreamName, ...onDemand, RecordDistributionStrategy: "AUTO" });
        const { StreamDescriptionSummary } = await call("DescribeStreamSummary", { StreamName });
        expect(StreamDescriptionSummary).toMatchObject({ OpenShardCount: 4, RecordDistributionStrategy: "AUTO" });
        await call("PutRecord", { StreamName, Data: bytes("needs no key") });
      });

      test("a deleted stream is gone with its records, and its name is free", async () => {
        const StreamName = await stream();
        await put(StreamName, "old");
        const old = await iterator(StreamName);
        await call("DeleteStream", { StreamName });
        for (const attempt of [
          () => call("DescribeStreamSummary", { StreamName }),
          () => call("DeleteStream", { StreamName }),
          () => put(StreamName, "x"),
          () => call("GetRecords", { ShardIterator: old }),
        ]) {
          await expect(attempt()).rejects.toThrow(failing("ResourceNotFoundException"));
        }
        await call("CreateStream", { StreamName, ShardCount: 1 });
        expect((await read(await iterator(StreamName))).texts).toEqual([]);
        await expect(call("GetRecords", { ShardIterator: old })).rejects.toThrow(failing("ResourceNotFoundException"));
      });

      test("a large stream is deleted in steps, in which it can be seen but not written", async () => {
        const StreamName = await stream();
        for (let i = 0; i < 5; i++) {
          const Records = Array.from({ length: 500 }, () => ({ PartitionKey: "k", Data: bytes("doomed") }));
          await call("PutRecords", { StreamName, Records });
        }
        // The first step belongs to the answer, the others follow; `trim` waits for the same end.
        await call("DeleteStream", { StreamName });
        await expect(put(StreamName, "x")).rejects.toThrow(failing("ResourceNotFoundException"));
        await streams.trim();
        const left = await database.query<{ n: number }>("SELECT COUNT(*) AS n FROM stream_records WHERE size = 6");
        expect(Number(left[0]!.n)).toBe(0);
        await expect(call("DescribeStream", { StreamName })).rejects.toThrow(failing("ResourceNotFoundException"));
      });
    });

    describe("records", () => {
      test("are read in order, once, with what belongs to them", async () => {
        const StreamName = await stream();
        const placed = [await put(StreamName, "1", "ü"), await put(StreamName, "2"), await put(StreamName, "3")];
        const numbers = placed.map((one) => BigInt(one.SequenceNumber));
        expect(numbers).toEqual([...numbers].sort((a, b) => (a < b ? -1 : 1)));
        const first = await read(await iterator(StreamName), 2);
        expect(first.texts).toEqual(["1", "2"]);
        expect(first.records[0]).toMatchObject({
          SequenceNumber: placed[0]!.SequenceNumber,
          PartitionKey: "ü",
          ApproximateArrivalTimestamp: clock.now() / 1000,
        });
        const second = await read(first.next);
        expect([second.texts, second.behind]).toEqual([["3"], 0]);
        const third = await read(second.next);
        expect(third.texts).toEqual([]);
        await put(StreamName, "4");
        expect((await read(third.next)).texts).toEqual(["4"]);
      });

      test("all five kinds of iterators", async () => {
        const StreamName = await stream();
        await put(StreamName, "1");
        clock.advance(1000);
        const before = clock.now() / 1000;
        const { SequenceNumber: StartingSequenceNumber } = await put(StreamName, "2");
        clock.advance(1000);
        await put(StreamName, "3");
        const from = async (over: Partial<KinesisOperations["GetShardIterator"]["input"]>) =>
          (await read(await iterator(StreamName, over))).texts;
        expect(await from({ ShardIteratorType: "TRIM_HORIZON" })).toEqual(["1", "2", "3"]);
        expect(await from({ ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber })).toEqual(["2", "3"]);
        expect(await from({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber })).toEqual(["3"]);
        expect(await from({ ShardIteratorType: "AT_TIMESTAMP", Timestamp: before })).toEqual(["2", "3"]);
        expect(await from({ ShardIteratorType: "AT_TIMESTAMP", Timestamp: before + 0.5 })).toEqual(["3"]);
        expect(await from({ ShardIteratorType: "AT_TIMESTAMP", Timestamp: 0 })).toEqual(["1", "2", "3"]);
        const latest = await iterator(StreamName, { ShardIteratorType: "LATEST" });
        await put(StreamName, "4");
        expect((await read(latest)).texts).toEqual(["4"]);
        const { Shards } = await call("ListShards", { StreamName });
        const start = Shards![0]!.SequenceNumberRange.StartingSequenceNumber;
        expect(await from({ ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: start })).toHaveLength(4);
      });

      test("iterators that point nowhere", async () => {
        const StreamName = await stream();
        for (const over of [
          { ShardIteratorType: "AT_SEQUENCE_NUMBER" },
          { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: "1" },
          { ShardIteratorType: "AT_TIMESTAMP" },
          { ShardIteratorType: "AT_TIMESTAMP", Timestamp: clock.now() / 1000 + 1 },
        ] as const) {
          await expect(iterator(StreamName, over)).rejects.toThrow(failing("InvalidArgumentException"));
        }
        const nowhere = iterator(StreamName, { ShardId: shard(1) });
        await expect(nowhere).rejects.toThrow(failing("ResourceNotFoundException"));
        await expect(read("bm90IG9uZQ==")).rejects.toThrow(failing("InvalidArgumentException"));
        const late = await iterator(StreamName);
        clock.advance(5 * MINUTE + 1);
        await expect(read(late)).rejects.toThrow(failing("ExpiredIteratorException"));
      });

      test("find their shard by the key's hash or the hash that is given", async () => {
        const StreamName = await stream(2);
        // MD5 of "a" is 0cc1..., of "abc" 9001...
        expect((await put(StreamName, "x", "a")).ShardId).toBe(shard(0));
        expect((await put(StreamName, "y", "abc")).ShardId).toBe(shard(1));
        const explicit = { StreamName, Data: bytes("z"), PartitionKey: "a", ExplicitHashKey: String(1n << 127n) };
        expect((await call("PutRecord", explicit)).ShardId).toBe(shard(1));
        expect((await read(await iterator(StreamName))).texts).toEqual(["x"]);
        expect((await read(await iterator(StreamName, { ShardId: shard(1) }))).texts).toEqual(["y", "z"]);
        const keyless = call("PutRecord", { StreamName, Data: bytes("x") });
        await expect(keyless).rejects.toThrow(failing("InvalidArgumentException"));
      });

      test("PutRecords answers in the order of the request, over all shards", async () => {
        const StreamName = await stream(4);
        const Records = Array.from({ length: 500 }, (_, i) => ({ PartitionKey: `key ${i}`, Data: bytes(String(i)) }));
        const { Records: placed, FailedRecordCount } = await call("PutRecords", { StreamName, Records });
        expect([placed.length, FailedRecordCount]).toEqual([500, 0]);
        const found = new Map<string, string>();
        for (let i = 0; i < 4; i++) {
          const { records } = await read(await iterator(StreamName, { ShardId: shard(i) }));
          const own = records.map((record) => BigInt(record.SequenceNumber));
          expect(own).toEqual([...own].sort((a, b) => (a < b ? -1 : 1)));
          for (const record of records) found.set(record.SequenceNumber, new TextDecoder().decode(record.Data));
        }
        expect(placed.map((one) => found.get(one.SequenceNumber!))).toEqual(Records.map((_, i) => String(i)));
      });

      test("writers at the same time take places without gaps or doubles, and a reader misses none", async () => {
        const StreamName = await stream(2);
        const texts = Array.from({ length: 60 }, (_, i) => String(i));
        const seen: string[] = [];
        let at = await iterator(StreamName);
        const readOn = async () => {
          const page = await read(at);
          seen.push(...page.texts);
          at = page.next;
        };
        const writers = texts.map((text) =>
          call("PutRecords", {
            StreamName,
            Records: [
              { PartitionKey: "abc", Data: bytes("other shard") },
              { PartitionKey: "a", Data: bytes(text) },
            ],
          }),
        );
        for (const writer of writers) {
          await writer;
          await readOn();
        }
        await readOn();
        expect(seen).toHaveLength(60);
        expect(new Set(seen)).toEqual(new Set(texts));
      });

      test("limits of size", async () => {
        const StreamName = await stream();
        const MIB = 1024 * 1024;
        const entry = (length: number) => ({ PartitionKey: "k", Data: new Uint8Array(length) });
        const tooLarge = call("PutRecord", { StreamName, ...entry(MIB) });
        await expect(tooLarge).rejects.toThrow(failing("InvalidArgumentException"));
        await call("PutRecord", { StreamName, ...entry(MIB - 1) });
        const tooMany = call("PutRecords", { StreamName, Records: Array.from({ length: 11 }, () => entry(MIB - 1)) });
        await expect(tooMany).rejects.toThrow(failing("InvalidArgumentException"));
        await call("PutRecords", { StreamName, Records: Array.from({ length: 9 }, () => entry(MIB - 1)) });
        clock.advance(5000);
        await call("PutRecords", { StreamName, Records: [entry(MIB - 1), entry(1)] });
        const first = await read(await iterator(StreamName));
        expect([first.texts.length, first.behind]).toEqual([10, 5000]);
        const second = await read(first.next);
        expect([second.texts.length, second.behind]).toEqual([2, 0]);
      });

      test("a dry run does nothing", async () => {
        const StreamName = await stream();
        const dry = call("PutRecord", { StreamName, PartitionKey: "k", Data: bytes("x"), DryRun: true });
        await expect(dry).rejects.toThrow(failing("DryRunOperationException"));
        expect((await read(await iterator(StreamName))).texts).toEqual([]);
      });

      test("from within: putRecord by ARN", async () => {
        const StreamName = await stream();
        const arn = `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/${StreamName}`;
        await streams.putRecord(ACCOUNT, REGION, arn, "k", bytes("note"));
        expect((await read(await iterator(StreamName))).texts).toEqual(["note"]);
        for (const [account, region, name] of [
          ["000000000009", REGION, arn],
          [ACCOUNT, "eu-west-1", arn],
          [ACCOUNT, REGION, `${arn}-missing`],
          [ACCOUNT, REGION, "no arn"],
        ] as const) {
          const attempt = streams.putRecord(account, region, name, "k", bytes("x"));
          await expect(attempt).rejects.toThrow(failing("ResourceNotFoundException"));
        }
      });
    });

    describe("what the platform writes itself", () => {
      const arnOf = (name: string) => `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/${name}`;

      test("keeps its order, and one record that cannot be taken leaves the others", async () => {
        const StreamName = await stream();
        const texts = Array.from({ length: 20 }, (_, index) => `${index}`);
        const large = streams.putRecord(ACCOUNT, REGION, arnOf(StreamName), "k", new Uint8Array(2 << 20));
        const put = texts.map((text) => streams.putRecord(ACCOUNT, REGION, arnOf(StreamName), "k", bytes(text)));
        await expect(large).rejects.toThrow(failing("InvalidArgumentException"));
        await Promise.all(put);
        expect((await read(await iterator(StreamName))).texts).toEqual(texts);
      });

      test("finds out that its stream is gone, and that there is another of its name", async () => {
        const StreamName = await stream();
        await streams.putRecord(ACCOUNT, REGION, arnOf(StreamName), "k", bytes("old"));
        const others = createStreams({ database, clock, log: silentLogger, sealer });
        await others.putRecord(ACCOUNT, REGION, arnOf(StreamName), "k", bytes("old"));
        await call("DeleteStream", { StreamName });
        for (const room of [streams, others]) {
          const attempt = room.putRecord(ACCOUNT, REGION, arnOf(StreamName), "k", bytes("lost"));
          await expect(attempt).rejects.toThrow(failing("ResourceNotFoundException"));
        }
        await streams.trim();
        await call("CreateStream", { StreamName, ShardCount: 1 });
        for (const room of [streams, others])
          await room.putRecord(ACCOUNT, REGION, arnOf(StreamName), "k", bytes("new"));
        expect((await read(await iterator(StreamName))).texts).toEqual(["new", "new"]);
      });
    });

    describe("retention", () => {
      test("records of more than 24 hours are neither read nor kept", async () => {
        const StreamName = await stream();
        await put(StreamName, "old");
        clock.advance(RETENTION_MS - MINUTE);
        await put(StreamName, "new");
        clock.advance(2 * MINUTE);
        expect((await read(await iterator(StreamName))).texts).toEqual(["new"]);
        const kept = async () => {
          const rows = await database.query<{ sealed: Uint8Array }>(
            "SELECT r.sealed FROM stream_records r JOIN streams s ON s.stream_id = r.stream_id WHERE s.name = ?",
            [StreamName],
          );
          return rows.map((row) => sealer.openText(row.sealed, "streams.record")).sort();
        };
        expect(await kept()).toEqual(["new", "old"]);
        await streams.trim();
        expect(await kept()).toEqual(["new"]);
        await put(StreamName, "newer");
        expect((await read(await iterator(StreamName))).texts).toEqual(["new", "newer"]);
      });

      test("trimming goes on by itself until it is stopped", async () => {
        const StreamName = await stream();
        await put(StreamName, "old");
        const end = streams.start();
        clock.advance(RETENTION_MS + MINUTE);
        await end();
        const rows = await database.query("SELECT 1 FROM stream_records WHERE arrived_at < ?", [
          clock.now() - RETENTION_MS,
        ]);
        expect(rows).toEqual([]);
      });
    });
  });
}
