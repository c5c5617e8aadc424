// Written by `npm run generate`. Do not edit.

export interface AccessDeniedException {
  Message?: string;
}

export interface AccountHasOngoingImportException {
  Message?: string;
}

export interface AccountNotFoundException {
  Message?: string;
}

export interface AccountNotRegisteredException {
  Message?: string;
}

export interface AccountRegisteredException {
  Message?: string;
}

export interface AddTagsRequest {
  ResourceId: string;
  TagsList: readonly Tag[];
}

export interface AddTagsResponse {}

export interface AdvancedEventSelector {
  FieldSelectors: readonly AdvancedFieldSelector[];
  Name?: string;
}

export interface AdvancedFieldSelector {
  Field: string;
  Equals?: readonly string[];
  StartsWith?: readonly string[];
  EndsWith?: readonly string[];
  NotEquals?: readonly string[];
  NotStartsWith?: readonly string[];
  NotEndsWith?: readonly string[];
}

export interface AggregationConfiguration {
  Templates: readonly string[];
  EventCategory: string;
}

export interface CancelQueryRequest {
  QueryId: string;
  EventDataStore?: string;
  EventDataStoreOwnerAccountId?: string;
}

export interface CancelQueryResponse {
  QueryId: string;
  QueryStatus: string;
  EventDataStoreOwnerAccountId?: string;
}

export interface CannotDelegateManagementAccountException {
  Message?: string;
}

export interface Channel {
  ChannelArn?: string;
  Name?: string;
}

export interface ChannelARNInvalidException {
  Message?: string;
}

export interface ChannelAlreadyExistsException {
  Message?: string;
}

export interface ChannelExistsForEDSException {
  Message?: string;
}

export interface ChannelMaxLimitExceededException {
  Message?: string;
}

export interface ChannelNotFoundException {
  Message?: string;
}

export interface CloudTrailARNInvalidException {
  Message?: string;
}

export interface CloudTrailAccessNotEnabledException {
  Message?: string;
}

export interface CloudTrailInvalidClientTokenIdException {
  Message?: string;
}

export interface CloudTrailServiceException {}

export interface CloudWatchLogsDeliveryUnavailableException {
  Message?: string;
}

export interface ConcurrentModificationException {
  Message?: string;
}

export interface ConflictException {
  Message?: string;
}

export interface ContextKeySelector {
  Type: string;
  Equals: readonly string[];
}

export interface CreateChannelRequest {
  Name: string;
  Source: string;
  Destinations: readonly Destination[];
  Tags?: readonly Tag[];
}

export interface CreateChannelResponse {
  ChannelArn?: string;
  Name?: string;
  Source?: string;
  Destinations?: readonly Destination[];
  Tags?: readonly Tag[];
}

export interface CreateDashboardRequest {
  Name: string;
  RefreshSchedule?: RefreshSchedule;
  TagsList?: readonly Tag[];
  TerminationProtectionEnabled?: boolean;
  Widgets?: readonly RequestWidget[];
}

export interface CreateDashboardResponse {
  DashboardArn?: string;
  Name?: string;
  Type?: string;
  Widgets?: readonly Widget[];
  TagsList?: readonly Tag[];
  RefreshSchedule?: RefreshSchedule;
  TerminationProtectionEnabled?: boolean;
}

export interface CreateEventDataStoreRequest {
  Name: string;
  AdvancedEventSelectors?: readonly AdvancedEventSelector[];
  MultiRegionEnabled?: boolean;
  OrganizationEnabled?: boolean;
  RetentionPeriod?: number;
  TerminationProtectionEnabled?: boolean;
  TagsList?: readonly Tag[];
  KmsKeyId?: string;
  StartIngestion?: boolean;
  BillingMode?: string;
}

export interface CreateEventDataStoreResponse {
  EventDataStoreArn?: string;
  Name?: string;
  Status?: string;
  AdvancedEventSelectors?: readonly AdvancedEventSelector[];
  MultiRegionEnabled?: boolean;
  OrganizationEnabled?: boolean;
  RetentionPeriod?: number;
  TerminationProtectionEnabled?: boolean;
  TagsList?: readonly Tag[];
  CreatedTimestamp?: number;
  UpdatedTimestamp?: number;
  KmsKeyId?: string;
  BillingMode?: string;
}

export interface CreateTrailRequest {
  Name: string;
  S3BucketName: string;
  S3KeyPrefix?: string;
  SnsTopicName?: string;
  IncludeGlobalServiceEvents?: boolean;
  IsMultiRegionTrail?: boolean;
  EnableLogFileValidation?: boolean;
  CloudWatchLogsLogGroupArn?: string;
  CloudWatchLogsRoleArn?: string;
  KmsKeyId?: string;
  IsOrganizationTrail?: boolean;
  TagsList?: readonly Tag[];
  RecursiveLogging?: boolean;
}

