import type { Migration } from "@hearth/backplane";

const place = "account_id TEXT NOT NULL, region TEXT NOT NULL";

export const streamMigrations: readonly Migration[] = [
  {
    room: "iot-streams",
    version: 1,
    name: "file streams, OTA updates",
    statements: [
      // `details` is sealed: description, files, role, tags.
      `CREATE TABLE iot_stream (
        ${place},
        stream_id TEXT NOT NULL,
        version BIGINT NOT NULL,
        details BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, stream_id)
      )`,
      "CREATE INDEX iot_stream_by_age ON iot_stream (account_id, region, created_at, stream_id)",
      `CREATE TABLE iot_ota_update (
        ${place},
        ota_update_id TEXT NOT NULL,
        status TEXT NOT NULL,
        details BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, ota_update_id)
      )`,
      "CREATE INDEX iot_ota_update_by_age ON iot_ota_update (account_id, region, created_at, ota_update_id)",
    ],
  },
];
