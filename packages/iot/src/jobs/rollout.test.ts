import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RolloutConfig, RolloutState } from "./job.ts";
import { rateAt, release } from "./rollout.ts";

const exponential = (
  baseRatePerMinute: number,
  incrementFactor: number,
  increaseEvery: { numberOfNotifiedThings: number } | { numberOfSucceededThings: number },
  maximumPerMinute = 1_000,
): RolloutConfig => ({ maximumPerMinute, exponentialRate: { baseRatePerMinute, incrementFactor, increaseEvery } });

/** Steps through a whole rollout, at the instants that it asks for; when each thing was queued, in milliseconds. */
function rollOut(
  config: RolloutConfig,
  things: number,
  succeededAt: (at: number, notified: number) => number = () => 0,
) {
  let state: RolloutState = { step: 0, anchor: 0, done: 0 };
  const queued: number[] = [];
  let steps = 0;
  for (let now: number | undefined = 0; now !== undefined; steps++) {
    const counts = {
      waiting: things - queued.length,
      notified: queued.length,
      succeeded: succeededAt(now, queued.length),
    };
    const { count, next, dueAt } = release(state, counts, config, now);
    for (let i = 0; i < count; i++) queued.push(now);
    state = next;
    if (dueAt !== undefined && dueAt < now) throw new Error("goes back in time");
    if (steps > 1_000_000) throw new Error("never ends");
    now = dueAt;
  }
  return { queued, steps };
}

const inMinute = (queued: readonly number[], minute: number) =>
  queued.filter((at) => at >= minute * 60_000 && at < (minute + 1) * 60_000).length;

describe("the rate of the reference", () => {
  test("50, 100, 200, 400 a minute, raised at 1,000, 2,000, 3,000 things", () => {
    const config = exponential(50, 2, { numberOfNotifiedThings: 1_000 });
    expect([0, 1, 2, 3, 4, 5].map((step) => rateAt(config, step))).toEqual([50, 100, 200, 400, 800, 1_000]);
    const { queued } = rollOut(config, 4_000);
    expect(queued).toHaveLength(4_000);
    // 1,000 things at 50 a minute take 20 minutes, then 10, then 5, then 2.5.
    for (const [thing, minutes] of [
      [999, 20],
      [1_999, 30],
      [2_999, 35],
      [3_999, 37.5],
    ] as const) {
      expect(Math.abs((queued[thing] as number) / 60_000 - minutes)).toBeLessThan(0.06);
    }
  });

  test("base 1, factor 3, raised with every thing", () => {
    const { queued } = rollOut(exponential(1, 3, { numberOfNotifiedThings: 1 }), 4);
    expect(queued).toEqual([0, 20_000, 26_667, 28_890]);
  });

  test("a constant rate", () => {
    const { queued } = rollOut({ maximumPerMinute: 60 }, 180);
    expect([0, 1, 2].map((minute) => inMinute(queued, minute))).toEqual([60, 60, 60]);
    expect(rollOut({ maximumPerMinute: 1 }, 3).queued).toEqual([0, 60_000, 120_000]);
  });

  test("none: all at once, a batch at a time", () => {
    const { queued, steps } = rollOut({}, 500);
    expect([queued.at(-1), steps]).toEqual([0, 5]);
  });

  test("raised by successes: 10, 20, 40, at most 50 a minute", () => {
    const config = exponential(10, 2, { numberOfSucceededThings: 10 }, 50);
    // Every thing succeeds as soon as it is told.
    const { queued } = rollOut(config, 200, (_, notified) => notified);
    expect(inMinute(queued, 0)).toBeLessThanOrEqual(11);
    const rates = queued.slice(1).map((at, index) => 60_000 / Math.max(1, at - (queued[index] as number)));
    // The gaps between things shorten with each ten successes.
    expect(rates[3]).toBeCloseTo(10, 0);
    expect(rates[15]).toBeCloseTo(20, 0);
    expect(rates[25]).toBeCloseTo(40, 0);
    expect(queued.filter((at) => at >= 180_000 && at < 240_000).length).toBeLessThanOrEqual(51);
  });

  test("without successes it stays where it is", () => {
    const { queued } = rollOut(exponential(10, 2, { numberOfSucceededThings: 10 }), 40);
    expect([0, 1, 2, 3].map((minute) => inMinute(queued, minute))).toEqual([10, 10, 10, 10]);
  });
});

test("late by ten minutes: no burst", () => {
  const config = { maximumPerMinute: 600 };
  const first = release({ step: 0, anchor: 0, done: 0 }, { waiting: 10_000, notified: 0, succeeded: 0 }, config, 0);
  const late = release(first.next, { waiting: 9_999, notified: 1, succeeded: 0 }, config, 600_000);
  expect(late.count).toBeLessThanOrEqual(11);
  expect(late.dueAt).toBe(601_000);
});

test("the rate begins with the first thing, however late that is", () => {
  const config = { maximumPerMinute: 6_000 };
  const counts = { waiting: 10_000, notified: 0, succeeded: 0 };
  const first = release({ step: 0, anchor: 0, done: 0 }, counts, config, 900);
  expect(first).toMatchObject({ count: 1, next: { anchor: 900, done: 1 }, dueAt: 1_900 });
});

test("a clock that is set back waits, and queues nothing twice", () => {
  const config = { maximumPerMinute: 60 };
  const { next } = release(
    { step: 0, anchor: 100_000, done: 0 },
    { waiting: 5, notified: 0, succeeded: 0 },
    config,
    100_000,
  );
  const back = release(next, { waiting: 4, notified: 1, succeeded: 0 }, config, 40_000);
  expect(back).toMatchObject({ count: 0, dueAt: 101_000 });
});

test("never more than 2 % above the highest rate in any minute, and everything leaves", () => {
  const config = fc
    .record({
      maximum: fc.integer({ min: 1, max: 1_000 }),
      base: fc.integer({ min: 1, max: 1_000 }),
      factor: fc.integer({ min: 11, max: 50 }).map((tenths) => tenths / 10),
      every: fc.integer({ min: 1, max: 500 }),
      bySuccess: fc.boolean(),
      constant: fc.boolean(),
    })
    .map(({ maximum, base, factor, every, bySuccess, constant }) => {
      if (constant) return { maximumPerMinute: maximum };
      const increase = bySuccess ? { numberOfSucceededThings: every } : { numberOfNotifiedThings: every };
      return exponential(Math.min(base, maximum), factor, increase, maximum);
    });
  fc.assert(
    fc.property(config, fc.integer({ min: 1, max: 2_500 }), (rollout, things) => {
      const { queued } = rollOut(rollout, things, (_, notified) => Math.floor(notified / 2));
      expect(queued).toHaveLength(things);
      const maximum = rollout.maximumPerMinute as number;
      let most = 0;
      for (let [from, to] = [0, 0]; to < queued.length; to++) {
        while ((queued[to] as number) - (queued[from] as number) >= 60_000) from++;
        most = Math.max(most, to - from + 1);
      }
      expect(most).toBeLessThanOrEqual(Math.ceil(maximum * 1.02) + 1);
    }),
    { numRuns: 200 },
  );
});