export interface CreateTrailResponse {
  Name?: string;
  S3BucketName?: string;
  S3KeyPrefix?: string;
  SnsTopicName?: string;
  SnsTopicARN?: string;
  IncludeGlobalServiceEvents?: boolean;
  IsMultiRegionTrail?: boolean;
  TrailARN?: string;
  LogFileValidationEnabled?: boolean;
  CloudWatchLogsLogGroupArn?: string;
  CloudWatchLogsRoleArn?: string;
  KmsKeyId?: string;
  IsOrganizationTrail?: boolean;
  RecursiveLogging?: boolean;
}

export interface DashboardDetail {
  DashboardArn?: string;
  Type?: string;
}

export interface DataResource {
  Type?: string;
  Values?: readonly string[];
}

export interface DelegatedAdminAccountLimitExceededException {
  Message?: string;
}

export interface DeleteChannelRequest {
  Channel: string;
}

export interface DeleteChannelResponse {}

export interface DeleteDashboardRequest {
  DashboardId: string;
}

export interface DeleteDashboardResponse {}

export interface DeleteEventDataStoreRequest {
  EventDataStore: string;
}

export interface DeleteEventDataStoreResponse {}

export interface DeleteResourcePolicyRequest {
  ResourceArn: string;
}

export interface DeleteResourcePolicyResponse {}

export interface DeleteTrailRequest {
  Name: string;
}

export interface DeleteTrailResponse {}

export interface DeregisterOrganizationDelegatedAdminRequest {
  DelegatedAdminAccountId: string;
}

export interface DeregisterOrganizationDelegatedAdminResponse {}

export interface DescribeQueryRequest {
  EventDataStore?: string;
  QueryId?: string;
  QueryAlias?: string;
  RefreshId?: string;
  EventDataStoreOwnerAccountId?: string;
}

export interface DescribeQueryResponse {
  QueryId?: string;
  QueryString?: string;
  QueryStatus?: string;
  QueryStatistics?: QueryStatisticsForDescribeQuery;
  ErrorMessage?: string;
  DeliveryS3Uri?: string;
  DeliveryStatus?: string;
  Prompt?: string;
  EventDataStoreOwnerAccountId?: string;
}

export interface DescribeTrailsRequest {
  trailNameList?: readonly string[];
  includeShadowTrails?: boolean;
}

export interface DescribeTrailsResponse {
  trailList?: readonly Trail[];
}

export interface Destination {
  Type: string;
  Location: string;
}

export interface DisableFederationRequest {
  EventDataStore: string;
}

export interface DisableFederationResponse {
  EventDataStoreArn?: string;
  FederationStatus?: string;
}

export interface EnableFederationRequest {
  EventDataStore: string;
  FederationRoleArn: string;
}

export interface EnableFederationResponse {
  EventDataStoreArn?: string;
  FederationStatus?: string;
  FederationRoleArn?: string;
}

export interface Event {
  EventId?: string;
  EventName?: string;
  ReadOnly?: string;
  AccessKeyId?: string;
  EventTime?: number;
  EventSource?: string;
  Username?: string;
  Resources?: readonly Resource[];
  CloudTrailEvent?: string;
}

export interface EventDataStore {
  EventDataStoreArn?: string;
  Name?: string;
  TerminationProtectionEnabled?: boolean;
  Status?: string;
  AdvancedEventSelectors?: readonly AdvancedEventSelector[];
  MultiRegionEnabled?: boolean;
  OrganizationEnabled?: boolean;
  RetentionPeriod?: number;
  CreatedTimestamp?: number;
  UpdatedTimestamp?: number;
}

export interface EventDataStoreARNInvalidException {
  Message?: string;
}

export interface EventDataStoreAlreadyExistsException {
  Message?: string;
}

export interface EventDataStoreFederationEnabledException {
  Message?: string;
}

export interface EventDataStoreHasOngoingImportException {
  Message?: string;
}

export interface EventDataStoreMaxLimitExceededException {
  Message?: string;
}

export interface EventDataStoreNotFoundException {
  Message?: string;
}

export interface EventDataStoreTerminationProtectedException {
  Message?: string;
}

export interface EventSelector {
  ReadWriteType?: string;
  IncludeManagementEvents?: boolean;
  DataResources?: readonly DataResource[];
  ExcludeManagementEventSources?: readonly string[];
}

export interface GenerateQueryRequest {
  EventDataStores: readonly string[];
  Prompt: string;
}

export interface GenerateQueryResponse {
  QueryStatement?: string;
  QueryAlias?: string;
  EventDataStoreOwnerAccountId?: string;
}

export interface GenerateResponseException {
  Message?: string;
}

export interface GetChannelRequest {
  Channel: string;
}

export interface GetChannelResponse {
  ChannelArn?: string;
  Name?: string;
  Source?: string;
  SourceConfig?: SourceConfig;
  Destinations?: readonly Destination[];
  IngestionStatus?: IngestionStatus;
}

