import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTemplate, runTemplate } from "./template.ts";
import { evaluate } from "./template-functions.ts";

const ID = "ab".repeat(32);
const CERTIFICATE = {
  Type: "AWS::IoT::Certificate",
  Properties: { CertificateId: { Ref: "AWS::IoT::Certificate::Id" }, Status: "Active" },
};

const template = (more: object = {}, resources: object = {}) =>
  JSON.stringify({
    Parameters: { SerialNumber: { Type: "String" }, Color: { Type: "String", Default: "white" } },
    Resources: { certificate: CERTIFICATE, ...resources },
    ...more,
  });
const thing = (properties: object, more: object = {}) => ({
  thing: { Type: "AWS::IoT::Thing", Properties: properties, ...more },
});
const run = (body: string, parameters: Record<string, string> = { SerialNumber: "S1" }) =>
  runTemplate(parseTemplate(body), parameters, ID);
const why = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect((error as Error).name).toBe("InvalidRequestException");
    return (error as Error).message;
  }
  throw new Error("was not refused");
};

describe("a template", () => {
  test("plans thing, certificate, policies and device configuration", () => {
    const document = '{"Version":"2012-10-17"}';
    const plan = run(
      template(
        { DeviceConfiguration: { url: "https://example.com", serial: { Ref: "SerialNumber" } } },
        {
          ...thing(
            {
              ThingName: { "Fn::Join": ["-", ["lamp", { Ref: "SerialNumber" }]] },
              AttributePayload: { color: { Ref: "Color" } },
              ThingGroups: ["lamps", { Ref: "Color" }, "lamps"],
            },
            { OverrideSettings: { AttributePayload: "REPLACE", ThingGroups: "DO_NOTHING" } },
          ),
          named: { Type: "AWS::IoT::Policy", Properties: { PolicyName: "device" } },
          own: { Type: "AWS::IoT::Policy", Properties: { PolicyDocument: document } },
        },
      ),
    );
    expect(plan).toEqual({
      thing: {
        thingName: "lamp-S1",
        attributes: { color: "white" },
        override: "REPLACE",
        groups: ["lamps", "white"],
        groupOverride: "DO_NOTHING",
      },
      certificateStatus: "ACTIVE",
      policies: [{ policyName: "device" }, { policyName: expect.stringMatching(/^[0-9a-f]{64}$/), document }],
      deviceConfiguration: { url: "https://example.com", serial: "S1" },
    });
  });

  test("takes the device's value before the default and ignores what is not declared", () => {
    const body = template({}, thing({ ThingName: { Ref: "Color" } }));
    expect(run(body, { SerialNumber: "x", Color: "red", Other: "y" }).thing?.thingName).toBe("red");
    expect(why(() => run(body, {}))).toContain("Parameter SerialNumber is missing");
  });

  test("cannot be talked into another certificate", () => {
    const body = template(
      {},
      { certificate: { ...CERTIFICATE, Properties: { CertificateId: { Ref: "SerialNumber" } } } },
    );
    expect(why(() => run(body, { SerialNumber: "cd".repeat(32) }))).toContain("another certificate");
    const named = template();
    expect(run(named, { SerialNumber: "x", "AWS::IoT::Certificate::Id": "cd".repeat(32) }).certificateStatus).toBe(
      "ACTIVE",
    );
  });

  test.each([
    ["x".repeat(10_241), "longer"],
    ["{", "not JSON"],
    ["[]", "must be an object"],
    [JSON.stringify({ Resources: {} }), "no AWS::IoT::Certificate"],
    [template({ Outputs: {} }), "unknown member Outputs"],
    [template({ Parameters: { a: { Type: "Number" } } }), "Parameters.a.Type"],
    [template({}, { other: CERTIFICATE }), "a second certificate"],
    [template({}, { x: { Type: "AWS::S3::Bucket" } }), "Resources.x.Type"],
    [template({}, { x: { Type: "AWS::IoT::Policy", Properties: {} } }), "exactly one of PolicyName and PolicyDocument"],
    [template({}, thing({ ThingName: { Ref: "Unknown" } })), "the parameter Unknown is not declared"],
    [template({}, thing({ ThingName: { "Fn::Sub": "a-${Unknown}" } })), "the parameter Unknown is not declared"],
    [template({}, thing({ ThingName: { "Fn::Upper": "a" } })), "must be a text or a call"],
    [template({}, thing({ ThingName: "t", ThingTypeName: "x" })), "is not supported"],
    [template({}, thing({ ThingName: "t" }, { OverrideSettings: { AttributePayload: "KEEP" } })), "must be one of"],
    [template({}, thing({ ThingName: "t", ThingGroups: "lamps" })), "ThingGroups: must be a list"],
    [template({}, thing({ ThingName: "t", ThingGroups: Array(11).fill("g") })), "ThingGroups: must be a list"],
    [template({}, thing({ ThingName: "t" }, { OverrideSettings: { ThingGroups: "MERGE" } })), "must be one of"],
    [template({}, thing({})), "ThingName is missing"],
    [template({ DeviceConfiguration: { a: { b: { c: "d" } } } }), "must be a text or a call"],
    ['{"Resources":{"__proto__":{"Type":"AWS::IoT::Thing"}}}', "__proto__"],
  ])("is refused: %#", (body, message) => {
    expect(why(() => parseTemplate(body))).toContain(message);
  });
});

