import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Controller, setLogger } from "zigbee-herdsman";
import { zigbeeTypes } from "../catalogue.ts";
import type { VirtualDevice, ZigbeeMesh } from "../virtual-device.ts";
import { startZigbeeMesh } from "./mesh.ts";
import { ScriptedHost } from "./scripted-host.ts";

const quiet = () => {};
setLogger({ debug: quiet, info: quiet, warning: quiet, error: quiet });

const EXTENDED_PAN_ID = [1, 2, 3, 4, 5, 6, 7, 8];
const KEY = [...Array(16).keys()];

describe("zigbee-herdsman on the simulated coordinator", () => {
  const directory = mkdtempSync(join(tmpdir(), "mesh-"));
  const locked = { type: "plug", secure: true };
  const devices = [...zigbeeTypes.map((type) => ({ type: type.name })), locked];
  let mesh: ZigbeeMesh;
  let controller: Controller;

  const createController = () =>
    new Controller({
      network: { panID: 0x1a62, extendedPanID: EXTENDED_PAN_ID, networkKey: KEY, channelList: [11] },
      serialPort: { path: `tcp://127.0.0.1:${mesh.port}`, adapter: "zstack" },
      databasePath: join(directory, "database"),
      backupPath: join(directory, "backup"),
      databaseBackupPath: join(directory, "database.backup"),
      adapter: { disableLED: false },
      acceptJoiningDeviceHandler: async () => true,
    });
  const device = (id: string): VirtualDevice => {
    const found = mesh.devices.find((other) => other.id === id);
    if (!found) throw new Error(`no ${id}`);
    return found;
  };
  const addressOf = (id: string) => `0x${device(id).label.slice(2, 18).toLowerCase()}`;
  const endpointOf = (id: string) => {
    const endpoint = controller.getDeviceByIeeeAddr(addressOf(id))?.getEndpoint(1);
    if (!endpoint) throw new Error(`${id} was not interviewed`);
    return endpoint;
  };
  const coordinatorEndpoint = () => {
    const endpoint = controller.getDevicesByType("Coordinator")[0]?.getEndpoint(1);
    if (!endpoint) throw new Error("no coordinator");
    return endpoint;
  };
  const interviewed = (count: number) =>
    new Promise<string[]>((resolve) => {
      const ended: string[] = [];
      controller.on("deviceInterview", ({ status }) => {
        if (status !== "started") ended.push(status);
        if (ended.length === count) resolve(ended);
      });
    });
  const message = (type: string, cluster: string) =>
    new Promise((resolve) => {
      controller.on("message", (event) => {
        if (event.type === type && event.cluster === cluster) resolve(event.data);
      });
    });

  beforeAll(async () => {
    mesh = await startZigbeeMesh({ devices });
    // A network that exists already: a library waits three seconds for a new one to settle.
    const host = await ScriptedHost.connect(mesh.port);
    await host.formNetwork({
      panId: 0x1a62,
      extendedPanId: Buffer.from(EXTENDED_PAN_ID),
      key: Buffer.from(KEY),
      channel: 11,
    });
    host.close();
    controller = createController();
    expect(await controller.start()).toBe("resumed");
  });
  afterAll(async () => {
    await controller?.stop();
    await mesh?.close();
    rmSync(directory, { recursive: true, maxRetries: 10 });
  });

  it("interviews one device of each type, with exactly its clusters", async () => {
    await controller.permitJoin(60);
    expect(mesh.joinState().open).toBe(true);
    const all = interviewed(zigbeeTypes.length);
    for (const type of zigbeeTypes) device(`${type.name}-1`).powerOn();
    expect(new Set(await all)).toEqual(new Set(["successful"]));
    for (const type of zigbeeTypes) {
      const endpoint = endpointOf(`${type.name}-1`);
      expect(endpoint.inputClusters).toEqual(type.endpoints[0]?.server.map(({ id }) => id));
      expect(endpoint.deviceID).toBe(type.endpoints[0]?.device);
      expect(endpoint.getDevice().modelID).toBe(type.model);
    }
  });

  it("commands, reads, writes, and reports what it was configured to", async () => {
    const light = endpointOf("color-light-1");
    await light.bind("genOnOff", coordinatorEndpoint());
    await light.configureReporting("genOnOff", [
      { attribute: "onOff", minimumReportInterval: 0, maximumReportInterval: 300, reportableChange: 0 },
    ]);
    const reported = message("attributeReport", "genOnOff");
    await light.command("genOnOff", "on", {});
    expect(await reported).toEqual({ onOff: 1 });
    expect(device("color-light-1").read("1/6/0")).toBe(true);
    await light.command("genLevelCtrl", "moveToLevelWithOnOff", { level: 77, transtime: 0 });
    expect(await light.read("genLevelCtrl", ["currentLevel"])).toEqual({ currentLevel: 77 });
    await endpointOf("thermostat-1").write("hvacThermostat", { occupiedHeatingSetpoint: 2300 });
    expect(device("thermostat-1").read("occupiedHeatingSetpoint")).toBe(2300);
    expect(device("thermostat-1").read("thermostatRunningState")).toBe(1);
  });

  it("enrols a zone, whose alarm is told", async () => {
    expect(device("motion-1").read("zoneState")).toBe(1);
    const told = message("commandStatusChangeNotification", "ssIasZone");
    device("motion-1").change("motion", true);
    expect(await told).toMatchObject({ zonestatus: 1 });
  });

  it("lets a device with an install code in under that code only", async () => {
    const plug = device("plug-2");
    plug.powerOn();
    const wrong = device("plug-1").installCode;
    await controller.addInstallCode(`${addressOf("plug-2").slice(2)}|${wrong}`);
    expect(plug.joined).toBe(false);
    const ended = interviewed(1);
    await controller.addInstallCode(plug.label);
    expect(await ended).toEqual(["successful"]);
    expect(plug.joined).toBe(true);
  });

  it("leaves when it is told to", async () => {
    const left = new Promise<string>((resolve) => controller.on("deviceLeave", ({ ieeeAddr }) => resolve(ieeeAddr)));
    await controller.getDeviceByIeeeAddr(addressOf("plug-1"))?.removeFromNetwork();
    expect(await left).toBe(addressOf("plug-1"));
    expect(device("plug-1").joined).toBe(false);
  });
});
