import type { IotJobsData } from "@hearth/contract";
import type { Place } from "../storage/place.ts";
import type { Execution } from "./execution.ts";
import { secondsLeft } from "./job-views.ts";

/** Summaries in a `notify`, of all states together (reference 4.2). */
export const NOTIFIED = 10;
/** Executions of each state that GetPendingJobExecutions lists. */
export const LISTED = 100;

export const jobsTopic = (thingName: string, rest: string): string => `$aws/things/${thingName}/jobs/${rest}`;

/** Devices are told whole seconds (reference 4.2). */
export const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1_000);

export function summaryOf(execution: Execution): IotJobsData.JobExecutionSummary {
  return {
    jobId: execution.jobId,
    queuedAt: seconds(execution.queuedAt),
    ...(execution.startedAt === undefined ? {} : { startedAt: seconds(execution.startedAt) }),
    lastUpdatedAt: seconds(execution.updatedAt),
    versionNumber: execution.versionNumber,
    executionNumber: execution.executionNumber,
  };
}

/** `document`: JSON text, or undefined where it was not asked for. */
export function executionOf(execution: Execution, document: string | undefined, now: number): IotJobsData.JobExecution {
  const left = secondsLeft(execution, now);
  return {
    thingName: execution.thingName,
    status: execution.status as IotJobsData.JobExecutionStatus,
    statusDetails: execution.statusDetails ?? {},
    ...summaryOf(execution),
    ...(left === undefined ? {} : { approximateSecondsBeforeTimedOut: left }),
    ...(document === undefined ? {} : { jobDocument: document }),
  };
}

export const stateOf = ({ status, statusDetails, versionNumber }: Execution): IotJobsData.JobExecutionState => ({
  status: status as IotJobsData.JobExecutionStatus,
  statusDetails: statusDetails ?? {},
  versionNumber,
});

/** `executions` in the order of `$next`, as the two lists of a `notify`. */
export function pendingLists(executions: readonly Execution[]): {
  [status in "IN_PROGRESS" | "QUEUED"]?: IotJobsData.JobExecutionSummary[];
} {
  const of = (status: string) => executions.filter((execution) => execution.status === status).map(summaryOf);
  const [running, queued] = [of("IN_PROGRESS"), of("QUEUED")];
  return {
    ...(running.length === 0 ? {} : { IN_PROGRESS: running }),
    ...(queued.length === 0 ? {} : { QUEUED: queued }),
  };
}

/** MQTT carries the document as an object, HTTPS as text (reference 4.2). */
export const withDocumentObject = ({ jobDocument, ...execution }: IotJobsData.JobExecution) => ({
  ...execution,
  ...(jobDocument === undefined ? {} : { jobDocument: JSON.parse(jobDocument) as unknown }),
});

export interface ThingAt extends Place {
  thingName: string;
}
