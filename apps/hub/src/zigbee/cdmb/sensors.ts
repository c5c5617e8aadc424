import type { Json, JsonObject } from "@hearth/device-sdk";
import type { Conversion, EventMapping } from "../../cdmb/conversion.ts";
import { bitmap, enumeration } from "../../cdmb/converters.ts";
import { attribute, clusters, sends } from "./clusters.ts";
import { hasCluster, type ZigbeeEndpoint, zoneTypes } from "./endpoint.ts";
import { readable, uint8, uint16, writable, type ZigbeeMapping } from "./mapping.ts";

/** IAS zones (ZCL chapter 8) and occupancy. A zone's status is one 16-bit map, told by a command or read. */

const bit = (value: Json | undefined, position: number): boolean =>
  typeof value === "number" && Math.floor(value / 2 ** position) % 2 === 1;

const ALARM_1 = 0;
const ALARM_2 = 1;
const BATTERY = 3;
const TROUBLE = 6;
const TEST = 8;
const BATTERY_DEFECT = 9;

const alarm = (status: Json | undefined): boolean => bit(status, ALARM_1) || bit(status, ALARM_2);

/** Of a contact, true is closed, as Matter has it; of every other zone, true is that something is detected. */
export const zoneState = (status: Json, { native }: Conversion<ZigbeeEndpoint>): boolean =>
  native.zoneType === zoneTypes.contact ? !bit(status, ALARM_1) : alarm(status);

const zoneStatus = attribute("zone", "status");

export const booleanState: ZigbeeMapping = {
  capability: "matter.BooleanState@1.4",
  name: "Boolean State",
  version: "1",
  when: hasCluster(clusters.zone.id),
  properties: [{ name: "StateValue", native: zoneStatus, read: zoneState }],
  events: [
    {
      name: "StateChange",
      native: zoneStatus,
      when(status, context) {
        const now = zoneState(status, context);
        const before = context.previous === undefined ? now : zoneState(context.previous, context);
        return now === before ? undefined : { StateValue: now };
      },
    },
  ],
  reporting: [],
};

const isSmoke = ({ zoneType }: ZigbeeEndpoint): boolean => zoneType === zoneTypes.fire;
const isCarbonMonoxide = ({ zoneType }: ZigbeeEndpoint): boolean => zoneType === zoneTypes.carbonMonoxide;

/** An event that is told when the map's bits begin to say it. */
const begins = (
  name: string,
  holds: (status: Json | undefined, native: ZigbeeEndpoint) => boolean,
  parameters: JsonObject = {},
): EventMapping<ZigbeeEndpoint> => ({
  name,
  native: zoneStatus,
  when: (status, { native, previous }) => (holds(status, native) && !holds(previous, native) ? parameters : undefined),
});

const batteryAlert = (status: Json): string =>
  bit(status, BATTERY_DEFECT) ? "Critical" : bit(status, BATTERY) ? "Warning" : "Normal";

function expressedState(status: Json, { native }: Conversion<ZigbeeEndpoint>): string {
  if (alarm(status)) return isSmoke(native) ? "SmokeAlarm" : "COAlarm";
  if (bit(status, TEST)) return "Testing";
  if (bit(status, TROUBLE)) return "HardwareFault";
  return batteryAlert(status) === "Normal" ? "Normal" : "BatteryAlert";
}

const alarmState = (status: Json): string => (alarm(status) ? "Critical" : "Normal");

export const smokeCoAlarm: ZigbeeMapping = {
  capability: "matter.SmokeCoAlarm@1.4",
  name: "Smoke CO Alarm",
  version: "1",
  when: (endpoint) => endpoint.inputs.has(clusters.zone.id) && (isSmoke(endpoint) || isCarbonMonoxide(endpoint)),
  properties: [
    { name: "ExpressedState", native: zoneStatus, read: expressedState },
    { name: "SmokeState", native: zoneStatus, when: isSmoke, read: alarmState },
    { name: "COState", native: zoneStatus, when: isCarbonMonoxide, read: alarmState },
    { name: "BatteryAlert", native: zoneStatus, read: batteryAlert },
    { name: "TestInProgress", native: zoneStatus, read: (status) => bit(status, TEST) },
    { name: "HardwareFaultAlert", native: zoneStatus, read: (status) => bit(status, TROUBLE) },
  ],
  actions: [
    { name: "SelfTestRequest", native: sends("zone", "test"), fixed: { duration: 5, sensitivity: 0 }, affects: [] },
  ],
  events: [
    begins("SmokeAlarm", (status, native) => isSmoke(native) && alarm(status), { AlarmSeverityLevel: "Critical" }),
    begins("COAlarm", (status, native) => isCarbonMonoxide(native) && alarm(status), {
      AlarmSeverityLevel: "Critical",
    }),
    begins("LowBattery", (status) => bit(status, BATTERY), { AlarmSeverityLevel: "Warning" }),
    begins("HardwareFault", (status) => bit(status, TROUBLE)),
    {
      name: "SelfTestComplete",
      native: zoneStatus,
      when: (status, { previous }) => (bit(previous, TEST) && !bit(status, TEST) ? {} : undefined),
    },
    {
      name: "AllClear",
      native: zoneStatus,
      when: (status, context) =>
        context.previous !== undefined &&
        expressedState(status, context) === "Normal" &&
        expressedState(context.previous, context) !== "Normal"
          ? {}
          : undefined,
    },
  ],
};

const occupied = bitmap({ Occupied: 0 });

export const occupancySensing: ZigbeeMapping = {
  capability: "matter.OccupancySensing@1.4",
  name: "Occupancy Sensing",
  version: "5",
  when: hasCluster(clusters.occupancy.id),
  properties: [
    readable("Occupancy", attribute("occupancy", "value"), occupied),
    readable(
      "OccupancySensorType",
      attribute("occupancy", "type"),
      enumeration({ PIR: 0, Ultrasonic: 1, PIRAndUltrasonic: 2, PhysicalContact: 3 }),
    ),
    readable(
      "OccupancySensorTypeBitmap",
      attribute("occupancy", "types"),
      bitmap({ PIR: 0, Ultrasonic: 1, PhysicalContact: 2 }),
    ),
    writable("PIROccupiedToUnoccupiedDelay", attribute("occupancy", "pirDelay"), uint16),
    writable("PIRUnoccupiedToOccupiedDelay", attribute("occupancy", "pirRise"), uint16),
    writable("PIRUnoccupiedToOccupiedThreshold", attribute("occupancy", "pirThreshold"), uint8),
    writable("UltrasonicOccupiedToUnoccupiedDelay", attribute("occupancy", "ultrasonicDelay"), uint16),
    writable("UltrasonicUnoccupiedToOccupiedDelay", attribute("occupancy", "ultrasonicRise"), uint16),
    writable("UltrasonicUnoccupiedToOccupiedThreshold", attribute("occupancy", "ultrasonicThreshold"), uint8),
  ],
  events: [
    {
      name: "OccupancyChanged",
      native: attribute("occupancy", "value"),
      when(value, { previous }) {
        if (previous === undefined || bit(previous, 0) === bit(value, 0)) return undefined;
        return { Occupancy: occupied.read(value) as JsonObject };
      },
    },
  ],
  reporting: [{ native: attribute("occupancy", "value"), min: 0, max: 3600 }],
};
