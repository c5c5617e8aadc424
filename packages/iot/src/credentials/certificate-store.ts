import type { Database, Write } from "@hearth/backplane";
import { type Page, type TimeKey, toPage } from "../storage/page.ts";
import { type Place, placeOf } from "../storage/place.ts";
import type { Certificate, CertificateStatus } from "./certificate.ts";

type Reads = Pick<Database, "query">;

/** `revision` guards decisions about a certificate: it grows with each change and each attachment. */
export interface StoredCertificate extends Certificate, Place {
  revision: number;
}

interface CertificateRow {
  account_id: string;
  region: string;
  certificate_id: string;
  status: CertificateStatus;
  certificate_pem: string;
  certificate_mode: "DEFAULT" | "SNI_ONLY";
  not_before: number;
  not_after: number;
  created_at: number;
  modified_at: number;
  customer_version: number;
  generation_id: string;
  revision: number;
  ca_certificate_id: string | null;
}

const COLUMNS = `account_id, region, certificate_id, status, certificate_pem, certificate_mode, not_before, not_after,
  created_at, modified_at, customer_version, generation_id, revision, ca_certificate_id`;
const KEY = "account_id = ? AND region = ? AND certificate_id = ?";

const fromRow = (row: CertificateRow): StoredCertificate => ({
  accountId: row.account_id,
  region: row.region,
  certificateId: row.certificate_id,
  status: row.status,
  certificatePem: row.certificate_pem,
  certificateMode: row.certificate_mode,
  notBefore: Number(row.not_before),
  notAfter: Number(row.not_after),
  createdAt: Number(row.created_at),
  modifiedAt: Number(row.modified_at),
  customerVersion: Number(row.customer_version),
  generationId: row.generation_id,
  revision: Number(row.revision),
  ...(row.ca_certificate_id === null ? {} : { caCertificateId: row.ca_certificate_id }),
});

export async function readCertificate(
  database: Reads,
  at: Place,
  certificateId: string,
): Promise<StoredCertificate | undefined> {
  const [row] = await database.query<CertificateRow>(`SELECT ${COLUMNS} FROM iot_certificates WHERE ${KEY}`, [
    ...placeOf(at),
    certificateId,
  ]);
  return row && fromRow(row);
}

/** In all accounts and regions, whatever its status, the oldest first. */
export async function findRegistrations(database: Reads, certificateId: string): Promise<StoredCertificate[]> {
  const rows = await database.query<CertificateRow>(
    `SELECT ${COLUMNS} FROM iot_certificates WHERE certificate_id = ? ORDER BY created_at, account_id`,
    [certificateId],
  );
  return rows.map(fromRow);
}

/** By age: newest first unless `ascending`; all, or those that a CA has signed. `after`: creation time and id. */
export async function listCertificates(
  database: Reads,
  at: Place,
  after: TimeKey | undefined,
  limit: number,
  ascending: boolean,
  caCertificateId?: string,
): Promise<Page<Certificate>> {
  const [than, order] = ascending ? [">", "ASC"] : ["<", "DESC"];
  const position = after ? ` AND (created_at ${than} ? OR (created_at = ? AND certificate_id ${than} ?))` : "";
  const ofCa = caCertificateId === undefined ? "" : " AND ca_certificate_id = ?";
  const rows = await database.query<CertificateRow>(
    `SELECT ${COLUMNS} FROM iot_certificates WHERE account_id = ? AND region = ?${ofCa}${position}
     ORDER BY created_at ${order}, certificate_id ${order} LIMIT ?`,
    [
      ...placeOf(at),
      ...(caCertificateId === undefined ? [] : [caCertificateId]),
      ...(after ? [after[0], after[0], after[1]] : []),
      limit + 1,
    ],
  );
  return toPage(rows.map(fromRow), limit, (row) => [String(row.createdAt), row.certificateId]);
}

/** Rejects the batch with `UniqueViolation` when it is registered already. */
export function insertCertificate(at: Place, certificate: Certificate): Write {
  return {
    sql: `INSERT INTO iot_certificates (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)`,
    params: [
      ...placeOf(at),
      certificate.certificateId,
      certificate.status,
      certificate.certificatePem,
      certificate.certificateMode,
      certificate.notBefore,
      certificate.notAfter,
      certificate.createdAt,
      certificate.modifiedAt,
      certificate.customerVersion,
      certificate.generationId,
      certificate.caCertificateId ?? null,
    ],
  };
}

/** Guarded by the revision that was read. */
export function updateStatus(certificate: StoredCertificate, status: CertificateStatus, now: number): Write {
  return {
    sql: `UPDATE iot_certificates SET status = ?, modified_at = ?, customer_version = customer_version + 1,
            revision = revision + 1 WHERE ${KEY} AND revision = ?`,
    params: [status, now, ...placeOf(certificate), certificate.certificateId, certificate.revision],
    rows: 1,
  };
}

/** Guards an attachment: nobody has changed the certificate or its attachments since it was read. */
export function touchCertificate(certificate: StoredCertificate): Write {
  return {
    sql: `UPDATE iot_certificates SET revision = revision + 1 WHERE ${KEY} AND revision = ?`,
    params: [...placeOf(certificate), certificate.certificateId, certificate.revision],
    rows: 1,
  };
}

/** Guarded by the revision that was read. */
export function deleteCertificate(certificate: StoredCertificate): Write {
  return {
    sql: `DELETE FROM iot_certificates WHERE ${KEY} AND revision = ?`,
    params: [...placeOf(certificate), certificate.certificateId, certificate.revision],
    rows: 1,
  };
}
