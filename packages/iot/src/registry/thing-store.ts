import type { Database, SqlValue, Write } from "@hearth/backplane";
import { type Page, toPage } from "../storage/page.ts";
import { type Place, placeOf } from "../storage/place.ts";
import { noThing, type Thing } from "./thing.ts";

type Reads = Pick<Database, "query">;

/** How a certificate is attached to a thing (reference 5: exclusive attachment). */
export type PrincipalType = "EXCLUSIVE_THING" | "NON_EXCLUSIVE_THING";

/** `revision` guards deletions: it grows with each update and each attachment. */
export interface StoredThing extends Thing {
  revision: number;
}

interface ThingRow {
  thing_name: string;
  thing_id: string;
  version: number;
  attributes: string;
  created_at: number;
  revision: number;
}

const COLUMNS = "t.thing_name, t.thing_id, t.version, t.attributes, t.created_at, t.revision";
const KEY = "account_id = ? AND region = ? AND thing_name = ?";

const fromRow = (row: ThingRow): StoredThing => ({
  thingName: row.thing_name,
  thingId: row.thing_id,
  version: Number(row.version),
  attributes: JSON.parse(row.attributes) as Record<string, string>,
  createdAt: Number(row.created_at),
  revision: Number(row.revision),
});

export async function readThing(database: Reads, at: Place, thingName: string): Promise<StoredThing | undefined> {
  const [row] = await database.query<ThingRow>(
    `SELECT ${COLUMNS} FROM iot_things t WHERE t.account_id = ? AND t.region = ? AND t.thing_name = ?`,
    [...placeOf(at), thingName],
  );
  return row && fromRow(row);
}

/** Throws ResourceNotFoundException for one that is not registered. */
export async function checkThing(database: Reads, at: Place, thingName: string): Promise<void> {
  if ((await existingThings(database, at, [thingName])).size === 0) throw noThing(thingName);
}

/** Those of `names` that are registered. */
export async function existingThings(
  database: Reads,
  at: Place,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const rows = await database.query<{ thing_name: string }>(
    `SELECT thing_name FROM iot_things
     WHERE account_id = ? AND region = ? AND thing_name IN (${names.map(() => "?").join(", ")})`,
    [...placeOf(at), ...names],
  );
  return new Set(rows.map((row) => row.thing_name));
}

export interface ThingFilter {
  attributeName?: string;
  attributeValue?: string;
  /** The value is a prefix. */
  prefix?: boolean;
}

/** By name, after `after`. */
export async function listThings(
  database: Reads,
  at: Place,
  filter: ThingFilter,
  after: string | undefined,
  limit: number,
): Promise<Page<Thing>> {
  const params: SqlValue[] = [...placeOf(at), after ?? ""];
  let sql = `SELECT ${COLUMNS} FROM iot_things t WHERE t.account_id = ? AND t.region = ? AND t.thing_name > ?`;
  if (filter.attributeName !== undefined) {
    sql += ` AND EXISTS (SELECT 1 FROM iot_thing_attributes a WHERE a.account_id = t.account_id AND a.region = t.region
      AND a.thing_name = t.thing_name AND a.attribute_name = ?`;
    params.push(filter.attributeName);
    if (filter.attributeValue !== undefined && filter.prefix) {
      sql += " AND substr(a.attribute_value, 1, ?) = ?";
      params.push(filter.attributeValue.length, filter.attributeValue);
    } else if (filter.attributeValue !== undefined) {
      sql += " AND a.attribute_value = ?";
      params.push(filter.attributeValue);
    }
    sql += ")";
  }
  const rows = await database.query<ThingRow>(`${sql} ORDER BY t.thing_name LIMIT ?`, [...params, limit + 1]);
  return toPage(rows.map(fromRow), limit, (thing) => [thing.thingName]);
}

