import { createPrivateKey, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startLamp } from "./device.ts";
import { allow, type Clients, type Door, expectModelled, type Input, openDoor, sender } from "./door.ts";

const SERVICE = "iot-managed-integrations";

let door: Door;
let managed: Clients[typeof SERVICE];
let arnOf: (resource: string) => string;
beforeAll(async () => {
  door = await openDoor();
  managed = door.root[SERVICE];
  const { region, accountId } = door.file;
  arnOf = (resource) => `arn:aws:iotmanagedintegrations:${region}:${accountId}:${resource}`;
});
afterAll(() => door.stop());

const refused = (operation: string, error: string, input: Input, clients: Clients = door.root) =>
  expectModelled(SERVICE, operation, error, sender(clients[SERVICE]).send(operation, input));

let serials = 0;
const material = (serial = `DOOR-${++serials}`, upc = "123456789012") => `SN:${serial};UPC:${upc}`;

async function create(more: Input = {}): Promise<{ id: string; serial: string }> {
  const AuthenticationMaterial = material();
  const input = { Role: "DEVICE", AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE", AuthenticationMaterial };
  const { Id } = await sender(managed).send("CreateManagedThing", { ...input, ...more });
  return { id: String(Id), serial: `DOOR-${serials}` };
}

const report = (capabilities: object[]): object => ({
  version: "1.0.0",
  nodeId: "n",
  endpoints: [{ id: "1", deviceTypes: ["On/Off Light"], capabilities }],
});
const onOff = {
  id: "matter.OnOff@1.4",
  name: "On/Off",
  version: "6",
  properties: ["OnOff"],
  actions: ["On", "Off"],
  events: [],
};

describe("the custom endpoint", () => {
  test("is there once it is registered, and the one of the devices", async () => {
    await refused("GetCustomEndpoint", "ResourceNotFoundException", {});
    const { EndpointAddress } = await managed.send("RegisterCustomEndpoint", {});
    expect(EndpointAddress).toBe(door.file.mqttHost);
    expect(await managed.send("RegisterCustomEndpoint", {})).toEqual({ EndpointAddress });
    expect(await managed.send("GetCustomEndpoint", {})).toEqual({ EndpointAddress });
    const { endpointAddress } = await door.root.iot.send("DescribeEndpoint", { endpointType: "iot:Data-ATS" });
    expect(endpointAddress).toBe(EndpointAddress);
  });
});

describe("provisioning profiles", () => {
  test("give their private key once", async () => {
    const Name = "profile-1_a";
    const given = { ProvisioningType: "FLEET_PROVISIONING", Name, Tags: { team: "x" } } as const;
    const { ClaimCertificatePrivateKey = "", ...created } = await managed.send("CreateProvisioningProfile", given);
    const { Id = "", ClaimCertificate = "" } = created;
    expect(created).toMatchObject({
      Name,
      ProvisioningType: "FLEET_PROVISIONING",
      Status: "CREATED",
      Arn: arnOf(`provisioning-profile/${Id}`),
    });
    const claim = new X509Certificate(ClaimCertificate);
    expect(claim.checkPrivateKey(createPrivateKey(ClaimCertificatePrivateKey))).toBe(true);
    const found = await managed.send("GetProvisioningProfile", { Identifier: Id });
    expect(found).toEqual({ ...created, Tags: { team: "x" } });
    const { Items } = await managed.send("ListProvisioningProfiles", {});
    expect(Items).toContainEqual(expect.objectContaining({ Id, Name }));
    expect(JSON.stringify(Items)).not.toContain("PRIVATE KEY");
    await refused("CreateProvisioningProfile", "ConflictException", given);

    const template = await door.root.iot.send("DescribeProvisioningTemplate", { templateName: Name });
    expect(template).toMatchObject({ enabled: true, type: "FLEET_PROVISIONING" });
    await managed.send("DeleteProvisioningProfile", { Identifier: Id });
    for (const operation of ["GetProvisioningProfile", "DeleteProvisioningProfile"]) {
      await refused(operation, "ResourceNotFoundException", { Identifier: Id });
    }
    await expect(door.root.iot.send("DescribeProvisioningTemplate", { templateName: Name })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    await managed.send("CreateProvisioningProfile", given);
  });

  test("take no rubbish for a claim certificate, nor a CA for claims", async () => {
    const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    for (const wrong of [{ ClaimCertificate: "rubbish" }, { ClaimCertificate: pem }, { CaCertificate: pem }]) {
      const input = { ProvisioningType: "FLEET_PROVISIONING", ...wrong };
      await refused("CreateProvisioningProfile", "ValidationException", input);
    }
  });
});

describe("row 6 (part): managed things", () => {
  test("keep what they are given", async () => {
    const given = {
      Owner: "ann@example,1",
      Brand: "Brand 1",
      Model: "M-1",
      Name: "Lämpchen 灯",
      Classification: "LIGHT",
      MetaData: { room: "kitchen", __proto__x: "y" },
      Tags: { team: "x" },
      WiFiSimpleSetupConfiguration: { EnableAsProvisionee: true, TimeoutInMinutes: 5 },
    };
    const before = Date.now() / 1000;
    const { id: Identifier, serial: SerialNumber } = await create(given);
    const found = await managed.send("GetManagedThing", { Identifier });
    expect(found).toEqual({
      ...given,
      Id: Identifier,
      Arn: arnOf(`managed-thing/${Identifier}`),
      Role: "DEVICE",
      ProvisioningStatus: "UNASSOCIATED",
      SerialNumber,
      UniversalProductCode: "123456789012",
      CreatedAt: expect.any(Number),
      UpdatedAt: expect.any(Number),
    });
    expect(Identifier).toMatch(/^[0-9a-f]{32}$/);
    expect(Math.abs((found.CreatedAt ?? 0) - before)).toBeLessThan(10);

    const changes = { Owner: "bob", Name: "other", MetaData: { room: "hall" }, HubNetworkMode: "STANDARD" } as const;
    expect(await managed.send("UpdateManagedThing", { Identifier, ...changes })).toEqual({});
    const changed = await managed.send("GetManagedThing", { Identifier });
    expect(changed).toMatchObject({ ...changes, Brand: "Brand 1", SerialNumber, ProvisioningStatus: "UNASSOCIATED" });
    expect(changed.UpdatedAt).toBeGreaterThan(found.UpdatedAt ?? 0);
    expect(await managed.send("GetManagedThingState", { ManagedThingId: Identifier })).toEqual({ Endpoints: [] });
    expect(await managed.send("GetManagedThingConnectivityData", { Identifier })).toEqual({
      ManagedThingId: Identifier,
      Connected: false,
      DisconnectReason: "NONE",
    });
    await refused("GetManagedThingCertificate", "ResourceNotFoundException", { Identifier });

    expect(await managed.send("DeleteManagedThing", { Identifier })).toEqual({});
    for (const operation of ["GetManagedThing", "UpdateManagedThing", "DeleteManagedThing"]) {
      const { message, members } = await refused(operation, "ResourceNotFoundException", { Identifier });
      expect(message).toBe("Managed Thing resource not found.");
      expect(members["ResourceId"]).toBe(Identifier);
    }
  });

  test("are found by each filter", async () => {
    const { id, serial } = await create({ Owner: "filtered", Role: "CONTROLLER" });
    await create({ Owner: "other" });
    const listed = async (filter: Input): Promise<unknown[]> => {
      const { Items } = await sender(managed).send("ListManagedThings", filter);
      return (Items as { Id: string }[]).map(({ Id }) => Id);
    };
    for (const filter of [
      { OwnerFilter: "filtered" },
      { RoleFilter: "CONTROLLER" },
      { SerialNumberFilter: serial },
      { OwnerFilter: "filtered", RoleFilter: "CONTROLLER", ProvisioningStatusFilter: "UNASSOCIATED" },
    ]) {
      expect(await listed(filter), JSON.stringify(filter)).toEqual([id]);
    }
    expect(await listed({ ProvisioningStatusFilter: "UNASSOCIATED" })).toContain(id);
    for (const filter of [
      { OwnerFilter: "nobody" },
      { ProvisioningStatusFilter: "ACTIVATED" },
      { CredentialLockerFilter: "absent" },
      { ParentControllerIdentifierFilter: "absent" },
      { ConnectorDestinationIdFilter: "absent" },
      { ConnectorPolicyIdFilter: "absent" },
      { ConnectorDeviceIdFilter: "absent" },
      { OwnerFilter: "filtered", RoleFilter: "DEVICE" },
    ]) {
      expect(await listed(filter), JSON.stringify(filter)).toEqual([]);
    }
  });

  test("say what they can do", async () => {
    const CapabilityReport = report([onOff]);
    const { id: Identifier } = await create({ CapabilityReport });
    expect(await managed.send("GetManagedThingCapabilities", { Identifier })).toEqual({
      ManagedThingId: Identifier,
      CapabilityReport,
    });
    const other = report([{ ...onOff, actions: ["Toggle"] }]);
    await sender(managed).send("UpdateManagedThing", { Identifier, CapabilityReport: other });
    expect(await managed.send("GetManagedThingCapabilities", { Identifier })).toMatchObject({
      CapabilityReport: other,
    });
    const { message } = await refused("UpdateManagedThing", "ValidationException", {
      Identifier,
      CapabilityReport: report([{ ...onOff, id: "matter.NoSuchCluster@1.4" }]),
    });
    expect(message).toContain("endpoints[0].capabilities[0].id");
  });

  test("of a physical device that has one are refused", async () => {
    const twice = { Role: "DEVICE", AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE" };
    const AuthenticationMaterial = material("TWICE");
    await sender(managed).send("CreateManagedThing", { ...twice, AuthenticationMaterial });
    const { message } = await refused("CreateManagedThing", "ConflictException", { ...twice, AuthenticationMaterial });
    expect(message).not.toContain("TWICE");
  });

  const WIFI = "WIFI_SETUP_QR_BAR_CODE";
  test.each([
    [WIFI, "SN:secret-1"],
    [WIFI, "UPC:123456789012"],
    [WIFI, "SN:secret-1;UPC:12345678901"],
    [WIFI, "SN:secret-1;UPC:1234567890123"],
    [WIFI, "SN:secret-1;UPC:12345678901x"],
    [WIFI, "SN:secret-1;EAN:1234567"],
    [WIFI, "SN:secret-1;UPC:123456789012;SN:secret-2"],
    [WIFI, "secret-1"],
    ["DISCOVERED_DEVICE", "CLOUD:XXXX:secret-1"],
    ["ZWAVE_QR_BAR_CODE", "secret-1"],
    ["ZIGBEE_QR_BAR_CODE", "secret-1"],
  ])("of %s take no %s, and do not repeat it", async (AuthenticationMaterialType, AuthenticationMaterial) => {
    const input = { Role: "DEVICE", AuthenticationMaterialType, AuthenticationMaterial };
    const { message } = await refused("CreateManagedThing", "ValidationException", input);
    expect(message).not.toContain("secret-1");
  });

  test.each([
    ["SN:a1;UPC:829576019524;", { UniversalProductCode: "829576019524" }],
    ["SN:a2;EAN:12345678", { InternationalArticleNumber: "12345678" }],
  ])("take %s", async (AuthenticationMaterial, expected) => {
    const { id: Identifier } = await create({ AuthenticationMaterial });
    expect(await managed.send("GetManagedThing", { Identifier })).toMatchObject(expected);
  });

  test("take no locker that does not exist", async () => {
    const { id: Identifier } = await create();
    await refused("UpdateManagedThing", "ResourceNotFoundException", { Identifier, CredentialLockerId: "absent" });
  });

  test("that are not activated take no command", async () => {
    const { id: ManagedThingId } = await create({ CapabilityReport: report([onOff]) });
    const { message } = await refused("SendManagedThingCommand", "ValidationException", {
      ManagedThingId,
      ...turn("On"),
    });
    expect(message).toContain("UNASSOCIATED");
  });
});

const turn = (name: string, of = onOff): Input => {
  const { id, name: capability, version } = of;
  const capabilities = [{ id, name: capability, version, actions: [{ name, parameters: {} }] }];
  return { Endpoints: [{ endpointId: "1", capabilities }] };
};

describe("a device that is there", () => {
  test("is commanded, read and removed", async () => {
    const templateName = "lamps";
    const profile = await managed.send("CreateProvisioningProfile", {
      ProvisioningType: "FLEET_PROVISIONING",
      Name: templateName,
    });
    const { id: Identifier, serial } = await create();
    const lamp = await startLamp(
      door,
      {
        templateName,
        certificate: profile.ClaimCertificate ?? "",
        privateKey: profile.ClaimCertificatePrivateKey ?? "",
      },
      { SerialNumber: serial, UniversalProductCode: "123456789012" },
    );
    expect(lamp.device.id).toBe(Identifier);
    const status = async () => managed.send("GetManagedThing", { Identifier });
    expect(await status()).toMatchObject({ ProvisioningStatus: "ACTIVATED", ActivatedAt: expect.any(Number) });
    expect(await managed.send("GetManagedThingConnectivityData", { Identifier })).toMatchObject({ Connected: true });
    const { CapabilityReport } = await managed.send("GetManagedThingCapabilities", { Identifier });
    expect(CapabilityReport?.endpoints[0]?.capabilities[0]?.actions).toEqual(["Off", "On"]);
    const { CertificatePem = "" } = await managed.send("GetManagedThingCertificate", { Identifier });
    expect(new X509Certificate(CertificatePem).subject).toBeTruthy();

    const { TraceId } = await sender(managed).send("SendManagedThingCommand", {
      ManagedThingId: Identifier,
      ...turn("On"),
    });
    expect(TraceId).toMatch(/^[a-zA-Z0-9:=_-]+$/);
    await vi.waitFor(async () => {
      const { Endpoints } = await managed.send("GetManagedThingState", { ManagedThingId: Identifier });
      expect(Endpoints).toMatchObject([
        {
          endpointId: "1",
          capabilities: [{ id: onOff.id, properties: [{ name: "OnOff", value: { propertyValue: true } }] }],
        },
      ]);
    }, 30_000);
    expect(lamp.on()).toBe(true);
    // A device knows its capabilities by what it reported.
    const latest = { ...onOff, id: "matter.OnOff@$latest" };
    await sender(managed).send("SendManagedThingCommand", { ManagedThingId: Identifier, ...turn("Off", latest) });
    await vi.waitFor(() => expect(lamp.on()).toBe(false), 30_000);

    // The device is not there to confirm, so the deletion waits.
    await lamp.stop();
    await managed.send("DeleteManagedThing", { Identifier });
    expect(await status()).toMatchObject({ ProvisioningStatus: "DELETE_IN_PROGRESS" });
    await refused("UpdateManagedThing", "ConflictException", { Identifier, Name: "too late" });
    await managed.send("DeleteManagedThing", { Identifier, Force: true });
    await refused("GetManagedThing", "ResourceNotFoundException", { Identifier });
    await expect(door.root.iot.send("DescribeThing", { thingName: Identifier })).rejects.toMatchObject({ status: 404 });
  });
});

describe("device discoveries", () => {
  test("by a controller that is not there end at once, and say so", async () => {
    const { id: ControllerIdentifier } = await create({ Role: "CONTROLLER" });
    for (const DiscoveryType of ["ZIGBEE", "ZWAVE"] as const) {
      const { Id = "", StartedAt } = await managed.send("StartDeviceDiscovery", {
        DiscoveryType,
        ControllerIdentifier,
      });
      const shown = { Id, DiscoveryType, Status: "TIMED_OUT" };
      expect(await managed.send("GetDeviceDiscovery", { Identifier: Id })).toMatchObject({
        ...{ ...shown, StartedAt, FinishedAt: StartedAt, ControllerId: ControllerIdentifier },
        Arn: arnOf(`device-discovery/${Id}`),
      });
      const filters = { TypeFilter: DiscoveryType, StatusFilter: "TIMED_OUT" } as const;
      expect((await managed.send("ListDeviceDiscoveries", filters)).Items).toEqual([shown]);
      expect((await managed.send("ListDiscoveredDevices", { Identifier: Id })).Items).toEqual([]);
    }
    expect((await managed.send("ListDeviceDiscoveries", { StatusFilter: "RUNNING" })).Items).toEqual([]);
    const lamp = await create();
    const given = { DiscoveryType: "ZIGBEE", ControllerIdentifier: lamp.id };
    await refused("StartDeviceDiscovery", "ValidationException", given);
    await refused("StartDeviceDiscovery", "ValidationException", { DiscoveryType: "ZIGBEE" });
  });
});

describe("destinations", () => {
  const of = (Name: string, more: Input = {}): Input => ({
    Name,
    DeliveryDestinationType: "KINESIS",
    DeliveryDestinationArn: `arn:aws:kinesis:${door.file.region}:${door.file.accountId}:stream/notes`,
    RoleArn: `arn:aws:iam::${door.file.accountId}:role/notes`,
    ...more,
  });
  const created = (Name: string, more?: Input) => sender(managed).send("CreateDestination", of(Name, more));

  test("live from creation to deletion", async () => {
    const Name = "Ziel 1 - ü._";
    const more = { Description: "for_tests-1", Tags: { a: "b" } };
    expect(await created(Name, more)).toEqual({ Name });
    const found = await managed.send("GetDestination", { Name });
    expect(found).toEqual({ ...of(Name, more), CreatedAt: expect.any(Number), UpdatedAt: expect.any(Number) });
    await refused("CreateDestination", "ConflictException", of(Name));
    expect(await managed.send("UpdateDestination", { Name, Description: "changed" })).toEqual({});
    expect(await managed.send("GetDestination", { Name })).toMatchObject({ Description: "changed", Tags: { a: "b" } });
    const { Tags: _, ...summary } = of(Name, { ...more, Description: "changed" });
    expect((await managed.send("ListDestinations", {})).DestinationList).toEqual([summary]);
    expect(await managed.send("DeleteDestination", { Name })).toEqual({});
    for (const operation of ["GetDestination", "UpdateDestination", "DeleteDestination"]) {
      await refused(operation, "ResourceNotFoundException", { Name });
    }
  });

  test("row 38 (part): want the right to pass their role to the platform", async () => {
    const own = "iotmanagedintegrations:*Destination";
    const passing = (service: string) => ({
      ...allow("iam:PassRole", `arn:aws:iam::${door.file.accountId}:role/notes`),
      Condition: { StringEquals: { "iam:PassedToService": service } },
    });
    const powerless = door.as(await door.user("no-pass", [allow(own)]));
    const elsewhere = door.as(await door.user("pass-elsewhere", [allow(own), passing("lambda.amazonaws.com")]));
    const entitled = door.as(await door.user("pass", [allow(own), passing("iotmanagedintegrations.amazonaws.com")]));
    for (const clients of [powerless, elsewhere]) {
      const { message } = await refused("CreateDestination", "AccessDeniedException", of("passed"), clients);
      expect(message).toContain("iam:PassRole");
    }
    await sender(entitled[SERVICE]).send("CreateDestination", of("passed"));
    const { RoleArn } = of("passed");
    await refused("UpdateDestination", "AccessDeniedException", { Name: "passed", RoleArn }, powerless);
    await sender(entitled[SERVICE]).send("UpdateDestination", { Name: "passed", RoleArn });
    await managed.send("DeleteDestination", { Name: "passed" });
  });

  test("are named by configurations, one for each type of event", async () => {
    for (const Name of ["one", "two"]) await created(Name);
    const EventType = "DEVICE_STATE";
    expect(
      await managed.send("CreateNotificationConfiguration", { EventType, DestinationName: "one", Tags: { a: "b" } }),
    ).toEqual({ EventType });
    expect(await managed.send("GetNotificationConfiguration", { EventType })).toEqual({
      EventType,
      DestinationName: "one",
      Tags: { a: "b" },
      CreatedAt: expect.any(Number),
      UpdatedAt: expect.any(Number),
    });
    await refused("CreateNotificationConfiguration", "ConflictException", { EventType, DestinationName: "two" });
    expect(await managed.send("UpdateNotificationConfiguration", { EventType, DestinationName: "two" })).toEqual({});
    await managed.send("CreateNotificationConfiguration", {
      EventType: "CONNECTOR_ASSOCIATION",
      DestinationName: "one",
    });
    const { NotificationConfigurationList } = await managed.send("ListNotificationConfigurations", {});
    expect(NotificationConfigurationList).toEqual([
      { EventType: "CONNECTOR_ASSOCIATION", DestinationName: "one" },
      { EventType, DestinationName: "two" },
    ]);
    for (const operation of ["CreateNotificationConfiguration", "UpdateNotificationConfiguration"]) {
      const { message } = await refused(operation, "ValidationException", { EventType, DestinationName: "absent" });
      expect(message).toContain("DestinationName");
    }
    const absent = { EventType: "DEVICE_OTA", DestinationName: "one" };
    await refused("UpdateNotificationConfiguration", "ResourceNotFoundException", absent);
    expect(await managed.send("DeleteNotificationConfiguration", { EventType })).toEqual({});
    await refused("GetNotificationConfiguration", "ResourceNotFoundException", { EventType });
  });
});

describe("schemas", () => {
  test("are those of Matter's clusters", async () => {
    const { Items } = await managed.send("ListSchemaVersions", { Type: "capability", MaxResults: 1000 });
    const ids = Items?.map(({ SchemaId }) => SchemaId);
    expect(ids).toEqual(expect.arrayContaining(["matter.OnOff", "matter.LevelControl", "matter.DoorLock"]));
    expect(new Set(ids).size).toBe(ids?.length);
    for (const [filter, expected] of [
      [{ SchemaId: "matter.OnOff" }, ["matter.OnOff"]],
      [
        { SchemaId: "matter.OnOff", SemanticVersion: "1.4", Namespace: "matter", Visibility: "PUBLIC" },
        ["matter.OnOff"],
      ],
      [{ Namespace: "nobody" }, []],
      [{ Visibility: "PRIVATE" }, []],
    ] as const) {
      const found = await sender(managed).send("ListSchemaVersions", { Type: "capability", ...filter });
      expect((found["Items"] as { SchemaId: string }[]).map(({ SchemaId }) => SchemaId)).toEqual(expected);
    }
  });

  test.each(["AWS", "ZCL", "CONNECTOR", undefined])("are told in the format %s", async (Format) => {
    const asked = { Type: "capability", SchemaVersionedId: "matter.OnOff@1.4", ...(Format ? { Format } : {}) };
    const found = await sender(managed).send("GetSchemaVersion", asked);
    expect(found).toMatchObject({
      SchemaId: "matter.OnOff",
      Type: "capability",
      Namespace: "matter",
      SemanticVersion: "1.4",
      Visibility: "PUBLIC",
      Schema: {
        $id: "/schema-versions/capability/matter.OnOff@1.4",
        $ref: "/schema-versions/definition/aws.capability@1.0",
        name: "On/Off",
        extrinsicId: expect.stringMatching(/^(0x0*6|6)$/i),
      },
    });
    const latest = await sender(managed).send("GetSchemaVersion", {
      ...asked,
      SchemaVersionedId: "matter.OnOff@$latest",
    });
    expect(latest).toEqual(found);
  });

  test("refer to definitions that exist", async () => {
    const { Schema } = await managed.send("GetSchemaVersion", {
      Type: "capability",
      SchemaVersionedId: "matter.LevelControl@1.4",
    });
    const references = [...JSON.stringify(Schema).matchAll(/\/schema-versions\/definition\/([^"]+)/g)].map(
      ([, id]) => id,
    );
    expect(references.length).toBeGreaterThan(1);
    for (const SchemaVersionedId of new Set(references)) {
      await managed.send("GetSchemaVersion", { Type: "definition", SchemaVersionedId: SchemaVersionedId ?? "" });
    }
  });
});

test("a user may be given one managed thing alone", async () => {
  const [mine, yours] = [await create(), await create()];
  const own = allow("iotmanagedintegrations:*", arnOf(`managed-thing/${mine.id}`));
  const user = door.as(await door.user("one-thing", [own]));
  await user[SERVICE].send("GetManagedThing", { Identifier: mine.id });
  await user[SERVICE].send("UpdateManagedThing", { Identifier: mine.id, Name: "mine" });
  for (const [operation, input] of [
    ["GetManagedThing", { Identifier: yours.id }],
    ["DeleteManagedThing", { Identifier: yours.id }],
    ["SendManagedThingCommand", { ManagedThingId: yours.id, ...turn("On") }],
    ["ListManagedThings", {}],
  ] as const) {
    await refused(operation, "AccessDeniedException", input, user);
  }
});
