// Written by `npm run generate`. Do not edit.

export interface AccountLimit {
  TotalCodeSize?: number;
  CodeSizeUnzipped?: number;
  CodeSizeZipped?: number;
  ConcurrentExecutions?: number;
  UnreservedConcurrentExecutions?: number;
}

export interface AccountUsage {
  TotalCodeSize?: number;
  FunctionCount?: number;
}

export interface AddLayerVersionPermissionRequest {
  LayerName: string;
  VersionNumber: number;
  StatementId: string;
  Action: string;
  Principal: string;
  OrganizationId?: string;
  RevisionId?: string;
}

export interface AddLayerVersionPermissionResponse {
  Statement?: string;
  RevisionId?: string;
}

export interface AddPermissionRequest {
  FunctionName: string;
  StatementId: string;
  Action: string;
  Principal: string;
  SourceArn?: string;
  FunctionUrlAuthType?: FunctionUrlAuthType;
  InvokedViaFunctionUrl?: boolean;
  SourceAccount?: string;
  EventSourceToken?: string;
  Qualifier?: string;
  RevisionId?: string;
  PrincipalOrgID?: string;
}

export interface AddPermissionResponse {
  Statement?: string;
}

export interface AliasConfiguration {
  AliasArn?: string;
  Name?: string;
  FunctionVersion?: string;
  Description?: string;
  RoutingConfig?: AliasRoutingConfiguration;
  RevisionId?: string;
}

export interface AliasLimitExceededException {
  Type?: string;
  message?: string;
}

export interface AliasRoutingConfiguration {
  AdditionalVersionWeights?: { readonly [key: string]: number };
}

export interface AllowedPublishers {
  SigningProfileVersionArns: readonly string[];
}

export interface AmazonManagedKafkaEventSourceConfig {
  ConsumerGroupId?: string;
  SchemaRegistryConfig?: KafkaSchemaRegistryConfig;
}

export type ApplicationLogLevel =
  | "TRACE"
  | "DEBUG"
  | "INFO"
  | "WARN"
  | "ERROR"
  | "FATAL";

export type Architecture =
  | "x86_64"
  | "arm64";

export interface CallbackDetails {
  CallbackId?: string;
  Result?: string;
  Error?: ErrorObject;
}

export interface CallbackFailedDetails {
  Error: EventError;
}

export interface CallbackOptions {
  TimeoutSeconds?: number;
  HeartbeatTimeoutSeconds?: number;
}

export interface CallbackStartedDetails {
  CallbackId: string;
  HeartbeatTimeout?: number;
  Timeout?: number;
}

export interface CallbackSucceededDetails {
  Result: EventResult;
}

export interface CallbackTimedOutDetails {
  Error: EventError;
}

export interface CallbackTimeoutException {
  Type?: string;
  Message?: string;
}

export interface CapacityProvider {
  CapacityProviderArn: string;
  State: string;
  VpcConfig: CapacityProviderVpcConfig;
  PermissionsConfig: CapacityProviderPermissionsConfig;
  InstanceRequirements?: InstanceRequirements;
  CapacityProviderScalingConfig?: CapacityProviderScalingConfig;
  KmsKeyArn?: string;
  LastModified?: string;
  PropagateTags?: PropagateTags;
  TelemetryConfig?: CapacityProviderTelemetryConfig;
}

export interface CapacityProviderConfig {
  LambdaManagedInstancesCapacityProviderConfig: LambdaManagedInstancesCapacityProviderConfig;
}

export interface CapacityProviderLimitExceededException {
  Type?: string;
  message?: string;
}

export interface CapacityProviderLoggingConfig {
  SystemLogLevel?: string;
  LogGroup?: string;
}

export interface CapacityProviderPermissionsConfig {
  CapacityProviderOperatorRoleArn: string;
}

export interface CapacityProviderScalingConfig {
  MaxVCpuCount?: number;
  ScalingMode?: string;
  ScalingPolicies?: readonly TargetTrackingScalingPolicy[];
}

export interface CapacityProviderTelemetryConfig {
  LoggingConfig?: CapacityProviderLoggingConfig;
}

export interface CapacityProviderVpcConfig {
  SubnetIds: readonly string[];
  SecurityGroupIds: readonly string[];
}

export interface ChainedInvokeDetails {
  Result?: string;
  Error?: ErrorObject;
}

export interface ChainedInvokeFailedDetails {
  Error: EventError;
}

export interface ChainedInvokeOptions {
  FunctionName: string;
  TenantId?: string;
  XAmznTraceId?: string;
}

export interface ChainedInvokeStartedDetails {
  FunctionName: string;
  TenantId?: string;
  Input?: EventInput;
  ExecutedVersion?: string;
  DurableExecutionArn?: string;
}

export interface ChainedInvokeStoppedDetails {
  Error: EventError;
}

export interface ChainedInvokeSucceededDetails {
  Result: EventResult;
}

export interface ChainedInvokeTimedOutDetails {
  Error: EventError;
}

export interface CheckpointDurableExecutionRequest {
  DurableExecutionArn: string;
  CheckpointToken: string;
  Updates?: readonly OperationUpdate[];
  ClientToken?: string;
}

export interface CheckpointDurableExecutionResponse {
  NewExecutionState: CheckpointUpdatedExecutionState;
  CheckpointToken?: string;
}

export interface CheckpointUpdatedExecutionState {
  Operations?: readonly Operation[];
  NextMarker?: string;
}

export interface CodeArtifactUserDeletedException {
  Type?: string;
  message?: string;
}

export interface CodeArtifactUserFailedException {
  Type?: string;
  message?: string;
}

export interface CodeArtifactUserPendingException {
  Type?: string;
  message?: string;
}

export interface CodeSigningConfig {
  CodeSigningConfigId: string;
  CodeSigningConfigArn: string;
  AllowedPublishers: AllowedPublishers;
  CodeSigningPolicies: CodeSigningPolicies;
  LastModified: string;
  Description?: string;
}

export interface CodeSigningConfigNotFoundException {
  Type?: string;
  Message?: string;
}

export interface CodeSigningPolicies {
  UntrustedArtifactOnDeployment?: string;
}

export interface CodeStorageExceededException {
  Type?: string;
  message?: string;
}

export interface CodeVerificationFailedException {
  Type?: string;
  Message?: string;
}

export interface Concurrency {
  ReservedConcurrentExecutions?: number;
}

export interface ContextDetails {
  ReplayChildren?: boolean;
  Result?: string;
  Error?: ErrorObject;
}

export interface ContextFailedDetails {
  Error: EventError;
}

export interface ContextOptions {
  ReplayChildren?: boolean;
}

export interface ContextStartedDetails {}

export interface ContextSucceededDetails {
  Result: EventResult;
}

export interface Cors {
  AllowCredentials?: boolean;
  AllowHeaders?: readonly string[];
  AllowMethods?: readonly string[];
  AllowOrigins?: readonly string[];
  ExposeHeaders?: readonly string[];
  MaxAge?: number;
}

export interface CreateAliasRequest {
  FunctionName: string;
  Name: string;
  FunctionVersion: string;
  Description?: string;
  RoutingConfig?: AliasRoutingConfiguration;
}

export interface CreateCapacityProviderRequest {
  CapacityProviderName: string;
  VpcConfig: CapacityProviderVpcConfig;
  PermissionsConfig: CapacityProviderPermissionsConfig;
  InstanceRequirements?: InstanceRequirements;
  CapacityProviderScalingConfig?: CapacityProviderScalingConfig;
  KmsKeyArn?: string;
  Tags?: { readonly [key: string]: string };
  PropagateTags?: PropagateTags;
  TelemetryConfig?: CapacityProviderTelemetryConfig;
}

export interface CreateCapacityProviderResponse {
  CapacityProvider: CapacityProvider;
}

export interface CreateCodeSigningConfigRequest {
  AllowedPublishers: AllowedPublishers;
  Description?: string;
  CodeSigningPolicies?: CodeSigningPolicies;
  Tags?: { readonly [key: string]: string };
}

