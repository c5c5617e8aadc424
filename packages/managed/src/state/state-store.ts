import type { Database, Write } from "@hearth/backplane";
import { BoundedMap } from "@hearth/base";
import type { AccountCipher } from "../encryption/account-cipher.ts";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { ManagedThing } from "../things/managed-thing.ts";
import { propertyKey, type StateOwner, type StoredProperty } from "./state.ts";

interface Row {
  endpoint_id: string;
  capability_id: string;
  property: string;
  value_sealed: Uint8Array;
  changed_at: string;
}

/** What a device's properties were at one revision of its managed thing, by `propertyKey`, in the order of `all`. */
interface Known {
  cipher: AccountCipher;
  revision: number;
  properties: Map<string, StoredProperty>;
}

/** Devices heard of lately, whose properties need not be read and opened again for each report. */
const KNOWN = 2_000;

export type StateStore = ReturnType<typeof createStateStore>;

type StateAt = StateOwner & Pick<ManagedThing, "revision">;

/**
 * One row a property, so that a report costs what it changes and not what the device has. Whoever changes properties counts
 * up the thing's revision in the same batch: what was read at a revision holds while the thing has it.
 */
export function createStateStore({ database, ciphers }: { database: Database; ciphers: Ciphers }) {
  const known = new BoundedMap<string, Known>(KNOWN);
  const keyOf = (thing: StateOwner) => `${thing.accountId}/${thing.region}/${thing.id}`;

  /** Each under its `propertyKey`, in order of endpoint, capability, property. Read the thing first. */
  async function byKey(thing: StateAt): Promise<ReadonlyMap<string, StoredProperty>> {
    // Also for what is known: a key that may not be used any more protects it, too; then the cipher is another one.
    const cipher = await ciphers.of(thing);
    const before = known.get(keyOf(thing));
    if (before?.cipher === cipher && before.revision === thing.revision) return before.properties;
    const rows = await database.query<Row>(
      `SELECT endpoint_id, capability_id, property, value_sealed, changed_at FROM managed_property
        WHERE account_id = ? AND region = ? AND thing_id = ? ORDER BY endpoint_id, capability_id, property`,
      [thing.accountId, thing.region, thing.id],
    );
    const properties = new Map<string, StoredProperty>();
    for (const row of rows) {
      const { endpoint_id: endpointId, capability_id: capabilityId, property, changed_at: changedAt } = row;
      const value = JSON.parse(cipher.open(row.value_sealed, "state")) as unknown;
      const stored = { endpointId, capabilityId, property, value, changedAt };
      properties.set(propertyKey(endpointId, capabilityId, property), stored);
    }
    known.set(keyOf(thing), { cipher, revision: thing.revision, properties });
    return properties;
  }

  return {
    byKey,

    /** In order of endpoint, capability, property. */
    all: async (thing: StateAt): Promise<StoredProperty[]> => [...(await byKey(thing)).values()],

    /** When the batch that has put `changes`, and counted up the thing's revision once, is durable: saves the next read. */
    committed(thing: StateAt, changes: readonly StoredProperty[]): void {
      const before = known.get(keyOf(thing));
      if (before?.revision !== thing.revision) return;
      const keyed = changes.map(
        (change) => [propertyKey(change.endpointId, change.capabilityId, change.property), change] as const,
      );
      // A new one has its place among the others.
      if (!keyed.every(([key]) => before.properties.has(key))) return void known.delete(keyOf(thing));
      // Another map, since somebody may still be reading this one.
      const properties = keyed.length > 0 ? new Map(before.properties) : before.properties;
      for (const [key, change] of keyed) properties.set(key, change);
      known.set(keyOf(thing), { ...before, revision: thing.revision + 1, properties });
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
