export { Pauses } from "./back-off.ts";
export { migrations } from "./backplane-migrations.ts";
export { type BoundedQuery, openBoundedQuery, type QueryBounds, QueryRefused } from "./bounded-query.ts";
export { type Bus, type Subject, subject } from "./bus.ts";
export { createBus } from "./bus-in-process.ts";
export {
  type Database,
  type Migration,
  type SqlValue,
  UniqueViolation,
  type Write,
  WriteConflict,
} from "./database.ts";
export type { Delivery } from "./delivery.ts";
export { type DirectoryLock, DirectoryLockedError, lockDirectory } from "./directory-lock.ts";
export { type CommitStats, DatabaseFailedError, type GroupLimits } from "./group-commit.ts";
export { type Keyring, openKeyring } from "./keyring.ts";
export {
  checkMasterKey,
  createNextMasterKey,
  dropNextMasterKey,
  loadMasterKey,
  MasterKeyError,
  MasterKeyMismatchError,
  promoteNextMasterKey,
  readNextMasterKey,
} from "./master-key.ts";
export { MigrationChangedError, NewerDatabaseError } from "./migrations.ts";
export {
  createOutbound,
  type LookUp,
  type Outbound,
  type OutboundAnswer,
  OutboundRefused,
  type OutboundRequest,
} from "./outbound/outbound.ts";
export type { Outbox, OutboxHandler } from "./outbox.ts";
export type { OutboxCounts } from "./outbox-consumer.ts";
export { createOutbox, type OutboxDeps, type OutboxDispatcher } from "./outbox-dispatcher.ts";
export type { Grouping } from "./outbox-groups.ts";
export type { Owned, Owner, Ownership } from "./ownership.ts";
export { createOwnership } from "./ownership-in-process.ts";
export { type PlainRows, sealPlainRows } from "./plain-rows.ts";
export { openPostgres, type PostgresDatabase, type PostgresOptions } from "./postgres.ts";
export { BackupUnusableError, restoreBackup, verifyBackup } from "./restore.ts";
export { isConflict, onConflictAgain } from "./retry.ts";
export { createSealer } from "./sealer.ts";
export type { Sealer } from "./sealing.ts";
export { compactSqlite, openSqlite, type SqliteDatabase, type SqliteOptions } from "./sqlite.ts";
export { createTimers, type TimerDeps, type TimerScheduler } from "./timer-scheduler.ts";
export type { Timers } from "./timers.ts";
