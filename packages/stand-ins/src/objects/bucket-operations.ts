import { UniqueViolation } from "@hearth/backplane";
import {
  type OperationTable,
  type RequestContext,
  type ResourcePolicy,
  type S3Operations,
  ServiceError,
} from "@hearth/contract";
import { PolicyParseError, parsePolicy } from "@hearth/policy";
import { bucketArn, checkBucketName, ownerOf } from "./object.ts";
import type { ObjectStore } from "./object-store.ts";
import { isWriteConflict, type Placing } from "./placing.ts";

type Operations = OperationTable<
  Pick<
    S3Operations,
    | "CreateBucket"
    | "HeadBucket"
    | "DeleteBucket"
    | "ListBuckets"
    | "GetBucketLocation"
    | "GetBucketPolicy"
    | "PutBucketPolicy"
    | "DeleteBucketPolicy"
    | "GetBucketVersioning"
    | "PutBucketVersioning"
  >
>;

/** AWS: "Bucket policies", 20 KB. */
const LONGEST_POLICY = 20_480;
const MOST_BUCKETS = 10_000;
/** What each account may make. */
const BUCKETS_PER_ACCOUNT = 1_000;

interface InBucket {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

/** What every operation in a bucket is decided by: its owner and its policy. Throws `AccessDenied` for another owner than the expected. */
export const bucketPolicy =
  (store: Pick<ObjectStore, "bucket">, ownersRootAlways = false) =>
  async ({ Bucket, ExpectedBucketOwner }: InBucket): Promise<ResourcePolicy | undefined> => {
    const bucket = await store.bucket(Bucket);
    if (!bucket) return undefined;
    const { accountId, policy } = bucket;
    if (ExpectedBucketOwner !== undefined && ExpectedBucketOwner !== accountId) {
      throw new ServiceError("AccessDenied", "The bucket is not the expected owner's.");
    }
    return {
      accountId,
      kind: "bucket",
      ...(policy !== undefined && { document: policy }),
      ...(ownersRootAlways && { ownersRootAlways: true }),
    };
  };

export function bucketOperations({ store, placing }: { store: ObjectStore; placing: Placing }): Operations {
  const inBucket = {
    resources: ({ Bucket }: InBucket) => [bucketArn(Bucket)],
    resourcePolicy: bucketPolicy(store),
  };
  const ofPolicy = { ...inBucket, resourcePolicy: bucketPolicy(store, true) };
  return {
    CreateBucket: {
      resources: ({ Bucket }) => [bucketArn(Bucket)],
      async handle({ Bucket, CreateBucketConfiguration, ACL, ObjectLockEnabledForBucket }, request) {
        checkBucketName(Bucket);
        checkPlace(CreateBucketConfiguration?.LocationConstraint, request);
        if ((ACL !== undefined && ACL !== "private") || ObjectLockEnabledForBucket) {
          throw new ServiceError(
            "NotImplementedException",
            "Access control lists and object lock are not built. Use a bucket policy.",
          );
        }
        const { accountId, region, now } = request;
        if ((await store.bucketsOf(accountId, "", "", BUCKETS_PER_ACCOUNT)).length >= BUCKETS_PER_ACCOUNT) {
          throw new ServiceError("InvalidRequest", `An account has ${BUCKETS_PER_ACCOUNT} buckets at most.`);
        }
        const made = {
          name: Bucket,
          accountId,
          region,
          createdAt: now,
          changes: 0,
          versioning: undefined,
          policy: undefined,
        };
        try {
          await store.commit([store.insertBucket(made)]);
        } catch (error) {
          if (!(error instanceof UniqueViolation)) throw error;
          const owner = (await store.bucket(Bucket))?.accountId;
          throw owner === accountId
            ? new ServiceError("BucketAlreadyOwnedByYou", "The bucket exists already, and you own it.")
            : new ServiceError(
                "BucketAlreadyExists",
                "The requested bucket name is not available. Select a different name.",
              );
        }
        return { Location: `/${Bucket}`, BucketArn: bucketArn(Bucket) };
      },
    },
    HeadBucket: {
      ...inBucket,
      action: "s3:ListBucket",
      async handle({ Bucket }) {
        const bucket = await store.bucket(Bucket);
        if (!bucket) throw new ServiceError("NotFound", "Not Found");
        return { BucketRegion: bucket.region, BucketArn: bucketArn(Bucket) };
      },
    },
    DeleteBucket: {
      ...inBucket,
      async handle({ Bucket }) {
        const notEmpty = () =>
          new ServiceError("BucketNotEmpty", "The bucket you tried to delete is not empty", { BucketName: Bucket });
        const bucket = await placing.bucketOf(Bucket);
        if (!(await store.isEmpty(Bucket))) throw notEmpty();
        try {
          await store.commit([store.deleteBucket(bucket), ...store.deleteUploadsIn(Bucket)]);
        } catch (error) {
          if (isWriteConflict(error)) throw notEmpty();
          throw error;
        }
        return {};
      },
    },
    ListBuckets: {
      action: "s3:ListAllMyBuckets",
      async handle({ MaxBuckets = MOST_BUCKETS, ContinuationToken = "", Prefix = "", BucketRegion }, { accountId }) {
        const found = await store.bucketsOf(accountId, Prefix, ContinuationToken, MaxBuckets + 1);
        const page = found.slice(0, MaxBuckets);
        return {
          Buckets: page
            .filter(({ region }) => BucketRegion === undefined || region === BucketRegion)
            .map(({ name, createdAt, region }) => ({
              Name: name,
              CreationDate: createdAt / 1000,
              BucketRegion: region,
              BucketArn: bucketArn(name),
            })),
          Owner: ownerOf(accountId),
          ...(found.length > MaxBuckets && { ContinuationToken: page.at(-1)!.name }),
          ...(Prefix !== "" && { Prefix }),
        };
      },
    },
    GetBucketLocation: {
      ...inBucket,
      async handle({ Bucket }) {
        const { region } = await placing.bucketOf(Bucket);
        return region === "us-east-1" ? {} : { LocationConstraint: region };
      },
    },
    GetBucketPolicy: {
      ...ofPolicy,
      async handle({ Bucket }) {
        const { policy } = await placing.bucketOf(Bucket);
        if (policy === undefined) {
          throw new ServiceError("NoSuchBucketPolicy", "The bucket policy does not exist", { BucketName: Bucket });
        }
        return { Policy: policy };
      },
    },
    PutBucketPolicy: {
      ...ofPolicy,
      async handle({ Bucket, Policy }) {
        await placing.bucketOf(Bucket);
        checkPolicy(Policy, Bucket);
        await store.commit([store.setPolicy(Bucket, Policy)]);
        return {};
      },
    },
    DeleteBucketPolicy: {
      ...ofPolicy,
      async handle({ Bucket }) {
        await placing.bucketOf(Bucket);
        await store.commit([store.setPolicy(Bucket, null)]);
        return {};
      },
    },
    GetBucketVersioning: {
      ...inBucket,
      async handle({ Bucket }) {
        const { versioning } = await placing.bucketOf(Bucket);
        return versioning ? { Status: versioning } : {};
      },
    },
    PutBucketVersioning: {
      ...inBucket,
      async handle({ Bucket, VersioningConfiguration: { Status, MFADelete } }) {
        await placing.bucketOf(Bucket);
        if (MFADelete === "Enabled") throw new ServiceError("NotImplementedException", "MFA delete is not built.");
        if (!Status) throw new ServiceError("MalformedXML", "VersioningConfiguration must have a Status.");
        await store.commit([store.setVersioning(Bucket, Status)]);
        return {};
      },
    },
  };
}

function checkPlace(constraint: string | undefined, { region }: RequestContext): void {
  if (constraint === undefined || constraint === "" || constraint === region) return;
  throw new ServiceError(
    "IllegalLocationConstraintException",
    `This installation is ${region}: leave the location constraint out, or give that.`,
  );
}

/** Every resource must be the bucket or in it, as S3 asks. */
function checkPolicy(policy: string, bucket: string): void {
  const malformed = (why: string) => new ServiceError("MalformedPolicy", why);
  if (Buffer.byteLength(policy) > LONGEST_POLICY) throw malformed("The policy is larger than 20 KB.");
  try {
    parsePolicy(policy, "resource", LONGEST_POLICY);
  } catch (error) {
    if (error instanceof PolicyParseError) throw malformed(error.message);
    throw error;
  }
  const { Statement } = JSON.parse(policy) as { Statement: object | object[] };
  for (const statement of [Statement].flat() as { Resource?: string | string[]; NotResource?: string | string[] }[]) {
    for (const resource of [statement.Resource ?? statement.NotResource ?? []].flat()) {
      if (resource !== bucketArn(bucket) && !resource.startsWith(`${bucketArn(bucket)}/`)) {
        throw malformed("Policy has invalid resource: each must be this bucket, or objects in it.");
      }
    }
  }
}
