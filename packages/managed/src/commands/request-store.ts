import type { Database, Write } from "@hearth/backplane";

/** A command that a device has started and that an app may answer (reference 7.3, U22). */
export interface OpenRequest {
  /** As {@link exchangeOf} gives it. */
  exchange: string;
  endpointId: string;
  capabilityId: string;
  action: string;
}

type Owner = { accountId: string; region: string; id: string };

/** Milliseconds for which a device's request may be answered. */
export const REQUEST_MS = 300_000;
/** Requests of one device that may be open at once. */
export const MAX_REQUESTS = 100;

/** An `actionTraceId` without its `_<number>`: the number tells the messages of one exchange apart. */
export const exchangeOf = (actionTraceId: string): string => actionTraceId.slice(0, actionTraceId.indexOf("=") + 1);

export type RequestStore = ReturnType<typeof createRequestStore>;

/** The open requests of devices: a few rows for each device, gone with the next request after their time, or with the device. */
export function createRequestStore({ database }: { database: Database }) {
  const keyOf = (owner: Owner) => [owner.accountId, owner.region, owner.id];
  return {
    async open(owner: Owner, exchanges: readonly string[], now: number): Promise<Map<string, OpenRequest>> {
      const rows = await database.query<{
        exchange: string;
        endpoint_id: string;
        capability_id: string;
        action: string;
      }>(
        `SELECT exchange, endpoint_id, capability_id, action FROM managed_request
          WHERE account_id = ? AND region = ? AND thing_id = ? AND expires_at > ?
            AND exchange IN (${exchanges.map(() => "?").join(", ")})`,
        [...keyOf(owner), now, ...exchanges],
      );
      return new Map(
        rows.map(({ exchange, endpoint_id: endpointId, capability_id: capabilityId, action }) => [
          exchange,
          { exchange, endpointId, capabilityId, action },
        ]),
      );
    },

    async count(owner: Owner, now: number): Promise<number> {
      const [row] = await database.query<{ open: number }>(
        `SELECT COUNT(*) AS open FROM managed_request
          WHERE account_id = ? AND region = ? AND thing_id = ? AND expires_at > ?`,
        [...keyOf(owner), now],
      );
      return Number(row?.open ?? 0);
    },

    /** An exchange that is open already goes on under its newest action. */
    put(owner: Owner, request: OpenRequest, now: number): Write {
      return {
        sql: `INSERT INTO managed_request (account_id, region, thing_id, exchange, endpoint_id, capability_id, action,
            expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (account_id, region, thing_id, exchange) DO UPDATE SET endpoint_id = excluded.endpoint_id,
            capability_id = excluded.capability_id, action = excluded.action, expires_at = excluded.expires_at`,
        params: [
          ...keyOf(owner),
          request.exchange,
          request.endpointId,
          request.capabilityId,
          request.action,
          now + REQUEST_MS,
        ],
      };
    },

    removeExpired(owner: Owner, now: number): Write {
      return {
        sql: "DELETE FROM managed_request WHERE account_id = ? AND region = ? AND thing_id = ? AND expires_at <= ?",
        params: [...keyOf(owner), now],
      };
    },

    removeAll(owner: Owner): Write {
      return {
        sql: "DELETE FROM managed_request WHERE account_id = ? AND region = ? AND thing_id = ?",
        params: keyOf(owner),
      };
    },
  };
}
