import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@hearth/base";
import { afterAll } from "vitest";
import { describeDatabase } from "./database-suite.ts";
import { openSqlite } from "./sqlite.ts";

const directory = mkdtempSync(join(tmpdir(), "hearth-sqlite-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
describeDatabase("SQLite", async () => {
  const file = join(directory, `${++files}`, "hearth.db");
  return (migrations) => openSqlite({ file, migrations, log: silentLogger });
});
