import { FakeClock, silentLogger } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { Matter } from "@matter/main";
import type { ClientNode } from "@matter/main/node";
import { QrPairingCodeCodec } from "@matter/main/types";
import { describe, expect, test } from "vitest";
import {
  type ClusterView,
  eventOf,
  propertiesOf,
  requestOf,
  responseOf,
  viewCluster,
  writesOf,
} from "./cluster-view.ts";
import type { Commissionable } from "./controller.ts";
import { createJoining } from "./joining.ts";
import { readSetupCode, type SetupCode } from "./setup-code.ts";

// In one file, since the library takes a second to be loaded.

/** A cluster of a device that has all of it. */
function whole(name: string): ClusterView {
  const cluster = Matter.clusters(name);
  if (!cluster) throw new Error(`no cluster ${name}`);
  const ids = (elements: Iterable<{ id?: number }>) => [...elements].map(({ id }) => id ?? -1);
  const view = viewCluster(cluster, { attributes: ids(cluster.attributes), commands: ids(cluster.commands) });
  if (!view) throw new Error(`${name} is not shown`);
  return view;
}

const shown = [...Matter.clusters].flatMap(({ name, id }) => {
  const cluster = Matter.clusters(name);
  return id !== undefined && cluster && viewCluster(cluster, { attributes: [], commands: [] }) ? [name] : [];
});

/** Of Matter 1.4, and no more in the Matter of the library that speaks it. */
const WITHDRAWN: Readonly<Record<string, readonly string[]>> = {
  DoorLock: [
    "AlarmMask",
    ...["SetPINCode", "GetPINCode", "ClearPINCode", "ClearAllPINCodes", "SetUserStatus", "GetUserStatus"],
    ...["SetUserType", "GetUserType", "SetRFIDCode", "GetRFIDCode", "ClearRFIDCode", "ClearAllRFIDCodes"],
  ],
  Thermostat: [
    ...["StartOfWeek", "NumberOfWeeklyTransitions", "NumberOfDailyTransitions"],
    ...["SetWeeklySchedule", "GetWeeklySchedule", "ClearWeeklySchedule"],
  ],
  WindowCovering: [
    ...["PhysicalClosedLimitLift", "PhysicalClosedLimitTilt", "CurrentPositionLift", "CurrentPositionTilt"],
    ...["InstalledOpenLimitLift", "InstalledClosedLimitLift", "InstalledOpenLimitTilt", "InstalledClosedLimitTilt"],
    ...["GoToLiftValue", "GoToTiltValue"],
  ],
};

describe("names", () => {
  test("every element that the data model has of a device's clusters is found by its id, under the same name", () => {
    expect(shown.length).toBeGreaterThan(75);
    for (const name of shown) {
      const view = whole(name);
      const { properties = {}, actions = [], events = [] } = view.capability.document;
      const found = [...view.attributes, ...view.actions, ...view.events];
      const globals = [
        "GeneratedCommandList",
        "AcceptedCommandList",
        "EventList",
        "AttributeList",
        "FeatureMap",
        "ClusterRevision",
      ];
      const known = [...Object.keys(properties), ...[...actions, ...events].map((one) => one.name)];
      const missing = known.filter((one) => !globals.includes(one) && !found.some((element) => element.name === one));
      expect(missing, name).toEqual(WITHDRAWN[name] ?? []);
      // The two write capitals differently, and agree about the words.
      const plain = (text: string) => text.toLowerCase();
      for (const { name: ours, model } of found) expect(plain(model.name), `${name}.${ours}`).toBe(plain(ours));
    }
  });

  test("what looks after the node itself is nobody's to command", () => {
    for (const name of [
      "OperationalCredentials",
      "AccessControl",
      "NetworkCommissioning",
      "Descriptor",
      "Groups",
      "ScenesManagement",
    ]) {
      expect(shown).not.toContain(name);
    }
    expect(shown).toContain("PowerSource");
  });
});

