import type { Database, Write } from "@hearth/backplane";
import type { AccountCipher } from "../encryption/account-cipher.ts";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";
import type { Taggable } from "../tags/taggable.ts";
import type { OtaStatus, OtaTask, OtaTaskDetails } from "./ota-task.ts";

interface Row {
  account_id: string;
  region: string;
  id: string;
  type: OtaTask["type"];
  status: OtaStatus;
  details: Uint8Array;
  feed_cursor: string | null;
  created_at: number;
  updated_at: number;
  revision: number;
}

export type OtaTaskStore = ReturnType<typeof createOtaTaskStore>;

const KEY = "account_id = ? AND region = ? AND id = ?";
const OPEN = "account_id = ? AND region = ? AND type = 'CONTINUOUS' AND status IN ('IN_PROGRESS', 'SCHEDULED')";

export function createOtaTaskStore({ database, ciphers }: { database: Database; ciphers: Ciphers }) {
  const fromRow = (row: Row, cipher: AccountCipher): OtaTask => ({
    accountId: row.account_id,
    region: row.region,
    id: row.id,
    type: row.type,
    status: row.status,
    details: JSON.parse(cipher.open(row.details, "ota-task")) as OtaTaskDetails,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    revision: row.revision,
  });
  const seal = async (place: Place, details: OtaTaskDetails) =>
    (await ciphers.of(place)).seal(JSON.stringify(details), "ota-task");

  const get = async (place: Place, id: string): Promise<OtaTask | undefined> => {
    const cipher = await ciphers.of(place);
    const [row] = await database.query<Row>(`SELECT * FROM ota_task WHERE ${KEY}`, [place.accountId, place.region, id]);
    return row && fromRow(row, cipher);
  };

  /** Guarded by the revision that was read. */
  const update = async (task: OtaTask, details: OtaTaskDetails, now: number): Promise<Write> => ({
    sql: `UPDATE ota_task SET details = ?, updated_at = ?, revision = revision + 1 WHERE ${KEY} AND revision = ?`,
    params: [await seal(task, details), now, task.accountId, task.region, task.id, task.revision],
    rows: 1,
  });

  const taggable: Taggable = {
    type: "ota-task",
    async find(place, id) {
      const task = await get(place, id);
      return (
        task && {
          tags: task.details.tags ?? {},
          replace(tags, now) {
            const kept = Object.keys(tags).length === 0 ? undefined : { ...tags };
            return update(task, { ...task.details, tags: kept }, now);
          },
        }
      );
    },
  };

  return {
    taggable,
    get,
    update,

    /** In order of id, after `after`. */
    async list(place: Place, after: string, limit: number): Promise<OtaTask[]> {
      const cipher = await ciphers.of(place);
      const rows = await database.query<Row>(
        "SELECT * FROM ota_task WHERE account_id = ? AND region = ? AND id > ? ORDER BY id LIMIT ?",
        [place.accountId, place.region, after, limit],
      );
      return rows.map((row) => fromRow(row, cipher));
    },

    /** Continuous tasks that things may still come to. */
    async open(place: Place): Promise<OtaTask[]> {
      const rows = await database.query<Row>(`SELECT * FROM ota_task WHERE ${OPEN} ORDER BY id`, [
        place.accountId,
        place.region,
      ]);
      if (rows.length === 0) return [];
      const cipher = await ciphers.of(place);
      return rows.map((row) => fromRow(row, cipher));
    },

    async countOpen(place: Place): Promise<number> {
      const [row] = await database.query<{ count: number }>(`SELECT COUNT(*) AS count FROM ota_task WHERE ${OPEN}`, [
        place.accountId,
        place.region,
      ]);
      return Number(row?.count ?? 0);
    },

    async insert(task: OtaTask): Promise<Write> {
      const { accountId, region, id, type, status, details, createdAt, updatedAt, revision } = task;
      return {
        sql: `INSERT INTO ota_task (account_id, region, id, type, status, details, feed_cursor, created_at, updated_at, revision)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          ...[accountId, region, id, type, status, await seal(task, details)],
          ...[type === "CONTINUOUS" ? "" : null, createdAt, updatedAt, revision],
        ],
      };
    },

    /** The job's status; the task may be gone already. */
    setStatus(place: Place, id: string, status: OtaStatus, now: number): Write {
      return {
        sql: `UPDATE ota_task SET status = ?, updated_at = ? WHERE ${KEY}`,
        params: [status, now, place.accountId, place.region, id],
      };
    },

    remove(place: Place, id: string): Write {
      return { sql: `DELETE FROM ota_task WHERE ${KEY}`, params: [place.accountId, place.region, id] };
    },

    /** After which thing the feed of a task goes on; undefined: it has seen all. */
    async cursor(place: Place, id: string): Promise<string | undefined> {
      const [row] = await database.query<Pick<Row, "feed_cursor">>(`SELECT feed_cursor FROM ota_task WHERE ${KEY}`, [
        place.accountId,
        place.region,
        id,
      ]);
      return row?.feed_cursor ?? undefined;
    },

    /** Guarded: nobody else has moved it. Undefined: the feed has seen all. */
    moveCursor(place: Place, id: string, from: string, to: string | undefined): Write {
      return {
        sql: `UPDATE ota_task SET feed_cursor = ? WHERE ${KEY} AND feed_cursor = ?`,
        params: [to ?? null, place.accountId, place.region, id, from],
        rows: 1,
      };
    },

    /** How many continuous tasks the account has begun; undefined: none. */
    async begun(place: Place): Promise<number | undefined> {
      const [row] = await database.query<{ begun: number }>(
        "SELECT begun FROM ota_continuous WHERE account_id = ? AND region = ?",
        [place.accountId, place.region],
      );
      return row && Number(row.begun);
    },

    /** One more. */
    begin(place: Place): Write {
      return {
        sql: `INSERT INTO ota_continuous (account_id, region, begun) VALUES (?, ?, 1)
          ON CONFLICT (account_id, region) DO UPDATE SET begun = ota_continuous.begun + 1`,
        params: [place.accountId, place.region],
      };
    },

    /** Changes nothing; conflicts when another continuous task has begun since. */
    stillBegun(place: Place, begun: number | undefined): Write {
      const params = [place.accountId, place.region];
      if (begun === undefined) {
        return { sql: "DELETE FROM ota_continuous WHERE account_id = ? AND region = ?", params, rows: 0 };
      }
      return {
        sql: "UPDATE ota_continuous SET begun = begun WHERE account_id = ? AND region = ? AND begun = ?",
        params: [...params, begun],
        rows: 1,
      };
    },
  };
}
