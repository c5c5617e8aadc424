import type { Database, Sealer, SqlValue, Write } from "@hearth/backplane";
import { type Page, type TimeKey, toPage } from "../storage/page.ts";
import { type Place, placeOf } from "../storage/place.ts";
import { type Command, type CommandKey, type PackedValue, packValue, unpackValue } from "./command.ts";
import type { Parameter } from "./parameters.ts";

export interface CommandStoreDeps {
  database: Pick<Database, "query">;
  sealer: Pick<Sealer, "seal" | "openText">;
}

const SEALED = "iot.command";
const COLUMNS = "c.command_id, c.details, c.deprecated, c.pending_deletion_at, c.created_at, c.updated_at, c.revision";
const KEY = "account_id = ? AND region = ? AND command_id = ?";
const keyParams = (key: CommandKey): [string, string, string] => [...placeOf(key), key.commandId];

type Row = Record<string, SqlValue> & { details: Uint8Array };

/** What no query looks for, sealed as one. */
interface Details extends Pick<Command, "displayName" | "description" | "template" | "tags"> {
  payload?: { content: string; contentType?: string };
  parameters: readonly PackedParameter[];
}

type PackedParameter = Omit<Parameter, "value" | "defaultValue"> & { value?: PackedValue; defaultValue?: PackedValue };

const packParameter = ({ value, defaultValue, ...others }: Parameter): PackedParameter => ({
  ...others,
  ...(value && { value: packValue(value) }),
  ...(defaultValue && { defaultValue: packValue(defaultValue) }),
});

const unpackParameter = ({ value, defaultValue, ...others }: PackedParameter): Parameter => ({
  ...others,
  ...(value && { value: unpackValue(value) }),
  ...(defaultValue && { defaultValue: unpackValue(defaultValue) }),
});

function sealDetails(command: Command, sealer: Pick<Sealer, "seal">): Uint8Array {
  const { displayName, description, payload, template, parameters, tags } = command;
  const details: Details = {
    displayName,
    description,
    template,
    tags,
    ...(payload && { payload: { ...payload, content: Buffer.from(payload.content).toString("base64") } }),
    parameters: parameters.map(packParameter),
  };
  return sealer.seal(JSON.stringify(details), SEALED);
}

function fromRow({ accountId, region }: Place, row: Row, sealer: Pick<Sealer, "openText">): Command {
  const { payload, parameters, ...details } = JSON.parse(sealer.openText(row.details, SEALED)) as Details;
  const pending = row["pending_deletion_at"];
  return {
    ...details,
    accountId,
    region,
    ...(payload && { payload: { ...payload, content: new Uint8Array(Buffer.from(payload.content, "base64")) } }),
    parameters: parameters.map(unpackParameter),
    commandId: String(row["command_id"]),
    deprecated: Number(row["deprecated"]) === 1,
    ...(pending === null || pending === undefined ? {} : { pendingDeletionAt: Number(pending) }),
    createdAt: Number(row["created_at"]),
    updatedAt: Number(row["updated_at"]),
    revision: Number(row["revision"]),
  };
}

export async function readCommand(deps: CommandStoreDeps, key: CommandKey): Promise<Command | undefined> {
  const [row] = await deps.database.query<Row>(`SELECT ${COLUMNS} FROM iot_command c WHERE ${KEY}`, keyParams(key));
  return row && fromRow(key, row, deps.sealer);
}

export interface CommandFilter {
  parameterName?: string;
  ascending: boolean;
}

/** By the time of creation. */
export async function listCommands(
  deps: CommandStoreDeps,
  at: Place,
  { parameterName, ascending }: CommandFilter,
  after: TimeKey | undefined,
  limit: number,
): Promise<Page<Command>> {
  const params: SqlValue[] = [...placeOf(at)];
  let sql = `SELECT ${COLUMNS} FROM iot_command c WHERE c.account_id = ? AND c.region = ?`;
  if (parameterName !== undefined) {
    sql += ` AND EXISTS (SELECT 1 FROM iot_command_parameter p WHERE p.account_id = c.account_id
      AND p.region = c.region AND p.parameter_name = ? AND p.command_id = c.command_id)`;
    params.push(parameterName);
  }
  const [beyond, order] = ascending ? [">", "ASC"] : ["<", "DESC"];
  if (after) {
    sql += ` AND (c.created_at ${beyond} ? OR (c.created_at = ? AND c.command_id ${beyond} ?))`;
    params.push(after[0], after[0], after[1]);
  }
  sql += ` ORDER BY c.created_at ${order}, c.command_id ${order} LIMIT ?`;
  const rows = await deps.database.query<Row>(sql, [...params, limit + 1]);
  const found = rows.map((row) => fromRow(at, row, deps.sealer));
  return toPage(found, limit, ({ createdAt, commandId }) => [String(createdAt), commandId]);
}

/** Rejects the batch with `UniqueViolation` when the id is taken. */
export function insertCommand(command: Command, sealer: Pick<Sealer, "seal">): Write[] {
  return [
    {
      sql: `INSERT INTO iot_command (account_id, region, command_id, details, deprecated, pending_deletion_at,
              created_at, updated_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        ...keyParams(command),
        sealDetails(command, sealer),
        command.deprecated ? 1 : 0,
        command.pendingDeletionAt ?? null,
        command.createdAt,
        command.updatedAt,
        command.revision,
      ],
    },
    ...command.parameters.map(({ name }) => ({
      sql: "INSERT INTO iot_command_parameter (account_id, region, parameter_name, command_id) VALUES (?, ?, ?, ?)",
      params: [...placeOf(command), name, command.commandId],
    })),
  ];
}

/** Guarded by the revision that was read. Parameters never change. */
export function updateCommand(before: Command, after: Command, sealer: Pick<Sealer, "seal">): Write {
  return {
    sql: `UPDATE iot_command SET details = ?, deprecated = ?, pending_deletion_at = ?, updated_at = ?,
            revision = revision + 1 WHERE ${KEY} AND revision = ?`,
    params: [
      sealDetails(after, sealer),
      after.deprecated ? 1 : 0,
      after.pendingDeletionAt ?? null,
      after.updatedAt,
      ...keyParams(before),
      before.revision,
    ],
    rows: 1,
  };
}

/** One that is being deleted; another that has its id by now is left alone. */
export const deleteCommand = (key: CommandKey): Write[] => [
  { sql: `DELETE FROM iot_command WHERE ${KEY} AND pending_deletion_at IS NOT NULL`, params: keyParams(key) },
  {
    sql: `DELETE FROM iot_command_parameter WHERE ${KEY} AND NOT EXISTS (SELECT 1 FROM iot_command WHERE ${KEY})`,
    params: [...keyParams(key), ...keyParams(key)],
  },
];
