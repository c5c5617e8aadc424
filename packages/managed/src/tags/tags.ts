import { type Database, onConflictAgain } from "@hearth/backplane";
import { parseArn } from "@hearth/base";
import type { ManagedIntegrationsOperations, OperationTable, RequestContext } from "@hearth/contract";
import { notFound } from "../errors.ts";
import { checkKeys, checkTags, withoutTags, withTags } from "./tag-rules.ts";
import type { Conditions, TagConditions, Taggable, TaggedType, Tags } from "./taggable.ts";

const resourceConditions = (tags: Tags): Conditions =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));

const requestConditions = (tags: Tags | undefined): Conditions => {
  const given = Object.entries(tags ?? {});
  if (given.length === 0) return {};
  return {
    ...Object.fromEntries(given.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    "aws:TagKeys": given.map(([key]) => key),
  };
};

/** The type and id that the resource part of an ARN names; the contract has checked its form. */
function named(arn: string): { type: string; id: string; accountId: string; region: string } | undefined {
  const parsed = parseArn(arn);
  if (!parsed) return undefined;
  const slash = parsed.resource.indexOf("/");
  const { accountId, region } = parsed;
  return { accountId, region, type: parsed.resource.slice(0, slash), id: parsed.resource.slice(slash + 1) };
}

/**
 * Tags of every noun that has some: the three tag operations, and the condition keys that make IAM policies depend on
 * them (reference 8). The tags themselves stay with their resources, sealed.
 */
export function createTags({ database }: { database: Database }, taggables: readonly Taggable[]) {
  const byType = new Map<string, Taggable>(taggables.map((taggable) => [taggable.type, taggable]));

  const found = async (arn: string, request: RequestContext) => {
    const name = named(arn);
    const isHere = name?.accountId === request.accountId && name.region === request.region;
    const resource = name && isHere ? await byType.get(name.type)?.find(request, name.id) : undefined;
    if (!resource) throw notFound(name?.type ?? "Resource", name?.id ?? arn, "There is no resource with this ARN.");
    return resource;
  };

  const tagsOf = async (arn: string, request: RequestContext): Promise<Conditions> => {
    const name = named(arn);
    if (name?.accountId !== request.accountId || name.region !== request.region) return {};
    const resource = await byType.get(name.type)?.find(request, name.id);
    return resource ? resourceConditions(resource.tags) : {};
  };

  /** Reads, changes and writes the tags of one resource, again when somebody else wrote meanwhile. */
  const change = (arn: string, request: RequestContext, next: (tags: Tags) => Tags) =>
    onConflictAgain(async () => {
      const resource = await found(arn, request);
      await database.commit([await resource.replace(next(resource.tags), request.now)]);
    });

  const conditions: TagConditions = {
    resource:
      <Input>(type: TaggedType, idOf: (input: Input) => string | undefined) =>
      async (input: Input, request: RequestContext): Promise<Conditions> => {
        const id = idOf(input);
        const resource = id === undefined ? undefined : await byType.get(type)?.find(request, id);
        return resource ? resourceConditions(resource.tags) : {};
      },
    request: requestConditions,
  };

  const operations = {
    TagResource: {
      resources: (input) => [input.ResourceArn],
      conditions: async (input, request) => ({
        ...(await tagsOf(input.ResourceArn, request)),
        ...requestConditions(input.Tags),
      }),
      async handle(input, request) {
        checkTags(input.Tags, "InvalidRequestException");
        await change(input.ResourceArn, request, (tags) => withTags(tags, input.Tags));
        return {};
      },
    },

    UntagResource: {
      resources: (input) => [input.ResourceArn],
      conditions: async (input, request) => ({
        ...(await tagsOf(input.ResourceArn, request)),
        ...(input.TagKeys.length === 0 ? {} : { "aws:TagKeys": [...input.TagKeys] }),
      }),
      async handle(input, request) {
        checkKeys(input.TagKeys, "InvalidRequestException");
        await change(input.ResourceArn, request, (tags) => withoutTags(tags, input.TagKeys));
        return {};
      },
    },

    ListTagsForResource: {
      resources: (input) => [input.ResourceArn],
      conditions: (input, request) => tagsOf(input.ResourceArn, request),
      async handle(input, request) {
        const { tags } = await found(input.ResourceArn, request);
        // A resource without tags has a map of none, so that nobody who reads the answer has to ask for the member first.
        return { tags: { ...tags } };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;

  return { conditions, operations };
}
