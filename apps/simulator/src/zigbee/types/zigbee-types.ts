import type { ClusterSpec, ZigbeeType } from "../zcl/cluster.ts";
import { applianceControl } from "./appliance.ts";
import { fan, radiatorThermostat, thermostat } from "./climate.ts";
import { covering, doorLevel, doorOnOff } from "./covering.ts";
import { basic, identify, onOff } from "./general.ts";
import { color, colorTemperature, level } from "./lighting.ts";
import { carbonDioxide, humidity, iasZone, occupancy, temperature, ZoneType } from "./sensors.ts";

/** Ids of devices in the Zigbee Home Automation profile. */
const Device = {
  ON_OFF_OUTPUT: 0x0002,
  MAINS_OUTLET: 0x0009,
  SMART_PLUG: 0x0051,
  COLOR_TEMPERATURE_LIGHT: 0x010c,
  EXTENDED_COLOR_LIGHT: 0x010d,
  OCCUPANCY_SENSOR: 0x0107,
  WINDOW_COVERING: 0x0202,
  THERMOSTAT: 0x0301,
  TEMPERATURE_SENSOR: 0x0302,
  IAS_ZONE: 0x0402,
  SIMPLE_SENSOR: 0x000c,
} as const;

const type = (name: string, title: string, device: number, server: ClusterSpec[], router = true): ZigbeeType => ({
  name,
  title,
  model: `HRT-${name}`,
  router,
  endpoints: [{ id: 1, device, server: [basic(`HRT-${name}`, router), identify, ...server] }],
});

const sensor = (name: string, title: string, device: number, server: ClusterSpec[]): ZigbeeType =>
  type(name, title, device, server, false);

/**
 * The virtual Zigbee devices: each shows the clusters that its row of the supported types calls for, and what every
 * device has, Basic and Identify. The last is in no row: a bridge meets a cluster that it may not know.
 */
export const zigbeeTypes: readonly ZigbeeType[] = [
  type("smart-bulb", "Smart bulb", Device.EXTENDED_COLOR_LIGHT, [onOff, level, color]),
  type("dimmable-light", "Dimmable light", Device.COLOR_TEMPERATURE_LIGHT, [onOff, level, colorTemperature]),
  type("color-light", "RGB light", Device.EXTENDED_COLOR_LIGHT, [onOff, level, color]),
  type("led-strip", "LED strip", Device.EXTENDED_COLOR_LIGHT, [onOff, level, color]),
  type("plug", "Smart plug", Device.SMART_PLUG, [onOff]),
  type("switch", "Smart switch", Device.ON_OFF_OUTPUT, [onOff]),
  type("water-valve", "Water valve", Device.MAINS_OUTLET, [onOff]),
  sensor("radiator-valve", "Radiator valve", Device.THERMOSTAT, [radiatorThermostat, onOff, applianceControl]),
  type("thermostat", "Thermostat", Device.THERMOSTAT, [thermostat, fan, onOff, applianceControl]),
  type("garage-door", "Garage-door opener", Device.WINDOW_COVERING, [covering, doorOnOff, doorLevel]),
  sensor("smoke-alarm", "Smoke alarm", Device.IAS_ZONE, [
    iasZone(ZoneType.FIRE, "smoke"),
    onOff,
    temperature,
    applianceControl,
  ]),
  sensor("motion", "Motion sensor", Device.IAS_ZONE, [iasZone(ZoneType.MOTION, "motion")]),
  sensor("door-window", "Door/window sensor", Device.IAS_ZONE, [iasZone(ZoneType.CONTACT, "open")]),
  sensor("water-leak", "Water-leak sensor", Device.IAS_ZONE, [iasZone(ZoneType.WATER, "leak")]),
  sensor("vibration", "Vibration sensor", Device.IAS_ZONE, [iasZone(ZoneType.VIBRATION, "vibration")]),
  sensor("occupancy", "Occupancy sensor", Device.OCCUPANCY_SENSOR, [occupancy(0), iasZone(ZoneType.MOTION)]),
  sensor("human-presence", "Human-presence sensor", Device.OCCUPANCY_SENSOR, [occupancy(1), iasZone(ZoneType.MOTION)]),
  sensor("temperature-humidity", "Temperature-humidity sensor", Device.TEMPERATURE_SENSOR, [temperature, humidity]),
  sensor("carbon-dioxide", "Carbon-dioxide sensor", Device.SIMPLE_SENSOR, [carbonDioxide]),
];
