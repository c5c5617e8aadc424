import { UniqueViolation } from "@hearth/backplane";
import { parseArn } from "@hearth/base";
import { type CloudtrailOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import type { ObjectWriter } from "../objects/object-access.ts";
import type { Place } from "../place.ts";
import type { DeliveryStore, StoredTrail } from "./delivery-store.ts";
import { deliveryCaller, folderOf, trailArn } from "./trail-delivery.ts";

type Operations = OperationTable<
  Pick<
    CloudtrailOperations,
    | "CreateTrail"
    | "DescribeTrails"
    | "GetTrail"
    | "GetTrailStatus"
    | "StartLogging"
    | "StopLogging"
    | "UpdateTrail"
    | "DeleteTrail"
    | "ListTrails"
  >
>;

/** AWS: "Quotas in AWS CloudTrail". */
const TRAILS_PER_REGION = 5;

interface Wanted {
  readonly S3BucketName?: string;
  readonly S3KeyPrefix?: string;
  readonly SnsTopicName?: string;
  readonly EnableLogFileValidation?: boolean;
  readonly CloudWatchLogsLogGroupArn?: string;
  readonly KmsKeyId?: string;
  readonly IsOrganizationTrail?: boolean;
  readonly TagsList?: readonly unknown[];
}

const refuse = (name: string, message: string): ServiceError => new ServiceError(name, message);

export function trailOperations({
  store,
  writer,
}: {
  store: DeliveryStore;
  writer: Pick<ObjectWriter, "checkWrite">;
}): Operations {
  const named = {
    resources: ({ Name }: { Name: string }, request: RequestContext) => [
      Name.startsWith("arn:") ? Name : trailArn(request, Name),
    ],
  };

  async function find(name: string, request: RequestContext): Promise<StoredTrail> {
    const found = await store.trail(request, nameOf(name, request));
    if (!found)
      throw refuse("TrailNotFoundException", `Unknown trail: ${name.slice(0, 300)} for the user: ${request.accountId}`);
    return found;
  }

  async function checkBucket(trail: StoredTrail): Promise<void> {
    try {
      await writer.checkWrite({ bucket: trail.bucket, key: `${folderOf(trail)}/check` }, deliveryCaller(trail));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (error.name === "NoSuchBucket") {
        throw refuse("S3BucketDoesNotExistException", `S3 bucket ${trail.bucket} does not exist!`);
      }
      if (error.name !== "AccessDenied") throw error;
      throw refuse(
        "InsufficientS3BucketPolicyException",
        `Incorrect S3 bucket policy is detected for bucket: ${trail.bucket}. ${error.message}`,
      );
    }
  }

  return {
    CreateTrail: {
      ...named,
      async handle(input, request) {
        const { Name, S3BucketName, S3KeyPrefix, IsMultiRegionTrail = false } = input;
        const { IncludeGlobalServiceEvents = true } = input;
        checkName(Name);
        checkWanted(input);
        const trail: StoredTrail = {
          accountId: request.accountId,
          region: request.region,
          name: Name,
          bucket: S3BucketName,
          prefix: S3KeyPrefix,
          multiRegion: IsMultiRegionTrail,
          globalServices: IncludeGlobalServiceEvents,
          logging: false,
          position: { at: 0, id: "" },
          ...{ startedAt: undefined, stoppedAt: undefined, deliveredAt: undefined },
          ...{ attemptedAt: undefined, deliveryError: undefined },
        };
        const present = await store.trailsOf(request);
        if (present.length >= TRAILS_PER_REGION && !present.some(({ name }) => name === Name)) {
          throw refuse(
            "MaximumNumberOfTrailsExceededException",
            `An account has ${TRAILS_PER_REGION} trails a region at most.`,
          );
        }
        await checkBucket(trail);
        try {
          await store.commit([store.insertTrail(trail)]);
        } catch (error) {
          if (!(error instanceof UniqueViolation)) throw error;
          throw refuse(
            "TrailAlreadyExistsException",
            `Trail ${Name} already exists for customer: ${request.accountId}`,
          );
        }
        return described(trail);
      },
    },
    UpdateTrail: {
      ...named,
      async handle(input, request) {
        const found = await find(input.Name, request);
        checkWanted(input);
        const trail: StoredTrail = {
          ...found,
          bucket: input.S3BucketName ?? found.bucket,
          prefix: input.S3KeyPrefix === undefined ? found.prefix : input.S3KeyPrefix || undefined,
          multiRegion: input.IsMultiRegionTrail ?? found.multiRegion,
          globalServices: input.IncludeGlobalServiceEvents ?? found.globalServices,
        };
        await checkBucket(trail);
        await store.commit([store.updateTrail(trail)]);
        return described(trail);
      },
    },
    DeleteTrail: {
      ...named,
      async handle({ Name }, request) {
        await store.commit([store.deleteTrail(await find(Name, request))]);
        return {};
      },
    },
    StartLogging: {
      ...named,
      async handle({ Name }, request) {
        await store.commit([store.startTrail(await find(Name, request), request.now)]);
        return {};
      },
    },
    StopLogging: {
      ...named,
      async handle({ Name }, request) {
        await store.commit([store.stopTrail(await find(Name, request), request.now)]);
        return {};
      },
    },
    GetTrail: {
      ...named,
      async handle({ Name }, request) {
        return { Trail: whole(await find(Name, request)) };
      },
    },
    DescribeTrails: {
      async handle({ trailNameList = [] }, request) {
        const wanted = trailNameList.map((name) => nameOf(name, request));
        const trails = await store.trailsOf(request);
        return { trailList: trails.filter(({ name }) => wanted.length === 0 || wanted.includes(name)).map(whole) };
      },
    },
    ListTrails: {
      async handle(_, request) {
        const trails = await store.trailsOf(request);
        return {
          Trails: trails.map((trail) => ({
            TrailARN: trailArn(trail, trail.name),
            Name: trail.name,
            HomeRegion: trail.region,
          })),
        };
      },
    },
    GetTrailStatus: {
      ...named,
      async handle({ Name }, request) {
        const trail = await find(Name, request);
        const { startedAt, stoppedAt, deliveredAt, attemptedAt, deliveryError } = trail;
        const text = (at: number | undefined) =>
          at === undefined ? "" : new Date(at).toISOString().replace(/\.\d+/, "");
        return {
          IsLogging: trail.logging,
          ...(startedAt !== undefined && { StartLoggingTime: startedAt / 1000 }),
          ...(stoppedAt !== undefined && { StopLoggingTime: stoppedAt / 1000 }),
          ...(deliveredAt !== undefined && { LatestDeliveryTime: deliveredAt / 1000 }),
          ...(deliveryError !== undefined && { LatestDeliveryError: deliveryError }),
          LatestDeliveryAttemptTime: text(attemptedAt),
          LatestDeliveryAttemptSucceeded: text(deliveredAt),
          LatestNotificationAttemptTime: "",
          LatestNotificationAttemptSucceeded: "",
          TimeLoggingStarted: text(startedAt),
          TimeLoggingStopped: text(stoppedAt),
        };
      },
    },
  };
}

function checkName(name: string): void {
  const invalid = (why: string) => refuse("InvalidTrailNameException", `Trail name ${why}`);
  if (name.length < 3 || name.length > 128) throw invalid("must have 3 to 128 characters.");
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name) || /[._-]{2}/.test(name)) {
    throw invalid("must have letters, digits, and single . _ - between them.");
  }
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) throw invalid("must not be like an IP address.");
}

