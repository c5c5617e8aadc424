import { bitmap, enumeration, integer, scaled } from "../../cdmb/converters.ts";
import { attribute, clusters, sends } from "./clusters.ts";
import { hasCluster } from "./endpoint.ts";
import {
  action,
  int8,
  parameter,
  readable,
  temperature,
  uint16,
  uint16OrNull,
  writable,
  type ZigbeeMapping,
} from "./mapping.ts";

/** Thermostat and fan: hundredths of a degree on both sides. */

const percentage = integer({ minimum: 0, maximum: 100 });

export const thermostat: ZigbeeMapping = {
  capability: "matter.Thermostat@1.4",
  name: "Thermostat",
  version: "8",
  when: hasCluster(clusters.thermostat.id),
  properties: [
    readable("LocalTemperature", attribute("thermostat", "local"), temperature),
    readable("OutdoorTemperature", attribute("thermostat", "outdoor"), temperature),
    readable("Occupancy", attribute("thermostat", "occupancy"), bitmap({ Occupied: 0 })),
    readable("AbsMinHeatSetpointLimit", attribute("thermostat", "absMinHeat")),
    readable("AbsMaxHeatSetpointLimit", attribute("thermostat", "absMaxHeat")),
    readable("AbsMinCoolSetpointLimit", attribute("thermostat", "absMinCool")),
    readable("AbsMaxCoolSetpointLimit", attribute("thermostat", "absMaxCool")),
    readable("PICoolingDemand", attribute("thermostat", "coolingDemand"), percentage),
    readable("PIHeatingDemand", attribute("thermostat", "heatingDemand"), percentage),
    writable("LocalTemperatureCalibration", attribute("thermostat", "calibration"), int8),
    writable("OccupiedCoolingSetpoint", attribute("thermostat", "cool"), temperature),
    writable("OccupiedHeatingSetpoint", attribute("thermostat", "heat"), temperature),
    writable("UnoccupiedCoolingSetpoint", attribute("thermostat", "coolAway"), temperature),
    writable("UnoccupiedHeatingSetpoint", attribute("thermostat", "heatAway"), temperature),
    writable("MinHeatSetpointLimit", attribute("thermostat", "minHeat"), temperature),
    writable("MaxHeatSetpointLimit", attribute("thermostat", "maxHeat"), temperature),
    writable("MinCoolSetpointLimit", attribute("thermostat", "minCool"), temperature),
    writable("MaxCoolSetpointLimit", attribute("thermostat", "maxCool"), temperature),
    writable("MinSetpointDeadBand", attribute("thermostat", "deadBand"), integer({ minimum: 0, maximum: 127 })),
    writable(
      "ControlSequenceOfOperation",
      attribute("thermostat", "sequence"),
      enumeration({
        CoolingOnly: 0,
        CoolingWithReheat: 1,
        HeatingOnly: 2,
        HeatingWithReheat: 3,
        CoolingAndHeating: 4,
        CoolingAndHeatingWithReheat: 5,
      }),
    ),
    writable(
      "SystemMode",
      attribute("thermostat", "mode"),
      enumeration({
        Off: 0,
        Auto: 1,
        Cool: 3,
        Heat: 4,
        EmergencyHeat: 5,
        Precooling: 6,
        FanOnly: 7,
        Dry: 8,
        Sleep: 9,
      }),
    ),
    readable("ThermostatRunningMode", attribute("thermostat", "running"), enumeration({ Off: 0, Cool: 3, Heat: 4 })),
    writable(
      "TemperatureSetpointHold",
      attribute("thermostat", "hold"),
      enumeration({ SetpointHoldOff: 0, SetpointHoldOn: 1 }),
    ),
    writable("TemperatureSetpointHoldDuration", attribute("thermostat", "holdDuration"), uint16OrNull),
    writable(
      "ThermostatProgrammingOperationMode",
      attribute("thermostat", "programming"),
      bitmap({ ScheduleActive: 0, AutoRecovery: 1, Economy: 2 }),
    ),
    readable(
      "ThermostatRunningState",
      attribute("thermostat", "relays"),
      bitmap({ Heat: 0, Cool: 1, Fan: 2, HeatStage2: 3, CoolStage2: 4, FanStage2: 5, FanStage3: 6 }),
    ),
    readable(
      "SetpointChangeSource",
      attribute("thermostat", "source"),
      enumeration({ Manual: 0, Schedule: 1, External: 2 }),
    ),
  ],
  actions: [
    action("SetpointRaiseLower", sends("thermostat", "raiseLower"), {
      Mode: parameter("mode", enumeration({ Heat: 0, Cool: 1, Both: 2 })),
      Amount: parameter("amount", integer({ minimum: -128, maximum: 127 })),
    }),
  ],
  reporting: [
    { native: attribute("thermostat", "local"), min: 1, max: 3600, change: 10 },
    { native: attribute("thermostat", "heat"), min: 1, max: 3600, change: 1 },
    { native: attribute("thermostat", "cool"), min: 1, max: 3600, change: 1 },
    { native: attribute("thermostat", "mode"), min: 1, max: 3600 },
    { native: attribute("thermostat", "relays"), min: 1, max: 3600 },
    { native: attribute("thermostat", "heatingDemand"), min: 1, max: 3600, change: 1 },
  ],
};

