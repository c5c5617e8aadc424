import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Credentials } from "../kit/platform.ts";
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

const trusting = (Principal: object): string => policy({ Effect: "Allow", Principal, Action: "sts:AssumeRole" });
const document = policy(allow("iot:*"));
const MALFORMED = [
  "{",
  "[]",
  '{"Version":"2012-10-17"}',
  document.replace("Allow", "Perhaps"),
  document.replace("iot:*", "*:"),
];

describe("users", () => {
  test("live from creation to deletion", async () => {
    const UserName = "user+=,.@-_1";
    const { User: created } = await iam.send("CreateUser", {
      UserName,
      Path: "/a/b/",
      Tags: [{ Key: "team", Value: "x" }],
    });
    expect(created).toMatchObject({
      UserName,
      Path: "/a/b/",
      UserId: expect.stringMatching(/^AIDA[A-Z0-9]{16,}$/),
      Arn: `arn:aws:iam::${account}:user/a/b/${UserName}`,
      Tags: [{ Key: "team", Value: "x" }],
    });
    expect((await iam.send("GetUser", { UserName })).User).toMatchObject({ UserId: created?.UserId });
    const { Users, IsTruncated } = await iam.send("ListUsers", { PathPrefix: "/a/" });
    expect(Users.map((user) => user.UserName)).toEqual([UserName]);
    expect(IsTruncated).toBe(false);
    await refused("CreateUser", "EntityAlreadyExistsException", { UserName: UserName.toUpperCase() });

    await iam.send("PutUserPolicy", { UserName, PolicyName: "p", PolicyDocument: document });
    const { PolicyDocument } = await iam.send("GetUserPolicy", { UserName, PolicyName: "p" });
    expect(decodeURIComponent(PolicyDocument)).toBe(document);
    expect(await iam.send("ListUserPolicies", { UserName })).toMatchObject({ PolicyNames: ["p"], IsTruncated: false });
    await refused("DeleteUser", "DeleteConflictException", { UserName });
    await iam.send("DeleteUserPolicy", { UserName, PolicyName: "p" });
    for (const operation of ["GetUserPolicy", "DeleteUserPolicy"]) {
      await refused(operation, "NoSuchEntityException", { UserName, PolicyName: "p" });
    }

    const { AccessKey } = await iam.send("CreateAccessKey", { UserName });
    expect(AccessKey).toMatchObject({ UserName, Status: "Active", AccessKeyId: expect.stringMatching(/^AKIA/) });
    expect(AccessKey.SecretAccessKey.length).toBeGreaterThanOrEqual(40);
    await iam.send("CreateAccessKey", { UserName });
    await refused("CreateAccessKey", "LimitExceededException", { UserName });
    const { AccessKeyMetadata } = await iam.send("ListAccessKeys", { UserName });
    expect(AccessKeyMetadata).toHaveLength(2);
    expect(JSON.stringify(AccessKeyMetadata)).not.toContain(AccessKey.SecretAccessKey);
    await refused("DeleteUser", "DeleteConflictException", { UserName });
    const expired = { UserName, AccessKeyId: AccessKey.AccessKeyId, Status: "Expired" };
    await refused("UpdateAccessKey", "InvalidInputException", expired);
    for (const { AccessKeyId = "" } of AccessKeyMetadata) await iam.send("DeleteAccessKey", { UserName, AccessKeyId });
    for (const operation of ["DeleteAccessKey", "UpdateAccessKey"]) {
      const gone = { UserName, AccessKeyId: AccessKey.AccessKeyId, Status: "Active" };
      await refused(operation, "NoSuchEntityException", gone);
    }
    await iam.send("DeleteUser", { UserName });
    await refused("GetUser", "NoSuchEntityException", { UserName });
  });

  test.each(MALFORMED)("are given no policy %j", async (PolicyDocument) => {
    await iam.send("CreateUser", { UserName: "malformed" }).catch(() => undefined);
    const input = { UserName: "malformed", PolicyName: "p", PolicyDocument };
    await refused("PutUserPolicy", "MalformedPolicyDocumentException", input);
  });

  test("have 2048 characters of inline policies at most", async () => {
    await iam.send("CreateUser", { UserName: "limited" });
    const large = policy(allow("iot:Publish", "x".repeat(2100)));
    const input = { UserName: "limited", PolicyName: "p", PolicyDocument: large };
    await refused("PutUserPolicy", "LimitExceededException", input);
  });

  test("of the same tag twice, or with a boundary that does not exist, are refused", async () => {
    const Tags = [
      { Key: "a", Value: "1" },
      { Key: "a", Value: "2" },
    ];
    await refused("CreateUser", "InvalidInputException", { UserName: "tagged", Tags });
    const AssumeRolePolicyDocument = trusting({ AWS: account });
    await refused("CreateRole", "InvalidInputException", { RoleName: "tagged", AssumeRolePolicyDocument, Tags });
    const PermissionsBoundary = `arn:aws:iam::${account}:policy/absent`;
    await refused("CreateUser", "InvalidInputException", { UserName: "bounded", PermissionsBoundary });
  });

  test("ask for themselves without a name", async () => {
    const key = await door.user("self", [allow(["iam:GetUser", "iam:ListAccessKeys"])]);
    const own = door.as(key);
    expect((await own.iam.send("GetUser", {})).User).toMatchObject({ UserName: "self" });
    expect((await own.iam.send("ListAccessKeys", {})).AccessKeyMetadata).toMatchObject([{ UserName: "self" }]);
  });
});

