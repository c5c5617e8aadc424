import { GetRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import {
  AttachPolicyCommand,
  CreateBillingGroupCommand,
  CreateThingCommand,
  DescribeThingCommand,
  IoTClient,
  ListAuditTasksCommand,
  ListTagsForResourceCommand,
} from "@aws-sdk/client-iot";
import { GetThingShadowCommand, IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { CreateStreamCommand, GetRecordsCommand, KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { client, NOW, ODD_NAME, scoped, startToy, stopToy, toy } from "./toy-platform.ts";

beforeAll(startToy);
afterAll(stopToy);

describe("REST-JSON with the SDK", () => {
  test("carries labels, maps and texts of odd names there and back", async () => {
    const iot = new IoTClient(client());
    const attributes = { ["__proto__"]: "x", a: "b" };
    const created = await iot.send(new CreateThingCommand({ thingName: "lamp", attributePayload: { attributes } }));
    expect(created.thingName).toBe(ODD_NAME);
    const payload = toy.seen.input.attributePayload as { attributes: Record<string, string> };
    expect(payload.attributes.a).toBe("b");
    expect(Object.getPrototypeOf(payload.attributes)).toBeNull();
    const described = await iot.send(new DescribeThingCommand({ thingName: "lamp:1" }));
    expect(toy.seen.input).toEqual({ thingName: "lamp:1" });
    expect(described).toMatchObject({ attributes: { ü: "<&>" }, version: 3 });
    expect(described.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("decodes labels after matching", async () => {
    await new IoTDataPlaneClient(client()).send(new PublishCommand({ topic: ODD_NAME, qos: 1 }));
    expect(toy.seen.input).toEqual({ topic: ODD_NAME, qos: 1 });
  });

  test("reads query strings and answers lists", async () => {
    const iot = new IoTClient(client());
    const resourceArn = "arn:aws:iot:us-east-1:000000000000:thing/a+b c";
    const { tags } = await iot.send(new ListTagsForResourceCommand({ resourceArn, nextToken: "n=1&2" }));
    expect(toy.seen.input).toEqual({ resourceArn, nextToken: "n=1&2" });
    expect(tags).toEqual([{ Key: "a", Value: "b" }]);
  });

  test("reads dates in the query string as epoch seconds", async () => {
    const startTime = new Date("2026-02-03T04:05:06Z");
    await new IoTClient(client()).send(new ListAuditTasksCommand({ startTime, endTime: startTime, maxResults: 7 }));
    const seconds = startTime.getTime() / 1000;
    expect(toy.seen.input).toEqual({ startTime: seconds, endTime: seconds, maxResults: 7 });
  });

  test("carries a blob as the whole body and JSON in a header", async () => {
    const data = new IoTDataPlaneClient(client());
    const payload = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await data.send(new PublishCommand({ topic: "t", payload, userProperties: '[{"k":"v"}]' }));
    expect(toy.seen.input.payload).toEqual(payload);
    expect(toy.seen.input.userProperties).toEqual([{ k: "v" }]);
    const shadow = await data.send(new GetThingShadowCommand({ thingName: "lamp" }));
    expect(new TextDecoder().decode(shadow.payload)).toBe('{"state":{}}');
  });

  test("an operation without output has an empty body", async () => {
    const response = await fetch(`${toy.endpoint}/policies/p`, { method: "DELETE", headers: scoped("iot") });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  test("modelled errors arrive by name, with status and message", async () => {
    const error = await new IoTClient(client())
      .send(new DescribeThingCommand({ thingName: "missing" }))
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "ResourceNotFoundException", message: "Thing missing not found." });
    expect(error.$metadata.httpStatusCode).toBe(404);
    expect(toy.recorded).toContain("iot:DescribeThing:ResourceNotFoundException");
    expect(toy.recorded).toContain("iot:CreateThing:Success");
  });

  test("one bad member is named by the service's validation error", async () => {
    const iot = new IoTClient(client());
    const error = await iot.send(new DescribeThingCommand({ thingName: "a b" })).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "InvalidRequestException" });
    expect(error.message).toContain("'thingName' failed to satisfy constraint");
    const managed = await fetch(`${toy.endpoint}/managed-things`, {
      method: "POST",
      headers: scoped("iotmanagedintegrations"),
      body: JSON.stringify({ Role: "KING", AuthenticationMaterial: "a", AuthenticationMaterialType: "CUSTOM" }),
    });
    expect([managed.status, managed.headers.get("x-amzn-errortype")]).toEqual([400, "ValidationException"]);
    expect(((await managed.json()) as { Message: string }).Message).toContain("'Role'");
  });

  test("defects are an internal error without details", async () => {
    const iot = new IoTClient(client());
    for (const thingName of ["defect", "undeclared"]) {
      const error = await iot.send(new DescribeThingCommand({ thingName })).catch((thrown) => thrown);
      expect(error.name).toBe("InternalFailureException");
      expect(error.$metadata.httpStatusCode).toBe(500);
      expect(error.message).not.toMatch(/secret|declared/);
    }
  });

  test("an operation without a handler names itself", async () => {
    const error = await new IoTClient(client())
      .send(new CreateBillingGroupCommand({ billingGroupName: "b" }))
      .catch((thrown) => thrown);
    expect(error).toMatchObject({
      name: "NotImplementedException",
      message: "iot:CreateBillingGroup is not implemented; docs/coverage.md says what is.",
    });
    expect(error.$metadata.httpStatusCode).toBe(501);
  });
});

describe("JSON 1.1 with the SDK", () => {
  test("Kinesis over HTTP/2", async () => {
    const kinesis = new KinesisClient({ ...client(), endpoint: toy.http2Endpoint });
    const Data = Uint8Array.of(1, 2, 250);
    const put = await kinesis.send(new PutRecordCommand({ StreamName: "s", Data, PartitionKey: "ü" }));
    expect(put.SequenceNumber).toBe("1");
    expect(toy.seen.input).toEqual({ StreamName: "s", Data, PartitionKey: "ü" });
    const { Records } = await kinesis.send(new GetRecordsCommand({ ShardIterator: "i" }));
    expect(Records?.[0]?.Data).toEqual(Uint8Array.of(0, 255, 128));
    expect(Records?.[0]?.ApproximateArrivalTimestamp).toEqual(new Date(NOW * 1000));
    expect(toy.signed.at(-1)?.headers.host).toBe(new URL(toy.http2Endpoint).host);
    expect(toy.signed.at(-1)?.sourceIp).toBe("127.0.0.1");
    kinesis.destroy();
  });

  test("Kinesis over HTTP/1.1, without output", async () => {
    const kinesis = new KinesisClient({ ...client(), requestHandler: new NodeHttpHandler() });
    await kinesis.send(new CreateStreamCommand({ StreamName: "s", ShardCount: 1 }));
    expect(toy.seen.input).toEqual({ StreamName: "s", ShardCount: 1 });
    const error = await kinesis.send(new CreateStreamCommand({ StreamName: "a b" })).catch((thrown) => thrown);
    expect(error.name).toBe("ValidationException");
    kinesis.destroy();
  });

  test("an unknown target is a 400, a malformed body a SerializationException", async () => {
    const post = async (target: string, body: string) => {
      const headers = { ...scoped("kinesis"), "x-amz-target": target };
      const response = await fetch(toy.endpoint, { method: "POST", headers, body });
      return [response.status, ((await response.json()) as { __type: string }).__type];
    };
    expect(await post("Kinesis_20131202.Nothing", "{}")).toEqual([400, "UnknownOperationException"]);
    expect(await post("Kinesis_20131202.constructor", "{}")).toEqual([400, "UnknownOperationException"]);
    expect(await post("Other.PutRecord", "{}")).toEqual([400, "UnknownOperationException"]);
    expect(await post("Kinesis_20131202.PutRecord", "{")).toEqual([400, "SerializationException"]);
    expect(await post("Kinesis_20131202.PutRecord", "[]")).toEqual([400, "SerializationException"]);
    // CloudTrail's clients disagree about the package before the prefix.
    expect(await post("com.amazonaws.Kinesis_20131202.PutRecord", "[")).toEqual([400, "SerializationException"]);
  });
});

describe("query with the SDK", () => {
  test("STS: input, nested output, dates", async () => {
    const sts = new STSClient(client());
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe("arn:aws:iam::000000000000:root");
    const command = new AssumeRoleCommand({
      RoleArn: "arn:aws:iam::000000000000:role/r",
      RoleSessionName: "s@x=1",
      DurationSeconds: 900,
      Tags: [
        { Key: "ü+ =", Value: "1" },
        { Key: "b", Value: "" },
      ],
      PolicyArns: [],
    });
    const { Credentials } = await sts.send(command);
    expect(Credentials).toMatchObject({ SessionToken: "t+/=", Expiration: new Date(NOW * 1000) });
    expect(toy.seen.input).toMatchObject({ DurationSeconds: 900, Tags: command.input.Tags, PolicyArns: [] });
  });

  test("IAM: XML escapes, lists, empty lists", async () => {
    const iam = new IAMClient(client());
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "r" }));
    expect(Role?.Description).toBe(`<b>&amp; "quoted" 'it'\r\n` + "\ufffd ü 🌍");
    expect(Role?.Tags).toEqual([
      { Key: "a", Value: "1" },
      { Key: "b", Value: "" },
    ]);
    expect(Role?.CreateDate).toEqual(new Date(NOW * 1000));
    expect((await iam.send(new ListRolesCommand({}))).Roles).toEqual([]);
  });

  test("errors carry the code that the model gives them", async () => {
    const iam = new IAMClient(client());
    const error = await iam.send(new GetRoleCommand({ RoleName: "missing" })).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "NoSuchEntityException", message: 'no <"role">' });
    expect(error.$metadata.httpStatusCode).toBe(404);
    const invalid = await iam.send(new GetRoleCommand({ RoleName: "a b" })).catch((thrown) => thrown);
    expect(invalid.name).toBe("ValidationError");
  });

  test("GET works, unknown actions and versions do not", async () => {
    const get = async (search: string) => {
      const response = await fetch(`${toy.endpoint}/?${search}`, { headers: scoped("sts") });
      return [response.status, /<Code>(\w+)/.exec(await response.text())?.[1]];
    };
    expect(await get("Action=GetCallerIdentity&Version=2011-06-15")).toEqual([200, undefined]);
    expect(await get("Action=Nothing&Version=2011-06-15")).toEqual([400, "InvalidAction"]);
    expect(await get("Action=GetCallerIdentity&Version=2000-01-01")).toEqual([400, "InvalidAction"]);
    expect(await get("Version=2011-06-15")).toEqual([400, "MissingAction"]);
    expect(await get("Action=%ZZ")).toEqual([400, "ValidationError"]);
  });
});

