import type { Migration } from "@hearth/backplane";

export const encryptionMigrations: readonly Migration[] = [
  {
    room: "managed-encryption",
    version: 1,
    name: "data keys; capability reports and state are sealed",
    statements: [
      `CREATE TABLE data_key (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        wrapping TEXT NOT NULL,
        wrapped BLOB NOT NULL,
        current BIGINT,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, id)
      )`,
      // NULLs are distinct: one current key, any number of retiring ones.
      "CREATE UNIQUE INDEX data_key_current ON data_key (account_id, region, current)",
      "ALTER TABLE managed_thing ADD COLUMN capability_report_sealed BLOB",
      "ALTER TABLE managed_property ADD COLUMN value_sealed BLOB",
    ],
  },
  {
    room: "managed-encryption",
    version: 2,
    name: "encryption configurations",
    statements: [
      `CREATE TABLE encryption_configuration (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        type TEXT NOT NULL,
        kms_key_arn TEXT,
        state TEXT NOT NULL,
        error TEXT,
        revision BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region)
      )`,
    ],
  },
];