describe("roles", () => {
  test("live from creation to deletion", async () => {
    const RoleName = "role+=,.@-_1";
    const AssumeRolePolicyDocument = trusting({ AWS: `arn:aws:iam::${account}:root` });
    const { Role: created } = await iam.send("CreateRole", {
      RoleName,
      AssumeRolePolicyDocument,
      Path: "/service/",
      Description: "for tests",
      MaxSessionDuration: 7200,
    });
    expect(created).toMatchObject({
      RoleName,
      Path: "/service/",
      RoleId: expect.stringMatching(/^AROA[A-Z0-9]{16,}$/),
      Arn: `arn:aws:iam::${account}:role/service/${RoleName}`,
    });
    const { Role } = await iam.send("GetRole", { RoleName });
    expect(Role).toMatchObject({ Description: "for tests", MaxSessionDuration: 7200 });
    expect(decodeURIComponent(Role.AssumeRolePolicyDocument ?? "")).toBe(AssumeRolePolicyDocument);
    expect((await iam.send("ListRoles", { PathPrefix: "/service/" })).Roles.map((role) => role.RoleName)).toEqual([
      RoleName,
    ]);
    await refused("CreateRole", "EntityAlreadyExistsException", { RoleName, AssumeRolePolicyDocument });

    await iam.send("PutRolePolicy", { RoleName, PolicyName: "p", PolicyDocument: document });
    const { PolicyDocument } = await iam.send("GetRolePolicy", { RoleName, PolicyName: "p" });
    expect(decodeURIComponent(PolicyDocument)).toBe(document);
    expect((await iam.send("ListRolePolicies", { RoleName })).PolicyNames).toEqual(["p"]);
    await refused("DeleteRole", "DeleteConflictException", { RoleName });
    await iam.send("DeleteRolePolicy", { RoleName, PolicyName: "p" });
    for (const operation of ["GetRolePolicy", "DeleteRolePolicy"]) {
      await refused(operation, "NoSuchEntityException", { RoleName, PolicyName: "p" });
    }
    const PolicyName = "large";
    const large = policy(allow("iot:Publish", "x".repeat(10_300)));
    await refused("PutRolePolicy", "LimitExceededException", { RoleName, PolicyName, PolicyDocument: large });
    await iam.send("UpdateAssumeRolePolicy", { RoleName, PolicyDocument: trusting({ Service: "x.amazonaws.com" }) });
    const updated = (await iam.send("GetRole", { RoleName })).Role.AssumeRolePolicyDocument ?? "";
    expect(decodeURIComponent(updated)).toContain("x.amazonaws.com");
    await iam.send("DeleteRole", { RoleName });
    await refused("GetRole", "NoSuchEntityException", { RoleName });
  });

  test.each([...MALFORMED, document])("trust by no policy %j", async (text) => {
    await iam
      .send("CreateRole", { RoleName: "trust", AssumeRolePolicyDocument: trusting({ AWS: account }) })
      .catch(() => undefined);
    const error = "MalformedPolicyDocumentException";
    await refused("CreateRole", error, { RoleName: "malformed", AssumeRolePolicyDocument: text });
    await refused("UpdateAssumeRolePolicy", error, { RoleName: "trust", PolicyDocument: text });
    if (text !== document) {
      await refused("PutRolePolicy", error, { RoleName: "trust", PolicyName: "p", PolicyDocument: text });
    }
  });
});

