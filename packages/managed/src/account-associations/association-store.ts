import type { Database, Sealer, Write } from "@hearth/backplane";
import type { AccountCipher } from "../encryption/account-cipher.ts";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";
import type { AccountAssociation, AssociationDetails, AssociationState } from "./account-association.ts";

interface Row {
  account_id: string;
  region: string;
  id: string;
  connector_destination_id: string;
  state: AssociationState;
  details: Uint8Array;
  created_at: number;
  revision: number;
}

/** A managed thing that an association reaches. */
export interface ThingAssociation {
  thingId: string;
  associationId: string;
}

const SEALED = "association";
const USER = "account-association.user";

export type AssociationStore = ReturnType<typeof createAssociationStore>;

/** Account associations, and the managed things in them. Writes are returned, for the caller's batch. */
export function createAssociationStore(deps: { database: Database; sealer: Sealer; ciphers: Ciphers }) {
  const { database, sealer, ciphers } = deps;
  const fromRow = (row: Row, cipher: AccountCipher): AccountAssociation => ({
    accountId: row.account_id,
    region: row.region,
    id: row.id,
    connectorDestinationId: row.connector_destination_id,
    state: row.state,
    details: JSON.parse(cipher.open(row.details, SEALED)) as AssociationDetails,
    createdAt: row.created_at,
    revision: row.revision,
  });
  const userHash = ({ userId }: AssociationDetails) => (userId === undefined ? null : sealer.hash(userId, USER));

  return {
    /** By which the user's associations are found. */
    userHash: (userId: string): string => sealer.hash(userId, USER),

    async get(place: Place, id: string): Promise<AccountAssociation | undefined> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        "SELECT * FROM account_association WHERE account_id = ? AND region = ? AND id = ?",
        [place.accountId, place.region, id],
      );
      return rows[0] && fromRow(rows[0], cipher);
    },

    /** In order of id, after `after`. */
    async list(
      place: Place,
      filters: { connectorDestinationId?: string },
      after: string,
      limit: number,
    ): Promise<AccountAssociation[]> {
      const { connectorDestinationId: destination } = filters;
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        `SELECT * FROM account_association WHERE account_id = ? AND region = ? AND id > ?
          ${destination === undefined ? "" : "AND connector_destination_id = ?"} ORDER BY id LIMIT ?`,
        [place.accountId, place.region, after, ...(destination === undefined ? [] : [destination]), limit],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    async insert(association: AccountAssociation): Promise<Write> {
      const cipher = await ciphers.of(association);
      return {
        sql: `INSERT INTO account_association (account_id, region, id, connector_destination_id, state, details,
            user_id_hash, created_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          association.accountId,
          association.region,
          association.id,
          association.connectorDestinationId,
          association.state,
          cipher.seal(JSON.stringify(association.details), SEALED),
          userHash(association.details),
          association.createdAt,
          association.revision,
        ],
      };
    },

    async update(before: AccountAssociation, after: AccountAssociation): Promise<Write> {
      const cipher = await ciphers.of(before);
      return {
        sql: `UPDATE account_association SET state = ?, details = ?, user_id_hash = ?, revision = revision + 1
          WHERE account_id = ? AND region = ? AND id = ? AND revision = ?`,
        params: [
          after.state,
          cipher.seal(JSON.stringify(after.details), SEALED),
          userHash(after.details),
          before.accountId,
          before.region,
          before.id,
          before.revision,
        ],
        rows: 1,
      };
    },

    remove(association: AccountAssociation): Write {
      return {
        sql: "DELETE FROM account_association WHERE account_id = ? AND region = ? AND id = ? AND revision = ?",
        params: [association.accountId, association.region, association.id, association.revision],
        rows: 1,
      };
    },

    async hasThing(place: Place, { thingId, associationId }: ThingAssociation): Promise<boolean> {
      const rows = await database.query(
        `SELECT 1 AS found FROM thing_association
          WHERE account_id = ? AND region = ? AND thing_id = ? AND association_id = ?`,
        [place.accountId, place.region, thingId, associationId],
      );
      return rows.length > 0;
    },

    /** In order of thing and association, after `after`. */
    async things(
      place: Place,
      filters: Partial<ThingAssociation>,
      after: ThingAssociation,
      limit: number,
    ): Promise<ThingAssociation[]> {
      const { thingId, associationId } = filters;
      const rows = await database.query<{ thing_id: string; association_id: string }>(
        `SELECT thing_id, association_id FROM thing_association WHERE account_id = ? AND region = ?
          ${thingId === undefined ? "" : "AND thing_id = ?"}
          ${associationId === undefined ? "" : "AND association_id = ?"}
          AND (thing_id > ? OR (thing_id = ? AND association_id > ?))
          ORDER BY thing_id, association_id LIMIT ?`,
        [
          place.accountId,
          place.region,
          ...(thingId === undefined ? [] : [thingId]),
          ...(associationId === undefined ? [] : [associationId]),
          after.thingId,
          after.thingId,
          after.associationId,
          limit,
        ],
      );
      return rows.map((row) => ({ thingId: row.thing_id, associationId: row.association_id }));
    },

    /** With the association's revision, so that whoever deletes it meanwhile looks again. */
    async insertThing(association: AccountAssociation, thingId: string, now: number): Promise<Write[]> {
      return [
        await this.update(association, association),
        {
          sql: `INSERT INTO thing_association (account_id, region, thing_id, association_id, created_at)
            VALUES (?, ?, ?, ?, ?)`,
          params: [association.accountId, association.region, thingId, association.id, now],
        },
      ];
    },

    removeThing(place: Place, { thingId, associationId }: ThingAssociation): Write {
      return {
        sql: `DELETE FROM thing_association WHERE account_id = ? AND region = ? AND thing_id = ?
          AND association_id = ?`,
        params: [place.accountId, place.region, thingId, associationId],
        rows: 1,
      };
    },
  };
}
