import type { Database, Sealer, SqlValue, Write } from "@hearth/backplane";
import { BoundedMap, InternalError } from "@hearth/base";
import { placeOf } from "../storage/place.ts";
import type { Job, JobCounts, JobKey, JobPhase, JobStatus } from "./job.ts";
import type { Jobs, NewJob } from "./jobs.ts";

const SEALED = "iot.job";

/** Columns of the counts, by their names in `JobCounts`. */
const COUNTS: Readonly<Record<keyof JobCounts, string>> = {
  waiting: "waiting",
  queued: "queued",
  inProgress: "in_progress",
  succeeded: "succeeded",
  failed: "failed",
  rejected: "rejected",
  timedOut: "timed_out",
  removed: "removed",
  canceled: "canceled",
  notified: "notified",
};

export const JOB_COLUMNS = `account_id, region, job_id, owner, status, phase, target_selection, namespace_id, details, created_at, updated_at,
  completed_at, start_at, end_at, window_open, ${Object.values(COUNTS).join(", ")}, rate_step, rate_anchor, rate_done,
  cursor, force_canceled, revision`;

const JOB_KEY = "account_id = ? AND region = ? AND job_id = ?";
export const jobKeyParams = (key: JobKey): [string, string, string] => [...placeOf(key), key.jobId];

/** What changes without the job's revision, or is read without opening what is sealed. */
const OPEN_COLUMNS = JOB_COLUMNS.replace("details, ", "");
/** Jobs whose details are kept opened. */
const OPENED = 200;

export type JobRow = Record<string, SqlValue> & { details: Uint8Array };

/** What no query looks for, sealed as one. */
type Details = Pick<
  Job,
  | "rules"
  | "document"
  | "documentSource"
  | "description"
  | "targets"
  | "templateArn"
  | "tags"
  | "comment"
  | "reasonCode"
>;

const detailsOf = ({
  rules,
  document,
  documentSource,
  description,
  targets,
  templateArn,
  tags,
  comment,
  reasonCode,
}: Details): Details => ({
  rules,
  document,
  documentSource,
  description,
  targets,
  templateArn,
  tags,
  comment,
  reasonCode,
});

const optional = (value: SqlValue | undefined): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);

export const jobFromRow = (row: JobRow, sealer: Pick<Sealer, "openText">): Job =>
  jobOf(row, JSON.parse(sealer.openText(row.details, SEALED)) as Details);

function jobOf(row: Record<string, SqlValue>, details: Details): Job {
  const counts = Object.fromEntries(
    Object.entries(COUNTS).map(([name, column]) => [name, Number(row[column])]),
  ) as unknown as JobCounts;
  return {
    ...details,
    accountId: String(row["account_id"]),
    region: String(row["region"]),
    jobId: String(row["job_id"]),
    owner: row["owner"] as Job["owner"],
    status: row["status"] as JobStatus,
    phase: row["phase"] as JobPhase,
    targetSelection: row["target_selection"] as Job["targetSelection"],
    ...(row["namespace_id"] === null ? {} : { namespaceId: String(row["namespace_id"]) }),
    forceCanceled: Number(row["force_canceled"]) === 1,
    createdAt: Number(row["created_at"]),
    updatedAt: Number(row["updated_at"]),
    completedAt: optional(row["completed_at"]),
    startAt: optional(row["start_at"]),
    endAt: optional(row["end_at"]),
    windowOpen: Number(row["window_open"]) === 1,
    counts,
    rollout: { step: Number(row["rate_step"]), anchor: Number(row["rate_anchor"]), done: Number(row["rate_done"]) },
    ...(row["cursor"] === null ? {} : { cursor: String(row["cursor"]) }),
    revision: Number(row["revision"]),
  };
}

/** What a target is by in `iot_job_target`: `thing/<name>` or `thinggroup/<name>`. */
export const targetName = (arn: string): string => arn.slice(arn.lastIndexOf(":") + 1);

