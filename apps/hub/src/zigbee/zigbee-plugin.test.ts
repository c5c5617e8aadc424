import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CoordinatorKind, startZigbeeMesh, type VirtualDevice, type ZigbeeMesh } from "@hearth/simulator";
import { describe, expect, test } from "vitest";
import { ScriptedHost } from "../../../simulator/src/zigbee/scripted-host.ts";
import { type Bridge, dpkSuite, type Stick, type SuiteDevice, startBridge } from "./dpk-suite.ts";

/** The stick of a mesh; on one of Z-Stack the simulator's own host makes the network. */
const zstackOf = ({ port }: ZigbeeMesh): Stick => ({
  port,
  async form({ panId, channel, extendedPanId, key }) {
    const host = await ScriptedHost.connect(port);
    await host.formNetwork({ panId, channel, extendedPanId: Buffer.from(extendedPanId), key: Buffer.from(key) });
    host.close();
  },
});

const stickOf = (mesh: ZigbeeMesh, kind: CoordinatorKind): Stick =>
  kind === "zstack" ? zstackOf(mesh) : { port: mesh.port, adapter: kind };

const suiteDevice = (device: VirtualDevice): SuiteDevice => ({
  address: device.label.slice(2, 18),
  label: device.label,
  powerOn: () => device.powerOn(),
  press: (on) => device.change("1/6/0", on),
  isOn: () => device.read("1/6/0") === true,
  startUp: () => device.read("1/6/16387") as number,
});

const long = process.env["HEARTH_LONG"] === "1";

