import type { Migration } from "@hearth/backplane";

export const hubMigrations: readonly Migration[] = [
  {
    room: "managed-hub",
    version: 1,
    name: "what hubs are told",
    statements: [
      // One row: the key that signs local tokens, under the master key.
      `CREATE TABLE hub_token_key (
        id BIGINT NOT NULL,
        private_key BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (id)
      )`,
      // Few things are hubs, and few wait for one: neither question is to look at a fleet of devices.
      `CREATE INDEX managed_thing_hubs ON managed_thing (account_id, region, connected, status, id)
        WHERE role = 'CONTROLLER'`,
      `CREATE INDEX managed_thing_hubs_by_locker ON managed_thing (account_id, region, credential_locker_id, connected, id)
        WHERE role = 'CONTROLLER'`,
      `CREATE INDEX managed_thing_labels ON managed_thing (account_id, region, credential_locker_id, id)
        WHERE role = 'DEVICE' AND status IN ('PRE_ASSOCIATED', 'ISOLATED')`,
    ],
  },
];
