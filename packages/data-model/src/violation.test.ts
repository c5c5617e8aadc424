import { describe, expect, test } from "vitest";
import { describeViolation } from "./violation.ts";

describe("what a sender is told", () => {
  const message = "is not an action of the capability";
  const where = { endpointId: "1", capabilityId: "matter.OnOff@1.4" };

  test("names what the path does not", () => {
    const path = "[0].capabilities[0].actions[0].name";
    expect(describeViolation({ path, member: "Explode", message, ...where })).toBe(
      `${path}: ${message} (Explode, matter.OnOff@1.4, endpoint 1)`,
    );
  });

  test("does not repeat what the path names", () => {
    expect(describeViolation({ path: "version", member: "version", message: "must be 1.0.0" })).toBe(
      "version: must be 1.0.0",
    );
    expect(describeViolation({ path: "endpoints[40]", member: "endpoints", message: "is too much" })).toBe(
      "endpoints[40]: is too much",
    );
  });

  test("repeats no more than the beginning of a long name", () => {
    expect(describeViolation({ path: "x", member: "a".repeat(100_000), message }).length).toBeLessThan(250);
  });
});
