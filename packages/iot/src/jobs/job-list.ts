import type { Database, Sealer, SqlValue } from "@hearth/backplane";
import { type Page, type TimeKey, toPage } from "../storage/page.ts";
import { type Place, placeOf } from "../storage/place.ts";
import type { Job } from "./job.ts";
import { JOB_COLUMNS, type JobRow, jobFromRow } from "./job-store.ts";

export interface JobFilter {
  status?: string;
  targetSelection?: string;
  /** Jobs that have this group as a target. */
  groupName?: string;
  namespaceId?: string;
}

/** The account's own jobs, the newest first. */
export async function listJobs(
  { database, sealer }: { database: Pick<Database, "query">; sealer: Pick<Sealer, "openText"> },
  at: Place,
  filter: JobFilter,
  after: TimeKey | undefined,
  limit: number,
): Promise<Page<Job>> {
  const params: SqlValue[] = [...placeOf(at)];
  let sql = `SELECT ${JOB_COLUMNS} FROM iot_job j WHERE account_id = ? AND region = ? AND owner = ''`;
  for (const [column, value] of [
    ["status", filter.status],
    ["target_selection", filter.targetSelection],
    ["namespace_id", filter.namespaceId],
  ] as const) {
    if (value === undefined) continue;
    sql += ` AND ${column} = ?`;
    params.push(value);
  }
  if (filter.groupName !== undefined) {
    sql += ` AND EXISTS (SELECT 1 FROM iot_job_target t WHERE t.account_id = j.account_id AND t.region = j.region
      AND t.target = ? AND t.job_id = j.job_id)`;
    params.push(`thinggroup/${filter.groupName}`);
  }
  if (after) {
    sql += " AND (created_at < ? OR (created_at = ? AND job_id < ?))";
    params.push(after[0], after[0], after[1]);
  }
  const rows = await database.query<JobRow>(`${sql} ORDER BY created_at DESC, job_id DESC LIMIT ?`, [
    ...params,
    limit + 1,
  ]);
  const found = rows.map((row) => jobFromRow(row, sealer));
  return toPage(found, limit, ({ createdAt, jobId }) => [String(createdAt), jobId]);
}
