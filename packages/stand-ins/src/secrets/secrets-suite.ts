import { createTimers, type Database, type Sealer } from "@hearth/backplane";
import { FakeClock, silentLogger } from "@hearth/base";
import type { RequestContext } from "@hearth/contract";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createKeys, type Keys } from "../keys/keys.ts";
import { DAY_MS } from "./secret.ts";
import { createSecrets, type Secrets } from "./secrets.ts";

const SERVICE = "iotmanagedintegrations.amazonaws.com";
const ACTION = "secretsmanager:GetSecretValue";

let accounts = 0;

/** Rules of secrets that need a store, a clock that is moved, and services that read. */
export function secretsSuite(store: { database: Database; sealer: Sealer }): void {
  describe("secrets", () => {
    let clock: FakeClock;
    let context: RequestContext;
    let timers: ReturnType<typeof createTimers>;
    let keys: Keys;
    let secrets: Secrets;
    beforeEach(async () => {
      clock = new FakeClock();
      const accountId = String(++accounts).padStart(12, "7");
      const principal = {
        type: "Root",
        accountId,
        arn: `arn:aws:iam::${accountId}:root`,
        principalId: accountId,
        accessKeyId: "",
      };
      context = { accountId, region: "us-east-1", principal, authorize: async () => {} } as unknown as RequestContext;
      timers = createTimers({ ...store, clock, log: silentLogger });
      keys = createKeys({ ...store, clock });
      secrets = createSecrets({ ...store, clock, timers, keys, rightsOf: async () => () => undefined });
      await timers.start();
    });
    afterEach(() => timers.stop());

    type Call = {
      [Name in keyof Secrets["operations"]]: Parameters<NonNullable<Secrets["operations"][Name]>["handle"]>[0];
    };
    const send = (operation: keyof Call, input: object): Promise<Record<string, unknown>> => {
      const binding = secrets.operations[operation] as {
        handle(input: unknown, request: unknown): Promise<Record<string, unknown>>;
      };
      return binding.handle(input, { ...context, now: clock.now() });
    };
    const refusal = (promise: Promise<unknown>): Promise<string> =>
      promise.then(
        () => "nothing",
        (error: Error) => error.name,
      );
    const rows = async (): Promise<number> => {
      const sql = "SELECT COUNT(*) AS versions FROM secret_version WHERE account_id = ?";
      const found = await store.database.query<{ versions: number }>(sql, [context.accountId]);
      return Number(found[0]?.versions);
    };

    test("one that waits for its deletion goes with all its versions when its time has come, a restored one stays", async () => {
      for (const Name of ["goes", "stays"]) {
        await send("CreateSecret", { Name, SecretString: "a" });
        await send("PutSecretValue", { SecretId: Name, SecretString: "b" });
        await send("DeleteSecret", { SecretId: Name, RecoveryWindowInDays: 7 });
      }
      await send("RestoreSecret", { SecretId: "stays" });
      clock.advance(7 * DAY_MS - 1);
      expect(await refusal(send("DescribeSecret", { SecretId: "goes" }))).toBe("nothing");
      clock.advance(1);
      await expect.poll(() => refusal(send("DescribeSecret", { SecretId: "goes" }))).toBe("ResourceNotFoundException");
      clock.advance(60 * DAY_MS);
      expect(await refusal(send("GetSecretValue", { SecretId: "stays" }))).toBe("nothing");
      expect(await rows()).toBe(2);
    });

    test("the oldest versions without a stage go after a day, so that there are never more than a hundred", async () => {
      await send("CreateSecret", { Name: "busy", SecretString: "0" });
      for (let n = 1; n < 100; n++) await send("PutSecretValue", { SecretId: "busy", SecretString: String(n) });
      const put = () => send("PutSecretValue", { SecretId: "busy", SecretString: "100" });
      expect(await refusal(put())).toBe("LimitExceededException");
      expect(await refusal(send("UpdateSecret", { SecretId: "busy", SecretString: "x" }))).toBe(
        "LimitExceededException",
      );
      clock.advance(DAY_MS);
      await put();
      expect(await rows()).toBe(100);
      expect(await send("GetSecretValue", { SecretId: "busy" })).toMatchObject({ SecretString: "100" });
      expect(await send("GetSecretValue", { SecretId: "busy", VersionStage: "AWSPREVIOUS" })).toMatchObject({
        SecretString: "99",
      });
    });

    test("writers that meet leave one current version", async () => {
      await send("CreateSecret", { Name: "met", SecretString: "x" });
      const puts = Array.from({ length: 5 }, (_, n) =>
        send("PutSecretValue", { SecretId: "met", SecretString: String(n) }),
      );
      await Promise.all(puts);
      const { VersionIdsToStages } = await send("DescribeSecret", { SecretId: "met" });
      expect(
        Object.values(VersionIdsToStages as Record<string, string[]>)
          .flat()
          .sort(),
      ).toEqual(["AWSCURRENT", "AWSPREVIOUS"]);
      const creates = Array.from({ length: 3 }, () =>
        refusal(send("CreateSecret", { Name: "one", SecretString: "x" })),
      );
      expect((await Promise.all(creates)).sort()).toEqual([
        "ResourceExistsException",
        "ResourceExistsException",
        "nothing",
      ]);
    });

    test("the day of the last access is kept", async () => {
      await send("CreateSecret", { Name: "read", SecretString: "x" });
      const day = async () => (await send("DescribeSecret", { SecretId: "read" }))["LastAccessedDate"];
      expect(await day()).toBeUndefined();
      for (const move of [0, DAY_MS]) {
        clock.advance(move);
        await send("GetSecretValue", { SecretId: "read" });
        expect(await day()).toBe(Math.floor(clock.now() / DAY_MS) * 86_400);
      }
    });

    test("values are sealed where they are stored", async () => {
      await send("CreateSecret", { Name: "sealed", SecretString: "PLANTED-5F7C1A" });
      const sql = "SELECT value, data_key FROM secret_version WHERE account_id = ?";
      const [row] = await store.database.query<{ value: Uint8Array; data_key: Uint8Array }>(sql, [context.accountId]);
      for (const bytes of [row?.value, row?.data_key]) {
        expect(Buffer.from(bytes ?? []).includes("PLANTED")).toBe(false);
        expect(bytes?.length).toBeGreaterThan(20);
      }
    });

    describe("a service", () => {
      const statement = (Condition?: object) => ({
        Effect: "Allow",
        Principal: { Service: SERVICE },
        Action: ACTION,
        Resource: "*",
        ...(Condition && { Condition }),
      });
      const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
      let arn: string;
      let versionId: string;
      let keyId: string;
      const association = () => `arn:aws:iotmanagedintegrations:us-east-1:${context.accountId}:account-association/a1`;
      const caller = () => ({ service: SERVICE, sourceAccount: context.accountId, sourceArn: association() });
      const read = (more: object = {}) =>
        secrets.read({ account: context.accountId, region: "us-east-1", secretArn: arn, caller: caller(), ...more });
      const putPolicy = (...statements: object[]) =>
        send("PutResourcePolicy", { SecretId: arn, ResourcePolicy: document(...statements) });
      const kms = (operation: "CreateKey" | "DisableKey" | "PutKeyPolicy", input: object) =>
        (keys.operations[operation] as { handle(input: object, request: unknown): Promise<object> }).handle(input, {
          ...context,
          now: clock.now(),
        });
      beforeEach(async () => {
        const own = { Effect: "Allow", Principal: { AWS: context.accountId }, Action: "kms:*", Resource: "*" };
        const use = {
          ...statement({ StringEquals: { "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com" } }),
          Action: "kms:Decrypt",
        };
        const made = (await kms("CreateKey", { Policy: document(own, use) })) as { KeyMetadata: { KeyId: string } };
        keyId = made.KeyMetadata.KeyId;
        const created = await send("CreateSecret", { Name: "vendor/oauth", SecretString: "s1", KmsKeyId: keyId });
        arn = String(created["ARN"]);
        versionId = String(created["VersionId"]);
        await putPolicy(statement({ ArnLike: { "aws:SourceArn": association() } }));
      });

      test("reads what the secret's policy allows it, for the resource that the policy names", async () => {
        expect(await read()).toEqual({ outcome: "read", text: "s1", versionId });
        expect(await read({ secretArn: arn.slice(0, -7) })).toMatchObject({ outcome: "read" });
        await send("PutSecretValue", { SecretId: arn, SecretBinary: new Uint8Array([1]) });
        expect(await read()).toMatchObject({ outcome: "read", bytes: new Uint8Array([1]) });
        expect(await read({ versionId })).toMatchObject({ text: "s1" });
        expect(await read({ versionStage: "AWSPREVIOUS" })).toMatchObject({ text: "s1" });
        const others = [
          { ...caller(), sourceArn: `${association()}2` },
          { ...caller(), service: "other.amazonaws.com" },
          { service: SERVICE, sourceAccount: context.accountId },
        ];
        for (const other of others) expect(await read({ caller: other })).toMatchObject({ outcome: "denied" });
        await putPolicy(statement({ StringEquals: { "aws:SourceAccount": context.accountId } }));
        expect(await read()).toMatchObject({ outcome: "read" });
        const away = { ...caller(), sourceAccount: "111111111111" };
        expect(await read({ caller: away })).toMatchObject({ outcome: "denied" });
        await putPolicy(statement(), { ...statement(), Effect: "Deny", Principal: "*", Resource: arn });
        expect(await read()).toMatchObject({ outcome: "read" });
        await putPolicy(statement(), { ...statement(), Effect: "Deny" });
        expect(await read()).toMatchObject({ outcome: "denied" });
      });

      test("is told why it cannot read", async () => {
        for (const secretArn of ["arn:aws:secretsmanager:us-east-1:1:other", `${arn.slice(0, -6)}AAAAAA`]) {
          expect(await read({ secretArn })).toMatchObject({ outcome: "not-found" });
        }
        expect(await read({ versionId: "0".repeat(32) })).toMatchObject({ outcome: "not-found" });
        await send("DeleteResourcePolicy", { SecretId: arn });
        expect(await read()).toMatchObject({
          outcome: "denied",
          message: expect.stringContaining("PutResourcePolicy"),
        });
        await putPolicy(statement());
        await send("DeleteSecret", { SecretId: arn });
        expect(await read()).toMatchObject({ outcome: "deleted" });
        await send("RestoreSecret", { SecretId: arn });
        await kms("DisableKey", { KeyId: keyId });
        expect(await read()).toMatchObject({ outcome: "key-unusable", message: expect.stringContaining("disabled") });
        const { ARN } = await send("CreateSecret", { Name: "by-default", SecretString: "s1" });
        await send("PutResourcePolicy", { SecretId: ARN, ResourcePolicy: document(statement()) });
        const byDefault = await read({ secretArn: ARN });
        expect(byDefault).toMatchObject({ outcome: "key-unusable", message: expect.stringContaining("default key") });
        expect(JSON.stringify(byDefault)).not.toContain("s1");
      });
    });
  });
}
