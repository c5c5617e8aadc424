import type { Principal, RequestContext } from "@hearth/contract";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { presignObjectUrl } from "../sigv4/verify.ts";
import { ACCOUNT, type Credentials, openTestRoom, presign, requestOf, sign, type TestRoom } from "../testing.ts";

let room: TestRoom;
let root: RequestContext;
let ann: Principal;
beforeEach(async () => {
  room = await openTestRoom();
  root = requestOf(room.auth, await whoIs(room.root), room.clock.now());
  await room.auth.operations.iam.CreateUser?.handle({ UserName: "ann" }, root);
  const made = await room.auth.operations.iam.CreateAccessKey?.handle({ UserName: "ann" }, root);
  ann = await whoIs({
    accessKeyId: made?.AccessKey.AccessKeyId ?? "",
    secretAccessKey: made?.AccessKey.SecretAccessKey ?? "",
  });
});
afterEach(() => room.close());

const whoIs = async (credentials: Credentials): Promise<Principal> =>
  (await room.auth.authenticate(await sign(credentials, {}, { now: room.clock.now() }))).principal;

const ROLE = `arn:aws:iam::${ACCOUNT}:role/r`;
const ANN = `arn:aws:iam::${ACCOUNT}:user/ann`;

async function createRole(principal: object, more: { condition?: object; allows?: string; maximum?: number } = {}) {
  const { condition, allows = "iot:*", maximum } = more;
  const statement = {
    Effect: "Allow",
    Principal: principal,
    Action: "sts:AssumeRole",
    ...(condition && { Condition: condition }),
  };
  await room.auth.operations.iam.CreateRole?.handle(
    {
      RoleName: "r",
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
      ...(maximum && { MaxSessionDuration: maximum }),
    },
    root,
  );
  await room.auth.operations.iam.PutRolePolicy?.handle(
    { RoleName: "r", PolicyName: "p", PolicyDocument: identityPolicy("Allow", allows) },
    root,
  );
}

const identityPolicy = (effect: string, action: string): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: effect, Action: action, Resource: "*" }] });

const putUserPolicy = (document: string) =>
  room.auth.operations.iam.PutUserPolicy?.handle({ UserName: "ann", PolicyName: "p", PolicyDocument: document }, root);

const assume = async (principal: Principal, more: object = {}) => {
  const input = { RoleArn: ROLE, RoleSessionName: "walk", ...more };
  const answer = await room.auth.operations.sts.AssumeRole?.handle(
    input,
    requestOf(room.auth, principal, room.clock.now()),
  );
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = answer?.Credentials ?? {};
  return {
    answer,
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
  };
};

