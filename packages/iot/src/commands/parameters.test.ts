import type { Iot } from "@hearth/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCbor } from "../messaging/cbor.ts";
import { compareDecimals, parseDecimal } from "./decimal.ts";
import { checkParameters, type ParameterType, type ParameterValue, resolveParameters } from "./parameters.ts";
import { checkTemplate, renderTemplate } from "./payload.ts";

const parameter = (name: string): string => `\${aws:iot:commandexecution::parameter:${name}}`;

/** Whether a parameter with this condition takes the value. */
function takes(type: ParameterType, condition: Iot.CommandParameterValueCondition, value: ParameterValue): boolean {
  const parameters = checkParameters([{ name: "p", type, valueConditions: [condition] }]);
  try {
    resolveParameters(parameters, { p: value });
    return true;
  } catch (error) {
    expect((error as Error).message).toContain("does not satisfy");
    return false;
  }
}

describe("parameters", () => {
  const range = { min: "1", max: "10" };
  test.each<[string, ParameterType, Iot.CommandParameterValueCondition, ParameterValue[], ParameterValue[]]>([
    [
      "bounds are inclusive",
      "INTEGER",
      { comparisonOperator: "IN_RANGE", operand: { numberRange: range } },
      [{ I: 1 }, { I: 10 }],
      [{ I: 0 }, { I: 11 }],
    ],
    [
      "bounds are inclusive outside, too",
      "DOUBLE",
      { comparisonOperator: "NOT_IN_RANGE", operand: { numberRange: range } },
      [{ D: 1 }, { D: 10 }, { D: -1e300 }],
      [{ D: 1.0000001 }, { D: 9.5 }],
    ],
    [
      "decimals are compared as they are written",
      "DOUBLE",
      { comparisonOperator: "EQUALS", operand: { number: "0.10" } },
      [{ D: 0.1 }],
      [{ D: 0.30000000000000004 - 0.2 }],
    ],
    [
      "unsigned ones to the last digit",
      "UNSIGNEDLONG",
      { comparisonOperator: "LESS_THAN", operand: { number: "18446744073709551615" } },
      [{ UL: "18446744073709551614" }],
      [{ UL: "18446744073709551615" }],
    ],
    [
      "long ones to the last digit",
      "LONG",
      { comparisonOperator: "GREATER_THAN_EQUALS", operand: { number: "9007199254740990.5" } },
      [{ L: 9_007_199_254_740_991 }],
      [{ L: 9_007_199_254_740_990 }],
    ],
    [
      "a set of texts",
      "STRING",
      { comparisonOperator: "IN_SET", operand: { strings: ["a", "1"] } },
      [{ S: "a" }, { S: "1" }],
      [{ S: "A" }, { S: "1.0" }],
    ],
    [
      "no set of numbers",
      "INTEGER",
      { comparisonOperator: "NOT_IN_SET", operand: { numbers: ["1e1", "2"] } },
      [{ I: 3 }],
      [{ I: 10 }, { I: 2 }],
    ],
    [
      "another text",
      "STRING",
      { comparisonOperator: "NOT_EQUALS", operand: { string: "a" } },
      [{ S: "b" }],
      [{ S: "a" }],
    ],
    [
      "less or equal",
      "INTEGER",
      { comparisonOperator: "LESS_THAN_EQUALS", operand: { number: "-1" } },
      [{ I: -1 }],
      [{ I: 0 }],
    ],
    ["greater", "INTEGER", { comparisonOperator: "GREATER_THAN", operand: { number: "0" } }, [{ I: 1 }], [{ I: 0 }]],
  ])("%s", (_, type, condition, taken, refused) => {
    expect(taken.map((value) => takes(type, condition, value))).toEqual(taken.map(() => true));
    expect(refused.map((value) => takes(type, condition, value))).toEqual(refused.map(() => false));
  });

  test.each<[string, Iot.CommandParameter[]]>([
    ["no type", [{ name: "p" }]],
    ["twice", [1, 2].map(() => ({ name: "p", type: "STRING" as const }))],
    ["a default of another type", [{ name: "p", type: "INTEGER", defaultValue: { S: "1" } }]],
    ["a value of two types", [{ name: "p", type: "INTEGER", value: { I: 1, S: "1" } }]],
    ["no 32 bits", [{ name: "p", type: "INTEGER", defaultValue: { I: 2 ** 31 } }]],
    ["no 64 bits", [{ name: "p", type: "UNSIGNEDLONG", defaultValue: { UL: "18446744073709551616" } }]],
    ["what a JSON number cannot hold", [{ name: "p", type: "LONG", defaultValue: { L: 2 ** 53 } }]],
    ...(
      [
        ["BOOLEAN", "EQUALS", { string: "true" }],
        ["STRING", "LESS_THAN", { number: "1" }],
        ["STRING", "EQUALS", { number: "1" }],
        ["INTEGER", "IN_SET", { numbers: ["1"], number: "1" }],
        ["INTEGER", "EQUALS", { number: "0x10" }],
        ["INTEGER", "EQUALS", { number: "1e9999" }],
        ["INTEGER", "IN_RANGE", { numberRange: { min: "2", max: "1" } }],
      ] as const
    ).map(([type, comparisonOperator, operand]): [string, Iot.CommandParameter[]] => [
      `${comparisonOperator} of ${JSON.stringify(operand)} for ${type}`,
      [{ name: "p", type, valueConditions: [{ comparisonOperator, operand }] }],
    ]),
  ])("refuse %s", (_, given) => {
    expect(() => checkParameters(given)).toThrow(/p/);
  });

  test("decimals compare as numbers do", () => {
    const numbers = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const [left, right] = [parseDecimal(String(a)), parseDecimal(String(b))];
        if (!left || !right) throw new Error("not read");
        expect(compareDecimals(left, right)).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});

describe("payload templates", () => {
  const values: Record<string, ParameterValue> = {
    text: { S: 'say "no"\n${aws:iot:commandexecution::parameter:int}' },
    int: { I: -5 },
    long: { L: 9_007_199_254_740_991 },
    huge: { UL: "018446744073709551615" },
    half: { D: 2 },
    on: { B: false },
    bytes: { BIN: Uint8Array.of(1, 2, 3) },
  };
  const names = new Set(Object.keys(values));
  const whole = `{ "n": 12345678901234567890.10, "list": [${Object.keys(values).map((name) => `"${parameter(name)}"`)}],
    "part": "\\u0041 ${parameter("int")} of ${parameter("huge")}: ${parameter("text")}", "other": "\${stays}" }`;

  test("in JSON values have their types, and everything else stays as it was written", () => {
    checkTemplate(whole, names, "JSON");
    const { content, contentType } = renderTemplate(whole, "JSON", values);
    const text = Buffer.from(content).toString();
    expect(contentType).toBe("application/json");
    expect(text).toContain('{ "n": 12345678901234567890.10, "list": [');
    expect(text).toContain(',-5,9007199254740991,18446744073709551615,2,false,"AQID"]');
    const { list, part, other } = JSON.parse(text) as Record<string, unknown[]>;
    // What came by a parameter is not looked at again.
    expect(list?.[0]).toBe(values["text"]?.S);
    expect(part).toBe(`A -5 of 018446744073709551615: ${values["text"]?.S}`);
    expect(other).toBe("${stays}");
  });

  test("in CBOR as well, bytes as bytes", () => {
    const template = whole.replace("12345678901234567890.10", "1.5");
    checkTemplate(template, names, "CBOR");
    const { content, contentType } = renderTemplate(template, "CBOR", values);
    expect(contentType).toBe("application/cbor");
    const found = decodeCbor(content, { bytes: 100_000 }) as Record<string, unknown[]>;
    expect(found["list"]?.slice(1)).toEqual([
      -5,
      9_007_199_254_740_991,
      (1n << 64n) - 1n,
      2,
      false,
      values["bytes"]?.BIN,
    ]);
    // A double is one even when it has no fraction.
    expect(Buffer.from(content).toString("hex")).toContain("fb4000000000000000f4");
  });

  test("a parameter cannot break out of its text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (S) => {
        const template = JSON.stringify({ whole: parameter("text"), part: `a${parameter("text")}b` });
        const { content } = renderTemplate(template, "JSON", { text: { S } });
        const well = Buffer.from(S).toString();
        expect(JSON.parse(Buffer.from(content).toString())).toEqual({ whole: well, part: `a${well}b` });
      }),
    );
  });

  test.each([
    ["what is not JSON", `{"a": ${parameter("int")}}`, "JSON"],
    ["an unknown parameter", `{"a": "${parameter("absent")}"}`, "JSON"],
    ["a parameter as a name", `{"${parameter("int")}": 1}`, "JSON"],
    ["depth", `${"[".repeat(17)}${"]".repeat(17)}`, "JSON"],
    ["an integer that CBOR would not keep", "[9007199254740993]", "CBOR"],
  ] as const)("refuse %s", (_, template, format) => {
    expect(() => checkTemplate(template, names, format)).toThrow(/payloadTemplate/);
  });

  test("refuse to grow beyond what a payload may be", () => {
    const template = JSON.stringify(Array.from({ length: 20 }, () => parameter("text")));
    expect(() => renderTemplate(template, "JSON", { text: { S: "x".repeat(2_000) } })).toThrow("exceeds 32768 bytes");
  });
});
