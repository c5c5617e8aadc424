import { type Database, isConflict, onConflictAgain, type Write } from "@hearth/backplane";
import { type Clock, uuid } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { EventKey, RegistryEvents } from "../../events/event-configurations.ts";
import type { Page } from "../../storage/page.ts";
import type { Place } from "../../storage/place.ts";
import type { Planned } from "../../storage/planned.ts";
import type { Taggable } from "../../tags/taggable.ts";
import { noThing, thingArn } from "../thing.ts";
import { readThing, touchThing } from "../thing-store.ts";
import {
  GROUPS_OF_THING,
  groupArn,
  invalid,
  MAX_CHILDREN,
  MAX_DEPTH,
  nextAttributes,
  noGroup,
  type ThingGroup,
} from "./group.ts";
import {
  ancestorsOf,
  ancestorsOfAll,
  countChild,
  deleteGroup,
  deleteMember,
  deleteMemberships,
  descendantsOf,
  directGroupsOf,
  type GroupFilter,
  insertGroup,
  insertMember,
  listGroups,
  listMembers,
  readGroups,
  type StoredGroup,
  updateGroup,
} from "./group-store.ts";
import type { MembershipObserver, ThingGroups } from "./membership-observer.ts";

export interface GroupsDeps {
  database: Database;
  clock: Clock;
  events: RegistryEvents;
  /** Told of each change of membership, for its batch. */
  observer: () => MembershipObserver;
}

export interface GroupInput {
  groupName: string;
  parentName?: string;
  description?: string;
  attributes?: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
}

export interface Groups extends ThingGroups {
  /** Idempotent for identical values. Throws ResourceAlreadyExistsException, InvalidRequestException. */
  create(at: Place, input: GroupInput): Promise<ThingGroup>;
  /** Throws ResourceNotFoundException. */
  get(at: Place, groupName: string): Promise<ThingGroup>;
  byId(at: Place, groupId: string): Promise<ThingGroup | undefined>;
  /** The group's parents, the root first. */
  parents(at: Place, groupName: string): Promise<string[]>;
  list(at: Place, filter: GroupFilter, after: string | undefined, limit: number): Promise<Page<ThingGroup>>;
  /** Throws ResourceNotFoundException, VersionConflictException. The new version. */
  update(
    at: Place,
    groupName: string,
    change: {
      description?: string;
      attributePayload?: { attributes?: Readonly<Record<string, string>>; merge?: boolean };
      expectedVersion?: number;
    },
  ): Promise<number>;
  /** One that is not there counts as deleted. Throws InvalidRequestException while it has children. */
  remove(at: Place, groupName: string, expectedVersion?: number): Promise<void>;
  /** All in one commit. Throws ResourceNotFoundException, InvalidRequestException. */
  change(at: Place, thingName: string, add: readonly string[], remove: readonly string[]): Promise<void>;
  /** The same for a batch that writes the thing itself, guarded by the revision at which it was read before. */
  planChange(
    at: Place,
    thing: { thingName: string; thingId: string },
    add: readonly string[],
    remove: readonly string[],
  ): Promise<Planned>;
  listMembers(
    at: Place,
    groupName: string,
    recursive: boolean,
    after: string | undefined,
    limit: number,
  ): Promise<Page<string>>;
  directGroupsOf(at: Place, thingName: string): Promise<string[]>;
  readonly taggable: Taggable;
  /** For the batch by which a thing goes. */
  planForget(at: Place, thingName: string): Promise<Planned>;
}

/** Members of a group that goes, which leave it together. */
const MEMBERS = 100;