export interface GetDashboardRequest {
  DashboardId: string;
}

export interface GetDashboardResponse {
  DashboardArn?: string;
  Type?: string;
  Status?: string;
  Widgets?: readonly Widget[];
  RefreshSchedule?: RefreshSchedule;
  CreatedTimestamp?: number;
  UpdatedTimestamp?: number;
  LastRefreshId?: string;
  LastRefreshFailureReason?: string;
  TerminationProtectionEnabled?: boolean;
}

export interface GetEventConfigurationRequest {
  TrailName?: string;
  EventDataStore?: string;
}

export interface GetEventConfigurationResponse {
  TrailARN?: string;
  EventDataStoreArn?: string;
  MaxEventSize?: string;
  ContextKeySelectors?: readonly ContextKeySelector[];
  AggregationConfigurations?: readonly AggregationConfiguration[];
}

export interface GetEventDataStoreRequest {
  EventDataStore: string;
}

export interface GetEventDataStoreResponse {
  EventDataStoreArn?: string;
  Name?: string;
  Status?: string;
  AdvancedEventSelectors?: readonly AdvancedEventSelector[];
  MultiRegionEnabled?: boolean;
  OrganizationEnabled?: boolean;
  RetentionPeriod?: number;
  TerminationProtectionEnabled?: boolean;
  CreatedTimestamp?: number;
  UpdatedTimestamp?: number;
  KmsKeyId?: string;
  BillingMode?: string;
  FederationStatus?: string;
  FederationRoleArn?: string;
  PartitionKeys?: readonly PartitionKey[];
}

export interface GetEventSelectorsRequest {
  TrailName: string;
}

export interface GetEventSelectorsResponse {
  TrailARN?: string;
  EventSelectors?: readonly EventSelector[];
  AdvancedEventSelectors?: readonly AdvancedEventSelector[];
}

export interface GetImportRequest {
  ImportId: string;
}

export interface GetImportResponse {
  ImportId?: string;
  Destinations?: readonly string[];
  ImportSource?: ImportSource;
  StartEventTime?: number;
  EndEventTime?: number;
  ImportStatus?: string;
  CreatedTimestamp?: number;
  UpdatedTimestamp?: number;
  ImportStatistics?: ImportStatistics;
}

export interface GetInsightSelectorsRequest {
  TrailName?: string;
  EventDataStore?: string;
}

export interface GetInsightSelectorsResponse {
  TrailARN?: string;
  InsightSelectors?: readonly InsightSelector[];
  EventDataStoreArn?: string;
  InsightsDestination?: string;
}

export interface GetQueryResultsRequest {
  QueryId: string;
  EventDataStore?: string;
  NextToken?: string;
  MaxQueryResults?: number;
  EventDataStoreOwnerAccountId?: string;
}

export interface GetQueryResultsResponse {
  QueryStatus?: string;
  QueryStatistics?: QueryStatistics;
  QueryResultRows?: readonly (readonly ({ readonly [key: string]: string })[])[];
  NextToken?: string;
  ErrorMessage?: string;
}

export interface GetResourcePolicyRequest {
  ResourceArn: string;
}

export interface GetResourcePolicyResponse {
  ResourceArn?: string;
  ResourcePolicy?: string;
  DelegatedAdminResourcePolicy?: string;
}

export interface GetTrailRequest {
  Name: string;
}

export interface GetTrailResponse {
  Trail?: Trail;
}

export interface GetTrailStatusRequest {
  Name: string;
}

export interface GetTrailStatusResponse {
  IsLogging?: boolean;
  LatestDeliveryError?: string;
  LatestNotificationError?: string;
  LatestDeliveryTime?: number;
  LatestNotificationTime?: number;
  StartLoggingTime?: number;
  StopLoggingTime?: number;
  LatestCloudWatchLogsDeliveryError?: string;
  LatestCloudWatchLogsDeliveryTime?: number;
  LatestDigestDeliveryTime?: number;
  LatestDigestDeliveryError?: string;
  LatestDeliveryAttemptTime?: string;
  LatestNotificationAttemptTime?: string;
  LatestNotificationAttemptSucceeded?: string;
  LatestDeliveryAttemptSucceeded?: string;
  TimeLoggingStarted?: string;
  TimeLoggingStopped?: string;
}

export interface ImportFailureListItem {
  Location?: string;
  Status?: string;
  ErrorType?: string;
  ErrorMessage?: string;
  LastUpdatedTime?: number;
}

export interface ImportNotFoundException {
  Message?: string;
}

export interface ImportSource {
  S3: S3ImportSource;
}

export interface ImportStatistics {
  PrefixesFound?: number;
  PrefixesCompleted?: number;
  FilesCompleted?: number;
  EventsCompleted?: number;
  FailedEntries?: number;
}

export interface ImportsListItem {
  ImportId?: string;
  ImportStatus?: string;
  Destinations?: readonly string[];
  CreatedTimestamp?: number;
  UpdatedTimestamp?: number;
}

