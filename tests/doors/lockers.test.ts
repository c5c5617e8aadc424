import { afterAll, beforeAll, expect, test } from "vitest";
import { type Door, expectModelled, type Input, openDoor, sender } from "./door.ts";

const SERVICE = "iot-managed-integrations";

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.stop());

const send = (operation: string, input: Input): Promise<Input> => sender(door.root[SERVICE]).send(operation, input);
const refused = (operation: string, error: string, input: Input) =>
  expectModelled(SERVICE, operation, error, send(operation, input));

let made = 0;
const material = () => `SN:LOCK-${++made};UPC:123456789012`;
const thing = (more: Input): Input => ({
  Role: "DEVICE",
  AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
  AuthenticationMaterial: material(),
  ...more,
});

test("row 11 (part): a locker is shared by a hub and its devices, and things are found by it", async () => {
  const created = await send("CreateCredentialLocker", { Name: "kitchen lot 1", Tags: { lot: "1" } });
  const { Id } = created;
  const { region, accountId } = door.file;
  expect(created).toEqual({
    Id: expect.stringMatching(/^[0-9a-zA-Z]+$/),
    Arn: `arn:aws:iotmanagedintegrations:${region}:${accountId}:credential-locker/${Id}`,
    CreatedAt: expect.any(Number),
  });
  const found = { ...created, Name: "kitchen lot 1", Tags: { lot: "1" } };
  expect(await send("GetCredentialLocker", { Identifier: Id })).toEqual(found);
  const { Tags: _, ...summary } = found;
  expect((await send("ListCredentialLockers", {}))["Items"]).toEqual([summary]);

  const hub = await send("CreateManagedThing", thing({ Role: "CONTROLLER" }));
  await send("UpdateManagedThing", { Identifier: hub["Id"], CredentialLockerId: Id });
  const device = await send("CreateManagedThing", thing({ CredentialLockerId: Id }));
  await send("CreateManagedThing", thing({}));
  expect(await send("GetManagedThing", { Identifier: hub["Id"] })).toMatchObject({ CredentialLockerId: Id });
  const { Items } = await send("ListManagedThings", { CredentialLockerFilter: Id });
  expect((Items as Input[]).map((one) => one["Id"]).sort()).toEqual([hub["Id"], device["Id"]].sort());
});

test("lockers without names are lockers too; those of one name are two", async () => {
  expect(await send("GetCredentialLocker", { Identifier: (await send("CreateCredentialLocker", {}))["Id"] })).toEqual(
    expect.not.objectContaining({ Name: expect.anything() }),
  );
  const [one, two] = [
    await send("CreateCredentialLocker", { Name: "x" }),
    await send("CreateCredentialLocker", { Name: "x" }),
  ];
  expect(one["Id"]).not.toBe(two["Id"]);
});

test("what is deleted is gone for good", async () => {
  const { Id: Identifier } = await send("CreateCredentialLocker", {});
  const CredentialLockerId = Identifier;
  const { Id: device } = await send("CreateManagedThing", thing({ CredentialLockerId }));
  await send("DeleteCredentialLocker", { Identifier });
  await refused("GetCredentialLocker", "ResourceNotFoundException", { Identifier });
  await refused("DeleteCredentialLocker", "ResourceNotFoundException", { Identifier });
  await refused("CreateManagedThing", "ResourceNotFoundException", thing({ CredentialLockerId }));
  await refused("UpdateManagedThing", "ResourceNotFoundException", { Identifier: device, CredentialLockerId });
  // The thing still says where it belonged, and can be changed.
  await send("UpdateManagedThing", { Identifier: device, Name: "orphan" });
  expect(await send("GetManagedThing", { Identifier: device })).toMatchObject({ CredentialLockerId, Name: "orphan" });
});

test("another account's locker is not there", async () => {
  const { Id: Identifier } = await send("CreateCredentialLocker", {});
  const { AccessKey } = await door.root.hearth.send("CreateAccount", {});
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
  const other = sender(door.as({ accessKeyId, secretAccessKey })[SERVICE]);
  for (const operation of ["GetCredentialLocker", "DeleteCredentialLocker"]) {
    await expectModelled(SERVICE, operation, "ResourceNotFoundException", other.send(operation, { Identifier }));
  }
  const attempt = other.send("CreateManagedThing", thing({ CredentialLockerId: Identifier }));
  await expectModelled(SERVICE, "CreateManagedThing", "ResourceNotFoundException", attempt);
});

test("the hub configuration is there once it is put, one for each account", async () => {
  await refused("GetHubConfiguration", "ResourceNotFoundException", {});
  for (const HubTokenTimerExpirySettingInSeconds of [60, 2_592_000]) {
    const put = await send("PutHubConfiguration", { HubTokenTimerExpirySettingInSeconds });
    expect(put).toEqual({ HubTokenTimerExpirySettingInSeconds });
    expect(await send("GetHubConfiguration", {})).toEqual({ ...put, UpdatedAt: expect.any(Number) });
  }
});
