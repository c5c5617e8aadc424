import type { Migration } from "@hearth/backplane";

export const shadowMigrations: readonly Migration[] = [
  {
    room: "iot-shadow-history",
    version: 1,
    name: "what shadows have been",
    statements: [
      // A ring for each shadow: `slot` is `ordinal` modulo the ring's size, so that a full ring grows no further. What
      // is small stands before the sealed document, which may go on to pages of its own.
      `CREATE TABLE iot_shadow_history (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        thing_name TEXT NOT NULL,
        shadow_name TEXT NOT NULL,
        slot BIGINT NOT NULL,
        ordinal BIGINT NOT NULL,
        version BIGINT NOT NULL,
        kind TEXT NOT NULL,
        at BIGINT NOT NULL,
        actor BLOB NOT NULL,
        document BLOB,
        PRIMARY KEY (account_id, region, thing_name, shadow_name, slot)
      )`,
      // The ordinal of the latest entry, so that the next one needs no look at the ring.
      "ALTER TABLE iot_shadows ADD COLUMN history BIGINT",
    ],
  },
];
