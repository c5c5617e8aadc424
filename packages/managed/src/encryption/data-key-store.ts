import type { Database, Write } from "@hearth/backplane";
import type { Place } from "../place.ts";

/** An account's data key, wrapped. Rows are sealed under the current one; others open what they sealed before. */
export interface DataKey extends Place {
  /** 16 hexadecimal digits. */
  id: string;
  /** `platform`, or the ARN of the KMS key that wraps it. */
  wrapping: string;
  wrapped: Uint8Array;
  current: boolean;
  createdAt: number;
}

interface Row {
  id: string;
  wrapping: string;
  wrapped: Uint8Array;
  current: number | null;
  created_at: number;
}

export const PLATFORM_KEY = "platform";

export type DataKeyStore = ReturnType<typeof createDataKeyStore>;

export function createDataKeyStore({ database }: { database: Database }) {
  return {
    async all(place: Place): Promise<DataKey[]> {
      const rows = await database.query<Row>(
        "SELECT id, wrapping, wrapped, current, created_at FROM data_key WHERE account_id = ? AND region = ?",
        [place.accountId, place.region],
      );
      return rows.map((row) => ({
        accountId: place.accountId,
        region: place.region,
        id: row.id,
        wrapping: row.wrapping,
        wrapped: row.wrapped,
        current: row.current === 1,
        createdAt: row.created_at,
      }));
    },

    /** Rejected with UniqueViolation while the account has another current key. */
    insert(key: DataKey): Write {
      return {
        sql: `INSERT INTO data_key (account_id, region, id, wrapping, wrapped, current, created_at)
          VALUES (?, ?, ?, ?, ?, ?, ?)`,
        params: [key.accountId, key.region, key.id, key.wrapping, key.wrapped, key.current ? 1 : null, key.createdAt],
      };
    },

    /** The current key seals nothing any more, and still opens. */
    retire(place: Place): Write {
      return {
        sql: "UPDATE data_key SET current = NULL WHERE account_id = ? AND region = ? AND current = 1",
        params: [place.accountId, place.region],
      };
    },

    /** Retired keys under which nothing is sealed. */
    remove(place: Place, ids: readonly string[]): Write[] {
      return ids.map((id) => ({
        sql: "DELETE FROM data_key WHERE account_id = ? AND region = ? AND id = ? AND current IS NULL",
        params: [place.accountId, place.region, id],
      }));
    },
  };
}
