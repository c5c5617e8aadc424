// Written by `npm run generate`. Do not edit.

export interface AccessDeniedException {
  message?: string;
}

export interface AccountPolicy {
  policyName?: string;
  policyDocument?: string;
  lastUpdatedTime?: number;
  policyType?: string;
  scope?: string;
  selectionCriteria?: string;
  accountId?: string;
}

export interface AddKeyEntry {
  key: string;
  value: string;
  overwriteIfExists?: boolean;
}

export interface AddKeys {
  entries: readonly AddKeyEntry[];
}

export interface AggregateLogGroupSummary {
  logGroupCount?: number;
  groupingIdentifiers?: readonly GroupingIdentifier[];
}

export interface Anomaly {
  anomalyId: string;
  patternId: string;
  anomalyDetectorArn: string;
  patternString: string;
  firstSeen: number;
  lastSeen: number;
  description: string;
  active: boolean;
  state: string;
  histogram: { readonly [key: string]: number };
  logSamples: readonly LogEvent[];
  patternTokens: readonly PatternToken[];
  logGroupArnList: readonly string[];
  patternRegex?: string;
  priority?: string;
  suppressed?: boolean;
  suppressedDate?: number;
  suppressedUntil?: number;
  isPatternLevelSuppression?: boolean;
}

export interface AnomalyDetector {
  anomalyDetectorArn?: string;
  detectorName?: string;
  logGroupArnList?: readonly string[];
  evaluationFrequency?: string;
  filterPattern?: string;
  anomalyDetectorStatus?: string;
  kmsKeyId?: string;
  creationTimeStamp?: number;
  lastModifiedTimeStamp?: number;
  anomalyVisibilityTime?: number;
}

export interface AssociateKmsKeyRequest {
  kmsKeyId: string;
  logGroupName?: string;
  resourceIdentifier?: string;
}

export interface AssociateSourceToS3TableIntegrationRequest {
  integrationArn: string;
  dataSource: DataSource;
}

export interface AssociateSourceToS3TableIntegrationResponse {
  identifier?: string;
}

export interface CSV {
  quoteCharacter?: string;
  delimiter?: string;
  columns?: readonly string[];
  source?: string;
  destination?: string;
}

export interface CancelExportTaskRequest {
  taskId: string;
}

export interface CancelImportTaskRequest {
  importId: string;
}

export interface CancelImportTaskResponse {
  importId?: string;
  importStatistics?: ImportStatistics;
  importStatus?: string;
  creationTime?: number;
  lastUpdatedTime?: number;
}

export interface CloudWatchLogsServiceException {}

export interface ConfigurationTemplate {
  service?: string;
  logType?: string;
  resourceType?: string;
  deliveryDestinationType?: string;
  defaultDeliveryConfigValues?: ConfigurationTemplateDeliveryConfigValues;
  allowedFields?: readonly RecordField[];
  allowedOutputFormats?: readonly string[];
  allowedActionForAllowVendedLogsDeliveryForResource?: string;
  allowedFieldDelimiters?: readonly string[];
  allowedSuffixPathFields?: readonly string[];
  deliverySourceConfiguration?: readonly DeliverySourceConfigurationSchema[];
  s3TablesIntegration?: S3TablesIntegration;
}

export interface ConfigurationTemplateDeliveryConfigValues {
  recordFields?: readonly string[];
  fieldDelimiter?: string;
  s3DeliveryConfiguration?: S3DeliveryConfiguration;
}

export interface ConflictException {
  message?: string;
}

export interface CopyValue {
  entries: readonly CopyValueEntry[];
}

export interface CopyValueEntry {
  source: string;
  target: string;
  overwriteIfExists?: boolean;
}

export interface CreateDeliveryRequest {
  deliverySourceName: string;
  deliveryDestinationArn: string;
  recordFields?: readonly string[];
  fieldDelimiter?: string;
  s3DeliveryConfiguration?: S3DeliveryConfiguration;
  tags?: { readonly [key: string]: string };
}

export interface CreateDeliveryResponse {
  delivery?: Delivery;
}

export interface CreateExportTaskRequest {
  logGroupName: string;
  from: number;
  to: number;
  destination: string;
  taskName?: string;
  logStreamNamePrefix?: string;
  destinationPrefix?: string;
}

export interface CreateExportTaskResponse {
  taskId?: string;
}

export interface CreateImportTaskRequest {
  importSourceArn: string;
  importRoleArn: string;
  importFilter?: ImportFilter;
}

export interface CreateImportTaskResponse {
  importId?: string;
  importDestinationArn?: string;
  creationTime?: number;
}

export interface CreateLogAnomalyDetectorRequest {
  logGroupArnList: readonly string[];
  detectorName?: string;
  evaluationFrequency?: string;
  filterPattern?: string;
  kmsKeyId?: string;
  anomalyVisibilityTime?: number;
  tags?: { readonly [key: string]: string };
}

export interface CreateLogAnomalyDetectorResponse {
  anomalyDetectorArn?: string;
}

export interface CreateLogGroupRequest {
  logGroupName: string;
  kmsKeyId?: string;
  tags?: { readonly [key: string]: string };
  logGroupClass?: LogGroupClass;
  deletionProtectionEnabled?: boolean;
}

export interface CreateLogStreamRequest {
  logGroupName: string;
  logStreamName: string;
}

export interface CreateLookupTableRequest {
  lookupTableName: string;
  description?: string;
  tableBody?: string;
  queryId?: string;
  kmsKeyId?: string;
  tags?: { readonly [key: string]: string };
}

export interface CreateLookupTableResponse {
  lookupTableArn?: string;
  createdAt?: number;
}

export interface CreateScheduledQueryRequest {
  name: string;
  queryLanguage: string;
  queryString: string;
  scheduleExpression: string;
  executionRoleArn: string;
  description?: string;
  logGroupIdentifiers?: readonly string[];
  timezone?: string;
  startTimeOffset?: number;
  endTimeOffset?: number;
  destinationConfiguration?: DestinationConfiguration;
  scheduleStartTime?: number;
  scheduleEndTime?: number;
  state?: string;
  tags?: { readonly [key: string]: string };
}

export interface CreateScheduledQueryResponse {
  scheduledQueryArn?: string;
  state?: string;
}

export interface DataAlreadyAcceptedException {
  expectedSequenceToken?: string;
  message?: string;
}

export interface DataSource {
  name: string;
  type?: string;
}

export interface DataSourceFilter {
  name: string;
  type?: string;
}

export interface DateTimeConverter {
  source: string;
  target: string;
  matchPatterns: readonly string[];
  targetFormat?: string;
  sourceTimezone?: string;
  targetTimezone?: string;
  locale?: string;
}

export interface DeleteAccountPolicyRequest {
  policyName: string;
  policyType: string;
  dryRun?: boolean;
}

export interface DeleteAccountPolicyResponse {
  dryRunResult?: DryRunResult;
}

export interface DeleteDataProtectionPolicyRequest {
  logGroupIdentifier: string;
}

export interface DeleteDeliveryDestinationPolicyRequest {
  deliveryDestinationName: string;
}

export interface DeleteDeliveryDestinationRequest {
  name: string;
}

export interface DeleteDeliveryRequest {
  id: string;
}

export interface DeleteDeliverySourceRequest {
  name: string;
}

export interface DeleteDestinationRequest {
  destinationName: string;
}

export interface DeleteIndexPolicyRequest {
  logGroupIdentifier: string;
}

export interface DeleteIndexPolicyResponse {}

export interface DeleteIntegrationRequest {
  integrationName: string;
  force?: boolean;
}

export interface DeleteIntegrationResponse {}

export interface DeleteKeys {
  withKeys: readonly string[];
}

export interface DeleteLogAnomalyDetectorRequest {
  anomalyDetectorArn: string;
}

export interface DeleteLogGroupRequest {
  logGroupName: string;
}

export interface DeleteLogStreamRequest {
  logGroupName: string;
  logStreamName: string;
}

