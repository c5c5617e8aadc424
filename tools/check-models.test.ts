import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { services } from "@hearth/contract";
import { afterAll, describe, expect, test } from "vitest";
import { compareModels, modelsDirectory } from "./check-models.ts";
import { compareModel } from "./contract/compare-model.ts";
import type { PublishedModel, PublishedShape } from "./contract/published-model.ts";

const directory = modelsDirectory();

describe.runIf(existsSync(directory))("the contract against the published models", () => {
  test("differs nowhere but on purpose", () => {
    expect(compareModels(directory)).toEqual([]);
  });

  test("a changed fact is found", () => {
    const text = readFileSync(join(directory, "iot-data.json"), "utf8");
    const published = JSON.parse(text) as PublishedModel & { shapes: Record<string, PublishedShape> };
    published.shapes["ThingName"]!.max = 127;
    published.operations["Publish"]!.http.method = "PUT";
    const wheres = compareModel(services["iot-data"]!, published).map(({ where }) => where);
    expect(wheres).toContain("Publish method");
    expect(wheres).toContain("GetThingShadowRequest.thingName max");
  });
});

describe("compareModels", () => {
  const empty = mkdtempSync(join(tmpdir(), "hearth-models-"));
  afterAll(() => rmSync(empty, { recursive: true, maxRetries: 10 }));

  test("a model that is missing from the directory is a difference, not a success", () => {
    expect(compareModels(empty)).toContain("iot: no published model iot.json");
  });

  test("an operation that only the published model has is a difference", () => {
    const { operations: _, ...rest } = PUBLISHED;
    const more = { ...rest, operations: { Extra: { http: { method: "GET", requestUri: "/extra" } } } };
    for (const service of ["iot", "iot-data", "iot-jobs-data", "iot-managed-integrations"]) {
      writeFileSync(join(empty, `${service}.json`), JSON.stringify(more));
    }
    expect(compareModels(empty)).toContain("iot-data: operations.Extra: ours absent, published present");
  });
});

const PUBLISHED: PublishedModel = {
  metadata: { apiVersion: "1", protocol: "rest-json" },
  operations: {
    Get: {
      http: { method: "GET", requestUri: "/things/{name}", responseCode: 200 },
      input: { shape: "GetRequest" },
      output: { shape: "GetResponse" },
      errors: [{ shape: "NotFound" }],
    },
  },
  shapes: {
    GetRequest: {
      type: "structure",
      required: ["thingName"],
      members: {
        thingName: { shape: "Name", location: "uri", locationName: "name" },
        count: { shape: "Count", location: "querystring", locationName: "n" },
        tags: { shape: "Tags" },
      },
    },
    GetResponse: { type: "structure", members: { body: { shape: "Body" } }, payload: "body" },
    NotFound: { type: "structure", members: {}, exception: true, error: { httpStatusCode: 404 } },
    Name: { type: "string", min: 1, max: 10, pattern: "[a-z]+" },
    Count: { type: "integer", min: 1, max: 9 },
    Tags: { type: "map", key: { shape: "Name" }, value: { shape: "List" } },
    List: { type: "list", member: { shape: "Kind" }, max: 3 },
    Kind: { type: "string", enum: ["A", "B"], sensitive: true },
    Body: { type: "blob" },
  },
};

describe("compareModel", () => {
  const ours = () => ({
    service: "test",
    apiVersion: "1",
    protocol: "rest-json" as const,
    signingNames: ["test"],
    actionPrefix: "test",
    operations: {
      Get: {
        method: "GET" as const,
        path: "/things/{thingName}",
        status: 200,
        input: "GetRequest",
        output: "GetResponse",
        errors: ["NotFound"],
      },
    },
    shapes: {
      GetRequest: {
        type: "structure" as const,
        required: ["thingName"],
        members: {
          thingName: { shape: "Text", location: "uri" as const },
          count: { shape: "Count", location: "querystring" as const, locationName: "n" },
          tags: { shape: "Tags" },
        },
      },
      GetResponse: { type: "structure" as const, members: { body: { shape: "Body", payload: true as const } } },
      NotFound: { type: "structure" as const, members: {}, error: { status: 404 } },
      Text: { type: "string" as const, min: 1, max: 10, pattern: "[a-z]+" },
      Count: { type: "integer" as const, min: 1, max: 9 },
      Tags: { type: "map" as const, key: "Text", value: "List" },
      List: { type: "list" as const, member: "Kind", max: 3 },
      Kind: { type: "string" as const, enum: ["B", "A"], sensitive: true as const },
      Body: { type: "blob" as const },
    },
  });

  test("names of simple shapes and labels do not matter", () => {
    expect(compareModel(ours(), PUBLISHED)).toEqual([]);
  });

  const changes: [where: string, change: (model: ReturnType<typeof ours>) => unknown][] = [
    ["apiVersion", (model) => (model.apiVersion = "2")],
    ["Get method", (model) => Object.assign(model.operations.Get, { method: "PUT" })],
    ["Get path", (model) => (model.operations.Get.path = "/thing/{thingName}")],
    ["Get status", (model) => (model.operations.Get.status = 201)],
    ["Get errors", (model) => (model.operations.Get.errors = [])],
    ["Get output", (model) => Object.assign(model.operations.Get, { output: undefined })],
    ["NotFound status", (model) => (model.shapes.NotFound.error.status = 400)],
    ["GetRequest required", (model) => (model.shapes.GetRequest.required = [])],
    ["GetRequest.tags", (model) => Reflect.deleteProperty(model.shapes.GetRequest.members, "tags")],
    [
      "GetRequest.count location",
      (model) => Object.assign(model.shapes.GetRequest.members.count, { location: "header" }),
    ],
    ["GetRequest.count locationName", (model) => (model.shapes.GetRequest.members.count.locationName = "m")],
    ["GetRequest.count type", (model) => Object.assign(model.shapes.Count, { type: "long" })],
    ["GetRequest.count min", (model) => (model.shapes.Count.min = 0)],
    ["GetRequest.count max", (model) => (model.shapes.Count.max = 10)],
    ["GetRequest.thingName pattern", (model) => (model.shapes.Text.pattern = "[a-z]*")],
    ["GetRequest.tags{key} max", (model) => (model.shapes.Text.max = 11)],
    ["GetRequest.tags{value} max", (model) => (model.shapes.List.max = 4)],
    ["GetRequest.tags{value}[] enum", (model) => (model.shapes.Kind.enum = ["A"])],
    ["GetRequest.tags{value}[] sensitive", (model) => Reflect.deleteProperty(model.shapes.Kind, "sensitive")],
    ["GetResponse.body payload", (model) => Reflect.deleteProperty(model.shapes.GetResponse.members.body, "payload")],
  ];
  test.each(changes)("finds a difference at %s", (where, change) => {
    const model = ours();
    change(model);
    expect(compareModel(model, PUBLISHED).map((difference) => difference.where)).toContain(where);
  });
});