export interface InactiveEventDataStoreException {
  Message?: string;
}

export interface InactiveQueryException {
  Message?: string;
}

export interface IngestionStatus {
  LatestIngestionSuccessTime?: number;
  LatestIngestionSuccessEventID?: string;
  LatestIngestionErrorCode?: string;
  LatestIngestionAttemptTime?: number;
  LatestIngestionAttemptEventID?: string;
}

export interface InsightNotEnabledException {
  Message?: string;
}

export interface InsightSelector {
  InsightType?: string;
  EventCategories?: readonly string[];
}

export interface InsufficientDependencyServiceAccessPermissionException {
  Message?: string;
}

export interface InsufficientEncryptionPolicyException {
  Message?: string;
}

export interface InsufficientIAMAccessPermissionException {
  Message?: string;
}

export interface InsufficientS3BucketPolicyException {
  Message?: string;
}

export interface InsufficientSnsTopicPolicyException {
  Message?: string;
}

export interface InvalidCloudWatchLogsLogGroupArnException {
  Message?: string;
}

export interface InvalidCloudWatchLogsRoleArnException {
  Message?: string;
}

export interface InvalidDateRangeException {
  Message?: string;
}

export interface InvalidEventCategoryException {
  Message?: string;
}

export interface InvalidEventDataStoreCategoryException {
  Message?: string;
}

export interface InvalidEventDataStoreStatusException {
  Message?: string;
}

export interface InvalidEventSelectorsException {
  Message?: string;
}

export interface InvalidHomeRegionException {
  Message?: string;
}

export interface InvalidImportSourceException {
  Message?: string;
}

export interface InvalidInsightSelectorsException {
  Message?: string;
}

export interface InvalidKmsKeyIdException {
  Message?: string;
}

export interface InvalidLookupAttributesException {
  Message?: string;
}

export interface InvalidMaxResultsException {
  Message?: string;
}

export interface InvalidNextTokenException {
  Message?: string;
}

export interface InvalidParameterCombinationException {
  Message?: string;
}

export interface InvalidParameterException {
  Message?: string;
}

export interface InvalidQueryStatementException {
  Message?: string;
}

export interface InvalidQueryStatusException {
  Message?: string;
}

export interface InvalidS3BucketNameException {
  Message?: string;
}

export interface InvalidS3PrefixException {
  Message?: string;
}

export interface InvalidSnsTopicNameException {
  Message?: string;
}

export interface InvalidSourceException {
  Message?: string;
}

export interface InvalidTagParameterException {
  Message?: string;
}

export interface InvalidTimeRangeException {
  Message?: string;
}

export interface InvalidTokenException {
  Message?: string;
}

export interface InvalidTrailNameException {
  Message?: string;
}

export interface KmsException {
  Message?: string;
}

export interface KmsKeyDisabledException {
  Message?: string;
}

export interface KmsKeyNotFoundException {
  Message?: string;
}

export interface ListChannelsRequest {
  MaxResults?: number;
  NextToken?: string;
}

export interface ListChannelsResponse {
  Channels?: readonly Channel[];
  NextToken?: string;
}

export interface ListDashboardsRequest {
  NamePrefix?: string;
  Type?: string;
  NextToken?: string;
  MaxResults?: number;
}

export interface ListDashboardsResponse {
  Dashboards?: readonly DashboardDetail[];
  NextToken?: string;
}

export interface ListEventDataStoresRequest {
  NextToken?: string;
  MaxResults?: number;
}

export interface ListEventDataStoresResponse {
  EventDataStores?: readonly EventDataStore[];
  NextToken?: string;
}

export interface ListImportFailuresRequest {
  ImportId: string;
  MaxResults?: number;
  NextToken?: string;
}

export interface ListImportFailuresResponse {
  Failures?: readonly ImportFailureListItem[];
  NextToken?: string;
}

export interface ListImportsRequest {
  MaxResults?: number;
  Destination?: string;
  ImportStatus?: string;
  NextToken?: string;
}

export interface ListImportsResponse {
  Imports?: readonly ImportsListItem[];
  NextToken?: string;
}

export interface ListInsightsDataRequest {
  InsightSource: string;
  DataType: string;
  Dimensions?: { readonly [key: string]: string };
  StartTime?: number;
  EndTime?: number;
  MaxResults?: number;
  NextToken?: string;
}

export interface ListInsightsDataResponse {
  Events?: readonly Event[];
  NextToken?: string;
}

export interface ListInsightsMetricDataRequest {
  EventSource: string;
  EventName: string;
  InsightType: string;
  TrailName?: string;
  ErrorCode?: string;
  StartTime?: number;
  EndTime?: number;
  Period?: number;
  DataType?: string;
  MaxResults?: number;
  NextToken?: string;
}

