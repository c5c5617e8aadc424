import { ServiceException } from "@hearth/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { action, eventually, type Fleet, lightReport, openFleet, type Puppet, reporting } from "./fleet.ts";
import { type Notifications, openNotifications } from "./stream.ts";

// A hub whose every word is the test's, and the devices behind it. The tests are chapters: each goes on where the one
// before has ended.
let fleet: Fleet;
let notifications: Notifications;
let hub: Puppet;
let hubLocker: string;
/** By simple setup, and by discovery. */
let lamp: string;
let plug: string;

const label = (mac: string) => `Z:${mac}$I:83FED3407A939723A5C639B26916D505C3B5`;
const MAC = "00124B0001A4DC00";

beforeAll(async () => {
  fleet = await openFleet();
  notifications = await openNotifications(fleet, "hub", [
    ...(["DEVICE_LIFE_CYCLE", "DEVICE_COMMAND", "DEVICE_STATE", "DEVICE_DISCOVERY_STATUS", "DEVICE_WSS"] as const),
  ]);
});
afterAll(() => fleet?.close());

const locker = async () => (await fleet.managed.send("CreateCredentialLocker", {})).Id ?? "";
const toHub = (channel: "control" | "setup", messageType: string) =>
  hub.peer.next(`south/${hub.id}/${channel}`, ({ json }) => json["messageType"] === messageType);
const labelled = async (mac: string, CredentialLockerId: string): Promise<string> => {
  const given = { AuthenticationMaterialType: "ZIGBEE_QR_BAR_CODE", AuthenticationMaterial: label(mac) } as const;
  return (await fleet.managed.send("CreateManagedThing", { Role: "DEVICE", ...given, CredentialLockerId })).Id ?? "";
};
const able = (managedThingId: string) =>
  hub.say("DEVICE_CAPABILITIES", { managedThingId, capabilityReport: lightReport }, "setup");
const becomes = (id: string, status: string) =>
  eventually(`${id} is ${status}`, async () => ((await fleet.status(id)) === status ? true : undefined));
const start = (more: object = {}) =>
  fleet.managed.send("StartDeviceDiscovery", { DiscoveryType: "ZIGBEE", ControllerIdentifier: hub.id, ...more });
const job = (Identifier: string) => fleet.managed.send("GetDeviceDiscovery", { Identifier });

/** The statuses of a thing, as the customer was told of them. */
const statuses = async (id: string): Promise<unknown[]> =>
  (await notifications.all())
    .filter(({ messageType }) => messageType === "DEVICE_LIFE_CYCLE")
    .filter(({ payload }) => (payload["deviceDetails"] as { id: string }).id === id)
    .map(({ payload }) => payload["status"]);

