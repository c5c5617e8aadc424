export { type Bus, type Subject, subject } from "./bus.ts";
export {
  type Database,
  type Migration,
  type SqlValue,
  UniqueViolation,
  type Write,
  WriteConflict,
} from "./database.ts";
export type { Outbox, OutboxHandler } from "./outbox.ts";
export type { Sealer } from "./sealing.ts";
export type { Timers } from "./timers.ts";
