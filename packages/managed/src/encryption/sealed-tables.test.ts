import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "@hearth/backplane";
import { silentLogger } from "@hearth/base";
import { expect, test } from "vitest";
import { migrations } from "../migrations.ts";
import { testMigrations } from "../test-room.ts";
import { sealedTables } from "./sealed-tables.ts";

/** Under the master key: the data keys themselves, and secrets that the platform has made. */
const OTHERWISE = ["data_key.wrapped", "hub_token_key.private_key", "notification_target.details"];

test("every sealed column of the room is sealed again under a new key, by the whole of its key", async () => {
  const directory = mkdtempSync(join(tmpdir(), "hearth-tables-"));
  const database = await openSqlite({
    file: join(directory, "hearth.db"),
    migrations: testMigrations,
    log: silentLogger,
  });
  const text = migrations.flatMap(({ statements }) => statements).join(";");
  const tables = [...text.matchAll(/CREATE TABLE (\w+)/g)].map(([, table = ""]) => table);
  type Column = { name: string; type: string; pk: number };
  const found: Record<string, unknown> = {};
  for (const table of tables) {
    const columns = await database.query<Column>("SELECT name, type, pk FROM pragma_table_info(?)", [table]);
    const sealed = columns.filter(({ name, type }) => type === "BLOB" && !OTHERWISE.includes(`${table}.${name}`));
    if (sealed.length === 0) continue;
    const key = columns.filter(({ name, pk }) => pk > 0 && name !== "account_id" && name !== "region");
    found[table] = {
      columns: sealed.map(({ name }) => name).sort(),
      key: key.sort((a, b) => a.pk - b.pk).map(({ name }) => name),
    };
  }
  await database.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  expect(found).toEqual(
    Object.fromEntries(
      sealedTables.map(({ table, key, columns }) => [table, { columns: Object.keys(columns).sort(), key }]),
    ),
  );
});
