import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { zipOf } from "../kit/zip.ts";
import { allow, type Clients, type Door, openDoor, refusalOf, refusing } from "./door.ts";

let door: Door;
let lambda: Clients["lambda"];
let role: string;
const gate = createServer();
const refused = refusing("lambda", () => door.root);

const trusting = (Service: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }],
  });

async function newRole(RoleName: string, service: string): Promise<string> {
  const { Role } = await door.root.iam.send("CreateRole", {
    RoleName,
    AssumeRolePolicyDocument: trusting(service),
  });
  return Role?.Arn ?? "";
}

const ECHO = "export const handler = async (event, context) => ({ event, id: context.awsRequestId });";

async function create(FunctionName: string, files: Readonly<Record<string, string>>, more: object = {}) {
  return lambda.send("CreateFunction", {
    FunctionName,
    Role: role,
    Runtime: "nodejs20.x",
    Handler: "index.handler",
    Code: { ZipFile: await zipOf(files) },
    ...more,
  });
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const parsed = (payload: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(payload));

beforeAll(async () => {
  door = await openDoor({ functions: process.getuid?.() === 0 ? "protected" : "unprotected" });
  lambda = door.root.lambda;
  role = await newRole("for-functions", "lambda.amazonaws.com");
});
afterAll(async () => {
  gate.close();
  await door.stop();
});

describe("functions", () => {
  test("are created, shown, listed page by page, downloaded, and deleted", async () => {
    const code = { "index.mjs": ECHO };
    const made = await create("shown", code, { Tags: { room: "hall" }, Environment: { Variables: { KEY: "a 'b'" } } });
    const arn = `arn:aws:lambda:${door.file.region}:${door.file.accountId}:function:shown`;
    const bytes = await zipOf(code);
    expect(made).toMatchObject({
      FunctionName: "shown",
      FunctionArn: arn,
      Role: role,
      State: "Active",
      LastUpdateStatus: "Successful",
      Version: "$LATEST",
      Timeout: 3,
      MemorySize: 128,
      CodeSize: bytes.length,
      Environment: { Variables: { KEY: "a 'b'" } },
    });
    for (const FunctionName of [
      "shown",
      arn,
      `${door.file.accountId}:function:shown`,
      "shown:$LATEST",
      `${arn}:$LATEST`,
    ]) {
      expect(await lambda.send("GetFunctionConfiguration", { FunctionName })).toEqual(made);
    }
    const { Code, Configuration, Tags } = await lambda.send("GetFunction", { FunctionName: "shown" });
    expect(Configuration).toEqual(made);
    expect(Tags).toEqual({ room: "hall" });
    const download = await fetch(Code?.Location ?? "");
    const digest = createHash("sha256")
      .update(new Uint8Array(await download.arrayBuffer()))
      .digest("base64");
    expect(digest).toBe(made.CodeSha256);
    const forged = (Code?.Location ?? "").replace(/expires=\d/, "expires=9");
    expect((await fetch(forged)).status).toBe(403);

    await create("shown-too", code);
    const names: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page: { Functions?: readonly { FunctionName?: string }[]; NextMarker?: string } = await lambda.send(
        "ListFunctions",
        { MaxItems: 1, ...(Marker ? { Marker } : {}) },
      );
      names.push(...(page.Functions ?? []).map(({ FunctionName }) => FunctionName));
      Marker = page.NextMarker;
    } while (Marker);
    expect(names).toEqual(["shown", "shown-too"]);
    expect((await lambda.send("ListVersionsByFunction", { FunctionName: "shown" })).Versions).toHaveLength(1);
    await refused("CreateFunction", "ResourceConflictException", {
      ...{ FunctionName: "shown", Role: role, Runtime: "nodejs20.x", Handler: "index.handler" },
      Code: { ZipFile: bytes },
    });
    const settings = await lambda.send("GetAccountSettings", {});
    // Of a hundred environments a quarter is left for others.
    expect(settings.AccountLimit?.ConcurrentExecutions).toBe(75);
    expect(settings.AccountUsage?.FunctionCount).toBe(2);
    for (const FunctionName of ["shown", "shown-too"]) await lambda.send("DeleteFunction", { FunctionName });
    await refused("GetFunction", "ResourceNotFoundException", { FunctionName: "shown" });
  });

  test("run warm, tell their log, and say how they failed", async () => {
    await create(
      "called",
      {
        "index.mjs": `let calls = 0;
        export const handler = async (event, context) => {
          console.log("called with", event.how);
          if (event.how === "throw") throw new TypeError("no such lamp");
          if (event.how === "exit") process.exit(3);
          if (event.how === "long") return "x".repeat(7_000_000);
          return { calls: ++calls, key: process.env.KEY, region: process.env.AWS_REGION, name: context.functionName,
            endpoint: process.env.AWS_ENDPOINT_URL, server: process.env.HEARTH_DATA_DIR };
        };`,
      },
      { Environment: { Variables: { KEY: "it's" } }, Timeout: 60 },
    );
    const call = (how: string, more: object = {}) =>
      lambda.send("Invoke", { FunctionName: "called", Payload: json({ how }), LogType: "Tail", ...more });
    const first = await call("first");
    expect(first).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST" });
    expect(first.FunctionError).toBeUndefined();
    expect(parsed(first.Payload)).toEqual({
      ...{ calls: 1, key: "it's", region: door.file.region, name: "called", endpoint: door.file.apiEndpoint },
    });
    // Another one, where the first is slow to ask for more.
    await expect.poll(async () => parsed((await call("second")).Payload).calls).toBe(2);
    const tail = Buffer.from(first.LogResult ?? "", "base64").toString();
    expect(tail).toMatch(/^START RequestId: \S+ Version: \$LATEST\n[^\n]*\tINFO\tcalled with first\nEND RequestId: /);
    expect(tail).toMatch(/\nREPORT RequestId: \S+\tDuration: [\d.]+ ms\t/);

    const thrown = await call("throw");
    expect(thrown).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
    expect(parsed(thrown.Payload)).toMatchObject({ errorType: "TypeError", errorMessage: "no such lamp" });
    expect(parsed((await call("long")).Payload)).toMatchObject({ errorType: "Function.ResponseSizeTooLarge" });
    const ended = await call("exit");
    expect(ended.FunctionError).toBe("Unhandled");
    expect(parsed(ended.Payload)).toMatchObject({ errorType: "Runtime.ExitError" });
    expect(parsed((await call("again")).Payload)).toMatchObject({ calls: 1 });

    expect(await lambda.send("Invoke", { FunctionName: "called", InvocationType: "DryRun" })).toMatchObject({
      StatusCode: 204,
    });
    const group = { logGroupName: "/aws/lambda/called" };
    await expect
      .poll(
        async () =>
          (await door.root.logs.send("FilterLogEvents", group).catch(() => ({ events: [] }))).events?.map(
            (e) => e.message,
          ),
        {
          timeout: 30_000,
        },
      )
      .toContainEqual(expect.stringMatching(/\tINFO\tcalled with first$/));

    await lambda.send("UpdateFunctionConfiguration", { FunctionName: "called", Environment: { Variables: {} } });
    expect(parsed((await call("anew")).Payload)).toMatchObject({ calls: 1 });
    const other = await zipOf({ "index.mjs": "export const handler = async () => 'other';" });
    const updated = await lambda.send("UpdateFunctionCode", { FunctionName: "called", ZipFile: other });
    expect(updated.CodeSha256).toBe(createHash("sha256").update(other).digest("base64"));
    expect(parsed((await call("other")).Payload)).toBe("other");
    const { RevisionId } = await lambda.send("GetFunctionConfiguration", { FunctionName: "called" });
    expect(RevisionId).toBe(updated.RevisionId);
    await refused("UpdateFunctionCode", "PreconditionFailedException", {
      ...{ FunctionName: "called", ZipFile: other, RevisionId: "stale" },
    });
    await refused("UpdateFunctionConfiguration", "PreconditionFailedException", {
      ...{ FunctionName: "called", Timeout: 5, RevisionId: "stale" },
    });
  });

  test("written for the Runtime API alone run as well, and Python's", async () => {
    const bootstrap = `#!/usr/bin/env python3
import json, os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as got:
        id, event = got.headers["Lambda-Runtime-Aws-Request-Id"], json.load(got)
    answer = json.dumps({"got": event}).encode()
    urllib.request.urlopen(api + id + "/response", answer).read()
`;
    await create("bare", { bootstrap }, { Runtime: "provided.al2023", Handler: "unused", Timeout: 60 });
    const bare = await lambda.send("Invoke", { FunctionName: "bare", Payload: json([1]) });
    expect(parsed(bare.Payload)).toEqual({ got: [1] });
    const python = "def handler(event, context):\n  return [event, context.function_name]\n";
    await create("snake", { "lamp.py": python }, { Runtime: "python3.12", Handler: "lamp.handler", Timeout: 60 });
    const snake = await lambda.send("Invoke", { FunctionName: "snake", Payload: json({ a: 1 }) });
    expect(parsed(snake.Payload)).toEqual([{ a: 1 }, "snake"]);
  });

  test("are called later by events, and again where they fail", async () => {
    await create("later", {
      "index.mjs": "export const handler = async (event) => { console.log('event', event.n); throw new Error('no'); };",
    });
    const { StatusCode } = await lambda.send("Invoke", {
      ...{ FunctionName: "later", InvocationType: "Event", Payload: json({ n: 7 }) },
    });
    expect(StatusCode).toBe(202);
    const group = { logGroupName: "/aws/lambda/later", filterPattern: '"event 7"' };
    await expect
      .poll(
        async () => (await door.root.logs.send("FilterLogEvents", group).catch(() => ({ events: [] }))).events?.length,
        {
          timeout: 30_000,
        },
      )
      .toBeGreaterThanOrEqual(2);
  });

  test("are bounded in how many run at once", async () => {
    // It tells the test that it runs, and ends when it is answered.
    let end = () => {};
    const runs = new Promise<string>((resolve) => {
      gate.on("request", (_request, response) => {
        end = () => response.end();
        resolve("runs");
      });
    });
    gate.listen(0, "127.0.0.1");
    await once(gate, "listening");
    const { port } = gate.address() as AddressInfo;
    await create(
      "slow",
      { "index.mjs": `export const handler = async () => { await fetch("http://127.0.0.1:${port}/"); return 1; };` },
      { Timeout: 60 },
    );
    await lambda.send("PutFunctionConcurrency", { FunctionName: "slow", ReservedConcurrentExecutions: 1 });
    expect(await lambda.send("GetFunctionConcurrency", { FunctionName: "slow" })).toEqual({
      ReservedConcurrentExecutions: 1,
    });
    const running = lambda.send("Invoke", { FunctionName: "slow" });
    expect(await Promise.race([runs, running])).toBe("runs");
    const { members } = await refused("Invoke", "TooManyRequestsException", { FunctionName: "slow" });
    expect(members["Reason"]).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
    end();
    expect(parsed((await running).Payload)).toBe(1);
    await lambda.send("DeleteFunctionConcurrency", { FunctionName: "slow" });
    expect(await lambda.send("GetFunctionConcurrency", { FunctionName: "slow" })).toEqual({});
    await refused("PutFunctionConcurrency", "InvalidParameterValueException", {
      ...{ FunctionName: "slow", ReservedConcurrentExecutions: 100_000 },
    });
    await refused("GetFunction", "ResourceNotFoundException", { FunctionName: "slow", Qualifier: "7" });
  });

  test("are refused with a reason", async () => {
    const ZipFile = await zipOf({ "index.mjs": ECHO });
    const good = {
      FunctionName: "refused",
      Role: role,
      Runtime: "nodejs20.x" as const,
      Handler: "index.handler",
      Code: { ZipFile },
    };
    const untrusting = await newRole("for-others", "iot.amazonaws.com");
    const bad: readonly [object, RegExp][] = [
      [{ Role: untrusting }, /trust policy/],
      [{ Role: `${role}-absent` }, /no such role/],
      [{ Runtime: "java21" }, /java21 is not built here/],
      [{ Handler: undefined }, /Handler/],
      [{ Code: { S3Bucket: "bucket", S3Key: "key" } }, /ZipFile/],
      [{ Code: { S3Bucket: "directory", S3Key: "/etc" } }, /HEARTH_FUNCTION_DIRECTORIES/],
      [{ Code: { ZipFile: new TextEncoder().encode("no zip") } }, /Could not unzip/],
      [{ Code: { ZipFile: ZipFile.slice(0, -30) } }, /Could not unzip/],
      [{ Timeout: 901 }, /900/],
      [{ MemorySize: 20_000 }, /10240/],
      [{ Environment: { Variables: { AWS_REGION: "here" } } }, /AWS_REGION/],
      [{ Environment: { Variables: { BIG: "x".repeat(4_096) } } }, /4096/],
      [{ Publish: true }, /versions/],
      [{ VpcConfig: { SubnetIds: ["subnet-1"] } }, /VpcConfig/],
      [{ FunctionName: "n".repeat(65) }, /64/],
      [{ FunctionName: "arn:aws:lambda:us-east-1:999999999999:function:elsewhere" }, /account/],
    ];
    for (const [change, why] of bad) {
      const { message } = await refused("CreateFunction", "InvalidParameterValueException", { ...good, ...change });
      expect(message).toMatch(why);
    }
    const passing = door.as(await door.user("no-pass-role", [allow("lambda:*")]));
    const denied = await refusalOf(passing.lambda.send("CreateFunction", good));
    expect(denied).toMatchObject({ name: "AccessDeniedException", message: expect.stringContaining("iam:PassRole") });

    await create("guarded", { "index.mjs": ECHO }, { Tags: { stage: "live" } });
    const isLive = { StringEquals: { "aws:ResourceTag/stage": "live" } };
    const denial = { Effect: "Deny", Action: "lambda:*", Resource: "*", Condition: isLive };
    const kept = door.as(await door.user("not-what-is-live", [allow("lambda:*"), denial]));
    const permission = { StatementId: "s", Action: "lambda:InvokeFunction", Principal: "iot.amazonaws.com" };
    for (const asked of [
      () => kept.lambda.send("Invoke", { FunctionName: "guarded" }),
      () => kept.lambda.send("GetPolicy", { FunctionName: "guarded" }),
      () => kept.lambda.send("AddPermission", { FunctionName: "guarded", ...permission }),
      () => kept.lambda.send("RemovePermission", { FunctionName: "guarded", StatementId: "s" }),
    ]) {
      expect((await refusalOf(asked())).name).toBe("AccessDeniedException");
    }
    await lambda.send("DeleteFunction", { FunctionName: "guarded" });

    const tooLong = { FunctionName: "n".repeat(141), StatementId: "s" };
    for (const operation of [
      ...["GetFunction", "GetFunctionConfiguration", "ListVersionsByFunction", "Invoke", "GetPolicy"],
      ...["DeleteFunction", "RemovePermission"],
    ]) {
      await refused(operation, "InvalidParameterValueException", tooLong);
    }
    await refused("ListFunctions", "InvalidParameterValueException", { Marker: "made up" });

    await create("payloads", { "index.mjs": ECHO }, { Timeout: 60 });
    const Resource = `arn:aws:lambda:${door.file.region}:${door.file.accountId}:function:payloads`;
    const Tags = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`tag-${n}`, ""]));
    await refused("TagResource", "InvalidParameterValueException", { Resource, Tags });
    await lambda.send("TagResource", { Resource, Tags: { room: "hall", floor: "1" } });
    await lambda.send("UntagResource", { Resource, TagKeys: ["floor"] });
    expect(await lambda.send("ListTags", { Resource })).toEqual({ Tags: { room: "hall" } });
    const FunctionName = "payloads";
    await refused("UpdateFunctionCode", "InvalidParameterValueException", { FunctionName, Publish: true, ZipFile });
    await refused("UpdateFunctionConfiguration", "InvalidParameterValueException", { FunctionName, Timeout: 901 });
    await refused("Invoke", "InvalidRequestContentException", { FunctionName, Payload: new TextEncoder().encode("{") });
    await refused("Invoke", "RequestTooLargeException", { FunctionName, Payload: new Uint8Array(6_291_457).fill(49) });
    const event = { FunctionName, InvocationType: "Event", Payload: new Uint8Array(1_048_577).fill(49) };
    await refused("Invoke", "RequestTooLargeException", event);
    const six = json("x".repeat(6_291_400));
    expect(parsed((await lambda.send("Invoke", { FunctionName, Payload: six })).Payload).event).toHaveLength(6_291_400);
  });
});

