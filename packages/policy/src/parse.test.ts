import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PolicyKind, PolicyParseError } from "./document.ts";
import { parsePolicy } from "./parse.ts";

const statement = { Effect: "Allow", Action: "iot:Connect", Resource: "*" };
const refusal = (document: unknown, kind: PolicyKind = "identity"): string => {
  try {
    parsePolicy(typeof document === "string" ? document : JSON.stringify(document), kind);
  } catch (error) {
    if (error instanceof PolicyParseError) return error.message;
    throw error;
  }
  return "accepted";
};
const withStatement = (changes: object, kind?: PolicyKind): string =>
  refusal({ Version: "2012-10-17", Statement: [{ ...statement, ...changes }] }, kind);

describe("parsePolicy", () => {
  test("reads single values and lists alike", () => {
    const document = parsePolicy(JSON.stringify({ Statement: { ...statement, Sid: "One" } }), "identity");
    expect(document).toEqual({
      kind: "identity",
      version: "2008-10-17",
      statements: [{ sid: "One", effect: "Allow", actions: ["iot:Connect"], resources: ["*"], conditions: [] }],
    });
  });

  test.each([
    ["the policy is not valid JSON", "{"],
    ["must be an object", []],
    ["Version: must be", { Version: "2011-01-01", Statement: [statement] }],
    ["Statement: must hold at least one", { Version: "2012-10-17" }],
    ["Statement: must hold at least one", { Version: "2012-10-17", Statement: [] }],
    ["Statement[1]: must be an object", { Statement: [statement, 5] }],
    ['"Extra" is not an element', { Statement: [statement], Extra: 1 }],
    ['"__proto__" is not an element', '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}],"__proto__":{}}'],
    [
      "same Sid",
      {
        Statement: [
          { ...statement, Sid: "a" },
          { ...statement, Sid: "a" },
        ],
      },
    ],
  ])("refuses: %s", (message, document) => {
    expect(refusal(document)).toContain(message);
  });

  test.each([
    ["Statement[0].Effect: must be", { Effect: "allow" }],
    ["Statement[0].Sid: may hold letters", { Sid: "a b" }],
    ["Statement[0]: needs Action or NotAction", { Action: undefined }],
    ["Statement[0]: has both Action and NotAction", { NotAction: "iot:X" }],
    ["Statement[0].Action: must not be empty", { Action: [] }],
    ["Statement[0].Action: must be a text", { Action: [5] }],
    ['Statement[0].Action: "Connect" must be', { Action: "Connect" }],
    ["Statement[0]: needs Resource or NotResource", { Resource: undefined }],
    ['Statement[0].Resource: "thing/x" must be an ARN', { Resource: "thing/x" }],
    ["Statement[0].Resource: the variable that starts", { Resource: `arn:aws:iot:::topic/\${a` }],
    ["is not a policy variable", { Resource: `arn:aws:iot:::topic/\${}` }],
    ["Statement[0]: this kind of policy has no Principal", { Principal: "*" }],
    ['Statement[0].Condition: "StringSame" is not', { Condition: { StringSame: { a: "b" } } }],
    ['"NullIfExists" is not', { Condition: { NullIfExists: { a: "true" } } }],
    ['"ForSomeValue:StringEquals" is not', { Condition: { "ForSomeValue:StringEquals": { a: "true" } } }],
    ["Condition.StringEquals: must be an object", { Condition: { StringEquals: "x" } }],
    ["StringEquals.a: must be a text, a number", { Condition: { StringEquals: { a: [{}] } } }],
    ["is not a number", { Condition: { NumericEquals: { a: "five" } } }],
    ["is not a date", { Condition: { DateEquals: { a: "5 o'clock" } } }],
    ["is not an IP address", { Condition: { IpAddress: { a: "1.2.3.4/33" } } }],
    ["is not an IP address", { Condition: { NotIpAddress: { a: "1.2.3" } } }],
    ["is not true or false", { Condition: { Bool: { a: "yes" } } }],
    ["is not base64", { Condition: { BinaryEquals: { a: "%" } } }],
  ])("refuses a statement: %s", (message, changes) => {
    expect(withStatement(changes)).toContain(message);
  });

  test("trust policies name principals, sts actions and no resource", () => {
    const trust = { Resource: undefined, Action: "sts:AssumeRole", Principal: { Service: "iot.amazonaws.com" } };
    expect(withStatement(trust, "trust")).toBe("accepted");
    expect(withStatement({ ...trust, Resource: "*" }, "trust")).toContain("has no Resource");
    expect(withStatement({ ...trust, Principal: undefined }, "trust")).toContain("needs Principal");
    expect(withStatement({ ...trust, Action: "iot:Connect" }, "trust")).toContain("sts actions only");
    expect(withStatement({ ...trust, Principal: {} }, "trust")).toContain("names nobody");
    expect(withStatement({ ...trust, Principal: { AWS: "ann" } }, "trust")).toContain("is not an account");
    expect(withStatement({ ...trust, Principal: { AWS: "arn:aws:iam::123456789012:role/*" } }, "trust")).toContain(
      "no wildcards",
    );
  });

  test("limits the size without white space [AWS IoT Core policy limits]", () => {
    const sized = (length: number): string => {
      const text = JSON.stringify({ Statement: [{ ...statement, Resource: "arn:aws:iot:::topic/" }] });
      return text.replace("topic/", `topic/${"x".repeat(length - text.length)}`).replaceAll(",", ",  \n");
    };
    expect(refusal(sized(2048), "iot")).toBe("accepted");
    expect(refusal(sized(2049), "iot")).toContain("longer than 2048 characters");
    expect(refusal(sized(2049), "identity")).toBe("accepted");
    expect(refusal(sized(6145), "identity")).toContain("longer than 6144 characters");
    expect(() => parsePolicy(sized(3000), "identity", 2900)).toThrow("longer than 2900");
  });

  test("answers any text and any JSON with a document or a PolicyParseError", () => {
    const kinds = fc.constantFrom<PolicyKind>("identity", "trust", "resource", "iot");
    fc.assert(fc.property(fc.string(), kinds, (text, kind) => void refusal(text, kind)));
    const loose = fc.record(
      {
        Version: fc.constantFrom("2012-10-17", "2008-10-17", 5),
        Statement: fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.dictionary(
              fc.constantFrom("Effect", "Action", "Resource", "Condition", "Principal", "Sid"),
              fc.jsonValue(),
            ),
          ),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(loose, kinds, (value, kind) => void refusal(value, kind)));
  });
});
