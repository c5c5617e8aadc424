import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  migrations as backplaneMigrations,
  createSealer,
  type Database,
  type Migration,
  openPostgres,
  openSqlite,
  type Sealer,
} from "@hearth/backplane";
import { silentLogger } from "@hearth/base";
import { afterAll, beforeAll, describe } from "vitest";
import { startPostgres } from "./postgres.ts";

/** What a suite of stores has by the time its tests run. */
export interface TestStore {
  database: Database;
  sealer: Sealer;
}

/** Describes the suites on SQLite and on PostgreSQL, each on one fresh database with the backplane's migrations and these. */
export function describeStores(
  furtherMigrations: readonly Migration[],
  suites: readonly ((store: TestStore) => void)[],
): void {
  const migrations = [...backplaneMigrations, ...furtherMigrations];

  function describeOn(name: string, open: () => Promise<{ database: Database; stop(): Promise<void> | void }>): void {
    describe(name, () => {
      const store = { sealer: createSealer(new Uint8Array(32).fill(7)) } as TestStore;
      let stop: () => Promise<void> | void;
      beforeAll(async () => {
        const opened = await open();
        store.database = opened.database;
        stop = opened.stop;
      });
      afterAll(async () => {
        await store.database.close();
        await stop();
      });
      for (const suite of suites) suite(store);
    });
  }

  describeOn("SQLite", async () => {
    const directory = mkdtempSync(join(tmpdir(), "hearth-stores-"));
    const database = await openSqlite({ file: join(directory, "hearth.db"), migrations, log: silentLogger });
    return { database, stop: () => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }) };
  });

  const skipped = process.env["HEARTH_SKIP_POSTGRES"] === "1";
  if (skipped) console.warn("HEARTH_SKIP_POSTGRES=1: these stores do NOT run on PostgreSQL");
  describe.runIf(!skipped)("a real server", () => {
    describeOn("PostgreSQL", async () => {
      const server = await startPostgres();
      const database = await openPostgres({ url: server.url, migrations, log: silentLogger });
      return { database, stop: () => server.stop() };
    });
  });
}
