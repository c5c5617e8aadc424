import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Execution, type ExecutionEvent, isTerminal, nextExecution, timeoutOf } from "./execution.ts";

const queued: Execution = {
  accountId: "1",
  region: "r",
  jobId: "job",
  thingName: "thing",
  executionNumber: 1,
  status: "QUEUED",
  versionNumber: 1,
  retryAttempt: 0,
  forceCanceled: false,
  queuedAt: 0,
  updatedAt: 0,
};
const minute = (n: number) => n * 60_000;
const next = (before: Execution, event: ExecutionEvent, now = 0, inProgressTimeoutInMinutes?: number) =>
  nextExecution(before, event, { inProgressTimeoutInMinutes }, now);
const inProgress = next(queued, { type: "start" }, 0) as Execution;

describe("timers", () => {
  test("steps of 20, 7, 5 and 9 minutes, as the reference has them", () => {
    let execution = next(queued, { type: "start" }, 0, 20) as Execution;
    expect(timeoutOf(execution)).toBe(minute(20));
    for (const [at, step, ends] of [
      [5, 7, 12],
      [10, 5, 15],
      [13, 9, 20],
    ] as const) {
      const event = { type: "update", status: "IN_PROGRESS", stepTimeoutInMinutes: step } as const;
      execution = next(execution, event, minute(at), 20) as Execution;
      expect(timeoutOf(execution)).toBe(minute(ends));
    }
    const without = next(execution, { type: "update", status: "IN_PROGRESS" }, minute(14), 20) as Execution;
    expect(without.stepDueAt).toBe(execution.stepDueAt);
    const cleared = { type: "update", status: "IN_PROGRESS", stepTimeoutInMinutes: -1 } as const;
    expect((next(execution, cleared, minute(14), 20) as Execution).stepDueAt).toBeUndefined();
    expect(next(execution, { type: "timeout" }, minute(20) - 1)).toBeUndefined();
    expect(next(execution, { type: "timeout" }, minute(20))).toMatchObject({ status: "TIMED_OUT", versionNumber: 6 });
  });

  test("end with the execution", () => {
    const timed = next(queued, { type: "start", stepTimeoutInMinutes: 1 }, 0, 2) as Execution;
    const done = next(timed, { type: "update", status: "SUCCEEDED" }, 1) as Execution;
    expect(timeoutOf(done)).toBeUndefined();
    expect(next(done, { type: "timeout" }, minute(9))).toBeUndefined();
  });
});

describe("what a device may do", () => {
  test("start: one that is in progress stays as it is", () => {
    expect(inProgress).toMatchObject({ status: "IN_PROGRESS", versionNumber: 2, startedAt: 0 });
    expect(next(inProgress, { type: "start", statusDetails: { a: "b" } })).toBeUndefined();
  });

  test("details stay unless they are given", () => {
    const first = next(inProgress, { type: "update", status: "IN_PROGRESS", statusDetails: { a: "1", b: "2" } });
    const second = next(first as Execution, { type: "update", status: "IN_PROGRESS" });
    expect(second).toMatchObject({ statusDetails: { a: "1", b: "2" }, versionNumber: 4 });
    const third = next(second as Execution, { type: "update", status: "FAILED", statusDetails: { a: "3" } });
    expect(third).toMatchObject({ statusDetails: { a: "3" } });
    expect((third as Execution).statusDetails).not.toHaveProperty("b");
  });

  test.each(["SUCCEEDED", "FAILED", "REJECTED"] as const)("end at once as %s", (status) => {
    expect(next(queued, { type: "update", status }, 5)).toMatchObject({ status, versionNumber: 2, updatedAt: 5 });
  });

  test.each(["QUEUED", "TIMED_OUT", "REMOVED", "CANCELED"] as const)("not set %s", (status) => {
    expect(() => next(inProgress, { type: "update", status })).toThrow(/A device sets/);
  });

  test("not change what has ended, and says what it is", () => {
    const done = next(inProgress, { type: "update", status: "SUCCEEDED" }) as Execution;
    const late = () => next(done, { type: "update", status: "FAILED" });
    expect(late).toThrow(expect.objectContaining({ name: "InvalidStateTransitionException", execution: done }));
  });

  test("be late: the other's version", () => {
    const event = { type: "update", status: "SUCCEEDED", expectedVersion: 1 } as const;
    expect(() => next(inProgress, event)).toThrow(
      expect.objectContaining({ name: "VersionConflictException", execution: inProgress }),
    );
  });
});

test("cancelling takes what is queued, and what is in progress by force only", () => {
  expect(next(queued, { type: "cancel", force: true })).toMatchObject({ status: "CANCELED", forceCanceled: false });
  expect(() => next(inProgress, { type: "cancel", force: false })).toThrow(/IN_PROGRESS cannot become CANCELED/);
  expect(next(inProgress, { type: "cancel", force: true })).toMatchObject({ status: "CANCELED", forceCanceled: true });
});

test("whatever happens: a version more, no way back from an end, no timer after it", () => {
  const event = fc.oneof(
    fc.constant<ExecutionEvent>({ type: "start" }),
    fc.record({
      type: fc.constant("update" as const),
      status: fc.constantFrom("IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED", "CANCELED"),
      stepTimeoutInMinutes: fc.option(fc.constantFrom(-1, 1, 5), { nil: undefined }),
    }),
    fc.constant<ExecutionEvent>({ type: "timeout" }),
    fc.boolean().map((force): ExecutionEvent => ({ type: "cancel", force })),
    fc.constant<ExecutionEvent>({ type: "remove" }),
  ) as fc.Arbitrary<ExecutionEvent>;
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.nat(400_000))), (events) => {
      let execution = queued;
      let now = 0;
      for (const [happening, later] of events) {
        now += later;
        let after: Execution | undefined;
        try {
          after = next(execution, happening, now, 5);
        } catch {
          continue;
        }
        if (after === undefined) continue;
        expect(isTerminal(execution.status)).toBe(false);
        expect(after.versionNumber).toBe(execution.versionNumber + 1);
        expect(after.executionNumber).toBe(execution.executionNumber);
        if (after.status === "IN_PROGRESS")
          expect(timeoutOf(after)).toBeLessThanOrEqual((after.startedAt ?? 0) + minute(5));
        else expect(timeoutOf(after)).toBeUndefined();
        execution = after;
      }
    }),
  );
});
