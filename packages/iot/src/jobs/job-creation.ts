import { type Database, UniqueViolation, type Write } from "@hearth/backplane";
import { type Iot, type RequestContext, ServiceError } from "@hearth/contract";
import type { ThingGroups } from "../registry/groups/membership-observer.ts";
import { existingThings } from "../registry/thing-store.ts";
import { tagsOf } from "../tags/tags.ts";
import type { JobEngine } from "./engine.ts";
import type { JobRules } from "./job.ts";
import {
  AWS_RATE,
  checkQuotas,
  invalid,
  membersOf,
  type RuleMembers,
  rulesOf,
  scheduleOf,
  targetsOf,
} from "./job-checks.ts";
import type { JobDocuments } from "./job-documents.ts";
import type { JobObjects } from "./job-objects.ts";
import type { Jobs, NewJob } from "./jobs.ts";
import type { JobTemplates } from "./templates/job-templates.ts";

export interface JobCreationDeps {
  database: Database;
  jobs: Jobs;
  engine: Pick<JobEngine, "begin" | "wake">;
  documents: JobDocuments;
  templates: Pick<JobTemplates, "byArn">;
  groups: Pick<ThingGroups, "existing">;
  objects: Pick<JobObjects, "checkRole">;
  profile: "standard" | "aws";
}

/** AWS's quotas, which the profile `aws` keeps. */
const CONCURRENT_JOBS = 500;
const MINUTES_AHEAD = 30;

