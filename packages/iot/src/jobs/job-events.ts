import type { EventKey, RegistryEvents } from "../events/event-configurations.ts";
import { thingArn } from "../registry/thing.ts";
import { type Execution, isTerminal } from "./execution.ts";
import type { Job } from "./job.ts";
import { jobView } from "./job-views.ts";

export type JobEventName = "completed" | "canceled" | "deleted" | "cancellation_in_progress" | "deletion_in_progress";

/** `$aws/events/job/…` and `$aws/events/jobExecution/…` (reference 2, 10.2), for accounts that have switched them on. */
export interface JobEvents {
  executionsChanged(changes: readonly { job: Job; after: Execution }[]): void;
  executionDeleted(job: Job, execution: Execution): void;
  jobChanged(job: Job, name: JobEventName): void;
}

export function createJobEvents({ events, clock }: { events: RegistryEvents; clock: { now(): number } }): JobEvents {
  const publish = (job: Job, key: EventKey, topic: string, body: Readonly<Record<string, unknown>>) =>
    events.publish(job, key, `$aws/events/${topic}`, body);

  const told = (job: Job, execution: Execution, name: string) =>
    publish(job, "JOB_EXECUTION", `jobExecution/${job.jobId}/${name}`, {
      eventType: "JOB_EXECUTION",
      operation: name,
      jobId: job.jobId,
      thingArn: thingArn(job, execution.thingName),
      status: execution.status,
      statusDetails: execution.statusDetails ?? {},
    });

  return {
    executionsChanged(changes) {
      for (const { job, after } of changes) {
        if (job.owner === "" && isTerminal(after.status)) told(job, after, after.status.toLowerCase());
      }
    },

    executionDeleted: (job, execution) => told(job, execution, "deleted"),

    jobChanged(job, name) {
      if (job.owner !== "") return;
      const view = jobView(job, clock.now());
      publish(job, "JOB", `job/${job.jobId}/${name}`, {
        eventType: "JOB",
        operation: name,
        jobId: job.jobId,
        status: job.status,
        targetSelection: job.targetSelection,
        targets: job.targets,
        description: job.description,
        comment: job.comment,
        createdAt: Math.floor(job.createdAt / 1_000),
        lastUpdatedAt: Math.floor(job.updatedAt / 1_000),
        ...(job.completedAt === undefined ? {} : { completedAt: Math.floor(job.completedAt / 1_000) }),
        jobProcessDetails: view.jobProcessDetails,
      });
    },
  };
}