/** Rejects the batch with `UniqueViolation` when the name is taken. */
export function insertThing(at: Place, thing: Thing): Write[] {
  return [
    {
      sql: `INSERT INTO iot_things
              (account_id, region, thing_name, thing_id, version, attributes, created_at, revision)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        ...placeOf(at),
        thing.thingName,
        thing.thingId,
        thing.version,
        JSON.stringify(thing.attributes),
        thing.createdAt,
        // Not 1: a thing that was deleted and created anew must not look like the one that was read.
        thing.createdAt,
      ],
    },
    ...insertAttributes(at, thing),
  ];
}

/** Guarded by the revision that was read. */
export function updateThing(at: Place, revision: number, thing: Thing): Write[] {
  return [
    {
      sql: `UPDATE iot_things SET version = ?, attributes = ?, revision = revision + 1 WHERE ${KEY} AND revision = ?`,
      params: [thing.version, JSON.stringify(thing.attributes), ...placeOf(at), thing.thingName, revision],
      rows: 1,
    },
    deleteAttributes(at, thing.thingName),
    ...insertAttributes(at, thing),
  ];
}

export function deleteThing(at: Place, thing: StoredThing): Write[] {
  return [
    {
      sql: `DELETE FROM iot_things WHERE ${KEY} AND revision = ?`,
      params: [...placeOf(at), thing.thingName, thing.revision],
      rows: 1,
    },
    deleteAttributes(at, thing.thingName),
  ];
}

/**
 * Guards an attachment: the thing must be there, and whoever is about to delete it must look again. With `revision` so
 * must whoever attached something since it was read.
 */
export function touchThing(at: Place, thingName: string, revision?: number): Write {
  return {
    sql: `UPDATE iot_things SET revision = revision + 1 WHERE ${KEY}${revision === undefined ? "" : " AND revision = ?"}`,
    params: [...placeOf(at), thingName, ...(revision === undefined ? [] : [revision])],
    rows: 1,
  };
}

const deleteAttributes = (at: Place, thingName: string): Write => ({
  sql: `DELETE FROM iot_thing_attributes WHERE ${KEY}`,
  params: [...placeOf(at), thingName],
});

const insertAttributes = (at: Place, thing: Thing): Write[] =>
  Object.entries(thing.attributes).map(([name, value]) => ({
    sql: `INSERT INTO iot_thing_attributes (account_id, region, thing_name, attribute_name, attribute_value)
          VALUES (?, ?, ?, ?, ?)`,
    params: [...placeOf(at), thing.thingName, name, value],
  }));

export interface Attachment {
  thingName: string;
  certificateId: string;
  principalType: PrincipalType;
}

interface AttachmentRow {
  thing_name: string;
  certificate_id: string;
  principal_type: PrincipalType;
}

const attachmentFromRow = (row: AttachmentRow): Attachment => ({
  thingName: row.thing_name,
  certificateId: row.certificate_id,
  principalType: row.principal_type,
});

export interface AttachmentFilter {
  after?: string;
  limit: number;
  principalType?: PrincipalType;
}

/** The certificates of a thing, by id. */
export async function attachmentsOfThing(
  database: Reads,
  at: Place,
  thingName: string,
  filter: AttachmentFilter,
): Promise<Page<Attachment>> {
  const [typeSql, typeParams] = typeFilter(filter);
  const rows = await database.query<AttachmentRow>(
    `SELECT thing_name, certificate_id, principal_type FROM iot_thing_principals
     WHERE ${KEY} AND certificate_id > ?${typeSql} ORDER BY certificate_id LIMIT ?`,
    [...placeOf(at), thingName, filter.after ?? "", ...typeParams, filter.limit + 1],
  );
  return toPage(rows.map(attachmentFromRow), filter.limit, (row) => [row.certificateId]);
}

/** The things of a certificate, by name. */
export async function attachmentsOfCertificate(
  database: Reads,
  at: Place,
  certificateId: string,
  filter: AttachmentFilter,
): Promise<Page<Attachment>> {
  const [typeSql, typeParams] = typeFilter(filter);
  const rows = await database.query<AttachmentRow>(
    `SELECT thing_name, certificate_id, principal_type FROM iot_thing_principals
     WHERE account_id = ? AND region = ? AND certificate_id = ? AND thing_name > ?${typeSql}
     ORDER BY thing_name LIMIT ?`,
    [...placeOf(at), certificateId, filter.after ?? "", ...typeParams, filter.limit + 1],
  );
  return toPage(rows.map(attachmentFromRow), filter.limit, (row) => [row.thingName]);
}

const typeFilter = (filter: AttachmentFilter): [string, SqlValue[]] =>
  filter.principalType === undefined ? ["", []] : [" AND principal_type = ?", [filter.principalType]];

/** Attaching again changes the type. */
export function insertAttachment(at: Place, attachment: Attachment): Write {
  return {
    sql: `INSERT INTO iot_thing_principals (account_id, region, thing_name, certificate_id, principal_type)
          VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (account_id, region, thing_name, certificate_id)
          DO UPDATE SET principal_type = excluded.principal_type`,
    params: [...placeOf(at), attachment.thingName, attachment.certificateId, attachment.principalType],
  };
}

/** Guarded: the attachment must be there. */
export function deleteAttachment(at: Place, thingName: string, certificateId: string): Write {
  return {
    sql: `DELETE FROM iot_thing_principals WHERE ${KEY} AND certificate_id = ?`,
    params: [...placeOf(at), thingName, certificateId],
    rows: 1,
  };
}

/** All attachments of a certificate. */
export function deleteAttachmentsOf(at: Place, certificateId: string): Write {
  return {
    sql: "DELETE FROM iot_thing_principals WHERE account_id = ? AND region = ? AND certificate_id = ?",
    params: [...placeOf(at), certificateId],
  };
}

/** All attachments of a thing. */
export function deleteAttachmentsTo(at: Place, thingName: string): Write {
  return { sql: `DELETE FROM iot_thing_principals WHERE ${KEY}`, params: [...placeOf(at), thingName] };
}
