import { type DeviceMessage, parseCapabilityReport, validateDeviceMessage } from "@hearth/data-model";
import type { Json, JsonObject } from "@hearth/device-sdk";
import { startZigbeeMesh, type VirtualDevice, type ZigbeeMesh } from "@hearth/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ScriptedHost } from "../../../simulator/src/zigbee/scripted-host.ts";
import { type Bridge, type Stick, startBridge } from "./dpk-suite.ts";

/** The stick of a mesh; the simulator's own host makes the network on it. */
const stickOf = ({ port }: ZigbeeMesh): Stick => ({
  port,
  async form({ panId, channel, extendedPanId, key }) {
    const host = await ScriptedHost.connect(port);
    await host.formNetwork({ panId, channel, extendedPanId: Buffer.from(extendedPanId), key: Buffer.from(key) });
    host.close();
  },
});

const ON_OFF = "matter.OnOff@1.4";
const LEVEL = "matter.LevelControl@1.4";
const COLOR = "matter.ColorControl@1.4";
const THERMOSTAT = "matter.Thermostat@1.4";
const FAN = "matter.FanControl@1.4";
const COVERING = "matter.WindowCovering@1.4";
const BOOLEAN = "matter.BooleanState@1.4";
const OCCUPANCY = "matter.OccupancySensing@1.4";
const TEMPERATURE = "matter.TemperatureMeasurement@1.4";
const HUMIDITY = "matter.RelativeHumidityMeasurement@1.4";
const SMOKE = "matter.SmokeCoAlarm@1.4";
const TIMER = "aws.Timer@1.0";
const RAW = "hearth.RadioCluster@1.0";

/** Reference 10.11, type by type; the last is in no row: a cluster that no table knows. */
const capabilities: { [type: string]: string[] } = {
  "smart-bulb": [ON_OFF, LEVEL, COLOR],
  "dimmable-light": [ON_OFF, LEVEL, COLOR],
  "color-light": [ON_OFF, LEVEL, COLOR],
  "led-strip": [ON_OFF, LEVEL, COLOR],
  plug: [ON_OFF],
  switch: [ON_OFF],
  "water-valve": [ON_OFF],
  "radiator-valve": [THERMOSTAT, ON_OFF, TIMER],
  thermostat: [THERMOSTAT, FAN, ON_OFF, TIMER],
  "garage-door": [COVERING, ON_OFF, LEVEL],
  "smoke-alarm": [BOOLEAN, ON_OFF, TEMPERATURE, TIMER, SMOKE],
  motion: [BOOLEAN],
  "door-window": [BOOLEAN],
  "water-leak": [BOOLEAN],
  vibration: [BOOLEAN],
  occupancy: [BOOLEAN, OCCUPANCY],
  "human-presence": [BOOLEAN, OCCUPANCY],
  "temperature-humidity": [TEMPERATURE, HUMIDITY],
  "carbon-dioxide": [RAW],
};

/** A hand on the device, and what the hub says of it: property, or event by its parameters. */
const reports: [type: string, path: string, value: unknown, capability: string, name: string, Json][] = [
  ["smart-bulb", "onOff", true, ON_OFF, "OnOff", true],
  ["dimmable-light", "currentLevel", 100, LEVEL, "CurrentLevel", 100],
  ["color-light", "currentHue", 77, COLOR, "CurrentHue", 77],
  ["led-strip", "currentSaturation", 9, COLOR, "CurrentSaturation", 9],
  ["plug", "onOff", true, ON_OFF, "OnOff", true],
  ["switch", "onOff", true, ON_OFF, "OnOff", true],
  ["water-valve", "onOff", true, ON_OFF, "OnOff", true],
  ["radiator-valve", "localTemperature", 1850, THERMOSTAT, "LocalTemperature", 1850],
  ["thermostat", "fanMode", 3, FAN, "FanMode", "High"],
  ["garage-door", "currentPositionLiftPercentage", 40, COVERING, "CurrentPositionLiftPercent100ths", 4000],
  ["smoke-alarm", "smoke", true, SMOKE, "SmokeState", "Critical"],
  ["motion", "motion", true, BOOLEAN, "StateValue", true],
  ["door-window", "open", true, BOOLEAN, "StateValue", false],
  ["water-leak", "leak", true, BOOLEAN, "StateValue", true],
  ["vibration", "vibration", true, BOOLEAN, "StateValue", true],
  ["occupancy", "occupancy", 1, OCCUPANCY, "Occupancy", { Occupied: 1 }],
  ["human-presence", "occupancy", 1, BOOLEAN, "StateValue", true],
  ["temperature-humidity", "humidity", 6100, HUMIDITY, "MeasuredValue", 6100],
  [
    ...(["carbon-dioxide", "carbonDioxide", 0.5, RAW, "Clusters"] as const),
    [
      {
        id: 0x040d,
        attributes: [
          { id: 0, type: 0x39, value: "0000003f" },
          { id: 1, type: 0x39, value: "00000000" },
          { id: 2, type: 0x39, value: "0000803f" },
        ],
      },
    ],
  ],
];

