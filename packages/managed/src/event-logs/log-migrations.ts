import type { Migration } from "@hearth/backplane";

export const logMigrations: readonly Migration[] = [
  {
    room: "managed-logs",
    version: 1,
    name: "event and runtime log configurations",
    statements: [
      // `scope` is the resource type and id, or `*`, that the level is for.
      `CREATE TABLE event_log_configuration (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        resource_type TEXT NOT NULL,
        resource_id TEXT,
        scope TEXT NOT NULL,
        level TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, id)
      )`,
      "CREATE UNIQUE INDEX event_log_configuration_scope ON event_log_configuration (account_id, region, scope)",
      // Without a configuration the thing was reset and is told so when it comes back.
      `CREATE TABLE runtime_log_configuration (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        thing_id TEXT NOT NULL,
        configuration TEXT,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, thing_id)
      )`,
    ],
  },
];
