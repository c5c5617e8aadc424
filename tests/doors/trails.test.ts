import { setTimeout as wait } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import * as s3 from "@aws-sdk/client-s3";
import { FakeClock } from "@hearth/base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allow, type Door, openDoor, policy, refusing } from "./door.ts";

const MINUTE = 60_000;

let door: Door;
let clock: FakeClock;
let objects: s3.S3Client;
beforeAll(async () => {
  // Clients sign by the true clock: before and after a delivery it is within what a signature may be off.
  clock = new FakeClock(Date.now() - 3 * MINUTE);
  door = await openDoor({ clock });
  const { apiEndpoint: endpoint, region } = door.file;
  objects = new s3.S3Client({
    endpoint,
    region,
    credentials: door.file,
    maxAttempts: 1,
  });
  await objects.send(new s3.CreateBucketCommand({ Bucket: "audit" }));
});
afterAll(async () => {
  objects?.destroy();
  await door.stop();
});

const refuses = refusing("cloudtrail", () => door.root);
const arn = (name: string) => `arn:aws:cloudtrail:${door.file.region}:${door.file.accountId}:trail/${name}`;

/** As AWS's guide has it: only this account's trail, and what it writes is the owner's. */
const letIn = (Condition: object) =>
  objects.send(
    new s3.PutBucketPolicyCommand({
      Bucket: "audit",
      Policy: policy({
        Effect: "Allow",
        Principal: { Service: "cloudtrail.amazonaws.com" },
        Action: "s3:PutObject",
        Resource: `arn:aws:s3:::audit/AWSLogs/${door.file.accountId}/*`,
        Condition,
      }),
    }),
  );

/** The records in the bucket, and the keys of their files. */
async function delivered(): Promise<{ keys: string[]; records: Record<string, unknown>[] }> {
  const { Contents = [] } = await objects.send(new s3.ListObjectsV2Command({ Bucket: "audit" }));
  const keys = Contents.map(({ Key = "" }) => Key);
  const records: Record<string, unknown>[] = [];
  for (const Key of keys) {
    const { Body } = await objects.send(new s3.GetObjectCommand({ Bucket: "audit", Key }));
    const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
    records.push(...(JSON.parse(text) as { Records: Record<string, unknown>[] }).Records);
  }
  return { keys, records };
}

/** The delivery runs beside the test; five minutes of its clock pass each time that it is looked for. */
async function afterDelivery(files: number): Promise<Awaited<ReturnType<typeof delivered>>> {
  for (let tries = 0; ; tries++) {
    const found = await delivered();
    const { LatestDeliveryError, LatestDeliveryTime } = await door.root.cloudtrail.send("GetTrailStatus", {
      Name: "main",
    });
    if (LatestDeliveryError) throw new Error(LatestDeliveryError);
    if (found.keys.length >= files && LatestDeliveryTime !== undefined) return found;
    if (tries === 1000) throw new Error(`${found.keys.length} files were delivered`);
    await wait(20);
  }
}

async function answered(QueryId: string) {
  for (;;) {
    const answer = await door.root.cloudtrail.send("GetQueryResults", { QueryId });
    if (answer.QueryStatus !== "RUNNING" && answer.QueryStatus !== "QUEUED") return answer;
    await wait(20);
  }
}