test("a role's trust policy has 2048 characters at most", async () => {
  await iam.send("CreateRole", { RoleName: "brief", AssumeRolePolicyDocument: trusting({ AWS: account }) });
  const long = trusting({
    AWS: Array.from({ length: 60 }, (_, index) => `arn:aws:iam::${account}:user/user-${index}`),
  });
  const input = { RoleName: "long", AssumeRolePolicyDocument: long };
  await refused("CreateRole", "LimitExceededException", input);
  await refused("UpdateAssumeRolePolicy", "LimitExceededException", { RoleName: "brief", PolicyDocument: long });
});

describe("identities", () => {
  test("are told to their owners", async () => {
    expect(await door.root.sts.send("GetCallerIdentity", {})).toEqual({
      Account: account,
      Arn: `arn:aws:iam::${account}:root`,
      UserId: account,
    });
    const user = door.as(await door.user("identified"));
    expect(await user.sts.send("GetCallerIdentity", {})).toEqual({
      Account: account,
      Arn: `arn:aws:iam::${account}:user/identified`,
      UserId: expect.stringMatching(/^AIDA/),
    });
  });
});

describe("assumed roles", () => {
  const assume = async (clients: Clients, input: Input): Promise<Clients> => {
    const { Credentials: made } = await sender(clients.sts).send("AssumeRole", {
      RoleSessionName: "session",
      ...input,
    });
    const { AccessKeyId, SecretAccessKey, SessionToken } = made as Record<string, string>;
    return door.as({
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    } as Credentials);
  };
  const arnOf = (RoleName: string) => `arn:aws:iam::${account}:role/${RoleName}`;
  async function role(RoleName: string, trust: object, ...statements: object[]): Promise<string> {
    await iam.send("CreateRole", {
      RoleName,
      AssumeRolePolicyDocument: policy({ Effect: "Allow", Action: "sts:AssumeRole", ...trust }),
    });
    if (statements.length > 0) {
      await iam.send("PutRolePolicy", { RoleName, PolicyName: "p", PolicyDocument: policy(...statements) });
    }
    return arnOf(RoleName);
  }
  const denied = { name: "AccessDenied", status: 403 };
  let user: Clients;
  beforeAll(async () => {
    user = door.as(await door.user("assumer", [allow("sts:AssumeRole")]));
  });

  test("may what their policy allows, under their own name", async () => {
    const RoleArn = await role("lister", { Principal: { AWS: account } }, allow("iot:ListThings"));
    const answer = await user.sts.send("AssumeRole", { RoleArn, RoleSessionName: "s=1,@", DurationSeconds: 900 });
    expect(answer.AssumedRoleUser).toEqual({
      Arn: `arn:aws:sts::${account}:assumed-role/lister/s=1,@`,
      AssumedRoleId: expect.stringMatching(/^AROA[A-Z0-9]+:s=1,@$/),
    });
    expect(answer.Credentials?.AccessKeyId).toMatch(/^ASIA/);
    const left = (answer.Credentials?.Expiration ?? 0) - Date.now() / 1000;
    expect(Math.abs(left - 900)).toBeLessThan(10);

    const session = await assume(user, { RoleArn });
    await session.iot.send("ListThings", {});
    expect(await session.sts.send("GetCallerIdentity", {})).toMatchObject({
      Arn: `arn:aws:sts::${account}:assumed-role/lister/session`,
    });
    const refusal = await refusalOf(session.iot.send("ListPolicies", {}));
    expect(refusal).toMatchObject({ name: "AccessDeniedException", status: 403 });
    expect(refusal.message).toContain(`assumed-role/lister/session is not authorized to perform: iot:ListPolicies`);
    const chained = await refusalOf(session.sts.send("AssumeRole", { RoleArn, RoleSessionName: "again" }));
    expect(chained).toMatchObject(denied);
  });

  test("are narrowed by the session's policy, and never widened", async () => {
    const RoleArn = await role("wide", { Principal: { AWS: account } }, allow(["iot:ListThings", "iot:ListPolicies"]));
    const Policy = policy(allow(["iot:ListThings", "iot:ListCertificates"]));
    const session = await assume(user, { RoleArn, Policy });
    await session.iot.send("ListThings", {});
    for (const operation of ["ListPolicies", "ListCertificates"]) {
      expect(await refusalOf(sender(session.iot).send(operation, {}))).toMatchObject({ name: "AccessDeniedException" });
    }
  });

  test("are given to whom they trust alone", async () => {
    const powerless = door.as(await door.user("powerless"));
    const itself = `arn:aws:iam::${account}:user/assumer`;
    const named = await role("named", { Principal: { AWS: itself } });
    const other = await role("other", { Principal: { AWS: `arn:aws:iam::${account}:user/powerless` } });
    const service = await role("service", { Principal: { Service: "iotmanagedintegrations.amazonaws.com" } });
    const whole = await role("whole", { Principal: { AWS: account } });
    const external = await role("external", {
      Principal: { AWS: itself },
      Condition: { StringEquals: { "sts:ExternalId": "secret-1" } },
    });
    await assume(user, { RoleArn: named });
    await assume(user, { RoleArn: whole });
    await assume(user, { RoleArn: external, ExternalId: "secret-1" });
    // The role names it, so within the account that is enough.
    await assume(powerless, { RoleArn: other });
    for (const [clients, input] of [
      [user, { RoleArn: other }],
      [user, { RoleArn: service }],
      [user, { RoleArn: external }],
      [user, { RoleArn: external, ExternalId: "secret-2" }],
      [user, { RoleArn: arnOf("absent") }],
      [powerless, { RoleArn: named }],
      // AWS: roles may not be assumed by the root.
      [door.root, { RoleArn: whole }],
      // An account that is trusted decides by its own policies who may.
      [powerless, { RoleArn: whole }],
    ] as const) {
      const attempt = sender(clients.sts).send("AssumeRole", { RoleSessionName: "session", ...input });
      expect(await refusalOf(attempt), JSON.stringify(input)).toMatchObject(denied);
    }
  });

  test("refuse policies that are none or too large, and too long a life", async () => {
    const RoleArn = await role("refusing", { Principal: { AWS: account } });
    const given = { RoleArn, RoleSessionName: "session" };
    const ask = (more: Input) => sender(user.sts).send("AssumeRole", { ...given, ...more });
    for (const Policy of ["{", "[]"]) {
      await expectModelled("sts", "AssumeRole", "MalformedPolicyDocumentException", ask({ Policy }));
    }
    const Policy = policy(allow("iot:Publish", "x".repeat(2100)));
    await expectModelled("sts", "AssumeRole", "PackedPolicyTooLargeException", ask({ Policy }));
    // A role's sessions last an hour at most unless the role says otherwise.
    expect(await refusalOf(ask({ DurationSeconds: 7200 }))).toMatchObject({ name: "ValidationError", status: 400 });
  });

  test("end with their role", async () => {
    const RoleArn = await role("ending", { Principal: { AWS: account } }, allow("iot:ListThings"));
    const session = await assume(user, { RoleArn });
    await session.iot.send("ListThings", {});
    await iam.send("DeleteRolePolicy", { RoleName: "ending", PolicyName: "p" });
    expect((await refusalOf(session.iot.send("ListThings", {}))).status).toBe(403);
    await iam.send("DeleteRole", { RoleName: "ending" });
    expect((await refusalOf(session.iot.send("ListThings", {}))).status).toBe(403);
  });
});

