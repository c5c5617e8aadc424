import type { Migration } from "@hearth/backplane";

export const deviceProfileMigrations: readonly Migration[] = [
  {
    room: "managed-device-profiles",
    version: 1,
    name: "device profiles",
    statements: [
      `CREATE TABLE device_profile (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        code_hash TEXT NOT NULL,
        details BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, code_hash)
      )`,
    ],
  },
];
