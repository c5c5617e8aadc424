import type { Database, SqlValue, Write } from "@hearth/backplane";
import { type Page, toPage } from "../../storage/page.ts";
import { type Place, placeOf } from "../../storage/place.ts";
import { MAX_CHILDREN, type ThingGroup } from "./group.ts";

type Reads = Pick<Database, "query">;

/** `revision` guards deletions: it grows with each update, each child and each member. */
export interface StoredGroup extends ThingGroup {
  children: number;
  revision: number;
}

interface GroupRow {
  group_name: string;
  group_id: string;
  parent_name: string | null;
  version: number;
  description: string | null;
  attributes: string;
  tags: string;
  children: number;
  created_at: number;
  revision: number;
}

const COLUMNS = `g.group_name, g.group_id, g.parent_name, g.version, g.description, g.attributes, g.tags, g.children,
  g.created_at, g.revision`;
const KEY = "account_id = ? AND region = ? AND group_name = ?";
const marks = (list: readonly unknown[]): string => list.map(() => "?").join(", ");

const fromRow = (row: GroupRow): StoredGroup => ({
  groupName: row.group_name,
  groupId: row.group_id,
  ...(row.parent_name === null ? {} : { parentName: row.parent_name }),
  version: Number(row.version),
  ...(row.description === null ? {} : { description: row.description }),
  attributes: JSON.parse(row.attributes) as Record<string, string>,
  tags: JSON.parse(row.tags) as Record<string, string>,
  children: Number(row.children),
  createdAt: Number(row.created_at),
  revision: Number(row.revision),
});

export async function readGroups(database: Reads, at: Place, names: readonly string[]): Promise<StoredGroup[]> {
  if (names.length === 0) return [];
  const rows = await database.query<GroupRow>(
    `SELECT ${COLUMNS} FROM iot_thing_group g WHERE account_id = ? AND region = ? AND group_name IN (${marks(names)})`,
    [...placeOf(at), ...names],
  );
  return rows.map(fromRow);
}

export interface GroupFilter {
  parent?: string;
  prefix?: string;
  /** All groups below, not only the parent's children. Without a parent: all, not only the roots. */
  recursive: boolean;
}

/** By name. */
export async function listGroups(
  database: Reads,
  at: Place,
  { parent, prefix, recursive }: GroupFilter,
  after: string | undefined,
  limit: number,
): Promise<Page<StoredGroup>> {
  const params: SqlValue[] = [...placeOf(at), after ?? ""];
  let sql = `SELECT ${COLUMNS} FROM iot_thing_group g WHERE g.account_id = ? AND g.region = ? AND g.group_name > ?`;
  if (parent !== undefined && recursive) {
    sql += ` AND EXISTS (SELECT 1 FROM iot_thing_group_ancestor a WHERE a.account_id = g.account_id AND a.region = g.region
      AND a.group_name = g.group_name AND a.ancestor_name = ? AND a.depth > 0)`;
    params.push(parent);
  } else if (parent !== undefined) {
    sql += " AND g.parent_name = ?";
    params.push(parent);
  } else if (!recursive) sql += " AND g.parent_name IS NULL";
  if (prefix !== undefined) {
    sql += " AND substr(g.group_name, 1, ?) = ?";
    params.push(prefix.length, prefix);
  }
  const rows = await database.query<GroupRow>(`${sql} ORDER BY g.group_name LIMIT ?`, [...params, limit + 1]);
  return toPage(rows.map(fromRow), limit, ({ groupName }) => [groupName]);
}

/** The group and all above it, the root first. */
export async function ancestorsOf(database: Reads, at: Place, groupName: string): Promise<string[]> {
  const rows = await database.query<{ ancestor_name: string }>(
    `SELECT ancestor_name FROM iot_thing_group_ancestor WHERE ${KEY} ORDER BY depth DESC`,
    [...placeOf(at), groupName],
  );
  return rows.map((row) => row.ancestor_name);
}

/** The same for several, each with itself. */
export async function ancestorsOfAll(
  database: Reads,
  at: Place,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>(names.map((name) => [name, []]));
  if (names.length === 0) return found;
  const rows = await database.query<{ group_name: string; ancestor_name: string }>(
    `SELECT group_name, ancestor_name FROM iot_thing_group_ancestor
     WHERE account_id = ? AND region = ? AND group_name IN (${marks(names)}) ORDER BY depth DESC`,
    [...placeOf(at), ...names],
  );
  for (const row of rows) found.get(row.group_name)?.push(row.ancestor_name);
  return found;
}

/** The group first, then all below it, by depth. */
export async function descendantsOf(database: Reads, at: Place, groupName: string): Promise<string[]> {
  const rows = await database.query<{ group_name: string }>(
    `SELECT group_name FROM iot_thing_group_ancestor WHERE account_id = ? AND region = ? AND ancestor_name = ?
     ORDER BY depth, group_name`,
    [...placeOf(at), groupName],
  );
  return rows.map((row) => row.group_name);
}