export interface CreateCodeSigningConfigResponse {
  CodeSigningConfig: CodeSigningConfig;
}

export interface CreateEventSourceMappingRequest {
  FunctionName: string;
  EventSourceArn?: string;
  Enabled?: boolean;
  BatchSize?: number;
  FilterCriteria?: FilterCriteria;
  KMSKeyArn?: string;
  MetricsConfig?: EventSourceMappingMetricsConfig;
  LoggingConfig?: EventSourceMappingLoggingConfig;
  ScalingConfig?: ScalingConfig;
  MaximumBatchingWindowInSeconds?: number;
  ParallelizationFactor?: number;
  StartingPosition?: string;
  StartingPositionTimestamp?: number;
  DestinationConfig?: DestinationConfig;
  MaximumRecordAgeInSeconds?: number;
  BisectBatchOnFunctionError?: boolean;
  MaximumRetryAttempts?: number;
  Tags?: { readonly [key: string]: string };
  TumblingWindowInSeconds?: number;
  Topics?: readonly string[];
  Queues?: readonly string[];
  SourceAccessConfigurations?: readonly SourceAccessConfiguration[];
  SelfManagedEventSource?: SelfManagedEventSource;
  FunctionResponseTypes?: readonly string[];
  AmazonManagedKafkaEventSourceConfig?: AmazonManagedKafkaEventSourceConfig;
  SelfManagedKafkaEventSourceConfig?: SelfManagedKafkaEventSourceConfig;
  DocumentDBEventSourceConfig?: DocumentDBEventSourceConfig;
  ProvisionedPollerConfig?: ProvisionedPollerConfig;
}

export interface CreateFunctionRequest {
  FunctionName: string;
  Role: string;
  Code: FunctionCode;
  Runtime?: Runtime;
  Handler?: string;
  Description?: string;
  Timeout?: number;
  MemorySize?: number;
  Publish?: boolean;
  PublishTo?: FunctionVersionLatestPublished;
  VpcConfig?: VpcConfig;
  PackageType?: PackageType;
  DeadLetterConfig?: DeadLetterConfig;
  Environment?: Environment;
  KMSKeyArn?: string;
  TracingConfig?: TracingConfig;
  Tags?: { readonly [key: string]: string };
  Layers?: readonly string[];
  FileSystemConfigs?: readonly FileSystemConfig[];
  CodeSigningConfigArn?: string;
  ImageConfig?: ImageConfig;
  Architectures?: readonly Architecture[];
  EphemeralStorage?: EphemeralStorage;
  SnapStart?: SnapStart;
  LoggingConfig?: LoggingConfig;
  TenancyConfig?: TenancyConfig;
  CapacityProviderConfig?: CapacityProviderConfig;
  DurableConfig?: DurableConfig;
}

export interface CreateFunctionUrlConfigRequest {
  FunctionName: string;
  AuthType: string;
  Qualifier?: string;
  Cors?: Cors;
  InvokeMode?: string;
}

export interface CreateFunctionUrlConfigResponse {
  FunctionUrl: string;
  FunctionArn: string;
  AuthType: string;
  CreationTime: string;
  Cors?: Cors;
  InvokeMode?: string;
}

export interface DeadLetterConfig {
  TargetArn?: string;
}

export interface DeleteAliasRequest {
  FunctionName: string;
  Name: string;
}

export interface DeleteCapacityProviderRequest {
  CapacityProviderName: string;
}

export interface DeleteCapacityProviderResponse {
  CapacityProvider: CapacityProvider;
}

export interface DeleteCodeSigningConfigRequest {
  CodeSigningConfigArn: string;
}

export interface DeleteCodeSigningConfigResponse {}

export interface DeleteEventSourceMappingRequest {
  UUID: string;
}

export interface DeleteFunctionCodeSigningConfigRequest {
  FunctionName: string;
}

export interface DeleteFunctionConcurrencyRequest {
  FunctionName: string;
}

export interface DeleteFunctionEventInvokeConfigRequest {
  FunctionName: string;
  Qualifier?: string;
}

export interface DeleteFunctionRequest {
  FunctionName: string;
  Qualifier?: string;
}

export interface DeleteFunctionResponse {
  StatusCode?: number;
}

export interface DeleteFunctionUrlConfigRequest {
  FunctionName: string;
  Qualifier?: string;
}

export interface DeleteLayerVersionRequest {
  LayerName: string;
  VersionNumber: number;
}

export interface DeleteProvisionedConcurrencyConfigRequest {
  FunctionName: string;
  Qualifier: string;
}

export interface DeleteResourcePolicyRequest {
  ResourceArn: string;
  RevisionId?: string;
}

export interface DestinationConfig {
  OnSuccess?: OnSuccess;
  OnFailure?: OnFailure;
}

export interface DocumentDBEventSourceConfig {
  DatabaseName?: string;
  CollectionName?: string;
  FullDocument?: string;
}

export interface DurableConfig {
  KMSKeyArn?: string;
  RetentionPeriodInDays?: number;
  ExecutionTimeout?: number;
}

export interface DurableExecutionAlreadyStartedException {
  Type?: string;
  Message?: string;
}

export interface EC2AccessDeniedException {
  Type?: string;
  Message?: string;
}

export interface EC2ThrottledException {
  Type?: string;
  Message?: string;
}

export interface EC2UnexpectedException {
  Type?: string;
  Message?: string;
  EC2ErrorCode?: string;
}

export interface EFSIOException {
  Type?: string;
  Message?: string;
}

export interface EFSMountConnectivityException {
  Type?: string;
  Message?: string;
}

export interface EFSMountFailureException {
  Type?: string;
  Message?: string;
}

export interface EFSMountTimeoutException {
  Type?: string;
  Message?: string;
}

export interface ENILimitReachedException {
  Type?: string;
  Message?: string;
}

export interface ENINotReadyException {
  Type?: string;
  Message?: string;
}

export interface Environment {
  Variables?: { readonly [key: string]: string };
}

export interface EnvironmentError {
  ErrorCode?: string;
  Message?: string;
}

export interface EnvironmentResponse {
  Variables?: { readonly [key: string]: string };
  Error?: EnvironmentError;
}

export interface EphemeralStorage {
  Size: number;
}

export interface ErrorObject {
  ErrorMessage?: string;
  ErrorType?: string;
  ErrorData?: string;
  StackTrace?: readonly string[];
}

export interface Event {
  EventType?: string;
  SubType?: string;
  EventId?: number;
  Id?: string;
  Name?: string;
  EventTimestamp?: number;
  ParentId?: string;
  ExecutionStartedDetails?: ExecutionStartedDetails;
  ExecutionSucceededDetails?: ExecutionSucceededDetails;
  ExecutionFailedDetails?: ExecutionFailedDetails;
  ExecutionTimedOutDetails?: ExecutionTimedOutDetails;
  ExecutionStoppedDetails?: ExecutionStoppedDetails;
  ContextStartedDetails?: ContextStartedDetails;
  ContextSucceededDetails?: ContextSucceededDetails;
  ContextFailedDetails?: ContextFailedDetails;
  WaitStartedDetails?: WaitStartedDetails;
  WaitSucceededDetails?: WaitSucceededDetails;
  WaitCancelledDetails?: WaitCancelledDetails;
  StepStartedDetails?: StepStartedDetails;
  StepSucceededDetails?: StepSucceededDetails;
  StepFailedDetails?: StepFailedDetails;
  ChainedInvokeStartedDetails?: ChainedInvokeStartedDetails;
  ChainedInvokeSucceededDetails?: ChainedInvokeSucceededDetails;
  ChainedInvokeFailedDetails?: ChainedInvokeFailedDetails;
  ChainedInvokeTimedOutDetails?: ChainedInvokeTimedOutDetails;
  ChainedInvokeStoppedDetails?: ChainedInvokeStoppedDetails;
  CallbackStartedDetails?: CallbackStartedDetails;
  CallbackSucceededDetails?: CallbackSucceededDetails;
  CallbackFailedDetails?: CallbackFailedDetails;
  CallbackTimedOutDetails?: CallbackTimedOutDetails;
  InvocationCompletedDetails?: InvocationCompletedDetails;
}

