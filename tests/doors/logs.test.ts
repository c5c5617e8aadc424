import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allow, type Clients, type Door, openDoor, refusing } from "./door.ts";

let door: Door;
let logs: Clients["logs"];
let groups = 0;
beforeAll(async () => {
  door = await openDoor();
  logs = door.root.logs;
});
afterAll(() => door.stop());

const refused = refusing("logs", () => door.root);
const arnOf = (name: string): string => `arn:aws:logs:${door.file.region}:${door.file.accountId}:log-group:${name}`;

async function stream(...logStreamNames: string[]): Promise<string> {
  const logGroupName = `/test/group-${++groups}`;
  await logs.send("CreateLogGroup", { logGroupName });
  for (const logStreamName of logStreamNames) await logs.send("CreateLogStream", { logGroupName, logStreamName });
  return logGroupName;
}

const put = (logGroupName: string, logStreamName: string, ...events: [timestamp: number, message: string][]) =>
  logs.send("PutLogEvents", {
    logGroupName,
    logStreamName,
    logEvents: events.map(([timestamp, message]) => ({ timestamp, message })),
  });

describe("log groups and streams", () => {
  test("are made once, listed, and gone with their events", async () => {
    const logGroupName = await stream("b", "a");
    await refused("CreateLogGroup", "ResourceAlreadyExistsException", { logGroupName });
    await refused("CreateLogStream", "ResourceAlreadyExistsException", { logGroupName, logStreamName: "a" });
    const prefixed = { logGroupNamePrefix: logGroupName };
    expect((await logs.send("DescribeLogGroups", prefixed)).logGroups).toEqual([
      {
        logGroupName,
        creationTime: expect.any(Number),
        metricFilterCount: 0,
        arn: `${arnOf(logGroupName)}:*`,
        logGroupArn: arnOf(logGroupName),
        logGroupClass: "STANDARD",
      },
    ]);
    expect((await logs.send("DescribeLogGroups", { logGroupNamePattern: "EST/GROUP-_" })).logGroups).toEqual([]);
    const now = Date.now();
    await put(logGroupName, "b", [now - 1, "1"], [now, "2"]);
    const described = await logs.send("DescribeLogStreams", { logGroupName });
    expect(described.logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(["a", "b"]);
    expect(described.logStreams?.[1]).toMatchObject({
      arn: `${arnOf(logGroupName)}:log-stream:b`,
      firstEventTimestamp: now - 1,
      lastEventTimestamp: now,
    });
    const latest = { logGroupIdentifier: arnOf(logGroupName), orderBy: "LastEventTime", descending: true } as const;
    const byTime = await logs.send("DescribeLogStreams", { ...latest, limit: 1 });
    expect(byTime.logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(["b"]);
    const rest = await logs.send("DescribeLogStreams", { ...latest, nextToken: byTime.nextToken });
    expect(rest.logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(["a"]);

    await logs.send("DeleteLogStream", { logGroupName, logStreamName: "b" });
    await logs.send("CreateLogStream", { logGroupName, logStreamName: "b" });
    expect((await logs.send("FilterLogEvents", { logGroupName })).events).toEqual([]);
    await logs.send("DeleteLogGroup", { logGroupName });
    for (const operation of ["DeleteLogGroup", "DescribeLogStreams"]) {
      await refused(operation, "ResourceNotFoundException", { logGroupName });
    }
  });

  test("keep their retention", async () => {
    const logGroupName = await stream();
    const retention = async () =>
      (await logs.send("DescribeLogGroups", { logGroupNamePrefix: logGroupName })).logGroups?.[0]?.retentionInDays;
    await logs.send("PutRetentionPolicy", { logGroupName, retentionInDays: 7 });
    expect(await retention()).toBe(7);
    await logs.send("DeleteRetentionPolicy", { logGroupName });
    expect(await retention()).toBeUndefined();
    await refused("PutRetentionPolicy", "InvalidParameterException", { logGroupName, retentionInDays: 2 });
  });

  test("are not what is not built", async () => {
    const logGroupName = "/test/refused";
    for (const more of [{ kmsKeyId: "k" }, { deletionProtectionEnabled: true }]) {
      await refused("CreateLogGroup", "InvalidParameterException", { logGroupName, ...more });
    }
    const both = { logGroupNamePrefix: "a", logGroupNamePattern: "a" };
    await refused("DescribeLogGroups", "InvalidParameterException", both);
    await refused("DescribeLogGroups", "InvalidParameterException", { nextToken: "!" });
    const ordered = { logGroupName, orderBy: "LastEventTime", logStreamNamePrefix: "a" };
    await refused("DescribeLogStreams", "InvalidParameterException", ordered);
    await refused("DescribeLogStreams", "InvalidParameterException", {});
  });
});

describe("log events", () => {
  test("are read in order of time, forward and back, page by page", async () => {
    const logGroupName = await stream("s");
    const now = Date.now();
    const times = [5, 4, 3, 2, 1].map((ago) => now - ago);
    await put(logGroupName, "s", ...times.map((at, index): [number, string] => [at, `m${index}`]));
    const reading = { logGroupName, logStreamName: "s", limit: 2 };
    const read = async (more: object) => {
      const { events = [], ...tokens } = await logs.send("GetLogEvents", { ...reading, ...more });
      return { messages: events.map(({ message }) => message), ...tokens };
    };
    const last = await read({});
    expect(last.messages).toEqual(["m3", "m4"]);
    const earlier = await read({ nextToken: last.nextBackwardToken });
    expect(earlier.messages).toEqual(["m1", "m2"]);
    expect((await read({ nextToken: earlier.nextForwardToken })).messages).toEqual(["m3", "m4"]);
    const end = await read({ nextToken: last.nextForwardToken });
    expect(end).toMatchObject({ messages: [], nextForwardToken: last.nextForwardToken });
    expect((await read({ startFromHead: true })).messages).toEqual(["m0", "m1"]);
    const between = { startTime: times[1], endTime: times[3], limit: 10 };
    expect((await read(between)).messages).toEqual(["m1", "m2"]);
    await put(logGroupName, "s", [now, "new"]);
    expect((await read({ nextToken: end.nextForwardToken })).messages).toEqual(["new"]);
    for (const nextToken of ["x", "f/AAAA", "n/MS9h"]) {
      await refused("GetLogEvents", "InvalidParameterException", { ...reading, nextToken });
    }
    await refused("GetLogEvents", "ResourceNotFoundException", { ...reading, logStreamName: "other" });
  });

  test("are found by terms, streams and time across a group", async () => {
    const logGroupName = await stream("one", "two", "three");
    const now = Date.now();
    await put(logGroupName, "one", [now - 30, "ERROR disk full"], [now - 10, "INFO all is well"]);
    await put(logGroupName, "two", [now - 20, "ERROR no network"], [now - 10, "WARN disk hot"]);
    const found = async (more: object) =>
      (await logs.send("FilterLogEvents", { logGroupName, ...more })).events?.map(({ message }) => message);
    expect(await found({})).toEqual(["ERROR disk full", "ERROR no network", "INFO all is well", "WARN disk hot"]);
    expect(await found({ filterPattern: "ERROR disk" })).toEqual(["ERROR disk full"]);
    expect(await found({ filterPattern: "?INFO ?WARN -hot" })).toEqual(["INFO all is well"]);
    expect(await found({ filterPattern: '"is well"' })).toEqual(["INFO all is well"]);
    expect(await found({ logStreamNames: ["two", "three"] })).toEqual(["ERROR no network", "WARN disk hot"]);
    expect(await found({ logStreamNamePrefix: "t", endTime: now - 20 })).toEqual(["ERROR no network"]);
    expect(await found({ startTime: now - 10 })).toEqual(["INFO all is well", "WARN disk hot"]);
    const first = await logs.send("FilterLogEvents", { logGroupName, filterPattern: "ERROR", limit: 1 });
    expect(first.events).toEqual([
      {
        logStreamName: "one",
        timestamp: now - 30,
        message: "ERROR disk full",
        ingestionTime: expect.any(Number),
        eventId: expect.any(String),
      },
    ]);
    expect(await found({ filterPattern: "ERROR", nextToken: first.nextToken })).toEqual(["ERROR no network"]);
    for (const more of [
      { filterPattern: "{ $.a = 1 }" },
      { filterPattern: 'an "open quote' },
      { filterPattern: "%regex%" },
      { nextToken: "f/AAAA" },
      { logStreamNames: ["one"], logStreamNamePrefix: "t" },
      { startFromHead: false },
    ]) {
      await refused("FilterLogEvents", "InvalidParameterException", { logGroupName, ...more });
    }
  });

  test("are taken in order, and no older or newer than AWS takes them", async () => {
    const logGroupName = await stream("s");
    const logStreamName = "s";
    const now = Date.now();
    const day = 86_400_000;
    const batch = (...times: number[]) => ({
      logGroupName,
      logStreamName,
      logEvents: times.map((timestamp) => ({ timestamp, message: "m" })),
    });
    await refused("PutLogEvents", "InvalidParameterException", batch(now, now - 1));
    await refused("PutLogEvents", "InvalidParameterException", batch(now - day - 1, now));
    const large = { timestamp: now, message: "m".repeat(600_000) };
    await refused("PutLogEvents", "InvalidParameterException", { ...batch(), logEvents: [large, large] });
    await refused("PutLogEvents", "ResourceNotFoundException", { ...batch(now), logStreamName: "absent" });
    expect(await logs.send("PutLogEvents", batch(now - 15 * day))).toEqual({
      rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 },
    });
    expect(await logs.send("PutLogEvents", batch(now, now + 3 * 3_600_000))).toEqual({
      rejectedLogEventsInfo: { tooNewLogEventStartIndex: 1 },
    });
    await logs.send("PutRetentionPolicy", { logGroupName, retentionInDays: 1 });
    expect(await logs.send("PutLogEvents", batch(now - day - 60_000))).toEqual({
      rejectedLogEventsInfo: { expiredLogEventEndIndex: 1 },
    });
    expect((await logs.send("FilterLogEvents", { logGroupName })).events).toHaveLength(1);
  });

  test("may be written by whom a policy for the group's streams lets", async () => {
    const logGroupName = await stream("s");
    const writer = await door.user("log-writer", [allow("logs:PutLogEvents", `${arnOf(logGroupName)}:*`)]);
    const clients = door.as(writer);
    const event = { logGroupName, logStreamName: "s", logEvents: [{ timestamp: Date.now(), message: "m" }] };
    await clients.logs.send("PutLogEvents", event);
    await expect(clients.logs.send("GetLogEvents", event)).rejects.toMatchObject({ name: "AccessDeniedException" });
    const other = { ...event, logGroupName: await stream("s") };
    await expect(clients.logs.send("PutLogEvents", other)).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});
