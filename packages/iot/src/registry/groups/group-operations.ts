import type { IotOperations, OperationTable, RequestContext } from "@hearth/contract";
import { decodeToken, toPage } from "../../storage/page.ts";
import { tagsOf } from "../../tags/tags.ts";
import { thingArn } from "../thing.ts";
import type { Things } from "../things.ts";
import { groupArn, invalid, nameOf } from "./group.ts";
import type { Groups } from "./groups.ts";

const PAGE = 25;

const onGroup = ({ thingGroupName }: { thingGroupName: string }, request: RequestContext): string[] => [
  groupArn(request, thingGroupName),
];

interface Membership {
  thingGroupName?: string;
  thingGroupArn?: string;
  thingName?: string;
  thingArn?: string;
}

/** The API of static thing groups (reference 5). */
export function createGroupOperations({ groups, things }: { groups: Groups; things: Pick<Things, "get"> }) {
  const named = (request: RequestContext, groupName: string) => ({ groupName, groupArn: groupArn(request, groupName) });

  const membership = (input: Membership, request: RequestContext) => ({
    groupName: nameOf(request, "thinggroup", input.thingGroupName, input.thingGroupArn),
    thingName: nameOf(request, "thing", input.thingName, input.thingArn),
  });

  const onMembership = (input: Membership, request: RequestContext): string[] => {
    const { groupName, thingName } = membership(input, request);
    return [groupArn(request, groupName), thingArn(request, thingName)];
  };

  return {
    CreateThingGroup: {
      resources: (input, request) => [
        groupArn(request, input.thingGroupName),
        ...(input.parentGroupName === undefined ? [] : [groupArn(request, input.parentGroupName)]),
      ],
      handle: async (input, request) => {
        const group = await groups.create(request, {
          groupName: input.thingGroupName,
          parentName: input.parentGroupName,
          description: input.thingGroupProperties?.thingGroupDescription,
          attributes: input.thingGroupProperties?.attributePayload?.attributes,
          tags: tagsOf(input.tags),
        });
        return {
          thingGroupName: group.groupName,
          thingGroupArn: groupArn(request, group.groupName),
          thingGroupId: group.groupId,
        };
      },
    },

    DescribeThingGroup: {
      resources: onGroup,
      handle: async ({ thingGroupName }, request) => {
        const group = await groups.get(request, thingGroupName);
        const parents = group.parentName === undefined ? [] : await groups.parents(request, thingGroupName);
        return {
          thingGroupName,
          thingGroupId: group.groupId,
          thingGroupArn: groupArn(request, thingGroupName),
          version: group.version,
          thingGroupProperties: {
            thingGroupDescription: group.description,
            attributePayload: { attributes: group.attributes },
          },
          thingGroupMetadata: {
            parentGroupName: group.parentName,
            rootToParentThingGroups: parents.map((parent) => named(request, parent)),
            creationDate: group.createdAt / 1_000,
          },
        };
      },
    },

    UpdateThingGroup: {
      resources: onGroup,
      handle: async (input, request) => {
        const { thingGroupDescription: description, attributePayload } = input.thingGroupProperties;
        const { expectedVersion } = input;
        const change = { description, attributePayload, expectedVersion };
        return { version: await groups.update(request, input.thingGroupName, change) };
      },
    },

    DeleteThingGroup: {
      resources: onGroup,
      handle: async ({ thingGroupName, expectedVersion }, request) => {
        await groups.remove(request, thingGroupName, expectedVersion);
        return {};
      },
    },

    ListThingGroups: {
      handle: async (input, request) => {
        const { parentGroup: parent, namePrefixFilter: prefix, recursive = parent === undefined } = input;
        if (parent !== undefined) await groups.get(request, parent);
        const after = decodeToken(input.nextToken)?.[0];
        const page = await groups.list(request, { parent, prefix, recursive }, after, input.maxResults ?? PAGE);
        return {
          thingGroups: page.rows.map(({ groupName }) => named(request, groupName)),
          nextToken: page.nextToken,
        };
      },
    },

    AddThingToThingGroup: {
      resources: onMembership,
      handle: async (input, request) => {
        const { groupName, thingName } = membership(input, request);
        await groups.change(request, thingName, [groupName], []);
        return {};
      },
    },

    RemoveThingFromThingGroup: {
      resources: onMembership,
      handle: async (input, request) => {
        const { groupName, thingName } = membership(input, request);
        await groups.change(request, thingName, [], [groupName]);
        return {};
      },
    },

    UpdateThingGroupsForThing: {
      resources: (input, request) => [
        ...(input.thingName === undefined ? [] : [thingArn(request, input.thingName)]),
        ...[...(input.thingGroupsToAdd ?? []), ...(input.thingGroupsToRemove ?? [])].map((name) =>
          groupArn(request, name),
        ),
      ],
      handle: async (input, request) => {
        if (input.thingName === undefined) throw invalid("thingName is needed");
        await groups.change(request, input.thingName, input.thingGroupsToAdd ?? [], input.thingGroupsToRemove ?? []);
        return {};
      },
    },

    ListThingsInThingGroup: {
      resources: onGroup,
      handle: async (input, request) => {
        await groups.get(request, input.thingGroupName);
        const page = await groups.listMembers(
          request,
          input.thingGroupName,
          input.recursive ?? false,
          decodeToken(input.nextToken)?.[0],
          input.maxResults ?? PAGE,
        );
        return { things: page.rows, nextToken: page.nextToken };
      },
    },

    ListThingGroupsForThing: {
      resources: (input, request) => [thingArn(request, input.thingName)],
      handle: async (input, request) => {
        await things.get(request, input.thingName);
        // A thing has at most ten: they fit a page, or the caller's own.
        const after = decodeToken(input.nextToken)?.[0] ?? "";
        const found = (await groups.directGroupsOf(request, input.thingName)).filter((name) => name > after);
        const page = toPage(found, input.maxResults ?? PAGE, (name) => [name]);
        return { thingGroups: page.rows.map((name) => named(request, name)), nextToken: page.nextToken };
      },
    },
  } satisfies OperationTable<IotOperations>;
}
