import {
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@hearth/base";
import { afterAll, describe, expect, test } from "vitest";
import type { Migration } from "./database.ts";
import { DirectoryLockedError, lockDirectory } from "./directory-lock.ts";
import { NewerDatabaseError } from "./migrations.ts";
import { BackupUnusableError, restoreBackup, verifyBackup } from "./restore.ts";
import { openSqlite } from "./sqlite.ts";

const root = mkdtempSync(join(tmpdir(), "hearth-restore-"));
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));

const step = (version: number, ...statements: string[]): Migration => ({
  room: "room",
  version,
  name: "x",
  statements,
});
const migrations = [
  step(
    1,
    "CREATE TABLE item (id BIGINT PRIMARY KEY, filling BLOB)",
    "CREATE TABLE total (id BIGINT PRIMARY KEY, n BIGINT)",
    "INSERT INTO total VALUES (1, 0)",
  ),
];
const open = (file: string) => openSqlite({ file, migrations, log: silentLogger });
type Store = Awaited<ReturnType<typeof open>>;

const add = (database: Store, id: number) =>
  database.commit([
    { sql: "INSERT INTO item VALUES (?, ?)", params: [id, new Uint8Array(3000)] },
    { sql: "UPDATE total SET n = n + 1 WHERE id = 1", params: [] },
  ]);

const content = async (database: Store) => {
  const [row] = await database.query<{ items: number; total: number; last: number }>(
    "SELECT (SELECT COUNT(*) FROM item) AS items, (SELECT n FROM total) AS total, (SELECT MAX(id) FROM item) AS last",
  );
  return row!;
};

let directories = 0;
/** A database of `count` items in a directory of its own. */
async function filled(count: number): Promise<{ directory: string; file: string; database: Store }> {
  const directory = join(root, `${++directories}`);
  const file = join(directory, "hearth.db");
  const database = await open(file);
  await Promise.all(Array.from({ length: count }, (_, index) => add(database, index + 1)));
  return { directory, file, database };
}

describe("backup", () => {
  test("is one consistent, private file, taken while writes go on", async () => {
    const { directory, file, database } = await filled(3000);
    const target = join(directory, "copy.db");
    let id = 3000;
    let done = false;
    const writing = (async () => {
      while (!done) await add(database, ++id);
    })();
    // One during which some were acknowledged: a backup that holds writes up is repeated until the test's time is over.
    for (let before = id; id - before < 3; ) {
      before = id;
      await database.backup(target);
    }
    done = true;
    await writing;
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).sort()).toEqual(["copy.db", "hearth.db", "hearth.db-shm", "hearth.db-wal"]);
    await verifyBackup(target, migrations);
    expect(readdirSync(directory)).toHaveLength(4);
    await database.close();
    const copy = await open(target);
    const { items, total, last } = await content(copy);
    expect(total).toBe(items);
    // Without gaps up to some commit.
    expect(last).toBe(items);
    expect(items).toBeGreaterThanOrEqual(3000);
    await copy.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test("replaces an older one whole and says when it cannot be written", async () => {
    const { directory, database } = await filled(5);
    const target = join(directory, "copy.db");
    writeFileSync(target, "an older backup");
    await database.backup(target);
    await verifyBackup(target, migrations);
    await expect(database.backup(join(directory, "hearth.db"))).rejects.toThrow(/the database itself/);
    await expect(database.backup(join(directory, "missing", "copy.db"))).rejects.toThrow(/ENOENT/);
    await database.close();
    await expect(database.backup(target)).rejects.toThrow(/closed/);
  });
});

describe("restore", () => {
  test("puts the backup in place of a stopped database, its log included", async () => {
    const { directory, file, database } = await filled(10);
    const backup = join(directory, "copy.db");
    await database.backup(backup);
    await add(database, 11);
    // As it is left by a kill: with a log that holds the eleventh.
    const killed = join(root, "killed");
    for (const name of ["hearth.db", "hearth.db-wal"]) cpSync(join(directory, name), join(killed, name));
    await database.close();
    for (const to of [file, join(killed, "hearth.db"), join(root, "empty", "hearth.db")]) {
      await restoreBackup({ from: backup, to, migrations });
      expect(statSync(to).mode & 0o777).toBe(0o600);
      const restored = await open(to);
      expect(await content(restored)).toEqual({ items: 10, total: 10, last: 10 });
      await add(restored, 11);
      await restored.close();
    }
    expect(readdirSync(killed).sort()).toEqual(["hearth.db", "lock"]);
  });

  test("replaces a database that is damaged beyond opening", async () => {
    const { directory, file, database } = await filled(10);
    const backup = join(directory, "copy.db");
    await database.backup(backup);
    await database.close();
    writeFileSync(file, "no database at all".repeat(1000));
    writeFileSync(`${file}-wal`, "nor a log");
    await restoreBackup({ from: backup, to: file, migrations });
    const restored = await open(file);
    expect((await content(restored)).items).toBe(10);
    await restored.close();
  });

  test("refuses a running server, unless the caller holds the lock", async () => {
    const { directory, file, database } = await filled(1);
    const backup = join(directory, "copy.db");
    await database.backup(backup);
    await database.close();
    const lock = lockDirectory(directory);
    await expect(restoreBackup({ from: backup, to: file, migrations })).rejects.toBeInstanceOf(DirectoryLockedError);
    await restoreBackup({ from: backup, to: file, migrations, locked: true });
    lock.release();
  });

  test("refuses what is no whole backup and leaves the database as it was", async () => {
    const { directory, file, database } = await filled(200);
    const backup = join(directory, "copy.db");
    await database.backup(backup);
    await database.close();
    const before = readFileSync(file);
    const bad = (name: string, make: (path: string) => void): string => {
      const path = join(directory, name);
      cpSync(backup, path);
      make(path);
      return path;
    };
    const files = [
      join(directory, "absent"),
      bad("text", (path) => writeFileSync(path, "hello")),
      bad("empty", (path) => writeFileSync(path, "")),
      bad("cut", (path) => writeFileSync(path, readFileSync(backup).subarray(0, 100_000))),
      bad("scribbled", (path) => writeSync(openSync(path, "r+"), "x".repeat(5000), 40_000)),
      bad("with a log", (path) => writeFileSync(`${path}-wal`, "log")),
    ];
    for (const from of files) {
      await expect(restoreBackup({ from, to: file, migrations }), from).rejects.toBeInstanceOf(BackupUnusableError);
    }
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(directory).filter((name) => name.includes("restoring"))).toEqual([]);
  });

  test("refuses a backup of a newer version", async () => {
    const { directory, file, database } = await filled(1);
    const backup = join(directory, "copy.db");
    await database.backup(backup);
    await database.close();
    await expect(restoreBackup({ from: backup, to: file, migrations: [] })).rejects.toBeInstanceOf(NewerDatabaseError);
  });
});
