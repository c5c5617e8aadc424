import { describe, expect, test } from "vitest";
import { parseExtrinsicId } from "./extrinsic.ts";
import { isIdentity, parseVersionedId } from "./identity.ts";
import { capabilityByClusterId, library } from "./library.ts";

/** Ids typed from the cluster tables of the Matter 1.4 Application Cluster Specification. */
const GOLDEN: Record<
  string,
  {
    name: string;
    id: number;
    revision: number;
    properties: Record<string, number>;
    actions: Record<string, number>;
    responses?: Record<string, number>;
    events?: Record<string, number>;
  }
> = {
  OnOff: {
    name: "On/Off",
    id: 0x0006,
    revision: 6,
    properties: {
      OnOff: 0x0000,
      GlobalSceneControl: 0x4000,
      OnTime: 0x4001,
      OffWaitTime: 0x4002,
      StartUpOnOff: 0x4003,
    },
    actions: {
      Off: 0x00,
      On: 0x01,
      Toggle: 0x02,
      OffWithEffect: 0x40,
      OnWithRecallGlobalScene: 0x41,
      OnWithTimedOff: 0x42,
    },
  },
  LevelControl: {
    name: "Level Control",
    id: 0x0008,
    revision: 6,
    properties: {
      CurrentLevel: 0x0000,
      RemainingTime: 0x0001,
      MinLevel: 0x0002,
      MaxLevel: 0x0003,
      CurrentFrequency: 0x0004,
      MinFrequency: 0x0005,
      MaxFrequency: 0x0006,
      Options: 0x000f,
      OnOffTransitionTime: 0x0010,
      OnLevel: 0x0011,
      OnTransitionTime: 0x0012,
      OffTransitionTime: 0x0013,
      DefaultMoveRate: 0x0014,
      StartUpCurrentLevel: 0x4000,
    },
    actions: {
      MoveToLevel: 0x00,
      Move: 0x01,
      Step: 0x02,
      Stop: 0x03,
      MoveToLevelWithOnOff: 0x04,
      MoveWithOnOff: 0x05,
      StepWithOnOff: 0x06,
      StopWithOnOff: 0x07,
      MoveToClosestFrequency: 0x08,
    },
  },
  ColorControl: {
    name: "Color Control",
    id: 0x0300,
    revision: 7,
    properties: {
      CurrentHue: 0x0000,
      CurrentSaturation: 0x0001,
      RemainingTime: 0x0002,
      CurrentX: 0x0003,
      CurrentY: 0x0004,
      ColorTemperatureMireds: 0x0007,
      ColorMode: 0x0008,
      EnhancedCurrentHue: 0x4000,
      EnhancedColorMode: 0x4001,
      ColorLoopActive: 0x4002,
      ColorCapabilities: 0x400a,
      ColorTempPhysicalMinMireds: 0x400b,
      ColorTempPhysicalMaxMireds: 0x400c,
      StartUpColorTemperatureMireds: 0x4010,
    },
    actions: {
      MoveToHue: 0x00,
      MoveHue: 0x01,
      StepHue: 0x02,
      MoveToSaturation: 0x03,
      MoveToHueAndSaturation: 0x06,
      MoveToColor: 0x07,
      MoveToColorTemperature: 0x0a,
      EnhancedMoveToHue: 0x40,
      ColorLoopSet: 0x44,
      StopMoveStep: 0x47,
      MoveColorTemperature: 0x4b,
      StepColorTemperature: 0x4c,
    },
  },
  DoorLock: {
    name: "Door Lock",
    id: 0x0101,
    revision: 8,
    properties: {
      LockState: 0x0000,
      LockType: 0x0001,
      ActuatorEnabled: 0x0002,
      DoorState: 0x0003,
      NumberOfTotalUsersSupported: 0x0011,
      NumberOfPINUsersSupported: 0x0012,
      AutoRelockTime: 0x0023,
      OperatingMode: 0x0025,
      SupportedOperatingModes: 0x0026,
      WrongCodeEntryLimit: 0x0030,
      RequirePINforRemoteOperation: 0x0033,
    },
    actions: {
      LockDoor: 0x00,
      UnlockDoor: 0x01,
      UnlockWithTimeout: 0x03,
      SetUser: 0x1a,
      GetUser: 0x1b,
      SetCredential: 0x22,
      UnboltDoor: 0x27,
    },
    responses: { GetUser: 0x1c, SetCredential: 0x23, GetCredentialStatus: 0x25 },
    events: {
      DoorLockAlarm: 0x00,
      DoorStateChange: 0x01,
      LockOperation: 0x02,
      LockOperationError: 0x03,
      LockUserChange: 0x04,
    },
  },
  Thermostat: {
    name: "Thermostat",
    id: 0x0201,
    revision: 8,
    properties: {
      LocalTemperature: 0x0000,
      OutdoorTemperature: 0x0001,
      PICoolingDemand: 0x0007,
      PIHeatingDemand: 0x0008,
      OccupiedCoolingSetpoint: 0x0011,
      OccupiedHeatingSetpoint: 0x0012,
      ControlSequenceOfOperation: 0x001b,
      SystemMode: 0x001c,
      ThermostatRunningState: 0x0029,
      ACType: 0x0040,
      Presets: 0x0050,
    },
    actions: {
      SetpointRaiseLower: 0x00,
      SetWeeklySchedule: 0x01,
      GetWeeklySchedule: 0x02,
      SetActivePresetRequest: 0x06,
    },
    responses: { GetWeeklySchedule: 0x00 },
  },
  FanControl: {
    name: "Fan Control",
    id: 0x0202,
    revision: 4,
    properties: {
      FanMode: 0x0000,
      FanModeSequence: 0x0001,
      PercentSetting: 0x0002,
      PercentCurrent: 0x0003,
      SpeedMax: 0x0004,
      SpeedSetting: 0x0005,
      SpeedCurrent: 0x0006,
      RockSupport: 0x0007,
      RockSetting: 0x0008,
      WindSupport: 0x0009,
      WindSetting: 0x000a,
      AirflowDirection: 0x000b,
    },
    actions: { Step: 0x00 },
  },
  OccupancySensing: {
    name: "Occupancy Sensing",
    id: 0x0406,
    revision: 5,
    properties: { Occupancy: 0x0000, OccupancySensorType: 0x0001, OccupancySensorTypeBitmap: 0x0002, HoldTime: 0x0003 },
    actions: {},
    events: { OccupancyChanged: 0x00 },
  },
  TemperatureMeasurement: {
    name: "Temperature Measurement",
    id: 0x0402,
    revision: 4,
    properties: { MeasuredValue: 0x0000, MinMeasuredValue: 0x0001, MaxMeasuredValue: 0x0002, Tolerance: 0x0003 },
    actions: {},
  },
  BooleanState: {
    name: "Boolean State",
    id: 0x0045,
    revision: 1,
    properties: { StateValue: 0x0000 },
    actions: {},
    events: { StateChange: 0x00 },
  },
  WindowCovering: {
    name: "Window Covering",
    id: 0x0102,
    revision: 5,
    properties: {
      Type: 0x0000,
      CurrentPositionLift: 0x0003,
      ConfigStatus: 0x0007,
      CurrentPositionLiftPercentage: 0x0008,
      OperationalStatus: 0x000a,
      TargetPositionLiftPercent100ths: 0x000b,
      CurrentPositionLiftPercent100ths: 0x000e,
      Mode: 0x0017,
      SafetyStatus: 0x001a,
    },
    actions: {
      UpOrOpen: 0x00,
      DownOrClose: 0x01,
      StopMotion: 0x02,
      GoToLiftValue: 0x04,
      GoToLiftPercentage: 0x05,
      GoToTiltValue: 0x07,
      GoToTiltPercentage: 0x08,
    },
  },
  PowerSource: {
    name: "Power Source",
    id: 0x002f,
    revision: 3,
    properties: {
      Status: 0x0000,
      Order: 0x0001,
      Description: 0x0002,
      BatVoltage: 0x000b,
      BatPercentRemaining: 0x000c,
      BatChargeLevel: 0x000e,
    },
    actions: {},
    events: { WiredFaultChange: 0x00, BatFaultChange: 0x01, BatChargeFaultChange: 0x02 },
  },
  Pm25ConcentrationMeasurement: {
    name: "PM2.5 Concentration Measurement",
    id: 0x042a,
    revision: 3,
    properties: { MeasuredValue: 0x0000, PeakMeasuredValue: 0x0003, MeasurementUnit: 0x0008, LevelValue: 0x000a },
    actions: {},
  },
  DishwasherMode: {
    name: "Dishwasher Mode",
    id: 0x0059,
    revision: 3,
    properties: { SupportedModes: 0x0000, CurrentMode: 0x0001 },
    actions: { ChangeToMode: 0x00 },
    responses: { ChangeToMode: 0x01 },
  },
};

