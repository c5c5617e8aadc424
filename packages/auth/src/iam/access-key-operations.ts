import type { Bus, Database, Write } from "@hearth/backplane";
import { type IamOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import type { AccessKeyStore, StoredAccessKey } from "../access-keys/access-key-store.ts";
import { changeIdentity, cutPage, limitExceeded, noSuchEntity, PAGE, readMarker } from "./entity.ts";
import { onUser, ROOT_USER_NAME, requireUser } from "./user-operations.ts";
import type { UserStore } from "./user-store.ts";

export interface AccessKeyOperationsDeps {
  database: Database;
  bus: Bus;
  users: UserStore;
  accessKeys: AccessKeyStore;
}

export type AccessKeyOperations = OperationTable<
  Pick<IamOperations, "CreateAccessKey" | "ListAccessKeys" | "UpdateAccessKey" | "DeleteAccessKey">
>;

/** AWS: IAM and AWS STS quotas. */
const MOST_KEYS = 2;

interface Owner {
  id: string;
  name: string;
  /** Keeps the owner from being deleted meanwhile; the root cannot be. */
  guard: readonly Write[];
}

export function createAccessKeyOperations({
  database,
  bus,
  users,
  accessKeys,
}: AccessKeyOperationsDeps): AccessKeyOperations {
  /** The named user, or whoever asks. */
  async function ownerOf(request: RequestContext, userName: string | undefined): Promise<Owner> {
    const { principal, accountId } = request;
    if (userName === undefined && principal.type === "Root") return { id: accountId, name: ROOT_USER_NAME, guard: [] };
    const name = userName ?? (principal.type === "User" ? principal.userName : undefined);
    if (name === undefined) {
      throw new ServiceError("ValidationException", "Must specify userName when calling with non-User credentials");
    }
    const user = await requireUser(users, request, name);
    return { id: user.userId, name: user.userName, guard: [users.touch(user)] };
  }

  async function requireKey(accountId: string, owner: Owner, accessKeyId: string): Promise<StoredAccessKey> {
    const key = await accessKeys.find(accessKeyId);
    if (key && key.accountId === accountId && key.ownerId === owner.id) return key;
    throw noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`);
  }

  return {
    CreateAccessKey: {
      resources: onUser,
      handle: ({ UserName }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const owner = await ownerOf(request, UserName);
          const existing = await accessKeys.list(request.accountId, owner.id);
          if (existing.length >= MOST_KEYS) {
            throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${MOST_KEYS}`);
          }
          const key = accessKeys.create(request.accountId, owner.id, request.now);
          return {
            writes: [...owner.guard, key.write],
            result: {
              AccessKey: {
                UserName: owner.name,
                AccessKeyId: key.accessKeyId,
                Status: "Active" as const,
                SecretAccessKey: key.secretAccessKey,
                CreateDate: Math.floor(request.now / 1000),
              },
            },
          };
        }),
    },

    ListAccessKeys: {
      resources: onUser,
      async handle({ UserName, Marker, MaxItems = PAGE }, request) {
        const owner = await ownerOf(request, UserName);
        const keys = await accessKeys.list(request.accountId, owner.id);
        const after = Marker === undefined ? 0 : keys.findIndex((key) => key.accessKeyId === readMarker(Marker)) + 1;
        const { page, rest } = cutPage(keys.slice(after), MaxItems, (key) => key.accessKeyId);
        return {
          AccessKeyMetadata: page.map((key) => ({
            UserName: owner.name,
            AccessKeyId: key.accessKeyId,
            Status: key.status,
            CreateDate: Math.floor(key.createdAt / 1000),
          })),
          ...rest,
        };
      },
    },

    UpdateAccessKey: {
      resources: onUser,
      handle: ({ UserName, AccessKeyId, Status }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const owner = await ownerOf(request, UserName);
          const key = await requireKey(request.accountId, owner, AccessKeyId);
          if (Status !== "Active" && Status !== "Inactive") {
            throw new ServiceError("InvalidInputException", "Status must be Active or Inactive.");
          }
          return { writes: [...owner.guard, accessKeys.setStatus(key, Status)], result: {} };
        }),
    },

    DeleteAccessKey: {
      resources: onUser,
      handle: ({ UserName, AccessKeyId }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const owner = await ownerOf(request, UserName);
          const key = await requireKey(request.accountId, owner, AccessKeyId);
          return { writes: [...owner.guard, accessKeys.remove(key)], result: {} };
        }),
    },
  };
}
