// Written by `npm run generate`. Do not edit.

export interface CertificateValidationException {
  message?: string;
}

export interface CommandParameterValue {
  S?: string;
  B?: boolean;
  I?: number;
  L?: number;
  D?: number;
  BIN?: Uint8Array;
  UL?: string;
}

export interface ConflictException {
  message?: string;
  resourceId?: string;
}

export interface DescribeJobExecutionRequest {
  jobId: string;
  thingName: string;
  includeJobDocument?: boolean;
  executionNumber?: number;
}

export interface DescribeJobExecutionResponse {
  execution?: JobExecution;
}

export interface GetPendingJobExecutionsRequest {
  thingName: string;
}

export interface GetPendingJobExecutionsResponse {
  inProgressJobs?: readonly JobExecutionSummary[];
  queuedJobs?: readonly JobExecutionSummary[];
}

export interface InternalServerException {
  message?: string;
}

export interface InvalidRequestException {
  message?: string;
}

export interface InvalidStateTransitionException {
  message?: string;
}

export interface IoTJobsDataPlaneServiceException {}

export interface JobExecution {
  jobId?: string;
  thingName?: string;
  status?: JobExecutionStatus;
  statusDetails?: { readonly [key: string]: string };
  queuedAt?: number;
  startedAt?: number;
  lastUpdatedAt?: number;
  approximateSecondsBeforeTimedOut?: number;
  versionNumber?: number;
  executionNumber?: number;
  jobDocument?: string;
}

export interface JobExecutionState {
  status?: JobExecutionStatus;
  statusDetails?: { readonly [key: string]: string };
  versionNumber?: number;
}

export type JobExecutionStatus =
  | "QUEUED"
  | "IN_PROGRESS"
  | "SUCCEEDED"
  | "FAILED"
  | "TIMED_OUT"
  | "REJECTED"
  | "REMOVED"
  | "CANCELED";

export interface JobExecutionSummary {
  jobId?: string;
  queuedAt?: number;
  startedAt?: number;
  lastUpdatedAt?: number;
  versionNumber?: number;
  executionNumber?: number;
}

export interface ResourceNotFoundException {
  message?: string;
}

export interface ServiceQuotaExceededException {
  message?: string;
}

export interface ServiceUnavailableException {
  message?: string;
}

export interface StartCommandExecutionRequest {
  targetArn: string;
  commandArn: string;
  parameters?: { readonly [key: string]: CommandParameterValue };
  executionTimeoutSeconds?: number;
  clientToken?: string;
}

export interface StartCommandExecutionResponse {
  executionId?: string;
}

export interface StartNextPendingJobExecutionRequest {
  thingName: string;
  statusDetails?: { readonly [key: string]: string };
  stepTimeoutInMinutes?: number;
}

export interface StartNextPendingJobExecutionResponse {
  execution?: JobExecution;
}

export interface TerminalStateException {
  message?: string;
}

export interface ThrottlingException {
  message?: string;
  payload?: Uint8Array;
}

export interface UpdateJobExecutionRequest {
  jobId: string;
  thingName: string;
  status: JobExecutionStatus;
  statusDetails?: { readonly [key: string]: string };
  stepTimeoutInMinutes?: number;
  expectedVersion?: number;
  includeJobExecutionState?: boolean;
  includeJobDocument?: boolean;
  executionNumber?: number;
}

export interface UpdateJobExecutionResponse {
  executionState?: JobExecutionState;
  jobDocument?: string;
}

export interface ValidationException {
  message?: string;
}

export interface IotJobsDataOperations {
  DescribeJobExecution: { input: DescribeJobExecutionRequest; output: DescribeJobExecutionResponse };
  GetPendingJobExecutions: { input: GetPendingJobExecutionsRequest; output: GetPendingJobExecutionsResponse };
  StartCommandExecution: { input: StartCommandExecutionRequest; output: StartCommandExecutionResponse };
  StartNextPendingJobExecution: { input: StartNextPendingJobExecutionRequest; output: StartNextPendingJobExecutionResponse };
  UpdateJobExecution: { input: UpdateJobExecutionRequest; output: UpdateJobExecutionResponse };
}
