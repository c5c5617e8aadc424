import { type Database, type Sealer, UniqueViolation } from "@hearth/backplane";
import { parseArn } from "@hearth/base";
import { type Iot, type RequestContext, ServiceError } from "@hearth/contract";
import { type Page, toPage } from "../../storage/page.ts";
import { type Place, placed, placeOf } from "../../storage/place.ts";
import type { Taggable } from "../../tags/taggable.ts";
import { tagsOf } from "../../tags/tags.ts";
import { withParameters } from "../document.ts";
import type { JobRules } from "../job.ts";
import { jobTemplateArn } from "../job-arn.ts";
import { invalid, rulesOf, windowsOf } from "../job-checks.ts";
import { refuseUnbuilt } from "../job-creation.ts";
import type { JobDocuments } from "../job-documents.ts";
import type { JobObjects } from "../job-objects.ts";
import type { Jobs } from "../jobs.ts";
import type { JobTemplate } from "./job-template.ts";
import { managedTemplateArn, managedTemplates } from "./managed-templates.ts";

export interface JobTemplatesDeps {
  database: Database;
  sealer: Sealer;
  jobs: Pick<Jobs, "get">;
  documents: JobDocuments;
  objects: Pick<JobObjects, "checkRole">;
  profile: "standard" | "aws";
}

export interface StoredTemplate extends JobTemplate {
  templateId: string;
  tags: Readonly<Record<string, string>>;
  /** Milliseconds. */
  createdAt: number;
}

export interface JobTemplates {
  /** Throws ResourceNotFoundException. */
  byArn(at: Place, arn: string): Promise<JobTemplate>;
  get(at: Place, templateId: string): Promise<StoredTemplate>;
  list(at: Place, after: string | undefined, limit: number): Promise<Page<StoredTemplate>>;
  create(request: RequestContext, input: Iot.CreateJobTemplateRequest): Promise<StoredTemplate>;
  remove(at: Place, templateId: string): Promise<void>;
  readonly taggable: Taggable;
}

interface Row {
  details: Uint8Array;
}

const SEALED = "iot.job-template";
const KEY = "account_id = ? AND region = ? AND template_id = ?";
/** AWS's quota, under the profile `aws`. */
const MAX_TEMPLATES = 100;

const notFound = (name: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `Job template ${name} not found`);

