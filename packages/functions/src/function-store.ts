import type { Database, Migration, Sealer, Write } from "@hearth/backplane";
import { InternalError } from "@hearth/base";
import type { FunctionSettings, PermissionStatement, Place, StoredFunction } from "./function.ts";

export const migrations: readonly Migration[] = [
  {
    room: "functions",
    version: 1,
    name: "functions",
    statements: [
      `CREATE TABLE function_configuration (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        settings TEXT NOT NULL,
        variables BLOB,
        code_sha256 TEXT NOT NULL,
        code_size BIGINT NOT NULL,
        modified_at BIGINT NOT NULL,
        revision_id TEXT NOT NULL,
        generation TEXT NOT NULL,
        reserved_concurrency BIGINT,
        permissions TEXT NOT NULL,
        tags TEXT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, name)
      )`,
      "CREATE INDEX function_configuration_code ON function_configuration (account_id, region, code_sha256)",
      `CREATE TABLE function_code (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        part BIGINT NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (account_id, region, sha256, part)
      )`,
    ],
  },
];

interface Row {
  account_id: string;
  region: string;
  name: string;
  settings: string;
  variables: Uint8Array | null;
  code_sha256: string;
  code_size: number;
  modified_at: number;
  revision_id: string;
  generation: string;
  reserved_concurrency: number | null;
  permissions: string;
  tags: string;
  revision: number;
}

const VARIABLES = "functions.variables";
const CODE = "functions.code";
/** Sealed, and committed, one at a time: none of it takes the event loop for long. */
const PART_BYTES = 512 * 1024;

const NOT_USED = `NOT EXISTS (SELECT 1 FROM function_configuration f WHERE f.account_id = function_code.account_id
  AND f.region = function_code.region AND f.code_sha256 = function_code.sha256)`;

export type FunctionStore = ReturnType<typeof createFunctionStore>;

/**
 * Functions in the database, their code in parts by its digest: so a backup holds all of it. Code and environment
 * variables are sealed.
 */