export interface DeleteLookupTableRequest {
  lookupTableArn: string;
}

export interface DeleteMetricFilterRequest {
  logGroupName: string;
  filterName: string;
}

export interface DeleteQueryDefinitionRequest {
  queryDefinitionId: string;
}

export interface DeleteQueryDefinitionResponse {
  success?: boolean;
}

export interface DeleteResourcePolicyRequest {
  policyName?: string;
  resourceArn?: string;
  expectedRevisionId?: string;
}

export interface DeleteRetentionPolicyRequest {
  logGroupName: string;
}

export interface DeleteScheduledQueryRequest {
  identifier: string;
}

export interface DeleteScheduledQueryResponse {}

export interface DeleteSubscriptionFilterRequest {
  logGroupName: string;
  filterName: string;
}

export interface DeleteSyslogConfigurationRequest {
  logGroupIdentifier: string;
  vpcEndpointId?: string;
}

export interface DeleteTransformerRequest {
  logGroupIdentifier: string;
}

export interface Delivery {
  id?: string;
  arn?: string;
  deliverySourceName?: string;
  deliveryDestinationArn?: string;
  deliveryDestinationType?: string;
  recordFields?: readonly string[];
  fieldDelimiter?: string;
  s3DeliveryConfiguration?: S3DeliveryConfiguration;
  tags?: { readonly [key: string]: string };
}

export interface DeliveryDestination {
  name?: string;
  arn?: string;
  deliveryDestinationType?: string;
  outputFormat?: string;
  deliveryDestinationConfiguration?: DeliveryDestinationConfiguration;
  roleArn?: string;
  tags?: { readonly [key: string]: string };
}

export interface DeliveryDestinationConfiguration {
  destinationResourceArn: string;
}

export interface DeliverySource {
  name?: string;
  arn?: string;
  resourceArns?: readonly string[];
  service?: string;
  logType?: string;
  tags?: { readonly [key: string]: string };
  deliverySourceConfiguration?: { readonly [key: string]: string };
  status?: string;
  statusReason?: string;
}

export interface DeliverySourceConfigurationSchema {
  keyName: string;
  valueType: string;
  defaultValue: string;
  supportedValues?: readonly string[];
  minValue?: number;
  maxValue?: number;
}

export interface DescribeAccountPoliciesRequest {
  policyType: string;
  policyName?: string;
  accountIdentifiers?: readonly string[];
  nextToken?: string;
}

export interface DescribeAccountPoliciesResponse {
  accountPolicies?: readonly AccountPolicy[];
  nextToken?: string;
}

export interface DescribeConfigurationTemplatesRequest {
  service?: string;
  logTypes?: readonly string[];
  resourceTypes?: readonly string[];
  deliveryDestinationTypes?: readonly string[];
  nextToken?: string;
  limit?: number;
}

export interface DescribeConfigurationTemplatesResponse {
  configurationTemplates?: readonly ConfigurationTemplate[];
  nextToken?: string;
}

export interface DescribeDeliveriesRequest {
  nextToken?: string;
  limit?: number;
  deliverySourceNames?: readonly string[];
}

export interface DescribeDeliveriesResponse {
  deliveries?: readonly Delivery[];
  nextToken?: string;
}

export interface DescribeDeliveryDestinationsRequest {
  nextToken?: string;
  limit?: number;
  names?: readonly string[];
}

export interface DescribeDeliveryDestinationsResponse {
  deliveryDestinations?: readonly DeliveryDestination[];
  nextToken?: string;
}

export interface DescribeDeliverySourcesRequest {
  nextToken?: string;
  limit?: number;
  resourceArns?: readonly string[];
}

export interface DescribeDeliverySourcesResponse {
  deliverySources?: readonly DeliverySource[];
  nextToken?: string;
}

export interface DescribeDestinationsRequest {
  DestinationNamePrefix?: string;
  nextToken?: string;
  limit?: number;
}

export interface DescribeDestinationsResponse {
  destinations?: readonly Destination[];
  nextToken?: string;
}

export interface DescribeExportTasksRequest {
  taskId?: string;
  statusCode?: string;
  nextToken?: string;
  limit?: number;
}

export interface DescribeExportTasksResponse {
  exportTasks?: readonly ExportTask[];
  nextToken?: string;
}

export interface DescribeFieldIndexesRequest {
  logGroupIdentifiers: readonly string[];
  indexCategories?: readonly string[];
  nextToken?: string;
}

export interface DescribeFieldIndexesResponse {
  fieldIndexes?: readonly FieldIndex[];
  nextToken?: string;
}

export interface DescribeImportTaskBatchesRequest {
  importId: string;
  batchImportStatus?: readonly string[];
  limit?: number;
  nextToken?: string;
}

export interface DescribeImportTaskBatchesResponse {
  importSourceArn?: string;
  importId?: string;
  importBatches?: readonly ImportBatch[];
  nextToken?: string;
}

export interface DescribeImportTasksRequest {
  importId?: string;
  importStatus?: string;
  importSourceArn?: string;
  limit?: number;
  nextToken?: string;
}

export interface DescribeImportTasksResponse {
  imports?: readonly Import[];
  nextToken?: string;
}

export interface DescribeIndexPoliciesRequest {
  logGroupIdentifiers: readonly string[];
  nextToken?: string;
}

export interface DescribeIndexPoliciesResponse {
  indexPolicies?: readonly IndexPolicy[];
  nextToken?: string;
}

export interface DescribeLogGroupsRequest {
  accountIdentifiers?: readonly string[];
  logGroupNamePrefix?: string;
  logGroupNamePattern?: string;
  nextToken?: string;
  limit?: number;
  includeLinkedAccounts?: boolean;
  logGroupClass?: LogGroupClass;
  logGroupIdentifiers?: readonly string[];
}

export interface DescribeLogGroupsResponse {
  logGroups?: readonly LogGroup[];
  nextToken?: string;
}

export interface DescribeLogStreamsRequest {
  logGroupName?: string;
  logGroupIdentifier?: string;
  logStreamNamePrefix?: string;
  orderBy?: OrderBy;
  descending?: boolean;
  nextToken?: string;
  limit?: number;
}

export interface DescribeLogStreamsResponse {
  logStreams?: readonly LogStream[];
  nextToken?: string;
}

export interface DescribeLookupTablesRequest {
  lookupTableNamePrefix?: string;
  maxResults?: number;
  nextToken?: string;
}

export interface DescribeLookupTablesResponse {
  lookupTables?: readonly LookupTable[];
  nextToken?: string;
}

export interface DescribeMetricFiltersRequest {
  logGroupName?: string;
  filterNamePrefix?: string;
  nextToken?: string;
  limit?: number;
  metricName?: string;
  metricNamespace?: string;
}

export interface DescribeMetricFiltersResponse {
  metricFilters?: readonly MetricFilter[];
  nextToken?: string;
}

export interface DescribeQueriesRequest {
  logGroupName?: string;
  status?: string;
  maxResults?: number;
  nextToken?: string;
  queryLanguage?: string;
}

export interface DescribeQueriesResponse {
  queries?: readonly QueryInfo[];
  nextToken?: string;
}

export interface DescribeQueryDefinitionsRequest {
  queryLanguage?: string;
  queryDefinitionNamePrefix?: string;
  maxResults?: number;
  nextToken?: string;
}

export interface DescribeQueryDefinitionsResponse {
  queryDefinitions?: readonly QueryDefinition[];
  nextToken?: string;
}

export interface DescribeResourcePoliciesRequest {
  nextToken?: string;
  limit?: number;
  resourceArn?: string;
  policyScope?: string;
}

export interface DescribeResourcePoliciesResponse {
  resourcePolicies?: readonly ResourcePolicy[];
  nextToken?: string;
}

export interface DescribeSubscriptionFiltersRequest {
  logGroupName: string;
  filterNamePrefix?: string;
  nextToken?: string;
  limit?: number;
}

