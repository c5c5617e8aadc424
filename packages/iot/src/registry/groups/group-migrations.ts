import type { Migration } from "@hearth/backplane";

const place = "account_id TEXT NOT NULL, region TEXT NOT NULL";

export const groupMigrations: readonly Migration[] = [
  {
    room: "iot-groups",
    version: 1,
    name: "thing groups, event configurations",
    statements: [
      // `children` and `revision` guard deletions and additions: both grow with what they count.
      `CREATE TABLE iot_thing_group (
        ${place},
        group_name TEXT NOT NULL,
        group_id TEXT NOT NULL,
        parent_name TEXT,
        version BIGINT NOT NULL,
        description TEXT,
        attributes TEXT NOT NULL,
        tags TEXT NOT NULL,
        children BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, group_name)
      )`,
      "CREATE INDEX iot_thing_group_children ON iot_thing_group (account_id, region, parent_name, group_name)",
      // Every group with itself (depth 0) and all above it: both directions are one look-up.
      `CREATE TABLE iot_thing_group_ancestor (
        ${place},
        group_name TEXT NOT NULL,
        ancestor_name TEXT NOT NULL,
        depth BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, group_name, ancestor_name)
      )`,
      `CREATE INDEX iot_thing_group_descendants
        ON iot_thing_group_ancestor (account_id, region, ancestor_name, group_name)`,
      `CREATE TABLE iot_thing_group_member (
        ${place},
        group_name TEXT NOT NULL,
        thing_name TEXT NOT NULL,
        PRIMARY KEY (account_id, region, group_name, thing_name)
      )`,
      "CREATE INDEX iot_thing_group_of_thing ON iot_thing_group_member (account_id, region, thing_name, group_name)",
      `CREATE TABLE iot_event_configuration (
        ${place},
        event_type TEXT NOT NULL,
        enabled BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        modified_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, event_type)
      )`,
    ],
  },
];