describe("a function's policy", () => {
  test("is made statement by statement, and read and removed", async () => {
    const { FunctionArn } = await create("permitted", { "index.mjs": ECHO });
    const FunctionName = "permitted";
    await refused("GetPolicy", "ResourceNotFoundException", { FunctionName });
    const given = {
      FunctionName,
      StatementId: "managed",
      Action: "lambda:InvokeFunction",
      Principal: "iotmanagedintegrations.amazonaws.com",
      SourceAccount: door.file.accountId,
      SourceArn: `arn:aws:iotmanagedintegrations:${door.file.region}:${door.file.accountId}:account-association/*`,
    };
    const { Statement } = await lambda.send("AddPermission", given);
    expect(JSON.parse(Statement ?? "")).toEqual({
      Sid: "managed",
      Effect: "Allow",
      Principal: { Service: given.Principal },
      Action: given.Action,
      Resource: FunctionArn,
      Condition: {
        StringEquals: { "AWS:SourceAccount": given.SourceAccount },
        ArnLike: { "AWS:SourceArn": given.SourceArn },
      },
    });
    await refused("AddPermission", "ResourceConflictException", given);
    await refused("AddPermission", "PreconditionFailedException", { ...given, StatementId: "b", RevisionId: "stale" });
    await refused("AddPermission", "InvalidParameterValueException", { ...given, StatementId: "b", Principal: "me" });
    const { Policy, RevisionId } = await lambda.send("GetPolicy", { FunctionName });
    expect(JSON.parse(Policy ?? "").Statement).toHaveLength(1);
    await refused("RemovePermission", "ResourceNotFoundException", { FunctionName, StatementId: "absent" });
    await refused("RemovePermission", "PreconditionFailedException", {
      ...{ FunctionName, StatementId: "managed", RevisionId: "stale" },
    });
    await lambda.send("RemovePermission", { FunctionName, StatementId: "managed", RevisionId: RevisionId ?? "" });
    await refused("GetPolicy", "ResourceNotFoundException", { FunctionName });
    const long = { ...given, SourceArn: undefined, SourceAccount: undefined, PrincipalOrgID: undefined };
    const filling = Array.from({ length: 100 }, (_, n) => ({ ...long, StatementId: `${n}`.padEnd(100, "x") }));
    let refusal: { name?: string } = {};
    for (const one of filling) {
      refusal = await lambda.send("AddPermission", one).then(
        () => ({}),
        (error: { name: string }) => error,
      );
      if (refusal.name) break;
    }
    expect(refusal.name).toBe("PolicyLengthExceededException");
  });

  test("shows nothing to other accounts", async () => {
    const { FunctionArn = "" } = await create("own", { "index.mjs": ECHO });
    const { AccessKey } = await door.root.hearth.send("CreateAccount", { AccountId: "111122223333" });
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
    const other = door.as({ accessKeyId, secretAccessKey });
    for (const operation of ["Invoke", "GetFunction", "DeleteFunction"] as const) {
      const refusal = await refusalOf(other.lambda.send(operation, { FunctionName: FunctionArn }));
      expect(refusal).toMatchObject({ name: "AccessDeniedException", status: 403 });
    }
    await refused("GetFunction", "ResourceNotFoundException", { FunctionName: "own" }, other);
  });
});
