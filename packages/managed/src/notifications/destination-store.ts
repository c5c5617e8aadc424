import type { Database, Write } from "@hearth/backplane";
import { BoundedMap } from "@hearth/base";
import type { AccountCipher } from "../encryption/account-cipher.ts";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";

export interface Destination {
  accountId: string;
  region: string;
  name: string;
  deliveryArn: string;
  deliveryType: "KINESIS";
  roleArn: string;
  description?: string;
  tags?: Record<string, string>;
  /** Milliseconds. */
  createdAt: number;
  updatedAt: number;
}

export interface NotificationConfiguration {
  accountId: string;
  region: string;
  eventType: string;
  destinationName: string;
  tags?: Record<string, string>;
  createdAt: number;
  updatedAt: number;
}

interface DestinationRow {
  account_id: string;
  region: string;
  name: string;
  delivery_arn: string;
  delivery_type: "KINESIS";
  role_arn: string;
  description: string | null;
  tags: Uint8Array | null;
  created_at: number;
  updated_at: number;
}

interface ConfigurationRow {
  account_id: string;
  region: string;
  event_type: string;
  destination_name: string;
  tags: Uint8Array | null;
  created_at: number;
  updated_at: number;
}

/** What a delivery needs of its destination. */
export type Deliverable = Pick<Destination, "deliveryArn" | "roleArn">;

/** Destinations that records went to lately. */
const DELIVERABLE = 1_000;

export type DestinationStore = ReturnType<typeof createDestinationStore>;

