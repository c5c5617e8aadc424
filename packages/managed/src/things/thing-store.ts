import type { Database, Sealer, SqlValue, Write } from "@hearth/backplane";
import { BoundedMap } from "@hearth/base";
import type { AccountCipher } from "../encryption/account-cipher.ts";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";
import type { ManagedThing, ProvisioningStatus, Role, ThingDetails } from "./managed-thing.ts";
import { connectorDeviceHash, discoveredMaterialHash, materialHash, radioHash } from "./thing-hashes.ts";

interface Row {
  account_id: string;
  region: string;
  id: string;
  role: Role;
  status: ProvisioningStatus;
  details: Uint8Array;
  credential_locker_id: string | null;
  parent_controller_id: string | null;
  capability_report_sealed: Uint8Array | null;
  certificate_id: string | null;
  connector_destination_id: string | null;
  revision: number;
  last_event_number: number;
  connected: number | null;
  connectivity_at: number | null;
  disconnect_reason: ManagedThing["disconnectReason"] | null;
  created_at: number;
  updated_at: number;
  activated_at: number | null;
}

/** What changes with every message and connection; the rest of a thing is read anew when its revision is another. */
type Changing = Pick<Row, "revision" | "last_event_number" | "connected" | "connectivity_at" | "disconnect_reason">;

const CHANGING = `SELECT revision, last_event_number, connected, connectivity_at, disconnect_reason FROM managed_thing
  WHERE account_id = ? AND region = ? AND id = ?`;

const changingOf = (row: Changing) => ({
  revision: row.revision,
  lastEventNumber: row.last_event_number,
  connected: row.connected === null ? undefined : row.connected === 1,
  connectivityAt: row.connectivity_at ?? undefined,
  disconnectReason: row.disconnect_reason ?? undefined,
});

export interface ThingFilters {
  owner?: string;
  credentialLockerId?: string;
  role?: string;
  parentControllerId?: string;
  serialNumber?: string;
  status?: string;
  connectorDestinationId?: string;
  connectorDeviceId?: string;
}

/** Things heard of lately, whose sealed columns need not be opened again for each message that names them. */
const OPENED = 2_000;

const SERIAL = "managed-thing.serial";
const OWNER = "managed-thing.owner";

interface Opened<Value> {
  /** Another one opens anew: what a retired key protects may be readable by it no more. */
  cipher: AccountCipher;
  sealed: Uint8Array;
  value: Value;
}

/** The sealed bytes differ with every write, so bytes that are known were opened to the value that is known. */
function openOnce<Value>(
  opened: BoundedMap<string, Opened<Value>>,
  row: Row,
  sealed: Uint8Array,
  cipher: AccountCipher,
  open: () => Value,
): Value {
  const key = `${row.account_id}/${row.region}/${row.id}`;
  const known = opened.get(key);
  if (known?.cipher === cipher && Buffer.compare(known.sealed, sealed) === 0) return known.value;
  const value = open();
  opened.set(key, { cipher, sealed, value });
  return value;
}

const sealReport = (report: string | undefined, cipher: AccountCipher) =>
  report === undefined ? null : cipher.seal(report, "capability-report");

export type ThingStore = ReturnType<typeof createThingStore>;

