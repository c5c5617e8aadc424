import type { Migration } from "@hearth/backplane";

export const lockerMigrations: readonly Migration[] = [
  {
    room: "managed-lockers",
    version: 1,
    name: "credential lockers",
    statements: [
      `CREATE TABLE credential_locker (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        details BLOB NOT NULL,
        revision BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, id)
      )`,
      // ListManagedThings asks by it.
      "CREATE INDEX managed_thing_locker ON managed_thing (account_id, region, credential_locker_id, id)",
    ],
  },
];
