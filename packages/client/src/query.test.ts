import type { ServiceModel } from "@hearth/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formBody, readError, readResult } from "./query.ts";

/** Every kind of shape, in and out. */
const model: ServiceModel = {
  service: "invented",
  apiVersion: "2026-01-01",
  protocol: "query",
  signingNames: ["invented"],
  actionPrefix: "invented",
  operations: {
    Do: { method: "POST", path: "/", status: 200, input: "Data", output: "Data", errors: [] },
    Forget: { method: "POST", path: "/", status: 200, input: "Data", errors: [] },
  },
  shapes: {
    Data: {
      type: "structure",
      members: {
        Text: { shape: "Text" },
        Renamed: { shape: "Text", locationName: "Wire" },
        Count: { shape: "Count" },
        Flag: { shape: "Flag" },
        When: { shape: "When" },
        Bytes: { shape: "Bytes" },
        List: { shape: "List" },
        Named: { shape: "Named" },
        Flat: { shape: "Flat" },
        Map: { shape: "Map" },
        Below: { shape: "Data" },
        Many: { shape: "Many" },
      },
    },
    Text: { type: "string" },
    Count: { type: "integer" },
    Flag: { type: "boolean" },
    When: { type: "timestamp" },
    Bytes: { type: "blob" },
    List: { type: "list", member: "Text" },
    Named: { type: "list", member: "Text", memberName: "item" },
    Flat: { type: "list", member: "Text", flattened: true },
    Many: { type: "list", member: "Data" },
    Map: { type: "map", key: "Text", value: "Text" },
  },
};

const form = (input: Record<string, unknown>): [string, string][] =>
  formBody(model, "Do", input)
    .split("&")
    .slice(2)
    .map((pair) => pair.split("=").map(decodeURIComponent) as [string, string]);

describe("a form", () => {
  test("begins with action and version", () => {
    expect(formBody(model, "Do", {})).toBe("Action=Do&Version=2026-01-01");
  });

  test.each([
    ["text", { Text: "a b&c=ü+" }, [["Text", "a b&c=ü+"]]],
    ["another name on the wire", { Renamed: "a" }, [["Wire", "a"]]],
    ["a number", { Count: 0 }, [["Count", "0"]]],
    ["a truth value", { Flag: false }, [["Flag", "false"]]],
    ["a time", { When: 1.5 }, [["When", "1970-01-01T00:00:01.500Z"]]],
    ["bytes", { Bytes: new Uint8Array([255]) }, [["Bytes", "/w=="]]],
    ["nothing", { Text: undefined, Flag: null, Unknown: 1 }, []],
    [
      "a structure",
      { Below: { Renamed: "a", Below: { Text: "b" } } },
      [
        ["Below.Wire", "a"],
        ["Below.Below.Text", "b"],
      ],
    ],
    [
      "a list",
      { List: ["a", "b"] },
      [
        ["List.member.1", "a"],
        ["List.member.2", "b"],
      ],
    ],
    ["a list with named items", { Named: ["a"] }, [["Named.item.1", "a"]]],
    [
      "a flattened list",
      { Flat: ["a", "b"] },
      [
        ["Flat.1", "a"],
        ["Flat.2", "b"],
      ],
    ],
    [
      "a map",
      { Map: { k: "v", l: "w" } },
      [
        ["Map.entry.1.key", "k"],
        ["Map.entry.1.value", "v"],
        ["Map.entry.2.key", "l"],
        ["Map.entry.2.value", "w"],
      ],
    ],
    [
      "a list of structures with lists",
      { Many: [{ Text: "a" }, { List: ["b"] }] },
      [
        ["Many.member.1.Text", "a"],
        ["Many.member.2.List.member.1", "b"],
      ],
    ],
  ])("carries %s", (_name, input, expected) => {
    expect(form(input)).toEqual(expected);
  });

  test("carries any text unharmed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (Text) => {
        expect(form({ Text })).toEqual([["Text", Text]]);
      }),
    );
  });
});

describe("an XML result", () => {
  const read = (inner: string) =>
    readResult(model, "Do", `<DoResponse xmlns="urn:x"><DoResult>${inner}</DoResult></DoResponse>`);

  test.each([
    ["text as it is, also when it looks like a number", "<Text>0012</Text>", { Text: "0012" }],
    ["entities", "<Text>&lt;a&gt; &amp;amp; &quot;</Text>", { Text: '<a> &amp; "' }],
    ["another name on the wire", "<Wire>a</Wire>", { Renamed: "a" }],
    ["numbers and truth values", "<Count>-3</Count><Flag>true</Flag>", { Count: -3, Flag: true }],
    ["false", "<Flag>false</Flag>", { Flag: false }],
    ["a time", "<When>1970-01-01T00:00:01.500Z</When>", { When: 1.5 }],
    ["no items", "<List/>", { List: [] }],
    ["one item", "<List><member>a</member></List>", { List: ["a"] }],
    ["two items", "<List><member>a</member><member>b</member></List>", { List: ["a", "b"] }],
    ["items of their own name", "<Named><item>a</item></Named>", { Named: ["a"] }],
    ["flattened items", "<Flat>a</Flat><Flat>b</Flat>", { Flat: ["a", "b"] }],
    ["one flattened item", "<Flat>a</Flat>", { Flat: ["a"] }],
    ["an empty structure", "<Below/>", { Below: {} }],
    ["structures in lists", "<Many><member><Count>1</Count></member><member/></Many>", { Many: [{ Count: 1 }, {}] }],
    ["nothing that the contract does not know", "<Other>a</Other>", {}],
    ["no attributes", '<Text a="b">c</Text>', { Text: "c" }],
  ])("gives %s", (_name, xml, expected) => {
    expect(read(xml)).toEqual(expected);
  });

  test("that is missing or empty is an empty answer", () => {
    expect(read("")).toEqual({});
    expect(readResult(model, "Do", "<DoResponse/>")).toEqual({});
    expect(readResult(model, "Forget", "<ForgetResponse/>")).toEqual({});
  });
});

describe("an XML error", () => {
  test("gives name and message", () => {
    const xml = (inner: string) => `<ErrorResponse xmlns="urn:x"><Error>${inner}</Error></ErrorResponse>`;
    expect(readError(xml("<Type>Sender</Type><Code>NoSuchEntity</Code><Message>a &amp; b</Message>"))).toEqual({
      name: "NoSuchEntity",
      message: "a & b",
    });
    expect(readError(xml("<Code>Only</Code>"))).toEqual({ name: "Only", message: "Only" });
  });

  test("that is something else is none", () => {
    expect(readError("<html><body>502</body></html>")).toBeUndefined();
    expect(readError("<ErrorResponse/>")).toBeUndefined();
  });
});
