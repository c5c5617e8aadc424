import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  allow,
  type Clients,
  type Door,
  expectModelled,
  type Input,
  openDoor,
  policy,
  refusalOf,
  refusing,
  sender,
} from "./door.ts";
import { handled } from "./handled.ts";

let door: Door;
let iam: Clients["iam"];
let account: string;
beforeAll(async () => {
  door = await openDoor();
  iam = door.root.iam;
  account = door.file.accountId;
});
afterAll(() => door.stop());

const refused = refusing("iam", () => door.root);
const FULL = "arn:aws:iam::aws:policy/AWSIoTManagedIntegrationsFullAccess";
const OF_SERVICE = "arn:aws:iam::aws:policy/aws-service-role/AWSIoTManagedIntegrationsServiceRolePolicy";
const ABSENT = "arn:aws:iam::aws:policy/Absent";
const SERVICE = "iotmanagedintegrations.amazonaws.com";
const RoleName = "AWSServiceRoleForIoTManagedIntegrations";

describe("row 106: managed policies", () => {
  test("are listed and read", async () => {
    const { Policies = [] } = await iam.send("ListPolicies", { Scope: "AWS" });
    expect(Policies.map(({ PolicyName, IsAttachable }) => [PolicyName, IsAttachable])).toEqual([
      ["AWSIoTManagedIntegrationsFullAccess", true],
      ["AWSIoTManagedIntegrationsRolePolicy", false],
      ["AWSIoTManagedIntegrationsServiceRolePolicy", false],
    ]);
    const first = await iam.send("ListPolicies", { MaxItems: 1 });
    const second = await iam.send("ListPolicies", { MaxItems: 2, Marker: first.Marker });
    expect([...(first.Policies ?? []), ...(second.Policies ?? [])]).toEqual(Policies);
    expect((await iam.send("ListPolicies", { Scope: "Local" })).Policies).toEqual([]);
    expect((await iam.send("ListPolicies", { OnlyAttached: true })).Policies).toEqual([]);
    expect((await iam.send("GetPolicy", { PolicyArn: FULL })).Policy).toEqual(Policies[0]);
    const read = await iam.send("GetPolicyVersion", { PolicyArn: FULL, VersionId: "v1" });
    expect(JSON.parse(decodeURIComponent(read.PolicyVersion?.Document ?? ""))).toMatchObject({
      Statement: [{ Action: ["iotmanagedintegrations:*"] }, { Action: ["iam:CreateServiceLinkedRole"] }],
    });
    await refused("GetPolicyVersion", "NoSuchEntityException", { PolicyArn: FULL, VersionId: "v2" });
    await refused("GetPolicy", "NoSuchEntityException", { PolicyArn: ABSENT });
  });

  test("allow a user what they say until they are detached, under both prefixes, and a denial wins", async () => {
    const UserName = "managed";
    const user = door.as(await door.user(UserName, [allow("iot:ListThings")]));
    const list = () => user["iot-managed-integrations"].send("ListManagedThings", {});
    expect((await refusalOf(list())).status).toBe(403);
    await iam.send("AttachUserPolicy", { UserName, PolicyArn: FULL });
    await iam.send("AttachUserPolicy", { UserName, PolicyArn: FULL });
    expect(await iam.send("ListAttachedUserPolicies", { UserName })).toMatchObject({
      AttachedPolicies: [{ PolicyName: "AWSIoTManagedIntegrationsFullAccess", PolicyArn: FULL }],
      IsTruncated: false,
    });
    expect((await iam.send("GetPolicy", { PolicyArn: FULL })).Policy?.AttachmentCount).toBe(1);
    await list();
    await user.iot.send("ListThings", {});
    expect((await refusalOf(user.iot.send("ListPolicies", {}))).status).toBe(403);
    const deny = policy({ Effect: "Deny", Action: "iot-mi:ListManagedThings", Resource: "*" });
    await iam.send("PutUserPolicy", { UserName, PolicyName: "deny", PolicyDocument: deny });
    expect((await refusalOf(list())).message).toContain("explicit deny");
    await user["iot-managed-integrations"].send("ListDestinations", {});
    await iam.send("DeleteUserPolicy", { UserName, PolicyName: "deny" });
    await list();
    await refused("DeleteUser", "DeleteConflictException", { UserName });
    await iam.send("DetachUserPolicy", { UserName, PolicyArn: FULL });
    expect((await refusalOf(list())).status).toBe(403);
    await refused("DetachUserPolicy", "NoSuchEntityException", { UserName, PolicyArn: FULL });
  });

  test("of a role hold for its sessions, and keep it from being deleted", async () => {
    const RoleName = "operator";
    const AssumeRolePolicyDocument = policy({ Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" });
    const { Role } = await iam.send("CreateRole", { RoleName, AssumeRolePolicyDocument });
    await iam.send("AttachRolePolicy", { RoleName, PolicyArn: FULL });
    const user = door.as(await door.user("taker", [allow("sts:AssumeRole")]));
    const taken = await user.sts.send("AssumeRole", { RoleArn: Role.Arn, RoleSessionName: "session" });
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = taken.Credentials ?? {};
    const session = door.as({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken });
    await session["iot-managed-integrations"].send("ListManagedThings", {});
    await refused("DeleteRole", "DeleteConflictException", { RoleName });
    await iam.send("DetachRolePolicy", { RoleName, PolicyArn: FULL });
    expect((await refusalOf(session["iot-managed-integrations"].send("ListManagedThings", {}))).status).toBe(403);
    await refused("DetachRolePolicy", "NoSuchEntityException", { RoleName, PolicyArn: FULL });
    await iam.send("DeleteRole", { RoleName });
  });

  test("that do not exist, or are a service's own, are not attached", async () => {
    await iam.send("CreateUser", { UserName: "bare" });
    await iam.send("CreateRole", {
      RoleName: "bare",
      AssumeRolePolicyDocument: policy({ Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" }),
    });
    for (const [operation, name] of [
      ["AttachUserPolicy", "UserName"],
      ["AttachRolePolicy", "RoleName"],
    ] as const) {
      await refused(operation, "NoSuchEntityException", { [name]: "bare", PolicyArn: ABSENT });
      await refused(operation, "PolicyNotAttachableException", { [name]: "bare", PolicyArn: OF_SERVICE });
    }
  });

  test("are named by ARNs and paged by markers of the right form", async () => {
    await iam.send("CreateUser", { UserName: "formal" });
    const AssumeRolePolicyDocument = policy({ Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" });
    await iam.send("CreateRole", { RoleName: "formal", AssumeRolePolicyDocument });
    const wrong = { PolicyArn: "arn:aws:iam::aws:role/not-a-policy" };
    for (const [operation, input] of [
      ["GetPolicy", wrong],
      ["GetPolicyVersion", { ...wrong, VersionId: "v1" }],
      ["AttachUserPolicy", { ...wrong, UserName: "formal" }],
      ["DetachUserPolicy", { ...wrong, UserName: "formal" }],
      ["AttachRolePolicy", { ...wrong, RoleName: "formal" }],
      ["DetachRolePolicy", { ...wrong, RoleName: "formal" }],
      ["ListAttachedUserPolicies", { UserName: "formal", Marker: "made-up" }],
      ["ListAttachedRolePolicies", { RoleName: "formal", Marker: "made-up" }],
      ["GetServiceLinkedRoleDeletionStatus", { DeletionTaskId: "task/made-up" }],
    ] as const) {
      await refused(operation, "InvalidInputException", input);
    }
  });

  test("are attached by whoever may attach just these", async () => {
    await iam.send("CreateUser", { UserName: "given", Path: "/staff/" });
    const giver = door.as(
      await door.user("giver", [
        { ...allow("iam:AttachUserPolicy"), Condition: { ArnEquals: { "iam:PolicyARN": FULL } } },
      ]),
    );
    await giver.iam.send("AttachUserPolicy", { UserName: "given", PolicyArn: FULL });
    const other = giver.iam.send("AttachUserPolicy", { UserName: "given", PolicyArn: OF_SERVICE });
    expect((await refusalOf(other)).status).toBe(403);
  });
});

/** What the operations that make the service-linked role are given, in an account of their own. */
const triggers: Readonly<Record<string, (clients: Clients) => Promise<Input>>> = {
  RegisterCustomEndpoint: async () => ({}),
  CreateEventLogConfiguration: async () => ({ ResourceType: "*", EventLogLevel: "ERROR" }),
  async PutRuntimeLogConfiguration(clients) {
    const { Id } = await clients["iot-managed-integrations"].send("CreateManagedThing", {
      Role: "DEVICE",
      AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
      AuthenticationMaterial: "SN:LOGS;UPC:829576019524;",
    });
    return { ManagedThingId: Id, RuntimeLogConfigurations: { LogLevel: "DEBUG" } };
  },
};

describe("row 107: the service-linked role", () => {
  const gone = async () => {
    const { DeletionTaskId } = await iam.send("DeleteServiceLinkedRole", { RoleName });
    expect(await iam.send("GetServiceLinkedRoleDeletionStatus", { DeletionTaskId })).toEqual({ Status: "SUCCEEDED" });
    await refused("GetRole", "NoSuchEntityException", { RoleName });
  };

  test("is made by RegisterCustomEndpoint, and again after its deletion", async () => {
    await refused("GetRole", "NoSuchEntityException", { RoleName });
    await door.root["iot-managed-integrations"].send("RegisterCustomEndpoint", {});
    expect((await iam.send("GetRole", { RoleName })).Role.Path).toBe(`/aws-service-role/${SERVICE}/`);
    await gone();
    await door.root["iot-managed-integrations"].send("RegisterCustomEndpoint", {});
    await gone();
  });

  test.each(Object.entries(triggers).filter(([operation]) => handled["iot-managed-integrations"].includes(operation)))(
    "is made by %s in an account that has none",
    async (operation, inputOf) => {
      const { AccessKey } = await door.root.hearth.send("CreateAccount", {});
      const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
      const own = door.as({ accessKeyId, secretAccessKey });
      const input = await inputOf(own);
      expect((await refusalOf(own.iam.send("GetRole", { RoleName }))).status).toBe(404);
      await sender(own["iot-managed-integrations"]).send(operation, input);
      const { AttachedPolicies } = await own.iam.send("ListAttachedRolePolicies", { RoleName });
      expect(AttachedPolicies).toMatchObject([{ PolicyArn: OF_SERVICE }]);
    },
  );

  test("is made by hand, once", async () => {
    const made = await iam.send("CreateServiceLinkedRole", { AWSServiceName: SERVICE, Description: "mine" });
    expect(made.Role).toMatchObject({ RoleName, Description: "mine" });
    await refused("CreateServiceLinkedRole", "InvalidInputException", { AWSServiceName: SERVICE });
    await refused("CreateServiceLinkedRole", "InvalidInputException", { AWSServiceName: SERVICE, CustomSuffix: "a" });
    await refused("CreateServiceLinkedRole", "NoSuchEntityException", { AWSServiceName: "x.amazonaws.com" });
    const AssumeRolePolicyDocument = policy({ Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" });
    const Path = `/aws-service-role/${SERVICE}/`;
    await refused("CreateRole", "InvalidInputException", { RoleName: "sham", AssumeRolePolicyDocument, Path });
    await refused("GetServiceLinkedRoleDeletionStatus", "NoSuchEntityException", {
      DeletionTaskId: `task/aws-service-role/${SERVICE}/${RoleName}/absent`,
    });
  });

  test("is not changed by its account, but for its description", async () => {
    const { Role } = await iam.send("UpdateRoleDescription", { RoleName, Description: "better" });
    expect(Role?.Description).toBe("better");
    await iam.send("UpdateRole", { RoleName, Description: "best" });
    expect((await iam.send("GetRole", { RoleName })).Role.Description).toBe("best");
    const PolicyDocument = policy(allow("*"));
    const trust = policy({ Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" });
    for (const [operation, input] of [
      ["UpdateRole", { MaxSessionDuration: 7200 }],
      ["UpdateAssumeRolePolicy", { PolicyDocument: trust }],
      ["PutRolePolicy", { PolicyName: "p", PolicyDocument }],
      ["DeleteRolePolicy", { PolicyName: "p" }],
      ["AttachRolePolicy", { PolicyArn: FULL }],
      ["DetachRolePolicy", { PolicyArn: OF_SERVICE }],
      ["DeleteRole", {}],
    ] as const) {
      await refused(operation, "UnmodifiableEntityException", { RoleName, ...input });
    }
    await iam.send("UpdateRole", { RoleName: "bare", MaxSessionDuration: 7200, Description: "longer" });
    expect((await iam.send("GetRole", { RoleName: "bare" })).Role).toMatchObject({
      MaxSessionDuration: 7200,
      Description: "longer",
    });
  });

  test("is nobody's to assume", async () => {
    const user = door.as(await door.user("assuming", [allow("sts:AssumeRole")]));
    const RoleArn = `arn:aws:iam::${account}:role/aws-service-role/${SERVICE}/${RoleName}`;
    expect((await refusalOf(user.sts.send("AssumeRole", { RoleArn, RoleSessionName: "session" }))).status).toBe(403);
  });

  test("is made by a trigger only for who may make it", async () => {
    await gone();
    const statements = [allow("iotmanagedintegrations:RegisterCustomEndpoint")];
    const registering = (clients: Clients) =>
      sender(clients["iot-managed-integrations"]).send("RegisterCustomEndpoint", {});
    const partly = door.as(await door.user("partly", statements));
    const denied = await expectModelled(
      "iot-managed-integrations",
      "RegisterCustomEndpoint",
      "AccessDeniedException",
      registering(partly),
    );
    expect(denied.message).toContain("iam:CreateServiceLinkedRole");
    await iam.send("AttachUserPolicy", { UserName: "partly", PolicyArn: FULL });
    await registering(partly);
  });
});
