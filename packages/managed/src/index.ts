export { plainManagedRows } from "./encryption/plain-managed-rows.ts";
export type { Idempotently } from "./idempotently.ts";
export type { IotRoom, Messaging } from "./iot-room.ts";
export { createManaged, type Managed, type ManagedDeps } from "./managed.ts";
export { migrations } from "./migrations.ts";
export type { DeliverRecord } from "./notifications/notifier.ts";
export { PROVISIONING_HOOK } from "./provisioning-profiles/provisioning-hook.ts";
export { type ClientIds, createClientIds } from "./things/client-ids.ts";
