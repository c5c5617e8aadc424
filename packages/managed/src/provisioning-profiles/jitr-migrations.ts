import type { Migration } from "@hearth/backplane";

export const jitrMigrations: readonly Migration[] = [
  {
    room: "managed-jitr",
    version: 1,
    name: "profiles of CAs; managed things by certificate",
    statements: [
      "ALTER TABLE provisioning_profile ADD COLUMN ca_certificate_id TEXT",
      "CREATE INDEX managed_thing_certificate ON managed_thing (account_id, region, certificate_id)",
    ],
  },
];
