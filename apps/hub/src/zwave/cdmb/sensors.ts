import type { Json, JsonObject } from "@hearth/device-sdk";
import type { EventMapping, NativeRef } from "../../cdmb/conversion.ts";
import { scaled } from "../../cdmb/converters.ts";
import { classes, hasValue, value, valueText, type ZWaveEndpoint } from "./endpoint.ts";
import type { ZWaveMapping } from "./switches.ts";

/** Sensors and meters. Notification values are states: 0 is idle, other numbers are events of their type. */

interface BooleanSource {
  commandClass: number;
  name: string;
  /** What the model is told: of a contact, true is closed, as Matter has it; of all others, that something is there. */
  holds: (native: Json) => boolean;
}

const DOOR_CLOSED = 23;
const detected = (native: Json): boolean => native !== 0 && native !== false;

/** In the order in which a device that has several is understood. */
const sources: readonly BooleanSource[] = [
  { commandClass: classes.notification, name: "Home Security/Motion sensor status", holds: detected },
  { commandClass: classes.notification, name: "Access Control/Door state", holds: (now) => now === DOOR_CLOSED },
  { commandClass: classes.notification, name: "Water Alarm/Sensor status", holds: detected },
  { commandClass: classes.notification, name: "Home Security/Sensor status", holds: detected },
  { commandClass: classes.binarySensor, name: "Door/Window", holds: (open) => open === false },
  ...["Motion", "Water", "Glass Break", "Tilt", "Any"].map((name) => ({
    commandClass: classes.binarySensor,
    name,
    holds: detected,
  })),
];

const SMOKE = "Smoke Alarm/Sensor status";
const CARBON_MONOXIDE = "CO Alarm/Sensor status";
const isSmoke = hasValue(classes.notification, SMOKE);
const isCarbonMonoxide = hasValue(classes.notification, CARBON_MONOXIDE);

/** The one value that is an endpoint's state. A lock tells of its door by itself. */
function sourceOf(endpoint: ZWaveEndpoint): BooleanSource | undefined {
  if (endpoint.commandClasses.has(classes.doorLock) || isSmoke(endpoint) || isCarbonMonoxide(endpoint))
    return undefined;
  return sources.find(({ commandClass, name }) => endpoint.values.has(valueText(commandClass, name)));
}

export const booleanStates: readonly ZWaveMapping[] = sources.map((source) => {
  const native = value(source.commandClass, source.name);
  return {
    capability: "matter.BooleanState@1.4",
    name: "Boolean State",
    version: "1",
    when: (endpoint) => sourceOf(endpoint) === source,
    properties: [{ name: "StateValue", native, read: source.holds }],
    events: [
      {
        name: "StateChange",
        native,
        when: (now, { previous }) =>
          previous === undefined || source.holds(previous) === source.holds(now)
            ? undefined
            : { StateValue: source.holds(now) },
      },
    ],
  };
});

/** An alarm of smoke or carbon monoxide: events 1 and 2 are the alarm, with a place or without; 3 is a test. */
function alarm(name: string, state: string, event: string): ZWaveMapping {
  const native = value(classes.notification, name);
  const holds = (now: Json | undefined) => now === 1 || now === 2;
  const begins = (parameters: JsonObject): EventMapping<ZWaveEndpoint> => ({
    name: event,
    native,
    when: (now, { previous }) => (holds(now) && !holds(previous) ? parameters : undefined),
  });
  return {
    capability: "matter.SmokeCoAlarm@1.4",
    name: "Smoke CO Alarm",
    version: "1",
    when: (endpoint) => hasValue(classes.notification, name)(endpoint) && (name === SMOKE || !isSmoke(endpoint)),
    properties: [
      { name: "ExpressedState", native, read: (now) => (holds(now) ? event : "Normal") },
      { name: state, native, read: (now) => (holds(now) ? "Critical" : "Normal") },
    ],
    events: [
      begins({ AlarmSeverityLevel: "Critical" }),
      { name: "AllClear", native, when: (now, { previous }) => (holds(previous) && !holds(now) ? {} : undefined) },
    ],
  };
}

export const smokeAlarm = alarm(SMOKE, "SmokeState", "SmokeAlarm");
export const carbonMonoxideAlarm = alarm(CARBON_MONOXIDE, "COState", "COAlarm");

const measured = (capability: string, name: string, version: string, sensor: string): ZWaveMapping => ({
  capability,
  name,
  version,
  when: hasValue(classes.multilevelSensor, sensor),
  properties: [{ name: "MeasuredValue", native: value(classes.multilevelSensor, sensor), read: scaled(100).read }],
});

/** Degrees Celsius and per cent; the model has hundredths of both. */
export const temperature = measured(
  "matter.TemperatureMeasurement@1.4",
  "Temperature Measurement",
  "4",
  "Air temperature",
);
export const humidity = measured(
  "matter.RelativeHumidityMeasurement@1.4",
  "Relative Humidity Measurement",
  "3",
  "Humidity",
);

/** The key of a meter's value: type, scale, rate type; electric meters have type 1, and rate type 1 is consumed. */
const electric = (scale: number, rate = 1): string => `value/${(1 << 16) | (scale << 8) | rate}`;
const KWH = electric(0);
const KWH_PRODUCED = electric(0, 2);
const WATT = electric(2);
const VOLT = electric(4);
const AMPERE = electric(5);
const meter = (name: string): NativeRef => value(classes.meter, name);
const hasMeter = (name: string) => hasValue(classes.meter, name);

/** Kilowatt-hours to milliwatt-hours. */
const energy = (native: Json): Json | undefined =>
  typeof native === "number" ? { Energy: Math.round(native * 1_000_000) } : undefined;

export const energyMeasurement: ZWaveMapping = {
  capability: "matter.ElectricalEnergyMeasurement@1.4",
  name: "Electrical Energy Measurement",
  version: "1",
  when: (endpoint) => hasMeter(KWH)(endpoint) || hasMeter(KWH_PRODUCED)(endpoint),
  properties: [
    { name: "CumulativeEnergyImported", when: hasMeter(KWH), native: meter(KWH), read: energy },
    { name: "CumulativeEnergyExported", when: hasMeter(KWH_PRODUCED), native: meter(KWH_PRODUCED), read: energy },
  ],
};

const thousandths = scaled(1000).read;

export const powerMeasurement: ZWaveMapping = {
  capability: "matter.ElectricalPowerMeasurement@1.4",
  name: "Electrical Power Measurement",
  version: "1",
  when: (endpoint) => [WATT, VOLT, AMPERE].some((name) => hasMeter(name)(endpoint)),
  properties: [
    { name: "ActivePower", when: hasMeter(WATT), native: meter(WATT), read: thousandths },
    { name: "RMSVoltage", when: hasMeter(VOLT), native: meter(VOLT), read: thousandths },
    { name: "RMSCurrent", when: hasMeter(AMPERE), native: meter(AMPERE), read: thousandths },
  ],
};