/** Managed things in the database. Reads give whole things; writes are returned, for the caller's batch. */
export function createThingStore(deps: { database: Database; sealer: Sealer; ciphers: Ciphers }) {
  const { database, sealer, ciphers } = deps;
  const openedDetails = new BoundedMap<string, Opened<ThingDetails>>(OPENED);
  const openedReports = new BoundedMap<string, Opened<string>>(OPENED);
  /** Each as it was at its revision, which every change counts up but those of what `Changing` has. */
  const known = new BoundedMap<string, { cipher: AccountCipher; thing: ManagedThing }>(OPENED);

  const detailsOf = (row: Row, cipher: AccountCipher): ThingDetails =>
    openOnce(openedDetails, row, row.details, cipher, () => JSON.parse(cipher.open(row.details, "managed-thing")));
  const reportOf = (row: Row, cipher: AccountCipher): string | undefined => {
    const sealed = row.capability_report_sealed;
    return sealed
      ? openOnce(openedReports, row, sealed, cipher, () => cipher.open(sealed, "capability-report"))
      : undefined;
  };

  const fromRow = (row: Row, cipher: AccountCipher): ManagedThing => ({
    accountId: row.account_id,
    region: row.region,
    id: row.id,
    role: row.role,
    status: row.status,
    details: detailsOf(row, cipher),
    credentialLockerId: row.credential_locker_id ?? undefined,
    parentControllerId: row.parent_controller_id ?? undefined,
    capabilityReport: reportOf(row, cipher),
    certificateId: row.certificate_id ?? undefined,
    connectorDestinationId: row.connector_destination_id ?? undefined,
    ...changingOf(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    activatedAt: row.activated_at ?? undefined,
  });

  const optionalHash = (value: string | undefined, purpose: string) => (value ? sealer.hash(value, purpose) : null);
  const radioOf = ({ macAddress, deviceSpecificKey }: ThingDetails) => {
    const radioId = macAddress ?? deviceSpecificKey;
    return radioId === undefined ? null : radioHash(sealer, radioId);
  };
  const connectorDeviceOf = ({ connectorDeviceId }: ThingDetails) =>
    connectorDeviceId === undefined ? null : connectorDeviceHash(sealer, connectorDeviceId);

  return {
    async get(place: Place, id: string): Promise<ManagedThing | undefined> {
      // Also for what is known: a key that may not be used any more protects it, too; then the cipher is another one.
      const cipher = await ciphers.of(place);
      const key = `${place.accountId}/${place.region}/${id}`;
      const entry = known.get(key);
      if (entry?.cipher === cipher) {
        const before = entry.thing;
        const [now] = await database.query<Changing>(CHANGING, [place.accountId, place.region, id]);
        if (now?.revision === before.revision) return { ...before, ...changingOf(now) };
        known.delete(key);
      }
      const rows = await database.query<Row>(
        "SELECT * FROM managed_thing WHERE account_id = ? AND region = ? AND id = ?",
        [place.accountId, place.region, id],
      );
      const thing = rows[0] && fromRow(rows[0], cipher);
      if (thing) known.set(key, { cipher, thing });
      return thing;
    },

    /** When the batch with `touch` is durable, and nothing else in it counted up the revision: saves the next read. */
    touched(thing: ManagedThing): void {
      const key = `${thing.accountId}/${thing.region}/${thing.id}`;
      const before = known.get(key);
      if (before?.thing.revision !== thing.revision) return;
      known.set(key, { ...before, thing: { ...before.thing, revision: thing.revision + 1 } });
    },

    /** Things with this serial number; more than one when product codes differ. */
    async bySerialNumber(place: Place, serialNumber: string): Promise<ManagedThing[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        "SELECT * FROM managed_thing WHERE account_id = ? AND region = ? AND serial_hash = ? ORDER BY id LIMIT 100",
        [place.accountId, place.region, sealer.hash(serialNumber, SERIAL)],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    /** The thing whose device has this certificate. */
    async byCertificate(place: Place, certificateId: string): Promise<ManagedThing | undefined> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        "SELECT * FROM managed_thing WHERE account_id = ? AND region = ? AND certificate_id = ? LIMIT 1",
        [place.accountId, place.region, certificateId],
      );
      return rows[0] && fromRow(rows[0], cipher);
    },

    /** The things with these materials, by their hashes: what a discovery found may be known already. */
    async byIdentity(place: Place, identities: readonly string[]): Promise<Map<string, ManagedThing>> {
      const byHash = new Map(
        identities.map((identity) => [discoveredMaterialHash(sealer, identity), identity] as const),
      );
      if (byHash.size === 0) return new Map();
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row & { material_hash: string }>(
        `SELECT * FROM managed_thing WHERE account_id = ? AND region = ?
          AND material_hash IN (${[...byHash].map(() => "?").join(", ")})`,
        [place.accountId, place.region, ...byHash.keys()],
      );
      return new Map(rows.map((row) => [byHash.get(row.material_hash) ?? "", fromRow(row, cipher)]));
    },

    /** Things whose label names this EUI-64 or device-specific key. */
    async byRadioId(place: Place, radioId: string): Promise<ManagedThing[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        "SELECT * FROM managed_thing WHERE account_id = ? AND region = ? AND radio_hash = ? ORDER BY id LIMIT 100",
        [place.accountId, place.region, radioHash(sealer, radioId)],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    /**
     * The things of every account that a connector knows by this id of its vendor's and that are in an account
     * association of a linked user: of this one, where one is named. At most 100, in order of id.
     */
    async ofConnector(
      connector: Place & { id: string },
      connectorDeviceId: string,
      userIdHash: string | undefined,
    ): Promise<ManagedThing[]> {
      const rows = await database.query<Row>(
        `SELECT thing.* FROM managed_thing thing
          JOIN connector_destination destination ON destination.account_id = thing.account_id
            AND destination.region = thing.region AND destination.id = thing.connector_destination_id
          WHERE thing.region = ? AND thing.connector_device_hash = ? AND destination.cloud_connector_id = ?
            AND COALESCE(destination.connector_account_id, destination.account_id) = ?
            AND EXISTS (SELECT 1 FROM thing_association link
              JOIN account_association association ON association.account_id = link.account_id
                AND association.region = link.region AND association.id = link.association_id
              WHERE link.account_id = thing.account_id AND link.region = thing.region AND link.thing_id = thing.id
                AND association.state <> 'ASSOCIATION_DELETING'
                ${userIdHash === undefined ? "" : "AND association.user_id_hash = ?"})
          ORDER BY thing.id LIMIT 100`,
        [
          connector.region,
          connectorDeviceHash(sealer, connectorDeviceId),
          connector.id,
          connector.accountId,
          ...(userIdHash === undefined ? [] : [userIdHash]),
        ],
      );
      return Promise.all(
        rows.map(async (row) => fromRow(row, await ciphers.of({ accountId: row.account_id, region: row.region }))),
      );
    },

    /** In order of id, after `after`. */
    async list(place: Place, filters: ThingFilters, after: string, limit: number): Promise<ManagedThing[]> {
      const cipher = await ciphers.of(place);
      const conditions: [string, SqlValue | undefined][] = [
        ["owner_hash", filters.owner === undefined ? undefined : sealer.hash(filters.owner, OWNER)],
        ["credential_locker_id", filters.credentialLockerId],
        ["role", filters.role],
        ["parent_controller_id", filters.parentControllerId],
        ["serial_hash", filters.serialNumber === undefined ? undefined : sealer.hash(filters.serialNumber, SERIAL)],
        ["status", filters.status],
        ["connector_destination_id", filters.connectorDestinationId],
        [
          "connector_device_hash",
          filters.connectorDeviceId === undefined ? undefined : connectorDeviceHash(sealer, filters.connectorDeviceId),
        ],
      ];
      const used = conditions.filter((condition): condition is [string, SqlValue] => condition[1] !== undefined);
      const rows = await database.query<Row>(
        `SELECT * FROM managed_thing WHERE account_id = ? AND region = ? AND id > ?
          ${used.map(([column]) => `AND ${column} = ?`).join(" ")} ORDER BY id LIMIT ?`,
        [place.accountId, place.region, after, ...used.map(([, value]) => value), limit],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    /** Of these, those that are there. */
    async existing(place: Place, ids: readonly string[]): Promise<ReadonlySet<string>> {
      if (ids.length === 0) return new Set();
      const rows = await database.query<{ id: string }>(
        `SELECT id FROM managed_thing WHERE account_id = ? AND region = ? AND id IN (${ids.map(() => "?").join(", ")})`,
        [place.accountId, place.region, ...ids],
      );
      return new Set(rows.map(({ id }) => id));
    },

    /**
     * Conflicts when one of them, all of one account and region, is another than it was read, and makes whoever has
     * read one before this is durable conflict in turn.
     */
    seize(things: readonly ManagedThing[]): Write {
      const { accountId = "", region = "" } = things[0] ?? {};
      return {
        sql: `UPDATE managed_thing SET revision = revision + 1 WHERE account_id = ? AND region = ?
          AND (${things.map(() => "(id = ? AND revision = ?)").join(" OR ")})`,
        params: [accountId, region, ...things.flatMap(({ id, revision }) => [id, revision])],
        rows: things.length,
      };
    },

    /** ACTIVATED hubs that are connected, in order of id, after `after`. */
    async connectedHubs(place: Place, after: string, limit: number): Promise<ManagedThing[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        `SELECT * FROM managed_thing WHERE account_id = ? AND region = ? AND id > ? AND role = 'CONTROLLER'
          AND status = 'ACTIVATED' AND connected = 1 ORDER BY id LIMIT ?`,
        [place.accountId, place.region, after, limit],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    /** ACTIVATED hubs of a credential locker that are connected. */
    async hubsOfLocker(
      place: Place,
      lockerId: string,
      limit: number,
    ): Promise<Pick<ManagedThing, "accountId" | "id">[]> {
      const rows = await database.query<{ id: string }>(
        `SELECT id FROM managed_thing WHERE account_id = ? AND region = ? AND credential_locker_id = ?
          AND role = 'CONTROLLER' AND status = 'ACTIVATED' AND connected = 1 ORDER BY id LIMIT ?`,
        [place.accountId, place.region, lockerId, limit],
      );
      return rows.map(({ id }) => ({ accountId: place.accountId, id }));
    },

    /** Devices of a credential locker that wait for a hub, in order of id, after `after`. */
    async labelled(place: Place, lockerId: string, after: string, limit: number): Promise<ManagedThing[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        `SELECT * FROM managed_thing WHERE account_id = ? AND region = ? AND credential_locker_id = ? AND id > ?
          AND role = 'DEVICE' AND status IN ('PRE_ASSOCIATED', 'ISOLATED') ORDER BY id LIMIT ?`,
        [place.accountId, place.region, lockerId, after, limit],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    /** Rejected with UniqueViolation when another thing has the same material. */
    async insert(thing: ManagedThing): Promise<Write> {
      const cipher = await ciphers.of(thing);
      return {
        sql: `INSERT INTO managed_thing (account_id, region, id, role, status, details, material_hash, serial_hash,
            owner_hash, credential_locker_id, parent_controller_id, capability_report_sealed, certificate_id, revision,
            last_event_number, created_at, updated_at, activated_at, connector_destination_id, connector_device_hash,
            radio_hash)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          thing.accountId,
          thing.region,
          thing.id,
          thing.role,
          thing.status,
          cipher.seal(JSON.stringify(thing.details), "managed-thing"),
          materialHash(sealer, thing.details),
          optionalHash(thing.details.serialNumber, SERIAL),
          optionalHash(thing.details.owner, OWNER),
          thing.credentialLockerId ?? null,
          thing.parentControllerId ?? null,
          sealReport(thing.capabilityReport, cipher),
          thing.certificateId ?? null,
          thing.revision,
          thing.lastEventNumber,
          thing.createdAt,
          thing.updatedAt,
          thing.activatedAt ?? null,
          thing.connectorDestinationId ?? null,
          connectorDeviceOf(thing.details),
          radioOf(thing.details),
        ],
      };
    },

    /** Replaces the thing that was read; the guard fails when somebody else wrote since. */
    async update(before: ManagedThing, after: ManagedThing): Promise<Write> {
      const cipher = await ciphers.of(before);
      return {
        sql: `UPDATE managed_thing SET status = ?, details = ?, material_hash = ?, serial_hash = ?, owner_hash = ?,
            credential_locker_id = ?, parent_controller_id = ?, capability_report_sealed = ?, certificate_id = ?,
            last_event_number = ?, updated_at = ?, activated_at = ?, radio_hash = ?,
            revision = revision + 1
          WHERE account_id = ? AND region = ? AND id = ? AND revision = ?`,
        params: [
          after.status,
          cipher.seal(JSON.stringify(after.details), "managed-thing"),
          materialHash(sealer, after.details),
          optionalHash(after.details.serialNumber, SERIAL),
          optionalHash(after.details.owner, OWNER),
          after.credentialLockerId ?? null,
          after.parentControllerId ?? null,
          sealReport(after.capabilityReport, cipher),
          after.certificateId ?? null,
          after.lastEventNumber,
          after.updatedAt,
          after.activatedAt ?? null,
          radioOf(after.details),
          before.accountId,
          before.region,
          before.id,
          before.revision,
        ],
        rows: 1,
      };
    },

    /** Notes that the device has sent something: cheaper than `update`, under the same guard. */
    touch(thing: ManagedThing, eventNumber: number): Write {
      return {
        sql: `UPDATE managed_thing SET last_event_number = ?, revision = revision + 1
          WHERE account_id = ? AND region = ? AND id = ? AND revision = ?`,
        params: [eventNumber, thing.accountId, thing.region, thing.id, thing.revision],
        rows: 1,
      };
    },

    /** For the batch of what is made for a thing: it must still be there, and whoever deletes it meanwhile looks again. */
    use(thing: ManagedThing): Write {
      return {
        sql: "UPDATE managed_thing SET revision = revision + 1 WHERE account_id = ? AND region = ? AND id = ?",
        params: [thing.accountId, thing.region, thing.id],
        rows: 1,
      };
    },

    remove(thing: ManagedThing): Write[] {
      const key = [thing.accountId, thing.region, thing.id];
      return [
        {
          sql: "DELETE FROM managed_thing WHERE account_id = ? AND region = ? AND id = ? AND revision = ?",
          params: [...key, thing.revision],
          rows: 1,
        },
        {
          sql: "DELETE FROM managed_property WHERE account_id = ? AND region = ? AND thing_id = ?",
          params: key,
        },
        {
          sql: "DELETE FROM runtime_log_configuration WHERE account_id = ? AND region = ? AND thing_id = ?",
          params: key,
        },
        {
          sql: "DELETE FROM managed_thing_schema WHERE account_id = ? AND region = ? AND thing_id = ?",
          params: key,
        },
        {
          sql: "DELETE FROM thing_association WHERE account_id = ? AND region = ? AND thing_id = ?",
          params: key,
        },
      ];
    },

    /** Connectivity has its own columns and no guard: the newest report wins. */
    setConnectivity(place: Place, id: string, connected: boolean, at: number, reason: string | null): Write {
      return {
        sql: `UPDATE managed_thing SET connected = ?, connectivity_at = ?, disconnect_reason = ?
          WHERE account_id = ? AND region = ? AND id = ?`,
        params: [connected ? 1 : 0, at, reason, place.accountId, place.region, id],
      };
    },

    /** After a crash nobody is connected any more, whatever the rows say. */
    allDisconnected(at: number): Write {
      return {
        sql: "UPDATE managed_thing SET connected = 0, connectivity_at = ?, disconnect_reason = ? WHERE connected = 1",
        params: [at, "SERVER_ERROR"],
      };
    },
  };
}
