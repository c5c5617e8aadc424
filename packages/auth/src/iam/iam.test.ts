import type { Principal, RequestContext } from "@hearth/contract";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, type Credentials, openTestRoom, requestOf, sign, type TestRoom } from "../testing.ts";

let room: TestRoom;
beforeEach(async () => {
  room = await openTestRoom();
});
afterEach(() => room.close());

const whoIs = async (credentials: Credentials): Promise<Principal> =>
  (await room.auth.authenticate(await sign(credentials, {}, { now: room.clock.now() }))).principal;

const asRoot = async (operation = "Test"): Promise<RequestContext> => ({
  ...requestOf(room.auth, await whoIs(room.root), room.clock.now()),
  operation,
});

type Iam = TestRoom["auth"]["operations"]["iam"];
type Input<Name extends keyof Iam> = Parameters<NonNullable<Iam[Name]>["handle"]>[0];

/** As the root calls an operation. */
async function call<Name extends keyof Iam>(name: Name, input: Input<Name>, request?: RequestContext) {
  const binding = room.auth.operations.iam[name] as {
    handle(input: unknown, request: RequestContext): Promise<unknown>;
  };
  return binding.handle(input, request ?? (await asRoot(name))) as ReturnType<NonNullable<Iam[Name]>["handle"]>;
}

const nameOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "success",
    (error: Error) => error.name,
  );

const policy = (effect: string, action: string | string[], resource: string | string[] = "*"): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: effect, Action: action, Resource: resource }] });

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" }],
});

describe("users", () => {
  test("are not created with a tag twice or with a boundary that does not exist", async () => {
    const Tags = ["team", "Team"].map((Key) => ({ Key, Value: "x" }));
    const PermissionsBoundary = `arn:aws:iam::${ACCOUNT}:policy/absent`;
    for (const wrong of [{ Tags }, { PermissionsBoundary }]) {
      expect(await nameOf(call("CreateUser", { UserName: "ann", ...wrong }))).toBe("InvalidInputException");
      const role = { RoleName: "ann", AssumeRolePolicyDocument: trust, ...wrong };
      expect(await nameOf(call("CreateRole", role))).toBe("InvalidInputException");
    }
  });

  test("are created, read, listed in pages and deleted", async () => {
    const { User } = await call("CreateUser", { UserName: "Ann", Path: "/team/", Tags: [{ Key: "a", Value: "b" }] });
    expect(User).toMatchObject({
      Path: "/team/",
      UserName: "Ann",
      Arn: `arn:aws:iam::${ACCOUNT}:user/team/Ann`,
      CreateDate: room.clock.now() / 1000,
      Tags: [{ Key: "a", Value: "b" }],
    });
    expect(User?.UserId).toMatch(/^AIDA[A-Z2-7]{17}$/);
    expect((await call("GetUser", { UserName: "ann" })).User).toEqual(User);
    for (const name of ["bob", "cid", "Dan"]) await call("CreateUser", { UserName: name });
    const first = await call("ListUsers", { MaxItems: 2 });
    expect(first.Users.map((user) => user.UserName)).toEqual(["Ann", "bob"]);
    const second = await call("ListUsers", { MaxItems: 2, Marker: first.Marker });
    expect(second.Users.map((user) => user.UserName)).toEqual(["cid", "Dan"]);
    expect(second).toMatchObject({ IsTruncated: false });
    expect((await call("ListUsers", { PathPrefix: "/team/" })).Users.map((user) => user.UserName)).toEqual(["Ann"]);
    await call("DeleteUser", { UserName: "Ann" });
    expect(await nameOf(call("GetUser", { UserName: "Ann" }))).toBe("NoSuchEntityException");
  });

  test("names do not differ by case, two at once neither", async () => {
    const results = await Promise.all(
      ["Ann", "ANN", "ann"].map((name) => nameOf(call("CreateUser", { UserName: name }))),
    );
    expect(results.sort()).toEqual(["EntityAlreadyExistsException", "EntityAlreadyExistsException", "success"]);
  });

  test("are not deleted while they own something", async () => {
    await call("CreateUser", { UserName: "ann" });
    const { AccessKey } = await call("CreateAccessKey", { UserName: "ann" });
    expect(await nameOf(call("DeleteUser", { UserName: "ann" }))).toBe("DeleteConflictException");
    await call("DeleteAccessKey", { UserName: "ann", AccessKeyId: AccessKey.AccessKeyId });
    await call("PutUserPolicy", { UserName: "ann", PolicyName: "p", PolicyDocument: policy("Allow", "*") });
    expect(await nameOf(call("DeleteUser", { UserName: "ann" }))).toBe("DeleteConflictException");
    await call("DeleteUserPolicy", { UserName: "ann", PolicyName: "p" });
    expect(await nameOf(call("DeleteUser", { UserName: "ann" }))).toBe("success");
  });

  test("a key that is made while its user is deleted leaves no orphan", async () => {
    for (let round = 0; round < 10; round++) {
      await call("CreateUser", { UserName: "ann" });
      const [made, deleted] = await Promise.all([
        nameOf(call("CreateAccessKey", { UserName: "ann" })),
        nameOf(call("DeleteUser", { UserName: "ann" })),
      ]);
      expect(["success/DeleteConflictException", "NoSuchEntityException/success"]).toContain(`${made}/${deleted}`);
      if (made !== "success") continue;
      const { AccessKeyMetadata } = await call("ListAccessKeys", { UserName: "ann" });
      for (const { AccessKeyId = "" } of AccessKeyMetadata)
        await call("DeleteAccessKey", { UserName: "ann", AccessKeyId });
      await call("DeleteUser", { UserName: "ann" });
    }
  });

  test("of one account are nothing to another", async () => {
    const other = await room.auth.createAccount({ region: "us-east-1" });
    const stranger = requestOf(room.auth, await whoIs(other), room.clock.now());
    await call("CreateUser", { UserName: "ann" });
    const { AccessKey } = await call("CreateAccessKey", { UserName: "ann" });
    expect(await nameOf(call("GetUser", { UserName: "ann" }, stranger))).toBe("NoSuchEntityException");
    expect((await call("ListUsers", {}, stranger)).Users).toEqual([]);
    const { AccessKeyId } = AccessKey;
    expect(await nameOf(call("DeleteAccessKey", { AccessKeyId }, stranger))).toBe("NoSuchEntityException");
    expect(await nameOf(call("CreateUser", { UserName: "ann" }, stranger))).toBe("success");
  });
});

