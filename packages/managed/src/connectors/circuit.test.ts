import fc from "fast-check";
import { expect, test } from "vitest";
import { createCircuits, FAILURES_TO_OPEN } from "./circuit.ts";

test("a circuit opens after ten failures in a row, is tried once after its pause, and pauses longer then", () => {
  const circuits = createCircuits();
  for (let i = 0; i < FAILURES_TO_OPEN; i++) {
    expect(circuits.openUntil("c", 0)).toBeUndefined();
    circuits.began("c");
    circuits.failed("c", 0);
  }
  expect(circuits.openUntil("c", 29_999)).toBe(30_000);
  expect(circuits.openUntil("other", 0)).toBeUndefined();
  expect(circuits.openUntil("c", 30_000)).toBeUndefined();
  circuits.began("c");
  expect(circuits.openUntil("c", 30_000)).toBeDefined();
  circuits.failed("c", 30_000);
  expect(circuits.openUntil("c", 30_001)).toBe(90_000);
  circuits.began("c");
  circuits.undecided("c");
  expect(circuits.openUntil("c", 90_000)).toBeUndefined();
  circuits.began("c");
  circuits.succeeded("c");
  expect(circuits.openUntil("c", 90_000)).toBeUndefined();
});

test("whatever happens, it opens only after ten failures without a success, and never for more than five minutes", () => {
  const step = fc.oneof(
    fc.constant("ok" as const),
    fc.constant("fail" as const),
    fc.constant("unknown" as const),
    fc.integer({ min: 0, max: 400_000 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const circuits = createCircuits();
      let now = 0;
      let inARow = 0;
      for (const next of steps) {
        if (typeof next === "number") {
          now += next;
          continue;
        }
        const until = circuits.openUntil("c", now);
        if (until !== undefined) {
          expect(inARow).toBeGreaterThanOrEqual(FAILURES_TO_OPEN);
          expect(until - now).toBeLessThanOrEqual(300_000);
          continue;
        }
        circuits.began("c");
        if (next === "ok") circuits.succeeded("c");
        else if (next === "fail") circuits.failed("c", now);
        else circuits.undecided("c");
        inARow = next === "ok" ? 0 : inARow + (next === "fail" ? 1 : 0);
      }
    }),
  );
});