describe("values", () => {
  test("bits, structs, octets and 64-bit numbers go to the model's words", () => {
    expect(propertiesOf(whole("LevelControl"), { currentLevel: 77, options: { executeIfOff: true } })).toEqual([
      { name: "CurrentLevel", value: 77 },
      { name: "Options", value: { ExecuteIfOff: 1, CoupleColorTempToLevel: 0 } },
    ]);
    const energy = { energy: 12_345n, startSystime: 5, endSystime: 9n };
    expect(propertiesOf(whole("ElectricalEnergyMeasurement"), { cumulativeEnergyImported: energy })).toEqual([
      { name: "CumulativeEnergyImported", value: { Energy: 12_345, StartSystime: 5, EndSystime: 9 } },
    ]);
    expect(propertiesOf(whole("OccupancySensing"), { occupancy: { occupied: true } })).toEqual([
      { name: "Occupancy", value: expect.objectContaining({ Occupied: 1 }) },
    ]);
  });

  test("a value that is younger than the model is left out, and nothing else with it", () => {
    const values = { onOff: true, startUpOnOff: 9, onTime: 3 };
    expect(propertiesOf(whole("OnOff"), values).map(({ name }) => name)).toEqual(["OnOff", "OnTime"]);
  });

  test("an event with its fields", () => {
    const lock = whole("DoorLock");
    const [event] = lock.events.filter(({ name }) => name === "LockOperation");
    const payload = { lockOperationType: 1, operationSource: 7, userIndex: null, fabricIndex: 1, sourceNode: 5n };
    expect(event && eventOf(lock, event.model, payload)).toEqual({
      name: "LockOperation",
      parameters: expect.objectContaining({ LockOperationType: "Unlock", OperationSource: "Remote", UserIndex: null }),
    });
  });

  test("a command's parameters, and its response", () => {
    const lock = whole("DoorLock");
    const request = requestOf(lock, "UnlockDoor", { PINCode: "31323334" });
    expect(request).toMatchObject({ command: "unlockDoor", fields: { pinCode: new Uint8Array(Buffer.from("1234")) } });
    const { model } = requestOf(lock, "GetUser", { UserIndex: 1 });
    expect(responseOf(lock, model, { userIndex: 1, userName: "Ada", userStatus: 1, credentials: null })).toMatchObject({
      UserIndex: 1,
      UserName: "Ada",
      UserStatus: "OccupiedEnabled",
    });
  });

  test.each<[string, string, JsonObject, number]>([
    ["OnOff", "Explode", {}, 501],
    ["DoorLock", "UnlockDoor", { PINCode: "not hex" }, 400],
    ["LevelControl", "MoveToLevel", { Level: "much" }, 400],
    ["LevelControl", "MoveToLevel", { Level: 1, Absent: 2 }, 400],
    ["FanControl", "Step", { Direction: "Sideways" }, 400],
  ])("%s.%s refuses %j", (cluster, action, parameters, responseCode) => {
    expect(() => requestOf(whole(cluster), action, parameters)).toThrow(expect.objectContaining({ responseCode }));
  });

  test("writes, and what cannot be written", () => {
    const written = writesOf(whole("LevelControl"), { Options: { ExecuteIfOff: 1 }, OnLevel: null });
    expect(Object.fromEntries(written.map(({ model, value }) => [model.propertyName, value]))).toEqual({
      options: { executeIfOff: true, coupleColorTempToLevel: false },
      onLevel: null,
    });
    const refused = (parameters: JsonObject) => () => writesOf(whole("LevelControl"), parameters);
    expect(refused({ CurrentLevel: 1 })).toThrow(expect.objectContaining({ responseCode: 400 }));
    expect(refused({ Absent: 1 })).toThrow(expect.objectContaining({ responseCode: 501 }));
    expect(refused({ OnLevel: "x" })).toThrow(expect.objectContaining({ responseCode: 400 }));
  });
});

const QR = "MT:Y.K90AFN00KA0648G00";
const MANUAL = "34970112332";

describe("setup codes", () => {
  test("the QR code and the manual code of one device", () => {
    expect(readSetupCode(QR)).toEqual({ passcode: 20202021, longDiscriminator: 3840 });
    expect(readSetupCode(" 3497-011-2332 ")).toEqual({ passcode: 20202021, shortDiscriminator: 15 });
  });

  test("what is no code is refused with a reason that does not repeat it", () => {
    const device = { version: 0, vendorId: 1, productId: 1, flowType: 0, discriminator: 1, passcode: 20202021 };
    const overBluetooth = QrPairingCodeCodec.encode([{ ...device, discoveryCapabilities: 2 }]);
    const several = `${QR}*${QR.slice(3)}`;
    for (const text of [
      "",
      "MT:",
      "MT:lower",
      "34970112333",
      "12345",
      "HTTPBULB:B1",
      several,
      overBluetooth,
      "9".repeat(600),
    ]) {
      const read = readSetupCode(text);
      expect(read, text).toHaveProperty("problem");
      if ("problem" in read && text.length > 4) expect(read.problem).not.toContain(text);
    }
    expect(readSetupCode(overBluetooth)).toEqual({ problem: expect.stringContaining("not on the network yet") });
  });
});

