import { doorLock } from "./door-lock.ts";
import { radioCluster } from "./radio-cluster.ts";
import {
  booleanStates,
  carbonMonoxideAlarm,
  energyMeasurement,
  humidity,
  powerMeasurement,
  smokeAlarm,
  temperature,
} from "./sensors.ts";
import {
  batteryLevel,
  binarySwitch,
  multilevelOnOff,
  multilevelSwitch,
  powerSource,
  sirenVolume,
  type ZWaveMapping,
} from "./switches.ts";

/** Command classes and the data model, each other's. Of mappings of one capability at most one applies. */
export const zwaveTable: readonly ZWaveMapping[] = [
  binarySwitch,
  multilevelOnOff,
  multilevelSwitch,
  sirenVolume,
  batteryLevel,
  doorLock,
  ...booleanStates,
  smokeAlarm,
  carbonMonoxideAlarm,
  temperature,
  humidity,
  energyMeasurement,
  powerMeasurement,
  powerSource,
  radioCluster,
];
