import type { Database, Sealer, SqlValue, Write } from "@hearth/backplane";
import { type Page, type TimeKey, toPage } from "../storage/page.ts";
import { type Place, placeOf } from "../storage/place.ts";
import { type CommandKey, type PackedValue, packValues, unpackValues } from "./command.ts";
import type { CommandExecution, CommandStatus, ExecutionKey, Results, StatusReason } from "./execution.ts";

export interface ExecutionStoreDeps {
  database: Pick<Database, "query">;
  sealer: Pick<Sealer, "seal" | "openText">;
}

const SEALED = "iot.command-execution";
const COLUMNS = `target, execution_id, command_id, status, is_final, details, created_at, started_at, completed_at,
  updated_at, deadline_at, expires_at, revision`;
const KEY = "account_id = ? AND region = ? AND target = ? AND execution_id = ?";
const OPEN = "status IN ('CREATED', 'IN_PROGRESS')";

const keyParams = (key: ExecutionKey): [string, string, string, string] => [
  ...placeOf(key),
  key.target,
  key.executionId,
];

type Row = Record<string, SqlValue> & { details: Uint8Array };

/** What no query looks for, sealed as one. */
interface Details {
  parameters: Readonly<Record<string, PackedValue>>;
  timeoutSeconds: number;
  reason?: StatusReason;
  result?: Readonly<Record<string, PackedValue>>;
}

function sealDetails(execution: CommandExecution, sealer: Pick<Sealer, "seal">): Uint8Array {
  const { parameters, timeoutSeconds, reason, result } = execution;
  const details: Details = {
    parameters: packValues(parameters),
    timeoutSeconds,
    reason,
    ...(result && { result: packValues(result) }),
  };
  return sealer.seal(JSON.stringify(details), SEALED);
}

const optional = (value: SqlValue | undefined): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);

function fromRow({ accountId, region }: Place, row: Row, sealer: Pick<Sealer, "openText">): CommandExecution {
  const { parameters, result, timeoutSeconds, reason } = JSON.parse(sealer.openText(row.details, SEALED)) as Details;
  return {
    accountId,
    region,
    target: String(row["target"]),
    executionId: String(row["execution_id"]),
    commandId: String(row["command_id"]),
    status: row["status"] as CommandStatus,
    isFinal: Number(row["is_final"]) === 1,
    parameters: unpackValues(parameters),
    timeoutSeconds,
    reason,
    result: result && (unpackValues(result) as Results),
    createdAt: Number(row["created_at"]),
    startedAt: optional(row["started_at"]),
    completedAt: optional(row["completed_at"]),
    updatedAt: Number(row["updated_at"]),
    deadlineAt: Number(row["deadline_at"]),
    expiresAt: Number(row["expires_at"]),
    revision: Number(row["revision"]),
  };
}

export async function readExecution(
  { database, sealer }: ExecutionStoreDeps,
  key: ExecutionKey,
): Promise<CommandExecution | undefined> {
  const [row] = await database.query<Row>(`SELECT ${COLUMNS} FROM iot_command_execution WHERE ${KEY}`, keyParams(key));
  return row && fromRow(key, row, sealer);
}

export interface ExecutionFilter {
  /** One of the two. */
  target?: string;
  commandId?: string;
  status?: string;
  /** By the time of creation, or of the end that the device reported. */
  by: "created_at" | "completed_at";
  /** Milliseconds; neither belongs to what is found. */
  from?: number;
  to?: number;
  ascending: boolean;
}

