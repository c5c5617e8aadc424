import { describe, expect, test } from "vitest";
import type { CapabilityDocument } from "../documents.ts";
import { extendLibrary } from "../schema-set.ts";
import { describeViolation } from "../violation.ts";
import { fromMatterCommand, toMatterCommand } from "./command.ts";
import { fromMatterReport, toMatterReport } from "./report.ts";
import { fromMatterState, toMatterState } from "./state.ts";

const on = (cluster: object) => [{ id: "1", clusters: [{ id: "0x0006", ...cluster }] }];
const why = (result: object): string[] =>
  "violations" in result ? (result.violations as Parameters<typeof describeViolation>[0][]).map(describeViolation) : [];
const attributesOf = (result: ReturnType<typeof fromMatterState>) =>
  "endpoints" in result ? result.endpoints[0]?.capabilities[0]?.properties : result;

describe("rows 21 and 22: what connectors write", () => {
  test.each([["0x06"], ["0X0006"], ["6"], ["0x00000006"]])("the cluster %s is On/Off", (id) => {
    const endpoints = [{ id: "1", clusters: [{ id, attributes: { "0x0": true } }] }];
    expect(attributesOf(fromMatterState(endpoints))).toEqual([{ name: "OnOff", value: true }]);
  });

  test("maps as lists of maps, and numbers as texts (U27)", () => {
    const fan = (cluster: object) => [{ id: "1", clusters: [{ id: "0x0202", ...cluster }] }];
    const high = { name: "UpdateState", parameters: { FanMode: "High" } };
    for (const commands of [
      { "0xff01": { "0x0000": "3" } },
      [{ "0xff01": { "0x0000": 3 } }],
      [{ "0xff01": [{ "0x0000": "3" }] }],
    ]) {
      expect(fromMatterCommand(fan({ commands }))).toMatchObject({
        endpoints: [{ capabilities: [{ actions: [high] }] }],
      });
      expect(fromMatterState(fan({ commands }))).toMatchObject({
        endpoints: [{ capabilities: [{ actions: [high] }] }],
      });
    }
    const attributes = [{ "0x0000": "3" }, { "0x0002": "70" }];
    expect(attributesOf(fromMatterState(fan({ attributes })))).toEqual([
      { name: "FanMode", value: "High" },
      { name: "PercentSetting", value: 70 },
    ]);
  });

  test("an outcome among the fields of a response", () => {
    const outcome = { responseCode: 404, errors: [{ code: "AD_001", message: "no" }] };
    expect(fromMatterState(on({ commands: { "0x02": outcome } }))).toMatchObject({
      endpoints: [{ capabilities: [{ actions: [{ name: "Toggle", ...outcome }] }] }],
    });
  });

  test("ReadState of some attributes and of all", () => {
    const read = (propertiesToRead: string[]) => [
      {
        endpointId: "1",
        capabilities: [
          {
            id: "matter.OnOff@1.4",
            name: "On/Off",
            version: "6",
            actions: [{ name: "ReadState", parameters: { propertiesToRead } }],
          },
        ],
      },
    ];
    const matter = (ids: string[]) => ({ endpoints: on({ revision: "6", commands: [{ "0xff02": ids }] }) });
    expect(toMatterCommand(read(["OnOff", "OnTime"]))).toEqual(matter(["0x0000", "0x4001"]));
    expect(toMatterCommand(read(["*"]))).toEqual(matter(["*"]));
    expect(fromMatterCommand(matter(["0x4001"]).endpoints)).toEqual({ endpoints: read(["OnTime"]) });
    expect(fromMatterCommand(matter(["*"]).endpoints)).toEqual({ endpoints: read(["*"]) });
  });

  test("a report with the state that is known", () => {
    const attributes = [{ id: "0x0000", value: true }, { id: "0x4003", name: "any", value: 2 }, { id: "0x4001" }];
    const cluster = { id: "0x0006", revision: 6, attributes, commands: ["0x00", "0xff01"], events: [] };
    const report = {
      version: "1.0.0",
      nodeId: "1",
      endpoints: [{ id: "1", deviceTypes: ["Camera"], clusters: [cluster] }],
    };
    const about = { id: "matter.OnOff@1.4", name: "On/Off", version: "6" };
    expect(fromMatterReport(report)).toEqual({
      report: {
        version: "1.0.0",
        nodeId: "1",
        endpoints: [
          {
            id: "1",
            deviceTypes: ["Camera"],
            capabilities: [
              {
                ...about,
                properties: ["OnOff", "StartUpOnOff", "OnTime"],
                actions: ["Off", "UpdateState"],
                events: [],
              },
            ],
          },
        ],
      },
      state: [
        {
          endpointId: "1",
          capabilities: [
            {
              ...about,
              properties: [
                { name: "OnOff", value: true },
                { name: "StartUpOnOff", value: "Toggle" },
              ],
            },
          ],
        },
      ],
    });
    const wrong = {
      ...report,
      endpoints: [{ ...report.endpoints[0], clusters: [{ ...cluster, attributes: [{ id: "0x0000", value: 1 }] }] }],
    };
    expect(why(fromMatterReport(wrong))[0]).toContain("must be a boolean");
  });
});

