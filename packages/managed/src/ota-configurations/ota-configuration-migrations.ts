import type { Migration } from "@hearth/backplane";

export const otaConfigurationMigrations: readonly Migration[] = [
  {
    room: "managed-ota-configurations",
    version: 1,
    name: "configurations of OTA tasks",
    statements: [
      `CREATE TABLE ota_task_configuration (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        details BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, id)
      )`,
    ],
  },
];
