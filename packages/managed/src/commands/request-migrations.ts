import type { Migration } from "@hearth/backplane";

export const requestMigrations: readonly Migration[] = [
  {
    room: "managed-requests",
    version: 1,
    name: "commands that devices have started",
    statements: [
      `CREATE TABLE managed_request (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        thing_id TEXT NOT NULL,
        exchange TEXT NOT NULL,
        endpoint_id TEXT NOT NULL,
        capability_id TEXT NOT NULL,
        action TEXT NOT NULL,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, thing_id, exchange)
      )`,
    ],
  },
];
