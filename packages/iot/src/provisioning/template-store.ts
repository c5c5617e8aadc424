import type { Database, Write } from "@hearth/backplane";
import { type Page, toPage } from "../storage/page.ts";
import { type Place, placeOf } from "../storage/place.ts";

type Reads = Pick<Database, "query">;

export interface StoredTemplate {
  templateName: string;
  type: "FLEET_PROVISIONING" | "JITP";
  description: string;
  body: string;
  enabled: boolean;
  roleArn: string;
  /** Name of the pre-provisioning hook. */
  hook?: string;
  /** Only devices that come with this claim certificate are admitted. */
  claimCertificateId?: string;
  /** Milliseconds. */
  createdAt: number;
  modifiedAt: number;
}

interface TemplateRow {
  template_name: string;
  template_type: StoredTemplate["type"];
  description: string;
  body: string;
  enabled: number;
  role_arn: string;
  hook: string | null;
  claim_certificate_id: string | null;
  created_at: number;
  modified_at: number;
}

const COLUMNS = `template_name, template_type, description, body, enabled, role_arn, hook, claim_certificate_id,
  created_at, modified_at`;
const KEY = "account_id = ? AND region = ? AND template_name = ?";

const fromRow = (row: TemplateRow): StoredTemplate => ({
  templateName: row.template_name,
  type: row.template_type,
  description: row.description,
  body: row.body,
  enabled: Number(row.enabled) === 1,
  roleArn: row.role_arn,
  ...(row.hook === null ? {} : { hook: row.hook }),
  ...(row.claim_certificate_id === null ? {} : { claimCertificateId: row.claim_certificate_id }),
  createdAt: Number(row.created_at),
  modifiedAt: Number(row.modified_at),
});

export async function readTemplate(database: Reads, at: Place, name: string): Promise<StoredTemplate | undefined> {
  const [row] = await database.query<TemplateRow>(`SELECT ${COLUMNS} FROM iot_provisioning_templates WHERE ${KEY}`, [
    ...placeOf(at),
    name,
  ]);
  return row && fromRow(row);
}

/** By name. */
export async function listTemplates(
  database: Reads,
  at: Place,
  after: string | undefined,
  limit: number,
): Promise<Page<StoredTemplate>> {
  const rows = await database.query<TemplateRow>(
    `SELECT ${COLUMNS} FROM iot_provisioning_templates WHERE account_id = ? AND region = ? AND template_name > ?
     ORDER BY template_name LIMIT ?`,
    [...placeOf(at), after ?? "", limit + 1],
  );
  return toPage(rows.map(fromRow), limit, (template) => [template.templateName]);
}

export async function countTemplates(database: Reads, at: Place): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    "SELECT COUNT(*) AS count FROM iot_provisioning_templates WHERE account_id = ? AND region = ?",
    placeOf(at),
  );
  return Number(row?.count ?? 0);
}

/** Rejects the batch with `UniqueViolation` when the name is taken. */
export function insertTemplate(at: Place, template: StoredTemplate): Write {
  return {
    sql: `INSERT INTO iot_provisioning_templates (account_id, region, ${COLUMNS})
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      ...placeOf(at),
      template.templateName,
      template.type,
      template.description,
      template.body,
      template.enabled ? 1 : 0,
      template.roleArn,
      template.hook ?? null,
      template.claimCertificateId ?? null,
      template.createdAt,
      template.modifiedAt,
    ],
  };
}

/** Guarded: the template must be there. Type, body and claim stay. */
export function updateTemplate(at: Place, template: StoredTemplate): Write {
  return {
    sql: `UPDATE iot_provisioning_templates SET description = ?, enabled = ?, role_arn = ?, hook = ?, modified_at = ?
          WHERE ${KEY}`,
    params: [
      template.description,
      template.enabled ? 1 : 0,
      template.roleArn,
      template.hook ?? null,
      template.modifiedAt,
      ...placeOf(at),
      template.templateName,
    ],
    rows: 1,
  };
}

export function deleteTemplate(at: Place, name: string): Write {
  return { sql: `DELETE FROM iot_provisioning_templates WHERE ${KEY}`, params: [...placeOf(at), name] };
}
