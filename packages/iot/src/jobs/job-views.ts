import type { Iot } from "@hearth/contract";
import { thingArn } from "../registry/thing.ts";
import { parseCron } from "./cron.ts";
import { type Execution, timeoutOf } from "./execution.ts";
import { isLive, type Job } from "./job.ts";
import { jobArn } from "./job-arn.ts";
import { membersOf } from "./job-checks.ts";

/** Occurrences of its maintenance windows that a job shows. */
const SHOWN_ROLLOUTS = 7;

const seconds = (milliseconds: number): number => milliseconds / 1_000;
const optionalSeconds = (milliseconds: number | undefined) =>
  milliseconds === undefined ? undefined : seconds(milliseconds);
const minuteText = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 16);

/** Still rolling out or cancelling (reference 4.1). */
const isConcurrent = ({ status, phase }: Job): boolean =>
  (status === "IN_PROGRESS" && phase !== "ROLLED") || phase === "CANCELING";

export const jobSummary = (job: Job): Iot.JobSummary => ({
  jobArn: jobArn(job, job.jobId),
  jobId: job.jobId,
  targetSelection: job.targetSelection,
  status: job.status,
  createdAt: seconds(job.createdAt),
  lastUpdatedAt: seconds(job.updatedAt),
  completedAt: optionalSeconds(job.completedAt),
  isConcurrent: isConcurrent(job),
});

export function jobView(job: Job, now: number): Iot.Job {
  const { counts, rules, startAt, endAt } = job;
  const windows = rules.windows ?? [];
  return {
    ...jobSummary(job),
    ...membersOf(rules),
    forceCanceled: job.forceCanceled || undefined,
    reasonCode: job.reasonCode,
    comment: job.comment,
    targets: job.targets,
    description: job.description,
    jobProcessDetails: {
      // The model's words: none once the rollout is over.
      ...(job.phase === "EXPANDING" || job.phase === "ROLLING" ? { processingTargets: job.targets } : {}),
      numberOfCanceledThings: counts.canceled,
      numberOfSucceededThings: counts.succeeded,
      numberOfFailedThings: counts.failed,
      numberOfRejectedThings: counts.rejected,
      numberOfQueuedThings: counts.queued,
      numberOfInProgressThings: counts.inProgress,
      numberOfRemovedThings: counts.removed,
      numberOfTimedOutThings: counts.timedOut,
    },
    namespaceId: job.namespaceId,
    jobTemplateArn: job.templateArn,
    documentParameters: rules.documentParameters && givenParameters(rules.documentParameters),
    ...(startAt === undefined && endAt === undefined && windows.length === 0
      ? {}
      : {
          schedulingConfig: {
            startTime: startAt === undefined ? undefined : minuteText(startAt),
            endTime: endAt === undefined ? undefined : minuteText(endAt),
            endBehavior: rules.endBehavior,
            ...(windows.length === 0 ? {} : { maintenanceWindows: windows }),
          },
        }),
    ...(windows.length === 0 || !isLive(job) ? {} : { scheduledJobRollouts: rolloutsOf(windows, now, endAt) }),
  };
}

/** Without those that a managed template's optional parameters have from it. */
const givenParameters = (parameters: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ""));

function rolloutsOf(
  windows: NonNullable<Job["rules"]["windows"]>,
  now: number,
  endAt = Number.POSITIVE_INFINITY,
): Iot.ScheduledJobRollout[] {
  const starts = new Set<number>();
  for (const { startTime } of windows) {
    const cron = parseCron(startTime);
    let at = cron.next(now);
    for (let n = 0; n < SHOWN_ROLLOUTS && at !== undefined && at < endAt; n++) {
      starts.add(at);
      at = cron.next(at);
    }
  }
  const first = [...starts].sort((a, b) => a - b).slice(0, SHOWN_ROLLOUTS);
  return first.map((at) => ({ startTime: minuteText(at) }));
}

export const executionSummary = (execution: Execution): Iot.JobExecutionSummary => ({
  status: execution.status as Iot.JobExecutionStatus,
  queuedAt: seconds(execution.queuedAt),
  startedAt: optionalSeconds(execution.startedAt),
  lastUpdatedAt: seconds(execution.updatedAt),
  executionNumber: execution.executionNumber,
  retryAttempt: execution.retryAttempt,
});

/** Whole seconds until an execution in progress times out. */
export function secondsLeft(execution: Execution, now: number): number | undefined {
  const dueAt = execution.status === "IN_PROGRESS" ? timeoutOf(execution) : undefined;
  return dueAt === undefined ? undefined : Math.max(0, Math.floor((dueAt - now) / 1_000));
}

export const executionView = (execution: Execution, now: number): Iot.JobExecution => ({
  jobId: execution.jobId,
  status: execution.status as Iot.JobExecutionStatus,
  forceCanceled: execution.forceCanceled || undefined,
  statusDetails: execution.statusDetails && { detailsMap: execution.statusDetails },
  thingArn: thingArn(execution, execution.thingName),
  queuedAt: seconds(execution.queuedAt),
  startedAt: optionalSeconds(execution.startedAt),
  lastUpdatedAt: seconds(execution.updatedAt),
  executionNumber: execution.executionNumber,
  versionNumber: execution.versionNumber,
  approximateSecondsBeforeTimedOut: secondsLeft(execution, now),
});
