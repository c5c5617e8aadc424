import { UniqueViolation } from "@hearth/backplane";
import { formatArn, parseArn, uuid } from "@hearth/base";
import { type CloudtrailOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import type { Place } from "../place.ts";
import type { DeliveryStore, EventDataStore } from "./delivery-store.ts";
import type { EventQueries, EventQuery } from "./event-queries.ts";
import { checkSelectors, DEFAULT_SELECTORS } from "./event-selectors.ts";
import { parseStatement } from "./event-sql.ts";

type Operations = OperationTable<
  Pick<
    CloudtrailOperations,
    | "CreateEventDataStore"
    | "GetEventDataStore"
    | "ListEventDataStores"
    | "UpdateEventDataStore"
    | "DeleteEventDataStore"
    | "StartQuery"
    | "DescribeQuery"
    | "GetQueryResults"
    | "CancelQuery"
    | "ListQueries"
  >
>;

/** AWS: "Quotas in AWS CloudTrail"; with the default of CreateEventDataStore. */
const STORES_PER_REGION = 10;
const DEFAULT_RETENTION_DAYS = 366;
const LONGEST_RETENTION_DAYS = 3_653;
const MOST_RESULTS = 1_000;

const refuse = (name: string, message: string): ServiceError => new ServiceError(name, message);

const arnOf = ({ accountId, region }: Place, id: string): string =>
  formatArn("cloudtrail", region, accountId, `eventdatastore/${id}`);

export function eventStoreOperations(deps: {
  store: DeliveryStore;
  queries: EventQueries;
  /** Resolves when what was recorded is kept. */
  settle(): Promise<unknown>;
}): Operations {
  const { store, queries, settle } = deps;

  async function find(text: string, request: RequestContext): Promise<EventDataStore> {
    const found = await store.eventDataStore(request, idOf(text, request));
    if (!found) throw refuse("EventDataStoreNotFoundException", `There is no event data store ${text.slice(0, 300)}.`);
    return found;
  }
  function query(id: string, request: RequestContext): EventQuery {
    const found = queries.find(request, id);
    if (!found) throw refuse("QueryIdNotFoundException", `There is no query ${id.slice(0, 100)}, or it is forgotten.`);
    return found;
  }
  const ofStore = {
    resources: ({ EventDataStore }: { EventDataStore: string }, request: RequestContext) => [
      resourceOf(EventDataStore, request),
    ],
  };
  /** Whoever may ask a query's event data store may see its answer. */
  const ofQuery = {
    resources: ({ QueryId }: { QueryId?: string }, request: RequestContext) => {
      const found = QueryId === undefined ? undefined : queries.find(request, QueryId);
      return [found ? arnOf(request, found.eventDataStore) : "*"];
    },
  };

  return {
    CreateEventDataStore: {
      async handle(input, request) {
        const { Name, AdvancedEventSelectors = DEFAULT_SELECTORS, RetentionPeriod = DEFAULT_RETENTION_DAYS } = input;
        checkName(Name);
        checkRetention(RetentionPeriod);
        checkSelectors(AdvancedEventSelectors);
        checkUnbuilt(input);
        const { accountId, region, now } = request;
        if ((await store.eventDataStoresOf(request)).length >= STORES_PER_REGION) {
          throw refuse(
            "EventDataStoreMaxLimitExceededException",
            `An account has ${STORES_PER_REGION} event data stores a region.`,
          );
        }
        const made: EventDataStore = {
          ...{ accountId, region, id: uuid(), name: Name, status: "ENABLED", retentionDays: RetentionPeriod },
          protected: input.TerminationProtectionEnabled ?? true,
          multiRegion: input.MultiRegionEnabled ?? true,
          billingMode: input.BillingMode ?? "EXTENDABLE_RETENTION_PRICING",
          selectors: AdvancedEventSelectors,
          ...{ createdAt: now, updatedAt: now },
        };
        await named(Name, () => store.commit([store.insertEventDataStore(made)]));
        return described(made);
      },
    },
    GetEventDataStore: {
      ...ofStore,
      async handle({ EventDataStore }, request) {
        return described(await find(EventDataStore, request));
      },
    },
    ListEventDataStores: {
      async handle({ NextToken, MaxResults }, request) {
        const size = sizeOf(MaxResults);
        const start = placeOf(NextToken);
        const all = await store.eventDataStoresOf(request);
        const next = start + size;
        return {
          EventDataStores: all
            .slice(start, next)
            .map((one) => ({ EventDataStoreArn: arnOf(one, one.id), Name: one.name })),
          ...(next < all.length && { NextToken: tokenOf(next) }),
        };
      },
    },
    UpdateEventDataStore: {
      ...ofStore,
      async handle(input, request) {
        const found = await find(input.EventDataStore, request);
        if (input.Name !== undefined) checkName(input.Name);
        if (input.RetentionPeriod !== undefined) checkRetention(input.RetentionPeriod);
        if (input.AdvancedEventSelectors) checkSelectors(input.AdvancedEventSelectors);
        checkUnbuilt(input);
        const made: EventDataStore = {
          ...found,
          name: input.Name ?? found.name,
          retentionDays: input.RetentionPeriod ?? found.retentionDays,
          protected: input.TerminationProtectionEnabled ?? found.protected,
          multiRegion: input.MultiRegionEnabled ?? found.multiRegion,
          billingMode: input.BillingMode ?? found.billingMode,
          selectors: input.AdvancedEventSelectors ?? found.selectors,
          updatedAt: request.now,
        };
        await named(made.name, () => store.commit([store.updateEventDataStore(made)]));
        return described(made);
      },
    },
    DeleteEventDataStore: {
      ...ofStore,
      async handle({ EventDataStore }, request) {
        const found = await find(EventDataStore, request);
        if (found.protected) {
          throw refuse(
            "EventDataStoreTerminationProtectedException",
            "Termination protection is enabled. Switch it off with UpdateEventDataStore first.",
          );
        }
        await store.commit([store.deleteEventDataStore(found)]);
        return {};
      },
    },
    StartQuery: {
      resources: ({ QueryStatement = "" }, request) => {
        try {
          return [arnOf(request, parseStatement(QueryStatement).eventDataStore)];
        } catch {
          return ["*"];
        }
      },
      async handle({ QueryStatement, DeliveryS3Uri, QueryAlias, QueryParameters }, request) {
        if (QueryStatement === undefined || QueryAlias !== undefined || QueryParameters !== undefined) {
          throw refuse("InvalidParameterException", "Give a QueryStatement; aliases of dashboards are not built.");
        }
        if (DeliveryS3Uri !== undefined) {
          throw refuse(
            "UnsupportedOperationException",
            "Results are not delivered to a bucket; read them with GetQueryResults.",
          );
        }
        const parsed = parseStatement(QueryStatement);
        const found = await find(parsed.eventDataStore, request);
        await settle();
        const { id } = await queries.begin(found, QueryStatement, parsed);
        return { QueryId: id };
      },
    },
    DescribeQuery: {
      ...ofQuery,
      async handle({ QueryId, QueryAlias }, request) {
        if (QueryId === undefined || QueryAlias !== undefined) {
          throw refuse("InvalidParameterException", "Give a QueryId; aliases of dashboards are not built.");
        }
        const { id, statement, status, error, scanned, matched, bytes, milliseconds, createdAt } = query(
          QueryId,
          request,
        );
        return {
          QueryId: id,
          QueryString: statement,
          QueryStatus: status,
          QueryStatistics: {
            EventsMatched: matched,
            EventsScanned: scanned,
            BytesScanned: bytes,
            ExecutionTimeInMillis: milliseconds,
            CreationTime: createdAt / 1000,
          },
          ...(error !== undefined && { ErrorMessage: error }),
        };
      },
    },
    GetQueryResults: {
      ...ofQuery,
      async handle({ QueryId, NextToken, MaxQueryResults }, request) {
        const { status, rows, bytes, error } = query(QueryId, request);
        const size = sizeOf(MaxQueryResults);
        const start = placeOf(NextToken);
        const page = rows.slice(start, start + size);
        return {
          QueryStatus: status,
          QueryStatistics: { ResultsCount: page.length, TotalResultsCount: rows.length, BytesScanned: bytes },
          QueryResultRows: page,
          ...(start + size < rows.length && { NextToken: tokenOf(start + size) }),
          ...(error !== undefined && { ErrorMessage: error }),
        };
      },
    },
    CancelQuery: {
      ...ofQuery,
      async handle({ QueryId }, request) {
        const found = query(QueryId, request);
        if (!queries.cancel(found)) {
          throw refuse("InactiveQueryException", `The query is ${found.status} and cannot be cancelled.`);
        }
        return { QueryId, QueryStatus: "CANCELLED" };
      },
    },
    ListQueries: {
      ...ofStore,
      async handle({ EventDataStore, NextToken, MaxResults, StartTime, EndTime, QueryStatus }, request) {
        const found = await find(EventDataStore, request);
        if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime) {
          throw refuse("InvalidDateRangeException", "StartTime must not be later than EndTime.");
        }
        if (QueryStatus !== undefined && !STATUSES.includes(QueryStatus)) {
          throw refuse("InvalidQueryStatusException", `QueryStatus must be one of ${STATUSES.join(", ")}.`);
        }
        const size = sizeOf(MaxResults);
        const start = placeOf(NextToken);
        const all = queries
          .list(request, found.id)
          .filter(
            ({ createdAt }) =>
              createdAt >= (StartTime ?? 0) * 1000 && createdAt <= (EndTime ?? Number.MAX_SAFE_INTEGER) * 1000,
          )
          .filter(({ status }) => QueryStatus === undefined || status === QueryStatus);
        return {
          Queries: all.slice(start, start + size).map(({ id, status, createdAt }) => ({
            ...{ QueryId: id, QueryStatus: status, CreationTime: createdAt / 1000 },
          })),
          ...(start + size < all.length && { NextToken: tokenOf(start + size) }),
        };
      },
    },
  };
}

