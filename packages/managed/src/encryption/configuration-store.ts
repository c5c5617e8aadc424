import type { Database, Write } from "@hearth/backplane";
import type { Place } from "../place.ts";

export interface EncryptionConfiguration extends Place {
  type: "CUSTOMER_KEY_ENCRYPTION" | "MANAGED_INTEGRATIONS_DEFAULT_ENCRYPTION";
  keyArn: string | undefined;
  state: "ENABLED" | "UPDATE_FAILED" | "UPDATE_IN_PROGRESS";
  error: { code: string; message: string } | undefined;
  /** Counts the switches. */
  revision: number;
  /** Milliseconds. */
  updatedAt: number;
}

interface Row {
  type: EncryptionConfiguration["type"];
  kms_key_arn: string | null;
  state: EncryptionConfiguration["state"];
  error: string | null;
  revision: number;
  updated_at: number;
}

export function createConfigurationStore({ database }: { database: Database }) {
  return {
    /** Undefined: the account has never chosen. */
    async get({ accountId, region }: Place): Promise<EncryptionConfiguration | undefined> {
      const [row] = await database.query<Row>(
        `SELECT type, kms_key_arn, state, error, revision, updated_at FROM encryption_configuration
          WHERE account_id = ? AND region = ?`,
        [accountId, region],
      );
      if (!row) return undefined;
      return {
        accountId,
        region,
        type: row.type,
        keyArn: row.kms_key_arn ?? undefined,
        state: row.state,
        error: row.error === null ? undefined : (JSON.parse(row.error) as EncryptionConfiguration["error"]),
        revision: row.revision,
        updatedAt: row.updated_at,
      };
    },

    insert(configuration: EncryptionConfiguration): Write {
      return {
        sql: `INSERT INTO encryption_configuration (type, kms_key_arn, state, error, revision, updated_at, account_id, region)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [...valuesOf(configuration), configuration.accountId, configuration.region],
      };
    },

    /** Guarded by the state and the revision that were read. */
    update(before: EncryptionConfiguration, change: Partial<EncryptionConfiguration>): Write {
      return {
        sql: `UPDATE encryption_configuration SET type = ?, kms_key_arn = ?, state = ?, error = ?, revision = ?, updated_at = ?
          WHERE account_id = ? AND region = ? AND revision = ? AND state = ?`,
        params: [...valuesOf({ ...before, ...change }), before.accountId, before.region, before.revision, before.state],
        rows: 1,
      };
    },
  };
}

const valuesOf = ({ type, keyArn, state, error, revision, updatedAt }: EncryptionConfiguration) => [
  type,
  keyArn ?? null,
  state,
  error ? JSON.stringify(error) : null,
  revision,
  updatedAt,
];