export interface DescribeSubscriptionFiltersResponse {
  subscriptionFilters?: readonly SubscriptionFilter[];
  nextToken?: string;
}

export interface Destination {
  destinationName?: string;
  targetArn?: string;
  roleArn?: string;
  accessPolicy?: string;
  arn?: string;
  creationTime?: number;
}

export interface DestinationConfiguration {
  s3Configuration?: S3Configuration;
  lookupTableConfiguration?: LookupTableConfiguration;
}

export interface DisassociateKmsKeyRequest {
  logGroupName?: string;
  resourceIdentifier?: string;
}

export interface DisassociateSourceFromS3TableIntegrationRequest {
  identifier: string;
}

export interface DisassociateSourceFromS3TableIntegrationResponse {
  identifier?: string;
}

export interface DryRunResult {
  totalMatchedLogGroups?: number;
  increasedRetentionLogGroupCount?: number;
  decreasedRetentionLogGroupCount?: number;
  unchangedRetentionLogGroupCount?: number;
  failedAnalysisCount?: number;
  topLogGroupsImpacted?: readonly LogGroupImpact[];
}

export interface Entity {
  keyAttributes?: { readonly [key: string]: string };
  attributes?: { readonly [key: string]: string };
}

export interface ExportTask {
  taskId?: string;
  taskName?: string;
  logGroupName?: string;
  from?: number;
  to?: number;
  destination?: string;
  destinationPrefix?: string;
  status?: ExportTaskStatus;
  executionInfo?: ExportTaskExecutionInfo;
}

export interface ExportTaskExecutionInfo {
  creationTime?: number;
  completionTime?: number;
}

export interface ExportTaskStatus {
  code?: string;
  message?: string;
}

export interface FieldIndex {
  logGroupIdentifier?: string;
  fieldIndexName?: string;
  lastScanTime?: number;
  firstEventTime?: number;
  lastEventTime?: number;
  type?: string;
  indexCategory?: string;
}

export interface FieldsData {
  data?: Uint8Array;
}

export interface FilterLogEventsRequest {
  logGroupName?: string;
  logGroupIdentifier?: string;
  logStreamNames?: readonly string[];
  logStreamNamePrefix?: string;
  startTime?: number;
  endTime?: number;
  filterPattern?: string;
  nextToken?: string;
  limit?: number;
  startFromHead?: boolean;
  interleaved?: boolean;
  unmask?: boolean;
}

export interface FilterLogEventsResponse {
  events?: readonly FilteredLogEvent[];
  searchedLogStreams?: readonly SearchedLogStream[];
  nextToken?: string;
}

export interface FilteredLogEvent {
  logStreamName?: string;
  timestamp?: number;
  message?: string;
  ingestionTime?: number;
  eventId?: string;
}

export interface GetDataProtectionPolicyRequest {
  logGroupIdentifier: string;
}

export interface GetDataProtectionPolicyResponse {
  logGroupIdentifier?: string;
  policyDocument?: string;
  lastUpdatedTime?: number;
}

export interface GetDeliveryDestinationPolicyRequest {
  deliveryDestinationName: string;
}

export interface GetDeliveryDestinationPolicyResponse {
  policy?: Policy;
}

export interface GetDeliveryDestinationRequest {
  name: string;
}

export interface GetDeliveryDestinationResponse {
  deliveryDestination?: DeliveryDestination;
}

export interface GetDeliveryRequest {
  id: string;
}

export interface GetDeliveryResponse {
  delivery?: Delivery;
}

export interface GetDeliverySourceRequest {
  name: string;
}

export interface GetDeliverySourceResponse {
  deliverySource?: DeliverySource;
}

export interface GetIntegrationRequest {
  integrationName: string;
}

export interface GetIntegrationResponse {
  integrationName?: string;
  integrationType?: string;
  integrationStatus?: string;
  integrationDetails?: IntegrationDetails;
}

export interface GetLogAnomalyDetectorRequest {
  anomalyDetectorArn: string;
}

export interface GetLogAnomalyDetectorResponse {
  detectorName?: string;
  logGroupArnList?: readonly string[];
  evaluationFrequency?: string;
  filterPattern?: string;
  anomalyDetectorStatus?: string;
  kmsKeyId?: string;
  creationTimeStamp?: number;
  lastModifiedTimeStamp?: number;
  anomalyVisibilityTime?: number;
}

export interface GetLogEventsRequest {
  logStreamName: string;
  logGroupName?: string;
  logGroupIdentifier?: string;
  startTime?: number;
  endTime?: number;
  nextToken?: string;
  limit?: number;
  startFromHead?: boolean;
  unmask?: boolean;
}

export interface GetLogEventsResponse {
  events?: readonly OutputLogEvent[];
  nextForwardToken?: string;
  nextBackwardToken?: string;
}

export interface GetLogFieldsRequest {
  dataSourceName: string;
  dataSourceType: string;
}

export interface GetLogFieldsResponse {
  logFields?: readonly LogFieldsListItem[];
}

export interface GetLogGroupFieldsRequest {
  logGroupName?: string;
  time?: number;
  logGroupIdentifier?: string;
}

export interface GetLogGroupFieldsResponse {
  logGroupFields?: readonly LogGroupField[];
}

export interface GetLogObjectRequest {
  logObjectPointer: string;
  unmask?: boolean;
}

export interface GetLogObjectResponse {
  fieldStream?: GetLogObjectResponseStream;
}

export interface GetLogObjectResponseStream {
  fields?: FieldsData;
  InternalStreamingException?: InternalStreamingException;
}

export interface GetLogRecordRequest {
  logRecordPointer: string;
  unmask?: boolean;
}

export interface GetLogRecordResponse {
  logRecord?: { readonly [key: string]: string };
}

export interface GetLookupTableRequest {
  lookupTableArn: string;
}

export interface GetLookupTableResponse {
  lookupTableArn?: string;
  lookupTableName?: string;
  description?: string;
  tableBody?: string;
  sizeBytes?: number;
  lastUpdatedTime?: number;
  kmsKeyId?: string;
}

export interface GetQueryResultsRequest {
  queryId: string;
  nextToken?: string;
  maxItems?: number;
}

export interface GetQueryResultsResponse {
  queryLanguage?: string;
  results?: readonly (readonly ResultField[])[];
  statistics?: QueryStatistics;
  status?: string;
  encryptionKey?: string;
  nextToken?: string;
}

export interface GetScheduledQueryHistoryRequest {
  identifier: string;
  startTime: number;
  endTime: number;
  executionStatuses?: readonly string[];
  maxResults?: number;
  nextToken?: string;
}

export interface GetScheduledQueryHistoryResponse {
  name?: string;
  scheduledQueryArn?: string;
  triggerHistory?: readonly TriggerHistoryRecord[];
  nextToken?: string;
}

export interface GetScheduledQueryRequest {
  identifier: string;
}

export interface GetScheduledQueryResponse {
  scheduledQueryArn?: string;
  name?: string;
  description?: string;
  queryLanguage?: string;
  queryString?: string;
  logGroupIdentifiers?: readonly string[];
  scheduleExpression?: string;
  timezone?: string;
  startTimeOffset?: number;
  endTimeOffset?: number;
  destinationConfiguration?: DestinationConfiguration;
  state?: string;
  scheduleType?: string;
  lastTriggeredTime?: number;
  lastExecutionStatus?: string;
  scheduleStartTime?: number;
  scheduleEndTime?: number;
  executionRoleArn?: string;
  creationTime?: number;
  lastUpdatedTime?: number;
}

export interface GetStorageTierPolicyRequest {}

export interface GetStorageTierPolicyResponse {
  storageTier?: string;
  lastUpdatedTime?: number;
}

export interface GetTransformerRequest {
  logGroupIdentifier: string;
}

export interface GetTransformerResponse {
  logGroupIdentifier?: string;
  creationTime?: number;
  lastModifiedTime?: number;
  transformerConfig?: readonly Processor[];
}

