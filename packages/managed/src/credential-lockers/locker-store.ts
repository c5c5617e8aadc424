import type { Database, Write } from "@hearth/backplane";
import type { AccountCipher } from "../encryption/account-cipher.ts";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";
import type { Taggable } from "../tags/taggable.ts";

/** A named container that a hub shares with the devices that it may pick up by simple setup (reference 3.3). */
export interface CredentialLocker extends Place {
  id: string;
  details: LockerDetails;
  revision: number;
  /** Milliseconds. */
  createdAt: number;
}

/** Sealed at rest: both are sensitive. */
export interface LockerDetails {
  name?: string;
  tags?: Readonly<Record<string, string>>;
}

interface Row {
  account_id: string;
  region: string;
  id: string;
  details: Uint8Array;
  revision: number;
  created_at: number;
}

export type LockerStore = ReturnType<typeof createLockerStore>;

export function createLockerStore({ database, ciphers }: { database: Database; ciphers: Ciphers }) {
  const fromRow = (row: Row, cipher: AccountCipher): CredentialLocker => ({
    accountId: row.account_id,
    region: row.region,
    id: row.id,
    details: JSON.parse(cipher.open(row.details, "credential-locker")) as LockerDetails,
    revision: row.revision,
    createdAt: row.created_at,
  });
  const seal = (details: LockerDetails, cipher: AccountCipher) =>
    cipher.seal(JSON.stringify(details), "credential-locker");

  const get = async (place: Place, id: string): Promise<CredentialLocker | undefined> => {
    const cipher = await ciphers.of(place);
    const [row] = await database.query<Row>(
      "SELECT * FROM credential_locker WHERE account_id = ? AND region = ? AND id = ?",
      [place.accountId, place.region, id],
    );
    return row && fromRow(row, cipher);
  };

  const taggable: Taggable = {
    type: "credential-locker",
    async find(place, id) {
      const locker = await get(place, id);
      return (
        locker && {
          tags: locker.details.tags ?? {},
          async replace(tags) {
            const details = { ...locker.details, tags: Object.keys(tags).length === 0 ? undefined : tags };
            return {
              sql: `UPDATE credential_locker SET details = ?, revision = revision + 1
                WHERE account_id = ? AND region = ? AND id = ? AND revision = ?`,
              params: [seal(details, await ciphers.of(place)), place.accountId, place.region, id, locker.revision],
              rows: 1,
            };
          },
        }
      );
    },
  };

  return {
    taggable,
    get,

    async exists(place: Place, id: string): Promise<boolean> {
      const rows = await database.query(
        "SELECT 1 FROM credential_locker WHERE account_id = ? AND region = ? AND id = ?",
        [place.accountId, place.region, id],
      );
      return rows.length > 0;
    },

    /** In order of id, after `after`. */
    async list(place: Place, after: string, limit: number): Promise<CredentialLocker[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        "SELECT * FROM credential_locker WHERE account_id = ? AND region = ? AND id > ? ORDER BY id LIMIT ?",
        [place.accountId, place.region, after, limit],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    async insert(locker: CredentialLocker): Promise<Write> {
      return {
        sql: `INSERT INTO credential_locker (account_id, region, id, details, revision, created_at)
          VALUES (?, ?, ?, ?, ?, ?)`,
        params: [
          locker.accountId,
          locker.region,
          locker.id,
          seal(locker.details, await ciphers.of(locker)),
          locker.revision,
          locker.createdAt,
        ],
      };
    },

    /** Conflicts when there is none. */
    remove(place: Place, id: string): Write {
      return {
        sql: "DELETE FROM credential_locker WHERE account_id = ? AND region = ? AND id = ?",
        params: [place.accountId, place.region, id],
        rows: 1,
      };
    },
  };
}
