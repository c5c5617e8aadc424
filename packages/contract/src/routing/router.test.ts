import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ServiceModel } from "../model.ts";
import { services } from "../services.ts";
import { createRouter, type RouteMatch } from "./router.ts";
import { parseTemplate } from "./uri-template.ts";

const router = createRouter(Object.values(services));

function match(service: string, line: string): RouteMatch {
  const [method = "", target = ""] = line.split(" ");
  const [path = "", query] = target.split("?", 2);
  return router.match({ service, method, path, query });
}

function found(service: string, line: string): [string, Readonly<Record<string, string>>] | string {
  const result = match(service, line);
  return result.outcome === "matched" ? [result.operation, result.labels] : result.outcome;
}

describe("createRouter", () => {
  test("keeps an encoded slash inside its label, and a plus a plus", () => {
    expect(found("iot", `POST /things/${encodeURIComponent("a/b:ü+ 1")}`)).toEqual([
      "CreateThing",
      { thingName: "a/b:ü+ 1" },
    ]);
    expect(found("iot", "GET /things/a+b%2Fc")).toEqual(["DescribeThing", { thingName: "a+b/c" }]);
  });

  test("a greedy label takes slashes, encoded or not", () => {
    const arn = "arn:aws:iot:us-east-1:000000000000:ruledestination/http/1";
    expect(found("iot", `GET /destinations/${arn}`)).toEqual(["GetTopicRuleDestination", { arn }]);
    expect(found("iot", `GET /destinations/${encodeURIComponent(arn)}`)).toEqual(["GetTopicRuleDestination", { arn }]);
  });

  test("the same route leads to another operation in another service", () => {
    expect(found("iot", "GET /things/t/jobs")).toEqual(["ListJobExecutionsForThing", { thingName: "t" }]);
    expect(found("iot-jobs-data", "GET /things/t/jobs")).toEqual(["GetPendingJobExecutions", { thingName: "t" }]);
  });

  test("literals win over labels", () => {
    expect(found("iot-jobs-data", "PUT /things/t/jobs/$next")).toEqual([
      "StartNextPendingJobExecution",
      { thingName: "t" },
    ]);
    expect(found("iot-jobs-data", "PUT /things/t/jobs/%24next")).toEqual([
      "StartNextPendingJobExecution",
      { thingName: "t" },
    ]);
  });

  test("paths of no operation, other methods and empty labels are unknown", () => {
    for (const line of [
      "GET /",
      "GET /nothing",
      "PUT /things/t",
      "GET /things/t/",
      "GET //things/t",
      "POST /things/",
    ]) {
      expect(found("iot", line), line).toBe("unknown");
    }
    expect(found("nowhere", "GET /things/t")).toBe("unknown");
    expect(found("kinesis", "POST /")).toBe("unknown");
  });

  test("a slash after a literal is the same path: clients disagree on it", () => {
    expect(found("iot", "GET /authorizers")).toEqual(["ListAuthorizers", {}]);
    expect(found("iot", "GET /authorizers/")).toEqual(["ListAuthorizers", {}]);
    expect(found("iot", "GET /authorizers//")).toBe("unknown");
  });

  test.each(["%", "%zz", "%ff", "%c3%28", "a%2"])("the label %s is malformed", (label) => {
    expect(match("iot", `GET /things/${label}`)).toEqual({ outcome: "malformed", operation: "DescribeThing" });
  });

  test("labels named like parts of Object.prototype are plain values", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(found("iot", `GET /things/${name}`)).toEqual(["DescribeThing", { thingName: name }]);
    }
  });

  test("constant query parameters tell operations apart", () => {
    const operation = (path: string) => ({ method: "GET" as const, path, status: 200, errors: [] });
    const model: ServiceModel = {
      ...services["hearth"]!,
      operations: {
        Plain: operation("/items/{id}"),
        Listed: operation("/items/{id}?list"),
        Typed: operation("/items/{id}?list&type=a"),
      },
    };
    const small = createRouter([model]);
    const operationOf = (query: string) => {
      const result = small.match({ service: "hearth", method: "GET", path: "/items/1", query });
      return result.outcome === "matched" ? result.operation : result.outcome;
    };
    expect(operationOf("")).toBe("Plain");
    expect(operationOf("list=")).toBe("Listed");
    expect(operationOf("x=1&list&type=a")).toBe("Typed");
    expect(operationOf("list&type=b")).toBe("Listed");
  });

  test("every template of every service leads back to its operation and labels", () => {
    const label = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" });
    for (const model of Object.values(services)) {
      if (model.protocol !== "rest-json") continue;
      for (const [operation, { method, path }] of Object.entries(model.operations)) {
        const { segments } = parseTemplate(operation, path);
        fc.assert(
          fc.property(fc.array(label, { minLength: segments.length, maxLength: segments.length }), (values) => {
            const literals = new Set(
              Object.values(model.operations).flatMap((other) =>
                other.path.split("/").filter((part) => !part.startsWith("{")),
              ),
            );
            fc.pre(values.every((value) => !literals.has(value)));
            const expected: Record<string, string> = {};
            const raw = segments.map((segment, index) => {
              if (segment.kind === "literal") return segment.text;
              expected[segment.member] = values[index]!;
              return encodeURIComponent(values[index]!);
            });
            const query = path.split("?", 2)[1] ?? "";
            const result = router.match({ service: model.service, method, path: `/${raw.join("/")}`, query });
            expect(result).toEqual({ outcome: "matched", model, operation, labels: expected });
          }),
          { numRuns: 3 },
        );
      }
    }
  });

  test("arbitrary paths never throw", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (path, query) => {
        expect(["matched", "unknown", "malformed"]).toContain(
          router.match({ service: "iot", method: "GET", path, query }).outcome,
        );
      }),
    );
  });

  test("signing names lead to services", () => {
    const service = (name: string) => router.serviceBySigningName(name)?.service;
    expect(service("execute-api")).toBe("iot");
    expect(service("iotdevicegateway")).toBe("iot-data");
    expect(service("iotmanagedintegrations")).toBe("iot-managed-integrations");
    expect(service("hearth")).toBe("hearth");
    expect(service("__proto__")).toBeUndefined();
  });
});

describe("parseTemplate", () => {
  test("refuses what it could not match", () => {
    expect(() => parseTemplate("X", "/a/{b}c")).toThrow(TypeError);
    expect(() => parseTemplate("X", "/{a+}/{b+}")).toThrow(TypeError);
  });
});