export interface Grok {
  match: string;
  source?: string;
}

export interface GroupingIdentifier {
  key?: string;
  value?: string;
}

export interface Import {
  importId?: string;
  importSourceArn?: string;
  importStatus?: string;
  importDestinationArn?: string;
  importStatistics?: ImportStatistics;
  importFilter?: ImportFilter;
  creationTime?: number;
  lastUpdatedTime?: number;
  errorMessage?: string;
}

export interface ImportBatch {
  batchId: string;
  status: string;
  errorMessage?: string;
}

export interface ImportFilter {
  startEventTime?: number;
  endEventTime?: number;
}

export interface ImportStatistics {
  bytesImported?: number;
}

export interface IndexPolicy {
  logGroupIdentifier?: string;
  lastUpdateTime?: number;
  policyDocument?: string;
  policyName?: string;
  source?: string;
}

export interface InputLogEvent {
  timestamp: number;
  message: string;
}

export interface IntegrationDetails {
  openSearchIntegrationDetails?: OpenSearchIntegrationDetails;
}

export interface IntegrationSummary {
  integrationName?: string;
  integrationType?: string;
  integrationStatus?: string;
}

export interface InternalServerException {
  message?: string;
}

export interface InternalStreamingException {
  message?: string;
}

export interface InvalidOperationException {
  message?: string;
}

export interface InvalidParameterException {
  message?: string;
}

export interface InvalidSequenceTokenException {
  expectedSequenceToken?: string;
  message?: string;
}

export interface LimitExceededException {
  message?: string;
}

export interface ListAggregateLogGroupSummariesRequest {
  groupBy: string;
  accountIdentifiers?: readonly string[];
  includeLinkedAccounts?: boolean;
  logGroupClass?: string;
  logGroupNamePattern?: string;
  dataSources?: readonly DataSourceFilter[];
  nextToken?: string;
  limit?: number;
}

export interface ListAggregateLogGroupSummariesResponse {
  aggregateLogGroupSummaries?: readonly AggregateLogGroupSummary[];
  nextToken?: string;
}

export interface ListAnomaliesRequest {
  anomalyDetectorArn?: string;
  suppressionState?: string;
  limit?: number;
  nextToken?: string;
}

export interface ListAnomaliesResponse {
  anomalies?: readonly Anomaly[];
  nextToken?: string;
}

export interface ListIntegrationsRequest {
  integrationNamePrefix?: string;
  integrationType?: string;
  integrationStatus?: string;
}

export interface ListIntegrationsResponse {
  integrationSummaries?: readonly IntegrationSummary[];
}

export interface ListLogAnomalyDetectorsRequest {
  filterLogGroupArn?: string;
  limit?: number;
  nextToken?: string;
}

export interface ListLogAnomalyDetectorsResponse {
  anomalyDetectors?: readonly AnomalyDetector[];
  nextToken?: string;
}

export interface ListLogGroupsForQueryRequest {
  queryId: string;
  nextToken?: string;
  maxResults?: number;
}

export interface ListLogGroupsForQueryResponse {
  logGroupIdentifiers?: readonly string[];
  nextToken?: string;
}

export interface ListLogGroupsRequest {
  logGroupNamePattern?: string;
  logGroupClass?: string;
  includeLinkedAccounts?: boolean;
  accountIdentifiers?: readonly string[];
  nextToken?: string;
  limit?: number;
  dataSources?: readonly DataSourceFilter[];
  fieldIndexNames?: readonly string[];
  logGroupTags?: readonly TagFilter[];
}

export interface ListLogGroupsResponse {
  logGroups?: readonly LogGroupSummary[];
  nextToken?: string;
}

export interface ListScheduledQueriesRequest {
  maxResults?: number;
  nextToken?: string;
  state?: string;
  scheduleType?: string;
}

export interface ListScheduledQueriesResponse {
  nextToken?: string;
  scheduledQueries?: readonly ScheduledQuerySummary[];
}

export interface ListSourcesForS3TableIntegrationRequest {
  integrationArn: string;
  maxResults?: number;
  nextToken?: string;
}

export interface ListSourcesForS3TableIntegrationResponse {
  sources?: readonly S3TableIntegrationSource[];
  nextToken?: string;
}

export interface ListSyslogConfigurationsRequest {
  logGroupIdentifier?: string;
  vpcEndpointId?: string;
  nextToken?: string;
  maxResults?: number;
}

export interface ListSyslogConfigurationsResponse {
  syslogConfigurations?: readonly SyslogConfiguration[];
  nextToken?: string;
}

export interface ListTagsForResourceRequest {
  resourceArn: string;
}

export interface ListTagsForResourceResponse {
  tags?: { readonly [key: string]: string };
}

export interface ListTagsLogGroupRequest {
  logGroupName: string;
}

export interface ListTagsLogGroupResponse {
  tags?: { readonly [key: string]: string };
}

export interface ListToMap {
  source: string;
  key: string;
  valueKey?: string;
  target?: string;
  flatten?: boolean;
  flattenedElement?: string;
}

export interface LiveTailSessionLogEvent {
  logStreamName?: string;
  logGroupIdentifier?: string;
  message?: string;
  timestamp?: number;
  ingestionTime?: number;
}

export interface LiveTailSessionMetadata {
  sampled?: boolean;
}

export interface LiveTailSessionStart {
  requestId?: string;
  sessionId?: string;
  logGroupIdentifiers?: readonly string[];
  logStreamNames?: readonly string[];
  logStreamNamePrefixes?: readonly string[];
  logEventFilterPattern?: string;
}

export interface LiveTailSessionUpdate {
  sessionMetadata?: LiveTailSessionMetadata;
  sessionResults?: readonly LiveTailSessionLogEvent[];
}

export interface LogEvent {
  timestamp?: number;
  message?: string;
}

export interface LogFieldType {
  type?: string;
  element?: LogFieldType;
  fields?: readonly LogFieldsListItem[];
}

export interface LogFieldsListItem {
  logFieldName?: string;
  logFieldType?: LogFieldType;
}

export interface LogGroup {
  logGroupName?: string;
  creationTime?: number;
  retentionInDays?: number;
  metricFilterCount?: number;
  arn?: string;
  storedBytes?: number;
  kmsKeyId?: string;
  dataProtectionStatus?: string;
  inheritedProperties?: readonly string[];
  logGroupClass?: string;
  logGroupArn?: string;
  deletionProtectionEnabled?: boolean;
  bearerTokenAuthenticationEnabled?: boolean;
  retentionPolicyName?: string;
}

export type LogGroupClass =
  | "STANDARD"
  | "INFREQUENT_ACCESS"
  | "DELIVERY";

export interface LogGroupField {
  name?: string;
  percent?: number;
}

export interface LogGroupImpact {
  logGroupName?: string;
  currentRetention?: string;
  proposedRetention?: string;
  storedBytes?: number;
}

export interface LogGroupSummary {
  logGroupName?: string;
  logGroupArn?: string;
  logGroupClass?: string;
}

export interface LogStream {
  logStreamName?: string;
  creationTime?: number;
  firstEventTimestamp?: number;
  lastEventTimestamp?: number;
  lastIngestionTime?: number;
  uploadSequenceToken?: string;
  arn?: string;
  storedBytes?: number;
}

export interface LookupTable {
  lookupTableArn?: string;
  lookupTableName?: string;
  description?: string;
  tableFields?: readonly string[];
  recordsCount?: number;
  sizeBytes?: number;
  lastUpdatedTime?: number;
  kmsKeyId?: string;
}

export interface LookupTableConfiguration {
  tableName: string;
  roleArn: string;
  description?: string;
  kmsKeyId?: string;
  tags?: { readonly [key: string]: string };
}

export interface LowerCaseString {
  withKeys: readonly string[];
}

export interface MalformedQueryException {
  queryCompileError?: QueryCompileError;
  message?: string;
}

