import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allow, type Clients, type Door, openDoor, policy, refusalOf, refusing } from "./door.ts";

let door: Door;
let secrets: Clients["secretsmanager"];
let kms: Clients["kms"];
beforeAll(async () => {
  door = await openDoor();
  ({ secretsmanager: secrets, kms } = door.root);
});
afterAll(() => door.stop());

const refused = refusing("secretsmanager", () => door.root);
const token = (n: number) => `token-${String(n).padStart(30, "0")}`;
let made = 0;

/** A new secret with a value of its own. */
async function secret(more: object = {}): Promise<{ name: string; arn: string; versionId: string }> {
  const name = `home/secret_${++made}.x`;
  const { ARN, VersionId } = await secrets.send("CreateSecret", {
    Name: name,
    SecretString: `value of ${name}`,
    ...more,
  });
  return { name, arn: ARN ?? "", versionId: VersionId ?? "" };
}

const newKey = async (Policy?: string) =>
  (await kms.send("CreateKey", Policy === undefined ? {} : { Policy })).KeyMetadata?.Arn ?? "";

describe("a secret", () => {
  test("is made, named by its name and its ARN, described, read as text and as bytes", async () => {
    const { name, arn, versionId } = await secret({ Description: "of a test", Tags: [{ Key: "room", Value: "1" }] });
    const { accountId, region } = door.file;
    expect(arn).toMatch(new RegExp(`^arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-[0-9A-Za-z]{6}$`));
    for (const SecretId of [name, arn, arn.slice(0, -7)]) {
      expect(await secrets.send("GetSecretValue", { SecretId })).toMatchObject({
        ...{ ARN: arn, Name: name, SecretString: `value of ${name}`, VersionId: versionId },
        VersionStages: ["AWSCURRENT"],
      });
    }
    const description = await secrets.send("DescribeSecret", { SecretId: name });
    expect(description).toMatchObject({
      ...{ ARN: arn, Name: name, Description: "of a test", Tags: [{ Key: "room", Value: "1" }] },
      VersionIdsToStages: { [versionId]: ["AWSCURRENT"] },
    });
    expect(description.KmsKeyId).toBeUndefined();
    expect(Number(description.LastAccessedDate) % 86_400).toBe(0);
    const SecretBinary = new Uint8Array([0, 255, 10]);
    await secrets.send("PutSecretValue", { SecretId: name, SecretBinary });
    const bytes = await secrets.send("GetSecretValue", { SecretId: name });
    expect(bytes.SecretBinary).toEqual(SecretBinary);
    expect(bytes).not.toHaveProperty("SecretString");
  });

  test("whose name ends in a hyphen and six characters is not found by its ARN without the random ones", async () => {
    const Name = "ends-in-sixsix";
    const { ARN = "" } = await secrets.send("CreateSecret", { Name, SecretString: "x" });
    expect((await secrets.send("DescribeSecret", { SecretId: ARN })).Name).toBe(Name);
    await refused("DescribeSecret", "ResourceNotFoundException", { SecretId: ARN.slice(0, -7) });
    await refused("DescribeSecret", "InvalidParameterException", { SecretId: "arn:aws:sns:us-east-1:000000000000:x" });
    const elsewhere = ARN.replace(door.file.region, "eu-central-1");
    await refused("DescribeSecret", "ResourceNotFoundException", { SecretId: elsewhere });
  });

  test("is made once for a token; the same token with another value is refused", async () => {
    const Name = "made-once";
    const create = (SecretString: string, ClientRequestToken = token(1)) => ({
      Name,
      SecretString,
      ClientRequestToken,
    });
    const first = await secrets.send("CreateSecret", create("a"));
    expect(first.VersionId).toBe(token(1));
    expect(await secrets.send("CreateSecret", create("a"))).toEqual(first);
    await refused("CreateSecret", "ResourceExistsException", create("b"));
    await refused("CreateSecret", "ResourceExistsException", create("a", token(2)));
    const put = (SecretString: string) => ({ SecretId: Name, SecretString, ClientRequestToken: token(3) });
    const second = await secrets.send("PutSecretValue", put("b"));
    expect(await secrets.send("PutSecretValue", put("b"))).toEqual(second);
    await refused("PutSecretValue", "ResourceExistsException", put("c"));
    await refused("UpdateSecret", "ResourceExistsException", put("c"));
    expect((await secrets.send("GetSecretValue", { SecretId: Name })).SecretString).toBe("b");
  });

  test("needs one value of 64 KiB at most, a good name and good tags", async () => {
    const { name: SecretId } = await secret();
    const SecretBinary = new Uint8Array(1);
    await refused("CreateSecret", "InvalidParameterException", { Name: "two", SecretString: "a", SecretBinary });
    await refused("UpdateSecret", "InvalidParameterException", { SecretId, SecretString: "a", SecretBinary });
    await refused("PutSecretValue", "InvalidParameterException", { SecretId });
    await refused("PutSecretValue", "InvalidParameterException", { SecretId, SecretString: "ä".repeat(40_000) });
    await secrets.send("PutSecretValue", { SecretId, SecretString: "ä".repeat(32_768) });
    const name = await refusalOf(secrets.send("CreateSecret", { Name: "has space", SecretString: "x" }));
    expect(name.name).toBe("ValidationException");
    const twice = [1, 2].map((n) => ({ Key: "a", Value: String(n) }));
    await refused("CreateSecret", "InvalidParameterException", { Name: "tagged", Tags: twice });
    await refused("TagResource", "InvalidParameterException", { SecretId, Tags: [{ Key: "aws:x", Value: "" }] });
    for (const more of [{ AddReplicaRegions: [{ Region: "eu-west-1" }] }, { Type: "partner" }]) {
      expect((await refusalOf(secrets.send("CreateSecret", { Name: "later", ...more }))).status).toBe(501);
    }
  });

  test("is deleted after a recovery window, within which it is kept from use and can be restored", async () => {
    const { name, arn } = await secret();
    const SecretId = name;
    await refused("DeleteSecret", "InvalidParameterException", { SecretId, RecoveryWindowInDays: 6 });
    const both = { SecretId, RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true };
    await refused("DeleteSecret", "InvalidParameterException", both);
    const { DeletionDate } = await secrets.send("DeleteSecret", { SecretId, RecoveryWindowInDays: 7 });
    expect(Number(DeletionDate)).toBeGreaterThan(Date.now() / 1000 + 6.9 * 86_400);
    const Tags = [{ Key: "a", Value: "b" }];
    const asked: [string, object][] = [
      ["GetSecretValue", {}],
      ["PutSecretValue", { SecretString: "x" }],
      ["UpdateSecret", { Description: "x" }],
      ["UpdateSecretVersionStage", { VersionStage: "x", MoveToVersionId: token(1) }],
      ["TagResource", { Tags }],
      ["UntagResource", { TagKeys: ["a"] }],
      ["PutResourcePolicy", { ResourcePolicy: policy({ ...allow("secretsmanager:*"), Principal: "*" }) }],
      ["ValidateResourcePolicy", { ResourcePolicy: policy({ ...allow("secretsmanager:*"), Principal: "*" }) }],
      ["GetResourcePolicy", {}],
      ["DeleteResourcePolicy", {}],
      ["DeleteSecret", {}],
    ];
    for (const [operation, input] of asked) await refused(operation, "InvalidRequestException", { SecretId, ...input });
    await refused("CreateSecret", "InvalidRequestException", { Name: name, SecretString: "x" });
    expect((await secrets.send("DescribeSecret", { SecretId })).DeletedDate).toBe(DeletionDate);
    expect(await secrets.send("RestoreSecret", { SecretId })).toEqual({ ARN: arn, Name: name });
    expect((await secrets.send("GetSecretValue", { SecretId })).SecretString).toBe(`value of ${name}`);
    await secrets.send("DeleteSecret", { SecretId, ForceDeleteWithoutRecovery: true });
    await refused("GetSecretValue", "ResourceNotFoundException", { SecretId });
    await secrets.send("DeleteSecret", { SecretId, ForceDeleteWithoutRecovery: true });
    const again = await secrets.send("CreateSecret", { Name: name, SecretString: "new" });
    expect(again.ARN).not.toBe(arn);
    await refused("GetSecretValue", "ResourceNotFoundException", { SecretId: arn });
  });
});

