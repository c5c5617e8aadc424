import { parseArn } from "@hearth/base";
import { type Iot, ServiceError } from "@hearth/contract";
import type { Place } from "../storage/place.ts";
import { parseCron } from "./cron.ts";
import type { JobRules, RolloutConfig } from "./job.ts";

/** What the model's constraints leave open (reference 4.3 to 4.6). All throw InvalidRequestException that names the member. */

export const invalid = (message: string): ServiceError => new ServiceError("InvalidRequestException", message);

/** How long jobs may be planned ahead and last (reference 4.5). Milliseconds. */
const YEAR = 366 * 86_400_000;
const SHORTEST = 30 * 60_000;
const MAX_TARGETS = 100;
const MAX_TIMEOUT = 10_080;
/** Things a minute: AWS's highest rate, and the one of jobs that name none. */
export const AWS_RATE = 1_000;

/** The members by which CreateJob, CreateJobTemplate and UpdateJob say how a job runs. */
export type RuleMembers = Pick<
  Iot.CreateJobRequest,
  "presignedUrlConfig" | "jobExecutionsRolloutConfig" | "abortConfig" | "timeoutConfig" | "jobExecutionsRetryConfig"
>;

export function rulesOf(input: RuleMembers): JobRules {
  const { presignedUrlConfig: presign } = input;
  const rules: JobRules = { rollout: rolloutOf(input.jobExecutionsRolloutConfig) };
  if (input.abortConfig) {
    rules.abort = input.abortConfig.criteriaList.map(({ action: _, ...criterion }) => {
      if (!isDecimal(criterion.thresholdPercentage, 2) || criterion.thresholdPercentage <= 0) {
        throw invalid("abortConfig: thresholdPercentage takes a number above 0 with at most two decimals");
      }
      return criterion;
    });
  }
  const minutes = input.timeoutConfig?.inProgressTimeoutInMinutes;
  if (minutes !== undefined) {
    if (minutes < 1 || minutes > MAX_TIMEOUT) {
      throw invalid(`timeoutConfig: inProgressTimeoutInMinutes takes 1 to ${MAX_TIMEOUT}`);
    }
    rules.inProgressTimeoutInMinutes = minutes;
  }
  if (input.jobExecutionsRetryConfig) rules.retries = retriesOf(input.jobExecutionsRetryConfig.criteriaList);
  if (presign?.roleArn !== undefined) {
    rules.presign = { roleArn: presign.roleArn, expiresInSec: presign.expiresInSec ?? 3_600 };
  } else if (presign?.expiresInSec !== undefined) {
    throw invalid("presignedUrlConfig: expiresInSec needs roleArn");
  }
  return rules;
}

/** What the profile `aws` keeps of AWS's quotas on rates. */
export function checkQuotas({ rollout }: Partial<JobRules>, profile: "standard" | "aws"): void {
  if (profile === "aws" && (rollout?.maximumPerMinute ?? 0) > AWS_RATE) {
    throw invalid(`jobExecutionsRolloutConfig: maximumPerMinute takes 1 to ${AWS_RATE}`);
  }
}

function rolloutOf(config: Iot.JobExecutionsRolloutConfig | undefined): RolloutConfig {
  const { maximumPerMinute, exponentialRate } = config ?? {};
  if (exponentialRate === undefined) return maximumPerMinute === undefined ? {} : { maximumPerMinute };
  const { baseRatePerMinute, incrementFactor, rateIncreaseCriteria } = exponentialRate;
  const { numberOfNotifiedThings, numberOfSucceededThings } = rateIncreaseCriteria;
  const name = "jobExecutionsRolloutConfig: exponentialRate";
  if (maximumPerMinute === undefined) throw invalid(`${name} needs maximumPerMinute`);
  if (baseRatePerMinute > maximumPerMinute) throw invalid(`${name}: baseRatePerMinute exceeds maximumPerMinute`);
  if (!isDecimal(incrementFactor, 1)) throw invalid(`${name}: incrementFactor takes one decimal`);
  if ((numberOfNotifiedThings === undefined) === (numberOfSucceededThings === undefined)) {
    throw invalid(`${name}: rateIncreaseCriteria takes one of numberOfNotifiedThings and numberOfSucceededThings`);
  }
  const increaseEvery =
    numberOfNotifiedThings !== undefined
      ? { numberOfNotifiedThings }
      : { numberOfSucceededThings: numberOfSucceededThings as number };
  return { maximumPerMinute, exponentialRate: { baseRatePerMinute, incrementFactor, increaseEvery } };
}

function retriesOf(criteria: readonly Iot.RetryCriteria[]): NonNullable<JobRules["retries"]> {
  const types = criteria.map(({ failureType }) => failureType);
  if (new Set(types).size < types.length || (types.includes("ALL") && types.length > 1)) {
    throw invalid("jobExecutionsRetryConfig: each failureType at most once, and ALL by itself");
  }
  if (criteria.reduce((sum, { numberOfRetries }) => sum + numberOfRetries, 0) > 10) {
    throw invalid("jobExecutionsRetryConfig: at most 10 retries in all");
  }
  return criteria.map(({ failureType, numberOfRetries }) => ({ failureType, numberOfRetries }));
}

