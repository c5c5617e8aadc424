import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allow, type Clients, type Door, openDoor, policy, refusalOf, refusing } from "./door.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-explain-"));
let door: Door;
let account: string;
let region: string;
let hearth: Clients["hearth"];
beforeAll(async () => {
  const policyFile = join(folder, "policy.json");
  writeFileSync(policyFile, policy({ Effect: "Allow", Principal: "*", Action: "iot:List*", Resource: "*" }));
  const listener = { port: 0, bind: undefined, fips: false };
  door = await openDoor({
    listeners: [
      { ...listener, name: "narrow", policyFile },
      { ...listener, name: "wide", policyFile: undefined },
    ],
  });
  ({ accountId: account, region } = door.file);
  hearth = door.root.hearth;
  await door.user("ann", [
    { Sid: "Things", ...allow("iot:*", `arn:aws:iot:${region}:${account}:thing/mine-*`) },
    { Sid: "Tagged", ...allow("iot:ListThings"), Condition: { StringEquals: { "aws:RequestTag/env": "dev" } } },
    { Sid: "Never", Effect: "Deny", Action: "iot:DeleteThing", Resource: "*" },
  ]);
});
afterAll(async () => {
  await door.stop();
  rmSync(folder, { recursive: true, maxRetries: 10 });
});

const refused = refusing("hearth", () => door.root);
const thing = (name: string) => `arn:aws:iot:${region}:${account}:thing/${name}`;

describe("ExplainAccess", () => {
  const ann = () => `arn:aws:iam::${account}:user/ann`;

  test("names the statement that allows or denies, or what kept each from matching", async () => {
    const explain = (Action: string, ResourceArn?: string, Context?: Record<string, string[]>) =>
      hearth.send("ExplainAccess", { PrincipalArn: ann(), Action, ResourceArn, Context });
    expect(await explain("iot:DescribeThing", thing("mine-1"))).toEqual({
      Allowed: true,
      Reason: 'allowed by statement "Things" of policy "its-own"',
    });
    expect(await explain("iot:DeleteThing", thing("mine-1"))).toEqual({
      Allowed: false,
      Reason: `iot:DeleteThing on ${thing("mine-1")} is denied by statement "Never" of policy "its-own"`,
    });
    const other = await explain("iot:DescribeThing", thing("yours"));
    expect(other).toMatchObject({ Allowed: false, Reason: expect.stringContaining('statement "Things"') });
    const untagged = await explain("iot:ListThings");
    expect(untagged).toMatchObject({ Allowed: false, Reason: expect.stringContaining("aws:RequestTag/env is absent") });
    expect(await explain("iot:ListThings", "*", { "aws:RequestTag/env": ["dev"] })).toMatchObject({ Allowed: true });
    const elsewhere = await explain("iot:DescribeThing", thing("mine-1").replace(account, "999999999999"));
    expect(elsewhere).toEqual({ Allowed: false, Reason: "the resource is another account's" });
  });

  test("agrees with what requests are told", async () => {
    const UserName = "bob";
    const bob = door.as(
      await door.user(UserName, [{ Sid: "No", Effect: "Deny", Action: "iot:ListThings", Resource: "*" }]),
    );
    const refusal = await refusalOf(bob.iot.send("ListThings", {}));
    const PrincipalArn = `arn:aws:iam::${account}:user/bob`;
    const { Reason } = await hearth.send("ExplainAccess", { PrincipalArn, Action: "iot:ListThings" });
    expect(refusal.message).toContain('with an explicit deny in an identity-based policy: statement "No" of policy');
    expect(Reason).toContain('statement "No" of policy "its-own"');
  });

  test("explains what a role, a session, the root and a device may", async () => {
    const AssumeRolePolicyDocument = policy({ Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" });
    await door.root.iam.send("CreateRole", { RoleName: "lister", AssumeRolePolicyDocument });
    const PolicyDocument = policy(allow("iot:ListThings"));
    await door.root.iam.send("PutRolePolicy", { RoleName: "lister", PolicyName: "p", PolicyDocument });
    for (const PrincipalArn of [
      `arn:aws:iam::${account}:role/lister`,
      `arn:aws:sts::${account}:assumed-role/lister/s`,
    ]) {
      const listing = await hearth.send("ExplainAccess", { PrincipalArn, Action: "iot:ListThings" });
      expect(listing).toEqual({ Allowed: true, Reason: 'allowed by statement 1 of policy "p"' });
    }
    const root = await hearth.send("ExplainAccess", {
      PrincipalArn: `arn:aws:iam::${account}:root`,
      Action: "iot:Any",
    });
    expect(root.Allowed).toBe(true);

    const { iot } = door.root;
    const { certificateArn = "" } = await iot.send("CreateKeysAndCertificate", { setAsActive: true });
    const bare = {
      PrincipalArn: certificateArn,
      Action: "iot:Publish",
      ResourceArn: `arn:aws:iot:${region}:${account}:topic/a`,
    };
    expect(await hearth.send("ExplainAccess", bare)).toEqual({ Allowed: false, Reason: "there are no policies" });
    const topic = `arn:aws:iot:${region}:${account}:topic/\${iot:ClientId}`;
    const policyDocument = policy(allow("iot:Publish", topic));
    await iot.send("CreatePolicy", { policyName: "own-topic", policyDocument });
    await iot.send("AttachPolicy", { policyName: "own-topic", target: certificateArn });
    expect(await hearth.send("ExplainAccess", bare)).toMatchObject({ Allowed: false });
    const connected = await hearth.send("ExplainAccess", { ...bare, Context: { "iot:ClientId": ["a"] } });
    expect(connected).toEqual({ Allowed: true, Reason: 'allowed by statement 1 of policy "own-topic"' });
  });

  test("asks the listener's policy too", async () => {
    const explain = (Action: string, Listener: string) =>
      hearth.send("ExplainAccess", { PrincipalArn: `arn:aws:iam::${account}:root`, Action, Listener });
    expect(await explain("iot:CreateThing", "narrow")).toEqual({
      Allowed: false,
      Reason: expect.stringMatching(/^its own policies allow it, but: no statement allows iot:CreateThing/),
    });
    expect((await explain("iot:ListThings", "narrow")).Allowed).toBe(true);
    expect((await explain("iot:CreateThing", "wide")).Allowed).toBe(true);
  });

  test("is refused for whom and what is not there, and for others' accounts", async () => {
    const Action = "iot:ListThings";
    const cert = `arn:aws:iot:${region}:${account}:cert/${"a".repeat(64)}`;
    for (const PrincipalArn of [
      `arn:aws:iam::${account}:user/absent`,
      `arn:aws:iam::${account}:user/path/ann`,
      `arn:aws:iam::${account}:role/absent`,
      `arn:aws:iam::${account}:group/ann`,
      cert,
    ]) {
      await refused("ExplainAccess", "ResourceNotFoundException", { PrincipalArn, Action });
    }
    await refused("ExplainAccess", "ResourceNotFoundException", { PrincipalArn: ann(), Action, Listener: "absent" });
    await refused("ExplainAccess", "ValidationException", { PrincipalArn: "ann", Action });
    const foreign = { PrincipalArn: "arn:aws:iam::999999999999:user/ann", Action };
    await refused("ExplainAccess", "AccessDeniedException", foreign);
  });
});
