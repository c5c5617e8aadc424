import { FakeClock } from "@hearth/base";
import type { Json, JsonObject } from "@hearth/device-sdk";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CommandEndpoint } from "../plugins/protocol-plugin.ts";
import { type NativePort, runCommand } from "./command.ts";
import {
  type CapabilityMapping,
  describe,
  type EndpointView,
  type NativeChange,
  type NativeRef,
  refKey,
  reportingOf,
  stateOf,
  toModel,
  viewEndpoint,
} from "./conversion.ts";
import { bitmap, enumeration, integer, scaled } from "./converters.ts";

/** Two samples in the way of Zigbee's clusters; a real table is the same, and longer. */
interface Clusters {
  inputs: number[];
}

const ON_OFF = { cluster: 6, attribute: 0 };
const LEVEL = { cluster: 8, attribute: 0 };
const switches: CapabilityMapping<Clusters> = {
  capability: "matter.OnOff@1.4",
  name: "On/Off",
  version: "6",
  when: ({ inputs }) => inputs.includes(6),
  properties: [
    {
      name: "OnOff",
      native: ON_OFF,
      read: "boolean",
      update: (value) => [{ invoke: { cluster: 6, command: value ? 1 : 0 }, parameters: {} }],
    },
    { name: "OnTime", native: { cluster: 6, attribute: 0x4001 }, ...integer({ minimum: 0, maximum: 65535 }) },
    {
      name: "StartUpOnOff",
      native: { cluster: 6, attribute: 0x4003 },
      ...enumeration({ Off: 0, On: 1, Toggle: 2 }),
      when: ({ inputs }) => inputs.includes(0x1000),
    },
  ],
  actions: [
    { name: "On", native: { cluster: 6, command: 1 } },
    { name: "Off", native: { cluster: 6, command: 0 } },
    { name: "Toggle", native: { cluster: 6, command: 2 } },
  ],
  reporting: [{ native: ON_OFF, min: 0, max: 300 }],
};
const levels: CapabilityMapping<Clusters> = {
  capability: "matter.LevelControl@1.4",
  name: "Level Control",
  version: "6",
  when: ({ inputs }) => inputs.includes(8),
  properties: [{ name: "CurrentLevel", native: [LEVEL, ON_OFF], ...integer({ minimum: 0, maximum: 254, none: 255 }) }],
  actions: [
    {
      name: "MoveToLevel",
      native: { cluster: 8, command: 0 },
      parameters: {
        Level: { native: "level", convert: integer({ minimum: 0, maximum: 254 }).write },
        TransitionTime: { native: "transtime", otherwise: 0 },
      },
      fixed: { optionsMask: 0 },
      response: { Reached: { native: "reached" } },
    },
  ],
  events: [
    {
      name: "Dimmed",
      native: LEVEL,
      when: (value, { previous }) => (Number(value) < Number(previous) ? { Level: value } : undefined),
    },
  ],
  reporting: [
    { native: LEVEL, min: 1, max: 600, change: 5 },
    { native: ON_OFF, min: 5, max: 60 },
  ],
};
const table = [switches, levels];
const view = viewEndpoint(table, "1", { inputs: [6, 8] });

test("an endpoint shows what its native side has, and nothing else", () => {
  const plain = viewEndpoint(table, "2", { inputs: [6, 0x1000] });
  const none = viewEndpoint<Clusters>(table, "3", { inputs: [] });
  const report = describe("zb.1", [
    { view, deviceTypes: ["Dimmable Light"] },
    { view: plain, deviceTypes: ["On/Off Light"] },
    { view: none, deviceTypes: [] },
  ]);
  expect(report.endpoints.map(({ id }) => id)).toEqual(["1", "2"]);
  expect(report.endpoints[0]?.capabilities).toEqual([
    {
      id: "matter.OnOff@1.4",
      name: "On/Off",
      version: "6",
      properties: ["OnOff", "OnTime"],
      actions: ["On", "Off", "Toggle"],
      events: [],
    },
    {
      id: "matter.LevelControl@1.4",
      name: "Level Control",
      version: "6",
      properties: ["CurrentLevel"],
      actions: ["MoveToLevel"],
      events: ["Dimmed"],
    },
  ]);
  expect(report.endpoints[1]?.capabilities[0]?.properties).toContain("StartUpOnOff");
});

test("the tightest of two wishes for one report is the one that is asked for", () => {
  expect(reportingOf(view)).toEqual([
    { native: ON_OFF, min: 0, max: 60 },
    { native: LEVEL, min: 1, max: 600, change: 5 },
  ]);
});