describe("what has no counterpart is told, never left out", () => {
  test.each<[string, unknown, string]>([
    [
      "a cluster that nobody knows",
      [{ id: "1", clusters: [{ id: "0xfffe" }] }],
      "endpoints[0].clusters[0].id: is not the cluster of a known capability",
    ],
    [
      "an attribute",
      on({ attributes: { "0x7777": 1 } }),
      "endpoints[0].clusters[0].attributes.0x7777: is not a property of the capability",
    ],
    ["an attribute given twice", on({ attributes: { "0x0": true, "0x0000": false } }), "is given twice"],
    ["a number of an enumeration", on({ attributes: { "0x4003": 9 } }), "is not a number of the enumeration"],
    [
      "a bit",
      [{ id: "1", clusters: [{ id: "0x0008", attributes: { "0x000f": 4 } }] }],
      "has a bit that the bitmap does not name",
    ],
    [
      "a bitmap that is none",
      [{ id: "1", clusters: [{ id: "0x0008", attributes: { "0x000f": -1 } }] }],
      "must be a non-negative integer",
    ],
    ["a command", on({ commands: { "0x77": {} } }), "is not a command of the cluster"],
    ["an event", on({ events: { "0x00": {} } }), "is not an event of the cluster"],
    ["an endpoint without an id", [{ clusters: [] }], "endpoints[0].id: must be a text"],
    ["no list", {}, "must be a list of at most 50 items"],
    ["no map", on({ attributes: 7 }), "must be a map of at most 100 ids"],
  ])("%s", (_name, endpoints, said) => {
    expect(why(fromMatterState(endpoints))[0]).toContain(said);
  });

  test("a response that several commands share, unless one of them was asked", () => {
    const endpoints = [{ id: "1", clusters: [{ id: "0x0060", commands: { "0x04": { "0x00": { "0x00": 0 } } } }] }];
    expect(why(fromMatterState(endpoints))[0]).toContain("answers several actions (Pause, Stop, Start, Resume)");
    const asked = [
      {
        endpointId: "1",
        capabilities: [{ id: "matter.OperationalState@1.4", name: "", version: "1", actions: [{ name: "Stop" }] }],
      },
    ];
    expect(fromMatterState(endpoints, { asked })).toMatchObject({
      endpoints: [{ capabilities: [{ actions: [{ name: "Stop" }] }] }],
    });
  });

  test("names and values of ours", () => {
    const say = (part: object) => [{ endpointId: "1", capabilities: [{ id: "matter.LevelControl@1.4", ...part }] }];
    expect(why(toMatterState(say({ properties: [{ name: "Absent", value: 1 }] })))[0]).toContain("is not a property");
    const options = (value: unknown) => say({ properties: [{ name: "Options", value }] });
    expect(why(toMatterState(options({ Absent: 1 })))[0]).toContain("is not a bit of the bitmap");
    expect(why(toMatterState(options({ ExecuteIfOff: 2 })))[0]).toContain("must be an integer from 0 to 1");
    expect(why(toMatterState([{ endpointId: "1", capabilities: [{ id: "acme.Lamp@1.0" }] }]))[0]).toContain(
      "has no schema",
    );
    const report = { version: "1.0.0" as const, endpoints: [] };
    expect(toMatterReport(report)).toEqual({ report });
  });
});

