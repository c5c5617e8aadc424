import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CapabilityDocument } from "./documents.ts";
import { normalizeCapabilityReport, parseCapabilityReport, validateCapabilityReport } from "./report.ts";
import { extendLibrary } from "./schema-set.ts";

const capability = (changes: object = {}) => ({
  id: "matter.OnOff@1.4",
  name: "On/Off",
  version: "6",
  properties: ["OnOff"],
  actions: ["Off", "On"],
  events: [],
  ...changes,
});
const endpoint = (changes: object = {}) => ({
  id: "1",
  deviceTypes: ["On/Off Light"],
  capabilities: [capability()],
  ...changes,
});
const report = (changes: object = {}) => ({
  version: "1.0.0",
  nodeId: "zw.FCB10009+06",
  endpoints: [endpoint()],
  ...changes,
});
const withCapability = (changes: object) => report({ endpoints: [endpoint({ capabilities: [capability(changes)] })] });

const many = <T>(length: number, make: (index: number) => T): T[] => Array.from({ length }, (_unused, i) => make(i));

describe("a capability report", () => {
  test.each([
    ["of the reference", report()],
    ["without a node id", report({ nodeId: undefined })],
    ["of a Zigbee device", report({ nodeId: "zb.539D+4A1D" })],
    ["without endpoints", report({ endpoints: [] })],
    ["of 40 endpoints", report({ endpoints: many(40, (i) => endpoint({ id: `e${i}` })) })],
    ["of a customer's capability", withCapability({ id: "acme.Lamp@1.0", properties: ["Anything"] })],
    ["with built-in actions", withCapability({ actions: ["ReadState", "UpdateState"] })],
    ["with an older revision", withCapability({ version: "4" })],
    ["with 50 device types", report({ endpoints: [endpoint({ deviceTypes: many(50, () => "Unknown Device") })] })],
  ])("%s is accepted", (_name, value) => {
    expect(validateCapabilityReport(value)).toEqual([]);
  });

  const first = "endpoints[0].capabilities[0]";
  test.each([
    ["is not an object", [], "report", "must be an object"],
    ["has another version", report({ version: "1.0" }), "version", "must be 1.0.0"],
    ["has a wrong node id", report({ nodeId: "a b" }), "nodeId", "must be 1 to 64 letters, digits or =_.,@+-/"],
    ["has no endpoints", report({ endpoints: undefined }), "endpoints", "is required"],
    [
      "has 41 endpoints",
      report({ endpoints: many(41, (i) => endpoint({ id: `${i}` })) }),
      "endpoints",
      "must have at most 40 items",
    ],
    [
      "repeats an endpoint",
      report({ endpoints: [endpoint(), endpoint()] }),
      "endpoints[1].id",
      "is used by two endpoints",
    ],
    [
      "has a wrong endpoint id",
      report({ endpoints: [endpoint({ id: "a-1" })] }),
      "endpoints[0].id",
      "must be 1 to 64 letters or digits",
    ],
    ["has an endpoint that is none", report({ endpoints: ["1"] }), "endpoints[0]", "must be an object"],
    [
      "has 51 device types",
      report({ endpoints: [endpoint({ deviceTypes: many(51, () => "x") })] }),
      "endpoints[0].deviceTypes",
      "must have at most 50 items",
    ],
    [
      "has a wrong device type",
      report({ endpoints: [endpoint({ deviceTypes: ["<x>"] })] }),
      "endpoints[0].deviceTypes[0]",
      "must be 1 to 256 letters, digits, spaces or =_.,@+-/",
    ],
    [
      "has 41 capabilities",
      report({ endpoints: [endpoint({ capabilities: many(41, (i) => capability({ id: `acme.C${i}@1.0` })) })] }),
      "endpoints[0].capabilities",
      "must have at most 40 items",
    ],
    [
      "repeats a capability",
      report({ endpoints: [endpoint({ capabilities: [capability(), capability()] })] }),
      "endpoints[0].capabilities[1].id",
      "is used twice at this endpoint",
    ],
    [
      "has an id without version",
      withCapability({ id: "matter.OnOff" }),
      `${first}.id`,
      "must be namespace.Name@version",
    ],
    [
      "names an unknown capability of Matter",
      withCapability({ id: "matter.Nothing@1.4" }),
      `${first}.id`,
      "is not a known capability",
    ],
    [
      "names a version that does not exist",
      withCapability({ id: "matter.OnOff@1.3" }),
      `${first}.id`,
      "is not a known capability",
    ],
    [
      "names an unknown capability of AWS",
      withCapability({ id: "aws.Nothing@1.0" }),
      `${first}.id`,
      "is not a known capability",
    ],
    [
      "has no name",
      withCapability({ name: undefined }),
      `${first}.name`,
      "must be 1 to 128 letters, digits, spaces or /._-",
    ],
    [
      "has a version that is no revision",
      withCapability({ version: "1.4" }),
      `${first}.version`,
      "must be the revision, a whole number as text",
    ],
    ["has no events", withCapability({ events: undefined }), `${first}.events`, "is required"],
    [
      "has 101 properties",
      withCapability({ id: "acme.Lamp@1.0", properties: many(101, (i) => `P${i}`) }),
      `${first}.properties`,
      "must have at most 100 items",
    ],
    [
      "has a wrong property name",
      withCapability({ properties: ["On*Off"] }),
      `${first}.properties[0]`,
      "must be 1 to 128 letters, digits, spaces or /._-",
    ],
    [
      "names an unknown property",
      withCapability({ properties: ["Nope"] }),
      `${first}.properties[0]`,
      "is not part of the capability",
    ],
    [
      "names an object's own member",
      withCapability({ properties: ["constructor"] }),
      `${first}.properties[0]`,
      "is not part of the capability",
    ],
    [
      "names an unknown action",
      withCapability({ actions: ["Explode"] }),
      `${first}.actions[0]`,
      "is not part of the capability",
    ],
    [
      "names an unknown event",
      withCapability({ events: ["Boom"] }),
      `${first}.events[0]`,
      "is not part of the capability",
    ],
  ])("that %s is refused", (_name, value, path, message) => {
    expect(validateCapabilityReport(value)[0]).toMatchObject({ path, message });
  });

  test("says where it is wrong", () => {
    expect(validateCapabilityReport(withCapability({ actions: ["Explode"] }))).toEqual([
      {
        endpointId: "1",
        capabilityId: "matter.OnOff@1.4",
        member: "Explode",
        path: "endpoints[0].capabilities[0].actions[0]",
        message: "is not part of the capability",
      },
    ]);
  });

  test("that is wrong everywhere gives a bounded answer", () => {
    const wrong = report({ endpoints: many(40, () => endpoint({ id: "?", deviceTypes: many(50, () => "?") })) });
    expect(validateCapabilityReport(wrong)).toHaveLength(20);
  });

  test("may use a customer's schema, which then counts", () => {
    const lamp: CapabilityDocument = {
      $id: "/schema-versions/capability/acme.Lamp@1.0",
      name: "Lamp",
      extrinsicId: "0x12340001",
      extrinsicVersion: "1",
      properties: { Glow: { extrinsicId: "0x0000", value: { type: "boolean" } } },
    };
    const schemas = extendLibrary([lamp]);
    const using = (name: string) => withCapability({ id: "acme.Lamp@1.0", properties: [name], actions: [] });
    expect(validateCapabilityReport(using("Glow"), schemas)).toEqual([]);
    expect(validateCapabilityReport(using("Shine"), schemas)).toHaveLength(1);
  });
});

