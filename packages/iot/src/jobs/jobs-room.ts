import type { Database, Sealer, Timers } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type { IotJobsDataOperations, IotOperations, OperationTable, RequestContext } from "@hearth/contract";
import type { RegistryEvents } from "../events/event-configurations.ts";
import type { ReservedTopic } from "../messaging/message.ts";
import type { Router } from "../messaging/router.ts";
import type { Groups } from "../registry/groups/groups.ts";
import type { ThingGroups } from "../registry/groups/membership-observer.ts";
import type { Taggable } from "../tags/taggable.ts";
import { createDeviceJobs } from "./device-jobs.ts";
import { createJobEngine, type JobEngine } from "./engine.ts";
import { createExecutions, type Executions } from "./executions.ts";
import { createJobCreation } from "./job-creation.ts";
import { createJobDocuments } from "./job-documents.ts";
import { createJobEvents } from "./job-events.ts";
import type { JobObjects } from "./job-objects.ts";
import type { JobObserver } from "./job-observer.ts";
import { createJobOperations } from "./job-operations.ts";
import { createJobs } from "./job-store.ts";
import type { Jobs } from "./jobs.ts";
import { createJobsDataOperations } from "./jobs-data-operations.ts";
import { createJobsTopics } from "./jobs-topics.ts";
import { createNotices, type Notices } from "./notices.ts";
import { createObserving } from "./observing.ts";
import { createJobTemplates } from "./templates/job-templates.ts";
import { createTemplateOperations } from "./templates/template-operations.ts";

export interface JobsRoomDeps {
  database: Database;
  sealer: Sealer;
  timers: Timers;
  clock: Clock;
  log: Logger;
  router: Pick<Router, "sendTogether">;
  objects: JobObjects;
  groups: ThingGroups & Pick<Groups, "get" | "byId">;
  registryEvents: RegistryEvents;
  profile: "standard" | "aws";
  observers: () => readonly JobObserver[];
}

export interface JobsRoom {
  operations: OperationTable<IotOperations>;
  taggables: readonly Taggable[];
  dataOperations: OperationTable<IotJobsDataOperations>;
  reservedTopics: ReservedTopic[];
  jobs: Jobs;
  engine: JobEngine;
  executions: Executions;
  notices: Notices;
  /** Throws ResourceNotFoundException for the first that is none. */
  checkTargets(request: RequestContext, targets: readonly string[]): Promise<void>;
}

/** Jobs (reference 4): their records, what rolls them out, and the devices' side, wired to each other. */
export function createJobsRoom(deps: JobsRoomDeps): JobsRoom {
  const jobs = createJobs(deps);
  const documents = createJobDocuments(deps);
  const observing = createObserving(deps.observers);
  const events = createJobEvents({ ...deps, events: deps.registryEvents });
  const notices = createNotices({ ...deps, jobs, documents });
  const executions = createExecutions({ ...deps, jobs, notices, events, observing });
  const engine = createJobEngine({ ...deps, jobs, executions, notices, events, observing });
  const templates = createJobTemplates({ ...deps, jobs, documents });
  const creation = createJobCreation({ ...deps, jobs, engine, documents, templates });
  const devices = createDeviceJobs({ ...deps, jobs, executions, documents });

  return {
    operations: {
      ...createJobOperations({ ...deps, jobs, engine, executions, creation }),
      ...createTemplateOperations({ templates }),
    },
    taggables: [taggableJobs(jobs), templates.taggable],
    dataOperations: createJobsDataOperations({ devices }),
    reservedTopics: createJobsTopics({ ...deps, devices }),
    jobs,
    engine,
    executions,
    notices,
    checkTargets: creation.checkTargets,
  };
}

/** Jobs of OTA tasks carry their task's tags, not their own. */
const taggableJobs = (jobs: Pick<Jobs, "get" | "planWrite">): Taggable => ({
  type: "job",
  async find({ accountId, region }, jobId) {
    const job = await jobs.get({ accountId, region, jobId });
    return job?.owner === "" ? { tags: job.tags, replace: (tags) => jobs.planWrite(job, { tags }) } : undefined;
  },
});
