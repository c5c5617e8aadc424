import { createHash } from "node:crypto";
import type { Migration } from "./database.ts";

/** The database holds a migration that this build does not know: it was written by a newer Hearth. */
export class NewerDatabaseError extends Error {
  constructor(room: string, version: number, name: string) {
    super(
      `the database was written by a newer version of Hearth (it has migration ${room} ${version} "${name}", ` +
        "which this version does not know); start that version or restore a backup",
    );
    this.name = "NewerDatabaseError";
  }
}

/** A migration that was applied to the database has been edited since. */
export class MigrationChangedError extends Error {
  constructor(room: string, version: number) {
    super(`migration ${room} ${version} differs from the one that was applied to this database; add a new one instead`);
    this.name = "MigrationChangedError";
  }
}

/** A row of `hearth_migration`. */
export interface AppliedMigration {
  room: string;
  version: number;
  name: string;
  checksum: string;
}

export const MIGRATION_TABLE = `CREATE TABLE IF NOT EXISTS hearth_migration (
  room TEXT NOT NULL,
  version BIGINT NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at BIGINT NOT NULL,
  PRIMARY KEY (room, version)
)`;

export const APPLIED_MIGRATIONS = "SELECT room, version, name, checksum FROM hearth_migration ORDER BY room, version";

export const RECORD_MIGRATION =
  "INSERT INTO hearth_migration (room, version, name, checksum, applied_at) VALUES (?, ?, ?, ?, ?)";

/** SHA-256 (hex) of the statements; white space does not count, so that a file can be formatted anew. */
export function migrationChecksum(migration: Migration): string {
  const text = migration.statements.map((statement) => statement.trim().replace(/\s+/g, " "));
  return createHash("sha256").update(JSON.stringify(text)).digest("hex");
}

/**
 * The migrations still to apply, in order: rooms in the order in which they are given, versions ascending.
 * Throws `NewerDatabaseError`, `MigrationChangedError`, and Error when a room's versions have a gap or a double.
 */
export function pendingMigrations(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): { migration: Migration; checksum: string }[] {
  const rooms = new Map<string, Map<number, Migration>>();
  for (const migration of known) {
    const versions = rooms.get(migration.room) ?? new Map<number, Migration>();
    rooms.set(migration.room, versions);
    if (versions.has(migration.version)) {
      throw new Error(`migration ${migration.room} ${migration.version} exists twice`);
    }
    versions.set(migration.version, migration);
  }
  const done = new Set<string>();
  for (const { room, version, name, checksum } of applied) {
    const migration = rooms.get(room)?.get(version);
    if (!migration) throw new NewerDatabaseError(room, version, name);
    if (migrationChecksum(migration) !== checksum) throw new MigrationChangedError(room, version);
    done.add(`${room} ${version}`);
  }
  const pending: { migration: Migration; checksum: string }[] = [];
  for (const [room, versions] of rooms) {
    for (let version = 1; version <= versions.size; version++) {
      const migration = versions.get(version);
      if (!migration) throw new Error(`migrations of ${room} have a gap: version ${version} is missing`);
      if (!done.has(`${room} ${version}`)) pending.push({ migration, checksum: migrationChecksum(migration) });
    }
  }
  return pending;
}