/** Of a name or an ARN of this account and region. */
function nameOf(text: string, { accountId, region }: Place): string {
  if (!text.startsWith("arn:")) {
    checkName(text);
    return text;
  }
  const arn = parseArn(text);
  const own = arn?.service === "cloudtrail" && arn.accountId === accountId && arn.region === region;
  if (!own || !arn.resource.startsWith("trail/")) {
    throw refuse("CloudTrailARNInvalidException", "The ARN must be that of a trail of this account and region.");
  }
  return arn.resource.slice("trail/".length);
}

function checkWanted(wanted: Wanted): void {
  const { S3BucketName, S3KeyPrefix } = wanted;
  if (S3BucketName !== undefined && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(S3BucketName)) {
    throw refuse("InvalidS3BucketNameException", "S3BucketName is not the name of a bucket.");
  }
  if (S3KeyPrefix !== undefined && (S3KeyPrefix.length > 200 || !/^[\w!.*'()/-]*$/.test(S3KeyPrefix))) {
    throw refuse(
      "InvalidS3PrefixException",
      "S3KeyPrefix must have at most 200 letters, digits and characters of a key.",
    );
  }
  const unbuilt = (["SnsTopicName", "CloudWatchLogsLogGroupArn", "KmsKeyId"] as const).find((name) => wanted[name]);
  if (unbuilt)
    throw refuse("UnsupportedOperationException", `${unbuilt} is not built: trails deliver to buckets only.`);
  if (wanted.IsOrganizationTrail || wanted.EnableLogFileValidation) {
    throw refuse("UnsupportedOperationException", "Trails of organizations and digests of log files are not built.");
  }
  if (wanted.TagsList && wanted.TagsList.length > 0)
    throw refuse("UnsupportedOperationException", "Tags of trails are not built.");
}

const described = (trail: StoredTrail) => ({
  Name: trail.name,
  S3BucketName: trail.bucket,
  ...(trail.prefix !== undefined && { S3KeyPrefix: trail.prefix }),
  IncludeGlobalServiceEvents: trail.globalServices,
  IsMultiRegionTrail: trail.multiRegion,
  TrailARN: trailArn(trail, trail.name),
  LogFileValidationEnabled: false,
  IsOrganizationTrail: false,
});

const whole = (trail: StoredTrail) => ({
  ...described(trail),
  HomeRegion: trail.region,
  HasCustomEventSelectors: false,
  HasInsightSelectors: false,
});