export interface MetricFilter {
  filterName?: string;
  filterPattern?: string;
  metricTransformations?: readonly MetricTransformation[];
  creationTime?: number;
  logGroupName?: string;
  applyOnTransformedLogs?: boolean;
  fieldSelectionCriteria?: string;
  emitSystemFieldDimensions?: readonly string[];
}

export interface MetricFilterMatchRecord {
  eventNumber?: number;
  eventMessage?: string;
  extractedValues?: { readonly [key: string]: string };
}

export interface MetricTransformation {
  metricName: string;
  metricNamespace: string;
  metricValue: string;
  defaultValue?: number;
  dimensions?: { readonly [key: string]: string };
  unit?: string;
}

export interface MoveKeyEntry {
  source: string;
  target: string;
  overwriteIfExists?: boolean;
}

export interface MoveKeys {
  entries: readonly MoveKeyEntry[];
}

export interface OpenSearchApplication {
  applicationEndpoint?: string;
  applicationArn?: string;
  applicationId?: string;
  status?: OpenSearchResourceStatus;
}

export interface OpenSearchCollection {
  collectionEndpoint?: string;
  collectionArn?: string;
  status?: OpenSearchResourceStatus;
}

export interface OpenSearchDataAccessPolicy {
  policyName?: string;
  status?: OpenSearchResourceStatus;
}

export interface OpenSearchDataSource {
  dataSourceName?: string;
  status?: OpenSearchResourceStatus;
}

export interface OpenSearchEncryptionPolicy {
  policyName?: string;
  status?: OpenSearchResourceStatus;
}

export interface OpenSearchIntegrationDetails {
  dataSource?: OpenSearchDataSource;
  application?: OpenSearchApplication;
  collection?: OpenSearchCollection;
  workspace?: OpenSearchWorkspace;
  encryptionPolicy?: OpenSearchEncryptionPolicy;
  networkPolicy?: OpenSearchNetworkPolicy;
  accessPolicy?: OpenSearchDataAccessPolicy;
  lifecyclePolicy?: OpenSearchLifecyclePolicy;
}

export interface OpenSearchLifecyclePolicy {
  policyName?: string;
  status?: OpenSearchResourceStatus;
}

export interface OpenSearchNetworkPolicy {
  policyName?: string;
  status?: OpenSearchResourceStatus;
}

export interface OpenSearchResourceConfig {
  dataSourceRoleArn: string;
  dashboardViewerPrincipals: readonly string[];
  retentionDays: number;
  kmsKeyArn?: string;
  applicationArn?: string;
}

export interface OpenSearchResourceStatus {
  status?: string;
  statusMessage?: string;
}

export interface OpenSearchWorkspace {
  workspaceId?: string;
  status?: OpenSearchResourceStatus;
}

export interface OperationAbortedException {
  message?: string;
}

export type OrderBy =
  | "LogStreamName"
  | "LastEventTime";

export interface OutputLogEvent {
  timestamp?: number;
  message?: string;
  ingestionTime?: number;
}

export interface ParseCloudfront {
  source?: string;
}

export interface ParseJSON {
  source?: string;
  destination?: string;
}

export interface ParseKeyValue {
  source?: string;
  destination?: string;
  fieldDelimiter?: string;
  keyValueDelimiter?: string;
  keyPrefix?: string;
  nonMatchValue?: string;
  overwriteIfExists?: boolean;
}

export interface ParsePostgres {
  source?: string;
}

export interface ParseRoute53 {
  source?: string;
}

export interface ParseToOCSF {
  eventSource: string;
  ocsfVersion: string;
  source?: string;
  mappingVersion?: string;
}

export interface ParseVPC {
  source?: string;
}

export interface ParseWAF {
  source?: string;
}

export interface PatternToken {
  dynamicTokenPosition?: number;
  isDynamic?: boolean;
  tokenString?: string;
  enumerations?: { readonly [key: string]: number };
  inferredTokenName?: string;
}

export interface Policy {
  deliveryDestinationPolicy?: string;
}

export interface Processor {
  addKeys?: AddKeys;
  copyValue?: CopyValue;
  csv?: CSV;
  dateTimeConverter?: DateTimeConverter;
  deleteKeys?: DeleteKeys;
  grok?: Grok;
  listToMap?: ListToMap;
  lowerCaseString?: LowerCaseString;
  moveKeys?: MoveKeys;
  parseCloudfront?: ParseCloudfront;
  parseJSON?: ParseJSON;
  parseKeyValue?: ParseKeyValue;
  parseRoute53?: ParseRoute53;
  parseToOCSF?: ParseToOCSF;
  parsePostgres?: ParsePostgres;
  parseVPC?: ParseVPC;
  parseWAF?: ParseWAF;
  renameKeys?: RenameKeys;
  splitString?: SplitString;
  substituteString?: SubstituteString;
  trimString?: TrimString;
  typeConverter?: TypeConverter;
  upperCaseString?: UpperCaseString;
}

export interface PutAccountPolicyRequest {
  policyName: string;
  policyDocument: string;
  policyType: string;
  scope?: string;
  selectionCriteria?: string;
  dryRun?: boolean;
}

export interface PutAccountPolicyResponse {
  accountPolicy?: AccountPolicy;
  dryRunResult?: DryRunResult;
}

export interface PutBearerTokenAuthenticationRequest {
  logGroupIdentifier: string;
  bearerTokenAuthenticationEnabled: boolean;
}

export interface PutDataProtectionPolicyRequest {
  logGroupIdentifier: string;
  policyDocument: string;
}

export interface PutDataProtectionPolicyResponse {
  logGroupIdentifier?: string;
  policyDocument?: string;
  lastUpdatedTime?: number;
}

export interface PutDeliveryDestinationPolicyRequest {
  deliveryDestinationName: string;
  deliveryDestinationPolicy: string;
}

export interface PutDeliveryDestinationPolicyResponse {
  policy?: Policy;
}

export interface PutDeliveryDestinationRequest {
  name: string;
  outputFormat?: string;
  deliveryDestinationConfiguration?: DeliveryDestinationConfiguration;
  deliveryDestinationType?: string;
  roleArn?: string;
  tags?: { readonly [key: string]: string };
}

export interface PutDeliveryDestinationResponse {
  deliveryDestination?: DeliveryDestination;
}

export interface PutDeliverySourceRequest {
  name: string;
  resourceArn: string;
  logType: string;
  tags?: { readonly [key: string]: string };
  deliverySourceConfiguration?: { readonly [key: string]: string };
}

export interface PutDeliverySourceResponse {
  deliverySource?: DeliverySource;
}

export interface PutDestinationPolicyRequest {
  destinationName: string;
  accessPolicy: string;
  forceUpdate?: boolean;
}

export interface PutDestinationRequest {
  destinationName: string;
  targetArn: string;
  roleArn: string;
  tags?: { readonly [key: string]: string };
}

export interface PutDestinationResponse {
  destination?: Destination;
}

export interface PutIndexPolicyRequest {
  logGroupIdentifier: string;
  policyDocument: string;
}

export interface PutIndexPolicyResponse {
  indexPolicy?: IndexPolicy;
}

export interface PutIntegrationRequest {
  integrationName: string;
  resourceConfig: ResourceConfig;
  integrationType: string;
}

export interface PutIntegrationResponse {
  integrationName?: string;
  integrationStatus?: string;
}

export interface PutLogEventsRequest {
  logGroupName: string;
  logStreamName: string;
  logEvents: readonly InputLogEvent[];
  sequenceToken?: string;
  entity?: Entity;
}

export interface PutLogEventsResponse {
  nextSequenceToken?: string;
  rejectedLogEventsInfo?: RejectedLogEventsInfo;
  rejectedEntityInfo?: RejectedEntityInfo;
}

export interface PutLogGroupDeletionProtectionRequest {
  logGroupIdentifier: string;
  deletionProtectionEnabled: boolean;
}

