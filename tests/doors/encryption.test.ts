import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../walk/fleet.ts";
import { allow, type Clients, type Door, expectModelled, openDoor, policy, refusalOf } from "./door.ts";

const SERVICE = "iot-managed-integrations";
const CUSTOMER = "CUSTOMER_KEY_ENCRYPTION";
const DEFAULT = "MANAGED_INTEGRATIONS_DEFAULT_ENCRYPTION";
const CONTEXT = "aws-crypto-ec:iotmanagedintegrations";

let door: Door;
let managed: Clients[typeof SERVICE];
let kms: Clients["kms"];
let thingId: string;
beforeAll(async () => {
  door = await openDoor();
  ({ kms } = door.root);
  managed = door.root[SERVICE];
  thingId = await newThing("SERIAL1");
  await managed.send("CreateProvisioningProfile", {
    ProvisioningType: "FLEET_PROVISIONING",
    Name: "profile",
    Tags: { of: "profile" },
  });
  await managed.send("CreateCredentialLocker", { Name: "locker" });
});
afterAll(() => door.stop());

const account = () => door.file.accountId;

async function newThing(serial: string): Promise<string> {
  const { Id = "" } = await managed.send("CreateManagedThing", {
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: `SN:${serial};UPC:829576019524;`,
    CapabilityReport: { version: "1.0.0", endpoints: [] },
  });
  return Id;
}

