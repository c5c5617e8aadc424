import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCron } from "./cron.ts";

const nextOf = (expression: string, after: string): string | undefined => {
  const at = parseCron(`cron(${expression})`).next(Date.parse(`${after}Z`));
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
};

// 2026-01-01 is a Thursday.
test.each([
  ["0 10 * * ? *", "2026-01-01T09:59", "2026-01-01T10:00"],
  ["0 10 * * ? *", "2026-01-01T10:00", "2026-01-02T10:00"],
  ["0/15 8-9 * * ? *", "2026-01-01T09:31", "2026-01-01T09:45"],
  ["5/25 * * * ? *", "2026-01-01T00:31", "2026-01-01T00:55"],
  ["0 18 ? * MON-FRI *", "2026-01-02T18:00", "2026-01-05T18:00"],
  ["0 18 ? * 2-6 *", "2026-01-02T18:00", "2026-01-05T18:00"],
  ["0 0 ? * 1 *", "2026-01-01T00:00", "2026-01-04T00:00"],
  ["0 0 ? * SAT,sun *", "2026-01-01T00:00", "2026-01-03T00:00"],
  ["0 0 L * ? *", "2026-02-01T00:00", "2026-02-28T00:00"],
  ["0 0 L 2 ? *", "2027-03-01T00:00", "2028-02-29T00:00"],
  ["0 0 LW * ? *", "2026-01-01T00:00", "2026-01-30T00:00"],
  ["0 0 3W * ? *", "2026-01-01T00:00", "2026-01-02T00:00"],
  ["0 0 1W * ? *", "2026-07-31T00:00", "2026-08-03T00:00"],
  ["0 0 31W 5 ? *", "2026-01-01T00:00", "2026-05-29T00:00"],
  ["0 0 ? * 6L *", "2026-01-01T00:00", "2026-01-30T00:00"],
  ["0 0 ? * FRI#2 *", "2026-01-01T00:00", "2026-01-09T00:00"],
  ["0 0 ? * 5#5 *", "2026-02-01T00:00", "2026-04-30T00:00"],
  ["0 0 ? * L *", "2026-01-01T00:00", "2026-01-03T00:00"],
  ["0 0 1 JAN ? 2028", "2026-01-01T00:00", "2028-01-01T00:00"],
  ["0 0 30 2 ? *", "2026-01-01T00:00", undefined],
  ["0 0 1 1 ? 2020-2024", "2026-01-01T00:00", undefined],
])("cron(%s) after %s: %s", (expression, after, expected) => {
  expect(nextOf(expression, after)).toBe(expected);
});

test.each([
  "",
  "rate(5 minutes)",
  "cron()",
  "cron(0 10 * * *)",
  "cron(0 10 * * ? * *)",
  "cron(0 10 * * * *)",
  "cron(0 10 ? * ? *)",
  "cron(60 10 * * ? *)",
  "cron(0 24 * * ? *)",
  "cron(0 0 0 * ? *)",
  "cron(0 0 32W * ? *)",
  "cron(0 0 ? * 8 *)",
  "cron(0 0 ? * 1#6 *)",
  "cron(0 0 ? * XYZL *)",
  "cron(5-1 0 * * ? *)",
  "cron(*/0 0 * * ? *)",
  "cron(1/2/3 0 * * ? *)",
  "cron(0 0 1 13 ? *)",
  "cron(0 0 1 1 ? 1969)",
  `cron(${"1,".repeat(5_000)}1 0 * * ? *)`,
])("%s is no schedule", (expression) => {
  expect(() => parseCron(expression)).toThrow(expect.objectContaining({ name: "InvalidRequestException" }));
});

test("an occurrence is after, matches, and none lies between", () => {
  const minute = fc.integer({ min: 0, max: 59 });
  const hour = fc.integer({ min: 0, max: 23 });
  const weekday = fc.integer({ min: 1, max: 7 });
  const from = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) });
  fc.assert(
    fc.property(minute, hour, weekday, from, (m, h, day, after) => {
      const at = parseCron(`cron(${m} ${h} ? * ${day} *)`).next(after) as number;
      const date = new Date(at);
      expect([date.getUTCMinutes(), date.getUTCHours(), date.getUTCDay() + 1]).toEqual([m, h, day]);
      expect(at).toBeGreaterThan(after);
      expect(at - after).toBeLessThanOrEqual(7 * 86_400_000);
    }),
  );
});
