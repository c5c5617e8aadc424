import type { Migration } from "@hearth/backplane";
import { linkMigrations } from "./account-associations/link-migrations.ts";
import { requestMigrations } from "./commands/request-migrations.ts";
import { connectorMigrations } from "./connectors/connector-migrations.ts";
import { lockerMigrations } from "./credential-lockers/locker-migrations.ts";
import { deviceProfileMigrations } from "./device-profiles/device-profile-migrations.ts";
import { discoveryMigrations } from "./discovery/discovery-migrations.ts";
import { encryptionMigrations } from "./encryption/encryption-migrations.ts";
import { logMigrations } from "./event-logs/log-migrations.ts";
import { hubMigrations } from "./hub/hub-migrations.ts";
import { hubConfigurationMigrations } from "./hub-configuration/hub-configuration-migrations.ts";
import { targetMigrations } from "./notification-targets/target-migrations.ts";
import { otaConfigurationMigrations } from "./ota-configurations/ota-configuration-migrations.ts";
import { otaTaskMigrations } from "./ota-tasks/ota-task-migrations.ts";
import { jitrMigrations } from "./provisioning-profiles/jitr-migrations.ts";
import { schemaMigrations } from "./schemas/schema-migrations.ts";

/** The tables of managed integrations. Every row carries account and region; sensitive members are sealed. */
export const migrations: readonly Migration[] = [
  {
    room: "managed",
    version: 1,
    name: "managed things, their state, commands, notifications, provisioning profiles",
    statements: [
      `CREATE TABLE managed_thing (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        role TEXT NOT NULL,
        status TEXT NOT NULL,
        details BLOB NOT NULL,
        material_hash TEXT NOT NULL,
        serial_hash TEXT,
        owner_hash TEXT,
        credential_locker_id TEXT,
        parent_controller_id TEXT,
        capability_report TEXT,
        certificate_id TEXT,
        revision BIGINT NOT NULL,
        last_event_number BIGINT NOT NULL,
        connected BIGINT,
        connectivity_at BIGINT,
        disconnect_reason TEXT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        activated_at BIGINT,
        PRIMARY KEY (account_id, region, id)
      )`,
      "CREATE UNIQUE INDEX managed_thing_material ON managed_thing (account_id, region, material_hash)",
      "CREATE INDEX managed_thing_serial ON managed_thing (account_id, region, serial_hash, id)",
      "CREATE INDEX managed_thing_owner ON managed_thing (account_id, region, owner_hash, id)",
      "CREATE INDEX managed_thing_status ON managed_thing (account_id, region, status, id)",
      "CREATE INDEX managed_thing_connected ON managed_thing (connected)",
      `CREATE TABLE managed_property (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        thing_id TEXT NOT NULL,
        endpoint_id TEXT NOT NULL,
        capability_id TEXT NOT NULL,
        property TEXT NOT NULL,
        value TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        PRIMARY KEY (account_id, region, thing_id, endpoint_id, capability_id, property)
      )`,
      // Open commands only: a closed one leaves no row.
      `CREATE TABLE managed_command (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        trace_id TEXT NOT NULL,
        thing_id TEXT NOT NULL,
        actions BIGINT NOT NULL,
        received_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, trace_id)
      )`,
      "CREATE INDEX managed_command_thing ON managed_command (account_id, region, thing_id)",
      `CREATE TABLE provisioning_profile (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        provisioning_type TEXT NOT NULL,
        claim_certificate_id TEXT NOT NULL,
        claim_certificate_pem TEXT NOT NULL,
        tags BLOB,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, id)
      )`,
      "CREATE UNIQUE INDEX provisioning_profile_name ON provisioning_profile (account_id, region, name)",
      `CREATE TABLE destination (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        delivery_arn TEXT NOT NULL,
        delivery_type TEXT NOT NULL,
        role_arn TEXT NOT NULL,
        description TEXT,
        tags BLOB,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, name)
      )`,
      `CREATE TABLE notification_configuration (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        event_type TEXT NOT NULL,
        destination_name TEXT NOT NULL,
        tags BLOB,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, event_type)
      )`,
      `CREATE TABLE custom_endpoint (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region)
      )`,
    ],
  },
  ...encryptionMigrations,
  ...connectorMigrations,
  ...linkMigrations,
  ...requestMigrations,
  ...targetMigrations,
  ...deviceProfileMigrations,
  ...hubMigrations,
  ...hubConfigurationMigrations,
  ...lockerMigrations,
  ...schemaMigrations,
  ...jitrMigrations,
  ...discoveryMigrations,
  ...otaConfigurationMigrations,
  ...logMigrations,
  ...otaTaskMigrations,
];
