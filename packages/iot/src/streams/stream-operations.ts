import type { Iot, IotOperations, OperationTable, RequestContext } from "@hearth/contract";
import { decodeTimeToken } from "../storage/page.ts";
import { tagsOf } from "../tags/tags.ts";
import { type FileStream, streamArn } from "./stream.ts";
import type { Streams } from "./streams.ts";

const PAGE = 25;

const onStream = ({ streamId }: { streamId: string }, request: RequestContext): string[] => [
  streamArn(request, streamId),
];

/** The API of file streams (reference 2.1). */
export function createStreamOperations({ streams }: { streams: Streams }) {
  const summary = (stream: FileStream): Iot.StreamSummary => ({
    streamId: stream.streamId,
    streamArn: streamArn(stream, stream.streamId),
    streamVersion: stream.version,
    description: stream.description,
  });

  return {
    CreateStream: {
      resources: onStream,
      handle: async ({ tags, ...input }, request) =>
        summary(await streams.create(request, { ...input, tags: tagsOf(tags) })),
    },

    DescribeStream: {
      resources: onStream,
      handle: async ({ streamId }, request) => {
        const stream = await streams.get({ accountId: request.accountId, region: request.region, streamId });
        return {
          streamInfo: {
            ...summary(stream),
            files: stream.files.map(({ fileId, object: { bucket, key, versionId } }) => ({
              fileId,
              s3Location: { bucket, key, version: versionId },
            })),
            createdAt: stream.createdAt / 1_000,
            lastUpdatedAt: stream.updatedAt / 1_000,
            roleArn: stream.roleArn,
          },
        };
      },
    },

    UpdateStream: {
      resources: onStream,
      handle: async ({ streamId, ...change }, request) => summary(await streams.update(request, streamId, change)),
    },

    DeleteStream: {
      resources: onStream,
      handle: async ({ streamId }, request) => {
        await streams.remove({ accountId: request.accountId, region: request.region, streamId });
        return {};
      },
    },

    ListStreams: {
      handle: async (input, request) => {
        const after = decodeTimeToken(input.nextToken);
        const page = await streams.list(request, input.ascendingOrder ?? false, after, input.maxResults ?? PAGE);
        return { streams: page.rows.map(summary), nextToken: page.nextToken };
      },
    },
  } satisfies OperationTable<IotOperations>;
}
