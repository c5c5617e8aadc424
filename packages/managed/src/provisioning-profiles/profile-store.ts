import type { Database, Write } from "@hearth/backplane";
import type { AccountCipher } from "../encryption/account-cipher.ts";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";
import type { Taggable, Tags } from "../tags/taggable.ts";

export interface ProvisioningProfile {
  accountId: string;
  region: string;
  id: string;
  /** Also the name of the provisioning template. */
  name: string;
  provisioningType: "FLEET_PROVISIONING" | "JITR";
  /** Of fleet provisioning only. */
  claim?: { certificateId: string; certificatePem: string };
  /** Of JITR only: devices come with certificates that it has signed. */
  caCertificateId?: string;
  tags?: Record<string, string>;
  /** Milliseconds. */
  createdAt: number;
}

interface Row {
  account_id: string;
  region: string;
  id: string;
  name: string;
  provisioning_type: ProvisioningProfile["provisioningType"];
  claim_certificate_id: string;
  claim_certificate_pem: string;
  ca_certificate_id: string | null;
  tags: Uint8Array | null;
  created_at: number;
}

/** No tags are no row of them. */
const sealTags = (tags: Tags | undefined, cipher: AccountCipher): Uint8Array | null =>
  tags && Object.keys(tags).length > 0 ? cipher.seal(JSON.stringify(tags), "tags") : null;
const openTags = (sealed: Uint8Array, cipher: AccountCipher): Record<string, string> =>
  JSON.parse(cipher.open(sealed, "tags"));

export type ProfileStore = ReturnType<typeof createProfileStore>;

export function createProfileStore({ database, ciphers }: { database: Database; ciphers: Ciphers }) {
  const fromRow = (row: Row, cipher: AccountCipher): ProvisioningProfile => ({
    accountId: row.account_id,
    region: row.region,
    id: row.id,
    name: row.name,
    provisioningType: row.provisioning_type,
    ...(row.ca_certificate_id === null
      ? { claim: { certificateId: row.claim_certificate_id, certificatePem: row.claim_certificate_pem } }
      : { caCertificateId: row.ca_certificate_id }),
    tags: row.tags ? openTags(row.tags, cipher) : undefined,
    createdAt: row.created_at,
  });

  const taggable: Taggable = {
    type: "provisioning-profile",
    async find(place, id) {
      const cipher = await ciphers.of(place);
      const [row] = await database.query<Pick<Row, "tags">>(
        "SELECT tags FROM provisioning_profile WHERE account_id = ? AND region = ? AND id = ?",
        [place.accountId, place.region, id],
      );
      return (
        row && {
          tags: row.tags ? openTags(row.tags, cipher) : {},
          // Sealing the same tags twice gives other bytes, so the bytes that were read are a guard.
          replace: (tags) => ({
            sql: `UPDATE provisioning_profile SET tags = ?
              WHERE account_id = ? AND region = ? AND id = ? AND ${row.tags ? "tags = ?" : "tags IS NULL"}`,
            params: [sealTags(tags, cipher), place.accountId, place.region, id, ...(row.tags ? [row.tags] : [])],
            rows: 1,
          }),
        }
      );
    },
  };

  return {
    taggable,

    async get(place: Place, id: string): Promise<ProvisioningProfile | undefined> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        "SELECT * FROM provisioning_profile WHERE account_id = ? AND region = ? AND id = ?",
        [place.accountId, place.region, id],
      );
      return rows[0] && fromRow(rows[0], cipher);
    },

    /** In order of id, after `after`. */
    async list(place: Place, after: string, limit: number): Promise<ProvisioningProfile[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        "SELECT * FROM provisioning_profile WHERE account_id = ? AND region = ? AND id > ? ORDER BY id LIMIT ?",
        [place.accountId, place.region, after, limit],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    /** Rejected with UniqueViolation when a profile has this name already. */
    async insert(profile: ProvisioningProfile): Promise<Write> {
      const cipher = await ciphers.of(profile);
      return {
        sql: `INSERT INTO provisioning_profile (account_id, region, id, name, provisioning_type, claim_certificate_id,
          claim_certificate_pem, ca_certificate_id, tags, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          profile.accountId,
          profile.region,
          profile.id,
          profile.name,
          profile.provisioningType,
          profile.claim?.certificateId ?? "",
          profile.claim?.certificatePem ?? "",
          profile.caCertificateId ?? null,
          sealTags(profile.tags, cipher),
          profile.createdAt,
        ],
      };
    },

    remove(profile: ProvisioningProfile): Write {
      return {
        sql: "DELETE FROM provisioning_profile WHERE account_id = ? AND region = ? AND id = ?",
        params: [profile.accountId, profile.region, profile.id],
        rows: 1,
      };
    },
  };
}
