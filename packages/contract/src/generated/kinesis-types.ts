// Written by `npm run generate`. Do not edit.

export interface AccessDeniedException {
  message?: string;
}

export interface AddTagsToStreamInput {
  Tags: { readonly [key: string]: string };
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export interface ChannelDescription {
  ChannelName: string;
  ChannelARN: string;
  ChannelId: string;
  ChannelStatus: ChannelStatus;
  ChannelCreationTimestamp: number;
  ServiceExecutionRoleARN: string;
  StreamConfigurationList: readonly ChannelStreamDescription[];
  LoggingConfiguration: ChannelLoggingConfiguration;
  ChannelStatusReason?: string;
  S3DestinationConfiguration?: S3DestinationDescription;
  S3TablesDestinationConfiguration?: S3TablesDestinationDescription;
  EncryptionConfiguration?: ChannelEncryptionConfiguration;
}

export type ChannelDestinationType =
  | "S3"
  | "S3_TABLES";

export interface ChannelEncryptionConfiguration {
  EncryptionType: ChannelEncryptionType;
  KeyId: string;
}

export type ChannelEncryptionType =
  | "KMS";

export interface ChannelLoggingConfiguration {
  CloudWatchLogs: CloudWatchLogs;
}

export interface ChannelLoggingUpdateInput {
  CloudWatchLogs: CloudWatchLogsUpdateInput;
}

export type ChannelStatus =
  | "ACTIVE"
  | "CREATING"
  | "DELETING"
  | "FAILED"
  | "UPDATING";

export interface ChannelStreamConfiguration {
  StreamARN: string;
  RecordConfiguration: RecordConfiguration;
}

export interface ChannelStreamDescription {
  StreamARN: string;
  StreamCreationTimestamp: number;
  RecordConfiguration: RecordConfiguration;
}

export interface ChannelStreamIdentifier {
  StreamARN: string;
  StreamCreationTimestamp: number;
}

export interface ChannelSummary {
  ChannelName: string;
  ChannelARN: string;
  ChannelId: string;
  ChannelStatus: ChannelStatus;
  ChannelCreationTimestamp: number;
  ChannelDestinationType: ChannelDestinationType;
  Streams: readonly ChannelStreamIdentifier[];
  ChannelStatusReason?: string;
}

export interface ChildShard {
  ShardId: string;
  ParentShards: readonly string[];
  HashKeyRange: HashKeyRange;
}

export interface CloudWatchLogs {
  Enabled: boolean;
  LogGroupName?: string;
  LogStreamName?: string;
}

export interface CloudWatchLogsUpdateInput {
  Enabled: boolean;
  LogGroupName?: string;
  LogStreamName?: string;
}

export interface Consumer {
  ConsumerName: string;
  ConsumerARN: string;
  ConsumerStatus: ConsumerStatus;
  ConsumerCreationTimestamp: number;
}

export interface ConsumerDescription {
  ConsumerName: string;
  ConsumerARN: string;
  ConsumerStatus: ConsumerStatus;
  ConsumerCreationTimestamp: number;
  StreamARN: string;
}

export type ConsumerStatus =
  | "CREATING"
  | "DELETING"
  | "ACTIVE";

export interface CreateChannelInput {
  ChannelName: string;
  ServiceExecutionRoleARN: string;
  StreamConfigurationList: readonly ChannelStreamConfiguration[];
  S3DestinationConfiguration?: S3DestinationConfiguration;
  S3TablesDestinationConfiguration?: S3TablesDestinationConfiguration;
  EncryptionConfiguration?: ChannelEncryptionConfiguration;
  Tags?: { readonly [key: string]: string };
  LoggingConfiguration?: ChannelLoggingConfiguration;
}

export interface CreateChannelOutput {
  ChannelDescription: ChannelDescription;
}

export interface CreateStreamInput {
  StreamName: string;
  ShardCount?: number;
  StreamModeDetails?: StreamModeDetails;
  Tags?: { readonly [key: string]: string };
  WarmThroughputMiBps?: number;
  MaxRecordSizeInKiB?: number;
  RecordDistributionStrategy?: RecordDistributionStrategy;
}

export interface DeadLetterQueueS3Configuration {
  BucketARN: string;
  ExpectedBucketOwner: string;
  ErrorOutputPrefix?: string;
}

export interface DecreaseStreamRetentionPeriodInput {
  RetentionPeriodHours: number;
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export interface DeleteChannelInput {
  ChannelARN: string;
}

export interface DeleteResourcePolicyInput {
  ResourceARN: string;
  StreamId?: string;
}

export interface DeleteStreamInput {
  StreamName?: string;
  EnforceConsumerDeletion?: boolean;
  StreamARN?: string;
  StreamId?: string;
}

export interface DeregisterStreamConsumerInput {
  StreamARN?: string;
  ConsumerName?: string;
  ConsumerARN?: string;
  StreamId?: string;
}

export interface DescribeAccountSettingsInput {}

export interface DescribeAccountSettingsOutput {
  MinimumThroughputBillingCommitment?: MinimumThroughputBillingCommitmentOutput;
}

export interface DescribeChannelInput {
  ChannelARN: string;
}

export interface DescribeChannelOutput {
  ChannelDescription: ChannelDescription;
}

export interface DescribeLimitsInput {}

export interface DescribeLimitsOutput {
  ShardLimit: number;
  OpenShardCount: number;
  OnDemandStreamCount: number;
  OnDemandStreamCountLimit: number;
  ChannelCount?: number;
  ChannelCountLimit?: number;
}

export interface DescribeStreamConsumerInput {
  StreamARN?: string;
  ConsumerName?: string;
  ConsumerARN?: string;
  StreamId?: string;
}

export interface DescribeStreamConsumerOutput {
  ConsumerDescription: ConsumerDescription;
}

export interface DescribeStreamInput {
  StreamName?: string;
  Limit?: number;
  ExclusiveStartShardId?: string;
  StreamARN?: string;
  StreamId?: string;
}

export interface DescribeStreamOutput {
  StreamDescription: StreamDescription;
}

export interface DescribeStreamSummaryInput {
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export interface DescribeStreamSummaryOutput {
  StreamDescriptionSummary: StreamDescriptionSummary;
}

export interface DisableEnhancedMonitoringInput {
  ShardLevelMetrics: readonly MetricsName[];
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export interface DryRunOperationException {
  message?: string;
}

export interface EnableEnhancedMonitoringInput {
  ShardLevelMetrics: readonly MetricsName[];
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export type EncryptionType =
  | "NONE"
  | "KMS";

export interface EnhancedMetrics {
  ShardLevelMetrics?: readonly MetricsName[];
}

export interface EnhancedMonitoringOutput {
  StreamName?: string;
  CurrentShardLevelMetrics?: readonly MetricsName[];
  DesiredShardLevelMetrics?: readonly MetricsName[];
  StreamARN?: string;
}

export interface ExpiredIteratorException {
  message?: string;
}

export interface ExpiredNextTokenException {
  message?: string;
}

export interface GetRecordsInput {
  ShardIterator: string;
  Limit?: number;
  StreamARN?: string;
  StreamId?: string;
  DryRun?: boolean;
}

export interface GetRecordsOutput {
  Records: readonly Record[];
  NextShardIterator?: string;
  MillisBehindLatest?: number;
  ChildShards?: readonly ChildShard[];
}

export interface GetResourcePolicyInput {
  ResourceARN: string;
  StreamId?: string;
}

export interface GetResourcePolicyOutput {
  Policy: string;
}

export interface GetShardIteratorInput {
  ShardId: string;
  ShardIteratorType: ShardIteratorType;
  StreamName?: string;
  StartingSequenceNumber?: string;
  Timestamp?: number;
  StreamARN?: string;
  StreamId?: string;
  DryRun?: boolean;
}

export interface GetShardIteratorOutput {
  ShardIterator?: string;
}

export interface HashKeyRange {
  StartingHashKey: string;
  EndingHashKey: string;
}

export interface IncreaseStreamRetentionPeriodInput {
  RetentionPeriodHours: number;
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export interface InternalFailureException {
  message?: string;
}

export interface InvalidArgumentException {
  message?: string;
}

export interface KMSAccessDeniedException {
  message?: string;
}

export interface KMSDisabledException {
  message?: string;
}

export interface KMSInvalidStateException {
  message?: string;
}

export interface KMSNotFoundException {
  message?: string;
}

export interface KMSOptInRequired {
  message?: string;
}

export interface KMSThrottlingException {
  message?: string;
}

export interface KinesisServiceException {}

export interface LimitExceededException {
  message?: string;
}

export interface ListChannelsInput {
  StreamFilter?: readonly StreamFilter[];
  MaxResults?: number;
  NextToken?: string;
}

export interface ListChannelsOutput {
  ChannelSummaries: readonly ChannelSummary[];
  NextToken?: string;
}

export interface ListShardsInput {
  StreamName?: string;
  NextToken?: string;
  ExclusiveStartShardId?: string;
  MaxResults?: number;
  StreamCreationTimestamp?: number;
  ShardFilter?: ShardFilter;
  StreamARN?: string;
  StreamId?: string;
}

export interface ListShardsOutput {
  Shards?: readonly Shard[];
  NextToken?: string;
}

export interface ListStreamConsumersInput {
  StreamARN: string;
  NextToken?: string;
  MaxResults?: number;
  StreamCreationTimestamp?: number;
  StreamId?: string;
}

export interface ListStreamConsumersOutput {
  Consumers?: readonly Consumer[];
  NextToken?: string;
}

export interface ListStreamsInput {
  Limit?: number;
  ExclusiveStartStreamName?: string;
  NextToken?: string;
}

export interface ListStreamsOutput {
  StreamNames: readonly string[];
  HasMoreStreams: boolean;
  NextToken?: string;
  StreamSummaries?: readonly StreamSummary[];
}

export interface ListTagsForResourceInput {
  ResourceARN: string;
  StreamId?: string;
}

export interface ListTagsForResourceOutput {
  Tags?: readonly Tag[];
}

export interface ListTagsForStreamInput {
  StreamName?: string;
  ExclusiveStartTagKey?: string;
  Limit?: number;
  StreamARN?: string;
  StreamId?: string;
}

export interface ListTagsForStreamOutput {
  Tags: readonly Tag[];
  HasMoreTags: boolean;
}

export interface MergeShardsInput {
  ShardToMerge: string;
  AdjacentShardToMerge: string;
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export type MetricsName =
  | "IncomingBytes"
  | "IncomingRecords"
  | "OutgoingBytes"
  | "OutgoingRecords"
  | "WriteProvisionedThroughputExceeded"
  | "ReadProvisionedThroughputExceeded"
  | "IteratorAgeMilliseconds"
  | "ALL";

export interface MinimumThroughputBillingCommitmentInput {
  Status: MinimumThroughputBillingCommitmentInputStatus;
}

export type MinimumThroughputBillingCommitmentInputStatus =
  | "ENABLED"
  | "DISABLED";

export interface MinimumThroughputBillingCommitmentOutput {
  Status: MinimumThroughputBillingCommitmentOutputStatus;
  StartedAt?: number;
  EndedAt?: number;
  EarliestAllowedEndAt?: number;
}

export type MinimumThroughputBillingCommitmentOutputStatus =
  | "ENABLED"
  | "DISABLED"
  | "ENABLED_UNTIL_EARLIEST_ALLOWED_END";

export interface PartitionField {
  Transform: PartitionTransform;
  SourceName: string;
}

export interface PartitionSpec {
  PartitionFields: readonly PartitionField[];
}

export type PartitionTransform =
  | "TIME_HOUR";

export interface ProvisionedThroughputExceededException {
  message?: string;
}

export interface PutRecordInput {
  Data: Uint8Array;
  StreamName?: string;
  PartitionKey?: string;
  ExplicitHashKey?: string;
  SequenceNumberForOrdering?: string;
  StreamARN?: string;
  StreamId?: string;
  DryRun?: boolean;
}

export interface PutRecordOutput {
  ShardId: string;
  SequenceNumber: string;
  EncryptionType?: EncryptionType;
}

export interface PutRecordsInput {
  Records: readonly PutRecordsRequestEntry[];
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
  DryRun?: boolean;
}

export interface PutRecordsOutput {
  Records: readonly PutRecordsResultEntry[];
  FailedRecordCount?: number;
  EncryptionType?: EncryptionType;
}

export interface PutRecordsRequestEntry {
  Data: Uint8Array;
  ExplicitHashKey?: string;
  PartitionKey?: string;
}

export interface PutRecordsResultEntry {
  SequenceNumber?: string;
  ShardId?: string;
  ErrorCode?: string;
  ErrorMessage?: string;
}

export interface PutResourcePolicyInput {
  ResourceARN: string;
  Policy: string;
  StreamId?: string;
}

export interface Record {
  SequenceNumber: string;
  Data: Uint8Array;
  ApproximateArrivalTimestamp?: number;
  PartitionKey?: string;
  EncryptionType?: EncryptionType;
}

export interface RecordConfiguration {
  RecordFormatType: RecordFormatType;
  GSRSchemaARN?: string;
}

export type RecordDistributionStrategy =
  | "AUTO"
  | "USER_PARTITION_KEY";

export type RecordFormatType =
  | "BYTE_ARRAY"
  | "GSR_JSON"
  | "JSON"
  | "STRING";

export interface RegisterStreamConsumerInput {
  StreamARN: string;
  ConsumerName: string;
  StreamId?: string;
  Tags?: { readonly [key: string]: string };
}

export interface RegisterStreamConsumerOutput {
  Consumer: Consumer;
}

export interface RemoveTagsFromStreamInput {
  TagKeys: readonly string[];
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export interface ResourceInUseException {
  message?: string;
}

export interface ResourceNotFoundException {
  message?: string;
}

export type S3CompressionType =
  | "GZIP"
  | "NONE"
  | "ZSTD";

export interface S3DestinationConfiguration {
  StorageConfiguration: S3StorageConfiguration;
  DataFreshnessInSeconds?: number;
  DeadLetterQueueS3Configuration?: DeadLetterQueueS3Configuration;
}

export interface S3DestinationDescription {
  DataFreshnessInSeconds: number;
  DeadLetterQueueS3Configuration: DeadLetterQueueS3Configuration;
  StorageConfiguration: S3StorageConfiguration;
}

export interface S3DestinationUpdateInput {
  DataFreshnessInSeconds: number;
}

export type S3StorageClass =
  | "GLACIER_IR"
  | "INTELLIGENT_TIERING"
  | "STANDARD";

export interface S3StorageConfiguration {
  BucketARN: string;
  ExpectedBucketOwner: string;
  CompressionType: S3CompressionType;
  OutputKeyTemplate?: string;
  StorageClass?: S3StorageClass;
}

export type S3TablesCompressionType =
  | "NONE"
  | "SNAPPY"
  | "ZSTD";

export interface S3TablesConfiguration {
  TableBucketARN: string;
  Namespace: string;
  TableName: string;
  CompressionType: S3TablesCompressionType;
  PartitionSpec?: PartitionSpec;
}

export interface S3TablesDestinationConfiguration {
  DeadLetterQueueS3Configuration: DeadLetterQueueS3Configuration;
  S3TablesConfigurationList: readonly S3TablesConfiguration[];
  DataFreshnessInSeconds?: number;
}

export interface S3TablesDestinationDescription {
  DataFreshnessInSeconds: number;
  DeadLetterQueueS3Configuration: DeadLetterQueueS3Configuration;
  S3TablesConfigurationList: readonly S3TablesConfiguration[];
}

export interface S3TablesDestinationUpdateInput {
  DataFreshnessInSeconds: number;
}

export type ScalingType =
  | "UNIFORM_SCALING";

export interface SequenceNumberRange {
  StartingSequenceNumber: string;
  EndingSequenceNumber?: string;
}

export interface Shard {
  ShardId: string;
  HashKeyRange: HashKeyRange;
  SequenceNumberRange: SequenceNumberRange;
  ParentShardId?: string;
  AdjacentParentShardId?: string;
}

export interface ShardFilter {
  Type: ShardFilterType;
  ShardId?: string;
  Timestamp?: number;
}

export type ShardFilterType =
  | "AFTER_SHARD_ID"
  | "AT_TRIM_HORIZON"
  | "FROM_TRIM_HORIZON"
  | "AT_LATEST"
  | "AT_TIMESTAMP"
  | "FROM_TIMESTAMP";

export type ShardIteratorType =
  | "AT_SEQUENCE_NUMBER"
  | "AFTER_SEQUENCE_NUMBER"
  | "TRIM_HORIZON"
  | "LATEST"
  | "AT_TIMESTAMP";

export interface SplitShardInput {
  ShardToSplit: string;
  NewStartingHashKey: string;
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export interface StartStreamEncryptionInput {
  EncryptionType: EncryptionType;
  KeyId: string;
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export interface StartingPosition {
  Type: ShardIteratorType;
  SequenceNumber?: string;
  Timestamp?: number;
}

export interface StopStreamEncryptionInput {
  EncryptionType: EncryptionType;
  KeyId: string;
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export interface StreamDescription {
  StreamName: string;
  StreamARN: string;
  StreamStatus: StreamStatus;
  Shards: readonly Shard[];
  HasMoreShards: boolean;
  RetentionPeriodHours: number;
  StreamCreationTimestamp: number;
  EnhancedMonitoring: readonly EnhancedMetrics[];
  StreamModeDetails?: StreamModeDetails;
  EncryptionType?: EncryptionType;
  KeyId?: string;
}

export interface StreamDescriptionSummary {
  StreamName: string;
  StreamARN: string;
  StreamStatus: StreamStatus;
  RetentionPeriodHours: number;
  StreamCreationTimestamp: number;
  EnhancedMonitoring: readonly EnhancedMetrics[];
  OpenShardCount: number;
  StreamId?: string;
  StreamModeDetails?: StreamModeDetails;
  EncryptionType?: EncryptionType;
  KeyId?: string;
  ConsumerCount?: number;
  WarmThroughput?: WarmThroughputObject;
  MaxRecordSizeInKiB?: number;
  ChannelCount?: number;
  RecordDistributionStrategy?: RecordDistributionStrategy;
}

export interface StreamFilter {
  StreamARN: string;
  StreamCreationTimestamp?: number;
}

export type StreamMode =
  | "PROVISIONED"
  | "ON_DEMAND";

export interface StreamModeDetails {
  StreamMode: StreamMode;
}

export type StreamStatus =
  | "CREATING"
  | "DELETING"
  | "ACTIVE"
  | "UPDATING";

export interface StreamSummary {
  StreamName: string;
  StreamARN: string;
  StreamStatus: StreamStatus;
  StreamModeDetails?: StreamModeDetails;
  StreamCreationTimestamp?: number;
}

export interface SubscribeToShardEvent {
  Records: readonly Record[];
  ContinuationSequenceNumber: string;
  MillisBehindLatest: number;
  ChildShards?: readonly ChildShard[];
}

export interface SubscribeToShardEventStream {
  SubscribeToShardEvent?: SubscribeToShardEvent;
  ResourceNotFoundException?: ResourceNotFoundException;
  ResourceInUseException?: ResourceInUseException;
  KMSDisabledException?: KMSDisabledException;
  KMSInvalidStateException?: KMSInvalidStateException;
  KMSAccessDeniedException?: KMSAccessDeniedException;
  KMSNotFoundException?: KMSNotFoundException;
  KMSOptInRequired?: KMSOptInRequired;
  KMSThrottlingException?: KMSThrottlingException;
  InternalFailureException?: InternalFailureException;
}

export interface SubscribeToShardInput {
  ConsumerARN: string;
  ShardId: string;
  StartingPosition: StartingPosition;
  StreamId?: string;
  DryRun?: boolean;
}

export interface SubscribeToShardOutput {
  EventStream: SubscribeToShardEventStream;
}

export interface Tag {
  Key: string;
  Value?: string;
}

export interface TagResourceInput {
  Tags: { readonly [key: string]: string };
  ResourceARN: string;
  StreamId?: string;
}

export interface UntagResourceInput {
  TagKeys: readonly string[];
  ResourceARN: string;
  StreamId?: string;
}

export interface UpdateAccountSettingsInput {
  MinimumThroughputBillingCommitment: MinimumThroughputBillingCommitmentInput;
}

export interface UpdateAccountSettingsOutput {
  MinimumThroughputBillingCommitment?: MinimumThroughputBillingCommitmentOutput;
}

export interface UpdateChannelInput {
  ChannelARN: string;
  S3DestinationConfiguration?: S3DestinationUpdateInput;
  S3TablesDestinationConfiguration?: S3TablesDestinationUpdateInput;
  LoggingConfiguration?: ChannelLoggingUpdateInput;
}

export interface UpdateChannelOutput {
  ChannelDescription: ChannelDescription;
}

export interface UpdateMaxRecordSizeInput {
  MaxRecordSizeInKiB: number;
  StreamARN?: string;
  StreamId?: string;
}

export interface UpdateShardCountInput {
  TargetShardCount: number;
  ScalingType: ScalingType;
  StreamName?: string;
  StreamARN?: string;
  StreamId?: string;
}

export interface UpdateShardCountOutput {
  StreamName?: string;
  CurrentShardCount?: number;
  TargetShardCount?: number;
  StreamARN?: string;
}

export interface UpdateStreamModeInput {
  StreamARN: string;
  StreamModeDetails: StreamModeDetails;
  StreamId?: string;
  WarmThroughputMiBps?: number;
}

export interface UpdateStreamRecordDistributionStrategyInput {
  StreamARN: string;
  RecordDistributionStrategy: RecordDistributionStrategy;
  StreamId?: string;
}

export interface UpdateStreamWarmThroughputInput {
  WarmThroughputMiBps: number;
  StreamARN?: string;
  StreamName?: string;
  StreamId?: string;
}

export interface UpdateStreamWarmThroughputOutput {
  StreamARN?: string;
  StreamName?: string;
  WarmThroughput?: WarmThroughputObject;
}

export interface ValidationException {
  message?: string;
}

export interface WarmThroughputObject {
  TargetMiBps?: number;
  CurrentMiBps?: number;
}

export interface KinesisOperations {
  AddTagsToStream: { input: AddTagsToStreamInput; output: {} };
  CreateChannel: { input: CreateChannelInput; output: CreateChannelOutput };
  CreateStream: { input: CreateStreamInput; output: {} };
  DecreaseStreamRetentionPeriod: { input: DecreaseStreamRetentionPeriodInput; output: {} };
  DeleteChannel: { input: DeleteChannelInput; output: {} };
  DeleteResourcePolicy: { input: DeleteResourcePolicyInput; output: {} };
  DeleteStream: { input: DeleteStreamInput; output: {} };
  DeregisterStreamConsumer: { input: DeregisterStreamConsumerInput; output: {} };
  DescribeAccountSettings: { input: DescribeAccountSettingsInput; output: DescribeAccountSettingsOutput };
  DescribeChannel: { input: DescribeChannelInput; output: DescribeChannelOutput };
  DescribeLimits: { input: DescribeLimitsInput; output: DescribeLimitsOutput };
  DescribeStream: { input: DescribeStreamInput; output: DescribeStreamOutput };
  DescribeStreamConsumer: { input: DescribeStreamConsumerInput; output: DescribeStreamConsumerOutput };
  DescribeStreamSummary: { input: DescribeStreamSummaryInput; output: DescribeStreamSummaryOutput };
  DisableEnhancedMonitoring: { input: DisableEnhancedMonitoringInput; output: EnhancedMonitoringOutput };
  EnableEnhancedMonitoring: { input: EnableEnhancedMonitoringInput; output: EnhancedMonitoringOutput };
  GetRecords: { input: GetRecordsInput; output: GetRecordsOutput };
  GetResourcePolicy: { input: GetResourcePolicyInput; output: GetResourcePolicyOutput };
  GetShardIterator: { input: GetShardIteratorInput; output: GetShardIteratorOutput };
  IncreaseStreamRetentionPeriod: { input: IncreaseStreamRetentionPeriodInput; output: {} };
  ListChannels: { input: ListChannelsInput; output: ListChannelsOutput };
  ListShards: { input: ListShardsInput; output: ListShardsOutput };
  ListStreamConsumers: { input: ListStreamConsumersInput; output: ListStreamConsumersOutput };
  ListStreams: { input: ListStreamsInput; output: ListStreamsOutput };
  ListTagsForResource: { input: ListTagsForResourceInput; output: ListTagsForResourceOutput };
  ListTagsForStream: { input: ListTagsForStreamInput; output: ListTagsForStreamOutput };
  MergeShards: { input: MergeShardsInput; output: {} };
  PutRecord: { input: PutRecordInput; output: PutRecordOutput };
  PutRecords: { input: PutRecordsInput; output: PutRecordsOutput };
  PutResourcePolicy: { input: PutResourcePolicyInput; output: {} };
  RegisterStreamConsumer: { input: RegisterStreamConsumerInput; output: RegisterStreamConsumerOutput };
  RemoveTagsFromStream: { input: RemoveTagsFromStreamInput; output: {} };
  SplitShard: { input: SplitShardInput; output: {} };
  StartStreamEncryption: { input: StartStreamEncryptionInput; output: {} };
  StopStreamEncryption: { input: StopStreamEncryptionInput; output: {} };
  SubscribeToShard: { input: SubscribeToShardInput; output: SubscribeToShardOutput };
  TagResource: { input: TagResourceInput; output: {} };
  UntagResource: { input: UntagResourceInput; output: {} };
  UpdateAccountSettings: { input: UpdateAccountSettingsInput; output: UpdateAccountSettingsOutput };
  UpdateChannel: { input: UpdateChannelInput; output: UpdateChannelOutput };
  UpdateMaxRecordSize: { input: UpdateMaxRecordSizeInput; output: {} };
  UpdateShardCount: { input: UpdateShardCountInput; output: UpdateShardCountOutput };
  UpdateStreamMode: { input: UpdateStreamModeInput; output: {} };
  UpdateStreamRecordDistributionStrategy: { input: UpdateStreamRecordDistributionStrategyInput; output: {} };
  UpdateStreamWarmThroughput: { input: UpdateStreamWarmThroughputInput; output: UpdateStreamWarmThroughputOutput };
}