/** An action from the cloud, and what the device has then. */
const commands: [type: string, capability: string, action: string, JsonObject, path: string, unknown][] = [
  ["smart-bulb", ON_OFF, "Toggle", {}, "onOff", false],
  ["dimmable-light", LEVEL, "MoveToLevelWithOnOff", { Level: 12, TransitionTime: 0 }, "currentLevel", 12],
  ["dimmable-light", LEVEL, "UpdateState", { OnLevel: 5 }, "onLevel", 5],
  [
    ...(["dimmable-light", COLOR, "MoveToColorTemperature"] as const),
    ...([{ ColorTemperatureMireds: 300, TransitionTime: 0 }, "colorTemperatureMireds", 300] as const),
  ],
  [
    ...(["color-light", COLOR, "MoveToHueAndSaturation"] as const),
    ...([{ Hue: 10, Saturation: 20, TransitionTime: 0 }, "currentSaturation", 20] as const),
  ],
  ["radiator-valve", THERMOSTAT, "UpdateState", { OccupiedHeatingSetpoint: 2300 }, "occupiedHeatingSetpoint", 2300],
  ["radiator-valve", TIMER, "Start", { Duration: 5400 }, "finishTime", 0x011e],
  ["thermostat", THERMOSTAT, "SetpointRaiseLower", { Mode: "Heat", Amount: 10 }, "occupiedHeatingSetpoint", 2100],
  ["thermostat", FAN, "UpdateState", { FanMode: "Low" }, "fanMode", 1],
  [
    ...(["garage-door", COVERING, "GoToLiftPercentage"] as const),
    ...([{ LiftPercent100thsValue: 7000 }, "currentPositionLiftPercentage", 70] as const),
  ],
  ["occupancy", OCCUPANCY, "UpdateState", { PIROccupiedToUnoccupiedDelay: 30 }, "occupiedToUnoccupiedDelay", 30],
];