export interface ListInsightsMetricDataResponse {
  TrailARN?: string;
  EventSource?: string;
  EventName?: string;
  InsightType?: string;
  ErrorCode?: string;
  Timestamps?: readonly number[];
  Values?: readonly number[];
  NextToken?: string;
}

export interface ListPublicKeysRequest {
  StartTime?: number;
  EndTime?: number;
  NextToken?: string;
}

export interface ListPublicKeysResponse {
  PublicKeyList?: readonly PublicKey[];
  NextToken?: string;
}

export interface ListQueriesRequest {
  EventDataStore: string;
  NextToken?: string;
  MaxResults?: number;
  StartTime?: number;
  EndTime?: number;
  QueryStatus?: string;
}

export interface ListQueriesResponse {
  Queries?: readonly Query[];
  NextToken?: string;
}

export interface ListTagsRequest {
  ResourceIdList: readonly string[];
  NextToken?: string;
}

export interface ListTagsResponse {
  ResourceTagList?: readonly ResourceTag[];
  NextToken?: string;
}

export interface ListTrailsRequest {
  NextToken?: string;
}

export interface ListTrailsResponse {
  Trails?: readonly TrailInfo[];
  NextToken?: string;
}

export interface LookupAttribute {
  AttributeKey: string;
  AttributeValue: string;
}

export interface LookupEventsRequest {
  LookupAttributes?: readonly LookupAttribute[];
  StartTime?: number;
  EndTime?: number;
  EventCategory?: string;
  MaxResults?: number;
  NextToken?: string;
}

export interface LookupEventsResponse {
  Events?: readonly Event[];
  NextToken?: string;
}

export interface MaxConcurrentQueriesException {
  Message?: string;
}

export interface MaximumNumberOfTrailsExceededException {
  Message?: string;
}

export interface NoManagementAccountSLRExistsException {
  Message?: string;
}

export interface NotOrganizationManagementAccountException {
  Message?: string;
}

export interface NotOrganizationMasterAccountException {
  Message?: string;
}

export interface OperationNotPermittedException {
  Message?: string;
}

export interface OrganizationNotInAllFeaturesModeException {
  Message?: string;
}

export interface OrganizationsNotInUseException {
  Message?: string;
}

export interface PartitionKey {
  Name: string;
  Type: string;
}

export interface PublicKey {
  Value?: Uint8Array;
  ValidityStartTime?: number;
  ValidityEndTime?: number;
  Fingerprint?: string;
}

export interface PutEventConfigurationRequest {
  TrailName?: string;
  EventDataStore?: string;
  MaxEventSize?: string;
  ContextKeySelectors?: readonly ContextKeySelector[];
  AggregationConfigurations?: readonly AggregationConfiguration[];
}

export interface PutEventConfigurationResponse {
  TrailARN?: string;
  EventDataStoreArn?: string;
  MaxEventSize?: string;
  ContextKeySelectors?: readonly ContextKeySelector[];
  AggregationConfigurations?: readonly AggregationConfiguration[];
}

export interface PutEventSelectorsRequest {
  TrailName: string;
  EventSelectors?: readonly EventSelector[];
  AdvancedEventSelectors?: readonly AdvancedEventSelector[];
}

export interface PutEventSelectorsResponse {
  TrailARN?: string;
  EventSelectors?: readonly EventSelector[];
  AdvancedEventSelectors?: readonly AdvancedEventSelector[];
}

export interface PutInsightSelectorsRequest {
  InsightSelectors: readonly InsightSelector[];
  TrailName?: string;
  EventDataStore?: string;
  InsightsDestination?: string;
}

export interface PutInsightSelectorsResponse {
  TrailARN?: string;
  InsightSelectors?: readonly InsightSelector[];
  EventDataStoreArn?: string;
  InsightsDestination?: string;
}

export interface PutResourcePolicyRequest {
  ResourceArn: string;
  ResourcePolicy: string;
}

export interface PutResourcePolicyResponse {
  ResourceArn?: string;
  ResourcePolicy?: string;
  DelegatedAdminResourcePolicy?: string;
}

export interface Query {
  QueryId?: string;
  QueryStatus?: string;
  CreationTime?: number;
}

export interface QueryIdNotFoundException {
  Message?: string;
}

export interface QueryStatistics {
  ResultsCount?: number;
  TotalResultsCount?: number;
  BytesScanned?: number;
}

export interface QueryStatisticsForDescribeQuery {
  EventsMatched?: number;
  EventsScanned?: number;
  BytesScanned?: number;
  ExecutionTimeInMillis?: number;
  CreationTime?: number;
}

export interface RefreshSchedule {
  Frequency?: RefreshScheduleFrequency;
  Status?: string;
  TimeOfDay?: string;
}

export interface RefreshScheduleFrequency {
  Unit?: string;
  Value?: number;
}

export interface RegisterOrganizationDelegatedAdminRequest {
  MemberAccountId: string;
}

