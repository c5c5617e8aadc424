import { library } from "@hearth/data-model";
import type { Json } from "@hearth/device-sdk";
import { nodeTypes } from "@hearth/simulator";
import { describe, expect, test } from "vitest";
import { type NativeRef, refKey, toModel, viewEndpoint } from "../../cdmb/conversion.ts";
import { classes, notification, value, type ZWaveEndpoint } from "./endpoint.ts";
import { levels } from "./switches.ts";
import { zwaveTable } from "./table.ts";

const namesOf = (list: unknown): string[] =>
  Array.isArray(list) ? list.map(({ name }) => name) : Object.keys((list as object | undefined) ?? {});

describe.each(zwaveTable)("$capability", (mapping) => {
  test("is a capability of the library, and all that it shows is in it", () => {
    const document = library.capability(mapping.capability);
    if (!document) throw new Error("not in the library");
    expect(mapping.version).toBe(document.extrinsicVersion);
    expect(document.title?.startsWith(mapping.name) || document.name === mapping.name).toBe(true);
    const { properties, actions, events } = document as unknown as Record<string, unknown>;
    expect(namesOf(properties)).toEqual(expect.arrayContaining(mapping.properties.map(({ name }) => name)));
    expect(namesOf(actions)).toEqual(expect.arrayContaining((mapping.actions ?? []).map(({ name }) => name)));
    expect(namesOf(events)).toEqual(expect.arrayContaining((mapping.events ?? []).map(({ name }) => name)));
  });
});

test.each([99, 100])("every level from 0 to %i is one of the model's, and comes back as itself", (top) => {
  const { read, write } = levels(top);
  for (let native = 0; native <= top; native++) expect(write(read(native)!)).toBe(native);
  for (let level = 0; level <= 254; level++) expect(write(level) === 0).toBe(level === 0);
  for (const wrong of [-1, 255, 1.5, "1", null]) expect(() => write(wrong)).toThrow("0 to 254");
});

/** Reference 10.11, to the letter; what is not in its table stands below the line. */
const shown: Readonly<Record<string, string[]>> = {
  "smart-bulb": ["OnOff", "LevelControl"],
  "dimmable-light": ["OnOff", "LevelControl"],
  "garage-controller": ["OnOff", "LevelControl"],
  plug: ["OnOff"],
  "energy-meter": ["ElectricalEnergyMeasurement", "ElectricalPowerMeasurement"],
  battery: ["LevelControl"],
  siren: ["LevelControl"],
  motion: ["BooleanState"],
  "door-window": ["BooleanState"],
  "water-leak": ["BooleanState"],
  temperature: ["TemperatureMeasurement"],
  co: ["SmokeCoAlarm"],
  smoke: ["SmokeCoAlarm"],

  lock: ["DoorLock"],
  "keypad-lock": ["DoorLock"],
  "s0-lock": ["DoorLock"],
  "rgb-strip": ["OnOff", "LevelControl", "RadioCluster"],
  // Of the node as a whole: its first outlet's.
  "power-strip": ["OnOff"],
};

/** Names that the stack gives to what these nodes say. */
const valueNames: Readonly<Record<string, string>> = {
  "1/50/0": "50/value/65537",
  "1/50/2": "50/value/66049",
  "1/49/1": "49/Air temperature",
  "1/113/7": "113/Home Security/Motion sensor status",
  "1/113/6": "113/Access Control/Door state",
  "1/113/5": "113/Water Alarm/Sensor status",
  "1/113/2": "113/CO Alarm/Sensor status",
  "1/113/1": "113/Smoke Alarm/Sensor status",
};

test("each virtual type shows exactly the capabilities of its line", () => {
  for (const { name, commandClasses, values } of nodeTypes) {
    const endpoint: ZWaveEndpoint = {
      index: 0,
      // With what every node has besides.
      commandClasses: new Set([0x20, 0x5e, 0x6c, 0x72, 0x86, 0x9f, ...commandClasses.map(({ id }) => id)]),
      values: new Set(Object.keys(values).map((path) => valueNames[path] ?? path.slice(2))),
    };
    const ids = viewEndpoint(zwaveTable, "1", endpoint).capabilities.map(({ capability }) => capability);
    expect({ [name]: ids.map((id) => id.replace(/^\w+\.|@.*$/g, "")) }).toEqual({ [name]: shown[name] });
  }
});

test("a lock tells who has turned it where it can, and otherwise that it was turned", () => {
  const lock = (...also: number[]) =>
    viewEndpoint(zwaveTable, "1", {
      index: 0,
      commandClasses: new Set([classes.doorLock, ...also]),
      values: new Set<string>(),
    });
  const [plain, telling] = [lock(), lock(classes.notification)];
  const mode = value(classes.doorLock, "currentMode");
  const events = (view: typeof plain, ref: NativeRef, now: Json, before?: Json) =>
    toModel(view, [{ ref, value: now }], new Map(before === undefined ? [] : [[refKey(ref), before]])).flatMap(
      ({ events: told = [] }) => told,
    );
  const operation = (LockOperationType: string, OperationSource: string, UserIndex: number | null = null) => [
    {
      name: "LockOperation",
      parameters: { LockOperationType, OperationSource, UserIndex, FabricIndex: null, SourceNode: null },
    },
  ];
  expect(events(telling, notification(6), { event: 6, user: 3 })).toEqual(operation("Unlock", "Keypad", 3));
  expect(events(telling, notification(6), { event: 9 })).toEqual(operation("Lock", "Auto"));
  expect(events(telling, notification(6), { event: 7 })).toEqual([]);
  expect(events(telling, mode, 255, 0)).toEqual([]);
  expect(events(plain, mode, 255, 0)).toEqual(operation("Lock", "Unspecified"));
  expect(events(plain, mode, 255, 255)).toEqual([]);
  expect(events(plain, mode, 255)).toEqual([]);
  const jammed = value(classes.notification, "Access Control/Lock state");
  expect(events(telling, jammed, 11, 0)).toEqual([{ name: "DoorLockAlarm", parameters: { AlarmCode: "LockJammed" } }]);
});
