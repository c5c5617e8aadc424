import type { Migration } from "@hearth/backplane";

export const otaTaskMigrations: readonly Migration[] = [
  {
    room: "managed-ota-tasks",
    version: 1,
    name: "OTA tasks, and how many continuous ones an account has begun",
    statements: [
      `CREATE TABLE ota_task (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        type TEXT NOT NULL,
        status TEXT NOT NULL,
        details BLOB NOT NULL,
        feed_cursor TEXT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, id)
      )`,
      "CREATE INDEX ota_task_open ON ota_task (account_id, region, type, status, id)",
      `CREATE TABLE ota_continuous (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        begun BIGINT NOT NULL,
        PRIMARY KEY (account_id, region)
      )`,
    ],
  },
];
