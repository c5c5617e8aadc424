/**
 * The one store. Writes are guarded statements committed in atomic batches; many batches share one fsync.
 * SQL is written once, in the dialect that SQLite and PostgreSQL share: `?` placeholders, `ON CONFLICT … DO UPDATE`,
 * `RETURNING` never, types TEXT, BIGINT, DOUBLE PRECISION, BLOB (which becomes BYTEA on PostgreSQL), JSON as TEXT,
 * booleans as BIGINT 0 or 1, times as BIGINT epoch milliseconds.
 */
export type SqlValue = string | number | null | Uint8Array;

export interface Write {
  sql: string;
  params: readonly SqlValue[];
  /** Guard: exactly this many rows must change; otherwise the whole batch is undone and rejected with `WriteConflict`. */
  rows?: number;
}

export interface Database {
  readonly dialect: "sqlite" | "postgresql";
  /** Reads committed rows. Sees every batch whose `commit` resolved before the call. */
  query<Row extends object>(sql: string, params?: readonly SqlValue[]): Promise<Row[]>;
  /**
   * Applies all writes or none. Resolves once they are durable (after the fsync).
   * A failing batch rejects only its own caller: `WriteConflict` for a guard, `UniqueViolation` for a duplicate key.
   */
  commit(writes: readonly Write[]): Promise<void>;
  close(): Promise<void>;
}

/** A guard did not hold: somebody else wrote first. Read again and decide again. */
export class WriteConflict extends Error {
  /** Index in the batch of the write whose guard failed. */
  readonly index: number;
  constructor(index: number) {
    super(`write ${index} of the batch changed another number of rows than its guard asks`);
    this.name = "WriteConflict";
    this.index = index;
  }
}

/** A primary or unique key exists already. */
export class UniqueViolation extends Error {
  readonly index: number;
  constructor(index: number, cause?: unknown) {
    super(`write ${index} of the batch violates a unique key`, { cause });
    this.name = "UniqueViolation";
    this.index = index;
  }
}

/** A room's tables. Versions count from 1 without gaps; `statements` run in one transaction, once, at start. */
export interface Migration {
  room: string;
  version: number;
  name: string;
  statements: readonly string[];
}