export interface EventError {
  Payload?: ErrorObject;
  Truncated?: boolean;
}

export interface EventInput {
  Payload?: string;
  Truncated?: boolean;
}

export interface EventResult {
  Payload?: string;
  Truncated?: boolean;
}

export interface EventSourceMappingConfiguration {
  UUID?: string;
  StartingPosition?: string;
  StartingPositionTimestamp?: number;
  BatchSize?: number;
  MaximumBatchingWindowInSeconds?: number;
  ParallelizationFactor?: number;
  EventSourceArn?: string;
  FilterCriteria?: FilterCriteria;
  FilterCriteriaError?: FilterCriteriaError;
  KMSKeyArn?: string;
  MetricsConfig?: EventSourceMappingMetricsConfig;
  LoggingConfig?: EventSourceMappingLoggingConfig;
  ScalingConfig?: ScalingConfig;
  FunctionArn?: string;
  LastModified?: number;
  LastProcessingResult?: string;
  State?: string;
  StateTransitionReason?: string;
  DestinationConfig?: DestinationConfig;
  Topics?: readonly string[];
  Queues?: readonly string[];
  SourceAccessConfigurations?: readonly SourceAccessConfiguration[];
  SelfManagedEventSource?: SelfManagedEventSource;
  MaximumRecordAgeInSeconds?: number;
  BisectBatchOnFunctionError?: boolean;
  MaximumRetryAttempts?: number;
  TumblingWindowInSeconds?: number;
  FunctionResponseTypes?: readonly string[];
  AmazonManagedKafkaEventSourceConfig?: AmazonManagedKafkaEventSourceConfig;
  SelfManagedKafkaEventSourceConfig?: SelfManagedKafkaEventSourceConfig;
  DocumentDBEventSourceConfig?: DocumentDBEventSourceConfig;
  EventSourceMappingArn?: string;
  ProvisionedPollerConfig?: ProvisionedPollerConfig;
}

export interface EventSourceMappingLoggingConfig {
  SystemLogLevel?: string;
}

export interface EventSourceMappingMetricsConfig {
  Metrics?: readonly string[];
}

export interface Execution {
  DurableExecutionArn: string;
  DurableExecutionName: string;
  FunctionArn: string;
  Status: string;
  StartTimestamp: number;
  EndTimestamp?: number;
  KMSKeyArn?: string;
}

export interface ExecutionDetails {
  InputPayload?: string;
}

export interface ExecutionFailedDetails {
  Error: EventError;
}

export interface ExecutionStartedDetails {
  Input: EventInput;
  ExecutionTimeout: number;
}

export interface ExecutionStoppedDetails {
  Error: EventError;
}

export interface ExecutionSucceededDetails {
  Result: EventResult;
}

export interface ExecutionTimedOutDetails {
  Error?: EventError;
}

export interface FileSystemConfig {
  Arn: string;
  LocalMountPath: string;
  S3FilesConfig?: S3FilesConfig;
}

export interface Filter {
  Pattern?: string;
}

export interface FilterCriteria {
  Filters?: readonly Filter[];
}

export interface FilterCriteriaError {
  ErrorCode?: string;
  Message?: string;
}

export interface FunctionCode {
  ZipFile?: Uint8Array;
  S3Bucket?: string;
  S3Key?: string;
  S3ObjectVersion?: string;
  S3ObjectStorageMode?: string;
  ImageUri?: string;
  SourceKMSKeyArn?: string;
}

export interface FunctionCodeLocation {
  RepositoryType?: string;
  Location?: string;
  ImageUri?: string;
  ResolvedImageUri?: string;
  ResolvedS3Object?: ResolvedS3Object;
  SourceKMSKeyArn?: string;
  Error?: FunctionCodeLocationError;
}

export interface FunctionCodeLocationError {
  ErrorCode?: string;
  Message?: string;
}

export interface FunctionConfiguration {
  FunctionName?: string;
  FunctionArn?: string;
  Runtime?: string;
  Role?: string;
  Handler?: string;
  CodeSize?: number;
  Description?: string;
  Timeout?: number;
  MemorySize?: number;
  LastModified?: string;
  CodeSha256?: string;
  Version?: string;
  VpcConfig?: VpcConfigResponse;
  DeadLetterConfig?: DeadLetterConfig;
  Environment?: EnvironmentResponse;
  KMSKeyArn?: string;
  TracingConfig?: TracingConfigResponse;
  MasterArn?: string;
  RevisionId?: string;
  Layers?: readonly Layer[];
  State?: string;
  StateReason?: string;
  StateReasonCode?: string;
  LastUpdateStatus?: string;
  LastUpdateStatusReason?: string;
  LastUpdateStatusReasonCode?: string;
  FileSystemConfigs?: readonly FileSystemConfig[];
  SigningProfileVersionArn?: string;
  SigningJobArn?: string;
  PackageType?: string;
  ImageConfigResponse?: ImageConfigResponse;
  Architectures?: readonly string[];
  EphemeralStorage?: EphemeralStorage;
  SnapStart?: SnapStartResponse;
  RuntimeVersionConfig?: RuntimeVersionConfig;
  LoggingConfig?: LoggingConfig;
  TenancyConfig?: TenancyConfig;
  CapacityProviderConfig?: CapacityProviderConfig;
  ConfigSha256?: string;
  DurableConfig?: DurableConfig;
}

export interface FunctionEventInvokeConfig {
  LastModified?: number;
  FunctionArn?: string;
  MaximumRetryAttempts?: number;
  MaximumEventAgeInSeconds?: number;
  DestinationConfig?: DestinationConfig;
}

export interface FunctionScalingConfig {
  MinExecutionEnvironments?: number;
  MaxExecutionEnvironments?: number;
}

export type FunctionUrlAuthType =
  | "NONE"
  | "AWS_IAM";

export interface FunctionUrlConfig {
  FunctionUrl: string;
  FunctionArn: string;
  CreationTime: string;
  LastModifiedTime: string;
  AuthType: string;
  Cors?: Cors;
  InvokeMode?: string;
}

export type FunctionVersion =
  | "ALL";

export type FunctionVersionLatestPublished =
  | "LATEST_PUBLISHED";

export interface FunctionVersionsByCapacityProviderListItem {
  FunctionArn: string;
  State: string;
}

export interface FunctionVersionsPerCapacityProviderLimitExceededException {
  Type?: string;
  message?: string;
}

export interface GetAccountSettingsRequest {}

export interface GetAccountSettingsResponse {
  AccountLimit?: AccountLimit;
  AccountUsage?: AccountUsage;
}

export interface GetAliasRequest {
  FunctionName: string;
  Name: string;
}

export interface GetCapacityProviderRequest {
  CapacityProviderName: string;
}

export interface GetCapacityProviderResponse {
  CapacityProvider: CapacityProvider;
}

export interface GetCodeSigningConfigRequest {
  CodeSigningConfigArn: string;
}

export interface GetCodeSigningConfigResponse {
  CodeSigningConfig: CodeSigningConfig;
}

export interface GetDurableExecutionHistoryRequest {
  DurableExecutionArn: string;
  IncludeExecutionData?: boolean;
  MaxItems?: number;
  Marker?: string;
  ReverseOrder?: boolean;
}

export interface GetDurableExecutionHistoryResponse {
  Events: readonly Event[];
  NextMarker?: string;
}

export interface GetDurableExecutionRequest {
  DurableExecutionArn: string;
  IncludeExecutionData?: boolean;
}

export interface GetDurableExecutionResponse {
  DurableExecutionArn: string;
  DurableExecutionName: string;
  FunctionArn: string;
  StartTimestamp: number;
  Status: string;
  InputPayload?: string;
  Result?: string;
  Error?: ErrorObject;
  EndTimestamp?: number;
  Version?: string;
  TraceHeader?: TraceHeader;
  ExecutionDataIncluded?: boolean;
  DurableConfig?: DurableConfig;
}

