import type { Database, Sealer, SqlValue, Write } from "@hearth/backplane";
import { numberIn, type Page, toPage } from "../storage/page.ts";
import { type Place, placeOf } from "../storage/place.ts";
import type { Execution, ExecutionKey, StoredStatus } from "./execution.ts";
import type { JobKey } from "./job.ts";

type Reads = Pick<Database, "query">;

/** Rows of `iot_job_execution`: one an attempt. */
export interface ExecutionStoreDeps {
  database: Reads;
  sealer: Pick<Sealer, "seal" | "openText">;
}

const SEALED = "iot.job-details";
const COLUMNS = `e.account_id, e.region, e.job_id, e.thing_name, e.execution_number, e.status, e.status_details, e.version_number,
  e.retry_attempt, e.force_canceled, e.queued_at, e.started_at, e.updated_at, e.in_progress_due_at, e.step_due_at`;
const KEY = "account_id = ? AND region = ? AND job_id = ? AND thing_name = ?";

const executionKeyParams = (key: ExecutionKey): [string, string, string, string] => [
  ...placeOf(key),
  key.jobId,
  key.thingName,
];

type Row = Record<string, SqlValue> & { status_details: Uint8Array | null };

const optional = (value: SqlValue | undefined): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);

function fromRow(row: Row, sealer: Pick<Sealer, "openText">): Execution {
  return {
    accountId: String(row["account_id"]),
    region: String(row["region"]),
    jobId: String(row["job_id"]),
    thingName: String(row["thing_name"]),
    executionNumber: Number(row["execution_number"]),
    status: row["status"] as StoredStatus,
    ...(row.status_details === null
      ? {}
      : { statusDetails: JSON.parse(sealer.openText(row.status_details, SEALED)) as Record<string, string> }),
    versionNumber: Number(row["version_number"]),
    retryAttempt: Number(row["retry_attempt"]),
    forceCanceled: Number(row["force_canceled"]) === 1,
    queuedAt: Number(row["queued_at"]),
    startedAt: optional(row["started_at"]),
    updatedAt: Number(row["updated_at"]),
    inProgressDueAt: optional(row["in_progress_due_at"]),
    stepDueAt: optional(row["step_due_at"]),
  };
}

/** The attempt of that number; the last one without it. One that waits for its turn is not there for anybody. */
export async function readExecution(
  { database, sealer }: ExecutionStoreDeps,
  key: ExecutionKey,
  executionNumber?: number,
): Promise<Execution | undefined> {
  const which = executionNumber === undefined ? "is_latest = 1" : "execution_number = ?";
  const [row] = await database.query<Row>(
    `SELECT ${COLUMNS} FROM iot_job_execution e WHERE ${KEY} AND ${which} AND status <> 'WAITING'`,
    [...executionKeyParams(key), ...(executionNumber === undefined ? [] : [executionNumber])],
  );
  return row && fromRow(row, sealer);
}

/**
 * What each of some things has to do: IN_PROGRESS before QUEUED, each by queuedAt, then job, at most `limit` a thing.
 * What is queued for a job whose maintenance window is shut is hidden, and jobs of a namespace are told elsewhere.
 */
export async function readPending(
  { database, sealer }: ExecutionStoreDeps,
  at: Place,
  thingNames: readonly string[],
  limit: number,
): Promise<Map<string, Execution[]>> {
  const pending = new Map<string, Execution[]>(thingNames.map((thingName) => [thingName, []]));
  if (thingNames.length === 0) return pending;
  const rows = await database.query<Row>(
    `SELECT * FROM (
       SELECT ${COLUMNS}, ROW_NUMBER() OVER (
           PARTITION BY e.thing_name ORDER BY e.status, e.queued_at, e.job_id, e.execution_number) AS place
         FROM iot_job_execution e
         JOIN iot_job j ON j.account_id = e.account_id AND j.region = e.region AND j.job_id = e.job_id
         WHERE e.account_id = ? AND e.region = ? AND e.thing_name IN (${thingNames.map(() => "?").join(", ")})
           AND e.status IN ('IN_PROGRESS', 'QUEUED')
           AND (e.status = 'IN_PROGRESS' OR j.window_open = 1)
           AND j.namespace_id IS NULL AND j.phase <> 'DELETING') found
     WHERE place <= ? ORDER BY thing_name, place`,
    [...placeOf(at), ...thingNames, limit],
  );
  for (const row of rows) pending.get(String(row["thing_name"]))?.push(fromRow(row, sealer));
  return pending;
}

