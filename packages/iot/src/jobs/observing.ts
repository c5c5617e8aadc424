import type { Write } from "@hearth/backplane";
import type { Planned } from "../storage/planned.ts";
import type { Execution } from "./execution.ts";
import type { Job } from "./job.ts";
import type { JobObserver } from "./job-observer.ts";

export interface ExecutionChange {
  job: Job;
  before?: Execution;
  after: Execution;
}

/** Asks all observers of a job for what belongs to the batch of a change. */
export function createObserving(observers: () => readonly JobObserver[]) {
  async function ask(job: Job, question: (observer: JobObserver) => Promise<readonly Write[]>): Promise<Planned> {
    const ofJob = observers().filter(({ owner }) => owner === "*" || owner === job.owner);
    const writes = await Promise.all(ofJob.map(question));
    return {
      writes: writes.flat(),
      committed() {
        for (const [index, observer] of ofJob.entries()) observer.committed(writes[index] ?? []);
      },
    };
  }
  return {
    executionsChanged: (job: Job, changes: readonly ExecutionChange[]) =>
      ask(job, (observer) => observer.executionsChanged(changes)),
    jobChanged: (job: Job) => ask(job, (observer) => observer.jobChanged(job)),
    jobRemoved: (job: Job) => ask(job, (observer) => observer.jobRemoved(job)),
  };
}

export type Observing = ReturnType<typeof createObserving>;
