import { ServiceError, services } from "@hearth/contract";
import { describe, expect, test } from "vitest";
import { failureOf, validationErrorName } from "./failures.ts";

const of = (service: string, operation: string, thrown: unknown) => {
  const model = services[service]!;
  return failureOf(thrown, model, model.operations[operation]);
};
const common = (name: string) => new ServiceError(name, "m");

describe("what is answered", () => {
  test("a modelled error by its own status, shape and code", () => {
    const error = new ServiceError("NoSuchEntityException", "m", { a: 1 });
    expect(of("iam", "GetRole", error)).toEqual({
      failure: {
        code: "NoSuchEntity",
        status: 404,
        message: "m",
        members: { a: 1 },
        shape: "NoSuchEntityException",
      },
    });
  });

  test("a denial in the service's words", () => {
    const denied = common("AccessDeniedException");
    const answers = [
      of("iot", "CreateThing", denied),
      of("iot-data", "GetThingShadow", denied),
      of("iot-managed-integrations", "CreateManagedThing", denied),
      of("kinesis", "PutRecord", denied),
      of("kinesis", "CreateStream", denied),
    ];
    expect(answers.map(({ failure }) => [failure.code, failure.status, failure.message])).toEqual([
      ["AccessDeniedException", 403, "m"],
      ["ForbiddenException", 403, "Forbidden"],
      ["AccessDeniedException", 403, "m"],
      ["AccessDeniedException", 400, "m"],
      ["AccessDeniedException", 400, "m"],
    ]);
  });

  test("a refused certificate, on operations that do not declare it, too", () => {
    expect(of("iot-data", "GetThingShadow", common("ForbiddenException")).failure.status).toBe(403);
    expect(of("iot-jobs-data", "DescribeJobExecution", common("ForbiddenException")).failure.status).toBe(403);
  });

  test("a body that cannot be read, as the service's validation error", () => {
    const unreadable = common("SerializationException");
    expect(of("iot", "CreateThing", unreadable).failure.code).toBe("InvalidRequestException");
    expect(of("iot-managed-integrations", "CreateManagedThing", unreadable).failure.code).toBe("ValidationException");
    expect(of("kinesis", "PutRecord", unreadable).failure).toMatchObject({
      code: "SerializationException",
      status: 400,
    });
  });

  test("an unknown operation: 404 for REST, 400 for targets", () => {
    const unknown = common("UnknownOperationException");
    expect(failureOf(unknown, services.iot, undefined).failure.status).toBe(404);
    expect(failureOf(unknown, services.kinesis, undefined).failure.status).toBe(400);
  });

  test("every operation of every service has a status for what every service may answer", () => {
    for (const model of Object.values(services)) {
      for (const operation of Object.values(model.operations)) {
        for (const name of ["AccessDeniedException", "NotImplementedException", "UnrecognizedClientException"]) {
          const { failure, defect } = failureOf(common(name), model, operation);
          expect([failure.status >= 400, defect]).toEqual([true, undefined]);
        }
      }
    }
  });
});

describe("defects", () => {
  test("anything unknown and anything undeclared is the operation's internal error", () => {
    for (const thrown of [new Error("secret"), "text", undefined, common("SqlParseException")]) {
      const { failure, defect } = of("iot", "CreateThing", thrown);
      expect(failure).toMatchObject({ code: "InternalFailureException", status: 500 });
      expect(failure.message).not.toContain("secret");
      expect(defect?.cause).toBe(thrown);
    }
    expect(of("iot-managed-integrations", "CreateManagedThing", new Error()).failure.code).toBe(
      "InternalServerException",
    );
    expect(of("sts", "GetCallerIdentity", new Error()).failure.code).toBe("InternalFailure");
  });
});

test("the validation error's name", () => {
  const name = (service: string, operation?: string) =>
    validationErrorName(
      services[service]!,
      operation === undefined ? undefined : services[service]!.operations[operation],
    );
  expect(name("iot", "CreateThing")).toBe("InvalidRequestException");
  expect(name("iot", "CreateCommand")).toBe("ValidationException");
  expect(name("iot-data", "Publish")).toBe("InvalidRequestException");
  expect(name("iot-managed-integrations", "CreateManagedThing")).toBe("ValidationException");
  expect(name("iot-managed-integrations", "TagResource")).toBe("InvalidRequestException");
  expect(name("kinesis", "PutRecord")).toBe("ValidationException");
  expect(name("iot")).toBe("InvalidRequestException");
  expect(name("iot-managed-integrations")).toBe("ValidationException");
});