/** What the reference asks of a key's policy (13.1): the service by name, under context and source; the root for all else. */
const keyPolicy = (context = account(), ...others: object[]) =>
  policy(
    { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account()}:root` }, Action: "kms:*", Resource: "*" },
    {
      Effect: "Allow",
      Principal: { Service: "iotmanagedintegrations.amazonaws.com" },
      Action: ["kms:GenerateDataKeyWithoutPlaintext", "kms:Decrypt", "kms:ReEncrypt*"],
      Resource: "*",
      Condition: {
        "ForAnyValue:StringEquals": { [`kms:EncryptionContext:${CONTEXT}`]: context },
        ArnLike: {
          "aws:SourceArn": [
            `arn:aws:iotmanagedintegrations:${door.file.region}:${account()}:managed-thing/*`,
            `arn:aws:iotmanagedintegrations:${door.file.region}:${account()}:credential-locker/*`,
          ],
        },
      },
    },
    ...others,
  );

const newKey = async (Policy = keyPolicy()): Promise<string> =>
  (await kms.send("CreateKey", { Policy })).KeyMetadata?.Arn ?? "";

const configured = () => managed.send("GetDefaultEncryptionConfiguration", {});
const settled = () =>
  eventually("the end of the switch", async () => {
    const answer = await configured();
    return answer.configurationStatus?.state === "UPDATE_IN_PROGRESS" ? undefined : answer;
  });

async function switchTo(kmsKeyArn?: string) {
  const input = kmsKeyArn ? ({ encryptionType: CUSTOMER, kmsKeyArn } as const) : ({ encryptionType: DEFAULT } as const);
  const answer = await managed.send("PutDefaultEncryptionConfiguration", input);
  expect(answer).toEqual({ ...input, configurationStatus: { state: "UPDATE_IN_PROGRESS" } });
  return settled();
}

const serial = async () => (await managed.send("GetManagedThing", { Identifier: thingId })).SerialNumber;

/** What wraps the keys that stored rows are under. */
function wrappings(): Set<string> {
  const database = new Sqlite(join(door.dataDir, "hearth.db"), { readonly: true });
  const keys = new Map(
    (database.prepare("SELECT id, wrapping FROM data_key").all() as { id: string; wrapping: string }[]).map(
      ({ id, wrapping }) => [id, wrapping],
    ),
  );
  const columns = {
    managed_thing: ["details", "capability_report_sealed"],
    provisioning_profile: ["tags"],
    credential_locker: ["details"],
  };
  const found = Object.entries(columns).flatMap(([table, names]) =>
    names.flatMap((name) =>
      (database.prepare(`SELECT ${name} AS sealed FROM ${table}`).all() as { sealed: Buffer }[]).map(
        ({ sealed }) => keys.get(sealed.toString("hex", 1, 9)) ?? "nothing known",
      ),
    ),
  );
  database.close();
  return new Set(found);
}

const denied = async (answer: Promise<unknown>, key: string) => {
  const { name, message } = await refusalOf(answer);
  expect(name).toBe("AccessDeniedException");
  expect(message).toContain(key);
};

describe("row 105: a customer's key", () => {
  test("is switched to and back while everything stays readable, and what is stored follows", async () => {
    expect(await configured()).toEqual({ encryptionType: DEFAULT, configurationStatus: { state: "ENABLED" } });
    expect(wrappings()).toEqual(new Set(["platform"]));
    const key = await newKey();
    const enabled = { encryptionType: CUSTOMER, kmsKeyArn: key, configurationStatus: { state: "ENABLED" } };
    expect(await switchTo(key)).toEqual(enabled);
    expect(await serial()).toBe("SERIAL1");
    expect(wrappings()).toEqual(new Set([key]));
    await newThing("SERIAL2");
    expect(wrappings()).toEqual(new Set([key]));
    // Asked for again it is no switch.
    const again = await managed.send("PutDefaultEncryptionConfiguration", { encryptionType: CUSTOMER, kmsKeyArn: key });
    expect(again).toEqual(enabled);

    expect(await switchTo()).toEqual({ encryptionType: DEFAULT, configurationStatus: { state: "ENABLED" } });
    expect(wrappings()).toEqual(new Set(["platform"]));
    await kms.send("DisableKey", { KeyId: key });
    expect(await serial()).toBe("SERIAL1");
  });

  test("stops reads and writes while it is disabled, to be deleted, or its policy is withdrawn", async () => {
    const key = await newKey();
    await switchTo(key);
    const revoked = async () => {
      await denied(serial(), key);
      await denied(managed.send("ListManagedThings", {}), key);
      await denied(managed.send("UpdateManagedThing", { Identifier: thingId, Name: "new" }), key);
      await denied(newThing("SERIAL3"), key);
      await denied(managed.send("GetManagedThingState", { ManagedThingId: thingId }), key);
    };
    await kms.send("DisableKey", { KeyId: key });
    await revoked();
    await kms.send("EnableKey", { KeyId: key });
    expect(await serial()).toBe("SERIAL1");

    await kms.send("ScheduleKeyDeletion", { KeyId: key });
    await revoked();
    await kms.send("CancelKeyDeletion", { KeyId: key });
    await kms.send("EnableKey", { KeyId: key });

    const onlyRoot = { Effect: "Allow", Principal: { AWS: account() }, Action: "kms:*", Resource: "*" };
    await kms.send("PutKeyPolicy", { KeyId: key, Policy: policy(onlyRoot) });
    await revoked();
    await kms.send("PutKeyPolicy", { KeyId: key, Policy: keyPolicy() });
    expect(await serial()).toBe("SERIAL1");
    await switchTo();
  });

  test("opens under the account's encryption context only", async () => {
    const key = await newKey();
    await switchTo(key);
    const database = new Sqlite(join(door.dataDir, "hearth.db"), { readonly: true });
    const sql = "SELECT wrapped FROM data_key WHERE current = 1";
    const { wrapped: CiphertextBlob } = database.prepare(sql).get() as { wrapped: Uint8Array };
    database.close();
    const decrypt = (of: string) => kms.send("Decrypt", { CiphertextBlob, EncryptionContext: { [CONTEXT]: of } });
    expect((await decrypt(account())).Plaintext).toHaveLength(32);
    expect((await refusalOf(decrypt("999999999999"))).name).toBe("InvalidCiphertextException");
    expect((await refusalOf(kms.send("Decrypt", { CiphertextBlob }))).name).toBe("InvalidCiphertextException");

    await kms.send("PutKeyPolicy", { KeyId: key, Policy: keyPolicy("999999999999") });
    await denied(serial(), key);
    await kms.send("PutKeyPolicy", { KeyId: key, Policy: keyPolicy() });
    await switchTo();
    const other = await newKey(keyPolicy("999999999999"));
    await denied(
      managed.send("PutDefaultEncryptionConfiguration", { encryptionType: CUSTOMER, kmsKeyArn: other }),
      other,
    );
    expect((await configured()).encryptionType).toBe(DEFAULT);
  });

  test("that is revoked before its rows are under another fails the switch, which may be asked for again", async () => {
    const [first, second] = [await newKey(), await newKey()];
    await switchTo(first);
    await kms.send("DisableKey", { KeyId: first });
    const failed = await switchTo(second);
    expect(failed).toMatchObject({
      encryptionType: CUSTOMER,
      kmsKeyArn: second,
      configurationStatus: { state: "UPDATE_FAILED", error: { code: "AccessDeniedException" } },
    });
    expect(failed.configurationStatus?.error?.message).toContain("is_disabled");
    await denied(serial(), first);
    await kms.send("EnableKey", { KeyId: first });
    expect((await switchTo(second)).configurationStatus).toEqual({ state: "ENABLED" });
    await kms.send("DisableKey", { KeyId: first });
    expect(await serial()).toBe("SERIAL1");
    expect(wrappings()).toEqual(new Set([second]));
    await switchTo();
  });

  test("must be there, enabled, named, and one that the caller may describe", async () => {
    const put = (input: object, by = managed) => by.send("PutDefaultEncryptionConfiguration", input as never);
    const refused = (error: string, input: object) =>
      expectModelled(SERVICE, "PutDefaultEncryptionConfiguration", error, put(input));
    const key = await newKey();
    await refused("ValidationException", { encryptionType: CUSTOMER });
    await refused("ValidationException", { encryptionType: DEFAULT, kmsKeyArn: key });
    await refused("ValidationException", {
      encryptionType: CUSTOMER,
      kmsKeyArn: key.replace(account(), "999999999999"),
    });
    await refused("ResourceNotFoundException", {
      encryptionType: CUSTOMER,
      kmsKeyArn: `${key.slice(0, -1)}!`.replace("!", "f0"),
    });
    await kms.send("DisableKey", { KeyId: key });
    await refused("ValidationException", { encryptionType: CUSTOMER, kmsKeyArn: key });

    const user = door.as(await door.user("chooser", [allow("iotmanagedintegrations:*")]))[SERVICE];
    const closed = await newKey();
    await denied(put({ encryptionType: CUSTOMER, kmsKeyArn: closed }, user), closed);
    const named = await newKey(
      keyPolicy(account(), {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account()}:user/chooser` },
        Action: "kms:DescribeKey",
        Resource: "*",
        Condition: { StringEquals: { "kms:ViaService": "iotmanagedintegrations.amazonaws.com" } },
      }),
    );
    await put({ encryptionType: CUSTOMER, kmsKeyArn: named }, user);
    expect((await settled()).configurationStatus).toEqual({ state: "ENABLED" });
    await switchTo();
  });
});
