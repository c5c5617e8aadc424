import type { Executions, JobEngine, Jobs } from "@hearth/iot";

/** What carries OTA tasks out: jobs of IoT Core that its own operations do not show (reference 12). */
export interface OtaJobs {
  jobs: Jobs;
  engine: Pick<JobEngine, "begin" | "wake" | "remove" | "planEnter" | "planLeave">;
  executions: Pick<Executions, "ofJob">;
}

export interface ObjectName {
  bucket: string;
  key: string;
  versionId?: string;
}

/** Where the documents of OTA tasks come from. */
export interface OtaObjects {
  /** The object that an HTTPS or `s3://` address names; undefined when it is none of this store's. */
  locate(url: string): ObjectName | undefined;
  /**
   * Its bytes, read by the service itself on behalf of a task: the bucket's policy has to let it. Rejects with S3's
   * names of errors, and with EntityTooLarge beyond `limit` bytes.
   */
  read(object: ObjectName, task: { accountId: string; arn: string }, limit: number): Promise<Uint8Array>;
}