function onMesh(kind: CoordinatorKind): void {
  let mesh: ZigbeeMesh;
  let bridge: Bridge;

  dpkSuite(`zigbee-herdsman on a simulated mesh (${kind})`, async () => {
    mesh = await startZigbeeMesh({
      coordinator: kind,
      devices: [
        ...[{ type: "plug" }, { type: "plug" }, { type: "plug" }],
        ...[
          { type: "motion", sleepy: true },
          { type: "radiator-valve", sleepy: true },
          { type: "plug", secure: true },
        ],
      ],
    });
    const [plug, stranger] = mesh.devices as [VirtualDevice, VirtualDevice];
    return {
      plug: suiteDevice(plug),
      stranger: suiteDevice(stranger),
      async start() {
        bridge = await startBridge(stickOf(mesh, kind));
        return bridge;
      },
      close: () => mesh.close(),
    };
  });

  const idOf = ({ label }: VirtualDevice) => `zb.${label.slice(2, 18)}`;
  const device = (index: number) => mesh.devices[index] as VirtualDevice;

  test("row 65: the Zigbee network is opened for joining on request, and closed", async () => {
    await bridge.radio.provision({ labels: [] });
    expect(mesh.joinState().open).toBe(false);
    await bridge.radio.open({ seconds: 60 });
    expect(mesh.joinState().open).toBe(true);
    for (const index of [2, 4]) {
      device(index).powerOn();
      await bridge.hear("joined", ({ device: one }) => (one as { deviceId: string }).deviceId === idOf(device(index)));
    }
    await bridge.radio.close({});
    expect(mesh.joinState().open).toBe(false);
  });

  test("a device that sleeps does what it is told when it wakes, or it was too late", async () => {
    const valve = device(4);
    const id = idOf(valve);
    valve.sleep();
    const update = { OccupiedHeatingSetpoint: 2450 };
    const waited = bridge.run(id, "matter.Thermostat@1.4", "UpdateState", update);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(valve.read("occupiedHeatingSetpoint")).toBe(2000);
    valve.wake();
    expect(await waited).toMatchObject({ responseCode: 200, properties: update });
    valve.sleep();
    const late = await bridge.run(id, "matter.OnOff@1.4", "Toggle", {}, 200);
    expect(late).toMatchObject({ responseCode: 504 });
    await bridge.hear("reachable", ({ deviceId, reachable }) => deviceId === id && reachable === false);
    valve.wake();
  });

  test("an interview that is cut by a kill is done at the next start", async () => {
    await bridge.radio.open({ seconds: 60 });
    const sensor = device(3);
    sensor.powerOn();
    await bridge.hear("interviewing", ({ deviceId }) => deviceId === idOf(sensor));
    await bridge.restart();
    await bridge.hear("joined", ({ device: one }) => (one as { deviceId: string }).deviceId === idOf(sensor));
    sensor.change("motion", true);
    await bridge.property(idOf(sensor), "matter.BooleanState@1.4", "StateValue", true);
  });

  test("a device that got into the network just when the hub was killed joins when it is turned on again", async () => {
    const plug = device(0);
    plug.reset();
    await bridge.radio.open({ seconds: 60 });
    plug.powerOn();
    await bridge.hear("interviewing", ({ deviceId }) => deviceId === idOf(plug));
    await bridge.halt();
    // As if the kill had come before the library wrote it down.
    const path = join(bridge.directory, "devices.db");
    const lines = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, lines.filter((line) => !line.includes(idOf(plug).slice(3).toLowerCase())).join("\n"));
    await bridge.resume();
    await bridge.hear("health", ({ state }) => state === "up");
    expect(plug.joined).toBe(true);
    expect((await bridge.radio.devices({})).devices.map(({ deviceId }) => deviceId)).not.toContain(idOf(plug));
    await bridge.radio.open({ seconds: 60 });
    plug.powerOn();
    await bridge.hear("joined", ({ device: one }) => (one as { deviceId: string }).deviceId === idOf(plug));
    expect(await bridge.radio.remove({ deviceId: idOf(plug), force: false, seconds: 10 })).toEqual({ outcome: "gone" });
  });

  test("a coordinator that goes in the middle of a command is 503, and comes back with its network and devices", async () => {
    const plug = device(2);
    const before = (await bridge.radio.devices({})).devices.map(({ deviceId }) => deviceId);
    plug.mute();
    const command = bridge.run(idOf(plug), "matter.OnOff@1.4", "On");
    await mesh.cut();
    expect(await command).toMatchObject({ responseCode: 503 });
    await bridge.hear("health", ({ state }) => state === "coordinator-gone");
    expect(await bridge.run(idOf(plug), "matter.OnOff@1.4", "On")).toMatchObject({ responseCode: 503 });
    const known = (await bridge.radio.devices({})).devices.map(({ deviceId }) => deviceId);
    expect(known).toEqual(expect.arrayContaining(before));
    await expect(bridge.radio.open({ seconds: 1 })).rejects.toMatchObject({ code: "NoRadio" });
    bridge.said.length = 0;
    plug.unmute();
    await mesh.restore();
    await bridge.hear("health", ({ state }) => state === "up");
    expect(await bridge.run(idOf(plug), "matter.OnOff@1.4", "On")).toMatchObject({ responseCode: 200 });
  });

  if (!long) return;

  test("a coordinator whose firmware starts anew by itself is had back, with its network and devices", async () => {
    const plug = device(2);
    bridge.said.length = 0;
    mesh.reboot();
    await bridge.hear("health", ({ state }) => state === "coordinator-gone");
    await bridge.hear("health", ({ state }) => state === "up");
    expect(await bridge.run(idOf(plug), "matter.OnOff@1.4", "Off")).toMatchObject({ responseCode: 200 });
    plug.change("1/6/0", true);
    await bridge.property(idOf(plug), "matter.OnOff@1.4", "OnOff", true);
  });

  test("a device that comes under its install code only comes, also when the label was taken back and given again", async () => {
    const plug = device(5);
    const labels = [
      {
        ...{ managedThingId: "t5", protocol: "ZIGBEE" as const, materialType: "ZIGBEE_QR_BAR_CODE" },
        material: plug.label,
      },
    ];
    // Opened for everybody by another test, it would stay open.
    await bridge.radio.close({});
    await bridge.radio.provision({ labels });
    expect(mesh.joinState().open).toBe(true);
    expect(mesh.joinState().installCodes).toContain(plug.label.slice(2, 18));
    await bridge.radio.provision({ labels: [] });
    expect(mesh.joinState().open).toBe(false);
    plug.powerOn();
    await bridge.radio.provision({ labels });
    await bridge.hear("joined", ({ device: one }) => (one as { deviceId: string }).deviceId === idOf(plug));
    expect(await bridge.run(idOf(plug), "matter.OnOff@1.4", "On")).toMatchObject({ responseCode: 200 });
    expect(plug.read("1/6/0")).toBe(true);
    await bridge.radio.close({});
  });

  test("a device that goes by its own button is told as gone", async () => {
    const plug = device(5);
    plug.press();
    await bridge.hear("left", ({ deviceId }) => deviceId === idOf(plug));
    expect((await bridge.radio.devices({})).devices.map(({ deviceId }) => deviceId)).not.toContain(idOf(plug));
  });
}

describe("zstack", () => onMesh("zstack"));
// Both sticks in the long run; of the second what every DPK must pass in the short one.
describe("ember", () => {
  if (long) onMesh("ember");
  else {
    dpkSuite("zigbee-herdsman on a simulated mesh (ember)", async () => {
      const mesh = await startZigbeeMesh({ devices: [{ type: "plug" }, { type: "plug" }], coordinator: "ember" });
      const [plug, stranger] = mesh.devices as [VirtualDevice, VirtualDevice];
      return {
        ...{ plug: suiteDevice(plug), stranger: suiteDevice(stranger) },
        start: () => startBridge(stickOf(mesh, "ember")),
        close: () => mesh.close(),
      };
    });
  }
});
