import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HomeApp } from "../../apps/server/src/demo/hub/home-app.ts";
import { createRandom } from "../../apps/simulator/src/zigbee/random.ts";
import { cloudOf, type LivingHub, openHub } from "../kit/hub.ts";
import { surviveKill } from "../kit/hub-turmoil.ts";
import { type Fleet, openFleet } from "./fleet.ts";
import { appOf } from "./hub-things.ts";
import { type Notifications, openNotifications } from "./stream.ts";

// The whole way: the app's calls, the cloud, the hub's own processes, both radio stacks, and devices on air. The tests
// are chapters: each goes on where the one before has ended.
let fleet: Fleet;
let hub: LivingHub;
let app: HomeApp;
let notifications: Notifications;
/** The colour light's thing, from the chapter of both radios on. */
let light: string;

const ON_OFF = "matter.OnOff@1.4";
const LEVEL = "matter.LevelControl@1.4";

beforeAll(async () => {
  fleet = await openFleet();
  notifications = await openNotifications(fleet, "setup", ["DEVICE_LIFE_CYCLE", "DEVICE_DISCOVERY_STATUS"]);
  hub = await openHub(cloudOf(fleet), {
    zigbee: [{ type: "color-light" }, { type: "plug" }, { type: "motion" }, { type: "switch" }],
    zwave: [{ type: "dimmable-light" }, { type: "plug" }],
  });
  app = appOf(fleet, hub);
});
afterAll(async () => {
  await hub?.close();
  await fleet?.close();
});

const lifeCycle = (id: string, status: string) =>
  notifications.next("DEVICE_LIFE_CYCLE", ({ payload }) => {
    return (payload["deviceDetails"] as { id: string }).id === id && payload["status"] === status;
  });

