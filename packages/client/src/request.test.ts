import { type ServiceModel, services } from "@hearth/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildRequest } from "./request.ts";

const model = (name: string): ServiceModel => {
  const found = services[name];
  if (!found) throw new Error(`no contract for ${name}`);
  return found;
};

/** What no service of ours has, in one operation. */
const invented: ServiceModel = {
  service: "invented",
  apiVersion: "2026-01-01",
  protocol: "rest-json",
  signingNames: ["invented"],
  actionPrefix: "invented",
  operations: {
    Put: { method: "PUT", path: "/fixed/{name}/{rest+}?mode=all&flag", status: 200, input: "In", errors: [] },
    Drop: { method: "DELETE", path: "/fixed/{name}", status: 200, input: "Drop", errors: [] },
  },
  shapes: {
    In: {
      type: "structure",
      members: {
        name: { shape: "Text", location: "uri" },
        path: { shape: "Text", location: "uri", locationName: "rest" },
        list: { shape: "List", location: "querystring", locationName: "item" },
        head: { shape: "Text", location: "header", locationName: "X-Head" },
        json: { shape: "Text", location: "header", locationName: "X-Json", jsonValue: true },
        body: { shape: "Text", locationName: "inBody" },
        bytes: { shape: "Bytes" },
      },
    },
    Drop: {
      type: "structure",
      members: { name: { shape: "Text", location: "uri" }, why: { shape: "Text" } },
    },
    Text: { type: "string" },
    List: { type: "list", member: "Text" },
    Bytes: { type: "blob" },
  },
};

