import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseObject, sameJson } from "./json.ts";
import { parseCommand, parseSouthbound } from "./message.ts";

const bytes = (text: string): Buffer => Buffer.from(text);

describe("parseObject", () => {
  test("returns every object that it is given", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 })), (object) => {
        fc.pre(!JSON.stringify(object).includes("__proto__"));
        expect(parseObject(bytes(JSON.stringify(object)))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });

  test("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (payload) => {
        const parsed = parseObject(payload);
        expect(parsed === undefined || typeof parsed === "object").toBe(true);
      }),
    );
  });

  test.each([
    ["an array", "[]"],
    ["null", "null"],
    ["a string", '"x"'],
    ["nothing", ""],
    ["half an object", '{"a":'],
    ["two objects", "{}{}"],
    ["a prototype", '{"__proto__":{"a":1}}'],
    ["a prototype further down", '{"a":[{"b":{"__proto__":null}}]}'],
    ["a prototype in disguise", '{"\\u005f_proto__":{}}'],
    ["too deep", `{"a":${"[".repeat(32)}${"]".repeat(32)}}`],
    ["far too deep", `{"a":${"[".repeat(60_000)}`],
    ["too long", `{"a":"${"x".repeat(131_072)}"}`],
  ])("refuses %s", (_what, payload) => {
    expect(parseObject(bytes(payload))).toBeUndefined();
  });

  test("refuses what is not UTF-8", () => {
    expect(parseObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBeUndefined();
  });

  test("brackets in strings are not depth", () => {
    const payload = JSON.stringify({ a: "[".repeat(100), b: '\\"[[[['.repeat(20) });
    expect(parseObject(bytes(payload))).toEqual(JSON.parse(payload));
  });
});

test("sameJson agrees with the text, members in order", () => {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : typeof value === "object" && value !== null
        ? Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, item]) => [name, sorted(item)])
        : value;
  const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  fc.assert(
    fc.property(json, json, (a, b) => {
      const tagged = (value: unknown) => JSON.stringify([Array.isArray(value), typeof value, sorted(value)]);
      expect(sameJson(a, structuredClone(a))).toBe(true);
      if (sameJson(a, b)) expect(tagged(a)).toBe(tagged(b));
    }),
  );
  expect(sameJson(Number.NaN, Number.NaN)).toBe(false);
  expect(sameJson({ a: undefined }, { b: undefined })).toBe(false);
  expect(sameJson([], {})).toBe(false);
});

describe("parseCommand", () => {
  const command = {
    messageType: "DEVICE_COMMAND",
    traceId: "abc:=_-1",
    endpoints: [
      {
        endpointId: "1",
        capabilities: [{ id: "matter.OnOff@1.4", actions: [{ name: "On" }, { name: "Off", parameters: { a: 1 } }] }],
      },
    ],
  };
  const parse = (value: unknown) => {
    const message = parseSouthbound(bytes(JSON.stringify(value)));
    return message && parseCommand(message.body);
  };

  test("takes a command, parameters or not", () => {
    expect(parse(command)).toEqual({
      traceId: "abc:=_-1",
      endpoints: [
        {
          endpointId: "1",
          capabilities: [
            {
              id: "matter.OnOff@1.4",
              actions: [
                { name: "On", parameters: {} },
                { name: "Off", parameters: { a: 1 } },
              ],
            },
          ],
        },
      ],
    });
  });

  test.each([
    ["no trace id", { ...command, traceId: undefined }],
    ["a trace id with other characters", { ...command, traceId: "a b" }],
    ["a trace id that is too long", { ...command, traceId: "a".repeat(129) }],
    ["no endpoints", { ...command, endpoints: [] }],
    ["endpoints that are none", { ...command, endpoints: ["1"] }],
    ["too many endpoints", { ...command, endpoints: Array(41).fill(command.endpoints[0]) }],
    ["an endpoint without id", { ...command, endpoints: [{ capabilities: [] }] }],
    [
      "parameters that are a list",
      {
        ...command,
        endpoints: [{ endpointId: "1", capabilities: [{ id: "a", actions: [{ name: "On", parameters: [] }] }] }],
      },
    ],
    ["no message type", { ...command, messageType: 1 }],
  ])("refuses %s", (_what, value) => {
    expect(parse(value)).toBeUndefined();
  });

  test("never throws, whatever the shape", () => {
    const part = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(...command.endpoints, "1", [], {}));
    fc.assert(
      fc.property(part, part, (traceId, endpoints) => {
        parse({ messageType: "DEVICE_COMMAND", traceId, endpoints });
      }),
    );
  });
});
