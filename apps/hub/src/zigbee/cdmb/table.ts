import { fanControl, humidityMeasurement, temperatureMeasurement, thermostat, windowCovering } from "./climate.ts";
import { doorLock } from "./door-lock.ts";
import { energyMeasurement, powerMeasurement, powerSource } from "./energy.ts";
import { colorControl, levelControl, onOff } from "./lighting.ts";
import type { ZigbeeMapping } from "./mapping.ts";
import { radioCluster } from "./radio-cluster.ts";
import { booleanState, occupancySensing, smokeCoAlarm } from "./sensors.ts";
import { timer } from "./timer.ts";

/** Every capability that a Zigbee endpoint can show (reference 10.11), and the one for what no table knows. */
export const zigbeeTable: readonly ZigbeeMapping[] = [
  onOff,
  levelControl,
  colorControl,
  thermostat,
  fanControl,
  windowCovering,
  booleanState,
  smokeCoAlarm,
  occupancySensing,
  temperatureMeasurement,
  humidityMeasurement,
  timer,
  doorLock,
  energyMeasurement,
  powerMeasurement,
  powerSource,
  radioCluster,
];