export interface PutMetricFilterRequest {
  logGroupName: string;
  filterName: string;
  filterPattern: string;
  metricTransformations: readonly MetricTransformation[];
  applyOnTransformedLogs?: boolean;
  fieldSelectionCriteria?: string;
  emitSystemFieldDimensions?: readonly string[];
}

export interface PutQueryDefinitionRequest {
  name: string;
  queryString: string;
  queryLanguage?: string;
  queryDefinitionId?: string;
  logGroupNames?: readonly string[];
  clientToken?: string;
  parameters?: readonly QueryParameter[];
}

export interface PutQueryDefinitionResponse {
  queryDefinitionId?: string;
}

export interface PutResourcePolicyRequest {
  policyName?: string;
  policyDocument?: string;
  resourceArn?: string;
  expectedRevisionId?: string;
}

export interface PutResourcePolicyResponse {
  resourcePolicy?: ResourcePolicy;
  revisionId?: string;
}

export interface PutRetentionPolicyRequest {
  logGroupName: string;
  retentionInDays: number;
}

export interface PutStorageTierPolicyRequest {
  storageTier: string;
}

export interface PutStorageTierPolicyResponse {
  storageTier?: string;
  lastUpdatedTime?: number;
}

export interface PutSubscriptionFilterRequest {
  logGroupName: string;
  filterName: string;
  filterPattern: string;
  destinationArn: string;
  roleArn?: string;
  distribution?: string;
  applyOnTransformedLogs?: boolean;
  fieldSelectionCriteria?: string;
  emitSystemFields?: readonly string[];
}

export interface PutSyslogConfigurationRequest {
  logGroupIdentifier: string;
  vpcEndpointId?: string;
}

export interface PutTransformerRequest {
  logGroupIdentifier: string;
  transformerConfig: readonly Processor[];
}

export interface QueryCompileError {
  location?: QueryCompileErrorLocation;
  message?: string;
}

export interface QueryCompileErrorLocation {
  startCharOffset?: number;
  endCharOffset?: number;
}

export interface QueryDefinition {
  queryLanguage?: string;
  queryDefinitionId?: string;
  name?: string;
  queryString?: string;
  lastModified?: number;
  logGroupNames?: readonly string[];
  parameters?: readonly QueryParameter[];
}

export interface QueryInfo {
  queryLanguage?: string;
  queryId?: string;
  queryString?: string;
  status?: string;
  createTime?: number;
  logGroupName?: string;
  queryDuration?: number;
  bytesScanned?: number;
  userIdentity?: string;
}

export interface QueryParameter {
  name: string;
  defaultValue?: string;
  description?: string;
}

export interface QueryStatistics {
  recordsMatched?: number;
  recordsScanned?: number;
  estimatedRecordsSkipped?: number;
  bytesScanned?: number;
  estimatedBytesSkipped?: number;
  logGroupsScanned?: number;
  resultCount?: number;
}

export interface RecordField {
  name?: string;
  mandatory?: boolean;
}

export interface RejectedEntityInfo {
  errorType: string;
}

export interface RejectedLogEventsInfo {
  tooNewLogEventStartIndex?: number;
  tooOldLogEventEndIndex?: number;
  expiredLogEventEndIndex?: number;
}

export interface RenameKeyEntry {
  key: string;
  renameTo: string;
  overwriteIfExists?: boolean;
}

export interface RenameKeys {
  entries: readonly RenameKeyEntry[];
}

export interface ResourceAlreadyExistsException {
  message?: string;
}

export interface ResourceConfig {
  openSearchResourceConfig?: OpenSearchResourceConfig;
}

export interface ResourceNotFoundException {
  message?: string;
}

export interface ResourcePolicy {
  policyName?: string;
  policyDocument?: string;
  lastUpdatedTime?: number;
  policyScope?: string;
  resourceArn?: string;
  revisionId?: string;
}

export interface ResultField {
  field?: string;
  value?: string;
}

export interface S3Configuration {
  destinationIdentifier: string;
  roleArn: string;
  ownerAccountId?: string;
  kmsKeyId?: string;
}

export interface S3DeliveryConfiguration {
  suffixPath?: string;
  enableHiveCompatiblePath?: boolean;
}

export interface S3TableIntegrationSource {
  identifier?: string;
  dataSource?: DataSource;
  status?: string;
  statusReason?: string;
  createdTimeStamp?: number;
  parentSourceIdentifier?: string;
}

export interface S3TablesIntegration {
  datasourceName?: string;
  datasourceType?: string;
}

export interface ScheduledQueryDestination {
  destinationType?: string;
  destinationIdentifier?: string;
  status?: string;
  processedIdentifier?: string;
  errorMessage?: string;
}

export interface ScheduledQuerySummary {
  scheduledQueryArn?: string;
  name?: string;
  state?: string;
  scheduleType?: string;
  lastTriggeredTime?: number;
  lastExecutionStatus?: string;
  scheduleExpression?: string;
  timezone?: string;
  destinationConfiguration?: DestinationConfiguration;
  creationTime?: number;
  lastUpdatedTime?: number;
}

export interface SearchedLogStream {
  logStreamName?: string;
  searchedCompletely?: boolean;
}

export interface ServiceQuotaExceededException {
  message?: string;
}

export interface ServiceUnavailableException {
  message?: string;
}

export interface SessionStreamingException {
  message?: string;
}

export interface SessionTimeoutException {
  message?: string;
}

export interface SplitString {
  entries: readonly SplitStringEntry[];
}

export interface SplitStringEntry {
  source: string;
  delimiter: string;
}

export interface StartLiveTailRequest {
  logGroupIdentifiers: readonly string[];
  logStreamNames?: readonly string[];
  logStreamNamePrefixes?: readonly string[];
  logEventFilterPattern?: string;
}

export interface StartLiveTailResponse {
  responseStream?: StartLiveTailResponseStream;
}

export interface StartLiveTailResponseStream {
  sessionStart?: LiveTailSessionStart;
  sessionUpdate?: LiveTailSessionUpdate;
  SessionTimeoutException?: SessionTimeoutException;
  SessionStreamingException?: SessionStreamingException;
}

export interface StartQueryRequest {
  startTime: number;
  endTime: number;
  queryString: string;
  queryLanguage?: string;
  logGroupName?: string;
  logGroupNames?: readonly string[];
  logGroupIdentifiers?: readonly string[];
  limit?: number;
}

export interface StartQueryResponse {
  queryId?: string;
}

export interface StopQueryRequest {
  queryId: string;
}

export interface StopQueryResponse {
  success?: boolean;
}

export interface SubscriptionFilter {
  filterName?: string;
  logGroupName?: string;
  filterPattern?: string;
  destinationArn?: string;
  roleArn?: string;
  distribution?: string;
  applyOnTransformedLogs?: boolean;
  creationTime?: number;
  fieldSelectionCriteria?: string;
  emitSystemFields?: readonly string[];
}

export interface SubstituteString {
  entries: readonly SubstituteStringEntry[];
}

export interface SubstituteStringEntry {
  source: string;
  from: string;
  to: string;
}

export interface SuppressionPeriod {
  value?: number;
  suppressionUnit?: string;
}

export interface SyslogConfiguration {
  logGroupArn?: string;
  sourceType?: string;
  vpcEndpointId?: string;
  createdAt?: number;
}

export interface TagFilter {
  key: string;
  values?: readonly string[];
}

export interface TagLogGroupRequest {
  logGroupName: string;
  tags: { readonly [key: string]: string };
}

export interface TagResourceRequest {
  resourceArn: string;
  tags: { readonly [key: string]: string };
}

export interface TestMetricFilterRequest {
  filterPattern: string;
  logEventMessages: readonly string[];
}

export interface TestMetricFilterResponse {
  matches?: readonly MetricFilterMatchRecord[];
}

export interface TestTransformerRequest {
  transformerConfig: readonly Processor[];
  logEventMessages: readonly string[];
}

export interface TestTransformerResponse {
  transformedLogs?: readonly TransformedLogRecord[];
}

