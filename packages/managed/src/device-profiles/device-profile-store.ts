import type { Database, Sealer, Write } from "@hearth/backplane";
import type { AccountCipher } from "../encryption/account-cipher.ts";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";

/** What all devices of one product have in common (reference 3.3, U4). */
export interface DeviceProfile extends Place {
  details: DeviceProfileDetails;
  /** Milliseconds. */
  createdAt: number;
  updatedAt: number;
}

/** Sealed at rest. */
export interface DeviceProfileDetails {
  /** As it was given: UPC or EAN. */
  productCode: string;
  advertisedProductId?: string;
  brand?: string;
  model?: string;
  classification?: string;
  /** JSON of the expected capabilities. */
  capabilityReport?: string;
}

interface Row {
  account_id: string;
  region: string;
  code_hash: string;
  details: Uint8Array;
  created_at: number;
  updated_at: number;
}

const CODE = "device-profile.code";

/** UPC-A, EAN-8 and EAN-13 are lengths of one number (GS1 General Specifications, GTIN). */
export const gtinOf = (productCode: string): string => productCode.padStart(14, "0");

export type DeviceProfileStore = ReturnType<typeof createDeviceProfileStore>;

/** Device profiles by product code, of which only a keyed hash is in the clear. */
export function createDeviceProfileStore(deps: { database: Database; sealer: Sealer; ciphers: Ciphers }) {
  const { database, sealer, ciphers } = deps;
  const hashOf = (productCode: string): string => sealer.hash(gtinOf(productCode), CODE);
  const fromRow = (row: Row, cipher: AccountCipher): DeviceProfile => ({
    accountId: row.account_id,
    region: row.region,
    details: JSON.parse(cipher.open(row.details, "device-profile")) as DeviceProfileDetails,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  });

  return {
    async get(place: Place, productCode: string): Promise<DeviceProfile | undefined> {
      const cipher = await ciphers.of(place);
      const [row] = await database.query<Row>(
        "SELECT * FROM device_profile WHERE account_id = ? AND region = ? AND code_hash = ?",
        [place.accountId, place.region, hashOf(productCode)],
      );
      return row && fromRow(row, cipher);
    },

    /** Each with the key after which the next page begins. */
    async list(place: Place, after: string, limit: number): Promise<{ key: string; profile: DeviceProfile }[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        "SELECT * FROM device_profile WHERE account_id = ? AND region = ? AND code_hash > ? ORDER BY code_hash LIMIT ?",
        [place.accountId, place.region, after, limit],
      );
      return rows.map((row) => ({ key: row.code_hash, profile: fromRow(row, cipher) }));
    },

    /** Makes the product's profile, or replaces it. */
    async put(place: Place, details: DeviceProfileDetails, now: number): Promise<Write> {
      const cipher = await ciphers.of(place);
      return {
        sql: `INSERT INTO device_profile (account_id, region, code_hash, details, created_at, updated_at)
          VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (account_id, region, code_hash) DO UPDATE SET details = excluded.details,
            updated_at = excluded.updated_at`,
        params: [
          place.accountId,
          place.region,
          hashOf(details.productCode),
          cipher.seal(JSON.stringify(details), "device-profile"),
          now,
          now,
        ],
      };
    },

    /** Conflicts when there is none. */
    remove(place: Place, productCode: string): Write {
      return {
        sql: "DELETE FROM device_profile WHERE account_id = ? AND region = ? AND code_hash = ?",
        params: [place.accountId, place.region, hashOf(productCode)],
        rows: 1,
      };
    },
  };
}
