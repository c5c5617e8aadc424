import { ServiceError, type ServiceModel } from "@hearth/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WireRequest } from "../wire.ts";
import { query } from "./query.ts";

const model: ServiceModel = {
  service: "toy",
  apiVersion: "2020-01-01",
  protocol: "query",
  signingNames: ["toy"],
  actionPrefix: "toy",
  xmlNamespace: "https://toy/doc?a&b",
  operations: {
    Do: { method: "POST", path: "/", status: 200, input: "Value", output: "Value", errors: ["Busy"] },
    Rest: { method: "POST", path: "/", status: 200, errors: [] },
  },
  shapes: {
    Value: {
      type: "structure",
      members: {
        text: { shape: "Text", locationName: "Text" },
        whole: { shape: "Whole" },
        inner: { shape: "Value" },
        list: { shape: "List" },
        named: { shape: "Named" },
        flat: { shape: "Flat", locationName: "Flat" },
        map: { shape: "Map" },
      },
    },
    Text: { type: "string" },
    Whole: { type: "integer" },
    List: { type: "list", member: "Text" },
    Named: { type: "list", member: "Value", memberName: "Item" },
    Flat: { type: "list", member: "Whole", flattened: true },
    Map: { type: "map", key: "Text", value: "Text" },
    Busy: {
      type: "structure",
      members: { message: { shape: "Text" }, holder: { shape: "Text" } },
      error: { status: 409, code: "TooBusy" },
    },
  },
};

const match = { name: "Do", operation: model.operations.Do!, labels: {} };

const post = (body: string): WireRequest => ({
  method: "POST",
  rawPath: "/",
  rawQuery: "",
  headers: {},
  body: new TextEncoder().encode(body),
  sourceIp: "",
  secure: false,
  receivedAt: 0,
});

const parse = (body: string) => query.parse(model, match, post(body));

describe("input", () => {
  test("structures, lists with and without a name, maps, numbers", () => {
    const body = [
      "Action=Do",
      "Text=a%20b+c%26",
      "whole=7",
      "inner.inner.Text=deep",
      "list.member.2=second",
      "list.member.1=first",
      "list.member.10=tenth",
      "named.Item.1.Text=x",
      "Flat.1=1",
      "Flat.2=2",
      "map.entry.1.key=__proto__",
      "map.entry.1.value=v",
      "unknown.member.1=z",
    ].join("&");
    const input = parse(body);
    expect(input).toMatchObject({
      text: "a b c&",
      whole: 7,
      inner: { inner: { text: "deep" } },
      list: ["first", "second", "tenth"],
      named: [{ text: "x" }],
      flat: [1, 2],
    });
    expect(Object.entries(input.map as object)).toEqual([["__proto__", "v"]]);
    expect(input).not.toHaveProperty("unknown");
  });

  test("an empty list, and values that do not fit", () => {
    expect(parse("list=&whole=many&Flat=")).toEqual({ list: [], whole: "many", flat: [] });
  });

  test("nothing but a ServiceError, whatever comes", () => {
    const name = fc.constantFrom("list", "member", "1", "-1", "map", "entry", "key", "value", "inner", "__proto__", "");
    const parameter = fc.tuple(fc.array(name, { maxLength: 60 }), fc.string()).map(([path, value]) => {
      return `${path.join(".")}=${value}`;
    });
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 5 }), (parameters) => {
        try {
          parse(parameters.join("&"));
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError);
        }
      }),
    );
    expect(({} as Record<string, unknown>).member).toBeUndefined();
  });

  test("bounds", () => {
    expect(() => parse(`${"inner.".repeat(50)}Text=x`)).toThrow("nested too deeply");
    expect(() => parse("a=b&".repeat(10_001))).toThrow("more than 10000 parameters");
  });
});

describe("output", () => {
  test("a result in its namespace, with the request id", () => {
    const output = { text: "<&>", list: ["a", ""], flat: [1, 2], map: { k: "v" }, named: [{ whole: 1 }], inner: {} };
    expect(query.serialize(model, match, output, "id").body).toBe(
      '<DoResponse xmlns="https://toy/doc?a&amp;b"><DoResult><Text>&lt;&amp;&gt;</Text><inner></inner>' +
        "<list><member>a</member><member></member></list><named><Item><whole>1</whole></Item></named>" +
        "<Flat>1</Flat><Flat>2</Flat><map><entry><key>k</key><value>v</value></entry></map></DoResult>" +
        "<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DoResponse>",
    );
  });

  test("no result where the operation has none", () => {
    const rest = { name: "Rest", operation: model.operations.Rest!, labels: {} };
    expect(query.serialize(model, rest, {}, "id").body).not.toContain("RestResult");
  });

  test("errors", () => {
    const failure = { code: "TooBusy", status: 409, message: "<", members: { holder: "me" }, shape: "Busy" };
    expect(query.serializeFailure(model, failure, "id")).toMatchObject({
      status: 409,
      body:
        '<ErrorResponse xmlns="https://toy/doc?a&amp;b"><Error><Type>Sender</Type><Code>TooBusy</Code>' +
        "<Message>&lt;</Message><holder>me</holder></Error><RequestId>id</RequestId></ErrorResponse>",
    });
    const internal = { code: "InternalFailure", status: 500, message: "m", members: {} };
    expect(query.serializeFailure(undefined, internal, "id").body).toContain("<Type>Receiver</Type>");
  });
});