/** Destinations and the notification configurations that point at them. */
export function createDestinationStore({ database, ciphers }: { database: Database; ciphers: Ciphers }) {
  const sealTags = (tags: Record<string, string> | undefined, cipher: AccountCipher) =>
    tags ? cipher.seal(JSON.stringify(tags), "tags") : null;
  const openTags = (sealed: Uint8Array | null, cipher: AccountCipher) =>
    sealed ? (JSON.parse(cipher.open(sealed, "tags")) as Record<string, string>) : undefined;

  const destinationOf = (row: DestinationRow, cipher: AccountCipher): Destination => ({
    accountId: row.account_id,
    region: row.region,
    name: row.name,
    deliveryArn: row.delivery_arn,
    deliveryType: row.delivery_type,
    roleArn: row.role_arn,
    description: row.description ?? undefined,
    tags: openTags(row.tags, cipher),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  });
  const configurationOf = (row: ConfigurationRow, cipher: AccountCipher): NotificationConfiguration => ({
    accountId: row.account_id,
    region: row.region,
    eventType: row.event_type,
    destinationName: row.destination_name,
    tags: openTags(row.tags, cipher),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  });

  const deliverables = new BoundedMap<string, Deliverable>(DELIVERABLE);
  let forgotten = 0;
  const keyOf = (place: Place, name: string) => `${place.accountId}/${place.region}/${name}`;

  async function destination(place: Place, name: string): Promise<Destination | undefined> {
    const cipher = await ciphers.of(place);
    const rows = await database.query<DestinationRow>(
      "SELECT * FROM destination WHERE account_id = ? AND region = ? AND name = ?",
      [place.accountId, place.region, name],
    );
    return rows[0] && destinationOf(rows[0], cipher);
  }

  return {
    destination,

    /** The destination as records need it, known until `forget`. Throws while the account's key may not be used. */
    async deliverable(place: Place, name: string): Promise<Deliverable | undefined> {
      await ciphers.of(place);
      const key = keyOf(place, name);
      const before = deliverables.get(key);
      if (before) return before;
      const asked = forgotten;
      const found = await destination(place, name);
      // One that has changed meanwhile is read again.
      if (found && asked === forgotten)
        deliverables.set(key, { deliveryArn: found.deliveryArn, roleArn: found.roleArn });
      return found;
    },

    /** After a destination has changed or is gone. */
    forget(place: Place, name: string): void {
      forgotten++;
      deliverables.delete(keyOf(place, name));
    },

    async destinations(place: Place, after: string, limit: number): Promise<Destination[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<DestinationRow>(
        "SELECT * FROM destination WHERE account_id = ? AND region = ? AND name > ? ORDER BY name LIMIT ?",
        [place.accountId, place.region, after, limit],
      );
      return rows.map((row) => destinationOf(row, cipher));
    },

    async insertDestination(destination: Destination): Promise<Write> {
      const cipher = await ciphers.of(destination);
      return {
        sql: `INSERT INTO destination (account_id, region, name, delivery_arn, delivery_type, role_arn, description, tags,
          created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          destination.accountId,
          destination.region,
          destination.name,
          destination.deliveryArn,
          destination.deliveryType,
          destination.roleArn,
          destination.description ?? null,
          sealTags(destination.tags, cipher),
          destination.createdAt,
          destination.updatedAt,
        ],
      };
    },

    updateDestination(destination: Destination): Write {
      return {
        sql: `UPDATE destination SET delivery_arn = ?, role_arn = ?, description = ?, updated_at = ?
          WHERE account_id = ? AND region = ? AND name = ?`,
        params: [
          destination.deliveryArn,
          destination.roleArn,
          destination.description ?? null,
          destination.updatedAt,
          destination.accountId,
          destination.region,
          destination.name,
        ],
        rows: 1,
      };
    },

    /** A guard: it is still there. */
    useDestination(place: Place, name: string): Write {
      return {
        sql: "UPDATE destination SET name = name WHERE account_id = ? AND region = ? AND name = ?",
        params: [place.accountId, place.region, name],
        rows: 1,
      };
    },

    /** Guarded: no configuration names it. */
    deleteDestination(place: Place, name: string): Write {
      return {
        sql: `DELETE FROM destination WHERE account_id = ? AND region = ? AND name = ? AND NOT EXISTS (
          SELECT 1 FROM notification_configuration used WHERE used.account_id = destination.account_id
            AND used.region = destination.region AND used.destination_name = destination.name)`,
        params: [place.accountId, place.region, name],
        rows: 1,
      };
    },

    /** The event types that go there, in order. */
    async eventTypesTo(place: Place, name: string): Promise<string[]> {
      const rows = await database.query<{ event_type: string }>(
        `SELECT event_type FROM notification_configuration
          WHERE account_id = ? AND region = ? AND destination_name = ? ORDER BY event_type`,
        [place.accountId, place.region, name],
      );
      return rows.map(({ event_type }) => event_type);
    },

    async configuration(place: Place, eventType: string): Promise<NotificationConfiguration | undefined> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<ConfigurationRow>(
        "SELECT * FROM notification_configuration WHERE account_id = ? AND region = ? AND event_type = ?",
        [place.accountId, place.region, eventType],
      );
      return rows[0] && configurationOf(rows[0], cipher);
    },

    async configurations(place: Place, after: string, limit: number): Promise<NotificationConfiguration[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<ConfigurationRow>(
        `SELECT * FROM notification_configuration WHERE account_id = ? AND region = ? AND event_type > ?
          ORDER BY event_type LIMIT ?`,
        [place.accountId, place.region, after, limit],
      );
      return rows.map((row) => configurationOf(row, cipher));
    },

    async insertConfiguration(configuration: NotificationConfiguration): Promise<Write> {
      const cipher = await ciphers.of(configuration);
      return {
        sql: `INSERT INTO notification_configuration (account_id, region, event_type, destination_name, tags, created_at,
          updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
        params: [
          configuration.accountId,
          configuration.region,
          configuration.eventType,
          configuration.destinationName,
          sealTags(configuration.tags, cipher),
          configuration.createdAt,
          configuration.updatedAt,
        ],
      };
    },

    updateConfiguration(place: Place, eventType: string, destinationName: string, now: number): Write {
      return {
        sql: `UPDATE notification_configuration SET destination_name = ?, updated_at = ?
          WHERE account_id = ? AND region = ? AND event_type = ?`,
        params: [destinationName, now, place.accountId, place.region, eventType],
        rows: 1,
      };
    },

    deleteConfiguration(place: Place, eventType: string): Write {
      return {
        sql: "DELETE FROM notification_configuration WHERE account_id = ? AND region = ? AND event_type = ?",
        params: [place.accountId, place.region, eventType],
        rows: 1,
      };
    },
  };
}
