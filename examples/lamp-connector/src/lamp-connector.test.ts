import { type DeviceCommand, matter, VendorError } from "@hearth/connector-sdk";
import { fromMatterReport, validateProperties } from "@hearth/data-model";
import { expect, describe as group, it } from "vitest";
import { capabilitiesOf, describe, parseDevice, type VendorDevice, vendorActionOf } from "./devices.ts";
import { deviceEventOf } from "./forwarder.ts";

const lamp: VendorDevice = {
  id: "lamp-1",
  name: "Lamp",
  type: "lamp",
  state: { on: true, level: 40, colorTemperature: 2_700 },
};
const fan: VendorDevice = { id: "fan-1", name: "Fan", type: "fan", state: { mode: "low", speed: 33 } };
const camera: VendorDevice = { id: "camera-1", name: "Camera", type: "camera", state: { privacy: true, motion: true } };
const command = (capability: string, action: string, parameters = {}): DeviceCommand => ({
  ...{ endpointId: "1", capability: `matter.${capability}@1.4`, action, parameters },
});

group("the vendor's devices", () => {
  it("are described and told of as the data model wants it", () => {
    for (const device of [lamp, fan, camera]) {
      const converted = fromMatterReport(matter.report(describe(device).report));
      if ("violations" in converted) throw new Error(JSON.stringify(converted.violations));
      const told = converted.state[0]?.capabilities.map(({ id, properties = [] }) => ({
        id,
        properties: Object.fromEntries(properties.map(({ name, value }) => [name, value])),
      }));
      expect(told).toEqual(capabilitiesOf(device));
      expect(validateProperties(converted.report, converted.state)).toEqual([]);
    }
  });

  it("are commanded in the vendor's words", () => {
    const table: [VendorDevice, DeviceCommand, unknown][] = [
      [lamp, command("OnOff", "On"), { change: { on: true } }],
      [lamp, command("OnOff", "Toggle"), { action: "toggle" }],
      [lamp, command("OnOff", "ReadState", { propertiesToRead: ["*"] }), "read"],
      [lamp, command("LevelControl", "MoveToLevel", { Level: 127 }), { change: { level: 50 } }],
      [lamp, command("LevelControl", "MoveToLevelWithOnOff", { Level: 0 }), { change: { on: false } }],
      [
        lamp,
        command("ColorControl", "MoveToColorTemperature", { ColorTemperatureMireds: 1 }),
        { change: { colorTemperature: 6_500 } },
      ],
      [fan, command("FanControl", "UpdateState", { FanMode: "High" }), { change: { mode: "high" } }],
      [fan, command("FanControl", "UpdateState", { PercentSetting: 30 }), { change: { speed: 30 } }],
      [
        fan,
        command("FanControl", "Step", { Direction: "Decrease" }),
        { action: "step", parameters: { direction: "down" } },
      ],
      [camera, command("OnOff", "Off"), { change: { privacy: true } }],
    ];
    for (const [device, asked, action] of table) expect(vendorActionOf(device, asked)).toEqual(action);
    const refused: [VendorDevice, DeviceCommand][] = [
      [lamp, command("FanControl", "Step")],
      [lamp, command("LevelControl", "MoveToLevel", { Level: "bright" })],
      [fan, command("FanControl", "UpdateState", { FanMode: "constructor" })],
      [camera, command("OnOff", "Toggle")],
    ];
    for (const [device, asked] of refused) expect(() => vendorActionOf(device, asked)).toThrow(VendorError);
  });

  it("are what the vendor says they are, or nonsense", () => {
    expect(parseDevice({ ...lamp })).toEqual(lamp);
    expect(parseDevice({ id: "x", type: "kettle", state: {} })).toBeUndefined();
    for (const wrong of [
      null,
      "lamp",
      {},
      { ...lamp, id: "../x" },
      { ...lamp, state: { on: 1 } },
      { ...fan, state: { mode: "constructor", speed: 1 } },
    ]) {
      expect(() => parseDevice(wrong)).toThrow(VendorError);
    }
  });

  it("tell of themselves what nobody has asked for", () => {
    const event = (members: object) => ({ type: "device.state", data: JSON.stringify({ userId: "u-1", ...members }) });
    const told = deviceEventOf(event({ device: camera, changed: ["motion"], cause: "device" }));
    expect(told).toMatchObject({ connectorDeviceId: "camera-1", userId: "u-1" });
    expect(told?.endpoints[0]?.capabilities[1]).toMatchObject({
      events: { OccupancyChanged: { Occupancy: { Occupied: 1 } } },
    });
    expect(deviceEventOf(event({ device: lamp, requestId: "hearth-1" }))).toBeUndefined();
    expect(deviceEventOf({ type: "device.removed", data: "{}" })).toBeUndefined();
    expect(() => deviceEventOf({ type: "device.state", data: "<html>" })).toThrow(VendorError);
  });
});