/** Guarded by the version and status that were read. */
export function updateExecution(
  { sealer }: Pick<ExecutionStoreDeps, "sealer">,
  before: Execution,
  after: Execution,
): Write {
  const details = after.statusDetails !== before.statusDetails;
  return {
    sql: `UPDATE iot_job_execution SET status = ?, version_number = ?, force_canceled = ?, started_at = ?, updated_at = ?,
            in_progress_due_at = ?, step_due_at = ?${details ? ", status_details = ?" : ""}
          WHERE ${KEY} AND execution_number = ? AND version_number = ? AND status = ?`,
    params: [
      after.status,
      after.versionNumber,
      after.forceCanceled ? 1 : 0,
      after.startedAt ?? null,
      after.updatedAt,
      after.inProgressDueAt ?? null,
      after.stepDueAt ?? null,
      ...(details ? [sealDetails(after, sealer)] : []),
      ...executionKeyParams(before),
      before.executionNumber,
      before.versionNumber,
      before.status,
    ],
    rows: 1,
  };
}

function sealDetails({ statusDetails }: Execution, sealer: Pick<Sealer, "seal">): Uint8Array | null {
  return statusDetails === undefined ? null : sealer.seal(JSON.stringify(statusDetails), SEALED);
}

/** A further attempt: the one before is no thing's last any more. */
export function insertNext(before: ExecutionKey & { executionNumber: number }, next: Execution): Write[] {
  return [
    {
      sql: `UPDATE iot_job_execution SET is_latest = 0 WHERE ${KEY} AND execution_number = ? AND is_latest = 1`,
      params: [...executionKeyParams(before), before.executionNumber],
      rows: 1,
    },
    insertExecutions([next]),
  ];
}

/** At most 500 in one statement. Rejects the batch with `UniqueViolation` when one is there already. */
export function insertExecutions(executions: readonly Execution[]): Write {
  return {
    sql: `INSERT INTO iot_job_execution (account_id, region, job_id, thing_name, execution_number, status, is_latest,
            version_number, retry_attempt, force_canceled, queued_at, updated_at)
          VALUES ${executions.map(() => "(?, ?, ?, ?, ?, ?, 1, ?, ?, 0, ?, ?)").join(", ")}`,
    params: executions.flatMap((execution) => [
      ...executionKeyParams(execution),
      execution.executionNumber,
      execution.status,
      execution.versionNumber,
      execution.retryAttempt,
      execution.queuedAt,
      execution.updatedAt,
    ]),
  };
}

/** The attempt before `executionNumber` that is still there. */
export async function readPrevious(
  { database, sealer }: ExecutionStoreDeps,
  key: ExecutionKey,
  executionNumber: number,
): Promise<Execution | undefined> {
  const [row] = await database.query<Row>(
    `SELECT ${COLUMNS} FROM iot_job_execution e WHERE ${KEY} AND execution_number < ?
     ORDER BY execution_number DESC LIMIT 1`,
    [...executionKeyParams(key), executionNumber],
  );
  return row && fromRow(row, sealer);
}