describe("policies", () => {
  test("hold for the resources that they name, and a denial wins", async () => {
    const { region } = door.file;
    const arn = (thing: string) => `arn:aws:iot:${region}:${account}:thing/${thing}`;
    for (const thingName of ["mine-1", "mine-2", "yours"]) await door.root.iot.send("CreateThing", { thingName });
    const user = door.as(
      await door.user("owner", [
        allow("iot:*Thing", arn("mine-*")),
        { Effect: "Deny", Action: "iot:DeleteThing", Resource: arn("mine-2") },
      ]),
    );
    await user.iot.send("DescribeThing", { thingName: "mine-1" });
    await user.iot.send("DescribeThing", { thingName: "mine-2" });
    await user.iot.send("DeleteThing", { thingName: "mine-1" });
    const explicit = await refusalOf(user.iot.send("DeleteThing", { thingName: "mine-2" }));
    expect(explicit).toMatchObject({ name: "AccessDeniedException", status: 403 });
    expect(explicit.message).toContain(`perform: iot:DeleteThing on resource: ${arn("mine-2")}`);
    expect(explicit.message).toContain("explicit deny");
    for (const operation of ["DescribeThing", "DeleteThing", "CreateThing"]) {
      const attempt = sender(user.iot).send(operation, { thingName: "yours" });
      expect(await refusalOf(attempt)).toMatchObject({ name: "AccessDeniedException" });
    }
    expect(await refusalOf(user.iot.send("ListThings", {}))).toMatchObject({ name: "AccessDeniedException" });
  });

  test("take effect with the next call, as does their removal", async () => {
    const UserName = "changing";
    const user = door.as(await door.user(UserName));
    const listing = () => user.iot.send("ListThings", {});
    expect((await refusalOf(listing())).status).toBe(403);
    const PolicyName = "later";
    await iam.send("PutUserPolicy", { UserName, PolicyName, PolicyDocument: policy(allow("iot:List*")) });
    await listing();
    const deny = policy(allow("*"), { Effect: "Deny", Action: "*", Resource: "*" });
    await iam.send("PutUserPolicy", { UserName, PolicyName: "deny", PolicyDocument: deny });
    expect((await refusalOf(listing())).status).toBe(403);
    await iam.send("DeleteUserPolicy", { UserName, PolicyName: "deny" });
    await listing();
    await iam.send("DeleteUserPolicy", { UserName, PolicyName });
    expect((await refusalOf(listing())).status).toBe(403);
  });

  test("know the conditions of a call", async () => {
    const { region } = door.file;
    const conditioned = (Condition: object) => [{ ...allow("iot:ListThings"), Condition }];
    const allowed = [
      { IpAddress: { "aws:SourceIp": "127.0.0.0/8" } },
      { StringEquals: { "aws:RequestedRegion": region, "aws:PrincipalAccount": account } },
      { StringLike: { "aws:username": "conditioned-*" } },
      { Bool: { "aws:SecureTransport": "false" } },
      { DateGreaterThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z" } },
    ];
    const refusedBy = [
      { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } },
      { StringEquals: { "aws:username": "another" } },
      { Bool: { "aws:SecureTransport": "true" } },
    ];
    for (const [index, condition] of [...allowed, ...refusedBy].entries()) {
      const user = door.as(await door.user(`conditioned-${index}`, conditioned(condition)));
      const outcome = await user.iot.send("ListThings", {}).then(
        () => 200,
        (error: { status: number }) => error.status,
      );
      expect(outcome, JSON.stringify(condition)).toBe(index < allowed.length ? 200 : 403);
    }
  });

  test("may name managed integrations' actions by their other prefix", async () => {
    const user = door.as(await door.user("alias", [allow("iot-mi:ListManagedThings")]));
    await user["iot-managed-integrations"].send("ListManagedThings", {});
    expect((await refusalOf(user["iot-managed-integrations"].send("ListDestinations", {}))).status).toBe(403);
  });
});
