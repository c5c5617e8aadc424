import type { ManagedIntegrations } from "@hearth/contract";
import { type JobRules, scheduleOf } from "@hearth/iot";
import { invalid } from "../errors.ts";
import { inOwnWords } from "./in-own-words.ts";

/** A configuration and a task's own settings, as the rules of its job (reference 12). All throw ValidationException. */

/** Retries of an execution in all. */
const RETRIES = 10;

type PushRules = Pick<JobRules, "rollout" | "abort" | "inProgressTimeoutInMinutes">;

/** How a task with this configuration is rolled out, given up and timed out. */
export function pushRules(config: ManagedIntegrations.PushConfig | undefined): PushRules {
  const { RolloutConfig: rollout, AbortConfig: abort, TimeoutConfig: timeout } = config ?? {};
  const rules: PushRules = { rollout: rolloutOf(rollout) };
  const criteria = abort?.AbortConfigCriteriaList ?? [];
  if (criteria.length > 0) rules.abort = criteria.map(abortOf);
  if (timeout?.InProgressTimeoutInMinutes !== undefined) {
    rules.inProgressTimeoutInMinutes = timeout.InProgressTimeoutInMinutes;
  }
  return rules;
}

function rolloutOf(config: ManagedIntegrations.OtaTaskExecutionRolloutConfig | undefined): JobRules["rollout"] {
  const { MaximumPerMinute: maximumPerMinute, ExponentialRolloutRate: rate } = config ?? {};
  const rollout: JobRules["rollout"] = maximumPerMinute === undefined ? {} : { maximumPerMinute };
  if (rate === undefined) return rollout;
  const { BaseRatePerMinute, IncrementFactor, RateIncreaseCriteria } = rate;
  const { numberOfNotifiedThings, numberOfSucceededThings } = RateIncreaseCriteria ?? {};
  if (BaseRatePerMinute === undefined || IncrementFactor === undefined) {
    throw invalid("ExponentialRolloutRate: the configuration lacks BaseRatePerMinute or IncrementFactor.");
  }
  const increaseEvery =
    numberOfNotifiedThings !== undefined
      ? { numberOfNotifiedThings }
      : numberOfSucceededThings !== undefined
        ? { numberOfSucceededThings }
        : undefined;
  if (increaseEvery === undefined) {
    throw invalid("ExponentialRolloutRate: the configuration lacks RateIncreaseCriteria.");
  }
  return {
    ...rollout,
    exponentialRate: { baseRatePerMinute: BaseRatePerMinute, incrementFactor: IncrementFactor, increaseEvery },
  };
}

function abortOf(criterion: ManagedIntegrations.AbortConfigCriteria): NonNullable<JobRules["abort"]>[number] {
  const { FailureType, MinNumberOfExecutedThings, ThresholdPercentage } = criterion;
  if (FailureType === undefined || MinNumberOfExecutedThings === undefined || ThresholdPercentage === undefined) {
    throw invalid("AbortConfig: a criterion needs FailureType, MinNumberOfExecutedThings and ThresholdPercentage.");
  }
  if (ThresholdPercentage <= 0) throw invalid("AbortConfig: ThresholdPercentage takes a number above 0.");
  return {
    failureType: FailureType,
    minNumberOfExecutedThings: MinNumberOfExecutedThings,
    thresholdPercentage: ThresholdPercentage,
  };
}

/** How often a failed execution is tried again. */
export function retryRules(
  config: ManagedIntegrations.OtaTaskExecutionRetryConfig | undefined,
): Pick<JobRules, "retries"> {
  const criteria = config?.RetryConfigCriteria ?? [];
  const types = criteria.map(({ FailureType }) => FailureType);
  if (new Set(types).size < types.length || (types.includes("ALL") && types.length > 1)) {
    throw invalid("OtaTaskExecutionRetryConfig: each FailureType at most once, and ALL by itself.");
  }
  const retries = criteria.map(({ FailureType, MinNumberOfRetries }) => {
    if (FailureType === undefined || MinNumberOfRetries === undefined) {
      throw invalid("OtaTaskExecutionRetryConfig: a criterion needs FailureType and MinNumberOfRetries.");
    }
    return { failureType: FailureType, numberOfRetries: MinNumberOfRetries };
  });
  if (retries.reduce((sum, { numberOfRetries }) => sum + numberOfRetries, 0) > RETRIES) {
    throw invalid(`OtaTaskExecutionRetryConfig: at most ${RETRIES} retries in all.`);
  }
  return retries.length === 0 ? {} : { retries };
}

/** When a task begins, ends and pauses; times are UTC (reading U44). EndBehavior has no effect without EndTime. */
export function scheduleRules(config: ManagedIntegrations.OtaTaskSchedulingConfig | undefined, now: number) {
  const { StartTime, EndTime, EndBehavior, MaintenanceWindows = [] } = config ?? {};
  const maintenanceWindows = MaintenanceWindows.map(({ StartTime: startTime, DurationInMinutes }) => {
    if (startTime === undefined || DurationInMinutes === undefined) {
      throw invalid("OtaSchedulingConfig: a maintenance window needs StartTime and DurationInMinutes.");
    }
    return { startTime, durationInMinutes: DurationInMinutes };
  });
  return inOwnWords("OtaSchedulingConfig", () =>
    scheduleOf(
      {
        startTime: StartTime,
        endTime: EndTime,
        ...(EndTime === undefined ? {} : { endBehavior: EndBehavior }),
        maintenanceWindows,
      },
      // One-time tasks have maintenance windows, too.
      { now, continuous: true, aheadMinutes: 0 },
    ),
  );
}