test("row 66 (part): native values that arrive are properties and events", () => {
  const before = new Map<string, Json>([[refKey(LEVEL), 200]]);
  expect(toModel(view, [{ ref: ON_OFF, value: 1 }], before)).toEqual([
    { id: "matter.OnOff@1.4", properties: [{ name: "OnOff", value: true }] },
    { id: "matter.LevelControl@1.4", properties: [{ name: "CurrentLevel", value: 200 }] },
  ]);
  const both = [
    { ref: ON_OFF, value: 0 },
    { ref: { attribute: 0, cluster: 8 }, value: 12 },
  ];
  expect(toModel(view, both, before)).toEqual([
    { id: "matter.OnOff@1.4", properties: [{ name: "OnOff", value: false }] },
    {
      id: "matter.LevelControl@1.4",
      properties: [{ name: "CurrentLevel", value: 12 }],
      events: [{ name: "Dimmed", parameters: { Level: 12 } }],
    },
  ]);
  expect(toModel(view, [{ ref: { cluster: 9, attribute: 1 }, value: 1 }], before)).toEqual([]);
  expect(stateOf(view, new Map([[refKey(ON_OFF), 1]]))).toEqual([
    { id: "matter.OnOff@1.4", properties: [{ name: "OnOff", value: true }] },
  ]);
});

/** A device that does what it is told, and writes down how it was told. */
function bench(fail: (what: string) => void = () => {}) {
  const values = new Map<string, Json>([
    [refKey(ON_OFF), 0],
    [refKey(LEVEL), 10],
  ]);
  const told: Json[] = [];
  const port: NativePort<Clusters> = {
    async read(_view, refs) {
      fail("read");
      return refs.flatMap((ref): NativeChange[] => {
        const value = values.get(refKey(ref));
        return value === undefined ? [] : [{ ref, value }];
      });
    },
    async write(_view, writes) {
      told.push(["write", ...writes.map(({ ref, value }): Json => [refKey(ref), value])]);
      for (const { ref, value } of writes) values.set(refKey(ref), value);
    },
    async invoke(_view, command: NativeRef, parameters: JsonObject) {
      fail("invoke");
      told.push(["invoke", refKey(command), parameters]);
      if (command["cluster"] === 6) values.set(refKey(ON_OFF), command["command"] === 1 ? 1 : 0);
      else values.set(refKey(LEVEL), parameters["level"] as number);
      return { reached: 1 };
    },
    values: () => values,
  };
  const views: Map<string, EndpointView<Clusters>> = new Map([["1", view]]);
  const clock = new FakeClock();
  const command = (capabilities: CommandEndpoint["capabilities"]) =>
    runCommand({ views, port, clock, within: 1000 }, [{ endpointId: "1", capabilities }]);
  const run = (id: string, ...actions: CommandEndpoint["capabilities"][number]["actions"]) =>
    command([{ id, actions }]).then((responses) => responses[0]?.capabilities[0]);
  return { command, run, told, values, clock };
}

test("row 66 (part): UpdateState, ReadState and actions become what the device understands", async () => {
  const { run, told } = bench();
  expect(await run("matter.OnOff", { name: "UpdateState", parameters: { OnOff: true, OnTime: 5 }, ref: "a" })).toEqual({
    id: "matter.OnOff",
    actions: [{ name: "UpdateState", ref: "a", responseCode: 200, parameters: {} }],
    properties: [
      { name: "OnOff", value: true },
      { name: "OnTime", value: 5 },
    ],
  });
  expect(await run("matter.OnOff@1.4", { name: "ReadState", parameters: { propertiesToRead: ["*"] } })).toMatchObject({
    properties: [
      { name: "OnOff", value: true },
      { name: "OnTime", value: 5 },
    ],
  });
  const moved = await run("matter.LevelControl@1.4", { name: "MoveToLevel", parameters: { Level: 90 } });
  expect(moved).toMatchObject({
    actions: [{ responseCode: 200, parameters: { Reached: 1 } }],
    properties: [{ name: "CurrentLevel", value: 90 }],
  });
  expect(told).toEqual([
    ["invoke", "cluster=6&command=1", {}],
    ["write", ["attribute=16385&cluster=6", 5]],
    ["invoke", "cluster=8&command=0", { level: 90, transtime: 0, optionsMask: 0 }],
  ]);
});