describe("schemas of customers", () => {
  const lamp = (id: string, value: object): CapabilityDocument => ({
    $id: `/schema-versions/capability/${id}`,
    name: "Lamp",
    extrinsicId: "0x12340001",
    extrinsicVersion: "1",
    properties: { Glow: { extrinsicId: "0x0007", value } },
  });
  const state = [{ id: "1", clusters: [{ id: "0x12340001", attributes: { "0x0007": 1 } }] }];
  const reportOf = (id: string) => ({
    version: "1.0.0" as const,
    endpoints: [
      {
        id: "1",
        deviceTypes: [],
        capabilities: [{ id, name: "Lamp", version: "1", properties: ["Glow"], actions: [], events: [] }],
      },
    ],
  });
  const idOf = (result: ReturnType<typeof fromMatterState>) =>
    "endpoints" in result ? result.endpoints[0]?.capabilities[0]?.id : why(result)[0];

  test("the device's report says which capability a cluster is, else the newest version", () => {
    const integer = { type: "integer" };
    const schemas = extendLibrary([
      lamp("acme.Lamp@1.0", integer),
      lamp("acme.Lamp@1.10", integer),
      lamp("acme.Lamp@1.9", integer),
    ]);
    expect(idOf(fromMatterState(state, { schemas }))).toBe("acme.Lamp@1.10");
    expect(idOf(fromMatterState(state, { schemas, report: reportOf("acme.Lamp@1.9") }))).toBe("acme.Lamp@1.9");
    const two = extendLibrary([lamp("acme.Lamp@1.0", integer), lamp("other.Lamp@1.0", integer)]);
    expect(idOf(fromMatterState(state, { schemas: two }))).toContain("several capabilities (acme.Lamp, other.Lamp)");
    expect(idOf(fromMatterState(state, { schemas: two, report: reportOf("other.Lamp@1.0") }))).toBe("other.Lamp@1.0");
  });

  const roundTrip = (type: object, ours: unknown) => {
    const schemas = extendLibrary([lamp("acme.Lamp@1.0", type)]);
    const matter = toMatterState(
      [{ endpointId: "1", capabilities: [{ id: "acme.Lamp@1.0", properties: [{ name: "Glow", value: ours }] }] }],
      schemas,
    );
    if ("violations" in matter) throw new Error(why(matter)[0]);
    expect(attributesOf(fromMatterState(matter.endpoints, { schemas }))).toEqual([{ name: "Glow", value: ours }]);
    return matter.endpoints[0]?.clusters[0]?.attributes?.["0x0007"];
  };
  const level = {
    $ref: "/schema-versions/definition/aws.enum@1.0",
    type: "string",
    enum: ["Low"],
    extrinsicIdMap: { Low: "7" },
  };
  const bits = (properties: object) => ({
    $ref: "/schema-versions/definition/aws.bitmap@1.0",
    type: "object",
    properties,
  });
  const bit = (extrinsicId: string, maximum = 1) => ({ extrinsicId, value: { type: "integer", minimum: 0, maximum } });

  test.each<[string, object, unknown, unknown]>([
    [
      "a tuple",
      { type: "array", prefixItems: [level, { type: "number" }], items: level },
      ["Low", 2, "Low"],
      [7, 2, 7],
    ],
    [
      "members without an id",
      { type: "object", properties: { Plain: level } },
      { Plain: "Low", Other: 1 },
      { Plain: 7, Other: 1 },
    ],
    [
      "members by pattern",
      { type: "object", patternProperties: { "^L": level } },
      { L1: "Low", x: 1 },
      { L1: 7, x: 1 },
    ],
    ["further members", { type: "object", additionalProperties: level }, { a: "Low" }, { a: 7 }],
    ["an alternative", { anyOf: [{ type: "boolean" }, level] }, "Low", 7],
    ["a field of several bits", bits({ A: bit("0x0000", 7), B: bit("0x0003") }), { A: 5, B: 1 }, 13],
    ["bits beyond a JSON number", bits({ Top: bit("63"), Low: bit("0") }), { Top: 1, Low: 1 }, "9223372036854775809"],
  ])("%s goes there and back", (_name, type, ours, theirs) => {
    expect(roundTrip(type, ours)).toEqual(theirs);
  });

  test("that refer to themselves end", () => {
    const endless = {
      ...lamp("acme.Lamp@1.0", { $ref: "#/$defs/A" }),
      $defs: { A: { anyOf: [{ $ref: "#/$defs/A" }, { $ref: "#/$defs/A" }] } },
    };
    expect(why(fromMatterState(state, { schemas: extendLibrary([endless]) }))).not.toEqual([]);
  });
});