export async function listExecutions(
  { database, sealer }: ExecutionStoreDeps,
  at: Place,
  filter: ExecutionFilter,
  after: TimeKey | undefined,
  limit: number,
): Promise<Page<CommandExecution>> {
  const { target, commandId, status, by, from, to, ascending } = filter;
  const [beyond, order] = ascending ? [">", "ASC"] : ["<", "DESC"];
  let sql = `SELECT ${COLUMNS} FROM iot_command_execution WHERE account_id = ? AND region = ?`;
  const params: SqlValue[] = [...placeOf(at)];
  for (const [condition, value] of [
    ["target = ?", target],
    ["command_id = ?", commandId],
    ["status = ?", status],
    [`${by} > ?`, from],
    [`${by} < ?`, to],
  ] as const) {
    if (value === undefined) continue;
    sql += ` AND ${condition}`;
    params.push(value);
  }
  // Said for the index, which holds only those.
  if (by === "completed_at") sql += " AND completed_at IS NOT NULL";
  if (after) {
    sql += ` AND (${by} ${beyond} ? OR (${by} = ? AND execution_id ${beyond} ?))`;
    params.push(after[0], after[0], after[1]);
  }
  const rows = await database.query<Row>(`${sql} ORDER BY ${by} ${order}, execution_id ${order} LIMIT ?`, [
    ...params,
    limit + 1,
  ]);
  const found = rows.map((row) => fromRow(at, row, sealer));
  const timeOf = (one: CommandExecution) => String(by === "created_at" ? one.createdAt : one.completedAt);
  return toPage(found, limit, (one) => [timeOf(one), one.executionId]);
}

/** How many executions of the target are open. */
export async function countOpen(database: Pick<Database, "query">, at: Place, target: string): Promise<number> {
  const [row] = await database.query<{ open: number }>(
    `SELECT COUNT(*) AS open FROM iot_command_execution WHERE account_id = ? AND region = ? AND target = ? AND ${OPEN}`,
    [...placeOf(at), target],
  );
  return Number(row?.open ?? 0);
}

/** When the last open execution of the command falls due; undefined when none is open. */
export async function lastDeadline(database: Pick<Database, "query">, key: CommandKey): Promise<number | undefined> {
  const [row] = await database.query<{ deadline: number | null }>(
    `SELECT MAX(deadline_at) AS deadline FROM iot_command_execution
     WHERE account_id = ? AND region = ? AND command_id = ? AND ${OPEN}`,
    [...placeOf(key), key.commandId],
  );
  return optional(row?.deadline);
}

/**
 * The guard of a start: the command is to be had, and fewer than `most` executions of the target are open. It locks the
 * command's row, so that no execution begins once the command's deletion is committed.
 */
export function guardStart(execution: CommandExecution, most: number): Write {
  return {
    sql: `UPDATE iot_command SET revision = revision
          WHERE account_id = ? AND region = ? AND command_id = ? AND deprecated = 0 AND pending_deletion_at IS NULL
            AND (SELECT COUNT(*) FROM iot_command_execution e
                 WHERE e.account_id = ? AND e.region = ? AND e.target = ? AND e.${OPEN}) < ?`,
    params: [...placeOf(execution), execution.commandId, ...placeOf(execution), execution.target, most],
    rows: 1,
  };
}

export function insertExecution(execution: CommandExecution, sealer: Pick<Sealer, "seal">): Write {
  return {
    sql: `INSERT INTO iot_command_execution (account_id, region, ${COLUMNS})
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      ...keyParams(execution),
      execution.commandId,
      execution.status,
      execution.isFinal ? 1 : 0,
      sealDetails(execution, sealer),
      execution.createdAt,
      execution.startedAt ?? null,
      execution.completedAt ?? null,
      execution.updatedAt,
      execution.deadlineAt,
      execution.expiresAt,
      execution.revision,
    ],
  };
}

/** Guarded by the revision that was read. */
export function updateExecution(
  before: CommandExecution,
  after: CommandExecution,
  sealer: Pick<Sealer, "seal">,
): Write {
  return {
    sql: `UPDATE iot_command_execution SET status = ?, is_final = ?, details = ?, started_at = ?, completed_at = ?,
            updated_at = ?, revision = revision + 1 WHERE ${KEY} AND revision = ?`,
    params: [
      after.status,
      after.isFinal ? 1 : 0,
      sealDetails(after, sealer),
      after.startedAt ?? null,
      after.completedAt ?? null,
      after.updatedAt,
      ...keyParams(before),
      before.revision,
    ],
    rows: 1,
  };
}

export const deleteExecution = (key: ExecutionKey): Write => ({
  sql: `DELETE FROM iot_command_execution WHERE ${KEY}`,
  params: keyParams(key),
});
