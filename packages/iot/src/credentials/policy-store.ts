import type { Database, Write } from "@hearth/backplane";
import { type Page, toPage } from "../storage/page.ts";
import { type Place, placeOf } from "../storage/place.ts";
import type { Policy, PolicyVersion } from "./policy.ts";

type Reads = Pick<Database, "query">;

/** `revision` guards deletions and versions: it grows with each change and each attachment. */
export interface StoredPolicy extends Policy {
  revision: number;
}

interface PolicyRow {
  policy_name: string;
  default_version: number;
  last_version: number;
  created_at: number;
  modified_at: number;
  generation_id: string;
  revision: number;
}

const COLUMNS = "policy_name, default_version, last_version, created_at, modified_at, generation_id, revision";
const KEY = "account_id = ? AND region = ? AND policy_name = ?";

const fromRow = (row: PolicyRow): StoredPolicy => ({
  policyName: row.policy_name,
  defaultVersion: Number(row.default_version),
  lastVersion: Number(row.last_version),
  createdAt: Number(row.created_at),
  modifiedAt: Number(row.modified_at),
  generationId: row.generation_id,
  revision: Number(row.revision),
});

export async function readPolicy(database: Reads, at: Place, policyName: string): Promise<StoredPolicy | undefined> {
  const [row] = await database.query<PolicyRow>(`SELECT ${COLUMNS} FROM iot_policies WHERE ${KEY}`, [
    ...placeOf(at),
    policyName,
  ]);
  return row && fromRow(row);
}

/** By name. */
export async function listPolicyNames(
  database: Reads,
  at: Place,
  after: string | undefined,
  limit: number,
  ascending: boolean,
): Promise<Page<string>> {
  const position = after === undefined ? "" : ` AND policy_name ${ascending ? ">" : "<"} ?`;
  const rows = await database.query<{ policy_name: string }>(
    `SELECT policy_name FROM iot_policies WHERE account_id = ? AND region = ?${position}
     ORDER BY policy_name ${ascending ? "ASC" : "DESC"} LIMIT ?`,
    [...placeOf(at), ...(after === undefined ? [] : [after]), limit + 1],
  );
  return toPage(
    rows.map((row) => row.policy_name),
    limit,
    (name) => [name],
  );
}

