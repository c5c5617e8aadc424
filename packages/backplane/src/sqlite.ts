import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Clock, type Logger, systemClock } from "@hearth/base";
import Sqlite from "better-sqlite3";
import type { Database, Migration, SqlValue, Write } from "./database.ts";
import { backupInto, ensurePrivateFile } from "./durable-files.ts";
import type { CommitStats, GroupLimits } from "./group-commit.ts";
import {
  APPLIED_MIGRATIONS,
  type AppliedMigration,
  MIGRATION_TABLE,
  pendingMigrations,
  RECORD_MIGRATION,
} from "./migrations.ts";
import { checkParam } from "./params.ts";
import { startWriter } from "./sqlite-writer.ts";

/** Limits default to 2048 batches and 4 MiB. */
export interface SqliteOptions extends Partial<GroupLimits> {
  /** Path of the database file; its directory is made when it is missing. */
  file: string;
  /** Of every room that the server has, in order. */
  migrations: readonly Migration[];
  log: Logger;
  /** Stamps migrations. */
  clock?: Clock;
  /**
   * Commits without fsync: acknowledged writes are lost in a power cut. Exists so that the durability test can be
   * seen to fail.
   */
  unsafeNoFsync?: boolean;
}

export interface SqliteDatabase extends Database {
  readonly dialect: "sqlite";
  /**
   * Writes a consistent copy of the running database to `path` (mode 0600, replaced atomically, fsynced). Commits go
   * on meanwhile and may be in the copy or not. Rejects when the target cannot be written.
   */
  backup(path: string): Promise<void>;
  stats(): CommitStats;
}

const READ_STATEMENTS = 500;
const SLOW_READ_MILLISECONDS = 20;

/**
 * Opens (creates) an embedded database and applies its migrations. Rejects with `NewerDatabaseError`,
 * `MigrationChangedError`, or the error of SQLite or the file system. One process at a time: see `lockDirectory`.
 */
export async function openSqlite(options: SqliteOptions): Promise<SqliteDatabase> {
  const { file, log } = options;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives -wal and -shm the mode of the database file.
  ensurePrivateFile(file);
  migrate(options);
  const { unsafeNoFsync = false, maxGroupBatches = 2048, maxGroupBytes = 4 << 20 } = options;
  const writer = await startWriter({ file, log, unsafeNoFsync, maxGroupBatches, maxGroupBytes });
  const reader = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 5000 });
  reader.pragma("case_sensitive_like = ON");

  const statements = new Map<string, Sqlite.Statement<unknown[]>>();
  const prepared = (sql: string) => {
    let statement = statements.get(sql);
    if (statement) {
      statements.delete(sql);
    } else {
      statement = reader.prepare(sql);
      if (statements.size >= READ_STATEMENTS) statements.delete(statements.keys().next().value as string);
    }
    // Last in the map is the most recently used.
    statements.set(sql, statement);
    return statement;
  };

  let closing: Promise<void> | undefined;
  return {
    dialect: "sqlite",

    async query<Row extends object>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
      for (const value of params) checkParam(value, sql);
      const start = performance.now();
      const rows = prepared(sql).all(...params) as Row[];
      const milliseconds = performance.now() - start;
      if (milliseconds > SLOW_READ_MILLISECONDS) log.warn({ sql, milliseconds, rows: rows.length }, "slow read");
      return rows;
    },

    commit: (writes: readonly Write[]) => writer.commit(writes),
    backup: (path: string) => backupInto(file, path, (temporary) => writer.backup(temporary)),
    stats: () => writer.stats(),

    close() {
      closing ??= (async () => {
        await writer.drain();
        // First the reader: the last connection to close folds the log into the database, and a read-only one cannot.
        statements.clear();
        reader.close();
        await writer.close();
      })();
      return closing;
    },
  };
}

/**
 * Writes the file anew, so that its free pages and its log hold nothing of what was deleted or overwritten. The database
 * must not be open.
 */
export function compactSqlite(file: string): void {
  const db = new Sqlite(file, { timeout: 5000 });
  try {
    db.exec("VACUUM");
    db.pragma("wal_checkpoint(TRUNCATE)");
  } finally {
    db.close();
  }
}

/** Runs on the calling thread: nothing else happens before the migrations are done. */
function migrate({ file, migrations, log, clock = systemClock }: SqliteOptions): void {
  const db = new Sqlite(file, { timeout: 5000 });
  try {
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.pragma("foreign_keys = ON");
    // One transaction, and one fsync, for all of them: a first start has dozens.
    const apply = db.transaction(() => {
      db.exec(MIGRATION_TABLE);
      const applied = db.prepare(APPLIED_MIGRATIONS).all() as AppliedMigration[];
      const pending = pendingMigrations(migrations, applied);
      const record = db.prepare(RECORD_MIGRATION);
      for (const { migration, checksum } of pending) {
        const { room, version, name, statements } = migration;
        try {
          for (const statement of statements) db.exec(statement);
          record.run(room, version, name, checksum, clock.now());
        } catch (error) {
          const why = `migration ${room} ${version} "${name}" failed: ${(error as Error).message}`;
          throw new Error(why, { cause: error });
        }
      }
      return pending;
    });
    for (const { migration } of apply.immediate()) {
      const { room, version, name } = migration;
      log.info({ room, version, name }, "migrated the database");
    }
  } finally {
    db.close();
  }
}