/** Joining among devices that announce themselves; `admit` says what becomes of each. */
function house(admit: (device: Commissionable, code: SetupCode) => Promise<ClientNode>) {
  const clock = new FakeClock();
  const air: Commissionable[] = [];
  const told: unknown[] = [];
  let looks = 0;
  let nextId = 1n;
  const joining = createJoining({
    controller: {
      async find(wanted) {
        looks++;
        return air.find(wanted);
      },
      commission: (id, code) => admit(air.find((device) => device.id === id) as Commissionable, code),
    },
    ...{ clock, log: silentLogger },
    begin: async (material) => {
      told.push(["begin", material]);
      return nextId++;
    },
    joined: async (nodeId) => void told.push(["joined", nodeId]),
    failed: async (nodeId, reason) => void told.push(["failed", nodeId, reason]),
    stray: () => void told.push(["stray"]),
  });
  const settle = async (milliseconds = 0) => {
    clock.advance(milliseconds);
    for (let i = 0; i < 30; i++) await Promise.resolve();
  };
  return { air, told, joining, settle, looks: () => looks };
}

const light = (discriminator: number, id = "peer1"): Commissionable => ({ id, discriminator });
const NODE = {} as ClientNode;

describe("joining", () => {
  test("a label's device comes when it is there, however late, and others do not", async () => {
    const { air, told, joining, settle, looks } = house(async () => NODE);
    expect([...joining.await([QR, "HTTPBULB:B1"])]).toEqual([["HTTPBULB:B1", expect.stringContaining("neither")]]);
    air.push(light(7));
    await settle();
    for (let i = 0; i < 20; i++) await settle(60_000);
    expect(told).toEqual([]);
    expect(looks()).toBe(21);
    air.push(light(3840, "peer2"));
    await settle(60_000);
    expect(told).toEqual([
      ["begin", QR],
      ["joined", 1n],
    ]);
    await settle(600_000);
    expect(looks()).toBe(22);
  });

  test("a label whose passcode is wrong is tried three times, a search once", async () => {
    const { air, told, joining, settle } = house(async () => Promise.reject(new Error("wrong")));
    air.push(light(3840));
    joining.await([QR]);
    await settle();
    for (let i = 0; i < 20; i++) await settle(60_000);
    expect(told.filter((one) => Array.isArray(one) && one[0] === "failed")).toEqual([
      ["failed", 1n, "wrong"],
      ["failed", 2n, "wrong"],
      ["failed", 3n, "wrong"],
    ]);
    joining.await([]);
    told.length = 0;
    air.push(light(0xf11, "peer2"));
    joining.search(readSetupCode(MANUAL) as SetupCode, 120);
    await settle();
    await settle(60_000);
    expect(told).toEqual([
      ["begin", undefined],
      ["failed", 4n, "wrong"],
    ]);
  });

  test("a search ends with its time, or when it is told to", async () => {
    const { air, told, joining, settle } = house(async () => NODE);
    joining.search(readSetupCode(MANUAL) as SetupCode, 10);
    await settle();
    await settle(10_000);
    air.push(light(0xfab));
    await settle(60_000);
    joining.search(readSetupCode("MT:Y.K90AFN00KA0648G00") as SetupCode, 10);
    joining.endSearch();
    await settle(60_000);
    expect(told).toEqual([]);
  });

  test("a device that takes too long is let go, also when it ends well after all", async () => {
    let end = (_node: ClientNode) => {};
    const { air, told, joining, settle } = house(() => new Promise((resolve) => (end = resolve)));
    air.push(light(3840));
    joining.search(readSetupCode(QR) as SetupCode, 300);
    await settle();
    await settle(120_000);
    expect(told).toEqual([
      ["begin", undefined],
      ["failed", 1n, "the device was not commissioned within 120 s"],
    ]);
    end(NODE);
    await settle();
    expect(told.at(-1)).toEqual(["stray"]);
  });
});
