import type { ServiceModel } from "@hearth/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WireRequest } from "../wire.ts";
import { restJson } from "./rest-json.ts";

const model: ServiceModel = {
  service: "toy",
  apiVersion: "1",
  protocol: "rest-json",
  signingNames: ["toy"],
  actionPrefix: "toy",
  operations: {
    Put: { method: "PUT", path: "/a/{name}/b/{rest+}?fixed=1", status: 200, input: "In", output: "Out", errors: [] },
    Blob: { method: "POST", path: "/blob", status: 200, input: "Payload", output: "Payload", errors: [] },
    Inner: { method: "POST", path: "/inner", status: 200, input: "InnerPayload", output: "InnerPayload", errors: [] },
    Gone: { method: "DELETE", path: "/gone", status: 204, output: "Empty", errors: [] },
  },
  shapes: {
    In: {
      type: "structure",
      members: {
        name: { shape: "Text", location: "uri" },
        rest: { shape: "Text", location: "uri" },
        count: { shape: "Whole", location: "querystring", locationName: "n" },
        tags: { shape: "Texts", location: "querystring", locationName: "tag" },
        others: { shape: "TextMap", location: "querystring" },
        since: { shape: "At", location: "header", locationName: "X-Since" },
        list: { shape: "Wholes", location: "header", locationName: "x-list" },
        meta: { shape: "TextMap", location: "headers", locationName: "x-meta-" },
        json: { shape: "Any", location: "header", locationName: "x-json", jsonValue: true },
        body: { shape: "Text", locationName: "Body" },
      },
    },
    Out: {
      type: "structure",
      members: {
        code: { shape: "Whole", location: "statusCode" },
        at: { shape: "At", location: "header", locationName: "Last-Modified" },
        meta: { shape: "TextMap", location: "headers", locationName: "x-meta-" },
        json: { shape: "Any", location: "header", locationName: "x-json", jsonValue: true },
        body: { shape: "Text", locationName: "Body" },
      },
    },
    Payload: { type: "structure", members: { data: { shape: "Bytes", payload: true } } },
    InnerPayload: { type: "structure", members: { data: { shape: "Inner", payload: true } } },
    Inner: { type: "structure", members: { text: { shape: "Text" } } },
    Empty: { type: "structure", members: {} },
    Text: { type: "string" },
    Texts: { type: "list", member: "Text" },
    TextMap: { type: "map", key: "Text", value: "Text" },
    Whole: { type: "integer" },
    Wholes: { type: "list", member: "Whole" },
    At: { type: "timestamp" },
    Any: { type: "document" },
    Bytes: { type: "blob" },
    Lost: {
      type: "structure",
      members: { Message: { shape: "Text" }, Id: { shape: "Text" }, after: { shape: "Whole", location: "header" } },
      error: { status: 404 },
    },
  },
};

const request = (method: string, target: string, over: Partial<WireRequest> = {}): WireRequest => {
  const [rawPath = "", rawQuery = ""] = target.split("?", 2);
  return {
    method,
    rawPath,
    rawQuery,
    headers: {},
    body: new Uint8Array(),
    sourceIp: "",
    secure: false,
    receivedAt: 0,
    ...over,
  };
};

const read = (message: WireRequest) => restJson.parse(model, restJson.match(model, message), message);
const operation = (name: string) => ({ name, operation: model.operations[name]!, labels: {} });
const bytes = (text: string) => new TextEncoder().encode(text);

describe("input", () => {
  test("members from everywhere", () => {
    const target = "/a/x%2Fy%20%C3%BC/b/c%2Fd/e?fixed=1&n=3&tag=a&tag=b%26&more=1&X-Amz-Signature=0";
    const headers = {
      "x-since": "Tue, 29 Apr 2014 18:30:38 GMT",
      "x-list": "1, 2,x",
      "x-meta-a": "1",
      "x-json": Buffer.from('{"k":[1]}').toString("base64"),
    };
    expect(read(request("PUT", target, { headers, body: bytes('{"Body":"t","body":"u"}') }))).toEqual({
      name: "x/y ü",
      rest: "c/d/e",
      count: 3,
      tags: ["a", "b&"],
      others: { more: "1" },
      since: 1398796238,
      list: [1, 2, "x"],
      meta: { a: "1" },
      json: { k: [1] },
      body: "t",
    });
  });

  test("a label of any text comes back", () => {
    const label = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text !== "." && text !== "..");
    fc.assert(
      fc.property(label, (name) => {
        const target = `/a/${encodeURIComponent(name)}/b/r?fixed=1`;
        expect(read(request("PUT", target)).name).toBe(name);
      }),
    );
  });

  test("payloads", () => {
    expect(read(request("POST", "/blob", { body: Uint8Array.of(0xff) }))).toEqual({ data: Uint8Array.of(0xff) });
    expect(read(request("POST", "/blob"))).toEqual({});
    expect(read(request("POST", "/inner", { body: bytes('{"text":"t"}') }))).toEqual({ data: { text: "t" } });
  });

  test("what cannot be read", () => {
    const target = "/a/x/b/y?fixed=1";
    const refused = { name: "SerializationException" };
    expect(() => read(request("PUT", target, { body: bytes("null") }))).toThrow(expect.objectContaining(refused));
    expect(() => read(request("PUT", target, { headers: { "x-json": "{}" } }))).toThrow(
      expect.objectContaining(refused),
    );
    expect(() => read(request("PUT", `${target}&n=%`))).toThrow(expect.objectContaining(refused));
    expect(() => read(request("PUT", "/a/%/b/y?fixed=1"))).toThrow(expect.objectContaining(refused));
    expect(() => read(request("PUT", "/a/x/b/y"))).toThrow(
      expect.objectContaining({ name: "UnknownOperationException" }),
    );
  });
});

describe("output", () => {
  test("status, headers and body", () => {
    const output = { code: 202, at: 1398796238, meta: { A: "1" }, json: [1], body: "ü", unknown: 1 };
    expect(restJson.serialize(model, operation("Put"), output, "id")).toEqual({
      status: 202,
      headers: {
        "last-modified": "Tue, 29 Apr 2014 18:30:38 GMT",
        "x-meta-a": "1",
        "x-json": "WzFd",
        "content-type": "application/json",
      },
      body: '{"Body":"ü"}',
    });
  });

  test("payloads, and none", () => {
    const data = Uint8Array.of(1, 2);
    expect(restJson.serialize(model, operation("Blob"), { data }, "id").body).toEqual(data);
    expect(restJson.serialize(model, operation("Blob"), {}, "id").body).toBeUndefined();
    expect(restJson.serialize(model, operation("Inner"), { data: { text: "t" } }, "id").body).toBe('{"text":"t"}');
    expect(restJson.serialize(model, operation("Gone"), {}, "id")).toMatchObject({ status: 204, body: undefined });
  });

  test("errors keep their members' case and carry what is beyond the model", () => {
    const failure = {
      code: "Lost",
      status: 404,
      message: "m",
      members: { Id: "i", after: 3, code: 404 },
      shape: "Lost",
    };
    const { status, headers, body } = restJson.serializeFailure(model, failure, "id");
    expect([status, headers["x-amzn-errortype"], headers.after]).toEqual([404, "Lost", "3"]);
    expect(JSON.parse(String(body))).toEqual({ Message: "m", Id: "i", code: 404 });
    const common = { code: "AccessDeniedException", status: 403, message: "m", members: {} };
    expect(restJson.serializeFailure(undefined, common, "id").body).toBe('{"message":"m"}');
  });
});
