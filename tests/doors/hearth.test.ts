import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allow, type Clients, type Door, expectModelled, openDoor, refusing } from "./door.ts";

let door: Door;
let hearth: Clients["hearth"];
const restored: string[] = [];
beforeAll(async () => {
  door = await openDoor({
    restore: async (path) => void restored.push(path),
    masterKey: Buffer.alloc(32, 7).toString("base64"),
  });
  hearth = door.root.hearth;
});
afterAll(() => door.stop());

const refused = refusing("hearth", () => door.root);

describe("accounts", () => {
  test("are made with a root key of their own", async () => {
    const made = await hearth.send("CreateAccount", { AccountName: "second", AccountId: "111122223333" });
    expect(made).toMatchObject({ AccountId: "111122223333", AccountName: "second" });
    const { AccessKeyId, SecretAccessKey } = made.AccessKey;
    const its = door.as({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey });
    expect(await its.sts.send("GetCallerIdentity", {})).toEqual({
      Account: "111122223333",
      Arn: "arn:aws:iam::111122223333:root",
      UserId: "111122223333",
    });
    const { AccountId } = await hearth.send("CreateAccount", {});
    expect(AccountId).toMatch(/^[0-9]{12}$/);
    const { Accounts } = await hearth.send("ListAccounts", {});
    expect(Accounts.map((account) => account.AccountId).sort()).toEqual(
      [door.file.accountId, "111122223333", AccountId].sort(),
    );
    expect(JSON.stringify(Accounts)).not.toContain(SecretAccessKey);
    await refused("CreateAccount", "ConflictException", { AccountId: "111122223333" });
    // The installation's accounts are its operator's business.
    for (const operation of ["CreateAccount", "ListAccounts"]) {
      await refused(operation, "AccessDeniedException", {}, its);
    }
  });

  test("are not for a user, whatever its policy says", async () => {
    const user = door.as(await door.user("ambitious", [allow("*")]));
    for (const operation of ["CreateAccount", "ListAccounts"])
      await refused(operation, "AccessDeniedException", {}, user);
  });
});

describe("backups", () => {
  test("are made under a name, once", async () => {
    const { Path, SizeBytes } = await hearth.send("CreateBackup", { Name: "before" });
    expect(existsSync(Path)).toBe(true);
    expect(SizeBytes).toBeGreaterThan(0);
    await refused("CreateBackup", "ConflictException", { Name: "before" });
    expect(await hearth.send("RestoreBackup", { Name: "before" })).toEqual({ Path });
    expect(restored).toEqual([Path]);
    await refused("RestoreBackup", "ResourceNotFoundException", { Name: "never-made" });
  });

  test("are not taken over by a platform that is a part of another program", async () => {
    const embedded = await openDoor();
    try {
      const attempt = embedded.root.hearth.send("RestoreBackup", { Name: "any" });
      await expectModelled("hearth", "RestoreBackup", "ConflictException", attempt);
    } finally {
      await embedded.stop();
    }
  });

  test("stay in their directory", async () => {
    for (const Name of ["../x", "..", ".", "a/b", "/etc/x"]) {
      await refused("CreateBackup", "ValidationException", { Name });
    }
  });

  test("are not another account's", async () => {
    const { AccessKey } = await hearth.send("CreateAccount", {});
    const its = door.as({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
    await refused("CreateBackup", "AccessDeniedException", { Name: "theirs" }, its);
    await refused("RestoreBackup", "AccessDeniedException", { Name: "before" }, its);
  });
});

test("a master key that is configured is not rotated", async () => {
  const { message } = await refused("RotateMasterKey", "ConflictException", {});
  expect(message).toContain("HEARTH_MASTER_KEY");
});
