import { type Database, UniqueViolation, WriteConflict } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import { type LogsOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import type { Place } from "../place.ts";
import {
  groupArn,
  groupNotFound,
  LOG_LIMITS,
  onGroup,
  RETENTION_DAYS,
  referencedGroup,
  refuse,
  streamArn,
  streamNotFound,
} from "./log-group.ts";
import type { LogGroup, LogStore, LogStream } from "./log-store.ts";

type Names =
  | "CreateLogGroup"
  | "CreateLogStream"
  | "DeleteLogGroup"
  | "DeleteLogStream"
  | "DeleteRetentionPolicy"
  | "DescribeLogGroups"
  | "DescribeLogStreams"
  | "PutRetentionPolicy";

const taken = (what: string) =>
  new ServiceError("ResourceAlreadyExistsException", `The specified ${what} already exists`);

/** Throws `ResourceNotFoundException`. */
export async function findGroup(store: LogStore, place: Place, name: string): Promise<LogGroup> {
  const group = await store.group(place, name);
  if (!group) throw groupNotFound();
  return group;
}

/** Throws `ResourceNotFoundException`. */
export async function findStream(store: LogStore, group: LogGroup, name: string): Promise<LogStream> {
  const stream = await store.stream(group, name);
  if (!stream) throw streamNotFound();
  return stream;
}

export const newGroup = ({ accountId, region }: Place, name: string, now: number) => ({
  ...{ accountId, region, name, id: randomHex(16), class: "STANDARD", tags: {} },
  retentionDays: undefined,
  createdAt: now,
});

export const newStream = ({ accountId, region, id }: LogGroup, name: string, now: number) => ({
  ...{ accountId, region, groupId: id, name, id: randomHex(16), createdAt: now },
});

/** Log groups and their streams. `onDeleted` is told when events wait for their removal. */
export function groupOperations(deps: {
  database: Pick<Database, "commit">;
  store: LogStore;
  onDeleted: () => void;
}): OperationTable<Pick<LogsOperations, Names>> {
  const { database, store, onDeleted } = deps;
  const onNamed = ({ logGroupName }: { logGroupName: string }, request: RequestContext) =>
    onGroup(request, logGroupName);

  async function setRetention(request: RequestContext, name: string, days: number | null): Promise<object> {
    const group = await findGroup(store, request, name);
    try {
      await database.commit([store.setRetention(group, days)]);
      return {};
    } catch (error) {
      if (error instanceof WriteConflict) throw groupNotFound();
      throw error;
    }
  }

  return {
    CreateLogGroup: {
      resources: onNamed,
      conditions: ({ tags = {} }) => ({
        "aws:TagKeys": Object.keys(tags),
        ...Object.fromEntries(Object.entries(tags).map(([tag, value]) => [`aws:RequestTag/${tag}`, value])),
      }),
      async handle(input, request) {
        if (input.kmsKeyId !== undefined) throw refuse("kmsKeyId is not supported here; every message is sealed.");
        if (input.deletionProtectionEnabled) throw refuse("deletionProtectionEnabled is not supported here.");
        const group = {
          ...newGroup(request, input.logGroupName, request.now),
          class: input.logGroupClass ?? "STANDARD",
          tags: input.tags ?? {},
        };
        try {
          await database.commit([store.insertGroup(group)]);
        } catch (error) {
          if (error instanceof UniqueViolation) throw taken("log group");
          throw error;
        }
        return {};
      },
    },

    DeleteLogGroup: {
      resources: onNamed,
      async handle(input, request) {
        const group = await findGroup(store, request, input.logGroupName);
        try {
          await database.commit(store.deleteGroup(group));
        } catch (error) {
          if (error instanceof WriteConflict) throw groupNotFound();
          throw error;
        }
        onDeleted();
        return {};
      },
    },

    DescribeLogGroups: {
      resources: (_input, request) => onGroup(request, ""),
      async handle(input, request) {
        if (input.logGroupNamePrefix !== undefined && input.logGroupNamePattern !== undefined) {
          throw refuse("logGroupNamePrefix and logGroupNamePattern cannot be given together.");
        }
        if (input.accountIdentifiers !== undefined || input.includeLinkedAccounts || input.logGroupIdentifiers) {
          throw refuse("Log groups of other accounts, and lists of identifiers, are not supported here.");
        }
        const size = input.limit ?? LOG_LIMITS.describe;
        const found = await store.groups(
          request,
          {
            after: nameOf(input.nextToken) ?? "",
            prefix: input.logGroupNamePrefix ?? "",
            part: input.logGroupNamePattern ?? "",
            class: input.logGroupClass,
          },
          size + 1,
        );
        const page = found.slice(0, size);
        const last = page.at(-1);
        return {
          logGroups: page.map((group) => ({
            logGroupName: group.name,
            creationTime: group.createdAt,
            ...(group.retentionDays !== undefined && { retentionInDays: group.retentionDays }),
            metricFilterCount: 0,
            arn: `${groupArn(request, group.name)}:*`,
            logGroupArn: groupArn(request, group.name),
            logGroupClass: group.class,
          })),
          ...(found.length > size && last && { nextToken: tokenOf(last.name) }),
        };
      },
    },

    PutRetentionPolicy: {
      resources: onNamed,
      async handle(input, request) {
        if (!RETENTION_DAYS.includes(input.retentionInDays)) {
          throw refuse(`retentionInDays must be one of ${RETENTION_DAYS.join(", ")}.`);
        }
        return setRetention(request, input.logGroupName, input.retentionInDays);
      },
    },

    DeleteRetentionPolicy: {
      resources: onNamed,
      handle: (input, request) => setRetention(request, input.logGroupName, null),
    },

    CreateLogStream: {
      resources: onNamed,
      async handle(input, request) {
        const group = await findGroup(store, request, input.logGroupName);
        try {
          await database.commit(store.insertStream(newStream(group, input.logStreamName, request.now)));
        } catch (error) {
          if (error instanceof UniqueViolation) throw taken("log stream");
          if (error instanceof WriteConflict) throw groupNotFound();
          throw error;
        }
        return {};
      },
    },

    DeleteLogStream: {
      resources: (input, request) => [streamArn(request, input.logGroupName, input.logStreamName)],
      async handle(input, request) {
        const group = await findGroup(store, request, input.logGroupName);
        const stream = await findStream(store, group, input.logStreamName);
        try {
          await database.commit(store.deleteStream(stream));
        } catch (error) {
          if (error instanceof WriteConflict) throw streamNotFound();
          throw error;
        }
        onDeleted();
        return {};
      },
    },

    DescribeLogStreams: {
      resources: (input, request) => onGroup(request, referencedGroup(input, request)),
      async handle(input, request) {
        const byTime = input.orderBy === "LastEventTime";
        if (byTime && input.logStreamNamePrefix !== undefined) {
          throw refuse("Cannot order by LastEventTime with a logStreamNamePrefix.");
        }
        const group = await findGroup(store, request, referencedGroup(input, request));
        const size = input.limit ?? LOG_LIMITS.describe;
        const descending = input.descending ?? false;
        const prefix = input.logStreamNamePrefix ?? "";
        const token = nameOf(input.nextToken);
        const found = byTime
          ? await store.streamsByLastEvent(group, { after: timeAndName(token), descending }, size + 1)
          : await store.streamsByName(group, { after: token, prefix, descending }, size + 1);
        const page = found.slice(0, size);
        const last = page.at(-1);
        return {
          logStreams: page.map((stream) => ({
            logStreamName: stream.name,
            creationTime: stream.createdAt,
            arn: streamArn(request, group.name, stream.name),
            ...(stream.firstEventAt !== undefined && { firstEventTimestamp: stream.firstEventAt }),
            ...(stream.lastEventAt !== undefined && { lastEventTimestamp: stream.lastEventAt }),
            ...(stream.lastIngestedAt !== undefined && { lastIngestionTime: stream.lastIngestedAt }),
          })),
          ...(found.length > size &&
            last && { nextToken: tokenOf(byTime ? `${last.lastEventAt ?? 0}/${last.name}` : last.name) }),
        };
      },
    },
  };
}

const tokenOf = (text: string): string => Buffer.from(text).toString("base64url");

/** Throws `InvalidParameterException` for what is no token of ours. */
function nameOf(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const text = token.length > 2_000 ? "" : Buffer.from(token, "base64url").toString("utf8");
  // PostgreSQL refuses U+0000 in text; no name has it.
  if (text === "" || text.includes("\u0000") || tokenOf(text) !== token) {
    throw refuse("The specified nextToken is invalid.");
  }
  return text;
}

function timeAndName(token: string | undefined): { at: number; name: string } | undefined {
  if (token === undefined) return undefined;
  const found = /^(\d{1,15})\/(.+)$/s.exec(token);
  if (!found) throw refuse("The specified nextToken is invalid.");
  return { at: Number(found[1]), name: found[2]! };
}