describe("access keys", () => {
  test("sign until they are deactivated or deleted", async () => {
    await call("CreateUser", { UserName: "ann" });
    const { AccessKey } = await call("CreateAccessKey", { UserName: "ann" });
    expect(AccessKey.AccessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(AccessKey.SecretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
    const credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
    expect(await whoIs(credentials)).toMatchObject({
      type: "User",
      userName: "ann",
      arn: `arn:aws:iam::${ACCOUNT}:user/ann`,
    });
    const key = { UserName: "ann", AccessKeyId: AccessKey.AccessKeyId };
    await call("UpdateAccessKey", { ...key, Status: "Inactive" });
    expect(await nameOf(whoIs(credentials))).toBe("UnrecognizedClientException");
    expect((await call("ListAccessKeys", { UserName: "ann" })).AccessKeyMetadata).toEqual([
      { ...key, Status: "Inactive", CreateDate: room.clock.now() / 1000 },
    ]);
    await call("UpdateAccessKey", { ...key, Status: "Active" });
    expect(await nameOf(whoIs(credentials))).toBe("success");
    await room.restart();
    expect(await nameOf(whoIs(credentials))).toBe("success");
    await call("DeleteAccessKey", key);
    expect(await nameOf(whoIs(credentials))).toBe("UnrecognizedClientException");
    expect(await nameOf(call("DeleteAccessKey", key))).toBe("NoSuchEntityException");
  });

  test("two an owner", async () => {
    await call("CreateUser", { UserName: "ann" });
    const made = await Promise.all([1, 2, 3].map(() => nameOf(call("CreateAccessKey", { UserName: "ann" }))));
    expect(made.sort()).toEqual(["LimitExceededException", "success", "success"]);
  });

  test("of the root, without a user name", async () => {
    const { AccessKey } = await call("CreateAccessKey", {});
    const credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
    expect(await whoIs(credentials)).toMatchObject({ type: "Root", accessKeyId: AccessKey.AccessKeyId });
    expect((await call("ListAccessKeys", {})).AccessKeyMetadata).toHaveLength(2);
    expect((await call("GetUser", {})).User.Arn).toBe(`arn:aws:iam::${ACCOUNT}:root`);
  });
});

describe("what a user may", () => {
  async function user(...documents: string[]): Promise<Principal> {
    await call("CreateUser", { UserName: "ann", Tags: [{ Key: "team", Value: "red" }] });
    for (const [index, PolicyDocument] of documents.entries()) {
      await call("PutUserPolicy", { UserName: "ann", PolicyName: `p${index}`, PolicyDocument });
    }
    const { AccessKey } = await call("CreateAccessKey", { UserName: "ann" });
    return whoIs({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
  }
  const may = (principal: Principal, action: string, resource = "*", context = {}): Promise<string> =>
    room.auth.authorize(principal, action, resource, context).then(
      () => "allowed",
      (error: Error) => `${error.name}: ${error.message}`,
    );

  test("is what policies allow; refusals are worded like AWS's", async () => {
    const ann = await user(policy("Allow", "iot:*"), policy("Deny", "iot:Delete*"));
    const arn = `arn:aws:iam::${ACCOUNT}:user/ann`;
    expect(await may(ann, "iot:ListThings")).toBe("allowed");
    expect(await may(ann, "kinesis:PutRecord", "arn:aws:kinesis:us-east-1:000000000000:stream/s")).toBe(
      `AccessDeniedException: User: ${arn} is not authorized to perform: kinesis:PutRecord on resource: arn:aws:kinesis:us-east-1:000000000000:stream/s because no identity-based policy allows the kinesis:PutRecord action`,
    );
    expect(await may(ann, "iot:DeleteThing")).toBe(
      `AccessDeniedException: User: ${arn} is not authorized to perform: iot:DeleteThing on resource: * with an explicit deny in an identity-based policy: statement 1 of policy "p1"`,
    );
  });

  test("follows its variables and tags", async () => {
    const own = `arn:aws:iam::000000000000:user/\${aws:username}`;
    const ann = await user(policy("Allow", "iam:*", [own, `arn:aws:iot:*:*:thing/\${aws:PrincipalTag/team}-*`]));
    expect(await may(ann, "iam:CreateAccessKey", `arn:aws:iam::${ACCOUNT}:user/ann`)).toBe("allowed");
    expect(await may(ann, "iam:CreateAccessKey", `arn:aws:iam::${ACCOUNT}:user/bob`)).toMatch(/^AccessDenied/);
    expect(await may(ann, "iam:X", `arn:aws:iot:us-east-1:${ACCOUNT}:thing/red-1`)).toBe("allowed");
    expect(
      await may(ann, "iam:X", `arn:aws:iot:us-east-1:${ACCOUNT}:thing/red-1`, { "aws:PrincipalTag/team": "blue" }),
    ).toBe("allowed");
  });

  test("changes at once with its policies", async () => {
    const ann = await user(policy("Allow", "iot:*"));
    expect(await may(ann, "iot:ListThings")).toBe("allowed");
    await call("PutUserPolicy", { UserName: "ann", PolicyName: "p0", PolicyDocument: policy("Allow", "kinesis:*") });
    expect(await may(ann, "iot:ListThings")).toMatch(/^AccessDenied/);
    await call("DeleteUserPolicy", { UserName: "ann", PolicyName: "p0" });
    expect(await may(ann, "kinesis:ListStreams")).toMatch(/^AccessDenied/);
  });

  test("ends at the account, for the root too", async () => {
    const ann = await user(policy("Allow", "*"));
    const foreign = "arn:aws:iot:us-east-1:999999999999:thing/t";
    expect(await may(ann, "iot:DescribeThing", foreign)).toMatch(
      /no resource-based policy allows the iot:DescribeThing/,
    );
    const root = await whoIs(room.root);
    expect(await may(root, "iot:DescribeThing", foreign)).toMatch(/^AccessDenied/);
    expect(await may(root, "iot:DescribeThing", `arn:aws:iot:us-east-1:${ACCOUNT}:thing/t`)).toBe("allowed");
    expect(await may(root, "s3:GetObject", "arn:aws:s3:::bucket/key")).toBe("allowed");
  });

  test("over an MQTT connection is the same, without a thing (reference 8)", async () => {
    const topic = `arn:aws:iot:us-east-1:${ACCOUNT}:topic/`;
    const ann = await user(
      policy("Allow", "iot:Publish", [`${topic}from/\${iot:ClientId}`, `${topic}\${iot:Connection.Thing.ThingName}`]),
    );
    if (ann.type === "Certificate") throw new Error("a user is no device");
    const connection = await room.auth.connectionPermissions(ann, { clientId: "app", sourceIp: "127.0.0.1" });
    expect(connection.allows("iot:Publish", `${topic}from/app`)).toMatchObject({ allowed: true });
    expect(connection.allows("iot:Publish", `${topic}from/b`, { "iot:ClientId": "b" })).toMatchObject({
      allowed: false,
    });
    expect(connection.allows("iot:Publish", `${topic}x`).reason).toContain(
      "ThingName} has no value: only a connection with an X.509 certificate has one",
    );
    const root = await whoIs(room.root);
    if (root.type === "Certificate") throw new Error("the root is no device");
    const all = await room.auth.connectionPermissions(root, { clientId: "app", sourceIp: "127.0.0.1" });
    expect(all.allows("iot:Publish", `${topic}x`)).toMatchObject({ allowed: true });
    expect(all.allows("iot:Publish", "arn:aws:iot:us-east-1:999999999999:topic/x")).toMatchObject({ allowed: false });
  });

  test("GetCallerIdentity needs no permission", async () => {
    const ann = await user(policy("Deny", "*"));
    expect(await may(ann, "sts:GetCallerIdentity")).toBe("allowed");
  });

  test("a path counts where only the store knows it", async () => {
    await call("CreateUser", { UserName: "boss", Path: "/admins/" });
    const ann = await user(policy("Allow", "iam:*"), policy("Deny", "iam:*", `arn:aws:iam::${ACCOUNT}:user/admins/*`));
    const request = { ...requestOf(room.auth, ann, room.clock.now()), operation: "CreateAccessKey" };
    expect(await nameOf(call("CreateAccessKey", { UserName: "boss" }, request))).toBe("AccessDeniedException");
    expect(await nameOf(call("CreateAccessKey", { UserName: "ann" }, request))).toBe("success");
  });
});

describe("policies", () => {
  test("are given back percent-encoded, byte for byte", async () => {
    await call("CreateUser", { UserName: "ann" });
    const document = policy("Allow", "iot:*").replace("{", "{ \n");
    await call("PutUserPolicy", { UserName: "ann", PolicyName: "p", PolicyDocument: document });
    const { PolicyDocument } = await call("GetUserPolicy", { UserName: "ann", PolicyName: "p" });
    expect(PolicyDocument).not.toContain("{");
    expect(decodeURIComponent(PolicyDocument)).toBe(document);
    expect((await call("ListUserPolicies", { UserName: "ann" })).PolicyNames).toEqual(["p"]);
    expect(await nameOf(call("GetUserPolicy", { UserName: "ann", PolicyName: "q" }))).toBe("NoSuchEntityException");
    expect(await nameOf(call("DeleteUserPolicy", { UserName: "ann", PolicyName: "q" }))).toBe("NoSuchEntityException");
  });

  test("that are none are refused, and so are too many characters", async () => {
    await call("CreateUser", { UserName: "ann" });
    const put = (name: string, document: string) =>
      nameOf(call("PutUserPolicy", { UserName: "ann", PolicyName: name, PolicyDocument: document }));
    expect(await put("p", "{}")).toBe("MalformedPolicyDocumentException");
    const long = policy("Allow", "iot:*", `arn:aws:iot:*:*:${"x".repeat(1_500)}`);
    expect(await put("a", long)).toBe("success");
    expect(await put("a", long)).toBe("success");
    expect(await put("b", long)).toBe("LimitExceededException");
  });
});

describe("roles", () => {
  test("are created, read, listed, changed and deleted", async () => {
    const { Role } = await call("CreateRole", { RoleName: "r", AssumeRolePolicyDocument: trust, Description: "d" });
    expect(Role).toMatchObject({ Arn: `arn:aws:iam::${ACCOUNT}:role/r`, MaxSessionDuration: 3600, Description: "d" });
    expect(Role.RoleId).toMatch(/^AROA[A-Z2-7]{17}$/);
    expect(decodeURIComponent(Role.AssumeRolePolicyDocument ?? "")).toBe(trust);
    expect((await call("GetRole", { RoleName: "R" })).Role).toEqual(Role);
    expect(await nameOf(call("CreateRole", { RoleName: "R", AssumeRolePolicyDocument: trust }))).toBe(
      "EntityAlreadyExistsException",
    );
    expect((await call("ListRoles", {})).Roles.map((role) => role.RoleName)).toEqual(["r"]);
    await call("UpdateAssumeRolePolicy", { RoleName: "r", PolicyDocument: trust.replace("Allow", "Deny") });
    expect((await call("GetRole", { RoleName: "r" })).Role.AssumeRolePolicyDocument).toContain("Deny");
    await call("PutRolePolicy", { RoleName: "r", PolicyName: "p", PolicyDocument: policy("Allow", "*") });
    expect((await call("ListRolePolicies", { RoleName: "r" })).PolicyNames).toEqual(["p"]);
    expect((await call("GetRolePolicy", { RoleName: "r", PolicyName: "p" })).RoleName).toBe("r");
    expect(await nameOf(call("DeleteRole", { RoleName: "r" }))).toBe("DeleteConflictException");
    await call("DeleteRolePolicy", { RoleName: "r", PolicyName: "p" });
    await call("DeleteRole", { RoleName: "r" });
    expect(await nameOf(call("GetRole", { RoleName: "r" }))).toBe("NoSuchEntityException");
    expect(await nameOf(call("DeleteRolePolicy", { RoleName: "r", PolicyName: "p" }))).toBe("NoSuchEntityException");
  });

  test("need a trust policy that is one", async () => {
    const create = (document: string) =>
      nameOf(call("CreateRole", { RoleName: "r", AssumeRolePolicyDocument: document }));
    expect(await create(policy("Allow", "sts:AssumeRole"))).toBe("MalformedPolicyDocumentException");
    expect(await create(trust.replace(ACCOUNT, "x".repeat(2_048)))).toBe("LimitExceededException");
  });
});

describe("accounts", () => {
  const operations = () => room.auth.operations.hearth;

  test("the first is there with its root key, at later starts the same", async () => {
    const before = { ...room.root };
    await room.restart();
    expect(room.root).toEqual(before);
  });

  test("a root key that was deleted is replaced at the next start", async () => {
    await call("DeleteAccessKey", { AccessKeyId: room.root.accessKeyId });
    const before = room.root.accessKeyId;
    await room.restart();
    expect(room.root.accessKeyId).not.toBe(before);
    expect(await whoIs(room.root)).toMatchObject({ type: "Root" });
  });

  test("more are made by the first account's root only", async () => {
    const made = await operations().CreateAccount?.handle(
      { AccountId: "111122223333", AccountName: "two" },
      await asRoot(),
    );
    expect(made).toMatchObject({ AccountId: "111122223333", AccountName: "two" });
    expect(
      await nameOf(operations().CreateAccount?.handle({ AccountId: ACCOUNT }, await asRoot()) as Promise<unknown>),
    ).toBe("ConflictException");
    const { AccessKeyId, SecretAccessKey } = made?.AccessKey ?? { AccessKeyId: "", SecretAccessKey: "" };
    const second = await whoIs({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey });
    expect(second).toMatchObject({ type: "Root", accountId: "111122223333" });
    const request = requestOf(room.auth, second, room.clock.now());
    expect(await nameOf(operations().CreateAccount?.handle({}, request) as Promise<unknown>)).toBe(
      "AccessDeniedException",
    );
    expect(await nameOf(operations().ListAccounts?.handle({}, request) as Promise<unknown>)).toBe(
      "AccessDeniedException",
    );
    const first = await operations().ListAccounts?.handle({ MaxResults: 1 }, await asRoot());
    const second2 = await operations().ListAccounts?.handle({ NextToken: first?.NextToken }, await asRoot());
    expect([...(first?.Accounts ?? []), ...(second2?.Accounts ?? [])].map((account) => account.AccountId)).toEqual([
      ACCOUNT,
      "111122223333",
    ]);
  });
});