test("an answer tells what is known when it is given, also of what an earlier action has read", async () => {
  const { run } = bench();
  const read = { name: "ReadState", parameters: { propertiesToRead: ["OnOff"] } };
  expect(await run("matter.OnOff@1.4", read)).toMatchObject({ properties: [{ name: "OnOff", value: false }] });
  expect(await run("matter.OnOff@1.4", read, { name: "On" })).toMatchObject({
    actions: [{ responseCode: 200 }, { responseCode: 200 }],
    properties: [{ name: "OnOff", value: true }],
  });
  // A hand on the device.
  const hand = bench((what) => {
    if (what === "invoke") hand.values.set(refKey(ON_OFF), 1);
  });
  const answers = await hand.command([
    { id: "matter.OnOff@1.4", actions: [read] },
    { id: "matter.LevelControl@1.4", actions: [{ name: "MoveToLevel", parameters: { Level: 90 } }] },
  ]);
  expect(answers[0]?.capabilities[0]).toMatchObject({ properties: [{ name: "OnOff", value: true }] });
});

test("what cannot be done is said with its code, and the next action is tried", async () => {
  const { run, told } = bench();
  const outcome = async (capability: string, name: string, parameters: JsonObject = {}) =>
    (await run(capability, { name, parameters }, { name: "nothing" }))?.actions.map(({ responseCode }) => responseCode);
  expect(await outcome("matter.OnOff@1.4", "Explode")).toEqual([501, 501]);
  expect(await outcome("matter.DoorLock@1.4", "LockDoor")).toEqual([501, 501]);
  expect(await outcome("matter.OnOff@1.4", "UpdateState", { OnTime: 1, Nothing: 1 })).toEqual([400, 501]);
  expect(await outcome("matter.OnOff@1.4", "UpdateState", { OnTime: "1" })).toEqual([400, 501]);
  expect(await outcome("matter.OnOff@1.4", "UpdateState", JSON.parse('{"__proto__":1}'))).toEqual([400, 501]);
  expect(await outcome("matter.OnOff@1.4", "ReadState", { propertiesToRead: ["constructor"] })).toEqual([400, 501]);
  expect(await outcome("matter.OnOff@1.4", "ReadState", {})).toEqual([400, 501]);
  expect(await outcome("matter.LevelControl@1.4", "MoveToLevel", {})).toEqual([400, 501]);
  expect(await outcome("matter.LevelControl@1.4", "MoveToLevel", { Level: 255 })).toEqual([400, 501]);
  expect(await outcome("matter.LevelControl@1.4", "MoveToLevel", { Level: 1, Speed: 1 })).toEqual([400, 501]);
  expect(told).toEqual([]);
});

test("a device that fails in the middle, and one that never answers", async () => {
  const broken = bench((what) => {
    if (what === "invoke") throw new Error("the radio burnt");
  });
  const outcome = await broken.run("matter.OnOff@1.4", { name: "On" });
  expect(outcome?.actions).toEqual([
    { name: "On", responseCode: 500, errors: [{ code: "Fail", message: "the radio burnt" }] },
  ]);
  const clock = new FakeClock();
  const never = () => new Promise<never>(() => {});
  const port: NativePort<Clusters> = { read: never, write: never, invoke: never, values: () => new Map() };
  const waiting = runCommand({ views: new Map([["1", view]]), port, clock, within: 300 }, [
    {
      endpointId: "1",
      capabilities: [
        {
          id: "matter.OnOff",
          actions: [{ name: "ReadState", parameters: { propertiesToRead: ["*"] } }, { name: "On" }],
        },
      ],
    },
  ]);
  clock.advance(300);
  expect((await waiting)[0]?.capabilities[0]?.actions.map(({ responseCode }) => responseCode)).toEqual([504, 504]);
});

test("converters take back what they have given", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 254 }), fc.integer({ min: 0, max: 7 }), (level, bits) => {
      const byte = integer({ minimum: 0, maximum: 254, none: 255 });
      expect(byte.write(byte.read(level) as number)).toBe(level);
      const hundredths = scaled(100, { none: 255 });
      expect(hundredths.write(hundredths.read(level) as number)).toBe(level);
      const options = bitmap({ A: 0, B: 1, C: 2 });
      expect(options.write(options.read(bits) as JsonObject)).toBe(bits);
    }),
  );
  const mode = enumeration({ Off: 0, On: 1 });
  expect(mode.read(1)).toBe("On");
  expect(mode.read(9)).toBeUndefined();
  expect(() => mode.write("constructor")).toThrow(/none of Off, On/);
  expect(integer({ minimum: 0, maximum: 254, none: 255 }).write(null)).toBe(255);
  expect(scaled(100, { none: -32768 }).read(-32768)).toBe(null);
});
