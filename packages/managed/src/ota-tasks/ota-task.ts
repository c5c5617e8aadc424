import type { ManagedIntegrations } from "@hearth/contract";
import type { Place } from "../place.ts";

export type OtaStatus = "IN_PROGRESS" | "CANCELED" | "COMPLETED" | "DELETION_IN_PROGRESS" | "SCHEDULED";

/** An update over the air (reference 12). A job of IoT Core carries it out. */
export interface OtaTask extends Place {
  id: string;
  type: "ONE_TIME" | "CONTINUOUS";
  /** The job's. */
  status: OtaStatus;
  details: OtaTaskDetails;
  /** Milliseconds. */
  createdAt: number;
  updatedAt: number;
  revision: number;
}

/** Sealed at rest under the account's key. */
export interface OtaTaskDetails {
  s3Url: string;
  /** What the devices get: the object as it was when the task was created. */
  document: string;
  protocol: "HTTP";
  mechanism: "PUSH";
  description?: string;
  /** ARNs of managed things; one-time tasks have them. */
  target?: readonly string[];
  /** Continuous tasks have it. */
  query?: string;
  configurationId?: string;
  scheduling?: ManagedIntegrations.OtaTaskSchedulingConfig;
  retries?: ManagedIntegrations.OtaTaskExecutionRetryConfig;
  tags?: Readonly<Record<string, string>>;
}

export const otaTaskArn = ({ accountId, region }: Place, id: string): string =>
  `arn:aws:iotmanagedintegrations:${region}:${accountId}:ota-task/${id}`;

const JOB = "ota-";

/** The job that carries a task out. */
export const otaJobKey = ({ accountId, region }: Place, taskId: string) => ({
  accountId,
  region,
  jobId: `${JOB}${taskId}`,
});

export const taskOfJob = (jobId: string): string => jobId.slice(JOB.length);
