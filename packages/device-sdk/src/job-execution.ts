import { type ExecutionState, JobsRejectedError } from "./errors.ts";
import { isObject, type Json, type JsonObject, member, sameJson, text } from "./json.ts";

/** What a device may say of a job, as the reference's device SDK calls it (reference 12). */
export type JobStatus = "JobInProgress" | "JobSucceeded" | "JobFailed" | "JobRejected";

/** At most 10 pairs; keys of `a-zA-Z0-9:_-`, values of at most 1,024 characters (reference 4.6). */
export type JobStatusDetails = Readonly<Record<string, string>>;

/** A job that this device is to do now. */
export interface JobDocument {
  jobId: string;
  /** Grows with every attempt at the job. */
  executionNumber: number;
  /** Grows with every update. */
  versionNumber: number;
  document: JsonObject;
  /** What was last reported of this attempt: a device that was restarted finds here how far it had come. */
  statusDetails: JobStatusDetails;
}

/** What is to be told of one attempt at a job. */
export interface JobUpdate {
  jobId: string;
  executionNumber: number;
  status: string;
  statusDetails?: JobStatusDetails;
}

/** How far this device knows an attempt to be. */
export interface JobAttempt {
  jobId: string;
  executionNumber: number;
  versionNumber: number;
}

/** What is left when the handler stops. */
export interface JobRecord {
  jobs: JobDocument[];
  updates: JobUpdate[];
  /** The attempts that `updates` are of. */
  attempts: JobAttempt[];
}

const STATUSES: Readonly<Record<JobStatus, string>> = {
  JobInProgress: "IN_PROGRESS",
  JobSucceeded: "SUCCEEDED",
  JobFailed: "FAILED",
  JobRejected: "REJECTED",
};

const JOB_ID = /^[a-zA-Z0-9_-]{1,64}$/;

export const statusOf = (status: JobStatus): string => STATUSES[status];
export const isFinal = (status: string): boolean => status !== "IN_PROGRESS" && status !== "QUEUED";

/** The job in an `execution` of the platform; undefined when it has no document, or is none. */
export function parseExecution(value: Json | undefined): JobDocument | undefined {
  if (!isObject(value)) return undefined;
  const document = member(value, "jobDocument");
  const attempt = parseAttempt(value);
  if (!attempt || !isObject(document)) return undefined;
  return { ...attempt, document, statusDetails: detailsIn(member(value, "statusDetails")) };
}

/** The attempt that an `execution` of the platform is. */
export function parseAttempt(value: Json | undefined): JobAttempt | undefined {
  if (!isObject(value)) return undefined;
  const jobId = text(value, "jobId");
  const executionNumber = numberIn(value, "executionNumber");
  const versionNumber = numberIn(value, "versionNumber");
  if (!jobId || !JOB_ID.test(jobId) || executionNumber === undefined || versionNumber === undefined) return undefined;
  return { jobId, executionNumber, versionNumber };
}

/** The body of `…/rejected` as an error. */
export function rejectionOf(body: JsonObject): JobsRejectedError {
  const code = text(body, "code") ?? "InternalError";
  return new JobsRejectedError(code, text(body, "message") ?? code, stateIn(member(body, "executionState")));
}

export function stateIn(value: Json | undefined): ExecutionState | undefined {
  if (!isObject(value)) return undefined;
  const status = text(value, "status");
  const versionNumber = numberIn(value, "versionNumber");
  if (status === undefined || versionNumber === undefined) return undefined;
  return { status, versionNumber, statusDetails: detailsIn(member(value, "statusDetails")) };
}

/**
 * How many of `updates`, made one after the other from `versionNumber` on, have brought the execution where it is: an
 * answer that was lost leaves the device one or more behind.
 */
export function toldOf(updates: readonly JobUpdate[], versionNumber: number, state: ExecutionState): number {
  const told = state.versionNumber - versionNumber;
  const last = updates[told - 1];
  const same =
    last?.status === state.status &&
    (last.statusDetails === undefined || sameJson(last.statusDetails, state.statusDetails));
  return same ? told : 0;
}

/** What `stringifyRecord` made; undefined for anything else. */
export function parseRecord(content: string): JobRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const list = <T>(name: string, parse: (item: Json) => T | undefined): T[] => {
    const items = isObject(value) ? member(value, name) : undefined;
    return Array.isArray(items) ? items.flatMap((item) => parse(item) ?? []) : [];
  };
  return {
    jobs: list("jobs", parseExecution),
    updates: list("updates", parseUpdate),
    attempts: list("attempts", parseAttempt),
  };
}

export const stringifyRecord = ({ jobs, updates, attempts }: JobRecord): string =>
  JSON.stringify({ jobs: jobs.map(({ document, ...job }) => ({ ...job, jobDocument: document })), updates, attempts });

function parseUpdate(value: Json): JobUpdate | undefined {
  if (!isObject(value)) return undefined;
  const jobId = text(value, "jobId");
  const status = text(value, "status");
  const executionNumber = numberIn(value, "executionNumber");
  const details = member(value, "statusDetails");
  if (!jobId || !status || executionNumber === undefined) return undefined;
  return { jobId, executionNumber, status, ...(isObject(details) ? { statusDetails: detailsIn(details) } : {}) };
}

function detailsIn(value: Json | undefined): JobStatusDetails {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter(([, detail]) => typeof detail === "string"),
  ) as JobStatusDetails;
}

function numberIn(value: JsonObject, name: string): number | undefined {
  const number = member(value, name);
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}
