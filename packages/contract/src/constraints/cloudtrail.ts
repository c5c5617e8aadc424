import type { ConstraintTable } from "./table.ts";

/** What the SDK's schemas leave out: limits of simple shapes, kinds of numbers, and where they apply. */
export const cloudtrailConstraints: ConstraintTable = {
  shapes: {
    InsightsMetricValues: { type: "list", member: "Double" },
    Double: { type: "double" },
    Integer: { type: "integer" },
  },
  uses: {
    CreateEventDataStoreRequest: { RetentionPeriod: "Integer" },
    CreateEventDataStoreResponse: { RetentionPeriod: "Integer" },
    EventDataStore: { RetentionPeriod: "Integer" },
    GetEventDataStoreResponse: { RetentionPeriod: "Integer" },
    GetQueryResultsRequest: { MaxQueryResults: "Integer" },
    ImportStatistics: {
      EventsCompleted: "Integer",
      FailedEntries: "Integer",
      FilesCompleted: "Integer",
      PrefixesCompleted: "Integer",
      PrefixesFound: "Integer",
    },
    ListChannelsRequest: { MaxResults: "Integer" },
    ListDashboardsRequest: { MaxResults: "Integer" },
    ListEventDataStoresRequest: { MaxResults: "Integer" },
    ListImportFailuresRequest: { MaxResults: "Integer" },
    ListImportsRequest: { MaxResults: "Integer" },
    ListInsightsDataRequest: { MaxResults: "Integer" },
    ListInsightsMetricDataRequest: { MaxResults: "Integer", Period: "Integer" },
    ListInsightsMetricDataResponse: { Values: "InsightsMetricValues" },
    ListQueriesRequest: { MaxResults: "Integer" },
    LookupEventsRequest: { MaxResults: "Integer" },
    QueryStatistics: { BytesScanned: "Integer", ResultsCount: "Integer", TotalResultsCount: "Integer" },
    QueryStatisticsForDescribeQuery: {
      BytesScanned: "Integer",
      EventsMatched: "Integer",
      EventsScanned: "Integer",
      ExecutionTimeInMillis: "Integer",
    },
    RefreshScheduleFrequency: { Value: "Integer" },
    RestoreEventDataStoreResponse: { RetentionPeriod: "Integer" },
    SearchSampleQueriesRequest: { MaxResults: "Integer" },
    SearchSampleQueriesSearchResult: { Relevance: "Integer" },
    UpdateEventDataStoreRequest: { RetentionPeriod: "Integer" },
    UpdateEventDataStoreResponse: { RetentionPeriod: "Integer" },
  },
};
