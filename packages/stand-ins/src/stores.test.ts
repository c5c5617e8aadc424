import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  migrations as backplaneMigrations,
  createSealer,
  type Database,
  openPostgres,
  openSqlite,
  type Sealer,
} from "@hearth/backplane";
import { silentLogger } from "@hearth/base";
import { afterAll, beforeAll, describe } from "vitest";
import { startPostgres } from "../../../tests/kit/postgres.ts";
import { logsSuite } from "./logs/logs-suite.ts";
import { migrations as standInMigrations } from "./migrations.ts";
import { objectsSuite } from "./objects/objects-suite.ts";
import { secretsSuite } from "./secrets/secrets-suite.ts";
import { trailSuite } from "./trail/trail-suite.ts";

const migrations = [...backplaneMigrations, ...standInMigrations];

const suites: readonly ((store: { database: Database; sealer: Sealer }) => void)[] = [
  trailSuite,
  logsSuite,
  secretsSuite,
  objectsSuite,
];

function describeStore(name: string, open: () => Promise<{ database: Database; stop(): Promise<void> | void }>): void {
  describe(name, () => {
    const store = { sealer: createSealer(new Uint8Array(32).fill(7)) } as { database: Database; sealer: Sealer };
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

describeStore("SQLite", async () => {
  const directory = mkdtempSync(join(tmpdir(), "hearth-stand-ins-"));
  const database = await openSqlite({ file: join(directory, "hearth.db"), migrations, log: silentLogger });
  return { database, stop: () => rmSync(directory, { recursive: true, force: true }) };
});

describe.runIf(process.env["HEARTH_SKIP_POSTGRES"] !== "1")("a real server", () => {
  describeStore("PostgreSQL", async () => {
    const server = await startPostgres();
    const database = await openPostgres({ url: server.url, migrations, log: silentLogger });
    return { database, stop: () => server.stop() };
  });
});