describe("through the real hub", () => {
  test("row 16: simple setup, its seven steps", async () => {
    // 1, 2: a locker, and the hub with it.
    const { Id, Arn, CreatedAt } = await fleet.managed.send("CreateCredentialLocker", {});
    expect({ Id, Arn, CreatedAt }).toEqual({
      Id: expect.any(String),
      Arn: expect.stringContaining("credential-locker"),
      CreatedAt: expect.anything(),
    });
    await fleet.managed.send("UpdateManagedThing", { Identifier: hub.id, CredentialLockerId: Id });
    // 3, 4: the bar code is scanned, then the device is powered.
    const device = hub.device("color-light");
    const id = await hub.label(device, Id);
    expect(await fleet.status(id)).toBe("PRE_ASSOCIATED");
    device.powerOn();
    await lifeCycle(id, "ACTIVATED");
    const thing = await fleet.managed.send("GetManagedThing", { Identifier: id });
    expect(thing).toMatchObject({ ProvisioningStatus: "ACTIVATED", ParentControllerId: hub.id });
    // 5, 6: what it can do, and one of it.
    expect(Object.values(await app.capabilities(id)).flat()).toContain(ON_OFF);
    const TraceId = await app.command(id, ON_OFF, "Toggle");
    expect(TraceId).not.toBe("");
    await app.stateIs(id, ON_OFF, "OnOff", true);
    // 7
    await app.remove(id);
    await lifeCycle(id, "DELETED");
    expect(device.joined).toBe(false);
    await fleet.managed.send("UpdateManagedThing", { Identifier: hub.id, CredentialLockerId: hub.locker });
  });

  test("row 17: zero-touch setup: scanned long before, ACTIVATED by being powered on", async () => {
    const plug = hub.device("switch");
    const id = await hub.label(plug);
    plug.powerOn();
    await lifeCycle(id, "ACTIVATED");
    await app.remove(id);
  });

  test("row 11 (part): a device of another locker does not get into the mesh", async () => {
    const stranger = hub.device("motion");
    const elsewhere = (await fleet.managed.send("CreateCredentialLocker", {})).Id ?? "";
    const id = await hub.label(stranger, elsewhere);
    const friend = hub.device("plug");
    const friendId = await hub.label(friend);
    stranger.powerOn();
    friend.powerOn();
    await app.becomes(friendId, "ACTIVATED");
    await app.until("the stranger to be turned away", async () =>
      !stranger.joined && hub.output().includes("a device that nobody awaits is turned away") ? true : undefined,
    );
    expect(await fleet.status(id)).toBe("PRE_ASSOCIATED");
    // It would ask again for minutes.
    stranger.reset();
    await app.remove(friendId);
    await fleet.managed.send("DeleteManagedThing", { Identifier: id });
  });

  test("row 18: user-guided setup, its eight steps", async () => {
    const dimmer = hub.device("dimmable-light");
    dimmer.press();
    // 1, 2
    const { discoveryId, materials } = await app.discover("ZWAVE", { pin: dimmer.pin });
    // 3, 4
    const id = await app.take(materials[0] ?? "");
    await app.becomes(id, "ACTIVATED");
    const thing = await fleet.managed.send("GetManagedThing", { Identifier: id });
    expect(thing.ParentControllerId).toBe(hub.id);
    // 5, 6, 7
    expect(Object.values(await app.capabilities(id)).flat()).toEqual([LEVEL, ON_OFF].sort());
    await app.command(id, ON_OFF, "On");
    await app.stateIs(id, ON_OFF, "OnOff", true);
    // 8
    await app.remove(id, () => dimmer.press());
    expect(dimmer.joined).toBe(false);
    const told = await notifications.next(
      "DEVICE_DISCOVERY_STATUS",
      ({ payload }) => payload["deviceDiscoveryId"] === discoveryId,
    );
    expect(told.payload).toMatchObject({ deviceCount: 1, status: "SUCCEEDED" });
  });

  test("row 14: a Zigbee and a Z-Wave device onboard, take commands and tell their state", async () => {
    const [zigbee, zwave] = [hub.device("color-light"), hub.device("dimmable-light")];
    zigbee.reset();
    zwave.reset();
    light = await hub.label(zigbee);
    const dimmer = await hub.label(zwave);
    zigbee.powerOn();
    zwave.powerOn();
    for (const id of [light, dimmer]) {
      await app.becomes(id, "ACTIVATED");
      await app.command(id, ON_OFF, "On");
      await app.stateIs(id, ON_OFF, "OnOff", true);
      await app.command(id, ON_OFF, "Off");
      await app.stateIs(id, ON_OFF, "OnOff", false);
    }
    // A hand on the device.
    zigbee.change("1/6/0", true);
    await app.stateIs(light, ON_OFF, "OnOff", true);
    zwave.change("1/38/currentValue", 99);
    await app.stateIs(dimmer, LEVEL, "CurrentLevel", 254);
  });

  test("row 79: the hub appears as a device, and answers a command through the proxy", async () => {
    const capabilities = Object.values(await app.capabilities(hub.id)).flat();
    expect(capabilities).toContain("matter.GeneralDiagnostics@1.4");
    await app.command(hub.id, "matter.GeneralDiagnostics@1.4", "ReadState", { propertiesToRead: ["*"] });
    await app.until("UpTime", async () => {
      const state = await app.state(hub.id);
      return Object.keys(state).some((path) => path.endsWith("/UpTime")) ? true : undefined;
    });
  });

  test("killed while commands, reports, a join and a removal are under way it forgets nobody and agrees with the cloud", async () => {
    const [plug, lamp] = [hub.device("plug", "zigbee"), hub.device("switch")];
    for (const device of [plug, lamp]) device.reset();
    const lampId = await hub.label(lamp);
    lamp.powerOn();
    await app.becomes(lampId, "ACTIVATED");
    const things = new Map([
      [hub.device("color-light"), light],
      [lamp, lampId],
    ]);
    const home = { hub, app, managed: fleet.managed, protocol: "zigbee" as const, things };
    const random = createRandom(1);
    await surviveKill(home, { victim: "core", random, joins: plug, leaves: lamp });
    lamp.reset();
    await surviveKill(home, { victim: "zigbee", random, joins: lamp, leaves: plug });
  });
});
