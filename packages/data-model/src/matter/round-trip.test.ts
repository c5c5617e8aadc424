import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyValueOf } from "../../test/arbitrary.ts";
import type { SchemaElement, TypeSchema } from "../documents.ts";
import { validateCommand, validateDeviceMessage } from "../index.ts";
import { library } from "../library.ts";
import type { CapabilityReport, CommandEndpoint, MessageEndpoint } from "../messages.ts";
import { type Capability, librarySchemas } from "../schema-set.ts";
import { fromMatterCommand, toMatterCommand } from "./command.ts";
import { fromMatterReport, toMatterReport } from "./report.ts";
import { fromMatterState, toMatterState } from "./state.ts";

const RUNS = { numRuns: 10, seed: 1_400 };

const reportOf = ({ id, document }: Capability): CapabilityReport => ({
  version: "1.0.0",
  nodeId: "zb.539D+4A1D",
  endpoints: [
    {
      id: "1",
      deviceTypes: ["Anything"],
      capabilities: [
        {
          id,
          name: document.name,
          version: document.extrinsicVersion,
          properties: Object.keys(document.properties ?? {}),
          actions: [...(document.actions ?? []).map(({ name }) => name), "ReadState", "UpdateState"],
          events: (document.events ?? []).map(({ name }) => name),
        },
      ],
    },
  ],
});

/** Some or all of the members, each with a value of its type. */
const someOf = (members: Readonly<Record<string, { value: TypeSchema }>>, capability: Capability) =>
  fc.record(
    Object.fromEntries(
      Object.entries(members).map(([name, { value }]) => [name, anyValueOf(value, capability.references)]),
    ),
    { requiredKeys: [] },
  ) as fc.Arbitrary<Record<string, unknown>>;

const parametersOf = (part: { parameters: Readonly<Record<string, SchemaElement>> } | undefined, of: Capability) =>
  someOf(part?.parameters ?? {}, of);

const about = ({ id, document }: Capability) => ({ id, name: document.name, version: document.extrinsicVersion });
const optional = (parameters: Record<string, unknown>) => (Object.keys(parameters).length > 0 ? { parameters } : {});

function commands(capability: Capability): fc.Arbitrary<CommandEndpoint[]> {
  const { actions = [], properties = {} } = capability.document;
  const names = Object.keys(properties);
  const own = actions.map((action) =>
    parametersOf(action.request, capability).map((parameters) => ({ name: action.name, parameters })),
  );
  const read = fc
    .oneof(fc.constant(["*"]), fc.subarray(names, { minLength: 1 }))
    .map((propertiesToRead) => ({ name: "ReadState", parameters: { propertiesToRead } }));
  const update = someOf(properties, capability)
    .filter((parameters) => Object.keys(parameters).length > 0)
    .map((parameters) => ({ name: "UpdateState", parameters }));
  return fc
    .array(fc.oneof(read, update, ...own), { minLength: 1, maxLength: 5 })
    .map((chosen) => [{ endpointId: "1", capabilities: [{ ...about(capability), actions: chosen }] }]);
}

/** One response at most, since several commands share one: what was asked is told apart by the trace. */
function messages(capability: Capability): fc.Arbitrary<MessageEndpoint[]> {
  const { actions = [], properties = {}, events = [] } = capability.document;
  const outcome = { responseCode: 500, errors: [{ code: "AD_001", message: "no" }] };
  const responses = actions.map((action) =>
    parametersOf(action.response, capability).map((parameters) => ({
      name: action.name,
      ...optional(parameters),
      ...outcome,
    })),
  );
  const update = someOf(properties, capability).map((parameters) => ({
    name: "UpdateState",
    ...optional(parameters),
    responseCode: 200,
  }));
  const spoken = events.map((event) =>
    parametersOf(event.request, capability).map((parameters) => ({ name: event.name, ...optional(parameters) })),
  );
  return fc
    .record({
      values: someOf(properties, capability),
      actions: fc.oneof(update, ...responses).map((one) => [one]),
      events: fc.tuple(...spoken).chain((all) => fc.subarray(all)),
    })
    .map(({ values, ...rest }) => [
      {
        endpointId: "1",
        capabilities: [
          {
            ...about(capability),
            properties: Object.entries(values).map(([name, value]) => ({ name, value })),
            ...rest,
          },
        ],
      },
    ]);
}

const byName = (endpoints: MessageEndpoint[]) =>
  endpoints.map((endpoint) => ({
    ...endpoint,
    capabilities: endpoint.capabilities.map(({ properties = [], events = [], ...capability }) => ({
      ...capability,
      properties: Object.fromEntries(properties.map((one) => [one.name, one])),
      events: Object.fromEntries(events.map((one) => [one.name, one])),
    })),
  }));

describe.each(library.ids("capability"))("rows 20, 21 and 22 with %s", (id) => {
  const capability = librarySchemas.capability(id)!;
  const report = reportOf(capability);

  test("row 22: its report is the same after a conversion to Matter and back", () => {
    const matter = toMatterReport(report);
    if ("violations" in matter) throw new Error(JSON.stringify(matter.violations));
    expect(matter.report.endpoints[0]!.clusters[0]).toMatchObject({
      attributes: Object.values(capability.document.properties ?? {}).map(({ extrinsicId }) => ({
        id: extrinsicId.toLowerCase(),
      })),
    });
    expect(fromMatterReport(JSON.parse(JSON.stringify(matter.report)))).toEqual({ report, state: [] });
  });

  test("rows 20, 21 and 22: every command is the same after a conversion to cluster commands and back", () => {
    fc.assert(
      fc.property(commands(capability), (command) => {
        expect(validateCommand(report, command)).toEqual([]);
        const matter = toMatterCommand(command);
        if ("violations" in matter) throw new Error(JSON.stringify(matter.violations));
        expect(JSON.stringify(matter)).not.toContain('"actions"');
        expect(fromMatterCommand(JSON.parse(JSON.stringify(matter.endpoints)))).toEqual({ endpoints: command });
      }),
      RUNS,
    );
  });

  test("rows 20, 21 and 22: properties, responses and events are the same after a conversion and back", () => {
    fc.assert(
      fc.property(messages(capability), (endpoints) => {
        const message = {
          messageType: "DEVICE_COMMAND_RESPONSE" as const,
          timestamp: "2026-01-01T00:00:00Z",
          endpoints,
        };
        expect(validateDeviceMessage(report, message)).toEqual([]);
        const matter = toMatterState(endpoints);
        if ("violations" in matter) throw new Error(JSON.stringify(matter.violations));
        const asked: CommandEndpoint[] = endpoints.map(({ endpointId, capabilities }) => ({
          endpointId,
          capabilities: capabilities.map((one) => ({ ...about(capability), actions: one.actions! })),
        }));
        const back = fromMatterState(JSON.parse(JSON.stringify(matter.endpoints)), { asked });
        if ("violations" in back) throw new Error(JSON.stringify(back.violations));
        expect(byName(back.endpoints)).toEqual(byName(endpoints));
      }),
      RUNS,
    );
  });
});
