import { afterAll, beforeAll, expect, test } from "vitest";
import { allow, type Door, expectModelled, type Input, openDoor, refusalOf, sender } from "./door.ts";

const SERVICE = "iot-managed-integrations";

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.stop());

const send = (operation: string, input: Input): Promise<Input> => sender(door.root[SERVICE]).send(operation, input);
const hearth = (operation: string, input: Input): Promise<Input> => sender(door.root.hearth).send(operation, input);
const refused = (operation: string, error: string, input: Input) =>
  expectModelled(SERVICE, operation, error, send(operation, input));

const report = {
  version: "1.0.0",
  nodeId: "n",
  endpoints: [
    {
      id: "1",
      deviceTypes: ["On/Off Light"],
      capabilities: [
        { id: "matter.OnOff@1.4", name: "On/Off", version: "6", properties: ["OnOff"], actions: ["On"], events: [] },
      ],
    },
  ],
};
const profile = { Brand: "Lumen", Model: "Bulb 2", Classification: "light", AdvertisedProductId: "LB2!x" };

let made = 0;
const create = async (code: string, more: Input = {}) => {
  const { Id } = await send("CreateManagedThing", {
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: `SN:PROFILE-${++made};${code}`,
    ...more,
  });
  return { Identifier: Id };
};

test("row 9: a thing of a known product has its brand, model and expected capabilities", async () => {
  await hearth("PutDeviceProfile", { ProductCode: "829576019524", ...profile, CapabilityReport: report });
  const known = await create("UPC:829576019524");
  expect(await send("GetManagedThing", known)).toMatchObject(profile);
  expect((await send("GetManagedThingCapabilities", known))["CapabilityReport"]).toEqual(report);
  const { Items } = await send("ListManagedThings", {});
  expect(Items).toContainEqual(expect.objectContaining(profile));
  // As an article number the same code has a zero before it.
  expect(await send("GetManagedThing", await create("EAN:0829576019524"))).toMatchObject(profile);
  const unknown = await send("GetManagedThing", await create("UPC:829576019525"));
  for (const member of Object.keys(profile)) expect(unknown).not.toHaveProperty(member);
});

test("what the caller says goes before the profile", async () => {
  await hearth("PutDeviceProfile", { ProductCode: "000000000017", ...profile, CapabilityReport: report });
  const own = { Brand: "Mine", Classification: "lamp" };
  const empty = { version: "1.0.0", nodeId: "m", endpoints: [] };
  const identifier = await create("UPC:000000000017", { ...own, CapabilityReport: empty });
  expect(await send("GetManagedThing", identifier)).toMatchObject({ ...profile, ...own });
  expect((await send("GetManagedThingCapabilities", identifier))["CapabilityReport"]).toEqual(empty);
});

test("profiles are put, replaced, listed and deleted", async () => {
  const key = { ProductCode: "12345670" };
  const { region, accountId } = door.file;
  const Arn = `arn:aws:hearth:${region}:${accountId}:device-profile/12345670`;
  expect(await hearth("PutDeviceProfile", { ...key, ...profile })).toEqual({ Arn });
  await hearth("PutDeviceProfile", { ...key, Brand: "Other" });
  const found = await hearth("GetDeviceProfile", key);
  expect(found).toEqual({ ...key, Brand: "Other", CreatedAt: expect.any(Number), UpdatedAt: expect.any(Number) });
  expect((await hearth("ListDeviceProfiles", {}))["Items"]).toContainEqual(found);
  const { AccessKey } = await door.root.hearth.send("CreateAccount", {});
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
  const other = sender(door.as({ accessKeyId, secretAccessKey }).hearth);
  expect((await other.send("ListDeviceProfiles", {}))["Items"]).toEqual([]);
  await hearth("DeleteDeviceProfile", key);
  for (const operation of ["GetDeviceProfile", "DeleteDeviceProfile"]) {
    await expectModelled("hearth", operation, "ResourceNotFoundException", hearth(operation, key));
  }
  const faulty = hearth("PutDeviceProfile", { ...key, CapabilityReport: { version: "1.0.0" } });
  await expectModelled("hearth", "PutDeviceProfile", "ValidationException", faulty);
});

test("who may write one product's profile may write no other's", async () => {
  const { region, accountId } = door.file;
  const arn = `arn:aws:hearth:${region}:${accountId}:device-profile/11111111`;
  const maker = sender(door.as(await door.user("maker", [allow("hearth:PutDeviceProfile", arn)])).hearth);
  expect(await maker.send("PutDeviceProfile", { ProductCode: "11111111" })).toEqual({ Arn: arn });
  const other = await refusalOf(maker.send("PutDeviceProfile", { ProductCode: "11111112" }));
  expect(other.name).toBe("AccessDeniedException");
});

test("the deprecated member Capabilities is a capability report as text", async () => {
  // Its pattern allows no @ as it is.
  const Capabilities = JSON.stringify(report).replaceAll("@", "\\u0040");
  const identifier = await create("UPC:000000000024", { Capabilities });
  expect((await send("GetManagedThingCapabilities", identifier))["CapabilityReport"]).toEqual(report);
  const later = await create("UPC:000000000024");
  await send("UpdateManagedThing", { ...later, Capabilities });
  expect((await send("GetManagedThingCapabilities", later))["CapabilityReport"]).toEqual(report);
  for (const wrong of [
    { Capabilities: "{" },
    { Capabilities: '{"version":"1.0.0"}' },
    { Capabilities, CapabilityReport: report },
  ]) {
    await refused("UpdateManagedThing", "ValidationException", { ...later, ...wrong });
  }
});

test("a thing's metadata is asked for by itself", async () => {
  const MetaData = { room: "kitchen", floor: "1" };
  const identifier = await create("UPC:000000000031", { MetaData });
  const ManagedThingId = identifier.Identifier;
  expect(await send("GetManagedThingMetaData", identifier)).toEqual({ ManagedThingId, MetaData });
  await send("UpdateManagedThing", { ...identifier, MetaData: { room: "hall" } });
  expect(await send("GetManagedThingMetaData", identifier)).toEqual({ ManagedThingId, MetaData: { room: "hall" } });
  expect(await send("GetManagedThingMetaData", await create("UPC:000000000031"))).not.toHaveProperty("MetaData");
});

test("row 8 (part): material of a discovery that never was is refused, opaque material is taken", async () => {
  const given = (AuthenticationMaterialType: string, AuthenticationMaterial: string) => ({
    Role: "DEVICE",
    AuthenticationMaterialType,
    AuthenticationMaterial,
  });
  await refused("CreateManagedThing", "ValidationException", given("DISCOVERED_DEVICE", "CLOUD:absent:device-1"));
  for (const [type, status] of [
    ["CUSTOM_PROTOCOL_QR_BAR_CODE", "PRE_ASSOCIATED"],
    ["PRE_ONBOARDED_CLOUD", "UNASSOCIATED"],
  ] as const) {
    await refused("CreateManagedThing", "ValidationException", given(type, " ; "));
    const { Id } = await send("CreateManagedThing", given(type, "opaque-1"));
    expect((await send("GetManagedThing", { Identifier: Id }))["ProvisioningStatus"]).toBe(status);
    await refused("CreateManagedThing", "ConflictException", given(type, "opaque-1"));
  }
});
