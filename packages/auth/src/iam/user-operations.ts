import { type Bus, type Database, UniqueViolation } from "@hearth/backplane";
import type { Iam, IamOperations, OperationTable, RequestContext } from "@hearth/contract";
import { newUniqueId } from "../access-keys/access-key.ts";
import type { AccessKeyStore } from "../access-keys/access-key-store.ts";
import type { AttachmentStore } from "./attachment-store.ts";
import {
  alreadyExists,
  changeIdentity,
  checkInlineSize,
  checkNewEntity,
  cutPage,
  deleteConflict,
  encodeDocument,
  noSuchEntity,
  PAGE,
  readMarker,
  readPolicy,
} from "./entity.ts";
import type { InlinePolicyStore } from "./inline-policy-store.ts";
import { type User, type UserStore, userArn } from "./user-store.ts";

export interface UserOperationsDeps {
  database: Database;
  bus: Bus;
  users: UserStore;
  policies: InlinePolicyStore;
  attachments: AttachmentStore;
  accessKeys: AccessKeyStore;
}

/** AWS: IAM and AWS STS quotas, inline policies of a user in characters. */
const INLINE_SIZE = 2_048;

/** As credential reports name it: the root has no user name of its own. */
export const ROOT_USER_NAME = "<root_account>";

export type UserOperations = OperationTable<
  Pick<
    IamOperations,
    | "CreateUser"
    | "GetUser"
    | "ListUsers"
    | "DeleteUser"
    | "PutUserPolicy"
    | "GetUserPolicy"
    | "ListUserPolicies"
    | "DeleteUserPolicy"
  >
>;

/** The ARN that a door can know; the handler asks again about the whole one when the user has a path. */
export const onUser = ({ UserName }: { UserName?: string }, { accountId, principal }: RequestContext): string[] => [
  UserName === undefined ? principal.arn : userArn(accountId, "/", UserName),
];

/** `context`: what the door was told besides. */
export async function requireUser(
  users: UserStore,
  request: RequestContext,
  userName: string,
  context?: Record<string, string>,
): Promise<User> {
  const user = await users.find(request.accountId, userName);
  if (!user) throw noSuchEntity(`The user with name ${userName} cannot be found.`);
  if (user.path !== "/") await request.authorize(`iam:${request.operation}`, user.arn, context);
  return user;
}

export function createUserOperations({
  database,
  bus,
  users,
  policies,
  attachments,
  accessKeys,
}: UserOperationsDeps): UserOperations {
  return {
    CreateUser: {
      resources: ({ UserName, Path = "/" }, { accountId }) => [userArn(accountId, Path, UserName)],
      async handle(input, { accountId, now }) {
        const { UserName, Path = "/", Tags = [] } = input;
        checkNewEntity(input);
        const user: User = {
          accountId,
          userName: UserName,
          userId: newUniqueId("AIDA"),
          path: Path,
          arn: userArn(accountId, Path, UserName),
          tags: Tags,
          createdAt: now,
          version: 1,
        };
        const exists = () => alreadyExists(`User with name ${UserName} already exists.`);
        if (await users.find(accountId, UserName)) throw exists();
        try {
          await database.commit([users.insert(user)]);
        } catch (error) {
          throw error instanceof UniqueViolation ? exists() : error;
        }
        return { User: present(user) };
      },
    },

    GetUser: {
      resources: onUser,
      async handle({ UserName }, request) {
        const { principal, accountId } = request;
        if (UserName === undefined && principal.type !== "User") {
          return {
            User: { Path: "/", UserName: ROOT_USER_NAME, UserId: accountId, Arn: principal.arn, CreateDate: 0 },
          };
        }
        const name = UserName ?? (principal.type === "User" ? principal.userName : "");
        return { User: present(await requireUser(users, request, name)) };
      },
    },

    ListUsers: {
      async handle({ PathPrefix = "/", Marker, MaxItems = PAGE }, { accountId }) {
        const found = await users.list(accountId, PathPrefix, readMarker(Marker), MaxItems + 1);
        const { page, rest } = cutPage(found, MaxItems, (user) => user.userName.toLowerCase());
        return { Users: page.map(({ tags: _tags, ...user }) => present({ ...user, tags: [] })), ...rest };
      },
    },

    DeleteUser: {
      resources: onUser,
      handle: ({ UserName }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const user = await requireUser(users, request, UserName);
          const [keys, inline, attached] = await Promise.all([
            accessKeys.list(user.accountId, user.userId),
            policies.list(user.accountId, user.userId),
            attachments.list(user.accountId, user.userId),
          ]);
          if (keys.length > 0) throw deleteConflict("Cannot delete entity, must delete access keys first.");
          if (attached.length > 0) throw deleteConflict("Cannot delete entity, must detach all policies first.");
          if (inline.length > 0) throw deleteConflict("Cannot delete entity, must delete policies first.");
          return { writes: [users.remove(user)], result: {} };
        }),
    },

    PutUserPolicy: {
      resources: onUser,
      handle: ({ UserName, PolicyName, PolicyDocument }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const user = await requireUser(users, request, UserName);
          const policy = { name: PolicyName, document: PolicyDocument };
          const { accountId, userId } = user;
          checkInlineSize(await policies.list(accountId, userId), policy, INLINE_SIZE, `user ${UserName}`);
          readPolicy(PolicyDocument, "identity", INLINE_SIZE);
          return { writes: [users.touch(user), policies.put(accountId, userId, policy)], result: {} };
        }),
    },

    GetUserPolicy: {
      resources: onUser,
      async handle({ UserName, PolicyName }, request) {
        const user = await requireUser(users, request, UserName);
        const policy = (await policies.list(user.accountId, user.userId)).find(({ name }) => name === PolicyName);
        if (!policy) throw noSuchEntity(`The user policy with name ${PolicyName} cannot be found.`);
        return { UserName: user.userName, PolicyName, PolicyDocument: encodeDocument(policy.document) };
      },
    },

    ListUserPolicies: {
      resources: onUser,
      async handle({ UserName, Marker, MaxItems = PAGE }, request) {
        const user = await requireUser(users, request, UserName);
        const names = (await policies.list(user.accountId, user.userId)).map(({ name }) => name);
        const { page, rest } = cutPage(
          names.filter((name) => name > readMarker(Marker)),
          MaxItems,
          (name) => name,
        );
        return { PolicyNames: page, ...rest };
      },
    },

    DeleteUserPolicy: {
      resources: onUser,
      handle: ({ UserName, PolicyName }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const user = await requireUser(users, request, UserName);
          const inline = await policies.list(user.accountId, user.userId);
          if (!inline.some(({ name }) => name === PolicyName)) {
            throw noSuchEntity(`The user policy with name ${PolicyName} cannot be found.`);
          }
          return { writes: [users.touch(user), policies.remove(user.accountId, user.userId, PolicyName)], result: {} };
        }),
    },
  };
}

const present = ({ path, userName, userId, arn, createdAt, tags }: User): Iam.User => ({
  Path: path,
  UserName: userName,
  UserId: userId,
  Arn: arn,
  CreateDate: Math.floor(createdAt / 1000),
  ...(tags.length > 0 && { Tags: tags }),
});