describe("functions", () => {
  const scope = {
    values: new Map([
      ["A", "x"],
      ["List", "p,q,r"],
    ]),
    mappings: { Region: { eu: { host: "eu.example.com", zones: ["a", "b"] } } },
  };
  test.each([
    [{ Ref: "A" }, "x"],
    [{ "Fn::Join": ["/", ["a", { Ref: "A" }, "b"]] }, "a/x/b"],
    [{ "Fn::Split": [",", { Ref: "List" }] }, ["p", "q", "r"]],
    [{ "Fn::Select": ["1", { "Fn::Split": [",", { Ref: "List" }] }] }, "q"],
    [{ "Fn::Select": [0, ["a", "b"]] }, "a"],
    [{ "Fn::FindInMap": ["Region", "eu", "host"] }, "eu.example.com"],
    [{ "Fn::Join": ["+", { "Fn::FindInMap": ["Region", "eu", "zones"] }] }, "a+b"],
    [{ "Fn::Sub": "<${A}> ${!A} $A ${" }, "<x> ${A} $A ${"],
    [{ "Fn::Sub": ["${A}${B}", { B: { Ref: "A" } }] }, "xx"],
  ])("%j", (expression, value) => {
    expect(evaluate(expression, scope)).toEqual(value);
  });

  test.each([
    { Ref: "B" },
    { "Fn::Select": [3, ["a"]] },
    { "Fn::Select": [-1, ["a"]] },
    { "Fn::Split": ["", "a"] },
    { "Fn::FindInMap": ["Region", "us", "host"] },
    { "Fn::FindInMap": ["constructor", "name", "length"] },
    { "Fn::Join": ["", "abc"] },
    { "Fn::Sub": "${toString}" },
  ])("fails: %j", (expression) => {
    expect(() => evaluate(expression, scope)).toThrow();
  });

  test("no text grows without bounds", () => {
    const values = new Map([["A", "x".repeat(16_000)]]);
    expect(() => evaluate({ "Fn::Sub": "${A}".repeat(2000) }, { values, mappings: {} })).toThrow("longer than");
  });

  test("any JSON is a template or is refused", () => {
    const part = fc.oneof(fc.jsonValue(), fc.constantFrom({ Ref: "A" }, { "Fn::Sub": "${" }, { "Fn::Join": ["", []] }));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          part.map((value) => template({}, thing({ ThingName: value }))),
        ),
        (body) => {
          try {
            run(body);
          } catch (error) {
            expect((error as Error).name).toBe("InvalidRequestException");
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