describe("a REST request", () => {
  test("has each member where the contract puts it", () => {
    const input = {
      name: "a",
      path: "b/c",
      list: ["1", "2"],
      head: "h",
      json: [{ a: "ü" }],
      body: "x",
      bytes: new Uint8Array([255, 0]),
      unknown: "left out",
    };
    expect(buildRequest(invented, "Put", input)).toEqual({
      method: "PUT",
      path: "/fixed/a/b/c",
      query: { mode: "all", flag: "", item: ["1", "2"] },
      headers: {
        "x-head": "h",
        "x-json": Buffer.from('[{"a":"ü"}]').toString("base64"),
        "content-type": "application/json",
      },
      body: '{"inBody":"x","bytes":"/wA="}',
    });
  });

  test("of a real operation: label, query, body", () => {
    const managed = model("iot-managed-integrations");
    expect(buildRequest(managed, "DeleteManagedThing", { Identifier: "a1", Force: true })).toEqual({
      method: "DELETE",
      path: "/managed-things/a1",
      query: { Force: "true" },
      headers: {},
      body: "",
    });
    const Endpoints = [{ endpointId: "1", capabilities: [] }];
    expect(buildRequest(managed, "SendManagedThingCommand", { ManagedThingId: "a1", Endpoints })).toEqual({
      method: "POST",
      path: "/managed-things-command/a1",
      query: {},
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ Endpoints }),
    });
    const arn = "arn:aws:iotmanagedintegrations:us-east-1:000000000000:managed-thing/a1";
    // Times are ISO 8601 there, to the millisecond.
    const asked = { ThingName: "t", Timestamp: 1_700_000_000.25 };
    expect(buildRequest(model("hearth"), "GetShadowAt", asked)).toMatchObject({
      query: { Timestamp: "2023-11-14T22:13:20.250Z" },
    });
    expect(buildRequest(managed, "UntagResource", { ResourceArn: arn, TagKeys: ["a b", "&"] })).toMatchObject({
      path: "/tags/arn%3Aaws%3Aiotmanagedintegrations%3Aus-east-1%3A000000000000%3Amanaged-thing%2Fa1",
      query: { tagKeys: ["a b", "&"] },
    });
  });

  test.each([
    ["a/b", "a%2Fb"],
    ["a b", "a%20b"],
    ["ü€😀", "%C3%BC%E2%82%AC%F0%9F%98%80"],
    ["!'()*", "%21%27%28%29%2A"],
    ["-._~", "-._~"],
    ["%2F", "%252F"],
    ["?x=y#z", "%3Fx%3Dy%23z"],
    ["$&$1$$", "%24%26%241%24%24"],
    ["{rest+}", "%7Brest%2B%7D"],
  ])("escapes %s in a label", (name, wire) => {
    expect(buildRequest(invented, "Drop", { name }).path).toBe(`/fixed/${wire}`);
    // Another label's text is not taken for a label, whatever is in it.
    expect(buildRequest(invented, "Put", { name, path: "r" }).path).toBe(`/fixed/${wire}/r`);
  });

  test("keeps the slashes of a greedy label, and no other character", () => {
    expect(buildRequest(invented, "Put", { name: "a", path: "x/y z//w?" }).path).toBe("/fixed/a/x/y%20z//w%3F");
  });

  test("labels of any text lead back to it", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (name) => {
        const { path } = buildRequest(invented, "Drop", { name });
        expect(path).toMatch(/^\/fixed\/[A-Za-z0-9._~%-]+$/);
        expect(decodeURIComponent(path.slice("/fixed/".length))).toBe(name);
      }),
    );
  });

  test("without members for its body has none with DELETE, and an empty object with PUT", () => {
    expect(buildRequest(invented, "Drop", { name: "a" })).toMatchObject({ headers: {}, body: "" });
    expect(buildRequest(invented, "Drop", { name: "a", why: "w" })).toMatchObject({ body: '{"why":"w"}' });
    expect(buildRequest(invented, "Put", { name: "a", path: "b" })).toMatchObject({ body: "{}" });
    expect(buildRequest(invented, "Put", { name: "a", path: "b", list: undefined, body: null })).toMatchObject({
      query: { mode: "all", flag: "" },
      body: "{}",
    });
  });

  test("with a payload is that payload", () => {
    const data = model("iot-data");
    const payload = new Uint8Array([1, 2, 3]);
    const request = buildRequest(data, "Publish", {
      topic: "a/b",
      qos: 1,
      retain: false,
      payload,
      userProperties: '[{"k":"v"}]',
    });
    expect(request).toMatchObject({ method: "POST", path: "/topics/a%2Fb", query: { qos: "1", retain: "false" } });
    expect(request.body).toBe(payload);
    expect(request.headers["content-type"]).toBeUndefined();
    const rule = { sql: "SELECT 1", actions: [] };
    const created = buildRequest(model("iot"), "CreateTopicRule", {
      ruleName: "r",
      topicRulePayload: rule,
      tags: "a=b",
    });
    expect(created).toMatchObject({
      path: "/rules/r",
      headers: { "x-amz-tagging": "a=b" },
      body: JSON.stringify(rule),
    });
  });
});

test("a JSON 1.1 request names its operation in a header; blobs are base64, however deep", () => {
  const Records = [{ Data: new Uint8Array([104, 105]), PartitionKey: "p" }];
  expect(buildRequest(model("kinesis"), "PutRecords", { StreamName: "s", Records })).toEqual({
    method: "POST",
    path: "/",
    query: {},
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "Kinesis_20131202.PutRecords" },
    body: '{"StreamName":"s","Records":[{"Data":"aGk=","PartitionKey":"p"}]}',
  });
});

test("a query request is a form", () => {
  const request = buildRequest(model("sts"), "GetCallerIdentity", {});
  expect(request).toEqual({
    method: "POST",
    path: "/",
    query: {},
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: "Action=GetCallerIdentity&Version=2011-06-15",
  });
});

test.each(["iot", "kinesis", "sts"])("an operation that %s does not have is refused", (name) => {
  const service = model(name);
  expect(() => buildRequest(service, "Nothing", {})).toThrow(`${service.service} has no operation Nothing`);
});