describe("versions", () => {
  test("carry stages that move: current, previous, pending and others", async () => {
    const { name: SecretId, versionId: v1 } = await secret();
    const put = async (SecretString: string, VersionStages?: string[]) =>
      (await secrets.send("PutSecretValue", { SecretId, SecretString, ...(VersionStages && { VersionStages }) }))
        .VersionId ?? "";
    const stages = async () => (await secrets.send("DescribeSecret", { SecretId })).VersionIdsToStages;
    const v2 = await put("two");
    expect(await stages()).toEqual({ [v1]: ["AWSPREVIOUS"], [v2]: ["AWSCURRENT"] });
    const v3 = await put("three", ["AWSPENDING", "mine"]);
    expect(await stages()).toEqual({ [v1]: ["AWSPREVIOUS"], [v2]: ["AWSCURRENT"], [v3]: ["AWSPENDING", "mine"] });
    const read = async (input: object) => (await secrets.send("GetSecretValue", { SecretId, ...input })).SecretString;
    expect(await read({ VersionStage: "AWSPENDING" })).toBe("three");
    expect(await read({ VersionId: v2, VersionStage: "AWSCURRENT" })).toBe("two");
    await refused("GetSecretValue", "InvalidRequestException", { SecretId, VersionId: v2, VersionStage: "mine" });
    await refused("GetSecretValue", "ResourceNotFoundException", { SecretId, VersionStage: "none" });
    await refused("GetSecretValue", "ResourceNotFoundException", { SecretId, VersionId: token(9) });

    const stage = { SecretId, VersionStage: "AWSCURRENT" };
    await refused("UpdateSecretVersionStage", "InvalidParameterException", { ...stage, MoveToVersionId: v3 });
    await refused("UpdateSecretVersionStage", "InvalidParameterException", { ...stage, RemoveFromVersionId: v2 });
    await refused("UpdateSecretVersionStage", "InvalidParameterException", stage);
    const away = { RemoveFromVersionId: v3, MoveToVersionId: v1 };
    await refused("UpdateSecretVersionStage", "InvalidParameterException", { ...stage, ...away });
    await secrets.send("UpdateSecretVersionStage", { ...stage, RemoveFromVersionId: v2, MoveToVersionId: v3 });
    expect(await stages()).toEqual({ [v2]: ["AWSPREVIOUS"], [v3]: ["AWSPENDING", "mine", "AWSCURRENT"] });
    await secrets.send("UpdateSecretVersionStage", { SecretId, VersionStage: "mine", RemoveFromVersionId: v3 });
    expect(await read({})).toBe("three");
    expect(await read({ VersionId: v1 })).toBe(`value of ${SecretId}`);

    const all: string[] = [];
    let NextToken: string | undefined;
    do {
      const page: { Versions?: readonly { VersionId?: string; KmsKeyIds?: readonly string[] }[]; NextToken?: string } =
        await secrets.send("ListSecretVersionIds", {
          ...{ SecretId, MaxResults: 2, IncludeDeprecated: true },
          ...(NextToken !== undefined && { NextToken }),
        });
      expect(page.Versions?.[0]?.KmsKeyIds).toEqual(["DefaultEncryptionKey"]);
      all.push(...(page.Versions ?? []).map(({ VersionId = "" }) => VersionId));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(new Set(all)).toEqual(new Set([v1, v2, v3]));
    expect((await secrets.send("ListSecretVersionIds", { SecretId })).Versions).toHaveLength(2);
    await refused("ListSecretVersionIds", "InvalidNextTokenException", { SecretId, NextToken: "none" });

    const VersionStages = Array.from({ length: 20 }, (_, n) => `s${n}`);
    const full = await put("four", VersionStages);
    const one = { SecretId, VersionStage: "one more", MoveToVersionId: full };
    await refused("UpdateSecretVersionStage", "LimitExceededException", one);
  });

  test("have twenty labels at most", async () => {
    const Name = "labelled";
    await secrets.send("CreateSecret", { Name });
    await refused("GetSecretValue", "ResourceNotFoundException", { SecretId: Name });
    const VersionStages = Array.from({ length: 20 }, (_, n) => `s${n}`);
    const put = { SecretId: Name, SecretString: "x", VersionStages };
    // The first version is the current one besides.
    await refused("PutSecretValue", "LimitExceededException", put);
    const { VersionStages: given } = await secrets.send("PutSecretValue", { ...put, VersionStages: ["mine"] });
    expect(given).toEqual(["mine", "AWSCURRENT"]);
  });
});

describe("a list", () => {
  test("is filtered, sorted and given page by page", async () => {
    const make = (Name: string, Description: string, Tags: { Key: string; Value: string }[] = []) =>
      secrets.send("CreateSecret", { Name, Description, SecretString: "listed", Tags });
    await make("list/a", "Kitchen lamp", [{ Key: "floor", Value: "one" }]);
    await make("list/b", "Hall lamp");
    await make("list/c", "hall camera", [{ Key: "floor", Value: "two" }]);
    const names = async (input: object) =>
      ((await secrets.send("ListSecrets", input)).SecretList ?? []).map(({ Name = "" }) => Name);
    const within = (
      ...more: { Key: "all" | "description" | "name" | "tag-key" | "tag-value"; Values: string[] }[]
    ) => ({
      ...{ SortBy: "name", SortOrder: "asc" },
      Filters: [{ Key: "name", Values: ["list/"] }, ...more],
    });
    expect(await names(within())).toEqual(["list/a", "list/b", "list/c"]);
    expect(await names(within({ Key: "description", Values: ["HALL"] }))).toEqual(["list/b", "list/c"]);
    expect(await names(within({ Key: "tag-key", Values: ["floor"] }, { Key: "tag-value", Values: ["!one"] }))).toEqual([
      "list/c",
    ]);
    expect(await names(within({ Key: "all", Values: ["LAMP"] }))).toEqual(["list/a", "list/b"]);
    expect(await names(within({ Key: "name", Values: ["!list/a"] }))).toEqual(["list/b", "list/c"]);
    await secrets.send("DeleteSecret", { SecretId: "list/b" });
    expect(await names(within())).toEqual(["list/a", "list/c"]);
    expect(await names({ ...within(), IncludePlannedDeletion: true })).toHaveLength(3);

    for (const SortBy of ["name", "created-date", "last-changed-date", "last-accessed-date"] as const) {
      for (const SortOrder of ["asc", "desc"] as const) {
        const whole = await names({ SortBy, SortOrder });
        const paged: string[] = [];
        let NextToken: string | undefined;
        do {
          const page: { SecretList?: readonly { Name?: string }[]; NextToken?: string } = await secrets.send(
            "ListSecrets",
            { SortBy, SortOrder, MaxResults: 3, ...(NextToken !== undefined && { NextToken }) },
          );
          paged.push(...(page.SecretList ?? []).map(({ Name = "" }) => Name));
          NextToken = page.NextToken;
        } while (NextToken !== undefined);
        expect(paged).toEqual(whole);
      }
    }
    await refused("ListSecrets", "InvalidNextTokenException", { NextToken: "none" });

    const batch = await secrets.send("BatchGetSecretValue", { SecretIdList: ["list/a", "list/b", "absent"] });
    expect(batch.SecretValues).toMatchObject([{ Name: "list/a", SecretString: "listed" }]);
    expect(batch.Errors?.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode])).toEqual([
      ["list/b", "InvalidRequestException"],
      ["absent", "ResourceNotFoundException"],
    ]);
    const Filters = [{ Key: "name" as const, Values: ["list/"] }];
    const first = await secrets.send("BatchGetSecretValue", { Filters, MaxResults: 1 });
    expect(first.SecretValues).toHaveLength(1);
    const rest = await secrets.send("BatchGetSecretValue", { Filters, NextToken: first.NextToken ?? "" });
    expect([...(first.SecretValues ?? []), ...(rest.SecretValues ?? [])].map(({ Name }) => Name).sort()).toEqual([
      "list/a",
      "list/c",
    ]);
    await refused("BatchGetSecretValue", "InvalidParameterException", {});
    await refused("BatchGetSecretValue", "InvalidNextTokenException", { Filters, NextToken: "none" });
  });

  test("of tags is changed by TagResource and UntagResource", async () => {
    const { name: SecretId } = await secret({ Tags: [{ Key: "a", Value: "1" }] });
    await secrets.send("TagResource", { SecretId, Tags: [{ Key: "a", Value: "2" }, { Key: "b" }] });
    const tags = async () => (await secrets.send("DescribeSecret", { SecretId })).Tags;
    expect(await tags()).toEqual([
      { Key: "a", Value: "2" },
      { Key: "b", Value: "" },
    ]);
    await secrets.send("UntagResource", { SecretId, TagKeys: ["a", "b", "never there"] });
    expect(await tags()).toBeUndefined();
  });
});