export function createJobs({ database, sealer }: { database: Pick<Database, "query">; sealer: Sealer }): Jobs {
  const opened = new BoundedMap<string, { revision: number; createdAt: number; details: Details }>(OPENED);
  const seal = (job: Details) => sealer.seal(JSON.stringify(detailsOf(job)), SEALED);

  return {
    async get(key) {
      const params = jobKeyParams(key);
      const id = params.join("/");
      const known = opened.get(id);
      if (known !== undefined) {
        const [row] = await database.query<Record<string, SqlValue>>(
          `SELECT ${OPEN_COLUMNS} FROM iot_job WHERE ${JOB_KEY}`,
          params,
        );
        if (row === undefined) return undefined;
        const isSame = Number(row["revision"]) === known.revision && Number(row["created_at"]) === known.createdAt;
        if (isSame) return jobOf(row, known.details);
      }
      const [row] = await database.query<JobRow>(`SELECT ${JOB_COLUMNS} FROM iot_job WHERE ${JOB_KEY}`, params);
      if (row === undefined) return undefined;
      const job = jobFromRow(row, sealer);
      opened.set(id, { revision: job.revision, createdAt: job.createdAt, details: detailsOf(job) });
      return job;
    },

    planCreate(job) {
      return [insertJob(job, seal(job)), ...insertTargets(job, job.targets)];
    },

    planWrite(job, patch) {
      const next: Job = { ...job, ...patch };
      const sealed = Object.keys(detailsOf(job)).some((name) => name in patch);
      return {
        sql: `UPDATE iot_job SET status = ?, phase = ?, updated_at = ?, completed_at = ?, start_at = ?, end_at = ?,
                window_open = ?, rate_step = ?, rate_anchor = ?, rate_done = ?, cursor = ?, force_canceled = ?,
                ${sealed ? "details = ?, " : ""}revision = revision + 1
              WHERE ${JOB_KEY} AND revision = ?`,
        params: [
          next.status,
          next.phase,
          next.updatedAt,
          next.completedAt ?? null,
          next.startAt ?? null,
          next.endAt ?? null,
          next.windowOpen ? 1 : 0,
          next.rollout.step,
          next.rollout.anchor,
          next.rollout.done,
          next.cursor ?? null,
          next.forceCanceled ? 1 : 0,
          ...(sealed ? [seal(next)] : []),
          ...jobKeyParams(job),
          job.revision,
        ],
        rows: 1,
      };
    },

    planCount(key, delta) {
      const changes = (Object.entries(delta) as [keyof JobCounts, number][]).filter(([, by]) => by !== 0);
      if (changes.length === 0) throw new InternalError("a change of no count is no change");
      return {
        sql: `UPDATE iot_job SET ${changes.map(([name]) => `${COUNTS[name]} = ${COUNTS[name]} + ?`).join(", ")}
              WHERE ${JOB_KEY}`,
        params: [...changes.map(([, by]) => by), ...jobKeyParams(key)],
        rows: 1,
      };
    },

    planStill: (job) => ({
      sql: `UPDATE iot_job SET status = status WHERE ${JOB_KEY} AND status = ?`,
      params: [...jobKeyParams(job), job.status],
      rows: 1,
    }),
  };
}

/** The targets of a job that is there: those that it has already are left alone. */
export function insertTargets(key: JobKey, targets: readonly string[]): Write[] {
  return targets.map((target) => ({
    sql: `INSERT INTO iot_job_target (account_id, region, job_id, target) VALUES (?, ?, ?, ?)
          ON CONFLICT (account_id, region, job_id, target) DO NOTHING`,
    params: [...jobKeyParams(key), targetName(target)],
  }));
}

/** Rejects the batch with `UniqueViolation` when the id is taken. */
function insertJob(job: NewJob, details: Uint8Array): Write {
  const none = Object.keys(COUNTS).map(() => 0);
  const params: SqlValue[] = [
    ...jobKeyParams(job),
    job.owner,
    job.status,
    "EXPANDING",
    job.targetSelection,
    job.namespaceId ?? null,
    details,
    job.createdAt,
    job.createdAt,
    job.completedAt ?? null,
    job.startAt ?? null,
    job.endAt ?? null,
    job.windowOpen ? 1 : 0,
    ...none,
    0,
    job.startAt ?? job.createdAt,
    0,
    job.cursor ?? null,
    0,
    // A job that is created anew under the id of one that was deleted must not look like that one.
    job.createdAt,
  ];
  return {
    sql: `INSERT INTO iot_job (${JOB_COLUMNS}) VALUES (${params.map(() => "?").join(", ")})`,
    params,
  };
}
