import type { Database, Write } from "@hearth/backplane";
import { type Page, type TimeKey, toPage } from "../storage/page.ts";
import { type Place, placeOf } from "../storage/place.ts";
import type { CaCertificate } from "./ca-certificate.ts";

type Reads = Pick<Database, "query">;

/** `revision` guards what was decided about it. */
export interface StoredCaCertificate extends CaCertificate, Place {
  revision: number;
}

interface Row {
  account_id: string;
  region: string;
  certificate_id: string;
  status: CaCertificate["status"];
  auto_registration: number;
  template_name: string | null;
  certificate_pem: string;
  certificate_mode: CaCertificate["certificateMode"];
  subject: string;
  not_before: number;
  not_after: number;
  created_at: number;
  modified_at: number;
  customer_version: number;
  generation_id: string;
  revision: number;
}

const COLUMNS = `account_id, region, certificate_id, status, auto_registration, template_name, certificate_pem,
  certificate_mode, subject, not_before, not_after, created_at, modified_at, customer_version, generation_id, revision`;
const KEY = "account_id = ? AND region = ? AND certificate_id = ?";
/** So many CAs of one name are looked at when a stranger's certificate names it as its issuer. */
const MOST_CANDIDATES = 32;

const fromRow = (row: Row): StoredCaCertificate => ({
  accountId: row.account_id,
  region: row.region,
  certificateId: row.certificate_id,
  status: row.status,
  autoRegistration: Number(row.auto_registration) === 1,
  ...(row.template_name === null ? {} : { templateName: row.template_name }),
  certificatePem: row.certificate_pem,
  certificateMode: row.certificate_mode,
  subject: row.subject,
  notBefore: Number(row.not_before),
  notAfter: Number(row.not_after),
  createdAt: Number(row.created_at),
  modifiedAt: Number(row.modified_at),
  customerVersion: Number(row.customer_version),
  generationId: row.generation_id,
  revision: Number(row.revision),
});

export async function readCa(
  database: Reads,
  at: Place,
  certificateId: string,
): Promise<StoredCaCertificate | undefined> {
  const [row] = await database.query<Row>(`SELECT ${COLUMNS} FROM iot_ca_certificates WHERE ${KEY}`, [
    ...placeOf(at),
    certificateId,
  ]);
  return row && fromRow(row);
}

/** Registrations of one CA in all accounts. */
export async function caRegistrations(database: Reads, certificateId: string): Promise<StoredCaCertificate[]> {
  const sql = `SELECT ${COLUMNS} FROM iot_ca_certificates WHERE certificate_id = ? LIMIT ?`;
  return (await database.query<Row>(sql, [certificateId, MOST_CANDIDATES])).map(fromRow);
}

/** The account's CAs of this subject. */
export async function casOfSubject(database: Reads, at: Place, subject: string): Promise<StoredCaCertificate[]> {
  const sql = `SELECT ${COLUMNS} FROM iot_ca_certificates WHERE account_id = ? AND region = ? AND subject = ?
    ORDER BY certificate_id LIMIT ?`;
  return (await database.query<Row>(sql, [...placeOf(at), subject, MOST_CANDIDATES])).map(fromRow);
}

/** Of all accounts, those CAs of this subject that register certificates; the ones with proven keys first. */
export async function registeringCas(database: Reads, subject: string, at?: Place): Promise<StoredCaCertificate[]> {
  const place = at ? " AND account_id = ? AND region = ?" : "";
  const sql = `SELECT ${COLUMNS} FROM iot_ca_certificates WHERE subject = ? AND status = 'ACTIVE'
    AND auto_registration = 1${place} ORDER BY certificate_mode, created_at LIMIT ?`;
  return (await database.query<Row>(sql, [subject, ...(at ? placeOf(at) : []), MOST_CANDIDATES])).map(fromRow);
}

/** By age: newest first unless `ascending`. `after`: creation time and id. */
export async function listCas(
  database: Reads,
  at: Place,
  list: { after?: TimeKey; limit: number; ascending: boolean; templateName?: string },
): Promise<Page<CaCertificate>> {
  const { after, limit, ascending, templateName } = list;
  const [than, order] = ascending ? [">", "ASC"] : ["<", "DESC"];
  const position = after ? ` AND (created_at ${than} ? OR (created_at = ? AND certificate_id ${than} ?))` : "";
  const template = templateName === undefined ? "" : " AND template_name = ?";
  const rows = await database.query<Row>(
    `SELECT ${COLUMNS} FROM iot_ca_certificates WHERE account_id = ? AND region = ?${position}${template}
     ORDER BY created_at ${order}, certificate_id ${order} LIMIT ?`,
    [
      ...placeOf(at),
      ...(after ? [after[0], after[0], after[1]] : []),
      ...(templateName === undefined ? [] : [templateName]),
      limit + 1,
    ],
  );
  return toPage(rows.map(fromRow), limit, (row) => [String(row.createdAt), row.certificateId]);
}

/** Rejects the batch with `UniqueViolation` when it is registered already. */
export function insertCa(at: Place, ca: CaCertificate): Write {
  return {
    sql: `INSERT INTO iot_ca_certificates (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
    params: [
      ...placeOf(at),
      ca.certificateId,
      ca.status,
      ca.autoRegistration ? 1 : 0,
      ca.templateName ?? null,
      ca.certificatePem,
      ca.certificateMode,
      ca.subject,
      ca.notBefore,
      ca.notAfter,
      ca.createdAt,
      ca.modifiedAt,
      ca.customerVersion,
      ca.generationId,
    ],
  };
}

/** Guarded by the revision that was read. */
export function updateCa(
  ca: StoredCaCertificate,
  change: Pick<CaCertificate, "status" | "autoRegistration">,
  now: number,
): Write {
  return {
    sql: `UPDATE iot_ca_certificates SET status = ?, auto_registration = ?, modified_at = ?,
            customer_version = customer_version + 1, revision = revision + 1 WHERE ${KEY} AND revision = ?`,
    params: [change.status, change.autoRegistration ? 1 : 0, now, ...placeOf(ca), ca.certificateId, ca.revision],
    rows: 1,
  };
}

/** Guards what is decided by the CA's state: nobody has changed it since it was read. */
export function guardCa(ca: StoredCaCertificate): Write {
  return {
    sql: `UPDATE iot_ca_certificates SET revision = revision WHERE ${KEY} AND revision = ?`,
    params: [...placeOf(ca), ca.certificateId, ca.revision],
    rows: 1,
  };
}

/** Guarded by the revision that was read. */
export function deleteCa(ca: StoredCaCertificate): Write {
  return {
    sql: `DELETE FROM iot_ca_certificates WHERE ${KEY} AND revision = ?`,
    params: [...placeOf(ca), ca.certificateId, ca.revision],
    rows: 1,
  };
}

export async function registrationCode(database: Reads, at: Place): Promise<string | undefined> {
  const [row] = await database.query<{ code: string }>(
    "SELECT code FROM iot_registration_codes WHERE account_id = ? AND region = ?",
    placeOf(at),
  );
  return row?.code;
}

/** Keeps the code that is there. */
export const insertRegistrationCode = (at: Place, code: string): Write => ({
  sql: `INSERT INTO iot_registration_codes (account_id, region, code) VALUES (?, ?, ?)
    ON CONFLICT (account_id, region) DO NOTHING`,
  params: [...placeOf(at), code],
});
