import { X509Certificate } from "node:crypto";
import { GetThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { ServiceException } from "@hearth/client";
import {
  createDevice,
  createMemoryCredentialStore,
  createMqttAgent,
  type Device,
  type DeviceCredential,
} from "@hearth/device-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { action, type Claim, type Expected, eventually, type Fleet, openFleet } from "./fleet.ts";
import { eventTypes, type Notifications, openNotifications } from "./stream.ts";

// One light's life. The tests are its chapters: each goes on where the one before has ended.
let fleet: Fleet;
let notifications: Notifications;
let claim: Claim;
let thing: Expected;
let credential: DeviceCredential;
let device: Device;
let on = false;
const store = createMemoryCredentialStore();

beforeAll(async () => {
  fleet = await openFleet();
  notifications = await openNotifications(fleet);
});
afterAll(async () => {
  await device?.stop();
  await fleet?.close();
});

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z$/;
const arnOf = (id: string) =>
  `arn:aws:iotmanagedintegrations:${fleet.file.region}:${fleet.file.accountId}:managed-thing/${id}`;

async function onOff(): Promise<unknown> {
  const { Endpoints } = await fleet.managed.send("GetManagedThingState", { ManagedThingId: thing.id });
  const found = Endpoints.flatMap(({ capabilities }) => capabilities ?? []).find(({ id }) => id === "matter.OnOff@1.4");
  const properties = (found?.properties ?? []) as { name: string; value: { propertyValue: unknown } }[];
  return properties.find(({ name }) => name === "OnOff")?.value;
}

test("rows 10 and 12: the cloud is prepared: endpoint, profile with a claim certificate, thing (reference 11.2)", async () => {
  const { EndpointAddress } = await fleet.managed.send("RegisterCustomEndpoint", {});
  expect((await fleet.managed.send("GetCustomEndpoint", {})).EndpointAddress).toBe(EndpointAddress);
  claim = await fleet.claim();
  expect(new X509Certificate(claim.certificate).ca).toBe(false);
  const again = await fleet.managed.send("GetProvisioningProfile", { Identifier: claim.id });
  expect(JSON.stringify(again)).not.toContain("PRIVATE KEY");
  thing = await fleet.expect();
  expect(await fleet.status(thing.id)).toBe("UNASSOCIATED");
});

test("row 13: the device trades its claim for a permanent certificate and is DISCOVERED", async () => {
  credential = await fleet.provision(claim, thing.info, store);
  expect(credential).toMatchObject({ managedThingId: thing.id, clientId: thing.id, thingName: thing.id });
  expect(await fleet.status(thing.id)).toBe("DISCOVERED");
  const { CertificatePem } = await fleet.managed.send("GetManagedThingCertificate", { Identifier: thing.id });
  expect(new X509Certificate(CertificatePem ?? "").fingerprint256).toBe(
    new X509Certificate(credential.certificate).fingerprint256,
  );
});

test("it reports what it can do and is ACTIVATED", async () => {
  const agent = createMqttAgent({
    connection: { host: "localhost", port: fleet.file.mqttsPort, ca: fleet.ca, ...credential },
  });
  device = createDevice({ agent, store, id: thing.id, nodeId: "light-1" });
  device.endpoint("1", { deviceTypes: ["On/Off Light"] }).capability("matter.OnOff@1.4", {
    name: "On/Off",
    version: "6",
    properties: { OnOff: { get: () => on } },
    actions: {
      On: () => {
        on = true;
      },
      Off: () => {
        on = false;
      },
    },
  });
  await device.start();
  expect(await fleet.status(thing.id)).toBe("ACTIVATED");
  const { CapabilityReport, ManagedThingId } = await fleet.managed.send("GetManagedThingCapabilities", {
    Identifier: thing.id,
  });
  expect(ManagedThingId).toBe(thing.id);
  expect(CapabilityReport).toMatchObject({
    version: "1.0.0",
    nodeId: "light-1",
    endpoints: [
      {
        id: "1",
        deviceTypes: ["On/Off Light"],
        capabilities: [{ id: "matter.OnOff@1.4", name: "On/Off", version: "6", properties: ["OnOff"] }],
      },
    ],
  });
  const got = await fleet.managed.send("GetManagedThing", { Identifier: thing.id });
  expect(got.ActivatedAt).toBeGreaterThan(Date.now() / 1000 - 60);
  for (const status of ["UNASSOCIATED", "DISCOVERED", "ACTIVATED"]) {
    const { payload } = await notifications.next("DEVICE_LIFE_CYCLE", (one) => one.payload["status"] === status);
    expect(payload["deviceDetails"]).toEqual({
      id: thing.id,
      arn: arnOf(thing.id),
      createdAt: expect.stringMatching(ISO),
      updatedAt: expect.stringMatching(ISO),
    });
  }
  expect(await onOff()).toMatchObject({ propertyValue: false });
});

test("row 35: On reaches it, is done, answered, and told", async () => {
  const { TraceId } = await fleet.managed.send("SendManagedThingCommand", {
    ManagedThingId: thing.id,
    Endpoints: action("On"),
  });
  expect(TraceId).toMatch(/^[a-zA-Z0-9:=_-]{1,128}$/);
  const outcome = await notifications.next("DEVICE_COMMAND");
  expect(outcome).toEqual({
    version: "1.0.0",
    messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    messageType: "DEVICE_COMMAND",
    source: "aws.iotmanagedintegrations",
    customerAccountId: fleet.file.accountId,
    timestamp: expect.stringMatching(ISO),
    region: fleet.file.region,
    resources: [arnOf(thing.id)],
    payload: {
      traceId: TraceId,
      receivedAt: expect.stringMatching(ISO),
      executedAt: expect.stringMatching(ISO),
      result: "succeeded",
    },
  });
  expect(on).toBe(true);
  expect(await onOff()).toEqual({ propertyValue: true, lastChangedAt: expect.stringMatching(ISO) });
  const { payload } = await notifications.next("DEVICE_STATE", ({ payload }) =>
    JSON.stringify(payload).includes("true"),
  );
  expect(payload).toEqual({
    addedStates: {
      endpoints: [
        {
          endpointId: "1",
          capabilities: [
            expect.objectContaining({
              id: "matter.OnOff@1.4",
              name: "On/Off",
              properties: [
                { name: "OnOff", value: { propertyValue: true, lastChangedAt: expect.stringMatching(ISO) } },
              ],
            }),
          ],
        },
      ],
    },
  });
});

test("ReadState answers what the device has", async () => {
  on = false;
  await fleet.managed.send("SendManagedThingCommand", {
    ManagedThingId: thing.id,
    Endpoints: action("ReadState", { propertiesToRead: ["*"] }),
  });
  await eventually(
    "the state",
    async () => ((await onOff()) as { propertyValue: unknown }).propertyValue === false || undefined,
  );
  on = true;
  await device.reportProperties("1", "matter.OnOff", { OnOff: true });
});

test("rows 36 and 37: somebody flips it: DEVICE_EVENT and DEVICE_STATE, the state and the classic shadow", async () => {
  on = false;
  const before = (await notifications.all()).length;
  await device.reportProperties("1", "matter.OnOff@1.4", { OnOff: false });
  const fresh = async (type: string) =>
    eventually(type, async () =>
      (await notifications.all())
        .slice(before)
        .find(({ messageType, payload }) => messageType === type && JSON.stringify(payload).includes("false")),
    );
  const event = await fresh("DEVICE_EVENT");
  expect(event.resources).toEqual([arnOf(thing.id)]);
  expect(event.payload["endpoints"]).toEqual([
    {
      endpointId: "1",
      capabilities: [
        expect.objectContaining({
          id: "matter.OnOff@1.4",
          name: "On/Off",
          properties: [{ name: "OnOff", value: false }],
        }),
      ],
    },
  ]);
  await fresh("DEVICE_STATE");
  expect(await onOff()).toMatchObject({ propertyValue: false });
  const { payload } = await fleet.iotData.send(new GetThingShadowCommand({ thingName: thing.id }));
  const { state } = JSON.parse(Buffer.from(payload ?? []).toString()) as { state: { reported: unknown } };
  expect(JSON.stringify(state.reported)).toContain('"OnOff":false');
});

test("row 19: connected, then lost with a reason, then connected again", async () => {
  const data = () => fleet.managed.send("GetManagedThingConnectivityData", { Identifier: thing.id });
  expect(await data()).toMatchObject({ ManagedThingId: thing.id, Connected: true, DisconnectReason: "NONE" });
  await device.stop();
  const puppet = await fleet.connect(credential, { clientId: thing.id });
  await eventually("connected", async () => (await data()).Connected || undefined);
  const since = Math.floor(Date.now() / 1000);
  puppet.kill();
  const lost = await eventually("the loss", async () => {
    const now = await data();
    return now.Connected === false ? now : undefined;
  });
  expect(lost.DisconnectReason).toBe("CONNECTION_LOST");
  expect(lost.Timestamp).toBeGreaterThanOrEqual(since - 1);
});

test("deletion: the device is told, confirms, forgets; nothing of it is left", async () => {
  const agent = createMqttAgent({
    connection: { host: "localhost", port: fleet.file.mqttsPort, ca: fleet.ca, ...credential },
  });
  device = createDevice({ agent, store, id: thing.id, nodeId: "light-1" });
  device.endpoint("1", { deviceTypes: ["On/Off Light"] }).capability("matter.OnOff@1.4", {
    properties: { OnOff: { get: () => on } },
    actions: { On: () => undefined },
  });
  await device.start();
  await fleet.managed.send("DeleteManagedThing", { Identifier: thing.id });
  expect(await device.closed).toBe("removed");
  expect(await store.load("Device Cert")).toBeUndefined();
  const gone = await eventually("the deletion", () =>
    fleet.status(thing.id).then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  expect(gone).toBeInstanceOf(ServiceException);
  expect(gone).toMatchObject({
    name: "ResourceNotFoundException",
    status: 404,
    message: "Managed Thing resource not found.",
  });
  for (const status of ["DELETE_IN_PROGRESS", "DELETED"]) {
    await notifications.next("DEVICE_LIFE_CYCLE", ({ payload }) => payload["status"] === status);
  }
  await expect(fleet.connect(credential, { clientId: thing.id })).rejects.toThrow();
  await expect(fleet.iotData.send(new GetThingShadowCommand({ thingName: thing.id }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

test("every notification is of this thing, in its partition, each id once (reference 7.2, U20)", async () => {
  const all = await notifications.all();
  expect(new Set(all.map(({ messageType }) => messageType))).toEqual(new Set(eventTypes));
  expect(new Set(all.map(({ messageId }) => messageId)).size).toBe(all.length);
  expect([...notifications.partitionKeys()]).toEqual([thing.id]);
  for (const one of all) {
    expect(Object.keys(one).sort()).toEqual(
      [
        "customerAccountId",
        "messageId",
        "messageType",
        "payload",
        "region",
        "resources",
        "source",
        "timestamp",
        "version",
      ].sort(),
    );
  }
});
