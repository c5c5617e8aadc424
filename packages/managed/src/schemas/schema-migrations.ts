import type { Migration } from "@hearth/backplane";

/** Schemas that customers have published, and those that one managed thing brought (reference 5). */
export const schemaMigrations: readonly Migration[] = [
  {
    room: "managed-schemas",
    version: 1,
    name: "schema versions of accounts and of managed things",
    statements: [
      `CREATE TABLE managed_schema (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        type TEXT NOT NULL,
        versioned_id TEXT NOT NULL,
        document TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, type, versioned_id)
      )`,
      `CREATE TABLE managed_thing_schema (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        thing_id TEXT NOT NULL,
        capability_id TEXT NOT NULL,
        document BLOB NOT NULL,
        PRIMARY KEY (account_id, region, thing_id, capability_id)
      )`,
    ],
  },
];