describe("who and whether", () => {
  const refusal = async (path: string, init?: RequestInit) => {
    const response = await fetch(toy.endpoint + path, init);
    return [response.status, response.headers.get("x-amzn-errortype")];
  };

  test("without a signature", async () => {
    expect(await refusal("/things")).toEqual([403, "MissingAuthenticationTokenException"]);
    expect(await refusal("/", { method: "OPTIONS" })).toEqual([403, "MissingAuthenticationTokenException"]);
    const response = await fetch(toy.endpoint, {
      method: "POST",
      body: new URLSearchParams({ Action: "GetCallerIdentity" }),
    });
    expect(await response.text()).toContain("<Code>MissingAuthenticationToken</Code>");
  });

  test("with something that is no signature", async () => {
    for (const authorization of [
      "Bearer x",
      "AWS4-HMAC-SHA256 SignedHeaders=host",
      "AWS4-HMAC-SHA256 Credential=a/b",
    ]) {
      expect(await refusal("/things", { headers: { authorization } })).toEqual([400, "IncompleteSignatureException"]);
    }
    expect(await refusal("/things?X-Amz-Signature=0")).toEqual([400, "IncompleteSignatureException"]);
    expect(await refusal("/things", { headers: scoped("sqs") })).toEqual([403, "InvalidSignatureException"]);
  });

  test("with a presigned query", async () => {
    const credential = encodeURIComponent("AKIATEST/20260101/us-east-1/iot/aws4_request");
    const response = await fetch(`${toy.endpoint}/things/x?X-Amz-Credential=${credential}&X-Amz-Signature=00`);
    expect(response.status).toBe(200);
    expect(toy.seen.context.operation).toBe("DescribeThing");
  });

  test("an unknown key speaks the service's language", async () => {
    const unknown = { ...client(), credentials: { accessKeyId: "AKIAUNKNOWN", secretAccessKey: "s" } };
    const rest = await new IoTClient(unknown).send(new DescribeThingCommand({ thingName: "x" })).catch((e) => e);
    expect([rest.name, rest.$metadata.httpStatusCode]).toEqual(["UnrecognizedClientException", 403]);
    const query = await new STSClient(unknown).send(new GetCallerIdentityCommand({})).catch((e) => e);
    expect([query.name, query.$metadata.httpStatusCode]).toEqual(["InvalidClientTokenId", 403]);
  });

  test("the action, its resources and the standard condition keys are asked for", async () => {
    await new IoTClient(client()).send(new DescribeThingCommand({ thingName: "x" }));
    const { action, resource, context } = toy.asked.at(-1)!;
    expect([action, resource]).toEqual(["iot:DescribeThing", "arn:of:DescribeThing"]);
    expect(context).toMatchObject({
      "aws:SourceIp": "127.0.0.1",
      "aws:SecureTransport": "false",
      "aws:RequestedRegion": "us-east-1",
      "aws:PrincipalArn": "arn:aws:iam::000000000000:root",
      "aws:PrincipalAccount": "000000000000",
      "aws:PrincipalType": "Account",
      "aws:userid": "000000000000",
    });
    expect(context["aws:UserAgent"]).toContain("aws-sdk-js");
    expect(Number(context["aws:EpochTime"])).toBe(Math.floor(Date.parse(String(context["aws:CurrentTime"])) / 1000));
  });

  test("denials, from the door and from the domain", async () => {
    expect(await refusal(`/certificates/${"0".repeat(64)}`, { headers: scoped("iot") })).toEqual([
      403,
      "AccessDeniedException",
    ]);
    const error = await new IoTClient(client())
      .send(new AttachPolicyCommand({ policyName: "forbidden", target: "t" }))
      .catch((thrown) => thrown);
    expect(error.message).toBe(
      "User: arn:aws:iam::000000000000:root is not authorized to perform: iot:Other on resource: arn:other",
    );
    const data = await fetch(`${toy.endpoint}/connections/c`, { headers: scoped("iotdata") });
    expect(data.headers.get("x-amzn-errortype")).toBe("ForbiddenException");
    expect(await data.json()).toEqual({ message: "Forbidden", traceId: data.headers.get("x-amzn-requestid") });
  });
});
