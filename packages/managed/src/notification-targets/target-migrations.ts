import type { Migration } from "@hearth/backplane";

export const targetMigrations: readonly Migration[] = [
  {
    room: "managed-targets",
    version: 1,
    name: "notification targets beyond Kinesis",
    statements: [
      `CREATE TABLE notification_target (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        type TEXT NOT NULL,
        name TEXT NOT NULL,
        details BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, type, name)
      )`,
    ],
  },
];