describe("a loose capability report", () => {
  test.each([
    ["an id without version", { id: "matter.OnOff" }],
    ["the latest version", { id: "matter.OnOff@$latest" }],
    ["a path for an id", { id: undefined, $id: "/schema-versions/capability/matter.OnOff@1.4" }],
    ["no name", { name: undefined }],
    ["no version", { version: undefined }],
    ["a version with a point", { version: "1.0" }],
    ["a number for a version", { version: 6 }],
    ["no events", { events: undefined }],
    ["elements for names", { properties: [{ name: "OnOff", value: true }] }],
  ])("with %s becomes the strict one", (_name, changes) => {
    expect(parseCapabilityReport(withCapability(changes))).toEqual({ report: report() });
  });

  test("keeps the revision of an unknown capability", () => {
    const normalized = normalizeCapabilityReport(withCapability({ id: "acme.Lamp@1.0", version: "2.1" }));
    expect(normalized).toMatchObject({ endpoints: [{ capabilities: [{ version: "2" }] }] });
  });

  test("drops members that nobody knows", () => {
    const parsed = parseCapabilityReport(report({ extra: 1, endpoints: [endpoint({ extra: 1 })] }));
    expect(parsed).toEqual({ report: report() });
  });

  test("that cannot be understood is refused", () => {
    expect(parseCapabilityReport(withCapability({ id: "matter.Nothing" }))).toMatchObject({
      violations: [{ path: "endpoints[0].capabilities[0].id", message: "must be namespace.Name@version" }],
    });
  });

  test("may be any JSON: the outcome is valid, or says what is wrong", () => {
    const part = fc.oneof(fc.jsonValue(), fc.constant(capability()), fc.constant(endpoint()));
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record({ version: fc.constantFrom("1.0.0", 1), endpoints: fc.array(part) }, { requiredKeys: [] }),
      fc.array(part).map((capabilities) => report({ endpoints: [{ id: "1", capabilities }] })),
    );
    fc.assert(
      fc.property(value, (loose) => {
        const parsed = parseCapabilityReport(loose);
        if ("report" in parsed) expect(validateCapabilityReport(parsed.report)).toEqual([]);
        else expect(parsed.violations).not.toHaveLength(0);
      }),
    );
  });
});
