import type { Migration } from "@hearth/backplane";

export const hubConfigurationMigrations: readonly Migration[] = [
  {
    room: "managed-hub-configuration",
    version: 1,
    name: "hub configuration",
    statements: [
      `CREATE TABLE hub_configuration (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        token_seconds BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region)
      )`,
    ],
  },
];
