import { type Database, onConflictAgain, type Timers } from "@hearth/backplane";
import { parseArn, randomHex } from "@hearth/base";
import {
  type ManagedIntegrations,
  type ManagedIntegrationsOperations,
  type OperationTable,
  type RequestContext,
  ServiceError,
} from "@hearth/contract";
import type { Job, NewJob } from "@hearth/iot";
import { conflict, invalid, notFound } from "../errors.ts";
import type { Idempotently } from "../idempotently.ts";
import { configurationNotFound } from "../ota-configurations/ota-configuration-operations.ts";
import type { OtaConfigurationStore } from "../ota-configurations/ota-configuration-store.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { Place } from "../place.ts";
import { checkTags } from "../tags/tag-rules.ts";
import type { TagConditions } from "../tags/taggable.ts";
import { thingNotFound } from "../things/thing-operations.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { inOwnWords } from "./in-own-words.ts";
import { readOtaDocument } from "./ota-document.ts";
import type { OtaFeed } from "./ota-feed.ts";
import type { OtaJobs, OtaObjects } from "./ota-jobs.ts";
import { parseOtaQuery } from "./ota-query.ts";
import { pushRules, retryRules, scheduleRules } from "./ota-rules.ts";
import { type OtaTask, otaJobKey, otaTaskArn } from "./ota-task.ts";
import type { OtaTaskStore } from "./ota-task-store.ts";

/** Things of a one-time task, at most (reference 12). */
const TARGETS = 100;
/** Continuous tasks of an account that are open at the same time: each change of a thing's MetaData asks all of them. */
const CONTINUOUS = 100;

const taskNotFound = (id: string) => notFound("OtaTask", id, "OTA task not found.");

export interface OtaTaskOperationsDeps {
  database: Database;
  timers: Pick<Timers, "wake">;
  otaTasks: OtaTaskStore;
  otaConfigurations: Pick<OtaConfigurationStore, "get">;
  otaFeed: Pick<OtaFeed, "begin">;
  otaJobs: OtaJobs;
  otaObjects: OtaObjects;
  things: Pick<ThingStore, "existing">;
  idempotently: Idempotently;
  tagConditions: TagConditions;
}

