import type { JobCounts, RolloutConfig, RolloutState } from "./job.ts";

/** Executions that one commit queues. */
const ROLLOUT_BATCH = 100;
/** Steps come no more often than this, unless a rate asks for more than a batch in that time. Milliseconds. */
const STEP = 1_000;
/** What a server that was away makes up for, in milliseconds: more would be a burst. */
const MADE_UP = 1_000;
const MINUTE = 60_000;

/** What to queue now, the state to keep, and when to look again; no `dueAt` when nothing is left. */
export interface Release {
  count: number;
  next: RolloutState;
  dueAt?: number;
}

/**
 * The arithmetic of reference 4.3. The thing number `done` since `anchor` is due at anchor + done × 60,000 / rate; the rate
 * is min(base × factor^step, maximum), and step k is reached with k × N counted things: from the thing that reached it on,
 * the next is due by the new rate.
 */
export function release(
  state: RolloutState,
  counts: Pick<JobCounts, "waiting" | "notified" | "succeeded">,
  config: RolloutConfig,
  now: number,
): Release {
  const left = Math.min(counts.waiting, ROLLOUT_BATCH);
  if (isUnlimited(config)) {
    return { count: left, next: state, ...(counts.waiting > left ? { dueAt: now } : {}) };
  }
  const notified = thresholdOf(config, "numberOfNotifiedThings");
  let { step, anchor, done } = bySuccesses(state, counts, config, now);
  // Nothing is owed before the first: the job may have waited for its things to be chosen.
  if (done === 0) anchor = Math.max(anchor, now);
  const due = () => anchor + (done * MINUTE) / rateAt(config, step);
  if (due() < now - MADE_UP) anchor += Math.floor(now - MADE_UP - due());
  let count = 0;
  while (count < left && due() <= now) {
    const rate = rateAt(config, step);
    const atThisRate = Math.floor(((now - anchor) * rate) / MINUTE) + 1 - done;
    const toThreshold =
      notified === undefined || isHighest(config, step)
        ? Number.POSITIVE_INFINITY
        : Math.max(1, (step + 1) * notified - (counts.notified + count));
    const taken = Math.max(1, Math.min(atThisRate, toThreshold, left - count));
    count += taken;
    done += taken;
    if (taken === toThreshold) {
      anchor = Math.round(anchor + ((done - 1) * MINUTE) / rate);
      done = 1;
      step += 1;
    }
  }
  const next = { step, anchor, done };
  if (count === counts.waiting) return { count, next };
  const pace = (rateAt(config, step) * STEP) / MINUTE > ROLLOUT_BATCH ? 0 : STEP;
  return { count, next, dueAt: Math.max(Math.ceil(due()), count > 0 ? now + pace : now) };
}

/** Things a minute after `step` thresholds; infinite without a configuration. */
export function rateAt(config: RolloutConfig, step: number): number {
  const maximum = config.maximumPerMinute ?? Number.POSITIVE_INFINITY;
  const { exponentialRate } = config;
  if (exponentialRate === undefined) return maximum;
  return Math.min(exponentialRate.baseRatePerMinute * exponentialRate.incrementFactor ** step, maximum);
}

/** Nothing holds its things back. */
export const isUnlimited = ({ maximumPerMinute, exponentialRate }: RolloutConfig): boolean =>
  maximumPerMinute === undefined && exponentialRate === undefined;

const isHighest = (config: RolloutConfig, step: number): boolean => rateAt(config, step) === rateAt(config, step + 1);

function thresholdOf(
  { exponentialRate }: RolloutConfig,
  name: "numberOfNotifiedThings" | "numberOfSucceededThings",
): number | undefined {
  const every: { [criterion in typeof name]?: number } | undefined = exponentialRate?.increaseEvery;
  return every?.[name];
}

/** Thresholds of successes are reached between steps: the next thing is due by the new rate, and not before now. */
function bySuccesses(
  state: RolloutState,
  counts: Pick<JobCounts, "succeeded">,
  config: RolloutConfig,
  now: number,
): RolloutState {
  const threshold = thresholdOf(config, "numberOfSucceededThings");
  if (threshold === undefined) return state;
  let step = Math.floor(counts.succeeded / threshold);
  while (step > state.step && rateAt(config, step - 1) === rateAt(config, step)) step -= 1;
  // A success that a later deletion takes back lowers no rate.
  if (step <= state.step || state.done === 0) return { ...state, step: Math.max(step, state.step) };
  const last = state.anchor + ((state.done - 1) * MINUTE) / rateAt(config, state.step);
  const anchor = Math.max(last, now - MINUTE / rateAt(config, step));
  return { step, anchor: Math.ceil(anchor), done: 1 };
}
