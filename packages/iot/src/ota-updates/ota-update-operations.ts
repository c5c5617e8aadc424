import type { IotOperations, OperationTable, RequestContext } from "@hearth/contract";
import { jobArn } from "../jobs/job-arn.ts";
import { decodeTimeToken } from "../storage/page.ts";
import { tagsOf } from "../tags/tags.ts";
import { otaUpdateArn } from "./ota-update.ts";
import { listOtaUpdates, type OtaUpdateStoreDeps } from "./ota-update-store.ts";
import type { OtaUpdates } from "./ota-updates.ts";

const PAGE = 25;

const onUpdate = ({ otaUpdateId }: { otaUpdateId: string }, request: RequestContext): string[] => [
  otaUpdateArn(request, otaUpdateId),
];

export function createOtaUpdateOperations(deps: OtaUpdateStoreDeps & { updates: OtaUpdates }) {
  const { updates } = deps;
  const keyOf = ({ accountId, region }: RequestContext, otaUpdateId: string) => ({ accountId, region, otaUpdateId });

  return {
    CreateOTAUpdate: {
      resources: onUpdate,
      handle: async (input, request) => {
        const update = await updates.create(request, input, tagsOf(input.tags));
        return {
          otaUpdateId: update.otaUpdateId,
          otaUpdateArn: otaUpdateArn(request, update.otaUpdateId),
          awsIotJobId: update.jobId,
          awsIotJobArn: jobArn(request, update.jobId),
          otaUpdateStatus: update.status,
        };
      },
    },

    GetOTAUpdate: {
      resources: onUpdate,
      handle: async ({ otaUpdateId }, request) => {
        const { input, ...update } = await updates.get(keyOf(request, otaUpdateId));
        const { files, roleArn: _, awsJobAbortConfig: __, awsJobTimeoutConfig: ___, ...shown } = input;
        return {
          otaUpdateInfo: {
            ...shown,
            otaUpdateId,
            otaUpdateArn: otaUpdateArn(request, otaUpdateId),
            creationDate: update.createdAt / 1_000,
            lastModifiedDate: update.updatedAt / 1_000,
            otaUpdateFiles: files,
            otaUpdateStatus: update.status,
            ...(update.status === "CREATE_COMPLETE"
              ? { awsIotJobId: update.jobId, awsIotJobArn: jobArn(request, update.jobId) }
              : {}),
            errorInfo: update.error,
          },
        };
      },
    },

    ListOTAUpdates: {
      handle: async (input, request) => {
        const after = decodeTimeToken(input.nextToken);
        const page = await listOtaUpdates(deps, request, input.otaUpdateStatus, after, input.maxResults ?? PAGE);
        return {
          otaUpdates: page.rows.map(({ otaUpdateId, createdAt }) => ({
            otaUpdateId,
            otaUpdateArn: otaUpdateArn(request, otaUpdateId),
            creationDate: createdAt / 1_000,
          })),
          nextToken: page.nextToken,
        };
      },
    },

    DeleteOTAUpdate: {
      resources: onUpdate,
      handle: async ({ otaUpdateId, deleteStream = false, forceDeleteAWSJob = false }, request) => {
        await updates.remove(keyOf(request, otaUpdateId), { stream: deleteStream, force: forceDeleteAWSJob });
        return {};
      },
    },
  } satisfies OperationTable<IotOperations>;
}
