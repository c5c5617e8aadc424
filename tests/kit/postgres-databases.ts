import { type Migration, openPostgres, type PostgresDatabase } from "@hearth/backplane";
import { silentLogger } from "@hearth/base";
import { type RunningPostgres, startPostgres } from "./postgres.ts";

/** Databases on one real PostgreSQL, which starts with the first. */
export interface PostgresDatabases {
  /** A migrated, empty database that nobody else has until it is closed; then it is emptied for somebody else. */
  open(): Promise<PostgresDatabase>;
  /** Ends the server. */
  stop(): Promise<void>;
}

/** Of every table but the list of what is migrated; foreign keys hold for whole rows, not on the way to none. */
const EMPTY = `DO '
  DECLARE name text;
  BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = ''public'' AND tablename <> ''hearth_migration'' LOOP
      EXECUTE format(''DELETE FROM %I'', name);
    END LOOP;
  END'`;

/** To make a database and migrate it takes ten times as long as to empty one. */
export function createPostgresDatabases(migrations: readonly Migration[]): PostgresDatabases {
  const free: PostgresDatabase[] = [];
  const all: PostgresDatabase[] = [];
  let named = 0;
  let starting: Promise<RunningPostgres> | undefined;

  async function make(): Promise<PostgresDatabase> {
    starting ??= startPostgres();
    const { url } = await starting;
    const name = `suite_${++named}`;
    const options = { log: silentLogger, poolSize: 2 };
    const first = await openPostgres({ ...options, url, migrations: [] });
    await first.query(`CREATE DATABASE ${name}`);
    await first.close();
    const made = await openPostgres({ ...options, url: url.replace(/\/postgres$/, `/${name}`), migrations });
    all.push(made);
    return made;
  }

  return {
    async open() {
      const database = free.pop();
      if (database) await database.query(EMPTY);
      const own = database ?? (await make());
      return {
        ...own,
        async close() {
          free.push(own);
        },
      };
    },

    async stop() {
      await Promise.all(all.map((database) => database.close()));
      await (await starting)?.stop();
    },
  };
}