const STATUSES: readonly string[] = ["QUEUED", "RUNNING", "FINISHED", "FAILED", "CANCELLED", "TIMED_OUT"];

async function named<Made>(name: string, commit: () => Promise<Made>): Promise<Made> {
  try {
    return await commit();
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    throw refuse("EventDataStoreAlreadyExistsException", `An event data store named ${name} exists already.`);
  }
}

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Of an id or an ARN of this account and region. */
function idOf(text: string, place: Place): string {
  const arn = text.startsWith("arn:") ? parseArn(text) : undefined;
  const id = arn ? arn.resource.replace(/^eventdatastore\//, "") : text;
  if (!ID.test(id) || (arn && arnOf(place, id) !== text)) {
    throw refuse(
      "EventDataStoreARNInvalidException",
      "EventDataStore must be the ARN or ID of one of this account and region.",
    );
  }
  return id;
}

function resourceOf(text: string, place: Place): string {
  return text.startsWith("arn:") ? text : arnOf(place, text);
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9._-]{3,128}$/.test(name)) return;
  throw refuse("InvalidParameterException", "Name must have 3 to 128 letters, digits and . _ -");
}

function checkRetention(days: number): void {
  if (Number.isInteger(days) && days >= 7 && days <= LONGEST_RETENTION_DAYS) return;
  throw refuse("InvalidParameterException", `RetentionPeriod must be 7 to ${LONGEST_RETENTION_DAYS} days.`);
}