export interface GetDurableExecutionStateRequest {
  DurableExecutionArn: string;
  CheckpointToken: string;
  Marker?: string;
  MaxItems?: number;
}

export interface GetDurableExecutionStateResponse {
  Operations: readonly Operation[];
  NextMarker?: string;
}

export interface GetEventSourceMappingRequest {
  UUID: string;
}

export interface GetFunctionCodeSigningConfigRequest {
  FunctionName: string;
}

export interface GetFunctionCodeSigningConfigResponse {
  CodeSigningConfigArn: string;
  FunctionName: string;
}

export interface GetFunctionConcurrencyRequest {
  FunctionName: string;
}

export interface GetFunctionConcurrencyResponse {
  ReservedConcurrentExecutions?: number;
}

export interface GetFunctionConfigurationRequest {
  FunctionName: string;
  Qualifier?: string;
}

export interface GetFunctionEventInvokeConfigRequest {
  FunctionName: string;
  Qualifier?: string;
}

export interface GetFunctionRecursionConfigRequest {
  FunctionName: string;
}

export interface GetFunctionRecursionConfigResponse {
  RecursiveLoop?: string;
}

export interface GetFunctionRequest {
  FunctionName: string;
  Qualifier?: string;
}

export interface GetFunctionResponse {
  Configuration?: FunctionConfiguration;
  Code?: FunctionCodeLocation;
  Tags?: { readonly [key: string]: string };
  TagsError?: TagsError;
  Concurrency?: Concurrency;
}

export interface GetFunctionScalingConfigRequest {
  FunctionName: string;
  Qualifier: string;
}

export interface GetFunctionScalingConfigResponse {
  FunctionArn?: string;
  AppliedFunctionScalingConfig?: FunctionScalingConfig;
  RequestedFunctionScalingConfig?: FunctionScalingConfig;
}

export interface GetFunctionUrlConfigRequest {
  FunctionName: string;
  Qualifier?: string;
}

export interface GetFunctionUrlConfigResponse {
  FunctionUrl: string;
  FunctionArn: string;
  AuthType: string;
  CreationTime: string;
  LastModifiedTime: string;
  Cors?: Cors;
  InvokeMode?: string;
}

export interface GetLayerVersionByArnRequest {
  Arn: string;
}

export interface GetLayerVersionPolicyRequest {
  LayerName: string;
  VersionNumber: number;
}

export interface GetLayerVersionPolicyResponse {
  Policy?: string;
  RevisionId?: string;
}

export interface GetLayerVersionRequest {
  LayerName: string;
  VersionNumber: number;
}

export interface GetLayerVersionResponse {
  Content?: LayerVersionContentOutput;
  LayerArn?: string;
  LayerVersionArn?: string;
  Description?: string;
  CreatedDate?: string;
  Version?: number;
  CompatibleArchitectures?: readonly string[];
  CompatibleRuntimes?: readonly string[];
  LicenseInfo?: string;
}

export interface GetPolicyRequest {
  FunctionName: string;
  Qualifier?: string;
}

export interface GetPolicyResponse {
  Policy?: string;
  RevisionId?: string;
}

export interface GetProvisionedConcurrencyConfigRequest {
  FunctionName: string;
  Qualifier: string;
}

export interface GetProvisionedConcurrencyConfigResponse {
  RequestedProvisionedConcurrentExecutions?: number;
  AvailableProvisionedConcurrentExecutions?: number;
  AllocatedProvisionedConcurrentExecutions?: number;
  Status?: string;
  StatusReason?: string;
  LastModified?: string;
}

export interface GetResourcePolicyRequest {
  ResourceArn: string;
}

export interface GetResourcePolicyResponse {
  Policy?: string;
  RevisionId?: string;
}

export interface GetRuntimeManagementConfigRequest {
  FunctionName: string;
  Qualifier?: string;
}

export interface GetRuntimeManagementConfigResponse {
  UpdateRuntimeOn?: string;
  FunctionArn?: string;
  RuntimeVersionArn?: string;
}

export interface ImageConfig {
  EntryPoint?: readonly string[];
  Command?: readonly string[];
  WorkingDirectory?: string;
}

export interface ImageConfigError {
  ErrorCode?: string;
  Message?: string;
}

export interface ImageConfigResponse {
  ImageConfig?: ImageConfig;
  Error?: ImageConfigError;
}

export interface InstanceRequirements {
  Architectures?: readonly string[];
  AllowedInstanceTypes?: readonly string[];
  ExcludedInstanceTypes?: readonly string[];
}

export interface InvalidCodeSignatureException {
  Type?: string;
  Message?: string;
}

export interface InvalidParameterValueException {
  Type?: string;
  message?: string;
}

export interface InvalidRequestContentException {
  Type?: string;
  message?: string;
}

export interface InvalidRuntimeException {
  Type?: string;
  Message?: string;
}

export interface InvalidSecurityGroupIDException {
  Type?: string;
  Message?: string;
}

export interface InvalidSubnetIDException {
  Type?: string;
  Message?: string;
}

export interface InvalidZipFileException {
  Type?: string;
  Message?: string;
}

export interface InvocationCompletedDetails {
  StartTimestamp: number;
  EndTimestamp: number;
  RequestId: string;
  Error?: EventError;
}

export interface InvocationRequest {
  FunctionName: string;
  InvocationType?: InvocationType;
  LogType?: LogType;
  ClientContext?: string;
  DurableExecutionName?: string;
  Payload?: Uint8Array;
  Qualifier?: string;
  TenantId?: string;
}

export interface InvocationResponse {
  StatusCode?: number;
  FunctionError?: string;
  LogResult?: string;
  Payload?: Uint8Array;
  ExecutedVersion?: string;
  DurableExecutionArn?: string;
}

export type InvocationType =
  | "Event"
  | "RequestResponse"
  | "DryRun";

export interface InvokeAsyncRequest {
  FunctionName: string;
  InvokeArgs: Uint8Array;
}

export interface InvokeAsyncResponse {
  Status?: number;
}

export interface InvokeResponseStreamUpdate {
  Payload?: Uint8Array;
}

export interface InvokeWithResponseStreamCompleteEvent {
  ErrorCode?: string;
  ErrorDetails?: string;
  LogResult?: string;
}

export interface InvokeWithResponseStreamRequest {
  FunctionName: string;
  LogType?: string;
  ClientContext?: string;
  Qualifier?: string;
  Payload?: Uint8Array;
  TenantId?: string;
  InvocationType?: string;
}

export interface InvokeWithResponseStreamResponse {
  StatusCode?: number;
  ExecutedVersion?: string;
  EventStream?: InvokeWithResponseStreamResponseEvent;
  ResponseStreamContentType?: string;
}

export interface InvokeWithResponseStreamResponseEvent {
  PayloadChunk?: InvokeResponseStreamUpdate;
  InvokeComplete?: InvokeWithResponseStreamCompleteEvent;
}

export interface KMSAccessDeniedException {
  Type?: string;
  Message?: string;
}

export interface KMSDisabledException {
  Type?: string;
  Message?: string;
}

export interface KMSInvalidStateException {
  Type?: string;
  Message?: string;
}

export interface KMSNotFoundException {
  Type?: string;
  Message?: string;
}

export interface KafkaSchemaRegistryAccessConfig {
  Type?: string;
  URI?: string;
}

export interface KafkaSchemaRegistryConfig {
  SchemaRegistryURI?: string;
  EventRecordFormat?: string;
  AccessConfigs?: readonly KafkaSchemaRegistryAccessConfig[];
  SchemaValidationConfigs?: readonly KafkaSchemaValidationConfig[];
}

export interface KafkaSchemaValidationConfig {
  Attribute?: string;
}

export interface LambdaManagedInstancesCapacityProviderConfig {
  CapacityProviderArn: string;
  PerExecutionEnvironmentMaxConcurrency?: number;
  ExecutionEnvironmentMemoryGiBPerVCpu?: number;
}

export interface LambdaServiceException {}

