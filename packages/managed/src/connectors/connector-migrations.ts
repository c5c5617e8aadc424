import type { Migration } from "@hearth/backplane";

/** Cloud-to-cloud connectors, their destinations, account associations and the managed things in them (reference 9). */
export const connectorMigrations: readonly Migration[] = [
  {
    room: "managed-connectors",
    version: 1,
    name: "cloud connectors, connector destinations, account associations",
    statements: [
      `CREATE TABLE cloud_connector (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        description TEXT,
        lambda_arn TEXT NOT NULL,
        type TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, id)
      )`,
      "CREATE INDEX cloud_connector_lambda ON cloud_connector (account_id, region, lambda_arn, id)",
      `CREATE TABLE connector_destination (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        cloud_connector_id TEXT NOT NULL,
        name TEXT,
        description TEXT,
        auth BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, id)
      )`,
      `CREATE INDEX connector_destination_connector
        ON connector_destination (account_id, region, cloud_connector_id, id)`,
      `CREATE TABLE account_association (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        connector_destination_id TEXT NOT NULL,
        state TEXT NOT NULL,
        details BLOB NOT NULL,
        user_id_hash TEXT,
        created_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, id)
      )`,
      `CREATE INDEX account_association_destination
        ON account_association (account_id, region, connector_destination_id, id)`,
      `CREATE TABLE thing_association (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        thing_id TEXT NOT NULL,
        association_id TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, thing_id, association_id)
      )`,
      `CREATE INDEX thing_association_association
        ON thing_association (account_id, region, association_id, thing_id)`,
    ],
  },
  {
    room: "managed-connector-catalogue",
    version: 1,
    name: "connectors that other accounts use",
    statements: [
      // NULL: a connector of the destination's own account.
      "ALTER TABLE connector_destination ADD COLUMN connector_account_id TEXT",
      "CREATE INDEX connector_destination_of ON connector_destination (region, cloud_connector_id, id)",
      "CREATE INDEX cloud_connector_listed ON cloud_connector (region, type, id)",
    ],
  },
];
