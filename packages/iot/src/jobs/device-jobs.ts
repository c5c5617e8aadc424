import type { Database } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { IotJobsData } from "@hearth/contract";
import { checkThing } from "../registry/thing-store.ts";
import type { Place } from "../storage/place.ts";
import { createTurns } from "../storage/turns.ts";
import { executionOf, LISTED, stateOf, summaryOf } from "./device-messages.ts";
import { type Execution, type ExecutionEvent, type ExecutionStatus, isTerminal } from "./execution.ts";
import type { Executions } from "./executions.ts";
import type { Job } from "./job.ts";
import type { JobDocuments } from "./job-documents.ts";
import type { Jobs } from "./jobs.ts";

/** What devices ask of jobs (reference 4.2), the same by MQTT and by HTTPS. Rejects with ServiceError. */
export interface DeviceJobs {
  pending(at: Place, thingName: string): Promise<Required<IotJobsData.GetPendingJobExecutionsResponse>>;
  startNext(
    at: Place,
    thingName: string,
    how: { statusDetails?: Readonly<Record<string, string>>; stepTimeoutInMinutes?: number },
  ): Promise<IotJobsData.JobExecution | undefined>;
  /** `jobId`: or `$next`, which is undefined when nothing is pending. Otherwise undefined: there is no such execution. */
  describe(
    at: Place,
    thingName: string,
    jobId: string,
    how: { executionNumber?: number; document: boolean },
  ): Promise<{ execution: Execution; view: IotJobsData.JobExecution } | undefined>;
  update(
    at: Place,
    thingName: string,
    jobId: string,
    change: {
      status: ExecutionStatus;
      statusDetails?: Readonly<Record<string, string>>;
      expectedVersion?: number;
      executionNumber?: number;
      stepTimeoutInMinutes?: number;
    },
    asked: { state: boolean; document: boolean },
  ): Promise<IotJobsData.UpdateJobExecutionResponse>;
}

export interface DeviceJobsDeps {
  database: Pick<Database, "query">;
  clock: Clock;
  jobs: Pick<Jobs, "get">;
  executions: Executions;
  documents: Pick<JobDocuments, "render">;
}

export const NEXT = "$next";

export function createDeviceJobs({ database, clock, jobs, executions, documents }: DeviceJobsDeps): DeviceJobs {
  /**
   * What a thing asks to have changed, in the order of its asking: what it sends without waiting for answers is not to
   * overtake itself, and a flood of its updates defeats nobody else's.
   */
  const inTurn = createTurns();
  const turnOf = ({ accountId, region }: Place, thingName: string) => `${accountId}/${region}/${thingName}`;

  const keyOf = ({ accountId, region }: Place, thingName: string, jobId: string) => ({
    accountId,
    region,
    jobId,
    thingName,
  });

  async function view(execution: Execution, job: Job | undefined, document: boolean) {
    const text = document && job !== undefined ? await documents.render(job) : undefined;
    return executionOf(execution, text, clock.now());
  }

  return {
    async pending(at, thingName) {
      const found = await executions.pending(at, thingName, 2 * LISTED);
      if (found.length === 0) await checkThing(database, at, thingName);
      const of = (status: string) =>
        found
          .filter((execution) => execution.status === status)
          .slice(0, LISTED)
          .map(summaryOf);
      return { inProgressJobs: of("IN_PROGRESS"), queuedJobs: of("QUEUED") };
    },

    startNext: (at, thingName, how) =>
      inTurn(turnOf(at, thingName), async () => {
        // What is taken away between the look and the start is looked for again.
        for (let attempt = 0; attempt < 10; attempt++) {
          const [next] = await executions.pending(at, thingName, 1);
          if (next === undefined) {
            await checkThing(database, at, thingName);
            return undefined;
          }
          const { execution, job } = await executions.change(
            next,
            ({ status }): ExecutionEvent | undefined => (status === "QUEUED" ? { type: "start", ...how } : undefined),
            next.executionNumber,
          );
          if (!isTerminal(execution.status)) return view(execution, job, true);
        }
        return undefined;
      }),

    async describe(at, thingName, jobId, { executionNumber, document }) {
      const [execution] =
        jobId === NEXT
          ? await executions.pending(at, thingName, 1)
          : [await executions.get(keyOf(at, thingName, jobId), executionNumber)];
      if (execution === undefined) return undefined;
      const job = await jobs.get(execution);
      if (job === undefined || job.phase === "DELETING") return undefined;
      return { execution, view: await view(execution, job, document && !isTerminal(execution.status)) };
    },

    update: (at, thingName, jobId, change, asked) =>
      inTurn(turnOf(at, thingName), async () => {
        const { execution, job } = await executions.change(
          keyOf(at, thingName, jobId),
          () => ({ type: "update", ...change }),
          change.executionNumber,
        );
        return {
          ...(asked.state ? { executionState: stateOf(execution) } : {}),
          ...(asked.document ? { jobDocument: await documents.render(job) } : {}),
        };
      }),
  };
}