export interface RegisterOrganizationDelegatedAdminResponse {}

export interface RemoveTagsRequest {
  ResourceId: string;
  TagsList: readonly Tag[];
}

export interface RemoveTagsResponse {}

export interface RequestWidget {
  QueryStatement: string;
  ViewProperties: { readonly [key: string]: string };
  QueryParameters?: readonly string[];
}

export interface Resource {
  ResourceType?: string;
  ResourceName?: string;
}

export interface ResourceARNNotValidException {
  Message?: string;
}

export interface ResourceNotFoundException {
  Message?: string;
}

export interface ResourcePolicyNotFoundException {
  Message?: string;
}

export interface ResourcePolicyNotValidException {
  Message?: string;
}

export interface ResourceTag {
  ResourceId?: string;
  TagsList?: readonly Tag[];
}

export interface ResourceTypeNotSupportedException {
  Message?: string;
}

export interface RestoreEventDataStoreRequest {
  EventDataStore: string;
}

export interface RestoreEventDataStoreResponse {
  EventDataStoreArn?: string;
  Name?: string;
  Status?: string;
  AdvancedEventSelectors?: readonly AdvancedEventSelector[];
  MultiRegionEnabled?: boolean;
  OrganizationEnabled?: boolean;
  RetentionPeriod?: number;
  TerminationProtectionEnabled?: boolean;
  CreatedTimestamp?: number;
  UpdatedTimestamp?: number;
  KmsKeyId?: string;
  BillingMode?: string;
}

export interface S3BucketDoesNotExistException {
  Message?: string;
}

export interface S3ImportSource {
  S3LocationUri: string;
  S3BucketRegion: string;
  S3BucketAccessRoleArn: string;
}

export interface SearchSampleQueriesRequest {
  SearchPhrase: string;
  MaxResults?: number;
  NextToken?: string;
}

export interface SearchSampleQueriesResponse {
  SearchResults?: readonly SearchSampleQueriesSearchResult[];
  NextToken?: string;
}

export interface SearchSampleQueriesSearchResult {
  Name?: string;
  Description?: string;
  SQL?: string;
  Relevance?: number;
}

export interface ServiceQuotaExceededException {
  Message?: string;
}

export interface SourceConfig {
  ApplyToAllRegions?: boolean;
  AdvancedEventSelectors?: readonly AdvancedEventSelector[];
}

export interface StartDashboardRefreshRequest {
  DashboardId: string;
  QueryParameterValues?: { readonly [key: string]: string };
}

export interface StartDashboardRefreshResponse {
  RefreshId?: string;
}

export interface StartEventDataStoreIngestionRequest {
  EventDataStore: string;
}

export interface StartEventDataStoreIngestionResponse {}

export interface StartImportRequest {
  Destinations?: readonly string[];
  ImportSource?: ImportSource;
  StartEventTime?: number;
  EndEventTime?: number;
  ImportId?: string;
}

export interface StartImportResponse {
  ImportId?: string;
  Destinations?: readonly string[];
  ImportSource?: ImportSource;
  StartEventTime?: number;
  EndEventTime?: number;
  ImportStatus?: string;
  CreatedTimestamp?: number;
  UpdatedTimestamp?: number;
}

export interface StartLoggingRequest {
  Name: string;
}

export interface StartLoggingResponse {}

export interface StartQueryRequest {
  QueryStatement?: string;
  DeliveryS3Uri?: string;
  QueryAlias?: string;
  QueryParameters?: readonly string[];
  EventDataStoreOwnerAccountId?: string;
}

export interface StartQueryResponse {
  QueryId?: string;
  EventDataStoreOwnerAccountId?: string;
}

export interface StopEventDataStoreIngestionRequest {
  EventDataStore: string;
}

export interface StopEventDataStoreIngestionResponse {}

export interface StopImportRequest {
  ImportId: string;
}

export interface StopImportResponse {
  ImportId?: string;
  ImportSource?: ImportSource;
  Destinations?: readonly string[];
  ImportStatus?: string;
  CreatedTimestamp?: number;
  UpdatedTimestamp?: number;
  StartEventTime?: number;
  EndEventTime?: number;
  ImportStatistics?: ImportStatistics;
}

export interface StopLoggingRequest {
  Name: string;
}

export interface StopLoggingResponse {}

export interface Tag {
  Key: string;
  Value?: string;
}

export interface TagsLimitExceededException {
  Message?: string;
}

export interface ThrottlingException {
  Message?: string;
}

export interface Trail {
  Name?: string;
  S3BucketName?: string;
  S3KeyPrefix?: string;
  SnsTopicName?: string;
  SnsTopicARN?: string;
  IncludeGlobalServiceEvents?: boolean;
  IsMultiRegionTrail?: boolean;
  HomeRegion?: string;
  TrailARN?: string;
  LogFileValidationEnabled?: boolean;
  CloudWatchLogsLogGroupArn?: string;
  CloudWatchLogsRoleArn?: string;
  KmsKeyId?: string;
  HasCustomEventSelectors?: boolean;
  HasInsightSelectors?: boolean;
  IsOrganizationTrail?: boolean;
  RecursiveLogging?: boolean;
}

