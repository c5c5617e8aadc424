import type { Database, Sealer, SqlValue, Write } from "@hearth/backplane";
import { type Page, type TimeKey, toPage } from "../storage/page.ts";
import { type Place, placeOf } from "../storage/place.ts";
import type { FileStream, StreamKey } from "./stream.ts";

export interface StreamStoreDeps {
  database: Pick<Database, "query">;
  sealer: Pick<Sealer, "seal" | "openText">;
}

const SEALED = "iot.stream";
const KEY = "account_id = ? AND region = ? AND stream_id = ?";
const keyParams = (key: StreamKey): [string, string, string] => [...placeOf(key), key.streamId];

interface Row {
  stream_id: string;
  version: number;
  details: Uint8Array;
  created_at: number;
  updated_at: number;
}

type Details = Pick<FileStream, "description" | "files" | "roleArn" | "tags">;

const fromRow = (at: Place, row: Row, sealer: Pick<Sealer, "openText">): FileStream => ({
  ...(JSON.parse(sealer.openText(row.details, SEALED)) as Details),
  accountId: at.accountId,
  region: at.region,
  streamId: row.stream_id,
  version: Number(row.version),
  createdAt: Number(row.created_at),
  updatedAt: Number(row.updated_at),
});

const sealDetails = ({ description, files, roleArn, tags }: Details, sealer: Pick<Sealer, "seal">): Uint8Array =>
  sealer.seal(JSON.stringify({ description, files, roleArn, tags }), SEALED);

export async function readStream(
  { database, sealer }: StreamStoreDeps,
  key: StreamKey,
): Promise<FileStream | undefined> {
  const [row] = await database.query<Row>(
    `SELECT stream_id, version, details, created_at, updated_at FROM iot_stream WHERE ${KEY}`,
    keyParams(key),
  );
  return row && fromRow(key, row, sealer);
}

/** By age. */
export async function listStreams(
  { database, sealer }: StreamStoreDeps,
  at: Place,
  ascending: boolean,
  after: TimeKey | undefined,
  limit: number,
): Promise<Page<FileStream>> {
  const params: SqlValue[] = [...placeOf(at)];
  const [beyond, order] = ascending ? [">", "ASC"] : ["<", "DESC"];
  let sql = `SELECT stream_id, version, details, created_at, updated_at FROM iot_stream
    WHERE account_id = ? AND region = ?`;
  if (after) {
    sql += ` AND (created_at ${beyond} ? OR (created_at = ? AND stream_id ${beyond} ?))`;
    params.push(after[0], after[0], after[1]);
  }
  const rows = await database.query<Row>(`${sql} ORDER BY created_at ${order}, stream_id ${order} LIMIT ?`, [
    ...params,
    limit + 1,
  ]);
  const found = rows.map((row) => fromRow(at, row, sealer));
  return toPage(found, limit, ({ createdAt, streamId }) => [String(createdAt), streamId]);
}

/** Rejects the batch with `UniqueViolation` when the id is taken. */
export function insertStream({ sealer }: Pick<StreamStoreDeps, "sealer">, stream: FileStream): Write {
  return {
    sql: `INSERT INTO iot_stream (account_id, region, stream_id, version, details, created_at, updated_at)
          VALUES (?, ?, ?, ?, ?, ?, ?)`,
    params: [...keyParams(stream), stream.version, sealDetails(stream, sealer), stream.createdAt, stream.updatedAt],
  };
}

/** Guarded by the version and time that were read. */
export function updateStream({ sealer }: Pick<StreamStoreDeps, "sealer">, before: FileStream, next: FileStream): Write {
  return {
    sql: `UPDATE iot_stream SET version = ?, details = ?, updated_at = ? WHERE ${KEY} AND version = ? AND updated_at = ?`,
    params: [
      next.version,
      sealDetails(next, sealer),
      next.updatedAt,
      ...keyParams(before),
      before.version,
      before.updatedAt,
    ],
    rows: 1,
  };
}

export const deleteStream = (key: StreamKey): Write => ({
  sql: `DELETE FROM iot_stream WHERE ${KEY}`,
  params: keyParams(key),
});
