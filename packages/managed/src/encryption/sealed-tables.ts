import type { DataClass } from "./account-cipher.ts";

/** A table with columns that are sealed under an account's data key; every row carries account and region. */
export interface SealedTable {
  table: string;
  /** The primary key after account and region. */
  key: readonly string[];
  columns: Readonly<Record<string, DataClass>>;
}

/** Whoever adds a sealed column adds it here: under a new key it is sealed again. */
export const sealedTables: readonly SealedTable[] = [
  { table: "account_association", key: ["id"], columns: { details: "association" } },
  { table: "account_link", key: ["association_id"], columns: { details: "association" } },
  { table: "account_token", key: ["association_id"], columns: { tokens: "association" } },
  { table: "connector_destination", key: ["id"], columns: { auth: "association" } },
  { table: "credential_locker", key: ["id"], columns: { details: "credential-locker" } },
  { table: "destination", key: ["name"], columns: { tags: "tags" } },
  { table: "device_discovery", key: ["id"], columns: { details: "discovered-device" } },
  { table: "device_profile", key: ["code_hash"], columns: { details: "device-profile" } },
  { table: "discovered_device", key: ["discovery_id", "number"], columns: { details: "discovered-device" } },
  {
    table: "managed_property",
    key: ["thing_id", "endpoint_id", "capability_id", "property"],
    columns: { value_sealed: "state" },
  },
  {
    table: "managed_thing",
    key: ["id"],
    columns: { details: "managed-thing", capability_report_sealed: "capability-report" },
  },
  { table: "managed_thing_schema", key: ["thing_id", "capability_id"], columns: { document: "managed-thing" } },
  { table: "notification_configuration", key: ["event_type"], columns: { tags: "tags" } },
  { table: "ota_task", key: ["id"], columns: { details: "ota-task" } },
  { table: "ota_task_configuration", key: ["id"], columns: { details: "ota-configuration" } },
  { table: "provisioning_profile", key: ["id"], columns: { tags: "tags" } },
];
