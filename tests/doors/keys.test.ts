import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allow, type Clients, type Door, openDoor, policy, refusalOf, refusing } from "./door.ts";

let door: Door;
let kms: Clients["kms"];
beforeAll(async () => {
  door = await openDoor();
  kms = door.root.kms;
});
afterAll(() => door.stop());

const refused = refusing("kms", () => door.root);
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value);
const account = () => door.file.accountId;
const rootStatement = (Action: string | string[] = "kms:*") => ({
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${account()}:root` },
  Action,
  Resource: "*",
});

async function newKey(Policy?: string): Promise<string> {
  const { KeyMetadata } = await kms.send("CreateKey", { Description: "of a test", ...(Policy ? { Policy } : {}) });
  return KeyMetadata?.Arn ?? "";
}

describe("keys", () => {
  test("are made enabled, described, and listed page by page", async () => {
    const { KeyMetadata } = await kms.send("CreateKey", { Description: "mine" });
    expect(KeyMetadata).toMatchObject({
      AWSAccountId: account(),
      Description: "mine",
      Enabled: true,
      KeyState: "Enabled",
      KeySpec: "SYMMETRIC_DEFAULT",
      KeyUsage: "ENCRYPT_DECRYPT",
    });
    expect(KeyMetadata?.Arn).toBe(`arn:aws:kms:${door.file.region}:${account()}:key/${KeyMetadata?.KeyId}`);
    expect((await kms.send("DescribeKey", { KeyId: KeyMetadata?.KeyId ?? "" })).KeyMetadata).toEqual(KeyMetadata);
    await newKey();
    const all: string[] = [];
    let Marker: string | undefined;
    do {
      const page: { Keys?: readonly { KeyArn?: string }[]; NextMarker?: string } = await kms.send("ListKeys", {
        Limit: 1,
        ...(Marker ? { Marker } : {}),
      });
      expect(page.Keys).toHaveLength(1);
      all.push(...(page.Keys ?? []).map(({ KeyArn = "" }) => KeyArn));
      Marker = page.NextMarker;
    } while (Marker);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain(KeyMetadata?.Arn);
  });

  test("of other kinds are refused", async () => {
    for (const input of [{ KeySpec: "RSA_2048" }, { KeyUsage: "SIGN_VERIFY" }, { MultiRegion: true }]) {
      expect(await refusalOf(kms.send("CreateKey", input))).toMatchObject({ name: "UnsupportedOperationException" });
    }
  });

  test("encrypt under an encryption context, and decrypt under the same one only", async () => {
    const KeyId = await newKey();
    const EncryptionContext = { home: "1", room: "2" };
    const { CiphertextBlob } = await kms.send("Encrypt", { KeyId, Plaintext: bytes("secret"), EncryptionContext });
    expect(text(CiphertextBlob)).not.toContain("secret");
    const opened = await kms.send("Decrypt", { CiphertextBlob, EncryptionContext: { room: "2", home: "1" } });
    expect(text(opened.Plaintext)).toBe("secret");
    expect(opened.KeyId).toBe(KeyId);
    const wrong: Record<string, string>[] = [
      {},
      { home: "1" },
      { home: "1", room: "3" },
      { home: "1", room: "2", more: "" },
    ];
    for (const other of wrong) {
      const refusal = await refusalOf(kms.send("Decrypt", { CiphertextBlob, EncryptionContext: other }));
      expect(refusal.name).toBe("InvalidCiphertextException");
    }
    const KeyIdOfAnother = await newKey();
    const input = { CiphertextBlob, EncryptionContext, KeyId: KeyIdOfAnother };
    expect((await refusalOf(kms.send("Decrypt", input))).name).toBe("IncorrectKeyException");
    const changed = new Uint8Array(CiphertextBlob ?? []);
    changed[changed.length - 1]! ^= 1;
    const tampered = await refusalOf(kms.send("Decrypt", { CiphertextBlob: changed, EncryptionContext }));
    expect(tampered.name).toBe("InvalidCiphertextException");
  });

  test("make data keys, with their plaintext and without", async () => {
    const KeyId = await newKey();
    const made = await kms.send("GenerateDataKey", { KeyId, KeySpec: "AES_256" });
    expect(made.Plaintext).toHaveLength(32);
    expect((await kms.send("Decrypt", { CiphertextBlob: made.CiphertextBlob })).Plaintext).toEqual(made.Plaintext);
    const without = await kms.send("GenerateDataKeyWithoutPlaintext", { KeyId, NumberOfBytes: 24 });
    expect(without).not.toHaveProperty("Plaintext");
    expect((await kms.send("Decrypt", { CiphertextBlob: without.CiphertextBlob })).Plaintext).toHaveLength(24);
    expect((await refusalOf(kms.send("GenerateDataKey", { KeyId }))).name).toBe("ValidationException");
    const dry = await refusalOf(kms.send("GenerateDataKey", { KeyId, KeySpec: "AES_128", DryRun: true }));
    expect(dry.name).toBe("DryRunOperationException");
  });

  test("re-encrypt from one to another without showing what it is", async () => {
    const [KeyId, DestinationKeyId] = [await newKey(), await newKey()];
    const { CiphertextBlob } = await kms.send("Encrypt", {
      KeyId,
      Plaintext: bytes("secret"),
      EncryptionContext: { of: "a" },
    });
    const moved = await kms.send("ReEncrypt", {
      CiphertextBlob,
      SourceEncryptionContext: { of: "a" },
      DestinationKeyId,
      DestinationEncryptionContext: { of: "b" },
    });
    expect(moved).toMatchObject({ SourceKeyId: KeyId, KeyId: DestinationKeyId });
    await kms.send("DisableKey", { KeyId });
    const { CiphertextBlob: target } = moved;
    const opened = await kms.send("Decrypt", { CiphertextBlob: target, EncryptionContext: { of: "b" } });
    expect(text(opened.Plaintext)).toBe("secret");
    expect((await refusalOf(kms.send("Decrypt", { CiphertextBlob: target }))).name).toBe("InvalidCiphertextException");
  });

  test("are of no use while they are disabled or wait for their deletion", async () => {
    const KeyId = await newKey();
    const encrypt = () => kms.send("Encrypt", { KeyId, Plaintext: bytes("x") });
    await kms.send("DisableKey", { KeyId });
    expect((await refusalOf(encrypt())).name).toBe("DisabledException");
    await kms.send("EnableKey", { KeyId });
    await encrypt();
    const scheduled = await kms.send("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: 7 });
    expect(scheduled).toMatchObject({ KeyState: "PendingDeletion", PendingWindowInDays: 7 });
    expect((await refusalOf(encrypt())).name).toBe("KMSInvalidStateException");
    expect((await refusalOf(kms.send("EnableKey", { KeyId }))).name).toBe("KMSInvalidStateException");
    await kms.send("CancelKeyDeletion", { KeyId });
    expect((await kms.send("DescribeKey", { KeyId })).KeyMetadata?.KeyState).toBe("Disabled");
    expect((await refusalOf(kms.send("CancelKeyDeletion", { KeyId }))).name).toBe("KMSInvalidStateException");
    expect((await refusalOf(kms.send("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: 6 }))).name).toBe(
      "ValidationException",
    );
  });

  test("that do not exist are not found", async () => {
    for (const KeyId of ["00000000-0000-0000-0000-000000000000", "alias/none"]) {
      expect((await refusalOf(kms.send("DescribeKey", { KeyId }))).name).toBe("NotFoundException");
    }
  });
});

describe("a key policy", () => {
  test("is asked beside the caller's own policies, and its conditions see the encryption context", async () => {
    const statements = [
      rootStatement(["kms:PutKeyPolicy", "kms:Encrypt"]),
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account()}:user/reader` },
        Action: "kms:Decrypt",
        Resource: "*",
        Condition: { StringEquals: { "kms:EncryptionContext:home": "1" } },
      },
    ];
    const reader = door.as(await door.user("reader", [allow("kms:Decrypt")]));
    const other = door.as(await door.user("other", [allow("kms:Decrypt")]));
    const KeyId = await newKey(policy(...statements));
    const encrypted = (home: string) =>
      kms.send("Encrypt", { KeyId, Plaintext: bytes("x"), EncryptionContext: { home } });
    const decrypt = async (by: Clients, home: string) => {
      const { CiphertextBlob } = await encrypted(home);
      return by.kms.send("Decrypt", { CiphertextBlob, EncryptionContext: { home } });
    };
    expect(text((await decrypt(reader, "1")).Plaintext)).toBe("x");
    expect((await refusalOf(decrypt(reader, "2"))).name).toBe("AccessDeniedException");
    expect((await refusalOf(decrypt(other, "1"))).message).toContain("the key policy does not allow it");
    // Not even the account's root, which the key trusts with less.
    expect((await refusalOf(kms.send("DescribeKey", { KeyId }))).name).toBe("AccessDeniedException");
  });

  test("is read and replaced, but not by one that locks its author out", async () => {
    const KeyId = await newKey();
    const before = await kms.send("GetKeyPolicy", { KeyId });
    expect(JSON.parse(before.Policy ?? "").Statement[0].Principal.AWS).toBe(`arn:aws:iam::${account()}:root`);
    const less = policy(rootStatement(["kms:GetKeyPolicy", "kms:PutKeyPolicy"]));
    await kms.send("PutKeyPolicy", { KeyId, Policy: less });
    expect((await kms.send("GetKeyPolicy", { KeyId })).Policy).toBe(less);
    expect((await refusalOf(kms.send("DisableKey", { KeyId }))).name).toBe("AccessDeniedException");
    for (const Policy of ["{", policy(rootStatement("kms:GetKeyPolicy"))]) {
      const refusal = await refusalOf(kms.send("PutKeyPolicy", { KeyId, Policy }));
      expect(refusal.name).toBe("MalformedPolicyDocumentException");
    }
  });
});