export interface Layer {
  Arn?: string;
  CodeSize?: number;
  SigningProfileVersionArn?: string;
  SigningJobArn?: string;
}

export interface LayerVersionContentInput {
  S3Bucket?: string;
  S3Key?: string;
  S3ObjectVersion?: string;
  S3ObjectStorageMode?: string;
  ZipFile?: Uint8Array;
}

export interface LayerVersionContentOutput {
  Location?: string;
  CodeSha256?: string;
  CodeSize?: number;
  SigningProfileVersionArn?: string;
  SigningJobArn?: string;
  ResolvedS3Object?: ResolvedS3Object;
}

export interface LayerVersionsListItem {
  LayerVersionArn?: string;
  Version?: number;
  Description?: string;
  CreatedDate?: string;
  CompatibleArchitectures?: readonly string[];
  CompatibleRuntimes?: readonly string[];
  LicenseInfo?: string;
}

export interface LayersListItem {
  LayerName?: string;
  LayerArn?: string;
  LatestMatchingVersion?: LayerVersionsListItem;
}

export interface ListAliasesRequest {
  FunctionName: string;
  FunctionVersion?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListAliasesResponse {
  NextMarker?: string;
  Aliases?: readonly AliasConfiguration[];
}

export interface ListCapacityProvidersRequest {
  State?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListCapacityProvidersResponse {
  CapacityProviders: readonly CapacityProvider[];
  NextMarker?: string;
}

export interface ListCodeSigningConfigsRequest {
  Marker?: string;
  MaxItems?: number;
}

export interface ListCodeSigningConfigsResponse {
  NextMarker?: string;
  CodeSigningConfigs?: readonly CodeSigningConfig[];
}

export interface ListDurableExecutionsByFunctionRequest {
  FunctionName: string;
  Qualifier?: string;
  DurableExecutionName?: string;
  Statuses?: readonly string[];
  StartedAfter?: number;
  StartedBefore?: number;
  ReverseOrder?: boolean;
  Marker?: string;
  MaxItems?: number;
}

export interface ListDurableExecutionsByFunctionResponse {
  DurableExecutions?: readonly Execution[];
  NextMarker?: string;
}

export interface ListEventSourceMappingsRequest {
  EventSourceArn?: string;
  FunctionName?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListEventSourceMappingsResponse {
  NextMarker?: string;
  EventSourceMappings?: readonly EventSourceMappingConfiguration[];
}

export interface ListFunctionEventInvokeConfigsRequest {
  FunctionName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListFunctionEventInvokeConfigsResponse {
  FunctionEventInvokeConfigs?: readonly FunctionEventInvokeConfig[];
  NextMarker?: string;
}

export interface ListFunctionUrlConfigsRequest {
  FunctionName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListFunctionUrlConfigsResponse {
  FunctionUrlConfigs: readonly FunctionUrlConfig[];
  NextMarker?: string;
}

export interface ListFunctionVersionsByCapacityProviderRequest {
  CapacityProviderName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListFunctionVersionsByCapacityProviderResponse {
  CapacityProviderArn: string;
  FunctionVersions: readonly FunctionVersionsByCapacityProviderListItem[];
  NextMarker?: string;
}

export interface ListFunctionsByCodeSigningConfigRequest {
  CodeSigningConfigArn: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListFunctionsByCodeSigningConfigResponse {
  NextMarker?: string;
  FunctionArns?: readonly string[];
}

export interface ListFunctionsRequest {
  MasterRegion?: string;
  FunctionVersion?: FunctionVersion;
  Marker?: string;
  MaxItems?: number;
}

export interface ListFunctionsResponse {
  NextMarker?: string;
  Functions?: readonly FunctionConfiguration[];
}

export interface ListLayerVersionsRequest {
  LayerName: string;
  CompatibleArchitecture?: string;
  CompatibleRuntime?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListLayerVersionsResponse {
  NextMarker?: string;
  LayerVersions?: readonly LayerVersionsListItem[];
}

export interface ListLayersRequest {
  CompatibleArchitecture?: string;
  CompatibleRuntime?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListLayersResponse {
  NextMarker?: string;
  Layers?: readonly LayersListItem[];
}

export interface ListProvisionedConcurrencyConfigsRequest {
  FunctionName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListProvisionedConcurrencyConfigsResponse {
  ProvisionedConcurrencyConfigs?: readonly ProvisionedConcurrencyConfigListItem[];
  NextMarker?: string;
}

export interface ListTagsRequest {
  Resource: string;
}

export interface ListTagsResponse {
  Tags?: { readonly [key: string]: string };
}

export interface ListVersionsByFunctionRequest {
  FunctionName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListVersionsByFunctionResponse {
  NextMarker?: string;
  Versions?: readonly FunctionConfiguration[];
}

export type LogFormat =
  | "JSON"
  | "Text";

export type LogType =
  | "None"
  | "Tail";

export interface LoggingConfig {
  LogFormat?: LogFormat;
  ApplicationLogLevel?: ApplicationLogLevel;
  SystemLogLevel?: SystemLogLevel;
  LogGroup?: string;
}

export interface ModeNotSupportedException {
  Type?: string;
  message?: string;
}

export interface NoPublishedVersionException {
  Type?: string;
  Message?: string;
}

export interface OnFailure {
  Destination?: string;
}

export interface OnSuccess {
  Destination?: string;
}

export interface Operation {
  Id: string;
  Type: string;
  StartTimestamp: number;
  Status: string;
  ParentId?: string;
  Name?: string;
  SubType?: string;
  EndTimestamp?: number;
  ExecutionDetails?: ExecutionDetails;
  ContextDetails?: ContextDetails;
  StepDetails?: StepDetails;
  WaitDetails?: WaitDetails;
  CallbackDetails?: CallbackDetails;
  ChainedInvokeDetails?: ChainedInvokeDetails;
}

export interface OperationUpdate {
  Id: string;
  Type: string;
  Action: string;
  ParentId?: string;
  Name?: string;
  SubType?: string;
  Payload?: string;
  Error?: ErrorObject;
  ContextOptions?: ContextOptions;
  StepOptions?: StepOptions;
  WaitOptions?: WaitOptions;
  CallbackOptions?: CallbackOptions;
  ChainedInvokeOptions?: ChainedInvokeOptions;
}

export type PackageType =
  | "Zip"
  | "Image";

export interface PolicyLengthExceededException {
  Type?: string;
  message?: string;
}

export interface PreconditionFailedException {
  Type?: string;
  message?: string;
}

export interface PropagateTags {
  Mode?: string;
  ExplicitTags?: { readonly [key: string]: string };
}

export interface ProvisionedConcurrencyConfigListItem {
  FunctionArn?: string;
  RequestedProvisionedConcurrentExecutions?: number;
  AvailableProvisionedConcurrentExecutions?: number;
  AllocatedProvisionedConcurrentExecutions?: number;
  Status?: string;
  StatusReason?: string;
  LastModified?: string;
}

export interface ProvisionedConcurrencyConfigNotFoundException {
  Type?: string;
  message?: string;
}

export interface ProvisionedPollerConfig {
  MinimumPollers?: number;
  MaximumPollers?: number;
  PollerGroupName?: string;
}

export interface PublicPolicyException {
  Type?: string;
  Message?: string;
}

export interface PublishLayerVersionRequest {
  LayerName: string;
  Content: LayerVersionContentInput;
  Description?: string;
  CompatibleArchitectures?: readonly string[];
  CompatibleRuntimes?: readonly string[];
  LicenseInfo?: string;
}

export interface PublishLayerVersionResponse {
  Content?: LayerVersionContentOutput;
  LayerArn?: string;
  LayerVersionArn?: string;
  Description?: string;
  CreatedDate?: string;
  Version?: number;
  CompatibleArchitectures?: readonly string[];
  CompatibleRuntimes?: readonly string[];
  LicenseInfo?: string;
}

export interface PublishVersionRequest {
  FunctionName: string;
  CodeSha256?: string;
  Description?: string;
  RevisionId?: string;
  PublishTo?: FunctionVersionLatestPublished;
}

export interface PutFunctionCodeSigningConfigRequest {
  CodeSigningConfigArn: string;
  FunctionName: string;
}

export interface PutFunctionCodeSigningConfigResponse {
  CodeSigningConfigArn: string;
  FunctionName: string;
}

export interface PutFunctionConcurrencyRequest {
  FunctionName: string;
  ReservedConcurrentExecutions: number;
}

export interface PutFunctionEventInvokeConfigRequest {
  FunctionName: string;
  Qualifier?: string;
  MaximumRetryAttempts?: number;
  MaximumEventAgeInSeconds?: number;
  DestinationConfig?: DestinationConfig;
}

export interface PutFunctionRecursionConfigRequest {
  FunctionName: string;
  RecursiveLoop: string;
}

export interface PutFunctionRecursionConfigResponse {
  RecursiveLoop?: string;
}

export interface PutFunctionScalingConfigRequest {
  FunctionName: string;
  Qualifier: string;
  FunctionScalingConfig?: FunctionScalingConfig;
}

export interface PutFunctionScalingConfigResponse {
  FunctionState?: string;
}

export interface PutProvisionedConcurrencyConfigRequest {
  FunctionName: string;
  Qualifier: string;
  ProvisionedConcurrentExecutions: number;
}

export interface PutProvisionedConcurrencyConfigResponse {
  RequestedProvisionedConcurrentExecutions?: number;
  AllocatedProvisionedConcurrentExecutions?: number;
  AvailableProvisionedConcurrentExecutions?: number;
  Status?: string;
  StatusReason?: string;
  LastModified?: string;
}

export interface PutResourcePolicyRequest {
  ResourceArn: string;
  Policy: string;
  RevisionId?: string;
}

export interface PutResourcePolicyResponse {
  Policy?: string;
  RevisionId?: string;
}

export interface PutRuntimeManagementConfigRequest {
  FunctionName: string;
  UpdateRuntimeOn: string;
  Qualifier?: string;
  RuntimeVersionArn?: string;
}

export interface PutRuntimeManagementConfigResponse {
  UpdateRuntimeOn: string;
  FunctionArn: string;
  RuntimeVersionArn?: string;
}

export interface RecursiveInvocationException {
  Type?: string;
  Message?: string;
}

export interface RemoveLayerVersionPermissionRequest {
  LayerName: string;
  VersionNumber: number;
  StatementId: string;
  RevisionId?: string;
}

export interface RemovePermissionRequest {
  FunctionName: string;
  StatementId: string;
  Qualifier?: string;
  RevisionId?: string;
}

export interface RequestTooLargeException {
  Type?: string;
  message?: string;
}

export interface ResolvedS3Object {
  S3Bucket?: string;
  S3Key?: string;
  S3ObjectVersion?: string;
}

export interface ResourceConflictException {
  Type?: string;
  message?: string;
}

export interface ResourceInUseException {
  Type?: string;
  Message?: string;
}

export interface ResourceNotFoundException {
  Type?: string;
  Message?: string;
}

export interface ResourceNotReadyException {
  Type?: string;
  message?: string;
}

export interface RetryDetails {
  CurrentAttempt?: number;
  NextAttemptDelaySeconds?: number;
}

export type Runtime =
  | "nodejs"
  | "nodejs4.3"
  | "nodejs6.10"
  | "nodejs8.10"
  | "nodejs10.x"
  | "nodejs12.x"
  | "nodejs14.x"
  | "nodejs16.x"
  | "java8"
  | "java8.al2"
  | "java11"
  | "python2.7"
  | "python3.6"
  | "python3.7"
  | "python3.8"
  | "python3.9"
  | "dotnetcore1.0"
  | "dotnetcore2.0"
  | "dotnetcore2.1"
  | "dotnetcore3.1"
  | "dotnet6"
  | "dotnet8"
  | "nodejs4.3-edge"
  | "go1.x"
  | "ruby2.5"
  | "ruby2.7"
  | "provided"
  | "provided.al2"
  | "nodejs18.x"
  | "python3.10"
  | "java17"
  | "ruby3.2"
  | "ruby3.3"
  | "ruby3.4"
  | "python3.11"
  | "nodejs20.x"
  | "provided.al2023"
  | "python3.12"
  | "java21"
  | "python3.13"
  | "nodejs22.x"
  | "nodejs24.x"
  | "python3.14"
  | "java25"
  | "dotnet10"
  | "ruby4.0";

export interface RuntimeVersionConfig {
  RuntimeVersionArn?: string;
  Error?: RuntimeVersionError;
}

export interface RuntimeVersionError {
  ErrorCode?: string;
  Message?: string;
}

export interface S3FilesConfig {
  DirectS3Read?: string;
}

export interface S3FilesMountConnectivityException {
  Type?: string;
  Message?: string;
}

export interface S3FilesMountFailureException {
  Type?: string;
  Message?: string;
}

export interface S3FilesMountTimeoutException {
  Type?: string;
  Message?: string;
}

export interface ScalingConfig {
  MaximumConcurrency?: number;
}

export interface SelfManagedEventSource {
  Endpoints?: { readonly [key: string]: readonly string[] };
}

export interface SelfManagedKafkaEventSourceConfig {
  ConsumerGroupId?: string;
  SchemaRegistryConfig?: KafkaSchemaRegistryConfig;
  ConsumptionMode?: string;
}

export interface SendDurableExecutionCallbackFailureRequest {
  CallbackId: string;
  Error?: ErrorObject;
}

export interface SendDurableExecutionCallbackFailureResponse {}

export interface SendDurableExecutionCallbackHeartbeatRequest {
  CallbackId: string;
}

export interface SendDurableExecutionCallbackHeartbeatResponse {}

export interface SendDurableExecutionCallbackSuccessRequest {
  CallbackId: string;
  Result?: Uint8Array;
}

export interface SendDurableExecutionCallbackSuccessResponse {}

export interface SerializedRequestEntityTooLargeException {
  Type?: string;
  message?: string;
}

export interface ServiceException {
  Type?: string;
  Message?: string;
}

export interface ServiceQuotaExceededException {
  Type?: string;
  Message?: string;
}

export interface SnapStart {
  ApplyOn?: SnapStartApplyOn;
}

export type SnapStartApplyOn =
  | "PublishedVersions"
  | "None";

export interface SnapStartException {
  Type?: string;
  Message?: string;
}

export interface SnapStartNotReadyException {
  Type?: string;
  Message?: string;
}

export interface SnapStartRegenerationFailureException {
  Type?: string;
  Message?: string;
}

export interface SnapStartResponse {
  ApplyOn?: string;
  OptimizationStatus?: string;
}

export interface SnapStartTimeoutException {
  Type?: string;
  Message?: string;
}

export interface SourceAccessConfiguration {
  Type?: string;
  URI?: string;
}

export interface StepDetails {
  Attempt?: number;
  NextAttemptTimestamp?: number;
  Result?: string;
  Error?: ErrorObject;
}

export interface StepFailedDetails {
  Error: EventError;
  RetryDetails: RetryDetails;
}

export interface StepOptions {
  NextAttemptDelaySeconds?: number;
}

export interface StepStartedDetails {}

export interface StepSucceededDetails {
  Result: EventResult;
  RetryDetails: RetryDetails;
}

export interface StopDurableExecutionRequest {
  DurableExecutionArn: string;
  Error?: ErrorObject;
}

export interface StopDurableExecutionResponse {
  StopTimestamp: number;
}

export interface SubnetIPAddressLimitReachedException {
  Type?: string;
  Message?: string;
}

export type SystemLogLevel =
  | "DEBUG"
  | "INFO"
  | "WARN";

export interface TagResourceRequest {
  Resource: string;
  Tags: { readonly [key: string]: string };
}

export interface TagsError {
  ErrorCode: string;
  Message: string;
}

export interface TargetTrackingScalingPolicy {
  PredefinedMetricType: string;
  TargetValue: number;
}

export interface TenancyConfig {
  TenantIsolationMode: TenantIsolationMode;
}

export type TenantIsolationMode =
  | "PER_TENANT";

export interface TooManyRequestsException {
  retryAfterSeconds?: string;
  Type?: string;
  message?: string;
  Reason?: string;
}

export interface TraceHeader {
  XAmznTraceId?: string;
}

export interface TracingConfig {
  Mode?: TracingMode;
}

export interface TracingConfigResponse {
  Mode?: string;
}

export type TracingMode =
  | "Active"
  | "PassThrough";

export interface UnsupportedMediaTypeException {
  Type?: string;
  message?: string;
}

export interface UntagResourceRequest {
  Resource: string;
  TagKeys: readonly string[];
}

export interface UpdateAliasRequest {
  FunctionName: string;
  Name: string;
  FunctionVersion?: string;
  Description?: string;
  RoutingConfig?: AliasRoutingConfiguration;
  RevisionId?: string;
}

export interface UpdateCapacityProviderRequest {
  CapacityProviderName: string;
  CapacityProviderScalingConfig?: CapacityProviderScalingConfig;
  PropagateTags?: PropagateTags;
  TelemetryConfig?: CapacityProviderTelemetryConfig;
}

export interface UpdateCapacityProviderResponse {
  CapacityProvider: CapacityProvider;
}

export interface UpdateCodeSigningConfigRequest {
  CodeSigningConfigArn: string;
  Description?: string;
  AllowedPublishers?: AllowedPublishers;
  CodeSigningPolicies?: CodeSigningPolicies;
}

export interface UpdateCodeSigningConfigResponse {
  CodeSigningConfig: CodeSigningConfig;
}

export interface UpdateEventSourceMappingRequest {
  UUID: string;
  FunctionName?: string;
  Enabled?: boolean;
  BatchSize?: number;
  FilterCriteria?: FilterCriteria;
  KMSKeyArn?: string;
  MetricsConfig?: EventSourceMappingMetricsConfig;
  LoggingConfig?: EventSourceMappingLoggingConfig;
  ScalingConfig?: ScalingConfig;
  MaximumBatchingWindowInSeconds?: number;
  ParallelizationFactor?: number;
  DestinationConfig?: DestinationConfig;
  MaximumRecordAgeInSeconds?: number;
  BisectBatchOnFunctionError?: boolean;
  MaximumRetryAttempts?: number;
  TumblingWindowInSeconds?: number;
  SourceAccessConfigurations?: readonly SourceAccessConfiguration[];
  FunctionResponseTypes?: readonly string[];
  AmazonManagedKafkaEventSourceConfig?: AmazonManagedKafkaEventSourceConfig;
  SelfManagedKafkaEventSourceConfig?: SelfManagedKafkaEventSourceConfig;
  DocumentDBEventSourceConfig?: DocumentDBEventSourceConfig;
  ProvisionedPollerConfig?: ProvisionedPollerConfig;
}

export interface UpdateFunctionCodeRequest {
  FunctionName: string;
  ZipFile?: Uint8Array;
  S3Bucket?: string;
  S3Key?: string;
  S3ObjectVersion?: string;
  S3ObjectStorageMode?: string;
  ImageUri?: string;
  Architectures?: readonly Architecture[];
  Publish?: boolean;
  PublishTo?: FunctionVersionLatestPublished;
  DryRun?: boolean;
  RevisionId?: string;
  SourceKMSKeyArn?: string;
}

export interface UpdateFunctionConfigurationRequest {
  FunctionName: string;
  Role?: string;
  Handler?: string;
  Description?: string;
  Timeout?: number;
  MemorySize?: number;
  VpcConfig?: VpcConfig;
  Environment?: Environment;
  Runtime?: Runtime;
  DeadLetterConfig?: DeadLetterConfig;
  KMSKeyArn?: string;
  TracingConfig?: TracingConfig;
  RevisionId?: string;
  Layers?: readonly string[];
  FileSystemConfigs?: readonly FileSystemConfig[];
  ImageConfig?: ImageConfig;
  EphemeralStorage?: EphemeralStorage;
  SnapStart?: SnapStart;
  LoggingConfig?: LoggingConfig;
  CapacityProviderConfig?: CapacityProviderConfig;
  DurableConfig?: DurableConfig;
}

export interface UpdateFunctionEventInvokeConfigRequest {
  FunctionName: string;
  Qualifier?: string;
  MaximumRetryAttempts?: number;
  MaximumEventAgeInSeconds?: number;
  DestinationConfig?: DestinationConfig;
}

export interface UpdateFunctionUrlConfigRequest {
  FunctionName: string;
  Qualifier?: string;
  AuthType?: string;
  Cors?: Cors;
  InvokeMode?: string;
}

export interface UpdateFunctionUrlConfigResponse {
  FunctionUrl: string;
  FunctionArn: string;
  AuthType: string;
  CreationTime: string;
  LastModifiedTime: string;
  Cors?: Cors;
  InvokeMode?: string;
}

export interface VpcConfig {
  SubnetIds?: readonly string[];
  SecurityGroupIds?: readonly string[];
  Ipv6AllowedForDualStack?: boolean;
}

export interface VpcConfigResponse {
  SubnetIds?: readonly string[];
  SecurityGroupIds?: readonly string[];
  VpcId?: string;
  Ipv6AllowedForDualStack?: boolean;
}

export interface WaitCancelledDetails {
  Error?: EventError;
}

export interface WaitDetails {
  ScheduledEndTimestamp?: number;
}

export interface WaitOptions {
  WaitSeconds?: number;
}

export interface WaitStartedDetails {
  Duration: number;
  ScheduledEndTimestamp: number;
}

export interface WaitSucceededDetails {
  Duration?: number;
}

export interface LambdaOperations {
  AddLayerVersionPermission: { input: AddLayerVersionPermissionRequest; output: AddLayerVersionPermissionResponse };
  AddPermission: { input: AddPermissionRequest; output: AddPermissionResponse };
  CheckpointDurableExecution: { input: CheckpointDurableExecutionRequest; output: CheckpointDurableExecutionResponse };
  CreateAlias: { input: CreateAliasRequest; output: AliasConfiguration };
  CreateCapacityProvider: { input: CreateCapacityProviderRequest; output: CreateCapacityProviderResponse };
  CreateCodeSigningConfig: { input: CreateCodeSigningConfigRequest; output: CreateCodeSigningConfigResponse };
  CreateEventSourceMapping: { input: CreateEventSourceMappingRequest; output: EventSourceMappingConfiguration };
  CreateFunction: { input: CreateFunctionRequest; output: FunctionConfiguration };
  CreateFunctionUrlConfig: { input: CreateFunctionUrlConfigRequest; output: CreateFunctionUrlConfigResponse };
  DeleteAlias: { input: DeleteAliasRequest; output: {} };
  DeleteCapacityProvider: { input: DeleteCapacityProviderRequest; output: DeleteCapacityProviderResponse };
  DeleteCodeSigningConfig: { input: DeleteCodeSigningConfigRequest; output: DeleteCodeSigningConfigResponse };
  DeleteEventSourceMapping: { input: DeleteEventSourceMappingRequest; output: EventSourceMappingConfiguration };
  DeleteFunction: { input: DeleteFunctionRequest; output: DeleteFunctionResponse };
  DeleteFunctionCodeSigningConfig: { input: DeleteFunctionCodeSigningConfigRequest; output: {} };
  DeleteFunctionConcurrency: { input: DeleteFunctionConcurrencyRequest; output: {} };
  DeleteFunctionEventInvokeConfig: { input: DeleteFunctionEventInvokeConfigRequest; output: {} };
  DeleteFunctionUrlConfig: { input: DeleteFunctionUrlConfigRequest; output: {} };
  DeleteLayerVersion: { input: DeleteLayerVersionRequest; output: {} };
  DeleteProvisionedConcurrencyConfig: { input: DeleteProvisionedConcurrencyConfigRequest; output: {} };
  DeleteResourcePolicy: { input: DeleteResourcePolicyRequest; output: {} };
  GetAccountSettings: { input: GetAccountSettingsRequest; output: GetAccountSettingsResponse };
  GetAlias: { input: GetAliasRequest; output: AliasConfiguration };
  GetCapacityProvider: { input: GetCapacityProviderRequest; output: GetCapacityProviderResponse };
  GetCodeSigningConfig: { input: GetCodeSigningConfigRequest; output: GetCodeSigningConfigResponse };
  GetDurableExecution: { input: GetDurableExecutionRequest; output: GetDurableExecutionResponse };
  GetDurableExecutionHistory: { input: GetDurableExecutionHistoryRequest; output: GetDurableExecutionHistoryResponse };
  GetDurableExecutionState: { input: GetDurableExecutionStateRequest; output: GetDurableExecutionStateResponse };
  GetEventSourceMapping: { input: GetEventSourceMappingRequest; output: EventSourceMappingConfiguration };
  GetFunction: { input: GetFunctionRequest; output: GetFunctionResponse };
  GetFunctionCodeSigningConfig: { input: GetFunctionCodeSigningConfigRequest; output: GetFunctionCodeSigningConfigResponse };
  GetFunctionConcurrency: { input: GetFunctionConcurrencyRequest; output: GetFunctionConcurrencyResponse };
  GetFunctionConfiguration: { input: GetFunctionConfigurationRequest; output: FunctionConfiguration };
  GetFunctionEventInvokeConfig: { input: GetFunctionEventInvokeConfigRequest; output: FunctionEventInvokeConfig };
  GetFunctionRecursionConfig: { input: GetFunctionRecursionConfigRequest; output: GetFunctionRecursionConfigResponse };
  GetFunctionScalingConfig: { input: GetFunctionScalingConfigRequest; output: GetFunctionScalingConfigResponse };
  GetFunctionUrlConfig: { input: GetFunctionUrlConfigRequest; output: GetFunctionUrlConfigResponse };
  GetLayerVersion: { input: GetLayerVersionRequest; output: GetLayerVersionResponse };
  GetLayerVersionByArn: { input: GetLayerVersionByArnRequest; output: GetLayerVersionResponse };
  GetLayerVersionPolicy: { input: GetLayerVersionPolicyRequest; output: GetLayerVersionPolicyResponse };
  GetPolicy: { input: GetPolicyRequest; output: GetPolicyResponse };
  GetProvisionedConcurrencyConfig: { input: GetProvisionedConcurrencyConfigRequest; output: GetProvisionedConcurrencyConfigResponse };
  GetResourcePolicy: { input: GetResourcePolicyRequest; output: GetResourcePolicyResponse };
  GetRuntimeManagementConfig: { input: GetRuntimeManagementConfigRequest; output: GetRuntimeManagementConfigResponse };
  Invoke: { input: InvocationRequest; output: InvocationResponse };
  InvokeAsync: { input: InvokeAsyncRequest; output: InvokeAsyncResponse };
  InvokeWithResponseStream: { input: InvokeWithResponseStreamRequest; output: InvokeWithResponseStreamResponse };
  ListAliases: { input: ListAliasesRequest; output: ListAliasesResponse };
  ListCapacityProviders: { input: ListCapacityProvidersRequest; output: ListCapacityProvidersResponse };
  ListCodeSigningConfigs: { input: ListCodeSigningConfigsRequest; output: ListCodeSigningConfigsResponse };
  ListDurableExecutionsByFunction: { input: ListDurableExecutionsByFunctionRequest; output: ListDurableExecutionsByFunctionResponse };
  ListEventSourceMappings: { input: ListEventSourceMappingsRequest; output: ListEventSourceMappingsResponse };
  ListFunctionEventInvokeConfigs: { input: ListFunctionEventInvokeConfigsRequest; output: ListFunctionEventInvokeConfigsResponse };
  ListFunctionUrlConfigs: { input: ListFunctionUrlConfigsRequest; output: ListFunctionUrlConfigsResponse };
  ListFunctionVersionsByCapacityProvider: { input: ListFunctionVersionsByCapacityProviderRequest; output: ListFunctionVersionsByCapacityProviderResponse };
  ListFunctions: { input: ListFunctionsRequest; output: ListFunctionsResponse };
  ListFunctionsByCodeSigningConfig: { input: ListFunctionsByCodeSigningConfigRequest; output: ListFunctionsByCodeSigningConfigResponse };
  ListLayerVersions: { input: ListLayerVersionsRequest; output: ListLayerVersionsResponse };
  ListLayers: { input: ListLayersRequest; output: ListLayersResponse };
  ListProvisionedConcurrencyConfigs: { input: ListProvisionedConcurrencyConfigsRequest; output: ListProvisionedConcurrencyConfigsResponse };
  ListTags: { input: ListTagsRequest; output: ListTagsResponse };
  ListVersionsByFunction: { input: ListVersionsByFunctionRequest; output: ListVersionsByFunctionResponse };
  PublishLayerVersion: { input: PublishLayerVersionRequest; output: PublishLayerVersionResponse };
  PublishVersion: { input: PublishVersionRequest; output: FunctionConfiguration };
  PutFunctionCodeSigningConfig: { input: PutFunctionCodeSigningConfigRequest; output: PutFunctionCodeSigningConfigResponse };
  PutFunctionConcurrency: { input: PutFunctionConcurrencyRequest; output: Concurrency };
  PutFunctionEventInvokeConfig: { input: PutFunctionEventInvokeConfigRequest; output: FunctionEventInvokeConfig };
  PutFunctionRecursionConfig: { input: PutFunctionRecursionConfigRequest; output: PutFunctionRecursionConfigResponse };
  PutFunctionScalingConfig: { input: PutFunctionScalingConfigRequest; output: PutFunctionScalingConfigResponse };
  PutProvisionedConcurrencyConfig: { input: PutProvisionedConcurrencyConfigRequest; output: PutProvisionedConcurrencyConfigResponse };
  PutResourcePolicy: { input: PutResourcePolicyRequest; output: PutResourcePolicyResponse };
  PutRuntimeManagementConfig: { input: PutRuntimeManagementConfigRequest; output: PutRuntimeManagementConfigResponse };
  RemoveLayerVersionPermission: { input: RemoveLayerVersionPermissionRequest; output: {} };
  RemovePermission: { input: RemovePermissionRequest; output: {} };
  SendDurableExecutionCallbackFailure: { input: SendDurableExecutionCallbackFailureRequest; output: SendDurableExecutionCallbackFailureResponse };
  SendDurableExecutionCallbackHeartbeat: { input: SendDurableExecutionCallbackHeartbeatRequest; output: SendDurableExecutionCallbackHeartbeatResponse };
  SendDurableExecutionCallbackSuccess: { input: SendDurableExecutionCallbackSuccessRequest; output: SendDurableExecutionCallbackSuccessResponse };
  StopDurableExecution: { input: StopDurableExecutionRequest; output: StopDurableExecutionResponse };
  TagResource: { input: TagResourceRequest; output: {} };
  UntagResource: { input: UntagResourceRequest; output: {} };
  UpdateAlias: { input: UpdateAliasRequest; output: AliasConfiguration };
  UpdateCapacityProvider: { input: UpdateCapacityProviderRequest; output: UpdateCapacityProviderResponse };
  UpdateCodeSigningConfig: { input: UpdateCodeSigningConfigRequest; output: UpdateCodeSigningConfigResponse };
  UpdateEventSourceMapping: { input: UpdateEventSourceMappingRequest; output: EventSourceMappingConfiguration };
  UpdateFunctionCode: { input: UpdateFunctionCodeRequest; output: FunctionConfiguration };
  UpdateFunctionConfiguration: { input: UpdateFunctionConfigurationRequest; output: FunctionConfiguration };
  UpdateFunctionEventInvokeConfig: { input: UpdateFunctionEventInvokeConfigRequest; output: FunctionEventInvokeConfig };
  UpdateFunctionUrlConfig: { input: UpdateFunctionUrlConfigRequest; output: UpdateFunctionUrlConfigResponse };
}
