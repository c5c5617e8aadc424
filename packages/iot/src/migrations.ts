import type { Migration } from "@hearth/backplane";
import { commandMigrations } from "./commands/command-migrations.ts";
import { caMigrations } from "./credentials/ca-migrations.ts";
import { jobMigrations } from "./jobs/job-migrations.ts";
import { groupMigrations } from "./registry/groups/group-migrations.ts";
import { shadowMigrations } from "./shadows/shadow-migrations.ts";
import { streamMigrations } from "./streams/stream-migrations.ts";

/** The room's tables. Every row carries account and region, but for the device CA's. */
export const migrations: readonly Migration[] = [
  {
    room: "iot",
    version: 1,
    name: "registry, credentials, provisioning, shadows, idempotency",
    statements: [
      // `revision` grows with every change and every attachment: the guard of whoever deletes or counts.
      `CREATE TABLE iot_things (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        thing_name TEXT NOT NULL,
        thing_id TEXT NOT NULL,
        version BIGINT NOT NULL,
        attributes TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, thing_name)
      )`,
      `CREATE TABLE iot_thing_attributes (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        attribute_name TEXT NOT NULL,
        attribute_value TEXT NOT NULL,
        thing_name TEXT NOT NULL,
        PRIMARY KEY (account_id, region, thing_name, attribute_name)
      )`,
      `CREATE INDEX iot_thing_attributes_by_value
        ON iot_thing_attributes (account_id, region, attribute_name, attribute_value, thing_name)`,
      `CREATE TABLE iot_thing_principals (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        thing_name TEXT NOT NULL,
        certificate_id TEXT NOT NULL,
        principal_type TEXT NOT NULL,
        PRIMARY KEY (account_id, region, thing_name, certificate_id)
      )`,
      `CREATE INDEX iot_thing_principals_by_certificate
        ON iot_thing_principals (account_id, region, certificate_id, thing_name)`,

      // One for the installation: every account's devices get their certificates from it.
      `CREATE TABLE iot_device_authority (
        name TEXT NOT NULL PRIMARY KEY,
        certificate_pem TEXT NOT NULL,
        sealed_key BLOB NOT NULL,
        created_at BIGINT NOT NULL
      )`,
      `CREATE TABLE iot_certificates (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        certificate_id TEXT NOT NULL,
        status TEXT NOT NULL,
        certificate_pem TEXT NOT NULL,
        certificate_mode TEXT NOT NULL,
        not_before BIGINT NOT NULL,
        not_after BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        modified_at BIGINT NOT NULL,
        customer_version BIGINT NOT NULL,
        generation_id TEXT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, certificate_id)
      )`,
      "CREATE INDEX iot_certificates_by_id ON iot_certificates (certificate_id)",
      "CREATE INDEX iot_certificates_by_age ON iot_certificates (account_id, region, created_at, certificate_id)",

      `CREATE TABLE iot_policies (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        policy_name TEXT NOT NULL,
        default_version BIGINT NOT NULL,
        last_version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        modified_at BIGINT NOT NULL,
        generation_id TEXT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, policy_name)
      )`,
      `CREATE TABLE iot_policy_versions (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        policy_name TEXT NOT NULL,
        version BIGINT NOT NULL,
        document TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, policy_name, version)
      )`,
      `CREATE TABLE iot_policy_attachments (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        certificate_id TEXT NOT NULL,
        policy_name TEXT NOT NULL,
        PRIMARY KEY (account_id, region, certificate_id, policy_name)
      )`,
      `CREATE INDEX iot_policy_attachments_by_policy
        ON iot_policy_attachments (account_id, region, policy_name, certificate_id)`,

      `CREATE TABLE iot_provisioning_templates (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        template_name TEXT NOT NULL,
        template_type TEXT NOT NULL,
        description TEXT NOT NULL,
        body TEXT NOT NULL,
        enabled BIGINT NOT NULL,
        role_arn TEXT NOT NULL,
        hook TEXT,
        claim_certificate_id TEXT,
        created_at BIGINT NOT NULL,
        modified_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, template_name)
      )`,
      // The token itself is not stored, only its keyed hash. `answer` is the sealed reply of the provisioning that used it.
      `CREATE TABLE iot_ownership_tokens (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        token_hash TEXT NOT NULL,
        certificate_id TEXT NOT NULL,
        claim_principal_id TEXT NOT NULL,
        expires_at BIGINT NOT NULL,
        used_for TEXT,
        answer BLOB,
        PRIMARY KEY (account_id, region, token_hash)
      )`,

      // shadow_name is empty for the classic shadow. etag tells apart what two writers made of one version. The index serves the sweep of forgotten versions.
      `CREATE TABLE iot_shadows (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        thing_name TEXT NOT NULL,
        shadow_name TEXT NOT NULL,
        version BIGINT NOT NULL,
        etag TEXT NOT NULL,
        state TEXT NOT NULL,
        metadata TEXT NOT NULL,
        modified_at BIGINT NOT NULL,
        deleted_at BIGINT,
        PRIMARY KEY (account_id, region, thing_name, shadow_name)
      )`,
      "CREATE INDEX iot_shadows_deleted ON iot_shadows (deleted_at) WHERE deleted_at IS NOT NULL",

      `CREATE TABLE iot_idempotency (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        operation TEXT NOT NULL,
        client_token TEXT NOT NULL,
        request_hash TEXT NOT NULL,
        answer BLOB NOT NULL,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, operation, client_token)
      )`,
      "CREATE INDEX iot_idempotency_by_expiry ON iot_idempotency (expires_at)",
    ],
  },
  {
    room: "iot-sealed",
    version: 1,
    name: "shadows are sealed",
    statements: ["ALTER TABLE iot_shadows ADD COLUMN document BLOB"],
  },
  ...caMigrations,
  ...commandMigrations,
  ...groupMigrations,
  ...jobMigrations,
  ...shadowMigrations,
  ...streamMigrations,
];
