import type { Database, Write } from "@hearth/backplane";
import type { CapabilityDocument, DefinitionDocument, SchemaType } from "@hearth/data-model";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";

interface Row {
  type: SchemaType;
  versioned_id: string;
  document: string;
}

export interface AccountSchemas {
  capability: CapabilityDocument[];
  definition: DefinitionDocument[];
}

export type SchemaStore = ReturnType<typeof createSchemaStore>;

/** Schema documents in the database. Writes are returned, for the caller's batch. */
export function createSchemaStore({ database, ciphers }: { database: Database; ciphers: Ciphers }) {
  return {
    async ofAccount({ accountId, region }: Place): Promise<AccountSchemas> {
      const rows = await database.query<Row>(
        `SELECT type, versioned_id, document FROM managed_schema WHERE account_id = ? AND region = ?
          ORDER BY type, versioned_id`,
        [accountId, region],
      );
      const of = (type: SchemaType) => rows.filter((row) => row.type === type).map((row) => JSON.parse(row.document));
      return { capability: of("capability"), definition: of("definition") };
    },

    async count({ accountId, region }: Place): Promise<number> {
      const rows = await database.query<{ schemas: number }>(
        "SELECT COUNT(*) AS schemas FROM managed_schema WHERE account_id = ? AND region = ?",
        [accountId, region],
      );
      return Number(rows[0]?.schemas ?? 0);
    },

    /** Rejected with UniqueViolation when the account has this version: versions never change. */
    insert({ accountId, region }: Place, type: SchemaType, versionedId: string, document: unknown, now: number): Write {
      return {
        sql: `INSERT INTO managed_schema (account_id, region, type, versioned_id, document, created_at)
          VALUES (?, ?, ?, ?, ?, ?)`,
        params: [accountId, region, type, versionedId, JSON.stringify(document), now],
      };
    },

    remove({ accountId, region }: Place, type: SchemaType, versionedId: string): Write {
      return {
        sql: "DELETE FROM managed_schema WHERE account_id = ? AND region = ? AND type = ? AND versioned_id = ?",
        params: [accountId, region, type, versionedId],
        rows: 1,
      };
    },

    async ofThing(place: Place, thingId: string): Promise<CapabilityDocument[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<{ document: Uint8Array }>(
        `SELECT document FROM managed_thing_schema WHERE account_id = ? AND region = ? AND thing_id = ?
          ORDER BY capability_id`,
        [place.accountId, place.region, thingId],
      );
      return rows.map(({ document }) => JSON.parse(cipher.open(document, "managed-thing")));
    },

    /** Puts these in place of all that the thing had. */
    async replaceOfThing(
      place: Place,
      thingId: string,
      schemas: readonly { capabilityId: string; document: CapabilityDocument }[],
    ): Promise<Write[]> {
      const cipher = await ciphers.of(place);
      const key = [place.accountId, place.region, thingId];
      return [
        { sql: "DELETE FROM managed_thing_schema WHERE account_id = ? AND region = ? AND thing_id = ?", params: key },
        ...schemas.map(({ capabilityId, document }) => ({
          sql: `INSERT INTO managed_thing_schema (account_id, region, thing_id, capability_id, document)
            VALUES (?, ?, ?, ?, ?)`,
          params: [...key, capabilityId, cipher.seal(JSON.stringify(document), "managed-thing")],
        })),
      ];
    },
  };
}