export interface ThrottlingException {
  message?: string;
}

export interface TooManyTagsException {
  message?: string;
  resourceName?: string;
}

export interface TransformedLogRecord {
  eventNumber?: number;
  eventMessage?: string;
  transformedEventMessage?: string;
}

export interface TriggerHistoryRecord {
  queryId?: string;
  executionStatus?: string;
  triggeredTimestamp?: number;
  errorMessage?: string;
  destinations?: readonly ScheduledQueryDestination[];
}

export interface TrimString {
  withKeys: readonly string[];
}

export interface TypeConverter {
  entries: readonly TypeConverterEntry[];
}

export interface TypeConverterEntry {
  key: string;
  type: string;
}

export interface UnrecognizedClientException {
  message?: string;
}

export interface UntagLogGroupRequest {
  logGroupName: string;
  tags: readonly string[];
}

export interface UntagResourceRequest {
  resourceArn: string;
  tagKeys: readonly string[];
}

export interface UpdateAnomalyRequest {
  anomalyDetectorArn: string;
  anomalyId?: string;
  patternId?: string;
  suppressionType?: string;
  suppressionPeriod?: SuppressionPeriod;
  baseline?: boolean;
}

export interface UpdateDeliveryConfigurationRequest {
  id: string;
  recordFields?: readonly string[];
  fieldDelimiter?: string;
  s3DeliveryConfiguration?: S3DeliveryConfiguration;
}

export interface UpdateDeliveryConfigurationResponse {}

export interface UpdateLogAnomalyDetectorRequest {
  anomalyDetectorArn: string;
  enabled: boolean;
  evaluationFrequency?: string;
  filterPattern?: string;
  anomalyVisibilityTime?: number;
}

export interface UpdateLookupTableRequest {
  lookupTableArn: string;
  description?: string;
  tableBody?: string;
  queryId?: string;
  kmsKeyId?: string;
}

export interface UpdateLookupTableResponse {
  lookupTableArn?: string;
  lastUpdatedTime?: number;
}

export interface UpdateScheduledQueryRequest {
  identifier: string;
  queryLanguage: string;
  queryString: string;
  scheduleExpression: string;
  executionRoleArn: string;
  description?: string;
  logGroupIdentifiers?: readonly string[];
  timezone?: string;
  startTimeOffset?: number;
  endTimeOffset?: number;
  destinationConfiguration?: DestinationConfiguration;
  scheduleStartTime?: number;
  scheduleEndTime?: number;
  state?: string;
}

export interface UpdateScheduledQueryResponse {
  scheduledQueryArn?: string;
  name?: string;
  description?: string;
  queryLanguage?: string;
  queryString?: string;
  logGroupIdentifiers?: readonly string[];
  scheduleExpression?: string;
  timezone?: string;
  startTimeOffset?: number;
  endTimeOffset?: number;
  destinationConfiguration?: DestinationConfiguration;
  state?: string;
  scheduleType?: string;
  lastTriggeredTime?: number;
  lastExecutionStatus?: string;
  scheduleStartTime?: number;
  scheduleEndTime?: number;
  executionRoleArn?: string;
  creationTime?: number;
  lastUpdatedTime?: number;
}

export interface UpperCaseString {
  withKeys: readonly string[];
}

export interface ValidationException {
  message?: string;
}

