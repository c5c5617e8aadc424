import type { Database, SqlValue, Write } from "@hearth/backplane";
import type { Place } from "../place.ts";
import type { CloudConnector } from "./cloud-connector.ts";

interface Row {
  account_id: string;
  region: string;
  id: string;
  name: string;
  description: string | null;
  lambda_arn: string;
  type: CloudConnector["type"];
  created_at: number;
  revision: number;
}

const fromRow = (row: Row): CloudConnector => ({
  accountId: row.account_id,
  region: row.region,
  id: row.id,
  name: row.name,
  description: row.description ?? undefined,
  lambdaArn: row.lambda_arn,
  type: row.type,
  createdAt: row.created_at,
  revision: row.revision,
});

export type ConnectorStore = ReturnType<typeof createConnectorStore>;

/** Cloud connectors in the database. Writes are returned, for the caller's batch. */
export function createConnectorStore({ database }: { database: Database }) {
  return {
    async get(place: Place, id: string): Promise<CloudConnector | undefined> {
      const rows = await database.query<Row>(
        "SELECT * FROM cloud_connector WHERE account_id = ? AND region = ? AND id = ?",
        [place.accountId, place.region, id],
      );
      return rows[0] && fromRow(rows[0]);
    },

    /** One of the account's own, or one that is listed for everybody in the region. */
    async visible(place: Place, id: string): Promise<CloudConnector | undefined> {
      const own = await this.get(place, id);
      if (own) return own;
      const rows = await database.query<Row>(
        "SELECT * FROM cloud_connector WHERE region = ? AND type = 'LISTED' AND id = ?",
        [place.region, id],
      );
      return rows[0] && fromRow(rows[0]);
    },

    /** What is visible, in order of id, after `after`. A function's ARN finds the account's own connectors alone. */
    async list(
      place: Place,
      filters: { type?: string; lambdaArn?: string },
      after: string,
      limit: number,
    ): Promise<CloudConnector[]> {
      const used = Object.entries({ type: filters.type, lambda_arn: filters.lambdaArn }).filter(
        (filter): filter is [string, SqlValue & string] => filter[1] !== undefined,
      );
      const own = await database.query<Row>(
        `SELECT * FROM cloud_connector WHERE account_id = ? AND region = ? AND id > ?
          ${used.map(([column]) => `AND ${column} = ?`).join(" ")} ORDER BY id LIMIT ?`,
        [place.accountId, place.region, after, ...used.map(([, value]) => value), limit],
      );
      if (filters.lambdaArn !== undefined || filters.type === "UNLISTED") return own.map(fromRow);
      const others = await database.query<Row>(
        `SELECT * FROM cloud_connector WHERE region = ? AND type = 'LISTED' AND id > ? AND account_id <> ?
          ORDER BY id LIMIT ?`,
        [place.region, after, place.accountId, limit],
      );
      return [...own, ...others]
        .sort((one, other) => (one.id < other.id ? -1 : 1))
        .slice(0, limit)
        .map(fromRow);
    },

    insert(connector: CloudConnector): Write {
      return {
        sql: `INSERT INTO cloud_connector (account_id, region, id, name, description, lambda_arn, type, created_at,
            revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          connector.accountId,
          connector.region,
          connector.id,
          connector.name,
          connector.description ?? null,
          connector.lambdaArn,
          connector.type,
          connector.createdAt,
          connector.revision,
        ],
      };
    },

    update(before: CloudConnector, after: CloudConnector): Write {
      return {
        sql: `UPDATE cloud_connector SET name = ?, description = ?, revision = revision + 1
          WHERE account_id = ? AND region = ? AND id = ? AND revision = ?`,
        params: [after.name, after.description ?? null, before.accountId, before.region, before.id, before.revision],
        rows: 1,
      };
    },

    setType(connector: CloudConnector, type: CloudConnector["type"]): Write {
      return {
        sql: `UPDATE cloud_connector SET type = ?, revision = revision + 1
          WHERE account_id = ? AND region = ? AND id = ? AND revision = ?`,
        params: [type, connector.accountId, connector.region, connector.id, connector.revision],
        rows: 1,
      };
    },

    /** For the batch of what is made for a connector: it must still be there, and whoever deletes it meanwhile looks again. */
    use(connector: CloudConnector): Write {
      return {
        sql: "UPDATE cloud_connector SET revision = revision + 1 WHERE account_id = ? AND region = ? AND id = ?",
        params: [connector.accountId, connector.region, connector.id],
        rows: 1,
      };
    },

    remove(connector: CloudConnector): Write {
      return {
        sql: "DELETE FROM cloud_connector WHERE account_id = ? AND region = ? AND id = ? AND revision = ?",
        params: [connector.accountId, connector.region, connector.id, connector.revision],
        rows: 1,
      };
    },
  };
}
