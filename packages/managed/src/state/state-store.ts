import type { Database, Write } from "@hearth/backplane";
import { BoundedMap } from "@hearth/base";
import type { Ciphers } from "../encryption/ciphers.ts";
import { propertyKey, type StateOwner, type StoredProperty } from "./state.ts";

interface Row {
  endpoint_id: string;
  capability_id: string;
  property: string;
  value_sealed: Uint8Array;
  changed_at: string;
}

interface Opened {
  sealed: Uint8Array;
  stored: StoredProperty;
}

/** Devices heard of lately, whose unchanged properties need not be opened again for each report. */
const OPENED = 2_000;

export type StateStore = ReturnType<typeof createStateStore>;

/** One row a property, so that a report costs what it changes and not what the device has. */
export function createStateStore({ database, ciphers }: { database: Database; ciphers: Ciphers }) {
  const opened = new BoundedMap<string, readonly Opened[]>(OPENED);
  return {
    /** In order of endpoint, capability, property. */
    async all(thing: StateOwner): Promise<StoredProperty[]> {
      const cipher = await ciphers.of(thing);
      const rows = await database.query<Row>(
        `SELECT endpoint_id, capability_id, property, value_sealed, changed_at FROM managed_property
          WHERE account_id = ? AND region = ? AND thing_id = ? ORDER BY endpoint_id, capability_id, property`,
        [thing.accountId, thing.region, thing.id],
      );
      const key = `${thing.accountId}/${thing.region}/${thing.id}`;
      const before = opened.get(key);
      const now = rows.map((row, index): Opened => {
        const sealed = row.value_sealed;
        // A device changes few of its properties at a time, so the others are where they were.
        const known = before?.[index];
        if (known && Buffer.compare(known.sealed, sealed) === 0) return known;
        const stored = {
          endpointId: row.endpoint_id,
          capabilityId: row.capability_id,
          property: row.property,
          value: JSON.parse(cipher.open(sealed, "state")) as unknown,
          changedAt: row.changed_at,
        };
        return { sealed, stored };
      });
      opened.set(key, now);
      return now.map(({ stored }) => stored);
    },

    async byKey(thing: StateOwner): Promise<Map<string, StoredProperty>> {
      const all = await this.all(thing);
      return new Map(all.map((row) => [propertyKey(row.endpointId, row.capabilityId, row.property), row]));
    },

    async put(thing: StateOwner, properties: readonly StoredProperty[]): Promise<Write[]> {
      const cipher = await ciphers.of(thing);
      return properties.map((property) => ({
        sql: `INSERT INTO managed_property (account_id, region, thing_id, endpoint_id, capability_id, property, value,
            value_sealed, changed_at) VALUES (?, ?, ?, ?, ?, ?, '', ?, ?)
          ON CONFLICT (account_id, region, thing_id, endpoint_id, capability_id, property)
          DO UPDATE SET value_sealed = excluded.value_sealed, changed_at = excluded.changed_at`,
        params: [
          thing.accountId,
          thing.region,
          thing.id,
          property.endpointId,
          property.capabilityId,
          property.property,
          cipher.seal(JSON.stringify(property.value), "state"),
          property.changedAt,
        ],
      }));
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
