import type { Database, Write } from "@hearth/backplane";
import type { Place } from "../place.ts";

export const LOG_LEVELS = ["DEBUG", "INFO", "WARN", "ERROR"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface EventLogConfiguration extends Place {
  id: string;
  /** `managed-thing` and so on, or `*`. */
  resourceType: string;
  resourceId: string | undefined;
  level: LogLevel;
  /** Milliseconds. */
  createdAt: number;
  updatedAt: number;
}

interface Row {
  account_id: string;
  region: string;
  id: string;
  resource_type: string;
  resource_id: string | null;
  level: LogLevel;
  created_at: number;
  updated_at: number;
}

/** What a configuration is for; one level is set for each. */
export const scopeOf = (resourceType: string, resourceId: string | undefined): string =>
  `${resourceType}/${resourceId ?? "*"}`;

export type EventLogConfigurationStore = ReturnType<typeof createEventLogConfigurationStore>;

export function createEventLogConfigurationStore({ database }: { database: Pick<Database, "query"> }) {
  const configurationOf = (row: Row): EventLogConfiguration => ({
    accountId: row.account_id,
    region: row.region,
    id: row.id,
    resourceType: row.resource_type,
    resourceId: row.resource_id ?? undefined,
    level: row.level,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  });
  return {
    async get({ accountId, region }: Place, id: string): Promise<EventLogConfiguration | undefined> {
      const rows = await database.query<Row>(
        "SELECT * FROM event_log_configuration WHERE account_id = ? AND region = ? AND id = ?",
        [accountId, region, id],
      );
      return rows[0] && configurationOf(rows[0]);
    },

    async list({ accountId, region }: Place, after: string, limit: number): Promise<EventLogConfiguration[]> {
      const rows = await database.query<Row>(
        "SELECT * FROM event_log_configuration WHERE account_id = ? AND region = ? AND id > ? ORDER BY id LIMIT ?",
        [accountId, region, after, limit],
      );
      return rows.map(configurationOf);
    },

    /** Some of the account's, in every region. */
    async ofAccount(accountId: string, limit: number): Promise<EventLogConfiguration[]> {
      const rows = await database.query<Row>(
        "SELECT * FROM event_log_configuration WHERE account_id = ? ORDER BY region, id LIMIT ?",
        [accountId, limit],
      );
      return rows.map(configurationOf);
    },

    insert(configuration: EventLogConfiguration): Write {
      const { accountId, region, id, resourceType, resourceId, level, createdAt, updatedAt } = configuration;
      return {
        sql: `INSERT INTO event_log_configuration (account_id, region, id, resource_type, resource_id, scope, level,
          created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          ...[accountId, region, id, resourceType, resourceId ?? null, scopeOf(resourceType, resourceId)],
          ...[level, createdAt, updatedAt],
        ],
      };
    },

    setLevel({ accountId, region }: Place, id: string, level: LogLevel, now: number): Write {
      return {
        sql: `UPDATE event_log_configuration SET level = ?, updated_at = ?
          WHERE account_id = ? AND region = ? AND id = ?`,
        params: [level, now, accountId, region, id],
        rows: 1,
      };
    },

    remove({ accountId, region }: Place, id: string): Write {
      return {
        sql: "DELETE FROM event_log_configuration WHERE account_id = ? AND region = ? AND id = ?",
        params: [accountId, region, id],
        rows: 1,
      };
    },
  };
}