test("row 113: records are delivered to objects and answer an SQL query", async () => {
  const { cloudtrail: trails } = door.root;
  const trail = { Name: "main", S3BucketName: "audit" };
  await refuses("CreateTrail", "InsufficientS3BucketPolicyException", trail);
  await letIn({ StringEquals: { "aws:SourceArn": arn("other"), "s3:x-amz-acl": "bucket-owner-full-control" } });
  await refuses("CreateTrail", "InsufficientS3BucketPolicyException", trail);
  await letIn({ StringEquals: { "aws:SourceArn": arn("main"), "s3:x-amz-acl": "bucket-owner-full-control" } });
  expect((await trails.send("CreateTrail", trail)).TrailARN).toBe(arn("main"));
  await trails.send("StartLogging", { Name: "main" });
  const made = await trails.send("CreateEventDataStore", { Name: "lake", TerminationProtectionEnabled: false });
  const store = made.EventDataStoreArn?.split("/")[1];

  clock.advance(1_000);
  const { managed } = door.clients();
  const secret = "SN:top-secret-serial;UPC:000000000000;";
  const reader = await door.user("auditor", [allow("iotmanagedintegrations:*")]);
  await managed.send("RegisterCustomEndpoint", {});
  clock.advance(1);
  await door.call("iot-managed-integrations", "GetCustomEndpoint", {}, reader);
  clock.advance(1);
  await door
    .call("iot-managed-integrations", "CreateManagedThing", {
      ...{ Role: "DEVICE", AuthenticationMaterialType: "CUSTOM_PROTOCOL_QR_BAR_CODE", AuthenticationMaterial: secret },
    })
    .catch(() => undefined);

  clock.advance(5 * MINUTE);
  const { keys, records } = await afterDelivery(1);
  const { accountId, region } = door.file;
  expect(keys[0]).toMatch(
    new RegExp(
      `^AWSLogs/${accountId}/CloudTrail/${region}/\\d{4}/\\d\\d/\\d\\d/${accountId}_CloudTrail_${region}_\\d{8}T\\d{4}Z_\\w{16}\\.json\\.gz$`,
    ),
  );
  expect(records.map(({ eventName }) => eventName)).toEqual([
    "RegisterCustomEndpoint",
    "GetCustomEndpoint",
    "CreateManagedThing",
  ]);
  expect(JSON.stringify(records)).not.toContain("top-secret");
  expect(records[2]).toMatchObject({ requestParameters: { AuthenticationMaterial: "HIDDEN_DUE_TO_SECURITY_REASONS" } });

  const { QueryId = "" } = await trails.send("StartQuery", {
    QueryStatement: `SELECT eventName, userIdentity.type AS who, element_at(requestParameters, 'Role') AS role, readOnly
      FROM ${store} WHERE eventTime > '2020-01-01 00:00:00' AND eventName LIKE '%Managed%' OR userIdentity.arn LIKE '%/auditor'
      ORDER BY eventTime, eventName; -- who did what`,
  });
  const answer = await answered(QueryId);
  expect(answer).toMatchObject({
    QueryStatus: "FINISHED",
    QueryResultRows: [
      [{ eventName: "CreateManagedThing" }, { who: "Root" }, { role: "DEVICE" }, { readOnly: "false" }],
      [{ eventName: "GetCustomEndpoint" }, { who: "IAMUser" }, { role: "null" }, { readOnly: "true" }],
    ],
  });
  expect(await trails.send("DescribeQuery", { QueryId })).toMatchObject({
    QueryStatus: "FINISHED",
    QueryStatistics: { EventsScanned: 3 },
  });
  expect((await trails.send("ListQueries", { EventDataStore: store ?? "" })).Queries).toMatchObject([{ QueryId }]);
  await refuses("CancelQuery", "InactiveQueryException", { QueryId });
  for (const [statement, words] of [
    [`DROP TABLE ${store}`, /Only SELECT/],
    [`SELECT 1; SELECT 2 FROM ${store}`, /Only one statement/],
    ["SELECT eventName FROM events", /ID of an event data store/],
    [`SELECT absent FROM ${store}`, /no such column: absent/],
    [`SELECT date_trunc('day', eventTime) FROM ${store}`, /no such function: date_trunc/],
    [`WITH x AS (SELECT 1) DELETE FROM ${store}`, /reads|attempt/],
  ] as const) {
    const { message } = await refuses("StartQuery", "InvalidQueryStatementException", { QueryStatement: statement });
    expect(message).toMatch(words);
  }
  const start = async (QueryStatement: string) => (await trails.send("StartQuery", { QueryStatement })).QueryId ?? "";
  const failed = await answered(await start(`SELECT load_extension('x') FROM ${store}`));
  expect(failed).toMatchObject({ QueryStatus: "FAILED", ErrorMessage: "not authorized" });
  // A statement that never ends is ended, process and all.
  const endless = `WITH n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n, ${store}`;
  const endlessId = await start(endless);
  expect((await trails.send("CancelQuery", { QueryId: endlessId })).QueryStatus).toBe("CANCELLED");
  expect((await answered(endlessId)).QueryResultRows).toEqual([]);
  await trails.send("DeleteEventDataStore", { EventDataStore: made.EventDataStoreArn ?? "" });
});