export interface TrailAlreadyExistsException {
  Message?: string;
}

export interface TrailInfo {
  TrailARN?: string;
  Name?: string;
  HomeRegion?: string;
}

export interface TrailNotFoundException {
  Message?: string;
}

export interface TrailNotProvidedException {
  Message?: string;
}

export interface UnsupportedOperationException {
  Message?: string;
}

export interface UpdateChannelRequest {
  Channel: string;
  Destinations?: readonly Destination[];
  Name?: string;
}

export interface UpdateChannelResponse {
  ChannelArn?: string;
  Name?: string;
  Source?: string;
  Destinations?: readonly Destination[];
}

export interface UpdateDashboardRequest {
  DashboardId: string;
  Widgets?: readonly RequestWidget[];
  RefreshSchedule?: RefreshSchedule;
  TerminationProtectionEnabled?: boolean;
}

export interface UpdateDashboardResponse {
  DashboardArn?: string;
  Name?: string;
  Type?: string;
  Widgets?: readonly Widget[];
  RefreshSchedule?: RefreshSchedule;
  TerminationProtectionEnabled?: boolean;
  CreatedTimestamp?: number;
  UpdatedTimestamp?: number;
}

export interface UpdateEventDataStoreRequest {
  EventDataStore: string;
  Name?: string;
  AdvancedEventSelectors?: readonly AdvancedEventSelector[];
  MultiRegionEnabled?: boolean;
  OrganizationEnabled?: boolean;
  RetentionPeriod?: number;
  TerminationProtectionEnabled?: boolean;
  KmsKeyId?: string;
  BillingMode?: string;
}

export interface UpdateEventDataStoreResponse {
  EventDataStoreArn?: string;
  Name?: string;
  Status?: string;
  AdvancedEventSelectors?: readonly AdvancedEventSelector[];
  MultiRegionEnabled?: boolean;
  OrganizationEnabled?: boolean;
  RetentionPeriod?: number;
  TerminationProtectionEnabled?: boolean;
  CreatedTimestamp?: number;
  UpdatedTimestamp?: number;
  KmsKeyId?: string;
  BillingMode?: string;
  FederationStatus?: string;
  FederationRoleArn?: string;
}

export interface UpdateTrailRequest {
  Name: string;
  S3BucketName?: string;
  S3KeyPrefix?: string;
  SnsTopicName?: string;
  IncludeGlobalServiceEvents?: boolean;
  IsMultiRegionTrail?: boolean;
  EnableLogFileValidation?: boolean;
  CloudWatchLogsLogGroupArn?: string;
  CloudWatchLogsRoleArn?: string;
  KmsKeyId?: string;
  IsOrganizationTrail?: boolean;
  RecursiveLogging?: boolean;
}

export interface UpdateTrailResponse {
  Name?: string;
  S3BucketName?: string;
  S3KeyPrefix?: string;
  SnsTopicName?: string;
  SnsTopicARN?: string;
  IncludeGlobalServiceEvents?: boolean;
  IsMultiRegionTrail?: boolean;
  TrailARN?: string;
  LogFileValidationEnabled?: boolean;
  CloudWatchLogsLogGroupArn?: string;
  CloudWatchLogsRoleArn?: string;
  KmsKeyId?: string;
  IsOrganizationTrail?: boolean;
  RecursiveLogging?: boolean;
}

export interface Widget {
  QueryAlias?: string;
  QueryStatement?: string;
  QueryParameters?: readonly string[];
  ViewProperties?: { readonly [key: string]: string };
}