/** Updates over the air (reference 12): tasks, and how far each device is with them. */
export function otaTaskOperations(deps: OtaTaskOperationsDeps) {
  const { database, timers, otaTasks, otaConfigurations, otaFeed, otaObjects, things, idempotently } = deps;
  const { jobs, engine, executions } = deps.otaJobs;
  const resources = (input: { Identifier: string }, request: RequestContext) => [otaTaskArn(request, input.Identifier)];
  const conditions = deps.tagConditions.resource("ota-task", (input: { Identifier: string }) => input.Identifier);

  const existing = async (place: Place, id: string): Promise<OtaTask> => {
    const task = await otaTasks.get(place, id);
    if (!task) throw taskNotFound(id);
    return task;
  };

  /** The rules that the named configuration stands for; without one there are none. */
  async function configured(place: Place, id: string | undefined) {
    if (id === undefined) return pushRules(undefined);
    const configuration = await otaConfigurations.get(place, id);
    if (!configuration) throw configurationNotFound(id);
    return pushRules(configuration.details.pushConfig);
  }

  /** Ids of the things that a one-time task names, each once. */
  async function targetsOf(place: Place, target: readonly string[]): Promise<string[]> {
    if (target.length === 0) throw invalid("Target: at least one managed thing.");
    if (target.length > TARGETS) throw invalid(`Target: at most ${TARGETS} managed things, not ${target.length}.`);
    const ids = target.map((text) => {
      const arn = parseArn(text);
      const [, id] = /^managed-thing\/([0-9a-zA-Z]{1,64})$/.exec(arn?.resource ?? "") ?? [];
      const isHere =
        arn?.service === "iotmanagedintegrations" && arn.accountId === place.accountId && arn.region === place.region;
      if (!isHere || id === undefined) {
        throw invalid(`Target: ${text.slice(0, 200)} is no ARN of a managed thing of this account and region.`);
      }
      return id;
    });
    const there = await things.existing(place, ids);
    const missing = ids.find((id) => !there.has(id));
    if (missing !== undefined) throw thingNotFound(missing);
    return [...new Set(ids)];
  }

  /** One of the two says which things get the update, as the type has it (reading U43). */
  async function chosen(input: ManagedIntegrations.CreateOtaTaskRequest, place: Place): Promise<string[]> {
    const { OtaType, Target, OtaTargetQueryString: query } = input;
    if (OtaType === "ONE_TIME") {
      if (query !== undefined) throw invalid("OtaTargetQueryString: a ONE_TIME task has Target instead.");
      return targetsOf(place, Target ?? []);
    }
    if (Target !== undefined) throw invalid("Target: a CONTINUOUS task has OtaTargetQueryString instead.");
    if (query === undefined) throw invalid("OtaTargetQueryString: a CONTINUOUS task needs it.");
    parseOtaQuery(query);
    if ((await otaTasks.countOpen(place)) >= CONTINUOUS) {
      throw conflict(`The account has ${CONTINUOUS} continuous OTA tasks. Delete one first.`);
    }
    return [];
  }

  const shown = ({ details, ...task }: OtaTask) => ({
    TaskId: task.id,
    TaskArn: otaTaskArn(task, task.id),
    CreatedAt: task.createdAt / 1000,
    LastUpdatedAt: task.updatedAt / 1000,
    TaskConfigurationId: details.configurationId,
    Status: task.status,
  });

  return {
    CreateOtaTask: {
      resources: (_input, request) => [otaTaskArn(request, "*")],
      conditions: (input) => deps.tagConditions.request(input.Tags),
      handle: (input, request) =>
        idempotently("CreateOtaTask", input, request, async (remember) => {
          checkTags(input.Tags, "ValidationException");
          const { now } = request;
          const place = { accountId: request.accountId, region: request.region };
          const id = randomHex(16);
          const thingIds = await chosen(input, place);
          const { startAt, endAt, endBehavior, windows } = scheduleRules(input.OtaSchedulingConfig, now);
          const rules = {
            ...(await configured(place, input.TaskConfigurationId)),
            ...retryRules(input.OtaTaskExecutionRetryConfig),
            ...(endBehavior && { endBehavior }),
            ...(windows && { windows }),
          };
          const document = await readOtaDocument(otaObjects, input.S3Url, place, otaTaskArn(place, id));
          const status = startAt !== undefined || windows !== undefined ? "SCHEDULED" : "IN_PROGRESS";
          const task: OtaTask = {
            ...place,
            id,
            type: input.OtaType,
            status,
            details: {
              s3Url: input.S3Url,
              document,
              protocol: input.Protocol ?? "HTTP",
              mechanism: input.OtaMechanism ?? "PUSH",
              description: input.Description,
              target: input.Target,
              query: input.OtaTargetQueryString,
              configurationId: input.TaskConfigurationId,
              scheduling: input.OtaSchedulingConfig,
              retries: input.OtaTaskExecutionRetryConfig,
              tags: input.Tags,
            },
            createdAt: now,
            updatedAt: now,
            revision: 1,
          };
          const job: NewJob = {
            ...otaJobKey(place, id),
            owner: "managed",
            status,
            targetSelection: input.OtaType === "ONE_TIME" ? "SNAPSHOT" : "CONTINUOUS",
            rules,
            // The task has it, under the account's own key.
            document: "",
            targets: thingIds.map((thing) => `arn:aws:iot:${place.region}:${place.accountId}:thing/${thing}`),
            tags: {},
            forceCanceled: false,
            createdAt: now,
            ...(startAt !== undefined && { startAt }),
            ...(endAt !== undefined && { endAt }),
            windowOpen: windows === undefined,
          };
          const answer = { TaskId: id, TaskArn: otaTaskArn(place, id), Description: input.Description };
          await database.commit([
            await otaTasks.insert(task),
            ...jobs.planCreate(job),
            ...engine.begin(job),
            ...(task.type === "CONTINUOUS" ? otaFeed.begin(task) : []),
            ...remember(answer),
          ]);
          timers.wake(now);
          return answer;
        }),
    },

    GetOtaTask: {
      resources,
      conditions,
      async handle(input, request) {
        const task = await existing(request, input.Identifier);
        const { details } = task;
        const job = await jobs.get(otaJobKey(task, task.id));
        return {
          ...shown(task),
          Description: details.description,
          S3Url: details.s3Url,
          Protocol: details.protocol,
          OtaType: task.type,
          OtaTargetQueryString: details.query,
          OtaMechanism: details.mechanism,
          Target: details.target,
          TaskProcessingDetails: job && processingDetails(job, details.target),
          OtaSchedulingConfig: details.scheduling,
          OtaTaskExecutionRetryConfig: details.retries,
          Tags: details.tags,
        };
      },
    },

    ListOtaTasks: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const rows = await otaTasks.list(request, afterToken(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => row.id);
        return { Tasks: items.map(shown), NextToken: nextToken };
      },
    },

    UpdateOtaTask: {
      resources,
      conditions,
      async handle(input, request) {
        const { Description, TaskConfigurationId } = input;
        await onConflictAgain(async () => {
          const task = await existing(request, input.Identifier);
          const key = otaJobKey(task, task.id);
          const details = {
            ...task.details,
            description: Description ?? task.details.description,
            configurationId: TaskConfigurationId ?? task.details.configurationId,
          };
          const update = await otaTasks.update(task, details, request.now);
          if (TaskConfigurationId === undefined) {
            await database.commit([update]);
            return;
          }
          const { rollout, ...others } = await configured(request, TaskConfigurationId);
          const job = await jobs.get(key);
          if (job === undefined) throw taskNotFound(task.id);
          if (job.status !== "IN_PROGRESS" && job.status !== "SCHEDULED") {
            throw invalid(`TaskConfigurationId: the task is ${job.status}.`);
          }
          const { abort: _, inProgressTimeoutInMinutes: __, ...kept } = job.rules;
          await database.commit([
            update,
            jobs.planWrite(job, {
              rules: { ...kept, ...others, rollout },
              // A new rate begins anew from now.
              rollout: { step: 0, anchor: Math.max(request.now, job.startAt ?? 0), done: 0 },
              updatedAt: request.now,
            }),
          ]);
          engine.wake(key);
        });
        return {};
      },
    },

    DeleteOtaTask: {
      resources,
      conditions,
      async handle(input, request) {
        const task = await existing(request, input.Identifier);
        if (task.status === "DELETION_IN_PROGRESS") return {};
        try {
          await engine.remove(otaJobKey(task, task.id), true);
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
          if (error.name === "ResourceNotFoundException") throw taskNotFound(task.id);
          // Somebody else deletes it meanwhile.
          if (error.name === "InvalidStateTransitionException") return {};
          throw error;
        }
        return {};
      },
    },

    ListOtaTaskExecutions: {
      resources,
      conditions,
      async handle(input, request) {
        const task = await existing(request, input.Identifier);
        const { NextToken, MaxResults = DEFAULT_PAGE } = input;
        const page = await inOwnWords("NextToken", () =>
          executions.ofJob(otaJobKey(task, task.id), NextToken, MaxResults),
        );
        return {
          ExecutionSummaries: page.rows.map((execution) => ({
            ManagedThingId: execution.thingName,
            TaskExecutionSummary: {
              ExecutionNumber: execution.executionNumber,
              QueuedAt: execution.queuedAt / 1000,
              StartedAt: execution.startedAt === undefined ? undefined : execution.startedAt / 1000,
              LastUpdatedAt: execution.updatedAt / 1000,
              RetryAttempt: execution.retryAttempt,
              Status: execution.status as ManagedIntegrations.OtaTaskExecutionStatus,
            },
          })),
          NextToken: page.nextToken,
        };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}

/** The member names are spelled as the model has them. */
const processingDetails = ({ counts, phase }: Job, target: readonly string[] = []) => ({
  NumberOfCanceledThings: counts.canceled,
  NumberOfFailedThings: counts.failed,
  NumberOfInProgressThings: counts.inProgress,
  numberOfQueuedThings: counts.queued,
  numberOfRejectedThings: counts.rejected,
  numberOfRemovedThings: counts.removed,
  numberOfSucceededThings: counts.succeeded,
  numberOfTimedOutThings: counts.timedOut,
  processingTargets: phase === "EXPANDING" ? target : [],
});