export function createJobTemplates(deps: JobTemplatesDeps): JobTemplates {
  const { database, sealer, jobs, documents, objects, profile } = deps;

  const templateOf = ({ details }: Row): StoredTemplate =>
    JSON.parse(sealer.openText(details, SEALED)) as StoredTemplate;
  const detailsOf = (template: StoredTemplate): Uint8Array => sealer.seal(JSON.stringify(template), SEALED);

  async function readRow(at: Place, templateId: string): Promise<Row | undefined> {
    const [row] = await database.query<Row>(`SELECT details FROM iot_job_template WHERE ${KEY}`, [
      ...placeOf(at),
      templateId,
    ]);
    return row;
  }

  async function read(at: Place, templateId: string): Promise<StoredTemplate | undefined> {
    const row = await readRow(at, templateId);
    return row && templateOf(row);
  }

  const templates: JobTemplates = {
    async byArn(at, arn) {
      const parsed = parseArn(arn);
      const managed = managedTemplates.find((template) => managedTemplateArn(at.region, template) === arn);
      if (managed) {
        const { description, document, parameters } = managed;
        const optionalParameters = parameters.filter(({ optional }) => optional).map(({ key }) => key as string);
        return { description, document, rules: { rollout: {} }, managed: true, optionalParameters };
      }
      const [, id] = /^jobtemplate\/([a-zA-Z0-9_-]{1,64})$/.exec(parsed?.resource ?? "") ?? [];
      const isHere = parsed?.service === "iot" && parsed.accountId === at.accountId && parsed.region === at.region;
      const found = isHere && id !== undefined ? await read(at, id) : undefined;
      if (!found) throw notFound(arn.slice(0, 200));
      return found;
    },

    async get(at, templateId) {
      const found = await read(at, templateId);
      if (!found) throw notFound(templateId);
      return found;
    },

    async list(at, after, limit) {
      const rows = await database.query<Row>(
        `SELECT details FROM iot_job_template WHERE account_id = ? AND region = ? AND template_id > ?
         ORDER BY template_id LIMIT ?`,
        [...placeOf(at), after ?? "", limit + 1],
      );
      return toPage(rows.map(templateOf), limit, ({ templateId }) => [templateId]);
    },

    async create(request, input) {
      refuseUnbuilt(input);
      const sources = [input.jobArn, input.document, input.documentSource].filter((source) => source !== undefined);
      if (sources.length !== 1) throw invalid("One of jobArn, document and documentSource is needed");
      const copied = input.jobArn === undefined ? undefined : await jobOf(request, input.jobArn);
      const given = rulesOf(input);
      // Parameters are a job's own: a copy of its document has them put in.
      const { documentParameters, ...copiedRules }: Partial<JobRules> = copied?.rules ?? {};
      const rules: JobRules = {
        ...copiedRules,
        ...given,
        rollout: input.jobExecutionsRolloutConfig ? given.rollout : (copiedRules.rollout ?? given.rollout),
      };
      if (input.maintenanceWindows?.length) rules.windows = windowsOf(input.maintenanceWindows, request.now);
      if (rules.presign) await objects.checkRole(request, rules.presign.roleArn);
      const document = copied
        ? withParameters(copied.document, documentParameters ?? {})
        : (input.document ?? (await documents.read(request, input.documentSource as string)));
      documents.check(document, undefined, true);
      const template: StoredTemplate = {
        templateId: input.jobTemplateId,
        description: input.description,
        document,
        documentSource: copied?.documentSource ?? input.documentSource,
        rules,
        managed: false,
        tags: tagsOf(input.tags),
        createdAt: request.now,
      };
      await checkQuota(request);
      try {
        await database.commit([
          {
            sql: `INSERT INTO iot_job_template (account_id, region, template_id, details, created_at)
                  VALUES (?, ?, ?, ?, ?)`,
            params: [...placeOf(request), template.templateId, detailsOf(template), template.createdAt],
          },
        ]);
      } catch (error) {
        if (!(error instanceof UniqueViolation)) throw error;
        // The model has ConflictException here, and no name for what is there already.
        throw new ServiceError("ConflictException", `Job template ${input.jobTemplateId} already exists`, {
          resourceId: jobTemplateArn(request, input.jobTemplateId),
        });
      }
      return template;
    },

    async remove(at, templateId) {
      await templates.get(at, templateId);
      await database.commit([
        {
          sql: `DELETE FROM iot_job_template WHERE ${KEY}`,
          params: [...placeOf(at), templateId],
        },
      ]);
    },

    taggable: {
      type: "jobtemplate",
      async find(at, templateId) {
        const row = await readRow(at, templateId);
        const template = row && templateOf(row);
        return (
          template && {
            tags: template.tags,
            // Sealed anew at each write, so that the same bytes are the same write.
            replace: (tags) => ({
              sql: `UPDATE iot_job_template SET details = ? WHERE ${KEY} AND details = ?`,
              params: [detailsOf({ ...template, tags }), ...placeOf(at), templateId, row.details],
              rows: 1,
            }),
          }
        );
      },
    },
  };

  async function jobOf(at: Place, arn: string) {
    const parsed = parseArn(arn);
    const [, jobId] = /^job\/([a-zA-Z0-9_-]{1,64})$/.exec(parsed?.resource ?? "") ?? [];
    const isHere = parsed?.service === "iot" && parsed.accountId === at.accountId && parsed.region === at.region;
    const job = isHere && jobId !== undefined ? await jobs.get({ ...placed(at), jobId }) : undefined;
    if (job?.owner !== "") throw new ServiceError("ResourceNotFoundException", `Job ${arn.slice(0, 200)} not found`);
    return job;
  }

  async function checkQuota(at: Place): Promise<void> {
    if (profile !== "aws") return;
    const [row] = await database.query<{ count: number }>(
      "SELECT COUNT(*) AS count FROM iot_job_template WHERE account_id = ? AND region = ?",
      placeOf(at),
    );
    if (Number(row?.count ?? 0) >= MAX_TEMPLATES) {
      throw new ServiceError("LimitExceededException", `There are ${MAX_TEMPLATES} job templates already`);
    }
  }

  return templates;
}
