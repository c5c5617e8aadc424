import type { VirtualDevice } from "@hearth/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HomeApp } from "../../apps/server/src/demo/hub/home-app.ts";
import { cloudOf, type LivingHub, openHub } from "../kit/hub.ts";
import { type Fleet, openFleet } from "../walk/fleet.ts";
import { appOf } from "../walk/hub-things.ts";

/** Reference 10.11, both tables: each type, and exactly what it shows. SMOKE is `SmokeCOAlarm`, by its name in the library. */
const [ON_OFF, LEVEL, COLOR] = ["matter.OnOff@1.4", "matter.LevelControl@1.4", "matter.ColorControl@1.4"];
const [BOOLEAN, TEMPERATURE, SMOKE] = [
  "matter.BooleanState@1.4",
  "matter.TemperatureMeasurement@1.4",
  "matter.SmokeCoAlarm@1.4",
];
const [THERMOSTAT, TIMER] = ["matter.Thermostat@1.4", "aws.Timer@1.0"];

const METERS = ["matter.ElectricalEnergyMeasurement@1.4", "matter.ElectricalPowerMeasurement@1.4"];

const ZIGBEE: Readonly<Record<string, readonly string[]>> = {
  "smart-bulb": [ON_OFF, LEVEL, COLOR],
  "dimmable-light": [ON_OFF, LEVEL, COLOR],
  "color-light": [ON_OFF, LEVEL, COLOR],
  plug: [ON_OFF],
  switch: [ON_OFF],
  "water-valve": [ON_OFF],
  "led-strip": [ON_OFF, LEVEL, COLOR],
  "radiator-valve": [THERMOSTAT, ON_OFF, TIMER],
  thermostat: [THERMOSTAT, "matter.FanControl@1.4", ON_OFF, TIMER],
  "garage-door": ["matter.WindowCovering@1.4", ON_OFF, LEVEL],
  "smoke-alarm": [BOOLEAN, ON_OFF, TEMPERATURE, TIMER, SMOKE],
  motion: [BOOLEAN],
  "door-window": [BOOLEAN],
  "water-leak": [BOOLEAN],
  vibration: [BOOLEAN],
  occupancy: [BOOLEAN, "matter.OccupancySensing@1.4"],
  "human-presence": [BOOLEAN, "matter.OccupancySensing@1.4"],
  "temperature-humidity": [TEMPERATURE, "matter.RelativeHumidityMeasurement@1.4"],
};

const ZWAVE: Readonly<Record<string, readonly string[]>> = {
  "smart-bulb": [ON_OFF, LEVEL],
  "dimmable-light": [ON_OFF, LEVEL],
  "garage-controller": [ON_OFF, LEVEL],
  plug: [ON_OFF],
  "energy-meter": METERS,
  battery: [LEVEL],
  siren: [LEVEL],
  motion: [BOOLEAN],
  "door-window": [BOOLEAN],
  "water-leak": [BOOLEAN],
  temperature: [TEMPERATURE],
  co: [SMOKE],
  smoke: [SMOKE],
  // Not the reference's: Multi Channel, three outlets, one of them metered.
  "power-strip": [ON_OFF, ON_OFF, ...METERS, ON_OFF],
};

let fleet: Fleet;
let hub: LivingHub;
let app: HomeApp;

beforeAll(async () => {
  fleet = await openFleet();
  hub = await openHub(cloudOf(fleet), {
    zigbee: Object.keys(ZIGBEE).map((type) => ({ type })),
    zwave: Object.keys(ZWAVE).map((type) => ({ type })),
  });
  app = appOf(fleet, hub, 40_000);
});
afterAll(async () => {
  await hub?.close();
  await fleet?.close();
});

const sorted = (table: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(table).map(([type, ids]) => [type, [...ids].sort()]));

/** What each device shows, on all its endpoints together, once it is ACTIVATED. */
async function shown(things: ReadonlyMap<string, string>): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const [type, id] of things) {
    await app.becomes(id, "ACTIVATED");
    found[type] = Object.values(await app.capabilities(id))
      .flat()
      .sort();
  }
  return found;
}

/** Simple setup: scanned, then powered, whether the radio knows the labels or not; Zigbee all at once, Z-Wave one after the other. */
async function scanned(devices: readonly VirtualDevice[]): Promise<Map<string, string>> {
  const things = new Map<string, string>();
  for (const device of devices) things.set(device.type, await hub.label(device));
  for (const device of devices) {
    device.powerOn();
    if (hub.zwave.devices.includes(device)) await app.becomes(things.get(device.type) ?? "", "ACTIVATED");
  }
  return things;
}

/** One after the other, as a person does it: a button, a discovery, the device that it found. */
async function guided(protocol: "ZIGBEE" | "ZWAVE", devices: readonly VirtualDevice[]): Promise<Map<string, string>> {
  const things = new Map<string, string>();
  for (const device of devices) {
    device.press();
    const { materials } = await app.discover(protocol, { pin: device.pin });
    things.set(device.type, await app.take(materials.at(-1) ?? ""));
  }
  return things;
}

async function removed(things: ReadonlyMap<string, string>, devices: readonly VirtualDevice[]): Promise<void> {
  for (const [type, id] of things) {
    const device = devices.find((one) => one.type === type);
    await app.remove(id, () => {
      if (device && hub.zwave.devices.includes(device)) device.press();
    });
    expect(device?.joined, type).toBe(false);
    device?.reset();
  }
}

describe("every Zigbee type of the reference", () => {
  test("row 82: by simple setup, with exactly its capabilities", async () => {
    const things = await scanned(hub.zigbee.devices);
    expect(await shown(things)).toEqual(sorted(ZIGBEE));
    await removed(things, hub.zigbee.devices);
  });

  test("row 82: by user-guided setup, with exactly its capabilities", async () => {
    const things = await guided("ZIGBEE", hub.zigbee.devices);
    expect(await shown(things)).toEqual(sorted(ZIGBEE));
    await removed(things, hub.zigbee.devices);
  });
});

describe("every Z-Wave type of the reference", () => {
  test("row 83: by simple setup, with exactly its capabilities", async () => {
    const things = await scanned(hub.zwave.devices);
    expect(await shown(things)).toEqual(sorted(ZWAVE));
    await removed(things, hub.zwave.devices);
  });

  test("row 83: by user-guided setup, with exactly its capabilities", async () => {
    const things = await guided("ZWAVE", hub.zwave.devices);
    expect(await shown(things)).toEqual(sorted(ZWAVE));
    await removed(things, hub.zwave.devices);
  });
});
