import { type Clock, systemClock } from "@hearth/base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allow, type Door, openDoor, policy } from "./door.ts";
import { type Signing, send, sign, type WireAnswer } from "./wire.ts";

const MINUTE = 60_000;

/** Time that goes on by itself, and can be moved ahead. */
function movableClock(): Clock & { advance(milliseconds: number): void } {
  let ahead = 0;
  return {
    ...systemClock,
    now: () => Date.now() + ahead,
    advance(milliseconds) {
      ahead += milliseconds;
    },
  };
}

const clock = movableClock();
let door: Door;
beforeAll(async () => {
  door = await openDoor({ clock });
});
afterAll(() => door.stop());

/** As a client does whose clock goes with the platform's. */
async function post(
  service: string,
  headers: Record<string, string>,
  body: string,
  signing?: object,
): Promise<WireAnswer> {
  const { apiEndpoint, region } = door.file;
  const how: Signing = { credentials: door.file, region, service, signingDate: new Date(clock.now()), ...signing };
  return send(apiEndpoint, await sign(apiEndpoint, { method: "POST", path: "/", headers, body }, how));
}

const kinesis = (operation: string, input: object): Promise<WireAnswer> =>
  post(
    "kinesis",
    { "content-type": "application/x-amz-json-1.1", "x-amz-target": `Kinesis_20131202.${operation}` },
    JSON.stringify(input),
  );

const query = (parameters: Record<string, string>, signing?: object): Promise<WireAnswer> =>
  post(
    "sts",
    { "content-type": "application/x-www-form-urlencoded" },
    new URLSearchParams({ Version: "2011-06-15", ...parameters }).toString(),
    signing,
  );

test("iterators and tokens live five minutes", async () => {
  await kinesis("CreateStream", { StreamName: "expiring", ShardCount: 2 });
  const shard = { StreamName: "expiring", ShardId: "shardId-000000000000" };
  const iterator = JSON.parse(
    (await kinesis("GetShardIterator", { ...shard, ShardIteratorType: "TRIM_HORIZON" })).text,
  ) as { ShardIterator: string };
  const { NextToken } = JSON.parse((await kinesis("ListShards", { StreamName: "expiring", MaxResults: 1 })).text) as {
    NextToken: string;
  };
  clock.advance(4 * MINUTE);
  expect(await kinesis("GetRecords", iterator)).toMatchObject({ status: 200 });
  expect(await kinesis("ListShards", { NextToken })).toMatchObject({ status: 200 });
  clock.advance(2 * MINUTE);
  expect(await kinesis("GetRecords", iterator)).toMatchObject({ status: 400, error: "ExpiredIteratorException" });
  expect(await kinesis("ListShards", { NextToken })).toMatchObject({ status: 400, error: "ExpiredNextTokenException" });
});

test("a session ends with its time, and its key opens nothing any more", async () => {
  const { accountId } = door.file;
  const trust = { Effect: "Allow", Principal: { AWS: accountId }, Action: "sts:AssumeRole" };
  const parameters = { RoleName: "brief", AssumeRolePolicyDocument: policy(trust) };
  const iam = async (Action: string, more: Record<string, string>) => {
    const body = new URLSearchParams({ Action, Version: "2010-05-08", ...more }).toString();
    const answer = await post("iam", { "content-type": "application/x-www-form-urlencoded" }, body);
    expect(answer.status, answer.text).toBe(200);
    return (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.text)?.[1] ?? "";
  };
  await iam("CreateRole", parameters);
  await iam("CreateUser", { UserName: "brief" });
  const PolicyDocument = policy(allow("sts:AssumeRole"));
  await iam("PutUserPolicy", { UserName: "brief", PolicyName: "p", PolicyDocument });
  const key = await iam("CreateAccessKey", { UserName: "brief" });
  const user = { accessKeyId: key("AccessKeyId"), secretAccessKey: key("SecretAccessKey") };
  const assume = {
    Action: "AssumeRole",
    RoleArn: `arn:aws:iam::${accountId}:role/brief`,
    RoleSessionName: "session",
    DurationSeconds: "900",
  };
  const { text } = await query(assume, { credentials: user });
  const part = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? "";
  const credentials = {
    accessKeyId: part("AccessKeyId"),
    secretAccessKey: part("SecretAccessKey"),
    sessionToken: part("SessionToken"),
  };
  clock.advance(14 * MINUTE);
  expect(await query({ Action: "GetCallerIdentity" }, { credentials })).toMatchObject({ status: 200 });
  clock.advance(2 * MINUTE);
  for (const parameters of [{ Action: "GetCallerIdentity" }, assume]) {
    const { status, error } = await query(parameters, { credentials });
    expect([400, 403]).toContain(status);
    expect(error).toMatch(/^ExpiredToken(Exception)?$/);
  }
});
