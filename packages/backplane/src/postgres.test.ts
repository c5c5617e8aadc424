import { silentLogger } from "@hearth/base";
import pg from "pg";
import { afterAll, describe, expect, test } from "vitest";
import { type RunningPostgres, startPostgres } from "../../../tests/kit/postgres.ts";
import type { Migration } from "./database.ts";
import { describeDatabase, type Open } from "./database-suite.ts";
import { describeOutboxGroups } from "./outbox-groups-suite.ts";
import { describeOutbox } from "./outbox-suite.ts";
import { openPostgres } from "./postgres.ts";
import { toPostgresDefinition, toPostgresQuery } from "./postgres-dialect.ts";
import { describeTimers } from "./timers-suite.ts";

const skipped = process.env["HEARTH_SKIP_POSTGRES"] === "1";
if (skipped) console.warn("HEARTH_SKIP_POSTGRES=1: the database suite does NOT run on PostgreSQL");

let server: Promise<RunningPostgres> | undefined;
let databases = 0;
afterAll(async () => (await server)?.stop());

async function administer(sql: string): Promise<void> {
  server ??= startPostgres();
  const client = new pg.Client({ connectionString: (await server).url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** A new database whose own collation is not by bytes. */
async function freshUrl(): Promise<string> {
  const name = `suite_${++databases}`;
  const locale = "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'";
  await administer(`CREATE DATABASE ${name} TEMPLATE template0 ${locale}`);
  return (await server!).url.replace(/\/postgres$/, `/${name}`);
}

const tables: Migration = {
  room: "room",
  version: 1,
  name: "item",
  statements: ["CREATE TABLE item (id TEXT PRIMARY KEY, version BIGINT NOT NULL)"],
};
const insert = (id: string) => ({ sql: "INSERT INTO item (id, version) VALUES (?, 1)", params: [id] });

describe.runIf(!skipped)("on a real PostgreSQL", () => {
  const openFresh = async (): Promise<Open> => {
    const url = await freshUrl();
    return (migrations) => openPostgres({ url, migrations, log: silentLogger, poolSize: 2 });
  };
  describeDatabase("PostgreSQL", openFresh);
  describeOutbox("PostgreSQL", openFresh);
  describeOutboxGroups("PostgreSQL", openFresh);
  describeTimers("PostgreSQL", openFresh);

  test("servers that start together migrate one after the other", async () => {
    const url = await freshUrl();
    const open = () => openPostgres({ url, migrations: [tables], log: silentLogger });
    const opened = await Promise.all([open(), open(), open()]);
    await opened[0]!.commit([insert("a")]);
    expect(await opened[2]!.query("SELECT id FROM item")).toEqual([{ id: "a" }]);
    await Promise.all(opened.map((database) => database.close()));
  });

  test("writes go on after the server has dropped the connections", async () => {
    const url = await freshUrl();
    const database = await openPostgres({ url, migrations: [tables], log: silentLogger });
    await database.commit([insert("before")]);
    await database.query("SELECT 1");
    await administer(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'suite_${databases}'`,
    );
    await database.commit([insert("after")]);
    await database.close();
    const again = await openPostgres({ url, migrations: [tables], log: silentLogger });
    expect(await again.query("SELECT id FROM item ORDER BY id")).toEqual([{ id: "after" }, { id: "before" }]);
    await again.close();
  });

  test("a server that cannot be reached rejects the commit, and the next one succeeds", async () => {
    const url = await freshUrl();
    const database = await openPostgres({ url, migrations: [tables], log: silentLogger });
    const name = `suite_${databases}`;
    await administer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await expect(database.commit([insert("refused")])).rejects.toThrow(/not currently accepting/);
    await administer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await database.commit([insert("accepted")]);
    expect(await database.query("SELECT id FROM item")).toEqual([{ id: "accepted" }]);
    await database.close();
  });

  test("two servers that write the same rows: guards hold between them", async () => {
    const url = await freshUrl();
    const open = () => openPostgres({ url, migrations: [tables], log: silentLogger });
    const [one, two] = await Promise.all([open(), open()]);
    await one.commit([insert("shared")]);
    const sql = "UPDATE item SET version = version + 1 WHERE id = 'shared' AND version = ?";
    for (let version = 1; version <= 20; version++) {
      const write = { sql, params: [version], rows: 1 };
      const results = await Promise.allSettled([one.commit([write]), two.commit([write])]);
      expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    }
    await Promise.all([one.close(), two.close()]);
  });
});

describe("the dialect of PostgreSQL", () => {
  test("placeholders are numbered outside of literals, names and comments", () => {
    expect(toPostgresQuery(`SELECT ?, '?''?', "a?" /* ? */ FROM t WHERE x = ? -- ?\nAND y = ?`)).toBe(
      `SELECT $1, '?''?', "a?" /* ? */ FROM t WHERE x = $2 -- ?\nAND y = $3`,
    );
  });

  test("types are replaced as words only", () => {
    expect(toPostgresDefinition("CREATE TABLE blobs (b BLOB, t text DEFAULT 'TEXT', context TEXT)")).toBe(
      `CREATE TABLE blobs (b BYTEA, t TEXT COLLATE "C" DEFAULT 'TEXT', context TEXT COLLATE "C")`,
    );
  });
});