const outcome = (promise: Promise<unknown> | undefined): Promise<string> =>
  Promise.resolve(promise).then(
    () => "success",
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe("GetCallerIdentity", () => {
  test("says who asks", async () => {
    const ask = (principal: Principal) =>
      room.auth.operations.sts.GetCallerIdentity?.handle({}, requestOf(room.auth, principal, room.clock.now()));
    expect(await ask(root.principal)).toEqual({
      UserId: ACCOUNT,
      Account: ACCOUNT,
      Arn: `arn:aws:iam::${ACCOUNT}:root`,
    });
    expect(await ask(ann)).toMatchObject({ Account: ACCOUNT, Arn: ANN });
  });
});

describe("AssumeRole", () => {
  test("gives credentials that act as the role until they expire, across restarts", async () => {
    await createRole({ AWS: ANN });
    const { answer, credentials } = await assume(ann, { DurationSeconds: 900 });
    expect(answer?.AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/r/walk`);
    expect(answer?.Credentials?.Expiration).toBe(room.clock.now() / 1000 + 900);
    expect(credentials.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    const session = await whoIs(credentials);
    expect(session).toMatchObject({ type: "AssumedRole", roleName: "r", sessionName: "walk" });
    expect(session.principalId).toBe(answer?.AssumedRoleUser?.AssumedRoleId);
    expect(await outcome(room.auth.authorize(session, "iot:ListThings", "*"))).toBe("success");
    expect(await outcome(room.auth.authorize(session, "iam:ListUsers", "*"))).toMatch(/^AccessDenied/);
    await room.restart();
    expect(await whoIs(credentials)).toEqual(session);
    room.clock.advance(900_000 - 1);
    expect(await outcome(whoIs(credentials))).toBe("success");
    room.clock.advance(1);
    expect(await outcome(whoIs(credentials))).toMatch(/^ExpiredTokenException/);
    await room.restart();
    expect(await outcome(whoIs(credentials))).toMatch(/^ExpiredTokenException/);
  });

  test("a token is good for its own key only, and only unchanged", async () => {
    await createRole({ AWS: ANN });
    const one = (await assume(ann)).credentials;
    const two = (await assume(ann)).credentials;
    expect(await outcome(whoIs({ ...one, sessionToken: two.sessionToken }))).toMatch(/^UnrecognizedClient/);
    expect(await outcome(whoIs({ ...one, sessionToken: `${one.sessionToken.slice(0, -6)}AAAAA=` }))).toMatch(
      /^UnrecognizedClient/,
    );
    expect(await outcome(whoIs({ ...one, secretAccessKey: two.secretAccessKey }))).toMatch(/^InvalidSignature/);
    const { sessionToken: _token, ...bare } = one;
    expect(await outcome(whoIs(bare))).toMatch(/^UnrecognizedClient/);
  });

  test("presigned WebSocket URLs carry the token unsigned or signed (reference 1.2)", async () => {
    await createRole({ AWS: ANN });
    const { credentials } = await assume(ann);
    const now = room.clock.now();
    const signedToken = await presign(credentials, { path: "/mqtt" }, { now });
    expect(await outcome(room.auth.authenticate(signedToken))).toBe("success");
    const { sessionToken, ...bare } = credentials;
    const appended = await presign(bare, { path: "/mqtt" }, { now });
    const rawQuery = `${appended.rawQuery}&X-Amz-Security-Token=${encodeURIComponent(sessionToken)}`;
    expect(await outcome(room.auth.authenticate({ ...appended, rawQuery }))).toBe("success");
    const elsewhere = await presign(bare, { path: "/mqtt" }, { now, service: "iot" });
    const query = `${elsewhere.rawQuery}&X-Amz-Security-Token=${encodeURIComponent(sessionToken)}`;
    expect(await outcome(room.auth.authenticate({ ...elsewhere, rawQuery: query }))).toMatch(/^InvalidSignature/);
  });

  test("a role that trusts the account leaves it to the caller's policies", async () => {
    await createRole({ AWS: ACCOUNT });
    expect(await outcome(assume(ann))).toBe(
      `AccessDeniedException: User: ${ANN} is not authorized to perform: sts:AssumeRole on resource: ${ROLE} because no identity-based policy allows the sts:AssumeRole action`,
    );
    await putUserPolicy(identityPolicy("Allow", "sts:AssumeRole"));
    expect(await outcome(assume(ann))).toBe("success");
  });

  test("an explicit deny of the caller's counts even where the role trusts it by name", async () => {
    await createRole({ AWS: ANN });
    await putUserPolicy(identityPolicy("Deny", "sts:*"));
    expect(await outcome(assume(ann))).toMatch(
      /with an explicit deny in an identity-based policy: statement 1 of policy "p"$/,
    );
  });

  test("needs the trust policy's conditions", async () => {
    await createRole({ AWS: ANN }, { condition: { StringEquals: { "sts:ExternalId": "secret-handshake" } } });
    expect(await outcome(assume(ann))).toMatch(/^AccessDenied.*sts:ExternalId is absent/);
    expect(await outcome(assume(ann, { ExternalId: "wrong" }))).toMatch(/^AccessDenied/);
    expect(await outcome(assume(ann, { ExternalId: "secret-handshake" }))).toBe("success");
  });

  test("is refused to strangers, the root, and for roles that are not there", async () => {
    await createRole({ AWS: `arn:aws:iam::${ACCOUNT}:user/bob` });
    expect(await outcome(assume(ann))).toMatch(/^AccessDenied/);
    expect(await outcome(assume(root.principal))).toBe(
      "AccessDeniedException: Roles may not be assumed by root accounts.",
    );
    expect(await outcome(assume(ann, { RoleArn: `${ROLE}x` }))).toMatch(/^AccessDenied/);
    expect(await outcome(assume(ann, { RoleArn: "arn:aws:iam::000000000000:user/ann" }))).toMatch(/^AccessDenied/);
    const other = await room.auth.createAccount({ region: "us-east-1" });
    expect(await outcome(assume(await whoIs(other)))).toMatch(/^AccessDenied/);
  });

  test("across accounts needs both sides", async () => {
    const other = await room.auth.createAccount({ region: "us-east-1" });
    const request = requestOf(room.auth, await whoIs(other), room.clock.now());
    await room.auth.operations.iam.CreateUser?.handle({ UserName: "eve" }, request);
    const made = await room.auth.operations.iam.CreateAccessKey?.handle({ UserName: "eve" }, request);
    const eve = await whoIs({
      accessKeyId: made?.AccessKey.AccessKeyId ?? "",
      secretAccessKey: made?.AccessKey.SecretAccessKey ?? "",
    });
    await createRole({ AWS: eve.arn });
    expect(await outcome(assume(eve))).toMatch(/no identity-based policy allows/);
    const policy = { UserName: "eve", PolicyName: "p", PolicyDocument: identityPolicy("Allow", "sts:AssumeRole") };
    await room.auth.operations.iam.PutUserPolicy?.handle(policy, request);
    const { credentials } = await assume(eve);
    expect(await whoIs(credentials)).toMatchObject({ accountId: ACCOUNT });
  });

  test("a session policy narrows and never widens", async () => {
    await createRole({ AWS: ANN });
    const { credentials, answer } = await assume(ann, {
      Policy: identityPolicy("Allow", "*").replace('"*"', '["iot:List*","iam:*"]'),
    });
    expect(answer?.PackedPolicySize).toBeGreaterThan(0);
    const session = await whoIs(credentials);
    expect(await outcome(room.auth.authorize(session, "iot:ListThings", "*"))).toBe("success");
    expect(await outcome(room.auth.authorize(session, "iot:CreateThing", "*"))).toMatch(
      /because no session policy allows the iot:CreateThing action$/,
    );
    expect(await outcome(room.auth.authorize(session, "iam:ListUsers", "*"))).toMatch(/no identity-based policy/);
    expect(await outcome(assume(ann, { Policy: "{}" }))).toMatch(/^MalformedPolicyDocumentException/);
    expect(await outcome(assume(ann, { Policy: identityPolicy("Allow", "*") + " ".repeat(2_048) }))).toMatch(
      /^PackedPolicyTooLarge/,
    );
  });

  test("lasts as long as the role allows, an hour when it is chained", async () => {
    await createRole({ AWS: [ANN, `${ROLE}`] }, { maximum: 7_200 });
    expect(await outcome(assume(ann, { DurationSeconds: 7_200 }))).toBe("success");
    expect(await outcome(assume(ann, { DurationSeconds: 7_201 }))).toMatch(/^ValidationException.*MaxSessionDuration/);
    const session = await whoIs((await assume(ann)).credentials);
    expect(await outcome(assume(session, { DurationSeconds: 3_601 }))).toMatch(/role chaining$/);
    expect(await outcome(assume(session, { DurationSeconds: 3_600 }))).toBe("success");
  });

  test("does not pretend to what is not built", async () => {
    await createRole({ AWS: ANN });
    expect(await outcome(assume(ann, { PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }] }))).toMatch(
      /^NotImplemented/,
    );
    expect(await outcome(assume(ann, { Tags: [{ Key: "a", Value: "b" }] }))).toMatch(/^NotImplemented/);
  });

  test("ends with the role", async () => {
    await createRole({ AWS: ANN });
    const session = await whoIs((await assume(ann)).credentials);
    await room.auth.operations.iam.DeleteRolePolicy?.handle({ RoleName: "r", PolicyName: "p" }, root);
    await room.auth.operations.iam.DeleteRole?.handle({ RoleName: "r" }, root);
    await createRole({ AWS: ANN });
    expect(await outcome(room.auth.authorize(session, "iot:ListThings", "*"))).toMatch(/^AccessDenied/);
  });
});

describe("roles in the hands of a service", () => {
  const SERVICE = "iotmanagedintegrations.amazonaws.com";
  const wanted = {
    roleArn: ROLE,
    service: SERVICE,
    sourceAccount: ACCOUNT,
    sourceArn: `arn:aws:iotmanagedintegrations:us-east-1:${ACCOUNT}:destination/d`,
  };
  const condition = {
    StringEquals: { "aws:SourceAccount": ACCOUNT },
    ArnLike: { "aws:SourceArn": `arn:aws:iotmanagedintegrations:us-east-1:${ACCOUNT}:*` },
  };

  test("allow what the role's policies allow", async () => {
    await createRole({ Service: SERVICE }, { condition, allows: "kinesis:PutRecord" });
    const role = await room.auth.assumeRoleForService(wanted);
    const stream = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/s`;
    expect(await outcome(role.authorize("kinesis:PutRecord", stream))).toBe("success");
    expect(await outcome(role.authorize("kinesis:GetRecords", stream))).toMatch(
      /^AccessDenied.*assumed-role\/r\/iotmanagedintegrations/,
    );
    expect(await outcome(role.authorize("kinesis:PutRecord", stream.replace(ACCOUNT, "999999999999")))).toMatch(
      /^AccessDenied/,
    );
    await room.auth.operations.iam.DeleteRolePolicy?.handle({ RoleName: "r", PolicyName: "p" }, root);
    expect(await outcome(role.authorize("kinesis:PutRecord", stream))).toMatch(/^AccessDenied/);
  });

  test("sign URLs of objects by which anybody comes as the role, for as long as they say", async () => {
    await createRole({ Service: SERVICE }, { condition });
    const role = await room.auth.assumeRoleForService(wanted);
    const now = room.clock.now();
    const place = {
      origin: "https://hearth.example:8443",
      path: "/firmware/a%20b.bin",
      query: [["versionId", "1"]],
    } as const;
    const url = new URL(presignObjectUrl(place, role.credentials(), { region: "us-east-1", now, seconds: 60 }));
    const request = {
      ...{ method: "GET", rawPath: url.pathname, rawQuery: url.search.slice(1), sourceIp: "127.0.0.1" },
      ...{ headers: { host: url.host }, body: new Uint8Array(), now },
    };
    expect((await room.auth.authenticate(request)).principal).toMatchObject({ type: "AssumedRole", roleArn: ROLE });
    expect(await outcome(room.auth.authenticate({ ...request, now: now + 61_000 }))).toMatch(/^AccessDenied.*expired/);
    expect(await outcome(room.auth.authenticate({ ...request, rawPath: "/firmware/other" }))).toMatch(
      /^InvalidSignature/,
    );
  });

  test("are refused for a foreign source account or ARN: the confused deputy (managed integrations 15, row 39)", async () => {
    await createRole({ Service: SERVICE }, { condition });
    expect(await outcome(room.auth.assumeRoleForService({ ...wanted, sourceAccount: "999999999999" }))).toMatch(
      /^AccessDenied/,
    );
    const sourceArn = "arn:aws:iotmanagedintegrations:us-east-1:999999999999:destination/d";
    expect(await outcome(room.auth.assumeRoleForService({ ...wanted, sourceArn }))).toMatch(
      /^AccessDenied.*aws:SourceArn/,
    );
  });

  test("are refused to services they do not trust, and when they are not there", async () => {
    await createRole({ Service: "iot.amazonaws.com" });
    expect(await outcome(room.auth.assumeRoleForService(wanted))).toMatch(/^AccessDenied/);
    expect(await outcome(room.auth.assumeRoleForService({ ...wanted, roleArn: `${ROLE}x` }))).toMatch(
      /there is no such role$/,
    );
  });
});