export function createJobCreation(deps: JobCreationDeps) {
  const { database, jobs, engine, documents, templates, groups, objects, profile } = deps;

  /** Throws ResourceNotFoundException for the first target that is none. */
  async function checkTargets(request: RequestContext, targets: readonly string[]): Promise<void> {
    const { things, groups: names } = targetsOf(request, targets);
    const [presentThings, presentGroups] = await Promise.all([
      existingThings(database, request, things),
      groups.existing(request, names),
    ]);
    const thing = things.find((name) => !presentThings.has(name));
    if (thing !== undefined) throw new ServiceError("ResourceNotFoundException", `Thing ${thing} not found`);
    const group = names.find((name) => !presentGroups.has(name));
    if (group !== undefined) throw new ServiceError("ResourceNotFoundException", `Thing group ${group} not found`);
  }

  async function checkConcurrent(request: RequestContext): Promise<void> {
    if (profile !== "aws") return;
    const [row] = await database.query<{ count: number }>(
      `SELECT COUNT(*) AS count FROM iot_job WHERE account_id = ? AND region = ?
         AND (status = 'IN_PROGRESS' AND phase <> 'ROLLED' OR status = 'CANCELED' AND phase = 'CANCELING')`,
      [request.accountId, request.region],
    );
    if (Number(row?.count ?? 0) >= CONCURRENT_JOBS) {
      throw new ServiceError("LimitExceededException", `${CONCURRENT_JOBS} jobs are concurrent already`);
    }
  }

  /** The document and where it came from: given in one of three ways. */
  async function documentOf(
    request: RequestContext,
    input: Pick<Iot.CreateJobRequest, "document" | "documentSource">,
    template: { document: string; documentSource?: string } | undefined,
  ): Promise<{ document: string; documentSource?: string }> {
    if (input.document !== undefined && input.documentSource !== undefined) {
      throw invalid("document and documentSource exclude each other");
    }
    if (input.document !== undefined) return { document: input.document };
    if (input.documentSource !== undefined) {
      return { document: await documents.read(request, input.documentSource), documentSource: input.documentSource };
    }
    if (template === undefined) throw invalid("One of document, documentSource and jobTemplateArn is needed");
    return {
      document: template.document,
      ...(template.documentSource ? { documentSource: template.documentSource } : {}),
    };
  }

  return {
    checkTargets,

    /** Resolves when the job is durable and on its way. */
    async create(request: RequestContext, input: Iot.CreateJobRequest): Promise<NewJob> {
      refuseUnbuilt(input);
      await checkTargets(request, input.targets);
      const template =
        input.jobTemplateArn === undefined ? undefined : await templates.byArn(request, input.jobTemplateArn);
      if (template?.managed && (input.document !== undefined || input.documentSource !== undefined)) {
        throw invalid("A managed template's document stays as it is: document and documentSource exclude it");
      }
      // The model's words on the member.
      if (!template?.managed && input.documentParameters !== undefined) {
        throw invalid("documentParameters are for the placeholders of managed templates");
      }
      const { document, documentSource } = await documentOf(request, input, template);
      const continuous = input.targetSelection === "CONTINUOUS";
      const ahead = profile === "aws" ? MINUTES_AHEAD : 0;
      const given: RuleMembers = { ...membersOf(template?.rules ?? { rollout: {} }), ...rulesGiven(input) };
      const { startAt, endAt, endBehavior, windows } = scheduleOf(
        input.schedulingConfig ??
          (continuous && template?.rules.windows ? { maintenanceWindows: template.rules.windows } : undefined),
        { now: request.now, continuous, aheadMinutes: ahead },
      );
      const parameters = template?.managed ? withDefaults(template, input) : input.documentParameters;
      const rules: JobRules = {
        ...rulesOf(given),
        ...(endBehavior === undefined ? {} : { endBehavior }),
        ...(windows === undefined ? {} : { windows }),
        ...(parameters === undefined ? {} : { documentParameters: parameters }),
      };
      if (profile === "aws" && rules.rollout.maximumPerMinute === undefined)
        rules.rollout = { maximumPerMinute: AWS_RATE };
      checkQuotas(rules, profile);
      if (rules.presign) await objects.checkRole(request, rules.presign.roleArn);
      documents.check(document, parameters, rules.presign !== undefined);
      await checkConcurrent(request);
      const job: NewJob = {
        accountId: request.accountId,
        region: request.region,
        jobId: input.jobId,
        owner: "",
        status: startAt !== undefined || windows !== undefined ? "SCHEDULED" : "IN_PROGRESS",
        targetSelection: continuous ? "CONTINUOUS" : "SNAPSHOT",
        rules,
        document,
        documentSource,
        description: input.description ?? template?.description,
        targets: [...new Set(input.targets)],
        namespaceId: input.namespaceId,
        templateArn: input.jobTemplateArn,
        tags: tagsOf(input.tags),
        forceCanceled: false,
        createdAt: request.now,
        startAt,
        endAt,
        windowOpen: windows === undefined,
      };
      const writes: Write[] = [...jobs.planCreate(job), ...engine.begin(job)];
      try {
        await database.commit(writes);
      } catch (error) {
        if (!(error instanceof UniqueViolation)) throw error;
        throw new ServiceError("ResourceAlreadyExistsException", `Job ${input.jobId} already exists`, {
          resourceId: input.jobId,
        });
      }
      engine.wake(job);
      return job;
    },
  };
}

/** The members that are given: they win over the template's, one by one. */
function rulesGiven(input: RuleMembers): RuleMembers {
  const { presignedUrlConfig, jobExecutionsRolloutConfig, abortConfig, timeoutConfig, jobExecutionsRetryConfig } =
    input;
  const members = {
    presignedUrlConfig,
    jobExecutionsRolloutConfig,
    abortConfig,
    timeoutConfig,
    jobExecutionsRetryConfig,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** What managed templates' optional parameters are without a value. */
function withDefaults(
  template: { optionalParameters?: readonly string[] },
  input: Iot.CreateJobRequest,
): Readonly<Record<string, string>> {
  const optional = Object.fromEntries((template.optionalParameters ?? []).map((name) => [name, ""]));
  return { ...optional, ...input.documentParameters };
}

/** Software packages are not built, so none exists that could be named. */
export function refuseUnbuilt(input: { destinationPackageVersions?: readonly string[] }): void {
  const [version] = input.destinationPackageVersions ?? [];
  if (version !== undefined)
    throw new ServiceError("ResourceNotFoundException", `Package version ${version} not found`);
}
