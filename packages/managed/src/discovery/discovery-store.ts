import type { Database, Sealer, SqlValue, Write } from "@hearth/backplane";
import type { AccountCipher } from "../encryption/account-cipher.ts";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";
import { discoveredMaterialHash } from "../things/thing-hashes.ts";
import type {
  DeviceDiscovery,
  DiscoveredDevice,
  DiscoveryDetails,
  DiscoveryStatus,
  DiscoveryType,
} from "./discovery.ts";

interface Row {
  account_id: string;
  region: string;
  id: string;
  type: DiscoveryType;
  status: DiscoveryStatus;
  controller_id: string | null;
  association_id: string | null;
  details: Uint8Array;
  device_count: number;
  started_at: number;
  finished_at: number | null;
  revision: number;
}

const SEALED = "discovered-device";
const DEVICE = "discovered-device";

export type DiscoveryStore = ReturnType<typeof createDiscoveryStore>;

/** Discoveries and what they found. Writes are returned, for the caller's batch. */
export function createDiscoveryStore(deps: { database: Database; sealer: Sealer; ciphers: Ciphers }) {
  const { database, sealer, ciphers } = deps;
  const fromRow = (row: Row, cipher: AccountCipher): DeviceDiscovery => ({
    accountId: row.account_id,
    region: row.region,
    id: row.id,
    type: row.type,
    status: row.status,
    controllerId: row.controller_id ?? undefined,
    associationId: row.association_id ?? undefined,
    details: JSON.parse(cipher.open(row.details, SEALED)) as DiscoveryDetails,
    deviceCount: row.device_count,
    startedAt: row.started_at,
    finishedAt: row.finished_at ?? undefined,
    revision: row.revision,
  });
  const deviceOf = (row: { details: Uint8Array }, cipher: AccountCipher) =>
    JSON.parse(cipher.open(row.details, SEALED)) as DiscoveredDevice;
  const deviceHash = (deviceId: string) => sealer.hash(deviceId, DEVICE);

  return {
    async get(place: Place, id: string): Promise<DeviceDiscovery | undefined> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        "SELECT * FROM device_discovery WHERE account_id = ? AND region = ? AND id = ?",
        [place.accountId, place.region, id],
      );
      return rows[0] && fromRow(rows[0], cipher);
    },

    /** Of whichever account in the region: the ids are the installation's. */
    async anywhere(region: string, id: string): Promise<DeviceDiscovery | undefined> {
      const rows = await database.query<Row>("SELECT * FROM device_discovery WHERE region = ? AND id = ?", [
        region,
        id,
      ]);
      const [row] = rows;
      return row && fromRow(row, await ciphers.of({ accountId: row.account_id, region }));
    },

    /** In order of id, after `after`. */
    async list(
      place: Place,
      filters: { type?: string; status?: string },
      after: string,
      limit: number,
    ): Promise<DeviceDiscovery[]> {
      const cipher = await ciphers.of(place);
      const used = Object.entries(filters).filter(
        (filter): filter is [string, SqlValue & string] => filter[1] !== undefined,
      );
      const rows = await database.query<Row>(
        `SELECT * FROM device_discovery WHERE account_id = ? AND region = ? AND id > ?
          ${used.map(([column]) => `AND ${column} = ?`).join(" ")} ORDER BY id LIMIT ?`,
        [place.accountId, place.region, after, ...used.map(([, value]) => value), limit],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    /** `keptUntil`, in milliseconds: then a timer removes it. */
    async insert(discovery: DeviceDiscovery, keptUntil: number): Promise<Write> {
      const cipher = await ciphers.of(discovery);
      return {
        sql: `INSERT INTO device_discovery (account_id, region, id, type, status, controller_id, association_id,
            details, device_count, started_at, finished_at, kept_until, revision)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          discovery.accountId,
          discovery.region,
          discovery.id,
          discovery.type,
          discovery.status,
          discovery.controllerId ?? null,
          discovery.associationId ?? null,
          cipher.seal(JSON.stringify(discovery.details), SEALED),
          discovery.deviceCount,
          discovery.startedAt,
          discovery.finishedAt ?? null,
          keptUntil,
          discovery.revision,
        ],
      };
    },

    /** Some of those that no timer removes, of every account. */
    async endless(limit: number): Promise<(Place & { id: string; startedAt: number })[]> {
      const rows = await database.query<Row>(
        "SELECT account_id, region, id, started_at FROM device_discovery WHERE kept_until IS NULL ORDER BY id LIMIT ?",
        [limit],
      );
      return rows.map((row) => ({
        ...{ accountId: row.account_id, region: row.region },
        ...{ id: row.id, startedAt: Number(row.started_at) },
      }));
    },

    keep(discovery: Place & { id: string }, until: number): Write {
      return {
        sql: "UPDATE device_discovery SET kept_until = ? WHERE account_id = ? AND region = ? AND id = ?",
        params: [until, discovery.accountId, discovery.region, discovery.id],
      };
    },

    async count({ accountId, region }: Place): Promise<number> {
      const rows = await database.query<{ discoveries: number }>(
        "SELECT COUNT(*) AS discoveries FROM device_discovery WHERE account_id = ? AND region = ?",
        [accountId, region],
      );
      return Number(rows[0]?.discoveries ?? 0);
    },

    /** Those that ended first. */
    async firstFinished({ accountId, region }: Place, limit: number): Promise<(Place & { id: string })[]> {
      const rows = await database.query<{ id: string }>(
        `SELECT id FROM device_discovery WHERE account_id = ? AND region = ? AND finished_at IS NOT NULL
          ORDER BY finished_at LIMIT ?`,
        [accountId, region, limit],
      );
      return rows.map(({ id }) => ({ accountId, region, id }));
    },

    update(before: DeviceDiscovery, after: DeviceDiscovery): Write {
      return {
        sql: `UPDATE device_discovery SET status = ?, device_count = ?, finished_at = ?, revision = revision + 1
          WHERE account_id = ? AND region = ? AND id = ? AND revision = ?`,
        params: [
          after.status,
          after.deviceCount,
          after.finishedAt ?? null,
          before.accountId,
          before.region,
          before.id,
          before.revision,
        ],
        rows: 1,
      };
    },

    /** In order of id. */
    async ofAssociation(place: Place, associationId: string, limit: number): Promise<DeviceDiscovery[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        `SELECT * FROM device_discovery WHERE account_id = ? AND region = ? AND association_id = ?
          ORDER BY id LIMIT ?`,
        [place.accountId, place.region, associationId, limit],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    /** With what it found. */
    remove(discovery: Place & { id: string }): Write[] {
      const params = [discovery.accountId, discovery.region, discovery.id];
      return [
        {
          sql: "DELETE FROM discovered_device WHERE account_id = ? AND region = ? AND discovery_id = ?",
          params,
        },
        { sql: "DELETE FROM device_discovery WHERE account_id = ? AND region = ? AND id = ?", params, rows: 1 },
      ];
    },

    /** In order of their numbers, after `after`, with the managed thing that each is by now. */
    async devices(
      discovery: Place & { id: string },
      after: number,
      limit: number,
    ): Promise<(DiscoveredDevice & { managedThingId?: string })[]> {
      const cipher = await ciphers.of(discovery);
      const rows = await database.query<{ details: Uint8Array; thing_id: string | null }>(
        `SELECT found.details AS details, thing.id AS thing_id FROM discovered_device found
          LEFT JOIN managed_thing thing ON thing.account_id = found.account_id AND thing.region = found.region
            AND thing.material_hash = found.material_hash
          WHERE found.account_id = ? AND found.region = ? AND found.discovery_id = ? AND found.number > ?
          ORDER BY found.number LIMIT ?`,
        [discovery.accountId, discovery.region, discovery.id, after, limit],
      );
      return rows.map((row) => ({ ...deviceOf(row, cipher), managedThingId: row.thing_id ?? undefined }));
    },

    /** One device, by its number or by the id that the vendor gave it. */
    async device(
      discovery: Place & { id: string },
      by: { number: number } | { deviceId: string },
    ): Promise<DiscoveredDevice | undefined> {
      const cipher = await ciphers.of(discovery);
      const [column, value] = "number" in by ? ["number", by.number] : ["device_hash", deviceHash(by.deviceId)];
      const rows = await database.query<{ details: Uint8Array }>(
        `SELECT details FROM discovered_device
          WHERE account_id = ? AND region = ? AND discovery_id = ? AND ${column} = ?`,
        [discovery.accountId, discovery.region, discovery.id, value],
      );
      return rows[0] && deviceOf(rows[0], cipher);
    },

    /** The numbers of those of these devices that the discovery has found before, by their ids. */
    async numbers(discovery: Place & { id: string }, deviceIds: readonly string[]): Promise<Map<string, number>> {
      const byHash = new Map(deviceIds.map((id) => [deviceHash(id), id] as const));
      if (byHash.size === 0) return new Map();
      const rows = await database.query<{ number: number; device_hash: string }>(
        `SELECT number, device_hash FROM discovered_device WHERE account_id = ? AND region = ? AND discovery_id = ?
          AND device_hash IN (${[...byHash].map(() => "?").join(", ")})`,
        [discovery.accountId, discovery.region, discovery.id, ...byHash.keys()],
      );
      return new Map(rows.map((row) => [byHash.get(row.device_hash) ?? "", row.number]));
    },

    /** Replaces what the discovery said of the device before. */
    async putDevice(discovery: Place & { id: string }, device: DiscoveredDevice): Promise<Write> {
      const cipher = await ciphers.of(discovery);
      return {
        sql: `INSERT INTO discovered_device (account_id, region, discovery_id, number, device_hash, material_hash,
            details) VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (account_id, region, discovery_id, number) DO UPDATE SET details = excluded.details`,
        params: [
          discovery.accountId,
          discovery.region,
          discovery.id,
          device.number,
          deviceHash(device.deviceId),
          discoveredMaterialHash(sealer, device.identity),
          cipher.seal(JSON.stringify(device), SEALED),
        ],
      };
    },
  };
}