describe("a random password", () => {
  test("has what is asked", async () => {
    const password = async (input: object) => (await secrets.send("GetRandomPassword", input)).RandomPassword ?? "";
    const usual = await password({});
    expect(usual).toHaveLength(32);
    for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^0-9A-Za-z]/]) expect(usual).toMatch(kind);
    const digits = { ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true };
    expect(await password({ ...digits, PasswordLength: 6, ExcludeCharacters: "0" })).toMatch(/^[1-9]{6}$/);
    await refused("GetRandomPassword", "InvalidParameterException", { PasswordLength: 3 });
    await refused("GetRandomPassword", "InvalidRequestException", { ...digits, ExcludeNumbers: true });
  });
});

describe("a key of KMS", () => {
  test("seals the values of a secret, and who may not use it cannot read them", async () => {
    const KmsKeyId = await newKey();
    const { name: SecretId, arn, versionId } = await secret({ KmsKeyId });
    const user = door.as(await door.user("reads", [allow("secretsmanager:GetSecretValue", arn)]));
    const read = (by: Clients) => by.secretsmanager.send("GetSecretValue", { SecretId });
    expect((await secrets.send("DescribeSecret", { SecretId })).KmsKeyId).toBe(KmsKeyId);
    expect((await read(door.root)).SecretString).toBe(`value of ${SecretId}`);
    const denied = await refusalOf(read(user));
    expect(denied).toMatchObject({ name: "AccessDeniedException", message: expect.stringContaining("KMS") });
    // The key's policy sees by which service and for what.
    const bound = {
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${door.file.accountId}:user/reads` },
      Action: "kms:Decrypt",
      Resource: "*",
      Condition: {
        StringEquals: {
          "kms:EncryptionContext:SecretARN": arn,
          "kms:EncryptionContext:SecretVersionId": versionId,
          "kms:ViaService": `secretsmanager.${door.file.region}.amazonaws.com`,
        },
      },
    };
    const { Policy = "" } = await kms.send("GetKeyPolicy", { KeyId: KmsKeyId });
    await kms.send("PutKeyPolicy", { KeyId: KmsKeyId, Policy: policy(...JSON.parse(Policy).Statement, bound) });
    expect((await read(user)).SecretString).toBe(`value of ${SecretId}`);

    await kms.send("DisableKey", { KeyId: KmsKeyId });
    await refused("GetSecretValue", "DecryptionFailure", { SecretId });
    const again = { SecretString: `value of ${SecretId}`, ClientRequestToken: versionId };
    await refused("CreateSecret", "DecryptionFailure", { Name: SecretId, ...again });
    await refused("PutSecretValue", "DecryptionFailure", { SecretId, ...again });
    await refused("UpdateSecret", "DecryptionFailure", { SecretId, ...again });
    await refused("PutSecretValue", "EncryptionFailure", { SecretId, SecretString: "x" });
    await refused("UpdateSecret", "EncryptionFailure", { SecretId, SecretString: "x" });
    await refused("CreateSecret", "EncryptionFailure", { Name: "of-a-bad-key", SecretString: "x", KmsKeyId });
    const KmsKeyOfNobody = KmsKeyId.replace(/[0-9a-f]{12}$/, "0".repeat(12));
    await refused("CreateSecret", "ResourceNotFoundException", { Name: "of-no-key", KmsKeyId: KmsKeyOfNobody });
    await kms.send("EnableKey", { KeyId: KmsKeyId });

    // Under another key the old one is not needed any more.
    await secrets.send("UpdateSecret", { SecretId, KmsKeyId: "" });
    await kms.send("DisableKey", { KeyId: KmsKeyId });
    expect((await read(door.root)).SecretString).toBe(`value of ${SecretId}`);
    expect((await secrets.send("DescribeSecret", { SecretId })).KmsKeyId).toBeUndefined();
  });

  test("of the account serves where no other is named, and nobody changes it", async () => {
    const { name: SecretId } = await secret({ KmsKeyId: "alias/aws/secretsmanager" });
    const { KeyMetadata } = await kms.send("DescribeKey", { KeyId: "alias/aws/secretsmanager" });
    expect(KeyMetadata).toMatchObject({ KeyManager: "AWS", Enabled: true });
    const disabling = await refusalOf(kms.send("DisableKey", { KeyId: KeyMetadata?.KeyId ?? "" }));
    expect(disabling.name).toBe("AccessDeniedException");
    const user = door.as(await door.user("reads-by-default", [allow("secretsmanager:GetSecretValue")]));
    const read = await user.secretsmanager.send("GetSecretValue", { SecretId });
    expect(read.SecretString).toBe(`value of ${SecretId}`);
  });
});

describe("policies", () => {
  const who = (name: string) => ({ AWS: `arn:aws:iam::${door.file.accountId}:user/${name}` });

  test("of the secret and of the user: either allows, a denial of either wins", async () => {
    const { name: SecretId, arn } = await secret();
    const nobody = door.as(await door.user("nobody"));
    const all = door.as(await door.user("all", [allow("secretsmanager:*")]));
    const banned = door.as(
      await door.user("banned", [{ Effect: "Deny", Action: "secretsmanager:GetSecretValue", Resource: "*" }]),
    );
    const read = (by: Clients) => by.secretsmanager.send("GetSecretValue", { SecretId });
    const put = (...statements: object[]) =>
      secrets.send("PutResourcePolicy", { SecretId, ResourcePolicy: policy(...statements) });
    const Action = "secretsmanager:GetSecretValue";
    expect((await refusalOf(read(nobody))).message).toContain(arn);
    await put({ ...allow(Action), Principal: { AWS: [who("nobody").AWS, who("banned").AWS] } });
    expect((await read(nobody)).Name).toBe(SecretId);
    expect((await refusalOf(read(banned))).message).toContain("explicit deny");
    expect((await refusalOf(nobody.secretsmanager.send("DescribeSecret", { SecretId }))).name).toBe(
      "AccessDeniedException",
    );
    // An account does not stand for its users.
    await put({ ...allow(Action), Principal: { AWS: door.file.accountId } });
    expect((await refusalOf(read(nobody))).name).toBe("AccessDeniedException");
    await put({ Effect: "Deny", Action, Resource: "*", Principal: "*" });
    const denied = await refusalOf(read(all));
    expect(denied.message).toContain("explicit deny in a resource-based policy");
    expect((await refusalOf(read(door.root))).name).toBe("AccessDeniedException");
    await secrets.send("DeleteResourcePolicy", { SecretId });
    expect((await read(all)).Name).toBe(SecretId);
    expect(await secrets.send("GetResourcePolicy", { SecretId })).toEqual({ ARN: arn, Name: SecretId });
  });

  test("of another account's user and of the secret must both allow", async () => {
    const KmsKeyId = await newKey(
      policy(
        { ...allow("kms:*"), Principal: { AWS: door.file.accountId } },
        { ...allow("kms:Decrypt"), Principal: { AWS: "222222222222" } },
      ),
    );
    const { arn: SecretId } = await secret({ KmsKeyId });
    const { AccessKey } = await door.root.hearth.send("CreateAccount", { AccountId: "222222222222" });
    const away = door.as({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
    const read = () => away.secretsmanager.send("GetSecretValue", { SecretId });
    expect((await refusalOf(read())).message).toContain("no resource-based policy allows");
    const ResourcePolicy = policy({ ...allow("secretsmanager:GetSecretValue"), Principal: { AWS: "222222222222" } });
    await secrets.send("PutResourcePolicy", { SecretId, ResourcePolicy });
    expect((await read()).ARN).toBe(SecretId);
  });

  test("see the secret's ARN, its tags, the stage and what a request brings", async () => {
    const { name: SecretId, arn } = await secret({ Tags: [{ Key: "home", Value: "1" }] });
    const { name: other } = await secret();
    const user = async (name: string, Action: string, Resource: string, Condition?: object) =>
      door.as(await door.user(name, [{ ...allow(Action, Resource), ...(Condition && { Condition }) }])).secretsmanager;
    const pattern = `${arn.slice(0, -6)}??????`;
    const named = await user("by-name", "secretsmanager:GetSecretValue", pattern);
    expect((await named.send("GetSecretValue", { SecretId })).ARN).toBe(arn);
    expect((await refusalOf(named.send("GetSecretValue", { SecretId: other }))).name).toBe("AccessDeniedException");
    const conditions: [string, object][] = [
      ["by-tag", { "aws:ResourceTag/home": "1" }],
      ["by-own-tag", { "secretsmanager:ResourceTag/home": "1" }],
      ["by-id", { "secretsmanager:SecretId": arn }],
    ];
    for (const [name, StringEquals] of conditions) {
      const client = await user(name, "secretsmanager:GetSecretValue", "*", { StringEquals });
      expect((await client.send("GetSecretValue", { SecretId })).ARN).toBe(arn);
      expect((await refusalOf(client.send("GetSecretValue", { SecretId: other }))).name).toBe("AccessDeniedException");
    }
    await secrets.send("PutSecretValue", { SecretId, SecretString: "pending", VersionStages: ["AWSPENDING"] });
    const staged = await user("by-stage", "secretsmanager:GetSecretValue", "*", {
      StringEquals: { "secretsmanager:VersionStage": "AWSCURRENT" },
    });
    expect((await staged.send("GetSecretValue", { SecretId })).ARN).toBe(arn);
    const pending = staged.send("GetSecretValue", { SecretId, VersionStage: "AWSPENDING" });
    expect((await refusalOf(pending)).name).toBe("AccessDeniedException");
    const maker = await user("maker", "secretsmanager:*", `${arn.slice(0, arn.indexOf("secret:"))}secret:team/*`, {
      StringEquals: { "aws:RequestTag/home": "1" },
    });
    const Tags = [{ Key: "home", Value: "1" }];
    await maker.send("CreateSecret", { Name: "team/a", SecretString: "x", Tags });
    expect((await refusalOf(maker.send("CreateSecret", { Name: "other/a", Tags }))).name).toBe("AccessDeniedException");
    expect((await refusalOf(maker.send("CreateSecret", { Name: "team/b" }))).name).toBe("AccessDeniedException");
    const careful = await user("careful", "secretsmanager:DeleteSecret", "*", {
      NumericGreaterThanEquals: { "secretsmanager:RecoveryWindowInDays": "10" },
    });
    const hasty = careful.send("DeleteSecret", { SecretId, RecoveryWindowInDays: 7 });
    expect((await refusalOf(hasty)).name).toBe("AccessDeniedException");
    await careful.send("DeleteSecret", { SecretId, RecoveryWindowInDays: 10 });
  });

  test("that allow everybody are told apart, and bad ones are refused", async () => {
    const { name: SecretId } = await secret();
    const everybody = policy({ ...allow("secretsmanager:GetSecretValue"), Principal: "*" });
    const narrow = policy({
      ...allow("secretsmanager:GetSecretValue"),
      Principal: "*",
      Condition: { StringEquals: { "aws:PrincipalAccount": "000000000000" } },
    });
    const put = (ResourcePolicy: string) => ({ SecretId, ResourcePolicy, BlockPublicPolicy: true });
    await refused("PutResourcePolicy", "PublicPolicyException", put(everybody));
    await secrets.send("PutResourcePolicy", put(narrow));
    expect((await secrets.send("GetResourcePolicy", { SecretId })).ResourcePolicy).toBe(narrow);
    const validate = (ResourcePolicy: string) => secrets.send("ValidateResourcePolicy", { SecretId, ResourcePolicy });
    expect((await validate(narrow)).PolicyValidationPassed).toBe(true);
    expect((await validate(everybody)).PolicyValidationPassed).toBe(false);
    await refused("PutResourcePolicy", "MalformedPolicyDocumentException", put("{"));
    await refused("ValidateResourcePolicy", "MalformedPolicyDocumentException", put(policy(allow("*"))));
  });

  test("bad ids are refused by every operation that names a secret", async () => {
    const SecretId = "arn:aws:secretsmanager:us-east-1:000000000000:other:x";
    const further: Record<string, object> = {
      PutResourcePolicy: { ResourcePolicy: "{}" },
      PutSecretValue: { SecretString: "x" },
      TagResource: { Tags: [] },
      UntagResource: { TagKeys: [] },
      UpdateSecretVersionStage: { VersionStage: "x" },
      ValidateResourcePolicy: { ResourcePolicy: "{}" },
    };
    for (const operation of [
      ...["DeleteResourcePolicy", "DeleteSecret", "DescribeSecret", "GetResourcePolicy", "GetSecretValue"],
      ...["ListSecretVersionIds", "RestoreSecret", "UpdateSecret", ...Object.keys(further)],
    ]) {
      await refused(operation, "InvalidParameterException", { SecretId, ...further[operation] });
    }
  });
});