describe("every operation on a key", () => {
  test("refuses what is not there, is disabled, or waits for its deletion", async () => {
    const [KeyId, used] = [await newKey(), await newKey()];
    const { CiphertextBlob } = await kms.send("Encrypt", { KeyId: used, Plaintext: bytes("x") });
    const ofNobody = Uint8Array.from(CiphertextBlob ?? [], (byte, at) => (at > 0 && at < 17 ? 0 : byte));
    const absent = { KeyId: "00000000-0000-0000-0000-000000000000" };
    const Policy = policy(rootStatement());
    const byKey: [string, Record<string, unknown>][] = [
      ["CancelKeyDeletion", {}],
      ["DisableKey", {}],
      ["EnableKey", {}],
      ["Encrypt", { Plaintext: bytes("x") }],
      ["GenerateDataKey", { KeySpec: "AES_256" }],
      ["GenerateDataKeyWithoutPlaintext", { KeySpec: "AES_256" }],
      ["GetKeyPolicy", {}],
      ["PutKeyPolicy", { Policy }],
      ["ScheduleKeyDeletion", {}],
    ];
    for (const [operation, input] of byKey) await refused(operation, "NotFoundException", { ...input, ...absent });
    await refused("Decrypt", "NotFoundException", { CiphertextBlob: ofNobody });
    await refused("ReEncrypt", "NotFoundException", { CiphertextBlob, DestinationKeyId: absent.KeyId });

    const byUse: [string, Record<string, unknown>][] = [
      ["Decrypt", { CiphertextBlob }],
      ["GenerateDataKey", { KeyId: used, KeySpec: "AES_256" }],
      ["GenerateDataKeyWithoutPlaintext", { KeyId: used, KeySpec: "AES_256" }],
      ["ReEncrypt", { CiphertextBlob, DestinationKeyId: KeyId }],
    ];
    const dry: [string, Record<string, unknown>][] = [...byUse, ["Encrypt", { KeyId, Plaintext: bytes("x") }]];
    for (const [operation, input] of dry) {
      await refused(operation, "DryRunOperationException", { ...input, DryRun: true });
    }
    const algorithm = { EncryptionAlgorithm: "RSAES_OAEP_SHA_1" };
    await refused("Decrypt", "InvalidKeyUsageException", { CiphertextBlob, ...algorithm });
    await refused("Encrypt", "InvalidKeyUsageException", { KeyId, Plaintext: bytes("x"), ...algorithm });
    const reEncrypt = { CiphertextBlob, DestinationKeyId: KeyId };
    const SourceEncryptionAlgorithm = algorithm.EncryptionAlgorithm;
    await refused("ReEncrypt", "InvalidKeyUsageException", { ...reEncrypt, SourceEncryptionAlgorithm });
    await refused("ReEncrypt", "IncorrectKeyException", { ...reEncrypt, SourceKeyId: KeyId });
    const SourceEncryptionContext = { of: "another" };
    await refused("ReEncrypt", "InvalidCiphertextException", { ...reEncrypt, SourceEncryptionContext });
    await refused("CreateKey", "MalformedPolicyDocumentException", { Policy: "{" });

    await kms.send("DisableKey", { KeyId: used });
    for (const [operation, input] of byUse) await refused(operation, "DisabledException", input);
    await kms.send("ScheduleKeyDeletion", { KeyId: used, PendingWindowInDays: 7 });
    const waiting: [string, Record<string, unknown>][] = [
      ...byUse,
      ["DisableKey", { KeyId: used }],
      ["PutKeyPolicy", { KeyId: used, Policy }],
      ["ScheduleKeyDeletion", { KeyId: used }],
    ];
    for (const [operation, input] of waiting) await refused(operation, "KMSInvalidStateException", input);
  });
});
