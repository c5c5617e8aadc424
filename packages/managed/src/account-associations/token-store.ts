import type { Database, Write } from "@hearth/backplane";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";

/** What an association's end user has granted. Times are milliseconds; absent: the vendor did not say. */
export interface Tokens extends Place {
  associationId: string;
  accessToken: string;
  refreshToken?: string;
  accessExpiresAt?: number;
  refreshExpiresAt?: number;
  renewedAt: number;
  /** Grows with every renewal. Begins anywhere, so that a renewal of an earlier link's tokens never meets those of this. */
  revision: number;
}

interface Row {
  account_id: string;
  region: string;
  association_id: string;
  tokens: Uint8Array;
  access_expires_at: number | null;
  refresh_expires_at: number | null;
  renewed_at: number;
  revision: number;
}

const SEALED = "association";

export type TokenStore = ReturnType<typeof createTokenStore>;

/** Tokens in the database, sealed. Writes are returned, for the caller's batch. */
export function createTokenStore({ database, ciphers }: { database: Database; ciphers: Ciphers }) {
  const sealed = async (tokens: Tokens) => {
    const { accessToken, refreshToken } = tokens;
    return (await ciphers.of(tokens)).seal(JSON.stringify({ accessToken, refreshToken }), SEALED);
  };

  return {
    async get(place: Place, associationId: string): Promise<Tokens | undefined> {
      const [row] = await database.query<Row>(
        "SELECT * FROM account_token WHERE account_id = ? AND region = ? AND association_id = ?",
        [place.accountId, place.region, associationId],
      );
      if (!row) return undefined;
      const cipher = await ciphers.of(place);
      return {
        ...(JSON.parse(cipher.open(row.tokens, SEALED)) as Pick<Tokens, "accessToken" | "refreshToken">),
        accountId: row.account_id,
        region: row.region,
        associationId: row.association_id,
        ...(row.access_expires_at === null ? {} : { accessExpiresAt: row.access_expires_at }),
        ...(row.refresh_expires_at === null ? {} : { refreshExpiresAt: row.refresh_expires_at }),
        renewedAt: row.renewed_at,
        revision: row.revision,
      };
    },

    /** The first of a link, in place of those of an earlier one. */
    async put(tokens: Tokens): Promise<Write> {
      return {
        sql: `INSERT INTO account_token (account_id, region, association_id, tokens, access_expires_at,
            refresh_expires_at, renewed_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (account_id, region, association_id) DO UPDATE SET tokens = excluded.tokens,
            access_expires_at = excluded.access_expires_at, refresh_expires_at = excluded.refresh_expires_at,
            renewed_at = excluded.renewed_at, revision = excluded.revision`,
        params: [
          tokens.accountId,
          tokens.region,
          tokens.associationId,
          await sealed(tokens),
          tokens.accessExpiresAt ?? null,
          tokens.refreshExpiresAt ?? null,
          tokens.renewedAt,
          tokens.revision,
        ],
      };
    },

    /** Guarded: conflicts when they were renewed or destroyed meanwhile. */
    async replace(before: Tokens, after: Tokens): Promise<Write> {
      return {
        sql: `UPDATE account_token SET tokens = ?, access_expires_at = ?, refresh_expires_at = ?, renewed_at = ?,
            revision = revision + 1 WHERE account_id = ? AND region = ? AND association_id = ? AND revision = ?`,
        params: [
          await sealed(after),
          after.accessExpiresAt ?? null,
          after.refreshExpiresAt ?? null,
          after.renewedAt,
          before.accountId,
          before.region,
          before.associationId,
          before.revision,
        ],
        rows: 1,
      };
    },

    remove(place: Place, associationId: string): Write {
      return {
        sql: "DELETE FROM account_token WHERE account_id = ? AND region = ? AND association_id = ?",
        params: [place.accountId, place.region, associationId],
      };
    },
  };
}