/** Rejects the batch with `UniqueViolation` when the name is taken. */
export function insertPolicy(at: Place, policy: Policy, document: string): Write[] {
  return [
    {
      sql: `INSERT INTO iot_policies (account_id, region, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        ...placeOf(at),
        policy.policyName,
        policy.defaultVersion,
        policy.lastVersion,
        policy.createdAt,
        policy.modifiedAt,
        policy.generationId,
        // Not 1: a policy that was deleted and created anew must not look like the one that was read.
        policy.createdAt,
      ],
    },
    insertVersion(at, policy.policyName, { version: policy.lastVersion, document, createdAt: policy.createdAt }),
  ];
}

/** Guarded by the revision that was read. */
export function updatePolicy(at: Place, revision: number, policy: Policy): Write {
  return {
    sql: `UPDATE iot_policies SET default_version = ?, last_version = ?, modified_at = ?, generation_id = ?,
            revision = revision + 1 WHERE ${KEY} AND revision = ?`,
    params: [
      policy.defaultVersion,
      policy.lastVersion,
      policy.modifiedAt,
      policy.generationId,
      ...placeOf(at),
      policy.policyName,
      revision,
    ],
    rows: 1,
  };
}

/** Guards an attachment: the policy must be there, and whoever is about to delete it must look again. */
export function touchPolicy(at: Place, policyName: string): Write {
  return {
    sql: `UPDATE iot_policies SET revision = revision + 1 WHERE ${KEY}`,
    params: [...placeOf(at), policyName],
    rows: 1,
  };
}

export function deletePolicy(at: Place, policy: StoredPolicy): Write[] {
  return [
    {
      sql: `DELETE FROM iot_policies WHERE ${KEY} AND revision = ?`,
      params: [...placeOf(at), policy.policyName, policy.revision],
      rows: 1,
    },
    { sql: `DELETE FROM iot_policy_versions WHERE ${KEY}`, params: [...placeOf(at), policy.policyName] },
  ];
}

/** From every certificate that it is attached to. */
export function deleteAttachmentsOfPolicy(at: Place, policyName: string): Write {
  return { sql: `DELETE FROM iot_policy_attachments WHERE ${KEY}`, params: [...placeOf(at), policyName] };
}

/** Oldest first. */
export async function readVersions(database: Reads, at: Place, policyName: string): Promise<PolicyVersion[]> {
  const rows = await database.query<{ version: number; document: string; created_at: number }>(
    `SELECT version, document, created_at FROM iot_policy_versions WHERE ${KEY} ORDER BY version`,
    [...placeOf(at), policyName],
  );
  return rows.map((row) => ({
    version: Number(row.version),
    document: row.document,
    createdAt: Number(row.created_at),
  }));
}

export function insertVersion(at: Place, policyName: string, version: PolicyVersion): Write {
  return {
    sql: `INSERT INTO iot_policy_versions (account_id, region, policy_name, version, document, created_at)
          VALUES (?, ?, ?, ?, ?, ?)`,
    params: [...placeOf(at), policyName, version.version, version.document, version.createdAt],
  };
}

export function deleteVersion(at: Place, policyName: string, version: number): Write {
  return {
    sql: `DELETE FROM iot_policy_versions WHERE ${KEY} AND version = ?`,
    params: [...placeOf(at), policyName, version],
    rows: 1,
  };
}

/** Names of the policies attached to a certificate, in order. There are ten at most. */
export async function policiesOf(database: Reads, at: Place, certificateId: string): Promise<string[]> {
  const rows = await database.query<{ policy_name: string }>(
    `SELECT policy_name FROM iot_policy_attachments
     WHERE account_id = ? AND region = ? AND certificate_id = ? ORDER BY policy_name`,
    [...placeOf(at), certificateId],
  );
  return rows.map((row) => row.policy_name);
}

/** Default versions of the policies attached to a certificate. */
export async function attachedDocuments(
  database: Reads,
  at: Place,
  certificateId: string,
): Promise<{ name: string; document: string }[]> {
  return database.query<{ name: string; document: string }>(
    `SELECT p.policy_name AS name, v.document AS document
     FROM iot_policy_attachments a
     JOIN iot_policies p
       ON p.account_id = a.account_id AND p.region = a.region AND p.policy_name = a.policy_name
     JOIN iot_policy_versions v
       ON v.account_id = p.account_id AND v.region = p.region AND v.policy_name = p.policy_name
          AND v.version = p.default_version
     WHERE a.account_id = ? AND a.region = ? AND a.certificate_id = ? ORDER BY p.policy_name`,
    [...placeOf(at), certificateId],
  );
}

/** A policy's default version. */
export async function defaultDocument(
  database: Reads,
  at: Place,
  policyName: string,
): Promise<{ name: string; document: string } | undefined> {
  const [row] = await database.query<{ name: string; document: string }>(
    `SELECT p.policy_name AS name, v.document AS document
     FROM iot_policies p
     JOIN iot_policy_versions v
       ON v.account_id = p.account_id AND v.region = p.region AND v.policy_name = p.policy_name
          AND v.version = p.default_version
     WHERE p.account_id = ? AND p.region = ? AND p.policy_name = ?`,
    [...placeOf(at), policyName],
  );
  return row;
}

/** Certificates that a policy is attached to, by id. */
export async function targetsOf(
  database: Reads,
  at: Place,
  policyName: string,
  after: string | undefined,
  limit: number,
): Promise<Page<string>> {
  const rows = await database.query<{ certificate_id: string }>(
    `SELECT certificate_id FROM iot_policy_attachments WHERE ${KEY} AND certificate_id > ?
     ORDER BY certificate_id LIMIT ?`,
    [...placeOf(at), policyName, after ?? "", limit + 1],
  );
  return toPage(
    rows.map((row) => row.certificate_id),
    limit,
    (id) => [id],
  );
}

/** Harmless when it is attached already. */
export function insertPolicyAttachment(at: Place, policyName: string, certificateId: string): Write {
  return {
    sql: `INSERT INTO iot_policy_attachments (account_id, region, certificate_id, policy_name) VALUES (?, ?, ?, ?)
          ON CONFLICT (account_id, region, certificate_id, policy_name) DO NOTHING`,
    params: [...placeOf(at), certificateId, policyName],
  };
}

/** Harmless when it is not attached. */
export function deletePolicyAttachment(at: Place, policyName: string, certificateId: string): Write {
  return {
    sql: `DELETE FROM iot_policy_attachments WHERE ${KEY} AND certificate_id = ?`,
    params: [...placeOf(at), policyName, certificateId],
  };
}

export function deletePolicyAttachmentsOf(at: Place, certificateId: string): Write {
  return {
    sql: "DELETE FROM iot_policy_attachments WHERE account_id = ? AND region = ? AND certificate_id = ?",
    params: [...placeOf(at), certificateId],
  };
}
