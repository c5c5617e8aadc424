import type { Migration } from "@hearth/backplane";

/** Discovery jobs and what they found (reference 9.6, 10.6). */
export const discoveryMigrations: readonly Migration[] = [
  {
    room: "managed-discovery",
    version: 1,
    name: "device discoveries, discovered devices",
    statements: [
      `CREATE TABLE device_discovery (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        type TEXT NOT NULL,
        status TEXT NOT NULL,
        controller_id TEXT,
        association_id TEXT,
        details BLOB NOT NULL,
        device_count BIGINT NOT NULL,
        started_at BIGINT NOT NULL,
        finished_at BIGINT,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, id)
      )`,
      "CREATE INDEX device_discovery_type ON device_discovery (account_id, region, type, id)",
      "CREATE INDEX device_discovery_status ON device_discovery (account_id, region, status, id)",
      `CREATE TABLE discovered_device (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        discovery_id TEXT NOT NULL,
        number BIGINT NOT NULL,
        device_hash TEXT NOT NULL,
        material_hash TEXT NOT NULL,
        details BLOB NOT NULL,
        PRIMARY KEY (account_id, region, discovery_id, number)
      )`,
      `CREATE UNIQUE INDEX discovered_device_device
        ON discovered_device (account_id, region, discovery_id, device_hash)`,
    ],
  },
  {
    room: "managed-unlinking",
    version: 1,
    name: "discoveries by account association",
    statements: [
      "CREATE INDEX device_discovery_association ON device_discovery (account_id, region, association_id, id)",
    ],
  },
  {
    room: "managed-unlinking",
    version: 2,
    name: "discoveries of every account, for connectors that several use",
    statements: ["CREATE INDEX device_discovery_anywhere ON device_discovery (region, id)"],
  },
  {
    room: "managed-hubs",
    version: 1,
    name: "by what a hub or a connector knows a device",
    statements: [
      "ALTER TABLE managed_thing ADD COLUMN connector_destination_id TEXT",
      "ALTER TABLE managed_thing ADD COLUMN connector_device_hash TEXT",
      "ALTER TABLE managed_thing ADD COLUMN radio_hash TEXT",
      "CREATE INDEX managed_thing_parent ON managed_thing (account_id, region, parent_controller_id, id)",
      "CREATE INDEX managed_thing_connector_device ON managed_thing (account_id, region, connector_device_hash, id)",
      `CREATE INDEX managed_thing_connector_destination
        ON managed_thing (account_id, region, connector_destination_id, id)`,
      "CREATE INDEX managed_thing_radio ON managed_thing (account_id, region, radio_hash, id)",
    ],
  },
  {
    room: "managed-hubs",
    version: 2,
    name: "a connector's devices in every account",
    statements: ["CREATE INDEX managed_thing_of_connector ON managed_thing (region, connector_device_hash, id)"],
  },
  {
    room: "managed-discovery",
    version: 2,
    name: "when discoveries go, and which are over",
    statements: [
      "ALTER TABLE device_discovery ADD COLUMN kept_until BIGINT",
      "CREATE INDEX device_discovery_endless ON device_discovery (id) WHERE kept_until IS NULL",
      "CREATE INDEX device_discovery_finished ON device_discovery (account_id, region, finished_at)",
    ],
  },
];
