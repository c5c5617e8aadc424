import type { Principal, RequestContext } from "@hearth/contract";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, openTestRoom, requestOf, sign, type TestRoom } from "../testing.ts";
import { managedPolicies, SERVICE, SERVICE_ROLE_NAME } from "./managed-policies.ts";
import { serviceRoleArn } from "./service-linked-role.ts";

let room: TestRoom;
let root: Principal;
beforeEach(async () => {
  room = await openTestRoom();
  root = (await room.auth.authenticate(await sign(room.root, {}, { now: room.clock.now() }))).principal;
});
afterEach(() => room.close());

type Iam = TestRoom["auth"]["operations"]["iam"];

async function call<Name extends keyof Iam>(
  operation: Name,
  input: Parameters<NonNullable<Iam[Name]>["handle"]>[0],
  principal = root,
) {
  const request: RequestContext = { ...requestOf(room.auth, principal, room.clock.now()), operation };
  const binding = room.auth.operations.iam[operation] as {
    handle(input: unknown, request: RequestContext): Promise<unknown>;
  };
  return binding.handle(input, request) as ReturnType<NonNullable<Iam[Name]>["handle"]>;
}

const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "success",
    (error: Error) => error.name,
  );

const RoleName = SERVICE_ROLE_NAME;
const wanted = {
  roleArn: serviceRoleArn(ACCOUNT),
  service: SERVICE,
  sourceAccount: ACCOUNT,
  sourceArn: `arn:aws:iotmanagedintegrations:us-east-1:${ACCOUNT}:*`,
};

async function trigger(principal = root): Promise<void> {
  const writes = await room.auth.ensureServiceRole(requestOf(room.auth, principal, room.clock.now()));
  await room.commit(writes);
}

describe("row 107: the service-linked role", () => {
  test("is made by a trigger, once, and again after it was deleted", async () => {
    await Promise.all([trigger(), trigger()]);
    await trigger();
    const { Role } = await call("GetRole", { RoleName });
    expect(Role).toMatchObject({ Arn: serviceRoleArn(ACCOUNT), Path: `/aws-service-role/${SERVICE}/` });
    const { AttachedPolicies } = await call("ListAttachedRolePolicies", { RoleName });
    expect(AttachedPolicies?.map(({ PolicyName }) => PolicyName)).toEqual([
      "AWSIoTManagedIntegrationsServiceRolePolicy",
    ]);
    const { DeletionTaskId } = await call("DeleteServiceLinkedRole", { RoleName });
    expect(await call("GetServiceLinkedRoleDeletionStatus", { DeletionTaskId })).toEqual({ Status: "SUCCEEDED" });
    expect(await outcome(call("GetRole", { RoleName }))).toBe("NoSuchEntityException");
    await trigger();
    expect((await call("GetRole", { RoleName })).Role.RoleId).not.toBe(Role.RoleId);
    expect((await call("ListAttachedRolePolicies", { RoleName })).AttachedPolicies).toEqual(AttachedPolicies);
  });

  test("is not deleted while something uses it, and says what", async () => {
    await trigger();
    const arn = `arn:aws:iotmanagedintegrations:us-east-1:${ACCOUNT}:event-log-configuration/a`;
    room.serviceRoleUses.push({ region: "us-east-1", arn });
    const { DeletionTaskId } = await call("DeleteServiceLinkedRole", { RoleName });
    expect(await call("GetServiceLinkedRoleDeletionStatus", { DeletionTaskId })).toEqual({
      Status: "FAILED",
      Reason: { Reason: expect.any(String), RoleUsageList: [{ Region: "us-east-1", Resources: [arn] }] },
    });
    expect(await outcome(call("GetRole", { RoleName }))).toBe("success");
    room.serviceRoleUses.length = 0;
    await call("DeleteServiceLinkedRole", { RoleName });
    expect(await outcome(call("GetRole", { RoleName }))).toBe("NoSuchEntityException");
  });

  test("is made with the rights of who triggers it", async () => {
    await call("CreateUser", { UserName: "ann" });
    const { AccessKey } = await call("CreateAccessKey", { UserName: "ann" });
    const key = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
    const ann = (await room.auth.authenticate(await sign(key, {}, { now: room.clock.now() }))).principal;
    expect(await outcome(trigger(ann))).toBe("AccessDeniedException");
    const PolicyArn = "arn:aws:iam::aws:policy/AWSIoTManagedIntegrationsFullAccess";
    await call("AttachUserPolicy", { UserName: "ann", PolicyArn });
    expect(await outcome(trigger(ann))).toBe("success");
    await call("DetachUserPolicy", { UserName: "ann", PolicyArn });
    // It is there, and needs not be made.
    expect(await outcome(trigger(ann))).toBe("success");
  });

  test("is its service's alone, and may write logs and metrics", async () => {
    await trigger();
    const role = await room.auth.assumeRoleForService(wanted);
    const group = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/iotmanagedintegrations/x`;
    const metrics = (namespace: string) => ({ "cloudwatch:namespace": namespace });
    for (const [action, resource, context, expected] of [
      ["logs:CreateLogGroup", group, {}, "success"],
      ["logs:DescribeLogStreams", group, {}, "success"],
      ["logs:PutLogEvents", `${group}:log-stream:s`, {}, "success"],
      ["logs:PutLogEvents", `${group.replace("iotmanaged", "other")}:log-stream:s`, {}, "AccessDeniedException"],
      ["cloudwatch:PutMetricData", "*", metrics("AWS/IoTManagedIntegrations"), "success"],
      ["cloudwatch:PutMetricData", "*", metrics("mine"), "AccessDeniedException"],
      ["kinesis:PutRecord", "*", {}, "AccessDeniedException"],
    ] as const) {
      expect(`${action} ${await outcome(role.authorize(action, resource, context))}`).toBe(`${action} ${expected}`);
    }
    const another = room.auth.assumeRoleForService({ ...wanted, service: "lambda.amazonaws.com" });
    expect(await outcome(another)).toBe("AccessDeniedException");
  });
});

test("row 106: the policy for roles lets each account write its own logs only", async () => {
  const RoleName = "writer";
  const trust = { Effect: "Allow", Principal: { Service: SERVICE }, Action: "sts:AssumeRole" };
  await call("CreateRole", {
    RoleName,
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
  });
  const PolicyDocument = managedPolicies.find(({ name }) => name === "AWSIoTManagedIntegrationsRolePolicy")?.document;
  await call("PutRolePolicy", { RoleName, PolicyName: "p", PolicyDocument: PolicyDocument ?? "" });
  const role = await room.auth.assumeRoleForService({ ...wanted, roleArn: `arn:aws:iam::${ACCOUNT}:role/writer` });
  const group = (account: string) => `arn:aws:logs:us-east-1:${account}:log-group:/aws/iotmanagedintegrations/x`;
  expect(await outcome(role.authorize("logs:CreateLogGroup", group(ACCOUNT)))).toBe("success");
  expect(await outcome(role.authorize("logs:PutLogEvents", `${group(ACCOUNT)}:log-stream:s`))).toBe("success");
  expect(await outcome(role.authorize("logs:CreateLogGroup", group("999999999999")))).toBe("AccessDeniedException");
  expect(await outcome(role.authorize("logs:DescribeLogStreams", group(ACCOUNT)))).toBe("AccessDeniedException");
});
