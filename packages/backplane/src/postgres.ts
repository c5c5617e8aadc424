import { type Clock, type Logger, systemClock } from "@hearth/base";
import pg from "pg";
import type { Database, Migration, SqlValue } from "./database.ts";
import { type CommitStats, GroupCommit, type GroupLimits } from "./group-commit.ts";
import {
  APPLIED_MIGRATIONS,
  type AppliedMigration,
  MIGRATION_TABLE,
  pendingMigrations,
  RECORD_MIGRATION,
} from "./migrations.ts";
import { checkParam } from "./params.ts";
import { toPostgresDefinition, toPostgresQuery } from "./postgres-dialect.ts";
import { PostgresLane } from "./postgres-lane.ts";

/** Limits default to 1024 batches and 4 MiB. */
export interface PostgresOptions extends Partial<GroupLimits> {
  /** `postgresql://user:password@host:port/database`; TLS by `sslmode` as in libpq. */
  url: string;
  /** Of every room that the server has, in order. */
  migrations: readonly Migration[];
  log: Logger;
  /** Connections for reads (default 8); writes have one more. */
  poolSize?: number;
  /** Stamps migrations. */
  clock?: Clock;
}

export interface PostgresDatabase extends Database {
  readonly dialect: "postgresql";
  stats(): CommitStats;
}

/** Any constant that nobody else takes: two servers must not migrate at the same time. */
const MIGRATION_LOCK = 0x68656172;

const INT8 = 20;
const NUMERIC = 1700;

/** COUNT is an int8 and SUM of int8 a numeric, which `pg` leaves as text; Hearth's numbers stay below 2^53. */
const types = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** Names for prepared statements: each connection parses and plans a text once. Rare texts beyond stay unnamed. */
const NAMED_STATEMENTS = 1000;

function createQueryCache(): (sql: string, values: SqlValue[]) => pg.QueryConfig {
  const known = new Map<string, { text: string; name: string }>();
  return (sql, values) => {
    const entry = known.get(sql);
    if (entry) return { ...entry, values };
    const text = toPostgresQuery(sql);
    if (known.size >= NAMED_STATEMENTS) return { text, values };
    const named = { text, name: `hearth_${known.size}` };
    known.set(sql, named);
    return { ...named, values };
  };
}

/**
 * Opens a database on a PostgreSQL server and applies its migrations. Rejects with `NewerDatabaseError`,
 * `MigrationChangedError`, or the error of the server or the network.
 */
export async function openPostgres(options: PostgresOptions): Promise<PostgresDatabase> {
  const { url, log, poolSize = 8, maxGroupBatches = 1024, maxGroupBytes = 4 << 20 } = options;
  await migrate(options);
  const toQuery = createQueryCache();
  const config = { connectionString: url, types, keepAlive: true, application_name: "hearth" };
  const pool = new pg.Pool({ ...config, max: poolSize });
  pool.on("error", (error) => log.warn({ err: error }, "an idle connection to PostgreSQL was lost"));
  const lane = new PostgresLane(log, toQuery, () => new pg.Client({ ...config, pipeline: true }));
  const commits = new GroupCommit(log, { maxGroupBatches, maxGroupBytes }, (batches) => lane.apply(batches));

  let closing: Promise<void> | undefined;
  return {
    dialect: "postgresql",

    async query<Row extends object>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
      for (const value of params) checkParam(value, sql);
      return (await pool.query<Row>(toQuery(sql, [...params]))).rows;
    },

    commit: (writes) => commits.commit(writes),
    stats: () => commits.stats,

    close() {
      closing ??= (async () => {
        await commits.drain();
        await lane.close();
        await pool.end();
      })();
      return closing;
    },
  };
}

async function migrate({ url, migrations, log, clock = systemClock }: PostgresOptions): Promise<void> {
  const client = new pg.Client({ connectionString: url, types, application_name: "hearth migration" });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await client.query(toPostgresDefinition(MIGRATION_TABLE));
    const applied = (await client.query<AppliedMigration>(APPLIED_MIGRATIONS)).rows;
    for (const { migration, checksum } of pendingMigrations(migrations, applied)) {
      const { room, version, name, statements } = migration;
      try {
        await client.query("BEGIN");
        for (const statement of statements) await client.query(toPostgresDefinition(statement));
        await client.query(toPostgresQuery(RECORD_MIGRATION), [room, version, name, checksum, clock.now()]);
        await client.query("COMMIT");
      } catch (error) {
        throw new Error(`migration ${room} ${version} "${name}" failed: ${(error as Error).message}`, { cause: error });
      }
      log.info({ room, version, name }, "migrated the database");
    }
  } finally {
    // Ends the transaction and gives the lock back.
    await client.end();
  }
}
