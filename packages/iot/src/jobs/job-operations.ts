import type { Database } from "@hearth/backplane";
import { type Iot, type IotOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import type { Groups } from "../registry/groups/groups.ts";
import { thingArn } from "../registry/thing.ts";
import { checkThing } from "../registry/thing-store.ts";
import { decodeTimeToken, decodeToken } from "../storage/page.ts";
import { type Place, placed } from "../storage/place.ts";
import { withParameters } from "./document.ts";
import type { JobEngine } from "./engine.ts";
import { type ExecutionStoreDeps, listOfJob, listOfThing, readExecution } from "./execution-store.ts";
import type { Executions } from "./executions.ts";
import type { Job } from "./job.ts";
import { jobArn } from "./job-arn.ts";
import { checkQuotas, rulesOf } from "./job-checks.ts";
import type { createJobCreation } from "./job-creation.ts";
import { listJobs } from "./job-list.ts";
import type { JobObjects } from "./job-objects.ts";
import { executionSummary, executionView, jobSummary, jobView } from "./job-views.ts";
import type { Jobs } from "./jobs.ts";

export interface JobOperationsDeps extends ExecutionStoreDeps {
  database: Database;
  jobs: Jobs;
  engine: JobEngine;
  executions: Pick<Executions, "change" | "remove">;
  creation: ReturnType<typeof createJobCreation>;
  objects: Pick<JobObjects, "checkRole">;
  profile: "standard" | "aws";
  groups: Pick<Groups, "get" | "byId">;
}

const PAGE = 25;

const onJob = ({ jobId }: { jobId: string }, request: RequestContext): string[] => [jobArn(request, jobId)];
const onExecution = (input: { jobId: string; thingName: string }, request: RequestContext): string[] => [
  jobArn(request, input.jobId),
  thingArn(request, input.thingName),
];

const notFound = (what: string): ServiceError => new ServiceError("ResourceNotFoundException", `${what} not found`);

/** The job operations of `iot` (reference 4). Jobs of OTA tasks are not theirs to see. */
export function createJobOperations(deps: JobOperationsDeps) {
  const { database, jobs, engine, executions, creation, objects, profile } = deps;

  async function jobOf(at: Place, jobId: string): Promise<Job> {
    const job = await jobs.get({ accountId: at.accountId, region: at.region, jobId });
    if (job?.owner !== "") throw notFound(`Job ${jobId}`);
    return job;
  }

  async function groupNamed(
    at: Place,
    { thingGroupName, thingGroupId }: Iot.ListJobsRequest,
  ): Promise<string | undefined> {
    if (thingGroupName !== undefined) return (await deps.groups.get(at, thingGroupName)).groupName;
    if (thingGroupId === undefined) return undefined;
    const group = await deps.groups.byId(at, thingGroupId);
    if (group === undefined) throw notFound(`Thing group ${thingGroupId}`);
    return group.groupName;
  }

  const named = (job: Pick<Job, "accountId" | "region" | "jobId" | "description">) => ({
    jobArn: jobArn(job, job.jobId),
    jobId: job.jobId,
    description: job.description,
  });

  async function executionOf(request: RequestContext, input: { jobId: string; thingName: string }, number?: number) {
    await jobOf(request, input.jobId);
    const key = { ...request, jobId: input.jobId, thingName: input.thingName };
    const found = await readExecution(deps, key, number);
    if (!found) throw notFound(`Execution of job ${input.jobId} for thing ${input.thingName}`);
    return found;
  }

  return {
    CreateJob: {
      resources: (input, request) => [
        jobArn(request, input.jobId),
        ...input.targets,
        ...(input.jobTemplateArn === undefined ? [] : [input.jobTemplateArn]),
      ],
      handle: async (input, request) => named(await creation.create(request, input)),
    },

    DescribeJob: {
      resources: onJob,
      handle: async (input, request) => {
        const job = await jobOf(request, input.jobId);
        return { documentSource: job.documentSource, job: jobView(job, request.now) };
      },
    },

    ListJobs: {
      handle: async (input, request) => {
        const after = decodeTimeToken(input.nextToken);
        const { status, targetSelection, namespaceId } = input;
        const groupName = await groupNamed(request, input);
        const filter = { status, targetSelection, namespaceId, groupName };
        const page = await listJobs(deps, request, filter, after, input.maxResults ?? PAGE);
        return { jobs: page.rows.map(jobSummary), nextToken: page.nextToken };
      },
    },

    UpdateJob: {
      resources: onJob,
      handle: async (input, request) => {
        const { jobId, description, jobExecutionsRolloutConfig } = input;
        refuseNamespace(input.namespaceId, await jobOf(request, jobId));
        const { rollout, ...others } = rulesOf(input);
        const rules = { ...others, ...(jobExecutionsRolloutConfig ? { rollout } : {}) };
        checkQuotas(rules, profile);
        if (rules.presign) await objects.checkRole(request, rules.presign.roleArn);
        await engine.update({ ...placed(request), jobId }, { rules, description });
        return {};
      },
    },

    CancelJob: {
      resources: onJob,
      handle: async (input, request) => {
        const { jobId, force = false, reasonCode, comment } = input;
        await jobOf(request, jobId);
        return named(await engine.cancel({ ...placed(request), jobId }, { force, reasonCode, comment }));
      },
    },

    DeleteJob: {
      resources: onJob,
      handle: async (input, request) => {
        refuseNamespace(input.namespaceId, await jobOf(request, input.jobId));
        await engine.remove({ ...placed(request), jobId: input.jobId }, input.force ?? false);
        return {};
      },
    },

    AssociateTargetsWithJob: {
      resources: (input, request) => [jobArn(request, input.jobId), ...input.targets],
      handle: async (input, request) => {
        const job = await jobOf(request, input.jobId);
        refuseNamespace(input.namespaceId, job);
        await creation.checkTargets(request, input.targets);
        return named(await engine.associate(job, input.targets, input.comment));
      },
    },

    GetJobDocument: {
      resources: onJob,
      handle: async (input, request) => {
        const { document, rules } = await jobOf(request, input.jobId);
        if (input.beforeSubstitution) return { document };
        return { document: withParameters(document, rules.documentParameters ?? {}) };
      },
    },

    ListJobExecutionsForJob: {
      resources: onJob,
      handle: async (input, request) => {
        const job = await jobOf(request, input.jobId);
        const after = decodeToken(input.nextToken, 2) as [string, string] | undefined;
        const page = await listOfJob(deps, job, input, after, input.maxResults ?? PAGE);
        return {
          executionSummaries: page.rows.map((execution) => ({
            thingArn: thingArn(request, execution.thingName),
            jobExecutionSummary: executionSummary(execution),
          })),
          nextToken: page.nextToken,
        };
      },
    },

    ListJobExecutionsForThing: {
      resources: (input, request) => [thingArn(request, input.thingName)],
      handle: async (input, request) => {
        const after = decodeToken(input.nextToken, 3) as [string, string, string] | undefined;
        const { thingName, status, jobId, namespaceId } = input;
        const filter = { status, jobId, namespaceId, owner: "" };
        const page = await listOfThing(deps, request, thingName, filter, after, input.maxResults ?? PAGE);
        if (page.rows.length === 0) await checkThing(database, request, thingName);
        return {
          executionSummaries: page.rows.map((execution) => ({
            jobId: execution.jobId,
            jobExecutionSummary: executionSummary(execution),
          })),
          nextToken: page.nextToken,
        };
      },
    },

    DescribeJobExecution: {
      resources: (input, request) => [thingArn(request, input.thingName)],
      handle: async (input, request) => ({
        execution: executionView(await executionOf(request, input, input.executionNumber), request.now),
      }),
    },

    CancelJobExecution: {
      resources: onExecution,
      handle: async (input, request) => {
        await executionOf(request, input);
        const { force = false, statusDetails, expectedVersion } = input;
        await executions.change({ ...placed(request), jobId: input.jobId, thingName: input.thingName }, () => ({
          type: "cancel",
          force,
          statusDetails,
          expectedVersion,
        }));
        return {};
      },
    },

    DeleteJobExecution: {
      resources: onExecution,
      handle: async (input, request) => {
        const { jobId, thingName, executionNumber, namespaceId, force = false } = input;
        refuseNamespace(namespaceId, await jobOf(request, jobId));
        await executions.remove({ ...placed(request), jobId, thingName }, executionNumber, force);
        return {};
      },
    },
  } satisfies OperationTable<IotOperations>;
}

function refuseNamespace(namespaceId: string | undefined, job: Job): void {
  if (namespaceId !== undefined && namespaceId !== job.namespaceId)
    throw notFound(`Job ${job.jobId} of ${namespaceId}`);
}