describe("the library", () => {
  test.each(Object.entries(GOLDEN))("matter.%s has the ids of the specification", (key, expected) => {
    const document = library.capability(`matter.${key}@1.4`)!;
    expect(document.name).toBe(expected.name);
    expect(Number(document.extrinsicId)).toBe(expected.id);
    expect(document.extrinsicVersion).toBe(String(expected.revision));
    const idsOf = (elements: readonly { name: string; extrinsicId: string }[] = []) =>
      Object.fromEntries(elements.map(({ name, extrinsicId }) => [name, Number(extrinsicId)]));
    const properties = Object.entries(document.properties ?? {}).map(([name, { extrinsicId }]) => ({
      name,
      extrinsicId,
    }));
    expect(idsOf(properties)).toMatchObject(expected.properties);
    expect(idsOf(document.actions)).toMatchObject(expected.actions);
    expect(idsOf(document.events)).toMatchObject(expected.events ?? {});
    const responses = document.actions?.flatMap(({ name, response }) =>
      response ? [{ name, extrinsicId: response.extrinsicId ?? "" }] : [],
    );
    expect(idsOf(responses)).toMatchObject(expected.responses ?? {});
    expect(capabilityByClusterId(expected.id)).toEqual({
      id: `matter.${key}@1.4`,
      name: expected.name,
      extrinsicId: document.extrinsicId,
      extrinsicVersion: document.extrinsicVersion,
    });
  });

  test("has every cluster of Matter 1.4 that has an id", () => {
    expect(library.ids("capability").filter((id) => id.startsWith("matter."))).toHaveLength(119);
    expect(capabilityByClusterId(0xfffe)).toBeUndefined();
  });

  test("refers only to types that exist", () => {
    const missing: string[] = [];
    const visit = (value: unknown, from: string): void => {
      if (typeof value !== "object" || value === null) return;
      const reference = (value as { $ref?: unknown }).$ref;
      if (typeof reference === "string") {
        const id = reference.replace("/schema-versions/definition/", "");
        if (!library.definition(id)) missing.push(`${from}: ${reference}`);
      }
      for (const member of Object.values(value)) visit(member, from);
    };
    for (const id of library.ids("capability")) visit(library.capability(id), id);
    for (const id of library.ids("definition")) visit(library.definition(id), id);
    expect(missing).toEqual([]);
  });

  test.each(["capability", "definition"] as const)(
    "gives each %s an identity, a name and a description that the API allows",
    (type) => {
      for (const id of library.ids(type)) {
        const document = library[type](id)!;
        expect(parseVersionedId(id), id).toBeDefined();
        expect(isIdentity(parseVersionedId(id)!.identity)).toBe(true);
        expect(document.$id).toBe(`/schema-versions/${type}/${id}`);
        expect(document.name).toMatch(/^[A-Za-z][A-Za-z0-9./ -]{0,63}$/);
        expect(document.description).toMatch(/^[a-zA-Z0-9.,/ -]{10,2048}$/);
        expect(JSON.stringify(document).length).toBeLessThanOrEqual(50_000);
      }
    },
  );

  test("gives each element an external id, and each action a name that a command may carry", () => {
    for (const id of library.ids("capability")) {
      const { properties = {}, actions = [], events = [] } = library.capability(id)!;
      const elements = [...Object.values(properties), ...actions, ...events];
      for (const { extrinsicId } of elements) expect(parseExtrinsicId(extrinsicId), id).toBeDefined();
      for (const name of Object.keys(properties)) expect(name).toMatch(/^[A-Za-z0-9]+$/);
      for (const { name } of actions) expect(name).toMatch(/^[/a-zA-Z]+$/);
      expect(new Set(actions.map(({ name }) => name)).size).toBe(actions.length);
    }
  });

  test("maps every value of an enumeration, and no two to one number", () => {
    const enumerations = library
      .ids("definition")
      .flatMap((id) => (library.definition(id)?.enum ? [library.definition(id)!] : []));
    expect(enumerations.length).toBeGreaterThan(100);
    for (const { enum: values = [], extrinsicIdMap = {} } of enumerations) {
      expect(Object.keys(extrinsicIdMap).sort()).toEqual([...values].sort());
      expect(new Set(Object.values(extrinsicIdMap)).size).toBe(values.length);
    }
  });

  test("row 30 (part): writes enumerations by name and bitmaps by bit", () => {
    expect(library.definition("matter.OnOff.StartUpOnOffEnum@1.4")).toMatchObject({
      $ref: "/schema-versions/definition/aws.enum@1.0",
      type: "string",
      enum: ["Off", "On", "Toggle"],
      extrinsicIdMap: { Off: "0", On: "1", Toggle: "2" },
    });
    expect(library.definition("matter.DoorLock.OperatingModesBitmap@1.4")?.properties).toMatchObject({
      Normal: { extrinsicId: "0x0000", value: { type: "integer", minimum: 0, maximum: 1 } },
      // Bits 5 to 15 are one field.
      AlwaysSet: { extrinsicId: "0x0005", value: { maximum: 2047 } },
    });
    expect(library.definition("matter.ColorControl.ColorCapabilitiesBitmap@1.4")?.properties).toHaveProperty("XY");
  });

  test("states what may be read and written", () => {
    const { properties = {} } = library.capability("matter.OnOff@1.4")!;
    expect(properties["OnOff"]).toMatchObject({ retrievable: true, mutable: false, reportable: true });
    expect(properties["StartUpOnOff"]).toMatchObject({
      mutable: true,
      value: { $ref: "/schema-versions/definition/matter.OnOff.StartUpOnOffEnum@1.4", nullable: true },
      extrinsicProperties: {
        access: [
          { op: "read", privilege: "view" },
          { op: "write", privilege: "manage" },
        ],
      },
    });
  });

  test("completes derived clusters and leaves out what they forbid", () => {
    const { properties = {}, actions = [] } = library.capability("matter.DishwasherMode@1.4")!;
    expect(properties).not.toHaveProperty("StartUpMode");
    expect(actions[0]?.response?.parameters).toHaveProperty("StatusText");
    expect(library.definition("matter.DishwasherMode.ModeTag@1.4")?.extrinsicIdMap).toMatchObject({
      Auto: "0",
      Heavy: "16385",
    });
    const oven = library.capability("matter.OvenCavityOperationalState@1.4")!;
    expect(oven.actions?.map(({ name }) => name)).toEqual(["Stop", "Start"]);
  });

  test("cannot be changed by who reads it", () => {
    const document = library.capability("matter.OnOff@1.4") as { name: string };
    expect(() => {
      document.name = "other";
    }).toThrow(TypeError);
  });
});