describe("virtual devices of every type behind one coordinator", () => {
  const types = Object.keys(capabilities);
  let mesh: ZigbeeMesh;
  let bridge: Bridge;
  const device = (type: string): VirtualDevice => mesh.devices.find((one) => one.type === type) as VirtualDevice;
  const idOf = (type: string): string => `zb.${device(type).label.slice(2, 18)}`;

  beforeAll(async () => {
    mesh = await startZigbeeMesh({ devices: types.map((type) => ({ type })) });
    bridge = await startBridge(stickOf(mesh));
    await bridge.hear("health", ({ state }) => state === "up");
    await bridge.radio.open({ seconds: 60 });
    for (const type of types) device(type).powerOn();
    for (const type of types) {
      await bridge.hear("joined", ({ device: one }) => (one as JsonObject)["deviceId"] === idOf(type));
    }
  });
  afterAll(async () => {
    await bridge?.stop();
    await mesh?.close();
  });

  test("row 66: each type shows exactly its capabilities, in a report that the cloud takes", async () => {
    for (const type of types) {
      const { capabilityReport } = await bridge.radio.describe({ deviceId: idOf(type), refresh: false });
      expect(parseCapabilityReport(capabilityReport), type).toHaveProperty("report");
      const shown = capabilityReport.endpoints.flatMap((endpoint) => endpoint.capabilities.map(({ id }) => id));
      expect(shown.sort(), type).toEqual([...(capabilities[type] as string[])].sort());
    }
  });

  test.each(reports)("row 66: %s: %s %s is %s %s", async (type, path, value, capability, name, expected) => {
    device(type).change(path, value);
    await bridge.property(idOf(type), capability, name, expected);
  });

  test.each(commands)("row 66: %s: %s %s %s", async (type, capability, action, parameters, path, value) => {
    expect(await bridge.run(idOf(type), capability, action, parameters)).toMatchObject({ responseCode: 200 });
    expect(device(type).read(path)).toEqual(value);
  });

  test("row 66: a timer runs, pauses, goes on and is cancelled, and says so", async () => {
    const id = idOf("thermostat");
    const after = async (action: string, parameters?: JsonObject) =>
      (await bridge.run(id, TIMER, action, parameters)).properties["TimerState"];
    expect(await after("Start", { Duration: 600 })).toBe("Running");
    expect(await after("Pause")).toBe("Paused");
    expect(await after("Resume")).toBe("Running");
    expect((await bridge.run(id, TIMER, "ReadState", { propertiesToRead: ["*"] })).properties).toEqual({
      TimerState: "Running",
      Duration: 600,
      RemainingTime: 600,
    });
    // Paused or not, another start is a new time.
    expect(await after("Pause")).toBe("Paused");
    expect((await bridge.run(id, TIMER, "Start", { Duration: 1200 })).properties).toEqual({
      TimerState: "Running",
      Duration: 1200,
      RemainingTime: 1200,
    });
    expect(await after("Cancel")).toBe("Idle");
    expect((await bridge.run(id, TIMER, "UpdateState", { Duration: 120 })).properties).toEqual({ Duration: 120 });
  });

  test("row 66: an alarm is an event, and so is its end", async () => {
    const id = idOf("smoke-alarm");
    const event = (name: string, parameters: JsonObject) =>
      bridge.hear("changed", ({ deviceId, endpoints }) => {
        return deviceId === id && JSON.stringify(endpoints).includes(JSON.stringify({ name, parameters }).slice(0, -1));
      });
    await event("SmokeAlarm", { AlarmSeverityLevel: "Critical" });
    device("smoke-alarm").change("smoke", false);
    await event("AllClear", {});
    await event("StateChange", { StateValue: false });
    expect(await bridge.run(id, SMOKE, "SelfTestRequest")).toMatchObject({ responseCode: 200 });
    await bridge.property(id, SMOKE, "TestInProgress", true);
  });

  test("row 66: an unknown cluster is read, written and sent to in bytes", async () => {
    const id = idOf("carbon-dioxide");
    const read = await bridge.run(id, RAW, "Read", { cluster: 0x040d, attributes: [1] });
    expect(read).toMatchObject({
      responseCode: 200,
      parameters: { attributes: [{ id: 1, type: 0x39, value: "00000000" }] },
    });
    const attributes = [{ id: 0, type: 0x39, value: "0000803e" }];
    const refused = await bridge.run(id, RAW, "Write", { cluster: 0x040d, attributes });
    expect(refused).toMatchObject({ responseCode: 500, errors: [{ code: "Refused" }] });
    expect(await bridge.run(id, RAW, "Send", { cluster: 0x040d, command: 1, payload: "" })).toMatchObject({
      responseCode: 200,
    });
    expect(await bridge.run(id, RAW, "Read", { cluster: 6, attributes: [0] })).toMatchObject({ responseCode: 400 });
    // As many attributes as the schema allows, though no frame holds them.
    const many = (count: number) => Array.from({ length: count }, (_, number) => number);
    const written = (count: number) => many(count).map((number) => ({ id: number, type: 0x39, value: "0000803e" }));
    const codes = [];
    for (const count of [32, 33]) {
      for (const [name, attributes] of [
        ["Read", many(count)],
        ["Write", written(count)],
      ] as const) {
        codes.push((await bridge.run(id, RAW, name, { cluster: 0x040d, attributes }))["responseCode"]);
      }
    }
    expect(codes).toEqual([200, 500, 400, 400]);
  });

  test("all that was said of the devices is what their reports allow", async () => {
    for (const type of types) {
      const { capabilityReport } = await bridge.radio.describe({ deviceId: idOf(type), refresh: false });
      const parsed = parseCapabilityReport(capabilityReport);
      if (!("report" in parsed)) throw new Error(type);
      const { endpoints: state } = await bridge.radio.state({ deviceId: idOf(type), refresh: true });
      const told = bridge.said.filter(({ topic, body }) => topic === "changed" && body["deviceId"] === idOf(type));
      for (const endpoints of [state, ...told.map(({ body }) => body["endpoints"])]) {
        const message = { messageType: "DEVICE_EVENT", timestamp: "2026-01-01T00:00:00Z", eventNumber: 1, endpoints };
        expect(validateDeviceMessage(parsed.report, message as unknown as DeviceMessage), type).toEqual([]);
      }
    }
  });
});