describe("row 7: a scripted hub drives things through every status", () => {
  test("the hub itself: UNASSOCIATED, DISCOVERED, ACTIVATED", async () => {
    const claim = await fleet.claim();
    const info = { SerialNumber: "HUB-1", UniversalProductCode: "123456789012" };
    const { Id = "" } = await fleet.managed.send("CreateManagedThing", {
      Role: "CONTROLLER",
      AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
      AuthenticationMaterial: `SN:${info.SerialNumber};UPC:${info.UniversalProductCode}`,
    });
    expect(await fleet.status(Id)).toBe("UNASSOCIATED");
    const credential = await fleet.provision(claim, info, undefined, true);
    expect(await fleet.status(Id)).toBe("DISCOVERED");
    hub = await fleet.animate(credential, Id, { ...lightReport, endpoints: [] });
    expect(await fleet.status(Id)).toBe("ACTIVATED");
    hubLocker = await locker();
    await fleet.managed.send("UpdateManagedThing", { Identifier: Id, CredentialLockerId: hubLocker });
  });

  test("it is given a local token as soon as it is ACTIVATED, and no label while there is none", async () => {
    const { json } = await toHub("setup", "LOCAL_TOKEN");
    expect(json).toMatchObject({ seconds: 86_400, key: expect.stringContaining("BEGIN PUBLIC KEY") });
    expect((await toHub("setup", "DEVICE_PROVISIONING")).json).toMatchObject({ first: true, devices: [] });
    // Of its new locker.
    expect((await toHub("setup", "DEVICE_PROVISIONING")).json).toMatchObject({ first: true, devices: [] });
    await fleet.managed.send("PutHubConfiguration", { HubTokenTimerExpirySettingInSeconds: 3600 });
    expect((await toHub("setup", "LOCAL_TOKEN")).json).toMatchObject({ seconds: 3600 });
  });

  test("row 11: it takes only a device that shares its locker: PRE_ASSOCIATED, DISCOVERED, ACTIVATED", async () => {
    lamp = await labelled(MAC, hubLocker);
    const stranger = await labelled("00124B0001A4DC01", await locker());
    expect(await fleet.status(lamp)).toBe("PRE_ASSOCIATED");
    // It knows the label of the one and not of the other.
    const devices = [{ managedThingId: lamp, authenticationMaterial: label(MAC) }];
    expect((await toHub("setup", "DEVICE_PROVISIONING")).json).toMatchObject({ first: false, devices });
    await hub.say("DEVICE_PROVISIONING_REQUEST", {}, "setup");
    const list = (await toHub("setup", "DEVICE_PROVISIONING")).json;
    expect(list).toMatchObject({ first: true, complete: true, devices });
    expect(list["devices"]).toHaveLength(1);

    await hub.say("DEVICE_JOINED", { deviceId: "zb.1", macAddress: "00124B0001A4DC01" }, "setup");
    expect(await hub.rejection()).toMatchObject({ code: 403 });
    expect(await fleet.status(stranger)).toBe("PRE_ASSOCIATED");
    await hub.say("DEVICE_JOINED", { deviceId: "zb.1", macAddress: "00124B0001A4DC02" }, "setup");
    expect(await hub.rejection()).toMatchObject({ code: 404 });

    await hub.say("DEVICE_JOINED", { deviceId: "zb.539D+4A1D", macAddress: MAC.toLowerCase() }, "setup");
    const added = await toHub("setup", "DEVICE_ADDED");
    expect(added.json).toMatchObject({ deviceId: "zb.539D+4A1D", managedThingId: lamp });
    expect(await fleet.managed.send("GetManagedThing", { Identifier: lamp })).toMatchObject({
      ...{ ProvisioningStatus: "DISCOVERED", ParentControllerId: hub.id, MacAddress: MAC },
    });
    await able(lamp);
    await becomes(lamp, "ACTIVATED");
  });

  test("it takes nobody in by a locker that was deleted", async () => {
    const gone = await locker();
    const mac = "00124B0001A4DC07";
    const late = await labelled(mac, gone);
    const moved = (CredentialLockerId: string) =>
      fleet.managed.send("UpdateManagedThing", { Identifier: hub.id, CredentialLockerId });
    await moved(gone);
    await fleet.managed.send("DeleteCredentialLocker", { Identifier: gone });
    await hub.say("DEVICE_JOINED", { deviceId: "zb.7", macAddress: mac }, "setup");
    expect(await hub.rejection()).toMatchObject({ code: 403 });
    expect(await fleet.status(late)).toBe("PRE_ASSOCIATED");
    await moved(hubLocker);
  });

  test("row 43: it searches, and what it found is DISCOVERED, then ACTIVATED", async () => {
    const { Id = "" } = await start();
    const asked = await toHub("setup", "DEVICE_DISCOVERY");
    expect(asked.json).toMatchObject({ discoveryId: Id, discoveryType: "ZIGBEE" });
    const found = { deviceId: "zb.0001+0001", deviceTypes: ["On/Off Plug"], brand: "Acme", model: "P1" };
    await hub.say("DEVICE_DISCOVERED", { discoveryId: Id, devices: [found] }, "setup");
    expect((await job(Id)).Status).toBe("RUNNING");
    await hub.say("DEVICE_DISCOVERED", { discoveryId: Id, devices: [found], status: "SUCCEEDED" }, "setup");
    expect((await job(Id)).Status).toBe("SUCCEEDED");
    const told = await notifications.next("DEVICE_DISCOVERY_STATUS");
    expect(told.payload).toEqual({ deviceDiscoveryId: Id, deviceCount: 1, status: "SUCCEEDED" });
    expect(told.resources[0]).toMatch(new RegExp(`:device-discovery/${Id}$`));
    await hub.say("DEVICE_DISCOVERED", { discoveryId: Id, devices: [] }, "setup");
    expect(await hub.rejection()).toMatchObject({ code: 409 });

    const { Items = [] } = await fleet.managed.send("ListDiscoveredDevices", { Identifier: Id });
    expect(Items).toMatchObject([
      { DeviceTypes: ["On/Off Plug"], Brand: "Acme", Model: "P1", Modification: "DISCOVERED" },
    ]);
    const AuthenticationMaterial = Items[0]?.AuthenticationMaterial ?? "";
    const given = { AuthenticationMaterialType: "DISCOVERED_DEVICE" as const, AuthenticationMaterial };
    plug = (await fleet.managed.send("CreateManagedThing", { Role: "DEVICE", ...given })).Id ?? "";
    expect(await fleet.status(plug)).toBe("DISCOVERED");
    const added = await toHub("setup", "DEVICE_ADDED");
    expect(added.json).toMatchObject({ deviceId: found.deviceId, managedThingId: plug });
    await able(plug);
    await becomes(plug, "ACTIVATED");
  });

  test("commands and reports of a device go through its hub, and of no other", async () => {
    const { TraceId = "" } = await fleet.managed.send("SendManagedThingCommand", {
      ManagedThingId: lamp,
      Endpoints: action("On"),
    });
    const command = await toHub("control", "DEVICE_COMMAND");
    expect(command.json).toMatchObject({ traceId: TraceId, managedThingId: lamp });
    await hub.say("DEVICE_COMMAND_RESPONSE", {
      managedThingId: lamp,
      traceId: TraceId,
      endpoints: [
        {
          endpointId: "1",
          capabilities: [
            {
              id: "matter.OnOff@1.4",
              actions: [{ name: "On", responseCode: 200 }],
              properties: [{ name: "OnOff", value: true }],
            },
          ],
        },
      ],
    });
    expect((await notifications.next("DEVICE_COMMAND")).payload).toMatchObject({
      traceId: TraceId,
      result: "succeeded",
    });
    const { Endpoints } = await fleet.managed.send("GetManagedThingState", { ManagedThingId: lamp });
    expect(JSON.stringify(Endpoints)).toContain('"propertyValue":true');

    const direct = await fleet.puppet(await fleet.claim());
    await hub.say("DEVICE_EVENT", { managedThingId: direct.id, ...reporting({ OnOff: true }) });
    expect(await hub.rejection()).toMatchObject({ code: 404, managedThingId: direct.id });
    await direct.say("DEVICE_EVENT", { managedThingId: lamp, ...reporting({ OnOff: false }) });
    expect(await direct.rejection()).toMatchObject({ code: 404 });
  });

  test("row 46 (part): what it sees of Wi-Fi simple setup is told as DEVICE_WSS", async () => {
    await hub.say("DEVICE_WSS", { managedThingId: lamp, role: "provisionee", status: "STARTED" }, "setup");
    expect((await notifications.next("DEVICE_WSS")).payload).toEqual({
      ...{ managedThingId: lamp, role: "provisionee", status: "STARTED" },
    });
  });

  test("DELETE_IN_PROGRESS, DELETION_FAILED, DELETE_IN_PROGRESS, DELETED", async () => {
    const remove = () => fleet.managed.send("DeleteManagedThing", { Identifier: lamp });
    await remove();
    expect(await fleet.status(lamp)).toBe("DELETE_IN_PROGRESS");
    expect((await toHub("setup", "DEVICE_REMOVAL")).json).toMatchObject({ managedThingId: lamp });
    await hub.say("DEVICE_REMOVAL_RESPONSE", { managedThingId: lamp, responseCode: 500 }, "setup");
    await becomes(lamp, "DELETION_FAILED");
    await remove();
    expect((await toHub("setup", "DEVICE_REMOVAL")).json).toMatchObject({ managedThingId: lamp });
    await hub.say("DEVICE_REMOVAL_RESPONSE", { managedThingId: lamp, responseCode: 200 }, "setup");
    const gone = await fleet.status(lamp).catch((error: unknown) => error);
    expect(gone).toBeInstanceOf(ServiceException);
    expect((gone as ServiceException).name).toBe("ResourceNotFoundException");
  });

  test("a hub that is away cannot search: TIMED_OUT at once, with the reason", async () => {
    await hub.peer.end();
    await eventually("the hub is away", async () => {
      const { Id = "" } = await start();
      return (await job(Id)).Status === "TIMED_OUT" ? true : undefined;
    });
    const told = await notifications.next(
      "DEVICE_DISCOVERY_STATUS",
      ({ payload }) => payload["status"] === "TIMED_OUT",
    );
    expect(told.payload).toMatchObject({ deviceCount: 0, reason: "the controller is not connected" });
  });

  test("ISOLATED, when the hub goes", async () => {
    await fleet.managed.send("DeleteManagedThing", { Identifier: hub.id, Force: true });
    await becomes(plug, "ISOLATED");
    await fleet.managed.send("DeleteManagedThing", { Identifier: plug });
  });

  test("row 44: each change of status was told once", async () => {
    const removal = ["DELETE_IN_PROGRESS", "DELETION_FAILED", "DELETE_IN_PROGRESS", "DELETED"];
    const expected = {
      hub: ["UNASSOCIATED", "DISCOVERED", "ACTIVATED", "DELETED"],
      lamp: ["PRE_ASSOCIATED", "DISCOVERED", "ACTIVATED", ...removal],
      plug: ["DISCOVERED", "ACTIVATED", "ISOLATED", "DELETED"],
    };
    await eventually("all is told", async () => ((await statuses(plug)).includes("DELETED") ? true : undefined));
    expect({ hub: await statuses(hub.id), lamp: await statuses(lamp), plug: await statuses(plug) }).toEqual(expected);
  });
});