/** The same as the API has it. */
export function membersOf(rules: JobRules): RuleMembers {
  const { rollout, abort, retries, presign, inProgressTimeoutInMinutes } = rules;
  const { maximumPerMinute, exponentialRate } = rollout;
  const members: RuleMembers = {};
  if (maximumPerMinute !== undefined || exponentialRate !== undefined) {
    members.jobExecutionsRolloutConfig = {
      ...(maximumPerMinute === undefined ? {} : { maximumPerMinute }),
      ...(exponentialRate === undefined
        ? {}
        : {
            exponentialRate: {
              baseRatePerMinute: exponentialRate.baseRatePerMinute,
              incrementFactor: exponentialRate.incrementFactor,
              rateIncreaseCriteria: exponentialRate.increaseEvery,
            },
          }),
    };
  }
  if (abort) members.abortConfig = { criteriaList: abort.map((criterion) => ({ ...criterion, action: "CANCEL" })) };
  if (retries) members.jobExecutionsRetryConfig = { criteriaList: retries };
  if (presign) members.presignedUrlConfig = presign;
  if (inProgressTimeoutInMinutes !== undefined) members.timeoutConfig = { inProgressTimeoutInMinutes };
  return members;
}

/** Names of the things and groups that `targets` are. */
export function targetsOf(at: Place, targets: readonly string[]): { things: string[]; groups: string[] } {
  if (targets.length > MAX_TARGETS) throw invalid(`targets: at most ${MAX_TARGETS}`);
  const things = new Set<string>();
  const groups = new Set<string>();
  for (const target of targets) {
    const arn = parseArn(target);
    const [, kind, name] = /^(thing|thinggroup)\/([a-zA-Z0-9:_-]{1,128})$/.exec(arn?.resource ?? "") ?? [];
    const isHere = arn?.service === "iot" && arn.accountId === at.accountId && arn.region === at.region;
    if (!isHere || name === undefined) {
      throw invalid(`targets: ${target.slice(0, 200)} is no ARN of a thing or thing group of this account and region`);
    }
    (kind === "thing" ? things : groups).add(name);
  }
  return { things: [...things], groups: [...groups] };
}

/** When a job begins and ends. Times are `YYYY-MM-DD HH:mm` or ISO 8601, in UTC where they name no zone. */
export function scheduleOf(
  config: Iot.SchedulingConfig | undefined,
  { now, continuous, aheadMinutes }: { now: number; continuous: boolean; aheadMinutes: number },
): { startAt?: number; endAt?: number; endBehavior?: JobRules["endBehavior"]; windows?: JobRules["windows"] } {
  if (config === undefined) return {};
  const { startTime, endTime, endBehavior, maintenanceWindows } = config;
  const schedule: ReturnType<typeof scheduleOf> = {};
  if (startTime !== undefined) {
    schedule.startAt = timeOf(startTime, "startTime");
    if (schedule.startAt < now + aheadMinutes * 60_000) {
      throw invalid(`schedulingConfig: startTime has to be ${aheadMinutes > 0 ? `${aheadMinutes} minutes` : ""} ahead`);
    }
    if (schedule.startAt > now + YEAR) throw invalid("schedulingConfig: startTime is more than a year ahead");
  }
  if (endTime !== undefined) {
    schedule.endAt = timeOf(endTime, "endTime");
    const from = schedule.startAt ?? now;
    if (schedule.endAt < from + SHORTEST)
      throw invalid("schedulingConfig: endTime is less than 30 minutes after the start");
    if (schedule.endAt > now + 2 * YEAR) throw invalid("schedulingConfig: endTime is more than two years ahead");
    schedule.endBehavior = endBehavior ?? "STOP_ROLLOUT";
  } else if (endBehavior !== undefined) throw invalid("schedulingConfig: endBehavior needs endTime");
  if (maintenanceWindows !== undefined && maintenanceWindows.length > 0) {
    if (!continuous) throw invalid("schedulingConfig: maintenanceWindows are for continuous jobs");
    schedule.windows = windowsOf(maintenanceWindows, now);
  }
  return schedule;
}

export function windowsOf(windows: readonly Iot.MaintenanceWindow[], now: number): NonNullable<JobRules["windows"]> {
  return windows.map(({ startTime, durationInMinutes }) => {
    if (parseCron(startTime).next(now) === undefined) {
      throw invalid(`schedulingConfig: the maintenance window ${startTime} does not open within three years`);
    }
    return { startTime, durationInMinutes };
  });
}

function timeOf(text: string, member: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  const [, date, minutes, seconds = "", zone = "Z"] = match ?? [];
  const at = match ? Date.parse(`${date}T${minutes}${seconds}${zone}`) : Number.NaN;
  if (Number.isNaN(at)) throw invalid(`schedulingConfig: ${member} is not a time like 2026-01-31T18:00`);
  return at;
}

/** Whether a number has no more decimals than that. */
function isDecimal(value: number, decimals: number): boolean {
  return Math.abs(value * 10 ** decimals - Math.round(value * 10 ** decimals)) < 1e-9;
}
