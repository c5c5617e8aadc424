import type { Database, Sealer, SqlValue, Write } from "@hearth/backplane";
import { type Page, type TimeKey, toPage } from "../storage/page.ts";
import { type Place, placeOf } from "../storage/place.ts";
import type { OtaUpdate, OtaUpdateKey, OtaUpdateStatus } from "./ota-update.ts";

export interface OtaUpdateStoreDeps {
  database: Pick<Database, "query">;
  sealer: Pick<Sealer, "seal" | "openText">;
}

const SEALED = "iot.ota-update";
const COLUMNS = "ota_update_id, status, details, created_at, updated_at, revision";
const KEY = "account_id = ? AND region = ? AND ota_update_id = ?";
const keyParams = (key: OtaUpdateKey): [string, string, string] => [...placeOf(key), key.otaUpdateId];

interface Row {
  ota_update_id: string;
  status: OtaUpdateStatus;
  details: Uint8Array;
  created_at: number;
  updated_at: number;
  revision: number;
}

type Details = Pick<OtaUpdate, "input" | "tags" | "jobId" | "streamId" | "error">;

/** Signatures are bytes: base64 in the store. */
const BYTES = "base64:";
const toText = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? `${BYTES}${Buffer.from(value).toString("base64")}` : value;
const fromText = (name: string, value: unknown): unknown =>
  name === "inlineDocument" && typeof value === "string" && value.startsWith(BYTES)
    ? Uint8Array.from(Buffer.from(value.slice(BYTES.length), "base64"))
    : value;

const fromRow = (at: Place, row: Row, sealer: Pick<Sealer, "openText">): OtaUpdate => ({
  ...(JSON.parse(sealer.openText(row.details, SEALED), fromText) as Details),
  accountId: at.accountId,
  region: at.region,
  otaUpdateId: row.ota_update_id,
  status: row.status,
  createdAt: Number(row.created_at),
  updatedAt: Number(row.updated_at),
  revision: Number(row.revision),
});

const sealDetails = ({ input, tags, jobId, streamId, error }: Details, sealer: Pick<Sealer, "seal">): Uint8Array =>
  sealer.seal(JSON.stringify({ input, tags, jobId, streamId, error }, toText), SEALED);

export async function readOtaUpdate(
  { database, sealer }: OtaUpdateStoreDeps,
  key: OtaUpdateKey,
): Promise<OtaUpdate | undefined> {
  const [row] = await database.query<Row>(`SELECT ${COLUMNS} FROM iot_ota_update WHERE ${KEY}`, keyParams(key));
  return row && fromRow(key, row, sealer);
}

/** The newest first. */
export async function listOtaUpdates(
  { database, sealer }: OtaUpdateStoreDeps,
  at: Place,
  status: string | undefined,
  after: TimeKey | undefined,
  limit: number,
): Promise<Page<OtaUpdate>> {
  const params: SqlValue[] = [...placeOf(at)];
  let sql = `SELECT ${COLUMNS} FROM iot_ota_update WHERE account_id = ? AND region = ?`;
  if (status !== undefined) {
    sql += " AND status = ?";
    params.push(status);
  }
  if (after) {
    sql += " AND (created_at < ? OR (created_at = ? AND ota_update_id < ?))";
    params.push(after[0], after[0], after[1]);
  }
  const rows = await database.query<Row>(`${sql} ORDER BY created_at DESC, ota_update_id DESC LIMIT ?`, [
    ...params,
    limit + 1,
  ]);
  const found = rows.map((row) => fromRow(at, row, sealer));
  return toPage(found, limit, ({ createdAt, otaUpdateId }) => [String(createdAt), otaUpdateId]);
}

/** Rejects the batch with `UniqueViolation` when the id is taken. */
export function insertOtaUpdate({ sealer }: Pick<OtaUpdateStoreDeps, "sealer">, update: OtaUpdate): Write {
  return {
    sql: `INSERT INTO iot_ota_update (account_id, region, ota_update_id, status, details, created_at, updated_at, revision)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      ...keyParams(update),
      update.status,
      sealDetails(update, sealer),
      update.createdAt,
      update.updatedAt,
      update.revision,
    ],
  };
}

/** Guarded by the revision that was read. */
export function writeOtaUpdate({ sealer }: Pick<OtaUpdateStoreDeps, "sealer">, update: OtaUpdate): Write {
  return {
    sql: `UPDATE iot_ota_update SET status = ?, details = ?, updated_at = ?, revision = revision + 1
          WHERE ${KEY} AND revision = ?`,
    params: [update.status, sealDetails(update, sealer), update.updatedAt, ...keyParams(update), update.revision],
    rows: 1,
  };
}

export const deleteOtaUpdate = (key: OtaUpdateKey): Write => ({
  sql: `DELETE FROM iot_ota_update WHERE ${KEY}`,
  params: keyParams(key),
});