/** Attempts before `after` that ended as it does, since its thing came to the job: each of them was tried again. */
export async function countRetried(
  { database }: Pick<ExecutionStoreDeps, "database">,
  after: Execution,
): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `SELECT COUNT(*) AS count FROM iot_job_execution
     WHERE ${KEY} AND execution_number < ? AND execution_number >= ? AND status = ?`,
    [...executionKeyParams(after), after.executionNumber, after.executionNumber - after.retryAttempt, after.status],
  );
  return Number(row?.count ?? 0);
}

/** It is its thing's last again, now that the one behind it goes. */
export const markLatest = (execution: Execution): Write => ({
  sql: `UPDATE iot_job_execution SET is_latest = 1 WHERE ${KEY} AND execution_number = ? AND is_latest = 0`,
  params: [...executionKeyParams(execution), execution.executionNumber],
  rows: 1,
});

export const deleteExecution = (execution: Execution): Write => ({
  sql: `DELETE FROM iot_job_execution WHERE ${KEY} AND execution_number = ? AND version_number = ?`,
  params: [...executionKeyParams(execution), execution.executionNumber, execution.versionNumber],
  rows: 1,
});

/** The first executions of a job that are so, by thing. */
export async function listByStatus(
  { database, sealer }: ExecutionStoreDeps,
  key: JobKey,
  status: StoredStatus,
  limit: number,
  after = "",
): Promise<Execution[]> {
  const rows = await database.query<Row>(
    `SELECT ${COLUMNS} FROM iot_job_execution e
     WHERE e.account_id = ? AND e.region = ? AND e.job_id = ? AND e.status = ? AND e.thing_name > ?
     ORDER BY e.thing_name, e.execution_number LIMIT ?`,
    [...placeOf(key), key.jobId, status, after, limit],
  );
  return rows.map((row) => fromRow(row, sealer));
}

/** Any executions of a job, ended or not. */
export async function listAny(
  { database, sealer }: ExecutionStoreDeps,
  key: JobKey,
  limit: number,
): Promise<Execution[]> {
  const rows = await database.query<Row>(
    `SELECT ${COLUMNS} FROM iot_job_execution e WHERE e.account_id = ? AND e.region = ? AND e.job_id = ?
     ORDER BY e.thing_name, e.execution_number LIMIT ?`,
    [...placeOf(key), key.jobId, limit],
  );
  return rows.map((row) => fromRow(row, sealer));
}

/** The last attempts of things at a job, those that wait for their turn too. */
export async function readLatest(
  { database, sealer }: ExecutionStoreDeps,
  key: JobKey,
  thingNames: readonly string[],
): Promise<ReadonlyMap<string, Execution>> {
  if (thingNames.length === 0) return new Map();
  const rows = await database.query<Row>(
    `SELECT ${COLUMNS} FROM iot_job_execution e
     WHERE e.account_id = ? AND e.region = ? AND e.job_id = ? AND e.is_latest = 1
       AND e.thing_name IN (${thingNames.map(() => "?").join(", ")})`,
    [...placeOf(key), key.jobId, ...thingNames],
  );
  return new Map(rows.map((row) => [String(row["thing_name"]), fromRow(row, sealer)]));
}

/** What a thing has not ended, of all jobs. */
export async function listOpenOfThing(
  { database, sealer }: ExecutionStoreDeps,
  at: Place,
  thingName: string,
): Promise<Execution[]> {
  const rows = await database.query<Row>(
    `SELECT ${COLUMNS} FROM iot_job_execution e WHERE e.account_id = ? AND e.region = ? AND e.thing_name = ?
       AND e.status IN ('WAITING', 'QUEUED', 'IN_PROGRESS')`,
    [...placeOf(at), thingName],
  );
  return rows.map((row) => fromRow(row, sealer));
}

/** Their turn has come. Guarded: all of them wait. */
export function queueWaiting(key: JobKey, executions: readonly Execution[], now: number): Write {
  return {
    sql: `UPDATE iot_job_execution SET status = 'QUEUED', queued_at = ?, updated_at = ?
          WHERE account_id = ? AND region = ? AND job_id = ? AND status = 'WAITING'
            AND thing_name IN (${executions.map(() => "?").join(", ")})`,
    params: [now, now, ...placeOf(key), key.jobId, ...executions.map(({ thingName }) => thingName)],
    rows: executions.length,
  };
}