function checkUnbuilt(input: {
  readonly OrganizationEnabled?: boolean;
  readonly KmsKeyId?: string;
  readonly TagsList?: readonly unknown[];
  readonly StartIngestion?: boolean;
}): void {
  if (input.OrganizationEnabled) throw refuse("UnsupportedOperationException", "Organizations are not built.");
  if (input.KmsKeyId !== undefined) throw refuse("UnsupportedOperationException", "Keys of KMS are not built here.");
  if (input.TagsList?.length) throw refuse("UnsupportedOperationException", "Tags are not built here.");
  if (input.StartIngestion === false) throw refuse("UnsupportedOperationException", "Events are always taken in.");
}

function sizeOf(wanted: number | undefined): number {
  if (wanted !== undefined && (wanted < 1 || wanted > MOST_RESULTS)) {
    throw refuse("InvalidMaxResultsException", `The number of results must be 1 to ${MOST_RESULTS}.`);
  }
  return wanted ?? MOST_RESULTS;
}

const tokenOf = (start: number): string => Buffer.from(String(start)).toString("base64url");

function placeOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const text = token.length > 20 ? "" : Buffer.from(token, "base64url").toString();
  if (!/^\d{1,9}$/.test(text)) {
    throw refuse("InvalidNextTokenException", "NextToken was not returned by this operation. Start again without it.");
  }
  return Number(text);
}

const described = (one: EventDataStore) => ({
  EventDataStoreArn: arnOf(one, one.id),
  Name: one.name,
  Status: one.status,
  AdvancedEventSelectors: one.selectors,
  MultiRegionEnabled: one.multiRegion,
  OrganizationEnabled: false,
  RetentionPeriod: one.retentionDays,
  TerminationProtectionEnabled: one.protected,
  CreatedTimestamp: one.createdAt / 1000,
  UpdatedTimestamp: one.updatedAt / 1000,
  BillingMode: one.billingMode,
});