export const fanControl: ZigbeeMapping = {
  capability: "matter.FanControl@1.4",
  name: "Fan Control",
  version: "4",
  when: hasCluster(clusters.fan.id),
  properties: [
    writable(
      "FanMode",
      attribute("fan", "mode"),
      enumeration({ Off: 0, Low: 1, Medium: 2, High: 3, On: 4, Auto: 5, Smart: 6 }),
    ),
    readable(
      "FanModeSequence",
      attribute("fan", "sequence"),
      enumeration({
        OffLowMedHigh: 0,
        OffLowHigh: 1,
        OffLowMedHighAuto: 2,
        OffLowHighAuto: 3,
        OffHighAuto: 4,
      }),
    ),
  ],
  reporting: [{ native: attribute("fan", "mode"), min: 1, max: 3600 }],
};

export const temperatureMeasurement: ZigbeeMapping = {
  capability: "matter.TemperatureMeasurement@1.4",
  name: "Temperature Measurement",
  version: "4",
  when: hasCluster(clusters.temperature.id),
  properties: [
    readable("MeasuredValue", attribute("temperature", "value"), temperature),
    readable("MinMeasuredValue", attribute("temperature", "minimum"), temperature),
    readable("MaxMeasuredValue", attribute("temperature", "maximum"), temperature),
    readable("Tolerance", attribute("temperature", "tolerance")),
  ],
  reporting: [{ native: attribute("temperature", "value"), min: 1, max: 3600, change: 10 }],
};

export const humidityMeasurement: ZigbeeMapping = {
  capability: "matter.RelativeHumidityMeasurement@1.4",
  name: "Relative Humidity Measurement",
  version: "3",
  when: hasCluster(clusters.humidity.id),
  properties: [
    readable("MeasuredValue", attribute("humidity", "value"), uint16OrNull),
    readable("MinMeasuredValue", attribute("humidity", "minimum"), uint16OrNull),
    readable("MaxMeasuredValue", attribute("humidity", "maximum"), uint16OrNull),
    readable("Tolerance", attribute("humidity", "tolerance")),
  ],
  reporting: [{ native: attribute("humidity", "value"), min: 1, max: 3600, change: 50 }],
};

const coveringTypes = {
  RollerShade: 0,
  RollerShade2Motor: 1,
  RollerShadeExterior: 2,
  RollerShadeExterior2Motor: 3,
  Drapery: 4,
  Awning: 5,
  Shutter: 6,
  TiltBlindTiltOnly: 7,
  TiltBlindLiftAndTilt: 8,
  ProjectorScreen: 9,
  Unknown: 255,
};
/** Hundredths of a per cent in the model, per cent on air; 0 is open on both sides. */
const hundredths = scaled(100, { minimum: 0, maximum: 10_000, none: 255 });
const percent = integer({ minimum: 0, maximum: 100, none: 255 });

export const windowCovering: ZigbeeMapping = {
  capability: "matter.WindowCovering@1.4",
  name: "Window Covering",
  version: "5",
  when: hasCluster(clusters.covering.id),
  properties: [
    readable("Type", attribute("covering", "type"), enumeration(coveringTypes)),
    readable("PhysicalClosedLimitLift", attribute("covering", "closedLift")),
    readable("PhysicalClosedLimitTilt", attribute("covering", "closedTilt")),
    readable("CurrentPositionLift", attribute("covering", "lift"), uint16OrNull),
    readable("CurrentPositionTilt", attribute("covering", "tilt"), uint16OrNull),
    readable("NumberOfActuationsLift", attribute("covering", "liftActuations")),
    readable("NumberOfActuationsTilt", attribute("covering", "tiltActuations")),
    readable(
      "ConfigStatus",
      attribute("covering", "status"),
      bitmap({
        Operational: 0,
        OnlineReserved: 1,
        LiftMovementReversed: 2,
        LiftPositionAware: 3,
        TiltPositionAware: 4,
        LiftEncoderControlled: 5,
        TiltEncoderControlled: 6,
      }),
    ),
    readable("CurrentPositionLiftPercentage", attribute("covering", "liftPercentage"), percent),
    readable("CurrentPositionTiltPercentage", attribute("covering", "tiltPercentage"), percent),
    readable("CurrentPositionLiftPercent100ths", attribute("covering", "liftPercentage"), hundredths),
    readable("CurrentPositionTiltPercent100ths", attribute("covering", "tiltPercentage"), hundredths),
    readable("InstalledOpenLimitLift", attribute("covering", "openLimitLift")),
    readable("InstalledClosedLimitLift", attribute("covering", "closedLimitLift")),
    readable("InstalledOpenLimitTilt", attribute("covering", "openLimitTilt")),
    readable("InstalledClosedLimitTilt", attribute("covering", "closedLimitTilt")),
    writable(
      "Mode",
      attribute("covering", "mode"),
      bitmap({ MotorDirectionReversed: 0, CalibrationMode: 1, MaintenanceMode: 2, LedFeedback: 3 }),
    ),
  ],
  actions: [
    action("UpOrOpen", sends("covering", "open")),
    action("DownOrClose", sends("covering", "close")),
    action("StopMotion", sends("covering", "stop")),
    action("GoToLiftValue", sends("covering", "lift"), { LiftValue: parameter("value", uint16) }),
    action("GoToLiftPercentage", sends("covering", "liftPercentage"), {
      LiftPercent100thsValue: parameter("value", hundredths),
    }),
    action("GoToTiltValue", sends("covering", "tilt"), { TiltValue: parameter("value", uint16) }),
    action("GoToTiltPercentage", sends("covering", "tiltPercentage"), {
      TiltPercent100thsValue: parameter("value", hundredths),
    }),
  ],
  reporting: [
    { native: attribute("covering", "liftPercentage"), min: 1, max: 3600, change: 1 },
    { native: attribute("covering", "tiltPercentage"), min: 1, max: 3600, change: 1 },
  ],
};