export function createGroups({ database, clock, events, observer }: GroupsDeps): Groups {
  async function stored(at: Place, groupName: string): Promise<StoredGroup> {
    const [group] = await readGroups(database, at, [groupName]);
    if (!group) throw noGroup(groupName);
    return group;
  }

  const publish = (at: Place, key: EventKey, topic: string, eventType: string, body: object) =>
    events.publish(at, key, `$aws/events/${topic}`, { eventType, ...body });

  /** `parents`: the groups above, the root first. */
  const told = (
    at: Place,
    group: ThingGroup,
    parents: readonly ThingGroup[],
    operation: "CREATED" | "UPDATED" | "DELETED",
  ) =>
    publish(at, "THING_GROUP", `thingGroup/${group.groupName}/${operation.toLowerCase()}`, "THING_GROUP_EVENT", {
      operation,
      thingGroupId: group.groupId,
      thingGroupName: group.groupName,
      versionNumber: group.version,
      parentGroupName: group.parentName ?? null,
      parentGroupId: parents.at(-1)?.groupId ?? null,
      description: group.description ?? null,
      rootToParentThingGroups: parents.map(({ groupName, groupId }) => ({
        groupArn: groupArn(at, groupName),
        groupId,
      })),
      attributes: group.attributes,
      dynamicGroupMappingId: null,
    });

  const hierarchyTold = (at: Place, parent: ThingGroup, child: ThingGroup, operation: "ADDED" | "REMOVED") =>
    publish(
      at,
      "THING_GROUP_HIERARCHY",
      `thingGroupHierarchy/thingGroup/${parent.groupName}/childThingGroup/${child.groupName}/${operation.toLowerCase()}`,
      "THING_GROUP_HIERARCHY_EVENT",
      {
        operation,
        thingGroupId: parent.groupId,
        thingGroupName: parent.groupName,
        childGroupId: child.groupId,
        childGroupName: child.groupName,
      },
    );

  const membershipTold = (
    at: Place,
    group: ThingGroup,
    thing: { thingName: string; thingId: string },
    operation: "ADDED" | "REMOVED",
  ) =>
    publish(
      at,
      "THING_GROUP_MEMBERSHIP",
      `thingGroupMembership/thingGroup/${group.groupName}/thing/${thing.thingName}/${operation.toLowerCase()}`,
      "THING_GROUP_MEMBERSHIP_EVENT",
      {
        operation,
        groupArn: groupArn(at, group.groupName),
        groupId: group.groupId,
        thingArn: thingArn(at, thing.thingName),
        thingId: thing.thingId,
        membershipId: `${group.groupId}/${thing.thingId}`,
      },
    );

  /** The groups above one, the root first: two look-ups. */
  async function parentsOf(at: Place, group: ThingGroup): Promise<StoredGroup[]> {
    if (group.parentName === undefined) return [];
    const names = await ancestorsOf(database, at, group.parentName);
    const byName = new Map((await readGroups(database, at, names)).map((parent) => [parent.groupName, parent]));
    return names.flatMap((name) => byName.get(name) ?? []);
  }

  /** All groups that come with those, themselves included. */
  async function withAncestors(at: Place, names: readonly string[]): Promise<Set<string>> {
    const all = await ancestorsOfAll(database, at, names);
    return new Set([...all.values()].flat());
  }

  const groups: Groups = {
    get: stored,
    parents: async (at, groupName) => (await ancestorsOf(database, at, groupName)).slice(0, -1),
    list: (at, filter, after, limit) => listGroups(database, at, filter, after, limit),
    listMembers: (at, groupName, recursive, after, limit) =>
      listMembers(database, at, groupName, recursive, after, limit),
    directGroupsOf: (at, thingName) => directGroupsOf(database, at, thingName),
    descendants: (at, groupName) => descendantsOf(database, at, groupName),
    members: async (at, groupName, after, limit) =>
      (await listMembers(database, at, groupName, false, after, limit)).rows,
    groupsOf: async (at, thingName) => withAncestors(at, await directGroupsOf(database, at, thingName)),
    existing: async (at, names) => new Set((await readGroups(database, at, names)).map(({ groupName }) => groupName)),

    taggable: {
      type: "thinggroup",
      async find(at, groupName) {
        const [group] = await readGroups(database, at, [groupName]);
        // Tags are not the group's own: they leave its version as it is.
        return group && { tags: group.tags, replace: (tags) => updateGroup(at, { ...group, tags }) };
      },
    },

    async byId(at, groupId) {
      const [row] = await database.query<{ group_name: string }>(
        "SELECT group_name FROM iot_thing_group WHERE account_id = ? AND region = ? AND group_id = ?",
        [at.accountId, at.region, groupId],
      );
      return row && stored(at, row.group_name);
    },

    create: (at, input) =>
      onConflictAgain(async () => {
        const group: ThingGroup = {
          groupName: input.groupName,
          groupId: uuid(),
          ...(input.parentName === undefined ? {} : { parentName: input.parentName }),
          version: 1,
          ...(input.description === undefined ? {} : { description: input.description }),
          attributes: nextAttributes({}, { attributes: input.attributes ?? {} }),
          tags: input.tags,
          createdAt: clock.now(),
        };
        const [known] = await readGroups(database, at, [input.groupName]);
        if (known) return same(known, group, at);
        const parents = await parentsOf(at, group);
        const parent = parents.at(-1);
        // CreateThingGroup has no ResourceNotFoundException.
        if (parent === undefined && input.parentName !== undefined) {
          throw invalid(`The parent group ${input.parentName} does not exist`);
        }
        if (parents.length >= MAX_DEPTH)
          throw invalid(`Groups may be ${MAX_DEPTH} deep; ${parent?.groupName} is the last`);
        if (parent !== undefined && parent.children >= MAX_CHILDREN) {
          throw invalid(`Thing group ${parent.groupName} has ${MAX_CHILDREN} children already`);
        }
        await database.commit([
          ...(parent === undefined ? [] : [countChild(at, parent.groupName, 1)]),
          ...insertGroup(
            at,
            group,
            parents.map(({ groupName }) => groupName),
          ),
        ]);
        told(at, group, parents, "CREATED");
        if (parent !== undefined) hierarchyTold(at, parent, group, "ADDED");
        return group;
      }),

    update: (at, groupName, { description, attributePayload, expectedVersion }) =>
      onConflictAgain(async () => {
        const group = await stored(at, groupName);
        checkVersion(group, expectedVersion);
        const next: StoredGroup = {
          ...group,
          version: group.version + 1,
          ...(description === undefined ? {} : { description }),
          attributes: nextAttributes(group.attributes, attributePayload),
        };
        await database.commit([updateGroup(at, next)]);
        told(at, next, await parentsOf(at, next), "UPDATED");
        return next.version;
      }),

    async remove(at, groupName, expectedVersion) {
      // Its things leave first, a page at a time: each one's jobs go with it.
      for (;;) {
        const [group] = await readGroups(database, at, [groupName]);
        if (!group) return;
        checkVersion(group, expectedVersion);
        if (group.children > 0) {
          throw invalid(`Thing group ${groupName} has ${group.children} child groups: delete them first`);
        }
        const { rows } = await listMembers(database, at, groupName, false, undefined, MEMBERS);
        for (const thingName of rows) await groups.change(at, thingName, [], [groupName]);
        if (rows.length > 0) continue;
        const parents = await parentsOf(at, group);
        try {
          // A child or a thing that came since has made the revision grow.
          await database.commit(deleteGroup(at, group));
        } catch (error) {
          if (isConflict(error)) continue;
          throw error;
        }
        told(at, group, parents, "DELETED");
        const parent = parents.at(-1);
        if (parent) hierarchyTold(at, parent, group, "REMOVED");
        return;
      }
    },

    change: (at, thingName, add, remove) =>
      onConflictAgain(async () => {
        // First of all: who changes its groups behind this makes the commit fail.
        const thing = await readThing(database, at, thingName);
        if (!thing) throw noThing(thingName);
        const planned = await groups.planChange(at, thing, add, remove);
        if (planned.writes.length === 0) return;
        await database.commit([touchThing(at, thingName, thing.revision), ...planned.writes]);
        planned.committed();
      }),

    async planChange(at, thing, add, remove) {
      const { thingName } = thing;
      const [direct, named] = await Promise.all([
        directGroupsOf(database, at, thingName),
        readGroups(database, at, [...new Set([...add, ...remove])]),
      ]);
      const byName = new Map(named.map((group) => [group.groupName, group]));
      for (const name of [...add, ...remove]) if (!byName.has(name)) throw noGroup(name);
      const leaving = [...new Set(remove)].filter((name) => direct.includes(name) && !add.includes(name));
      const coming = [...new Set(add)].filter((name) => !direct.includes(name));
      if (leaving.length === 0 && coming.length === 0) return { writes: [], committed: () => undefined };
      const after = [...direct.filter((name) => !leaving.includes(name)), ...coming];
      if (after.length > GROUPS_OF_THING)
        throw invalid(`Thing ${thingName} would be in more than ${GROUPS_OF_THING} groups`);
      await refuseTwoOfOne(at, after);
      const [before, remaining] = await Promise.all([withAncestors(at, direct), withAncestors(at, after)]);
      const planned = await observer().changed(at, thingName, {
        entered: [...remaining].filter((name) => !before.has(name)),
        left: [...before].filter((name) => !remaining.has(name)),
        remaining,
      });
      const writes: Write[] = [
        ...leaving.map((name) => deleteMember(at, name, thingName)),
        ...coming.flatMap((name) => insertMember(at, name, thingName)),
        ...planned.writes,
      ];
      return {
        writes,
        committed() {
          planned.committed();
          for (const name of coming) membershipTold(at, byName.get(name) as ThingGroup, thing, "ADDED");
          for (const name of leaving) membershipTold(at, byName.get(name) as ThingGroup, thing, "REMOVED");
        },
      };
    },

    async planForget(at, thingName) {
      const planned = await observer().removed(at, thingName);
      return { writes: [deleteMemberships(at, thingName), ...planned.writes], committed: planned.committed };
    },
  };

  /** A thing is in one group of a hierarchy at most (reference 5). */
  async function refuseTwoOfOne(at: Place, names: readonly string[]): Promise<void> {
    const roots = new Map<string, string>();
    for (const [name, [root = name]] of await ancestorsOfAll(database, at, names)) {
      const other = roots.get(root);
      if (other !== undefined) throw invalid(`Thing groups ${other} and ${name} are of one hierarchy`);
      roots.set(root, name);
    }
  }

  return groups;
}

function checkVersion(group: ThingGroup, expected: number | undefined): void {
  if (expected === undefined || expected === group.version) return;
  throw new ServiceError(
    "VersionConflictException",
    `Thing group ${group.groupName} has version ${group.version}, not ${expected}`,
  );
}

function same(known: StoredGroup, wanted: ThingGroup, at: Place): ThingGroup {
  const sorted = (values: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(values).sort());
  const isSame =
    known.parentName === wanted.parentName &&
    (known.description ?? "") === (wanted.description ?? "") &&
    sorted(known.attributes) === sorted(wanted.attributes) &&
    sorted(known.tags) === sorted(wanted.tags);
  if (isSame) return known;
  throw new ServiceError(
    "ResourceAlreadyExistsException",
    `Thing group ${known.groupName} already exists with other values`,
    { resourceId: known.groupId, resourceArn: groupArn(at, known.groupName) },
  );
}
