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
export { type CommitStats, DatabaseFailedError, type GroupLimits } from "./group-commit.ts";
export { MigrationChangedError, NewerDatabaseError } from "./migrations.ts";
export type { Outbox, OutboxHandler } from "./outbox.ts";
export { openPostgres, type PostgresDatabase, type PostgresOptions } from "./postgres.ts";
export { createSealer } from "./sealer.ts";
export type { Sealer } from "./sealing.ts";
export { openSqlite, type SqliteDatabase, type SqliteOptions } from "./sqlite.ts";
export type { Timers } from "./timers.ts";