describe("refusals", () => {
  const channel = () => arn("x").replace("trail/x", "channel/x");

  test("of trails, and what becomes of them", async () => {
    const { cloudtrail: trails } = door.root;
    const trail = { Name: "main", S3BucketName: "audit" };
    await refuses("CreateTrail", "TrailAlreadyExistsException", trail);
    await refuses("UpdateTrail", "InsufficientS3BucketPolicyException", { Name: "main", S3KeyPrefix: "elsewhere" });
    for (const operation of ["CreateTrail", "UpdateTrail"]) {
      for (const [error, change] of [
        ["S3BucketDoesNotExistException", { S3BucketName: "no-such-bucket" }],
        ["InvalidS3BucketNameException", { S3BucketName: "No_Bucket" }],
        ["InvalidS3PrefixException", { S3KeyPrefix: "a b" }],
        ["UnsupportedOperationException", { SnsTopicName: "topic" }],
      ] as const) {
        await refuses(operation, error, { ...trail, ...change });
      }
    }
    await refuses("CreateTrail", "InvalidTrailNameException", { ...trail, Name: "a..b" });
    for (const operation of [
      ...["GetTrail", "GetTrailStatus", "UpdateTrail", "StartLogging", "StopLogging", "DeleteTrail"],
    ]) {
      await refuses(operation, "TrailNotFoundException", { Name: "absent" });
      await refuses(operation, "InvalidTrailNameException", { Name: "a b" });
      await refuses(operation, "CloudTrailARNInvalidException", { Name: channel() });
    }
    await refuses("DescribeTrails", "InvalidTrailNameException", { trailNameList: ["a b"] });
    await refuses("DescribeTrails", "CloudTrailARNInvalidException", { trailNameList: [channel()] });

    expect(await trails.send("UpdateTrail", { Name: "main", IsMultiRegionTrail: true })).toMatchObject({
      IsMultiRegionTrail: true,
    });
    expect((await trails.send("GetTrail", { Name: arn("main") })).Trail).toMatchObject(trail);
    expect((await trails.send("DescribeTrails", { trailNameList: ["main"] })).trailList).toMatchObject([trail]);
    await trails.send("StopLogging", { Name: "main" });
    expect((await trails.send("GetTrailStatus", { Name: "main" })).IsLogging).toBe(false);
    await letIn({ StringLike: { "aws:SourceArn": arn("*") } });
    for (let n = 1; n < 5; n++) await trails.send("CreateTrail", { ...trail, Name: `trail-${n}` });
    expect((await trails.send("ListTrails", {})).Trails).toHaveLength(5);
    await refuses("CreateTrail", "MaximumNumberOfTrailsExceededException", { ...trail, Name: "one-more" });
    await trails.send("DeleteTrail", { Name: "main" });
    await refuses("GetTrail", "TrailNotFoundException", { Name: "main" });
  });

  test("of event data stores and queries", async () => {
    const { cloudtrail: trails } = door.root;
    const Name = "pond";
    const { EventDataStoreArn: EventDataStore = "" } = await trails.send("CreateEventDataStore", { Name });
    await refuses("CreateEventDataStore", "EventDataStoreAlreadyExistsException", { Name });
    const other = await trails.send("CreateEventDataStore", { Name: "puddle" });
    await refuses("UpdateEventDataStore", "EventDataStoreAlreadyExistsException", { EventDataStore, Name: "puddle" });
    const named = { CreateEventDataStore: { Name: "new" }, UpdateEventDataStore: { EventDataStore } };
    for (const [operation, given] of Object.entries(named)) {
      for (const [error, change] of [
        ["InvalidParameterException", { RetentionPeriod: 3_654 }],
        ["UnsupportedOperationException", { OrganizationEnabled: true }],
        ["InvalidEventSelectorsException", { AdvancedEventSelectors: [{ FieldSelectors: [{ Field: "eventName" }] }] }],
      ] as const) {
        await refuses(operation, error, { ...given, ...change });
      }
    }
    const absent = "00000000-0000-0000-0000-000000000000";
    for (const operation of ["GetEventDataStore", "UpdateEventDataStore", "DeleteEventDataStore", "ListQueries"]) {
      await refuses(operation, "EventDataStoreNotFoundException", { EventDataStore: absent });
      await refuses(operation, "EventDataStoreARNInvalidException", { EventDataStore: channel() });
    }
    await refuses("DeleteEventDataStore", "EventDataStoreTerminationProtectedException", { EventDataStore });
    expect(await trails.send("UpdateEventDataStore", { EventDataStore, RetentionPeriod: 7 })).toMatchObject({
      RetentionPeriod: 7,
    });
    expect(await trails.send("GetEventDataStore", { EventDataStore })).toMatchObject({ Name, RetentionPeriod: 7 });
    const { EventDataStores, NextToken } = await trails.send("ListEventDataStores", { MaxResults: 1 });
    expect([EventDataStores?.length, NextToken === undefined]).toEqual([1, false]);

    const from = `FROM ${EventDataStore.split("/")[1]}`;
    await refuses("StartQuery", "InvalidParameterException", { QueryAlias: "alias" });
    const delivered = { QueryStatement: `SELECT eventName ${from}`, DeliveryS3Uri: "s3://audit" };
    await refuses("StartQuery", "UnsupportedOperationException", delivered);
    await refuses("StartQuery", "EventDataStoreNotFoundException", {
      QueryStatement: `SELECT eventName FROM ${absent}`,
    });
    await refuses("DescribeQuery", "InvalidParameterException", { QueryAlias: "alias" });
    for (const operation of ["DescribeQuery", "GetQueryResults", "CancelQuery"]) {
      await refuses(operation, "QueryIdNotFoundException", { QueryId: absent });
    }
    const { QueryId = "" } = await trails.send("StartQuery", { QueryStatement: `SELECT eventName ${from}` });
    await answered(QueryId);
    await refuses("GetQueryResults", "InvalidMaxResultsException", { QueryId, MaxQueryResults: 1_001 });
    await refuses("GetQueryResults", "InvalidNextTokenException", { QueryId, NextToken: "none" });
    const dates = { StartTime: new Date(2_000), EndTime: new Date(1_000) };
    for (const [error, change] of [
      ["InvalidDateRangeException", dates],
      ["InvalidQueryStatusException", { QueryStatus: "NONE" }],
      ["InvalidMaxResultsException", { MaxResults: 1_001 }],
      ["InvalidNextTokenException", { NextToken: "none" }],
    ] as const) {
      await refuses("ListQueries", error, { EventDataStore, ...change });
    }
    await refuses("ListEventDataStores", "InvalidMaxResultsException", { MaxResults: 1_001 });
    await refuses("ListEventDataStores", "InvalidNextTokenException", { NextToken: "none" });

    const QueryStatement = `WITH n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n)
      SELECT count(*) FROM n UNION ALL SELECT count(*) ${from}`;
    const begun = await Promise.all(Array.from({ length: 4 }, () => trails.send("StartQuery", { QueryStatement })));
    await refuses("StartQuery", "MaxConcurrentQueriesException", { QueryStatement });
    await Promise.all(begun.map(({ QueryId = "" }) => trails.send("CancelQuery", { QueryId })));

    for (let n = 0; n < 8; n++) {
      await trails.send("CreateEventDataStore", { Name: `more-${n}` });
    }
    await refuses("CreateEventDataStore", "EventDataStoreMaxLimitExceededException", { Name: "one-more" });
    expect(other.Name).toBe("puddle");
  });
});
