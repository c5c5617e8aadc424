import {
  fromMatterReport,
  fromMatterState,
  getSchema,
  listSchemas,
  type MatterCapabilityReport,
  toMatterCommand,
} from "@hearth/data-model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MatterError, matter } from "./matter.ts";

interface Names {
  id: string;
  properties: string[];
  actions: string[];
  events: string[];
}

/** Every capability of the library, by names. */
const capabilities: Names[] = listSchemas({ type: "capability" }).map(({ schemaId, semanticVersion }) => {
  const id = `${schemaId}@${semanticVersion}`;
  const { schema } = getSchema("capability", id) ?? {};
  const {
    properties = {},
    actions = [],
    events = [],
  } = schema as {
    properties?: Record<string, unknown>;
    actions?: { name: string }[];
    events?: { name: string }[];
  };
  return {
    id,
    properties: Object.keys(properties).slice(0, 100),
    actions: [...actions.map(({ name }) => name).slice(0, 98), "UpdateState", "ReadState"],
    events: events.map(({ name }) => name).slice(0, 100),
  };
});

const some = (names: readonly string[]) => fc.subarray([...names]);
const described = fc
  .uniqueArray(fc.constantFrom(...capabilities), { minLength: 1, maxLength: 4, selector: ({ id }) => id })
  .chain((chosen) =>
    fc.tuple(
      ...chosen.map(({ id, properties, actions, events }) =>
        fc.record({ id: fc.constant(id), properties: some(properties), actions: some(actions), events: some(events) }),
      ),
    ),
  );

const reportOf = (own: readonly Names[]): MatterCapabilityReport =>
  matter.report({ endpoints: [{ id: "1", deviceTypes: ["Anything"], capabilities: own }] });

describe("names and Matter's ids", () => {
  it("give every capability of the library back as it was named", () => {
    for (const capability of capabilities) {
      const back = fromMatterReport(reportOf([capability]));
      if ("violations" in back) throw new Error(`${capability.id}: ${JSON.stringify(back.violations)}`);
      expect(back.report.endpoints[0]?.capabilities).toMatchObject([capability]);
    }
  });

  it("give any choice of the library's members back, in a report and in a command", () => {
    const property = fc.property(described, (own) => {
      const back = fromMatterReport(reportOf(own));
      if ("violations" in back) throw new Error(JSON.stringify(back.violations));
      expect(back.report.endpoints[0]?.capabilities).toMatchObject(own);
      const commands = own.flatMap(({ id, properties }) => [
        { endpointId: "1", capability: id, action: "ReadState", parameters: { propertiesToRead: properties } },
      ]);
      const sent = toMatterCommand([
        {
          endpointId: "1",
          capabilities: commands.map(({ capability: id, action, parameters }) => ({
            ...{ id, name: id, version: "1" },
            actions: [{ name: action, parameters }],
          })),
        },
      ]);
      if ("violations" in sent) throw new Error(JSON.stringify(sent.violations));
      expect(matter.commands(sent.endpoints)).toEqual(commands);
    });
    fc.assert(property, { numRuns: 30 });
  });

  it("are as printed in the platform's samples", () => {
    const report = matter.report({
      nodeId: "1",
      endpoints: [
        {
          id: "1",
          deviceTypes: ["Camera"],
          capabilities: [{ id: "matter.OnOff", properties: { OnOff: true }, actions: ["Off", "On"] }],
        },
      ],
    });
    expect(report.endpoints[0]?.clusters).toMatchObject([
      {
        id: "0x0006",
        attributes: [{ id: "0x0000", name: "OnOff", value: true }],
        commands: ["0x00", "0x01"],
        events: [],
      },
    ]);
    expect(
      matter.commands([{ id: "1", clusters: [{ id: "0x0202", commands: [{ "0xff01": { "0x0000": "3" } }] }] }]),
    ).toEqual([
      { endpointId: "1", capability: "matter.FanControl@1.4", action: "UpdateState", parameters: { FanMode: "High" } },
    ]);
    const state = matter.state({
      id: "1",
      capabilities: [
        {
          id: "matter.FanControl@1.4",
          properties: { FanMode: "High" },
          actions: { UpdateState: { responseCode: 200 } },
        },
      ],
    });
    expect(state).toEqual({
      id: "1",
      clusters: [{ id: "0x0202", attributes: { "0x0000": 3 }, commands: { "0xff01": { responseCode: 200 } } }],
    });
    expect(fromMatterState([state])).toMatchObject({
      endpoints: [{ capabilities: [{ id: "matter.FanControl@1.4" }] }],
    });
  });

  it("say which name the data model does not have", () => {
    const endpoint = (capability: object) => ({ id: "1", deviceTypes: [], capabilities: [capability as Names] });
    const wrong: [object, RegExp][] = [
      [{ id: "matter.NoSuch@1.4" }, /matter\.NoSuch@1\.4 is no capability/],
      [{ id: "matter.OnOff@1.4", properties: ["Colour"] }, /Colour/],
      [{ id: "matter.OnOff@1.4", actions: ["Explode"] }, /Explode/],
      [{ id: "matter.OnOff@1.4", events: ["constructor"] }, /constructor/],
      [{ id: "matter.FanControl@1.4", properties: { FanMode: "Storm" } }, /enumeration/],
    ];
    for (const [capability, message] of wrong) {
      expect(() => matter.report({ endpoints: [endpoint(capability)] })).toThrow(MatterError);
      expect(() => matter.report({ endpoints: [endpoint(capability)] })).toThrow(message);
    }
    expect(() => matter.commands([{ id: "1", clusters: [{ id: "0xfff7", commands: [] }] }])).toThrow(MatterError);
  });
});
