import type { Database, Write } from "@hearth/backplane";
import type { ManagedIntegrations } from "@hearth/contract";
import type { AccountCipher } from "../encryption/account-cipher.ts";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";

/** How OTA tasks that name it are rolled out, timed out and given up (reference 12). */
export interface OtaConfiguration extends Place {
  id: string;
  details: OtaConfigurationDetails;
  /** Milliseconds. */
  createdAt: number;
}

/** Sealed at rest, since the name is sensitive. */
export interface OtaConfigurationDetails {
  name?: string;
  description?: string;
  pushConfig?: ManagedIntegrations.PushConfig;
}

interface Row {
  account_id: string;
  region: string;
  id: string;
  details: Uint8Array;
  created_at: number;
}

export type OtaConfigurationStore = ReturnType<typeof createOtaConfigurationStore>;

export function createOtaConfigurationStore({ database, ciphers }: { database: Database; ciphers: Ciphers }) {
  const fromRow = (row: Row, cipher: AccountCipher): OtaConfiguration => ({
    accountId: row.account_id,
    region: row.region,
    id: row.id,
    details: JSON.parse(cipher.open(row.details, "ota-configuration")) as OtaConfigurationDetails,
    createdAt: row.created_at,
  });

  return {
    async get(place: Place, id: string): Promise<OtaConfiguration | undefined> {
      const cipher = await ciphers.of(place);
      const [row] = await database.query<Row>(
        "SELECT * FROM ota_task_configuration WHERE account_id = ? AND region = ? AND id = ?",
        [place.accountId, place.region, id],
      );
      return row && fromRow(row, cipher);
    },

    /** In order of id, after `after`. */
    async list(place: Place, after: string, limit: number): Promise<OtaConfiguration[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        "SELECT * FROM ota_task_configuration WHERE account_id = ? AND region = ? AND id > ? ORDER BY id LIMIT ?",
        [place.accountId, place.region, after, limit],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    async insert(configuration: OtaConfiguration): Promise<Write> {
      const { accountId, region, id, details, createdAt } = configuration;
      const cipher = await ciphers.of(configuration);
      return {
        sql: "INSERT INTO ota_task_configuration (account_id, region, id, details, created_at) VALUES (?, ?, ?, ?, ?)",
        params: [accountId, region, id, cipher.seal(JSON.stringify(details), "ota-configuration"), createdAt],
      };
    },

    /** Conflicts when there is none. */
    remove(place: Place, id: string): Write {
      return {
        sql: "DELETE FROM ota_task_configuration WHERE account_id = ? AND region = ? AND id = ?",
        params: [place.accountId, place.region, id],
        rows: 1,
      };
    },
  };
}