/** Those whose turn never came. Guarded: all of them wait. */
export function deleteWaiting(key: JobKey, executions: readonly Execution[]): Write {
  return {
    sql: `DELETE FROM iot_job_execution WHERE account_id = ? AND region = ? AND job_id = ? AND status = 'WAITING'
            AND thing_name IN (${executions.map(() => "?").join(", ")})`,
    params: [...placeOf(key), key.jobId, ...executions.map(({ thingName }) => thingName)],
    rows: executions.length,
  };
}

/** By thing, then attempt. */
export async function listOfJob(
  { database, sealer }: ExecutionStoreDeps,
  key: JobKey,
  filter: { status?: string },
  after: readonly [thingName: string, executionNumber: string] | undefined,
  limit: number,
): Promise<Page<Execution>> {
  const [thing, number] = after ?? ["", "0"];
  const rows = await database.query<Row>(
    `SELECT ${COLUMNS} FROM iot_job_execution e
     WHERE e.account_id = ? AND e.region = ? AND e.job_id = ? AND e.status <> 'WAITING'
       ${filter.status === undefined ? "" : "AND e.status = ?"}
       AND (e.thing_name > ? OR (e.thing_name = ? AND e.execution_number > ?))
     ORDER BY e.thing_name, e.execution_number LIMIT ?`,
    [
      ...placeOf(key),
      key.jobId,
      ...(filter.status === undefined ? [] : [filter.status]),
      thing,
      thing,
      numberIn(number),
      limit + 1,
    ],
  );
  const keyOf = ({ thingName, executionNumber }: Execution) => [thingName, String(executionNumber)];
  return toPage(
    rows.map((row) => fromRow(row, sealer)),
    limit,
    keyOf,
  );
}

/** By the time at which they were queued, the newest first. `owner`: only of jobs of that owner. */
export async function listOfThing(
  { database, sealer }: ExecutionStoreDeps,
  at: Place,
  thingName: string,
  filter: { status?: string; jobId?: string; namespaceId?: string; owner: string },
  after: readonly [queuedAt: string, jobId: string, executionNumber: string] | undefined,
  limit: number,
): Promise<Page<Execution>> {
  const params: SqlValue[] = [...placeOf(at), thingName, filter.owner];
  let sql = `SELECT ${COLUMNS} FROM iot_job_execution e
    JOIN iot_job j ON j.account_id = e.account_id AND j.region = e.region AND j.job_id = e.job_id
    WHERE e.account_id = ? AND e.region = ? AND e.thing_name = ? AND j.owner = ? AND e.status <> 'WAITING'`;
  for (const [column, value] of [
    ["e.status", filter.status],
    ["e.job_id", filter.jobId],
    ["j.namespace_id", filter.namespaceId],
  ] as const) {
    if (value === undefined) continue;
    sql += ` AND ${column} = ?`;
    params.push(value);
  }
  if (after) {
    const [queuedAt, jobId, number] = [numberIn(after[0]), after[1], numberIn(after[2])];
    sql += ` AND (e.queued_at < ? OR (e.queued_at = ? AND (e.job_id < ? OR (e.job_id = ? AND e.execution_number < ?))))`;
    params.push(queuedAt, queuedAt, jobId, jobId, number);
  }
  const rows = await database.query<Row>(
    `${sql} ORDER BY e.queued_at DESC, e.job_id DESC, e.execution_number DESC LIMIT ?`,
    [...params, limit + 1],
  );
  const keyOf = (execution: Execution) => [
    String(execution.queuedAt),
    execution.jobId,
    String(execution.executionNumber),
  ];
  return toPage(
    rows.map((row) => fromRow(row, sealer)),
    limit,
    keyOf,
  );
}
