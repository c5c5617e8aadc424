import type { Database, Write } from "@hearth/backplane";
import { type Place, placeOf } from "../storage/place.ts";

/** What a thing was told last, and whether it has to be told anew. */
export interface JobThing {
  thingName: string;
  /** The execution of its last notify-next. */
  told?: { jobId: string; executionNumber: number };
  generation: number;
  /** Its list of pending executions gained or lost one since. */
  changed: boolean;
}

/** The things have to be told. `changed`: their lists of pending executions have. At most 500, each once. */
export function markDue(at: Place, thingNames: readonly string[], changed: boolean): Write {
  return {
    sql: `INSERT INTO iot_job_thing (account_id, region, thing_name, generation, changed, due)
          VALUES ${thingNames.map(() => "(?, ?, ?, 1, ?, 1)").join(", ")}
          ON CONFLICT (account_id, region, thing_name) DO UPDATE SET
            generation = iot_job_thing.generation + 1,
            changed = CASE WHEN excluded.changed = 1 THEN 1 ELSE iot_job_thing.changed END,
            due = 1`,
    params: thingNames.flatMap((thingName) => [...placeOf(at), thingName, changed ? 1 : 0]),
  };
}

export async function readDue(
  database: Pick<Database, "query">,
  at: Place,
  thingNames: readonly string[],
): Promise<JobThing[]> {
  const rows = await database.query<{
    thing_name: string;
    told_job_id: string | null;
    told_number: number | null;
    generation: number;
    changed: number;
  }>(
    `SELECT thing_name, told_job_id, told_number, generation, changed FROM iot_job_thing
     WHERE account_id = ? AND region = ? AND due = 1 AND thing_name IN (${thingNames.map(() => "?").join(", ")})`,
    [...placeOf(at), ...thingNames],
  );
  return rows.map((row) => ({
    thingName: row.thing_name,
    ...(row.told_job_id === null ? {} : { told: { jobId: row.told_job_id, executionNumber: Number(row.told_number) } }),
    generation: Number(row.generation),
    changed: Number(row.changed) === 1,
  }));
}

export type DueKey = readonly [accountId: string, region: string, thingName: string];

/** Things of all accounts that have to be told, by key, behind `after`. */
export async function listDue(
  database: Pick<Database, "query">,
  after: DueKey,
  limit: number,
): Promise<(Place & { thingName: string })[]> {
  const rows = await database.query<{ account_id: string; region: string; thing_name: string }>(
    `SELECT account_id, region, thing_name FROM iot_job_thing
     WHERE due = 1 AND (account_id, region, thing_name) > (?, ?, ?)
     ORDER BY account_id, region, thing_name LIMIT ?`,
    [...after, limit],
  );
  return rows.map((row) => ({ accountId: row.account_id, region: row.region, thingName: row.thing_name }));
}

/** The thing has been told of `next`; guarded by what there was to tell. */
export function markTold(
  at: Place,
  thing: JobThing,
  next: { jobId: string; executionNumber: number } | undefined,
): Write {
  return {
    sql: `UPDATE iot_job_thing SET told_job_id = ?, told_number = ?, changed = 0, due = 0
          WHERE account_id = ? AND region = ? AND thing_name = ? AND generation = ? AND due = 1`,
    params: [next?.jobId ?? null, next?.executionNumber ?? null, ...placeOf(at), thing.thingName, thing.generation],
    rows: 1,
  };
}

export const forgetThing = (at: Place, thingName: string): Write => ({
  sql: "DELETE FROM iot_job_thing WHERE account_id = ? AND region = ? AND thing_name = ?",
  params: [...placeOf(at), thingName],
});
