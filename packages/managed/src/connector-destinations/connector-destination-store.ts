import type { Database, Write } from "@hearth/backplane";
import type { AccountCipher } from "../encryption/account-cipher.ts";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";
import type { ConnectorDestination, DestinationAuth } from "./connector-destination.ts";

interface Row {
  account_id: string;
  region: string;
  id: string;
  cloud_connector_id: string;
  connector_account_id: string | null;
  name: string | null;
  description: string | null;
  auth: Uint8Array;
  created_at: number;
  revision: number;
}

const SEALED = "association";

export type DestinationStore = ReturnType<typeof createConnectorDestinationStore>;

/** Connector destinations in the database. Writes are returned, for the caller's batch. */
export function createConnectorDestinationStore({ database, ciphers }: { database: Database; ciphers: Ciphers }) {
  const fromRow = (row: Row, cipher: AccountCipher): ConnectorDestination => ({
    accountId: row.account_id,
    region: row.region,
    id: row.id,
    cloudConnectorId: row.cloud_connector_id,
    connectorAccountId: row.connector_account_id ?? row.account_id,
    name: row.name ?? undefined,
    description: row.description ?? undefined,
    auth: JSON.parse(cipher.open(row.auth, SEALED)) as DestinationAuth,
    createdAt: row.created_at,
    revision: row.revision,
  });

  return {
    async get(place: Place, id: string): Promise<ConnectorDestination | undefined> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        "SELECT * FROM connector_destination WHERE account_id = ? AND region = ? AND id = ?",
        [place.accountId, place.region, id],
      );
      return rows[0] && fromRow(rows[0], cipher);
    },

    /** In order of id, after `after`. */
    async list(
      place: Place,
      filters: { cloudConnectorId?: string },
      after: string,
      limit: number,
    ): Promise<ConnectorDestination[]> {
      const { cloudConnectorId } = filters;
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        `SELECT * FROM connector_destination WHERE account_id = ? AND region = ? AND id > ?
          ${cloudConnectorId === undefined ? "" : "AND cloud_connector_id = ?"} ORDER BY id LIMIT ?`,
        [place.accountId, place.region, after, ...(cloudConnectorId === undefined ? [] : [cloudConnectorId]), limit],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    /** A destination for the connector, of whichever account. */
    async anyFor(connector: Place & { id: string }): Promise<(Place & { id: string }) | undefined> {
      const rows = await database.query<{ account_id: string; id: string }>(
        "SELECT account_id, id FROM connector_destination WHERE region = ? AND cloud_connector_id = ? ORDER BY id LIMIT 1",
        [connector.region, connector.id],
      );
      return rows[0] && { accountId: rows[0].account_id, region: connector.region, id: rows[0].id };
    },

    async insert(destination: ConnectorDestination): Promise<Write> {
      const cipher = await ciphers.of(destination);
      return {
        sql: `INSERT INTO connector_destination (account_id, region, id, cloud_connector_id, connector_account_id, name,
            description, auth, created_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          destination.accountId,
          destination.region,
          destination.id,
          destination.cloudConnectorId,
          destination.connectorAccountId,
          destination.name ?? null,
          destination.description ?? null,
          cipher.seal(JSON.stringify(destination.auth), SEALED),
          destination.createdAt,
          destination.revision,
        ],
      };
    },

    async update(before: ConnectorDestination, after: ConnectorDestination): Promise<Write> {
      const cipher = await ciphers.of(before);
      return {
        sql: `UPDATE connector_destination SET name = ?, description = ?, auth = ?, revision = revision + 1
          WHERE account_id = ? AND region = ? AND id = ? AND revision = ?`,
        params: [
          after.name ?? null,
          after.description ?? null,
          cipher.seal(JSON.stringify(after.auth), SEALED),
          before.accountId,
          before.region,
          before.id,
          before.revision,
        ],
        rows: 1,
      };
    },

    /** For the batch of what is made for a destination: it must still be there, and whoever deletes it meanwhile looks again. */
    use(destination: ConnectorDestination): Write {
      return {
        sql: "UPDATE connector_destination SET revision = revision + 1 WHERE account_id = ? AND region = ? AND id = ?",
        params: [destination.accountId, destination.region, destination.id],
        rows: 1,
      };
    },

    remove(destination: ConnectorDestination): Write {
      return {
        sql: "DELETE FROM connector_destination WHERE account_id = ? AND region = ? AND id = ? AND revision = ?",
        params: [destination.accountId, destination.region, destination.id, destination.revision],
        rows: 1,
      };
    },
  };
}