export interface LogsOperations {
  AssociateKmsKey: { input: AssociateKmsKeyRequest; output: {} };
  AssociateSourceToS3TableIntegration: { input: AssociateSourceToS3TableIntegrationRequest; output: AssociateSourceToS3TableIntegrationResponse };
  CancelExportTask: { input: CancelExportTaskRequest; output: {} };
  CancelImportTask: { input: CancelImportTaskRequest; output: CancelImportTaskResponse };
  CreateDelivery: { input: CreateDeliveryRequest; output: CreateDeliveryResponse };
  CreateExportTask: { input: CreateExportTaskRequest; output: CreateExportTaskResponse };
  CreateImportTask: { input: CreateImportTaskRequest; output: CreateImportTaskResponse };
  CreateLogAnomalyDetector: { input: CreateLogAnomalyDetectorRequest; output: CreateLogAnomalyDetectorResponse };
  CreateLogGroup: { input: CreateLogGroupRequest; output: {} };
  CreateLogStream: { input: CreateLogStreamRequest; output: {} };
  CreateLookupTable: { input: CreateLookupTableRequest; output: CreateLookupTableResponse };
  CreateScheduledQuery: { input: CreateScheduledQueryRequest; output: CreateScheduledQueryResponse };
  DeleteAccountPolicy: { input: DeleteAccountPolicyRequest; output: DeleteAccountPolicyResponse };
  DeleteDataProtectionPolicy: { input: DeleteDataProtectionPolicyRequest; output: {} };
  DeleteDelivery: { input: DeleteDeliveryRequest; output: {} };
  DeleteDeliveryDestination: { input: DeleteDeliveryDestinationRequest; output: {} };
  DeleteDeliveryDestinationPolicy: { input: DeleteDeliveryDestinationPolicyRequest; output: {} };
  DeleteDeliverySource: { input: DeleteDeliverySourceRequest; output: {} };
  DeleteDestination: { input: DeleteDestinationRequest; output: {} };
  DeleteIndexPolicy: { input: DeleteIndexPolicyRequest; output: DeleteIndexPolicyResponse };
  DeleteIntegration: { input: DeleteIntegrationRequest; output: DeleteIntegrationResponse };
  DeleteLogAnomalyDetector: { input: DeleteLogAnomalyDetectorRequest; output: {} };
  DeleteLogGroup: { input: DeleteLogGroupRequest; output: {} };
  DeleteLogStream: { input: DeleteLogStreamRequest; output: {} };
  DeleteLookupTable: { input: DeleteLookupTableRequest; output: {} };
  DeleteMetricFilter: { input: DeleteMetricFilterRequest; output: {} };
  DeleteQueryDefinition: { input: DeleteQueryDefinitionRequest; output: DeleteQueryDefinitionResponse };
  DeleteResourcePolicy: { input: DeleteResourcePolicyRequest; output: {} };
  DeleteRetentionPolicy: { input: DeleteRetentionPolicyRequest; output: {} };
  DeleteScheduledQuery: { input: DeleteScheduledQueryRequest; output: DeleteScheduledQueryResponse };
  DeleteSubscriptionFilter: { input: DeleteSubscriptionFilterRequest; output: {} };
  DeleteSyslogConfiguration: { input: DeleteSyslogConfigurationRequest; output: {} };
  DeleteTransformer: { input: DeleteTransformerRequest; output: {} };
  DescribeAccountPolicies: { input: DescribeAccountPoliciesRequest; output: DescribeAccountPoliciesResponse };
  DescribeConfigurationTemplates: { input: DescribeConfigurationTemplatesRequest; output: DescribeConfigurationTemplatesResponse };
  DescribeDeliveries: { input: DescribeDeliveriesRequest; output: DescribeDeliveriesResponse };
  DescribeDeliveryDestinations: { input: DescribeDeliveryDestinationsRequest; output: DescribeDeliveryDestinationsResponse };
  DescribeDeliverySources: { input: DescribeDeliverySourcesRequest; output: DescribeDeliverySourcesResponse };
  DescribeDestinations: { input: DescribeDestinationsRequest; output: DescribeDestinationsResponse };
  DescribeExportTasks: { input: DescribeExportTasksRequest; output: DescribeExportTasksResponse };
  DescribeFieldIndexes: { input: DescribeFieldIndexesRequest; output: DescribeFieldIndexesResponse };
  DescribeImportTaskBatches: { input: DescribeImportTaskBatchesRequest; output: DescribeImportTaskBatchesResponse };
  DescribeImportTasks: { input: DescribeImportTasksRequest; output: DescribeImportTasksResponse };
  DescribeIndexPolicies: { input: DescribeIndexPoliciesRequest; output: DescribeIndexPoliciesResponse };
  DescribeLogGroups: { input: DescribeLogGroupsRequest; output: DescribeLogGroupsResponse };
  DescribeLogStreams: { input: DescribeLogStreamsRequest; output: DescribeLogStreamsResponse };
  DescribeLookupTables: { input: DescribeLookupTablesRequest; output: DescribeLookupTablesResponse };
  DescribeMetricFilters: { input: DescribeMetricFiltersRequest; output: DescribeMetricFiltersResponse };
  DescribeQueries: { input: DescribeQueriesRequest; output: DescribeQueriesResponse };
  DescribeQueryDefinitions: { input: DescribeQueryDefinitionsRequest; output: DescribeQueryDefinitionsResponse };
  DescribeResourcePolicies: { input: DescribeResourcePoliciesRequest; output: DescribeResourcePoliciesResponse };
  DescribeSubscriptionFilters: { input: DescribeSubscriptionFiltersRequest; output: DescribeSubscriptionFiltersResponse };
  DisassociateKmsKey: { input: DisassociateKmsKeyRequest; output: {} };
  DisassociateSourceFromS3TableIntegration: { input: DisassociateSourceFromS3TableIntegrationRequest; output: DisassociateSourceFromS3TableIntegrationResponse };
  FilterLogEvents: { input: FilterLogEventsRequest; output: FilterLogEventsResponse };
  GetDataProtectionPolicy: { input: GetDataProtectionPolicyRequest; output: GetDataProtectionPolicyResponse };
  GetDelivery: { input: GetDeliveryRequest; output: GetDeliveryResponse };
  GetDeliveryDestination: { input: GetDeliveryDestinationRequest; output: GetDeliveryDestinationResponse };
  GetDeliveryDestinationPolicy: { input: GetDeliveryDestinationPolicyRequest; output: GetDeliveryDestinationPolicyResponse };
  GetDeliverySource: { input: GetDeliverySourceRequest; output: GetDeliverySourceResponse };
  GetIntegration: { input: GetIntegrationRequest; output: GetIntegrationResponse };
  GetLogAnomalyDetector: { input: GetLogAnomalyDetectorRequest; output: GetLogAnomalyDetectorResponse };
  GetLogEvents: { input: GetLogEventsRequest; output: GetLogEventsResponse };
  GetLogFields: { input: GetLogFieldsRequest; output: GetLogFieldsResponse };
  GetLogGroupFields: { input: GetLogGroupFieldsRequest; output: GetLogGroupFieldsResponse };
  GetLogObject: { input: GetLogObjectRequest; output: GetLogObjectResponse };
  GetLogRecord: { input: GetLogRecordRequest; output: GetLogRecordResponse };
  GetLookupTable: { input: GetLookupTableRequest; output: GetLookupTableResponse };
  GetQueryResults: { input: GetQueryResultsRequest; output: GetQueryResultsResponse };
  GetScheduledQuery: { input: GetScheduledQueryRequest; output: GetScheduledQueryResponse };
  GetScheduledQueryHistory: { input: GetScheduledQueryHistoryRequest; output: GetScheduledQueryHistoryResponse };
  GetStorageTierPolicy: { input: GetStorageTierPolicyRequest; output: GetStorageTierPolicyResponse };
  GetTransformer: { input: GetTransformerRequest; output: GetTransformerResponse };
  ListAggregateLogGroupSummaries: { input: ListAggregateLogGroupSummariesRequest; output: ListAggregateLogGroupSummariesResponse };
  ListAnomalies: { input: ListAnomaliesRequest; output: ListAnomaliesResponse };
  ListIntegrations: { input: ListIntegrationsRequest; output: ListIntegrationsResponse };
  ListLogAnomalyDetectors: { input: ListLogAnomalyDetectorsRequest; output: ListLogAnomalyDetectorsResponse };
  ListLogGroups: { input: ListLogGroupsRequest; output: ListLogGroupsResponse };
  ListLogGroupsForQuery: { input: ListLogGroupsForQueryRequest; output: ListLogGroupsForQueryResponse };
  ListScheduledQueries: { input: ListScheduledQueriesRequest; output: ListScheduledQueriesResponse };
  ListSourcesForS3TableIntegration: { input: ListSourcesForS3TableIntegrationRequest; output: ListSourcesForS3TableIntegrationResponse };
  ListSyslogConfigurations: { input: ListSyslogConfigurationsRequest; output: ListSyslogConfigurationsResponse };
  ListTagsForResource: { input: ListTagsForResourceRequest; output: ListTagsForResourceResponse };
  ListTagsLogGroup: { input: ListTagsLogGroupRequest; output: ListTagsLogGroupResponse };
  PutAccountPolicy: { input: PutAccountPolicyRequest; output: PutAccountPolicyResponse };
  PutBearerTokenAuthentication: { input: PutBearerTokenAuthenticationRequest; output: {} };
  PutDataProtectionPolicy: { input: PutDataProtectionPolicyRequest; output: PutDataProtectionPolicyResponse };
  PutDeliveryDestination: { input: PutDeliveryDestinationRequest; output: PutDeliveryDestinationResponse };
  PutDeliveryDestinationPolicy: { input: PutDeliveryDestinationPolicyRequest; output: PutDeliveryDestinationPolicyResponse };
  PutDeliverySource: { input: PutDeliverySourceRequest; output: PutDeliverySourceResponse };
  PutDestination: { input: PutDestinationRequest; output: PutDestinationResponse };
  PutDestinationPolicy: { input: PutDestinationPolicyRequest; output: {} };
  PutIndexPolicy: { input: PutIndexPolicyRequest; output: PutIndexPolicyResponse };
  PutIntegration: { input: PutIntegrationRequest; output: PutIntegrationResponse };
  PutLogEvents: { input: PutLogEventsRequest; output: PutLogEventsResponse };
  PutLogGroupDeletionProtection: { input: PutLogGroupDeletionProtectionRequest; output: {} };
  PutMetricFilter: { input: PutMetricFilterRequest; output: {} };
  PutQueryDefinition: { input: PutQueryDefinitionRequest; output: PutQueryDefinitionResponse };
  PutResourcePolicy: { input: PutResourcePolicyRequest; output: PutResourcePolicyResponse };
  PutRetentionPolicy: { input: PutRetentionPolicyRequest; output: {} };
  PutStorageTierPolicy: { input: PutStorageTierPolicyRequest; output: PutStorageTierPolicyResponse };
  PutSubscriptionFilter: { input: PutSubscriptionFilterRequest; output: {} };
  PutSyslogConfiguration: { input: PutSyslogConfigurationRequest; output: {} };
  PutTransformer: { input: PutTransformerRequest; output: {} };
  StartLiveTail: { input: StartLiveTailRequest; output: StartLiveTailResponse };
  StartQuery: { input: StartQueryRequest; output: StartQueryResponse };
  StopQuery: { input: StopQueryRequest; output: StopQueryResponse };
  TagLogGroup: { input: TagLogGroupRequest; output: {} };
  TagResource: { input: TagResourceRequest; output: {} };
  TestMetricFilter: { input: TestMetricFilterRequest; output: TestMetricFilterResponse };
  TestTransformer: { input: TestTransformerRequest; output: TestTransformerResponse };
  UntagLogGroup: { input: UntagLogGroupRequest; output: {} };
  UntagResource: { input: UntagResourceRequest; output: {} };
  UpdateAnomaly: { input: UpdateAnomalyRequest; output: {} };
  UpdateDeliveryConfiguration: { input: UpdateDeliveryConfigurationRequest; output: UpdateDeliveryConfigurationResponse };
  UpdateLogAnomalyDetector: { input: UpdateLogAnomalyDetectorRequest; output: {} };
  UpdateLookupTable: { input: UpdateLookupTableRequest; output: UpdateLookupTableResponse };
  UpdateScheduledQuery: { input: UpdateScheduledQueryRequest; output: UpdateScheduledQueryResponse };
}