export function createFunctionStore(deps: {
  database: Pick<Database, "commit" | "query">;
  sealer: Pick<Sealer, "seal" | "open" | "openText">;
}) {
  const { database, sealer } = deps;

  const storedOf = (row: Row): StoredFunction => ({
    accountId: row.account_id,
    region: row.region,
    name: row.name,
    settings: JSON.parse(row.settings) as FunctionSettings,
    variables: row.variables
      ? (JSON.parse(sealer.openText(row.variables, VARIABLES)) as Record<string, string>)
      : undefined,
    codeSha256: row.code_sha256,
    codeSize: Number(row.code_size),
    modifiedAt: Number(row.modified_at),
    revisionId: row.revision_id,
    generation: row.generation,
    reservedConcurrency: row.reserved_concurrency === null ? undefined : Number(row.reserved_concurrency),
    permissions: JSON.parse(row.permissions) as PermissionStatement[],
    tags: JSON.parse(row.tags) as Record<string, string>,
    revision: Number(row.revision),
  });

  const variablesOf = ({ variables }: StoredFunction) =>
    variables ? sealer.seal(JSON.stringify(variables), VARIABLES) : null;

  return {
    async find(place: Place, name: string): Promise<StoredFunction | undefined> {
      const rows = await database.query<Row>(
        "SELECT * FROM function_configuration WHERE account_id = ? AND region = ? AND name = ?",
        [place.accountId, place.region, name],
      );
      return rows[0] && storedOf(rows[0]);
    },

    /** In the order of their names, behind `after`. */
    async list(place: Place, after: string, limit: number): Promise<StoredFunction[]> {
      const rows = await database.query<Row>(
        `SELECT * FROM function_configuration WHERE account_id = ? AND region = ? AND name > ? ORDER BY name LIMIT ?`,
        [place.accountId, place.region, after, limit],
      );
      return rows.map(storedOf);
    },

    /** Of an account in a region: how many functions, bytes of code, and places kept for functions. */
    async totals(place: Place): Promise<{ functions: number; codeBytes: number; reserved: number }> {
      const [row] = await database.query<{ n: number; bytes: number; reserved: number }>(
        `SELECT COUNT(*) AS n, COALESCE(SUM(code_size), 0) AS bytes, COALESCE(SUM(reserved_concurrency), 0) AS reserved
          FROM function_configuration WHERE account_id = ? AND region = ?`,
        [place.accountId, place.region],
      );
      return {
        functions: Number(row?.n ?? 0),
        codeBytes: Number(row?.bytes ?? 0),
        reserved: Number(row?.reserved ?? 0),
      };
    },

    insert: (stored: StoredFunction): Write => ({
      sql: `INSERT INTO function_configuration (account_id, region, name, settings, variables, code_sha256, code_size,
        modified_at, revision_id, generation, reserved_concurrency, permissions, tags, revision)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        ...[stored.accountId, stored.region, stored.name, JSON.stringify(stored.settings), variablesOf(stored)],
        ...[stored.codeSha256, stored.codeSize, stored.modifiedAt, stored.revisionId, stored.generation],
        ...[stored.reservedConcurrency ?? null, JSON.stringify(stored.permissions), JSON.stringify(stored.tags), 1],
      ],
    }),

    /** Guarded by the revision of the function that was read. */
    update: (stored: StoredFunction): Write => ({
      sql: `UPDATE function_configuration SET settings = ?, variables = ?, code_sha256 = ?, code_size = ?, modified_at = ?,
        revision_id = ?, generation = ?, reserved_concurrency = ?, permissions = ?, tags = ?, revision = revision + 1
        WHERE account_id = ? AND region = ? AND name = ? AND revision = ?`,
      params: [
        ...[JSON.stringify(stored.settings), variablesOf(stored), stored.codeSha256, stored.codeSize],
        ...[stored.modifiedAt, stored.revisionId, stored.generation, stored.reservedConcurrency ?? null],
        ...[JSON.stringify(stored.permissions), JSON.stringify(stored.tags)],
        ...[stored.accountId, stored.region, stored.name, stored.revision],
      ],
      rows: 1,
    }),

    remove: (stored: StoredFunction): Write => ({
      sql: "DELETE FROM function_configuration WHERE account_id = ? AND region = ? AND name = ? AND revision = ?",
      params: [stored.accountId, stored.region, stored.name, stored.revision],
      rows: 1,
    }),

    /** Code that no function of the place has any more. */
    dropUnusedCode: (place: Place, sha256: string): Write => ({
      sql: `DELETE FROM function_code WHERE account_id = ? AND region = ? AND sha256 = ? AND ${NOT_USED}`,
      params: [place.accountId, place.region, sha256],
    }),

    async dropUnused(place: Place, sha256: string): Promise<void> {
      await database.commit([this.dropUnusedCode(place, sha256)]);
    },

    /** What uploads that were cut off have left. Only while nothing is uploaded. */
    async dropAllUnusedCode(): Promise<void> {
      await database.commit([{ sql: `DELETE FROM function_code WHERE ${NOT_USED}`, params: [] }]);
    },

    /** Resolves when all of it is durable. Harmless where it is there already. */
    async putCode(place: Place, sha256: string, zip: Uint8Array): Promise<void> {
      for (let part = 0; part * PART_BYTES < zip.byteLength; part++) {
        const bytes = zip.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
        await database.commit([
          {
            sql: `INSERT INTO function_code (account_id, region, sha256, part, bytes) VALUES (?, ?, ?, ?, ?)
              ON CONFLICT (account_id, region, sha256, part) DO NOTHING`,
            params: [place.accountId, place.region, sha256, part, sealer.seal(bytes, CODE)],
          },
        ]);
      }
    },

    /** The zip, of `size` bytes; part by part. */
    async *code(place: Place, sha256: string): AsyncGenerator<Uint8Array> {
      for (let part = 0; ; part++) {
        const rows = await database.query<{ bytes: Uint8Array }>(
          "SELECT bytes FROM function_code WHERE account_id = ? AND region = ? AND sha256 = ? AND part = ?",
          [place.accountId, place.region, sha256, part],
        );
        const row = rows[0];
        if (!row) {
          if (part === 0) throw new InternalError(`the code ${sha256} of a function is missing`);
          return;
        }
        yield sealer.open(row.bytes, CODE);
      }
    },
  };
}