export interface CloudtrailOperations {
  AddTags: { input: AddTagsRequest; output: AddTagsResponse };
  CancelQuery: { input: CancelQueryRequest; output: CancelQueryResponse };
  CreateChannel: { input: CreateChannelRequest; output: CreateChannelResponse };
  CreateDashboard: { input: CreateDashboardRequest; output: CreateDashboardResponse };
  CreateEventDataStore: { input: CreateEventDataStoreRequest; output: CreateEventDataStoreResponse };
  CreateTrail: { input: CreateTrailRequest; output: CreateTrailResponse };
  DeleteChannel: { input: DeleteChannelRequest; output: DeleteChannelResponse };
  DeleteDashboard: { input: DeleteDashboardRequest; output: DeleteDashboardResponse };
  DeleteEventDataStore: { input: DeleteEventDataStoreRequest; output: DeleteEventDataStoreResponse };
  DeleteResourcePolicy: { input: DeleteResourcePolicyRequest; output: DeleteResourcePolicyResponse };
  DeleteTrail: { input: DeleteTrailRequest; output: DeleteTrailResponse };
  DeregisterOrganizationDelegatedAdmin: { input: DeregisterOrganizationDelegatedAdminRequest; output: DeregisterOrganizationDelegatedAdminResponse };
  DescribeQuery: { input: DescribeQueryRequest; output: DescribeQueryResponse };
  DescribeTrails: { input: DescribeTrailsRequest; output: DescribeTrailsResponse };
  DisableFederation: { input: DisableFederationRequest; output: DisableFederationResponse };
  EnableFederation: { input: EnableFederationRequest; output: EnableFederationResponse };
  GenerateQuery: { input: GenerateQueryRequest; output: GenerateQueryResponse };
  GetChannel: { input: GetChannelRequest; output: GetChannelResponse };
  GetDashboard: { input: GetDashboardRequest; output: GetDashboardResponse };
  GetEventConfiguration: { input: GetEventConfigurationRequest; output: GetEventConfigurationResponse };
  GetEventDataStore: { input: GetEventDataStoreRequest; output: GetEventDataStoreResponse };
  GetEventSelectors: { input: GetEventSelectorsRequest; output: GetEventSelectorsResponse };
  GetImport: { input: GetImportRequest; output: GetImportResponse };
  GetInsightSelectors: { input: GetInsightSelectorsRequest; output: GetInsightSelectorsResponse };
  GetQueryResults: { input: GetQueryResultsRequest; output: GetQueryResultsResponse };
  GetResourcePolicy: { input: GetResourcePolicyRequest; output: GetResourcePolicyResponse };
  GetTrail: { input: GetTrailRequest; output: GetTrailResponse };
  GetTrailStatus: { input: GetTrailStatusRequest; output: GetTrailStatusResponse };
  ListChannels: { input: ListChannelsRequest; output: ListChannelsResponse };
  ListDashboards: { input: ListDashboardsRequest; output: ListDashboardsResponse };
  ListEventDataStores: { input: ListEventDataStoresRequest; output: ListEventDataStoresResponse };
  ListImportFailures: { input: ListImportFailuresRequest; output: ListImportFailuresResponse };
  ListImports: { input: ListImportsRequest; output: ListImportsResponse };
  ListInsightsData: { input: ListInsightsDataRequest; output: ListInsightsDataResponse };
  ListInsightsMetricData: { input: ListInsightsMetricDataRequest; output: ListInsightsMetricDataResponse };
  ListPublicKeys: { input: ListPublicKeysRequest; output: ListPublicKeysResponse };
  ListQueries: { input: ListQueriesRequest; output: ListQueriesResponse };
  ListTags: { input: ListTagsRequest; output: ListTagsResponse };
  ListTrails: { input: ListTrailsRequest; output: ListTrailsResponse };
  LookupEvents: { input: LookupEventsRequest; output: LookupEventsResponse };
  PutEventConfiguration: { input: PutEventConfigurationRequest; output: PutEventConfigurationResponse };
  PutEventSelectors: { input: PutEventSelectorsRequest; output: PutEventSelectorsResponse };
  PutInsightSelectors: { input: PutInsightSelectorsRequest; output: PutInsightSelectorsResponse };
  PutResourcePolicy: { input: PutResourcePolicyRequest; output: PutResourcePolicyResponse };
  RegisterOrganizationDelegatedAdmin: { input: RegisterOrganizationDelegatedAdminRequest; output: RegisterOrganizationDelegatedAdminResponse };
  RemoveTags: { input: RemoveTagsRequest; output: RemoveTagsResponse };
  RestoreEventDataStore: { input: RestoreEventDataStoreRequest; output: RestoreEventDataStoreResponse };
  SearchSampleQueries: { input: SearchSampleQueriesRequest; output: SearchSampleQueriesResponse };
  StartDashboardRefresh: { input: StartDashboardRefreshRequest; output: StartDashboardRefreshResponse };
  StartEventDataStoreIngestion: { input: StartEventDataStoreIngestionRequest; output: StartEventDataStoreIngestionResponse };
  StartImport: { input: StartImportRequest; output: StartImportResponse };
  StartLogging: { input: StartLoggingRequest; output: StartLoggingResponse };
  StartQuery: { input: StartQueryRequest; output: StartQueryResponse };
  StopEventDataStoreIngestion: { input: StopEventDataStoreIngestionRequest; output: StopEventDataStoreIngestionResponse };
  StopImport: { input: StopImportRequest; output: StopImportResponse };
  StopLogging: { input: StopLoggingRequest; output: StopLoggingResponse };
  UpdateChannel: { input: UpdateChannelRequest; output: UpdateChannelResponse };
  UpdateDashboard: { input: UpdateDashboardRequest; output: UpdateDashboardResponse };
  UpdateEventDataStore: { input: UpdateEventDataStoreRequest; output: UpdateEventDataStoreResponse };
  UpdateTrail: { input: UpdateTrailRequest; output: UpdateTrailResponse };
}
