import { type Database, onConflictAgain } from "@hearth/backplane";
import { parseArn } from "@hearth/base";
import { type IotOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { decodeToken, toPage } from "../storage/page.ts";
import type { Taggable } from "./taggable.ts";
import { listOfTags, type Tags, withoutTags, withTags } from "./tags.ts";

const PAGE = 50;

export interface TagOperationsDeps {
  database: Pick<Database, "commit">;
  taggables: readonly Taggable[];
}

/** Tags of every noun of `iot` that has some. */
export function createTagOperations({ database, taggables }: TagOperationsDeps) {
  async function found(request: RequestContext, arn: string) {
    const parsed = parseArn(arn);
    const slash = parsed?.resource.indexOf("/") ?? -1;
    const type = parsed?.resource.slice(0, slash);
    const id = parsed?.resource.slice(slash + 1) ?? "";
    const isHere =
      parsed?.service === "iot" && parsed.accountId === request.accountId && parsed.region === request.region;
    const noun = isHere && slash > 0 ? taggables.find((taggable) => taggable.type === type) : undefined;
    const resource = await noun?.find(request, id);
    if (resource === undefined) {
      throw new ServiceError("ResourceNotFoundException", `${arn.slice(0, 200)} not found`);
    }
    return resource;
  }

  const change = (request: RequestContext, arn: string, next: (tags: Tags) => Tags) =>
    onConflictAgain(async () => {
      const { tags, replace } = await found(request, arn);
      await database.commit([replace(next(tags))]);
    });

  const onResource = ({ resourceArn }: { resourceArn: string }): string[] => [resourceArn];

  return {
    TagResource: {
      resources: onResource,
      handle: async (input, request) => {
        await change(request, input.resourceArn, (tags) => withTags(tags, input.tags));
        return {};
      },
    },

    UntagResource: {
      resources: onResource,
      handle: async (input, request) => {
        await change(request, input.resourceArn, (tags) => withoutTags(tags, input.tagKeys));
        return {};
      },
    },

    ListTagsForResource: {
      resources: onResource,
      handle: async (input, request) => {
        const [after = ""] = decodeToken(input.nextToken) ?? [];
        const { tags } = await found(request, input.resourceArn);
        const sorted = listOfTags(tags)
          .filter(({ Key }) => Key > after)
          .sort((a, b) => (a.Key < b.Key ? -1 : 1));
        const page = toPage(sorted, PAGE, ({ Key }) => [Key]);
        return { tags: page.rows, nextToken: page.nextToken };
      },
    },
  } satisfies OperationTable<IotOperations>;
}
