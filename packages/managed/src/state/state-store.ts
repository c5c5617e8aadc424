import type { Database, Write } from "@hearth/backplane";
import { propertyKey, type StateOwner, type StoredProperty } from "./state.ts";

interface Row {
  endpoint_id: string;
  capability_id: string;
  property: string;
  value: string;
  changed_at: string;
}

export type StateStore = ReturnType<typeof createStateStore>;

/** One row a property, so that a report costs what it changes and not what the device has. */
export function createStateStore({ database }: { database: Database }) {
  return {
    /** In order of endpoint, capability, property. */
    async all(thing: StateOwner): Promise<StoredProperty[]> {
      const rows = await database.query<Row>(
        `SELECT endpoint_id, capability_id, property, value, changed_at FROM managed_property
          WHERE account_id = ? AND region = ? AND thing_id = ? ORDER BY endpoint_id, capability_id, property`,
        [thing.accountId, thing.region, thing.id],
      );
      return rows.map((row) => ({
        endpointId: row.endpoint_id,
        capabilityId: row.capability_id,
        property: row.property,
        value: JSON.parse(row.value) as unknown,
        changedAt: row.changed_at,
      }));
    },

    async byKey(thing: StateOwner): Promise<Map<string, StoredProperty>> {
      const all = await this.all(thing);
      return new Map(all.map((row) => [propertyKey(row.endpointId, row.capabilityId, row.property), row]));
    },

    put(thing: StateOwner, property: StoredProperty): Write {
      return {
        sql: `INSERT INTO managed_property (account_id, region, thing_id, endpoint_id, capability_id, property, value,
            changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (account_id, region, thing_id, endpoint_id, capability_id, property)
          DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at`,
        params: [
          thing.accountId,
          thing.region,
          thing.id,
          property.endpointId,
          property.capabilityId,
          property.property,
          JSON.stringify(property.value),
          property.changedAt,
        ],
      };
    },

    remove(thing: StateOwner, property: StoredProperty): Write {
      return {
        sql: `DELETE FROM managed_property WHERE account_id = ? AND region = ? AND thing_id = ? AND endpoint_id = ?
          AND capability_id = ? AND property = ?`,
        params: [
          thing.accountId,
          thing.region,
          thing.id,
          property.endpointId,
          property.capabilityId,
          property.property,
        ],
      };
    },
  };
}