/** Direct members by name; of all groups below too where `recursive`. */
export async function listMembers(
  database: Reads,
  at: Place,
  groupName: string,
  recursive: boolean,
  after: string | undefined,
  limit: number,
): Promise<Page<string>> {
  const rows = await database.query<{ thing_name: string }>(
    recursive
      ? `SELECT DISTINCT m.thing_name FROM iot_thing_group_ancestor a
         JOIN iot_thing_group_member m ON m.account_id = a.account_id AND m.region = a.region AND m.group_name = a.group_name
         WHERE a.account_id = ? AND a.region = ? AND a.ancestor_name = ? AND m.thing_name > ?
         ORDER BY m.thing_name LIMIT ?`
      : `SELECT thing_name FROM iot_thing_group_member WHERE ${KEY} AND thing_name > ? ORDER BY thing_name LIMIT ?`,
    [...placeOf(at), groupName, after ?? "", limit + 1],
  );
  return toPage(
    rows.map((row) => row.thing_name),
    limit,
    (thingName) => [thingName],
  );
}

/** Groups that the thing was put into itself, by name. */
export async function directGroupsOf(database: Reads, at: Place, thingName: string): Promise<string[]> {
  const rows = await database.query<{ group_name: string }>(
    `SELECT group_name FROM iot_thing_group_member WHERE account_id = ? AND region = ? AND thing_name = ?
     ORDER BY group_name`,
    [...placeOf(at), thingName],
  );
  return rows.map((row) => row.group_name);
}

/** `ancestors`: of its parent, the root first. Rejects the batch with `UniqueViolation` when the name is taken. */
export function insertGroup(at: Place, group: ThingGroup, ancestors: readonly string[]): Write[] {
  return [
    {
      sql: `INSERT INTO iot_thing_group (account_id, region, group_name, group_id, parent_name, version, description,
              attributes, tags, children, created_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`,
      params: [
        ...placeOf(at),
        group.groupName,
        group.groupId,
        group.parentName ?? null,
        group.version,
        group.description ?? null,
        JSON.stringify(group.attributes),
        JSON.stringify(group.tags),
        group.createdAt,
        // A group that is created anew must not look like the one that was read.
        group.createdAt,
      ],
    },
    ...[...ancestors, group.groupName].map((ancestor, index) => ({
      sql: `INSERT INTO iot_thing_group_ancestor (account_id, region, group_name, ancestor_name, depth)
            VALUES (?, ?, ?, ?, ?)`,
      params: [...placeOf(at), group.groupName, ancestor, ancestors.length - index],
    })),
  ];
}

/** One child more or less. Guarded: the group is there, and no child too many. */
export function countChild(at: Place, groupName: string, by: 1 | -1): Write {
  return {
    sql: `UPDATE iot_thing_group SET children = children + ?, revision = revision + 1 WHERE ${KEY} AND children + ? <= ?`,
    params: [by, ...placeOf(at), groupName, by, MAX_CHILDREN],
    rows: 1,
  };
}

/** Guarded by the revision that was read. */
export function updateGroup(at: Place, group: StoredGroup): Write {
  return {
    sql: `UPDATE iot_thing_group SET version = ?, description = ?, attributes = ?, tags = ?, revision = revision + 1
          WHERE ${KEY} AND revision = ?`,
    params: [
      group.version,
      group.description ?? null,
      JSON.stringify(group.attributes),
      JSON.stringify(group.tags),
      ...placeOf(at),
      group.groupName,
      group.revision,
    ],
    rows: 1,
  };
}

/** With its place in the hierarchy and its members' rows. Guarded by the revision that was read. */
export function deleteGroup(at: Place, group: StoredGroup): Write[] {
  return [
    {
      sql: `DELETE FROM iot_thing_group WHERE ${KEY} AND revision = ?`,
      params: [...placeOf(at), group.groupName, group.revision],
      rows: 1,
    },
    { sql: `DELETE FROM iot_thing_group_ancestor WHERE ${KEY}`, params: [...placeOf(at), group.groupName] },
    ...(group.parentName === undefined ? [] : [countChild(at, group.parentName, -1)]),
  ];
}

/** Guarded: group and thing are there. */
export function insertMember(at: Place, groupName: string, thingName: string): Write[] {
  return [
    {
      sql: `UPDATE iot_thing_group SET revision = revision + 1 WHERE ${KEY}`,
      params: [...placeOf(at), groupName],
      rows: 1,
    },
    {
      sql: "INSERT INTO iot_thing_group_member (account_id, region, group_name, thing_name) VALUES (?, ?, ?, ?)",
      params: [...placeOf(at), groupName, thingName],
    },
  ];
}

export function deleteMember(at: Place, groupName: string, thingName: string): Write {
  return {
    sql: `DELETE FROM iot_thing_group_member WHERE ${KEY} AND thing_name = ?`,
    params: [...placeOf(at), groupName, thingName],
    rows: 1,
  };
}

export function deleteMemberships(at: Place, thingName: string): Write {
  return {
    sql: "DELETE FROM iot_thing_group_member WHERE account_id = ? AND region = ? AND thing_name = ?",
    params: [...placeOf(at), thingName],
  };
}
