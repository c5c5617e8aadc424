// Written by `npm run generate`. Do not edit.

export type AbortAction =
  | "CANCEL";

export interface AbortConfig {
  criteriaList: readonly AbortCriteria[];
}

export interface AbortCriteria {
  failureType: JobExecutionFailureType;
  action: AbortAction;
  thresholdPercentage: number;
  minNumberOfExecutedThings: number;
}

export interface AcceptCertificateTransferRequest {
  certificateId: string;
  setAsActive?: boolean;
}

export interface Action {
  dynamoDB?: DynamoDBAction;
  dynamoDBv2?: DynamoDBv2Action;
  lambda?: LambdaAction;
  sns?: SnsAction;
  sqs?: SqsAction;
  kinesis?: KinesisAction;
  republish?: RepublishAction;
  s3?: S3Action;
  firehose?: FirehoseAction;
  cloudwatchMetric?: CloudwatchMetricAction;
  cloudwatchAlarm?: CloudwatchAlarmAction;
  cloudwatchLogs?: CloudwatchLogsAction;
  elasticsearch?: ElasticsearchAction;
  salesforce?: SalesforceAction;
  iotAnalytics?: IotAnalyticsAction;
  iotEvents?: IotEventsAction;
  iotSiteWise?: IotSiteWiseAction;
  stepFunctions?: StepFunctionsAction;
  timestream?: TimestreamAction;
  http?: HttpAction;
  kafka?: KafkaAction;
  openSearch?: OpenSearchAction;
  location?: LocationAction;
  influxDB?: InfluxDBAction;
}

export type ActionType =
  | "PUBLISH"
  | "SUBSCRIBE"
  | "RECEIVE"
  | "CONNECT";

export interface ActiveViolation {
  violationId?: string;
  thingName?: string;
  securityProfileName?: string;
  behavior?: Behavior;
  lastViolationValue?: MetricValue;
  violationEventAdditionalInfo?: ViolationEventAdditionalInfo;
  verificationState?: VerificationState;
  verificationStateDescription?: string;
  lastViolationTime?: number;
  violationStartTime?: number;
}

export interface AddThingToBillingGroupRequest {
  billingGroupName?: string;
  billingGroupArn?: string;
  thingName?: string;
  thingArn?: string;
}

export interface AddThingToBillingGroupResponse {}

export interface AddThingToThingGroupRequest {
  thingGroupName?: string;
  thingGroupArn?: string;
  thingName?: string;
  thingArn?: string;
  overrideDynamicGroups?: boolean;
}

export interface AddThingToThingGroupResponse {}

export interface AddThingsToThingGroupParams {
  thingGroupNames: readonly string[];
  overrideDynamicGroups?: boolean;
}

export interface AggregationType {
  name: AggregationTypeName;
  values?: readonly string[];
}

export type AggregationTypeName =
  | "Statistics"
  | "Percentiles"
  | "Cardinality";

export interface AlertTarget {
  alertTargetArn: string;
  roleArn: string;
}

export type AlertTargetType =
  | "SNS";

export interface Allowed {
  policies?: readonly Policy[];
}

export type ApplicationProtocol =
  | "SECURE_MQTT"
  | "MQTT_WSS"
  | "HTTPS"
  | "DEFAULT";

export interface AssetPropertyTimestamp {
  timeInSeconds: string;
  offsetInNanos?: string;
}

export interface AssetPropertyValue {
  value: AssetPropertyVariant;
  timestamp: AssetPropertyTimestamp;
  quality?: string;
}

export interface AssetPropertyVariant {
  stringValue?: string;
  integerValue?: string;
  doubleValue?: string;
  booleanValue?: string;
}

export interface AssociateSbomWithPackageVersionRequest {
  packageName: string;
  versionName: string;
  sbom: Sbom;
  clientToken?: string;
}

export interface AssociateSbomWithPackageVersionResponse {
  packageName?: string;
  versionName?: string;
  sbom?: Sbom;
  sbomValidationStatus?: SbomValidationStatus;
}

export interface AssociateTargetsWithJobRequest {
  targets: readonly string[];
  jobId: string;
  comment?: string;
  namespaceId?: string;
}

export interface AssociateTargetsWithJobResponse {
  jobArn?: string;
  jobId?: string;
  description?: string;
}

export interface AttachPolicyRequest {
  policyName: string;
  target: string;
}

export interface AttachPrincipalPolicyRequest {
  policyName: string;
  principal: string;
}

export interface AttachSecurityProfileRequest {
  securityProfileName: string;
  securityProfileTargetArn: string;
}

export interface AttachSecurityProfileResponse {}

export interface AttachThingPrincipalRequest {
  thingName: string;
  principal: string;
  thingPrincipalType?: ThingPrincipalType;
}

export interface AttachThingPrincipalResponse {}

export interface AttributePayload {
  attributes?: { readonly [key: string]: string };
  merge?: boolean;
}

export interface AuditCheckConfiguration {
  enabled?: boolean;
  configuration?: { readonly [key: string]: string };
}

export interface AuditCheckDetails {
  checkRunStatus?: AuditCheckRunStatus;
  checkCompliant?: boolean;
  totalResourcesCount?: number;
  nonCompliantResourcesCount?: number;
  suppressedNonCompliantResourcesCount?: number;
  errorCode?: string;
  message?: string;
}

export type AuditCheckRunStatus =
  | "IN_PROGRESS"
  | "WAITING_FOR_DATA_COLLECTION"
  | "CANCELED"
  | "COMPLETED_COMPLIANT"
  | "COMPLETED_NON_COMPLIANT"
  | "FAILED";

export interface AuditFinding {
  findingId?: string;
  taskId?: string;
  checkName?: string;
  taskStartTime?: number;
  findingTime?: number;
  severity?: AuditFindingSeverity;
  nonCompliantResource?: NonCompliantResource;
  relatedResources?: readonly RelatedResource[];
  reasonForNonCompliance?: string;
  reasonForNonComplianceCode?: string;
  isSuppressed?: boolean;
}

export type AuditFindingSeverity =
  | "CRITICAL"
  | "HIGH"
  | "MEDIUM"
  | "LOW";

export type AuditFrequency =
  | "DAILY"
  | "WEEKLY"
  | "BIWEEKLY"
  | "MONTHLY";

export interface AuditMitigationActionExecutionMetadata {
  taskId?: string;
  findingId?: string;
  actionName?: string;
  actionId?: string;
  status?: AuditMitigationActionsExecutionStatus;
  startTime?: number;
  endTime?: number;
  errorCode?: string;
  message?: string;
}

export type AuditMitigationActionsExecutionStatus =
  | "IN_PROGRESS"
  | "COMPLETED"
  | "FAILED"
  | "CANCELED"
  | "SKIPPED"
  | "PENDING";

export interface AuditMitigationActionsTaskMetadata {
  taskId?: string;
  startTime?: number;
  taskStatus?: AuditMitigationActionsTaskStatus;
}

export type AuditMitigationActionsTaskStatus =
  | "IN_PROGRESS"
  | "COMPLETED"
  | "FAILED"
  | "CANCELED";

export interface AuditMitigationActionsTaskTarget {
  auditTaskId?: string;
  findingIds?: readonly string[];
  auditCheckToReasonCodeFilter?: { readonly [key: string]: readonly string[] };
}

export interface AuditNotificationTarget {
  targetArn?: string;
  roleArn?: string;
  enabled?: boolean;
}

export type AuditNotificationType =
  | "SNS";

export interface AuditSuppression {
  checkName: string;
  resourceIdentifier: ResourceIdentifier;
  expirationDate?: number;
  suppressIndefinitely?: boolean;
  description?: string;
}

export interface AuditTaskMetadata {
  taskId?: string;
  taskStatus?: AuditTaskStatus;
  taskType?: AuditTaskType;
}

export type AuditTaskStatus =
  | "IN_PROGRESS"
  | "COMPLETED"
  | "FAILED"
  | "CANCELED";

export type AuditTaskType =
  | "ON_DEMAND_AUDIT_TASK"
  | "SCHEDULED_AUDIT_TASK";

export type AuthDecision =
  | "ALLOWED"
  | "EXPLICIT_DENY"
  | "IMPLICIT_DENY";

export interface AuthInfo {
  resources: readonly string[];
  actionType?: ActionType;
}

export interface AuthResult {
  authInfo?: AuthInfo;
  allowed?: Allowed;
  denied?: Denied;
  authDecision?: AuthDecision;
  missingContextValues?: readonly string[];
}

export type AuthenticationType =
  | "CUSTOM_AUTH_X509"
  | "CUSTOM_AUTH"
  | "AWS_X509"
  | "AWS_SIGV4"
  | "DEFAULT";

export interface AuthorizerConfig {
  defaultAuthorizerName?: string;
  allowAuthorizerOverride?: boolean;
}

export interface AuthorizerDescription {
  authorizerName?: string;
  authorizerArn?: string;
  authorizerFunctionArn?: string;
  tokenKeyName?: string;
  tokenSigningPublicKeys?: { readonly [key: string]: string };
  status?: AuthorizerStatus;
  creationDate?: number;
  lastModifiedDate?: number;
  signingDisabled?: boolean;
  enableCachingForHttp?: boolean;
}

export type AuthorizerStatus =
  | "ACTIVE"
  | "INACTIVE";

export interface AuthorizerSummary {
  authorizerName?: string;
  authorizerArn?: string;
}

export type AutoRegistrationStatus =
  | "ENABLE"
  | "DISABLE";

export interface AwsJobAbortConfig {
  abortCriteriaList: readonly AwsJobAbortCriteria[];
}

export interface AwsJobAbortCriteria {
  failureType: AwsJobAbortCriteriaFailureType;
  action: AwsJobAbortCriteriaAbortAction;
  thresholdPercentage: number;
  minNumberOfExecutedThings: number;
}

export type AwsJobAbortCriteriaAbortAction =
  | "CANCEL";

export type AwsJobAbortCriteriaFailureType =
  | "FAILED"
  | "REJECTED"
  | "TIMED_OUT"
  | "ALL";

export interface AwsJobExecutionsRolloutConfig {
  maximumPerMinute?: number;
  exponentialRate?: AwsJobExponentialRolloutRate;
}

export interface AwsJobExponentialRolloutRate {
  baseRatePerMinute: number;
  incrementFactor: number;
  rateIncreaseCriteria: AwsJobRateIncreaseCriteria;
}

export interface AwsJobPresignedUrlConfig {
  expiresInSec?: number;
}

export interface AwsJobRateIncreaseCriteria {
  numberOfNotifiedThings?: number;
  numberOfSucceededThings?: number;
}

export interface AwsJobTimeoutConfig {
  inProgressTimeoutInMinutes?: number;
}

export interface AwsJsonSubstitutionCommandPreprocessorConfig {
  outputFormat: OutputFormat;
}

export interface BatchConfig {
  maxBatchOpenMs?: number;
  maxBatchSize?: number;
  maxBatchSizeBytes?: number;
  batchAcrossTopics?: boolean;
}

export interface Behavior {
  name: string;
  metric?: string;
  metricDimension?: MetricDimension;
  criteria?: BehaviorCriteria;
  suppressAlerts?: boolean;
  exportMetric?: boolean;
}

export interface BehaviorCriteria {
  comparisonOperator?: ComparisonOperator;
  value?: MetricValue;
  durationSeconds?: number;
  consecutiveDatapointsToAlarm?: number;
  consecutiveDatapointsToClear?: number;
  statisticalThreshold?: StatisticalThreshold;
  mlDetectionConfig?: MachineLearningDetectionConfig;
}

export type BehaviorCriteriaType =
  | "STATIC"
  | "STATISTICAL"
  | "MACHINE_LEARNING";

export interface BehaviorModelTrainingSummary {
  securityProfileName?: string;
  behaviorName?: string;
  trainingDataCollectionStartDate?: number;
  modelStatus?: ModelStatus;
  datapointsCollectionPercentage?: number;
  lastModelRefreshDate?: number;
}

export interface BillingGroupMetadata {
  creationDate?: number;
}

export interface BillingGroupProperties {
  billingGroupDescription?: string;
}

export interface Bucket {
  keyValue?: string;
  count?: number;
}

export interface BucketsAggregationType {
  termsAggregation?: TermsAggregation;
}

export interface CACertificate {
  certificateArn?: string;
  certificateId?: string;
  status?: CACertificateStatus;
  creationDate?: number;
}

export interface CACertificateDescription {
  certificateArn?: string;
  certificateId?: string;
  status?: CACertificateStatus;
  certificatePem?: string;
  ownedBy?: string;
  creationDate?: number;
  autoRegistrationStatus?: AutoRegistrationStatus;
  lastModifiedDate?: number;
  customerVersion?: number;
  generationId?: string;
  validity?: CertificateValidity;
  certificateMode?: CertificateMode;
}

export type CACertificateStatus =
  | "ACTIVE"
  | "INACTIVE";

export type CACertificateUpdateAction =
  | "DEACTIVATE";

export interface CancelAuditMitigationActionsTaskRequest {
  taskId: string;
}

export interface CancelAuditMitigationActionsTaskResponse {}

export interface CancelAuditTaskRequest {
  taskId: string;
}

export interface CancelAuditTaskResponse {}

export interface CancelCertificateTransferRequest {
  certificateId: string;
}

export interface CancelDetectMitigationActionsTaskRequest {
  taskId: string;
}

export interface CancelDetectMitigationActionsTaskResponse {}

export interface CancelJobExecutionRequest {
  jobId: string;
  thingName: string;
  force?: boolean;
  expectedVersion?: number;
  statusDetails?: { readonly [key: string]: string };
}

export interface CancelJobRequest {
  jobId: string;
  reasonCode?: string;
  comment?: string;
  force?: boolean;
}

export interface CancelJobResponse {
  jobArn?: string;
  jobId?: string;
  description?: string;
}

export type CannedAccessControlList =
  | "private"
  | "public-read"
  | "public-read-write"
  | "aws-exec-read"
  | "authenticated-read"
  | "bucket-owner-read"
  | "bucket-owner-full-control"
  | "log-delivery-write";

export interface Certificate {
  certificateArn?: string;
  certificateId?: string;
  status?: CertificateStatus;
  certificateMode?: CertificateMode;
  creationDate?: number;
}

export interface CertificateConflictException {
  message?: string;
}

export interface CertificateDescription {
  certificateArn?: string;
  certificateId?: string;
  caCertificateId?: string;
  status?: CertificateStatus;
  certificatePem?: string;
  ownedBy?: string;
  previousOwnedBy?: string;
  creationDate?: number;
  lastModifiedDate?: number;
  customerVersion?: number;
  transferData?: TransferData;
  generationId?: string;
  validity?: CertificateValidity;
  certificateMode?: CertificateMode;
}

export type CertificateMode =
  | "DEFAULT"
  | "SNI_ONLY";

export type CertificateProviderOperation =
  | "CreateCertificateFromCsr";

export interface CertificateProviderSummary {
  certificateProviderName?: string;
  certificateProviderArn?: string;
}

export interface CertificateStateException {
  message?: string;
}

export type CertificateStatus =
  | "ACTIVE"
  | "INACTIVE"
  | "REVOKED"
  | "PENDING_TRANSFER"
  | "REGISTER_INACTIVE"
  | "PENDING_ACTIVATION";

export interface CertificateValidationException {
  message?: string;
}

export interface CertificateValidity {
  notBefore?: number;
  notAfter?: number;
}

export interface ClearDefaultAuthorizerRequest {}

export interface ClearDefaultAuthorizerResponse {}

export interface ClientCertificateConfig {
  clientCertificateCallbackArn?: string;
}

export interface CloudwatchAlarmAction {
  roleArn: string;
  alarmName: string;
  stateReason: string;
  stateValue: string;
}

export interface CloudwatchLogsAction {
  roleArn: string;
  logGroupName: string;
  batchMode?: boolean;
}

export interface CloudwatchMetricAction {
  roleArn: string;
  metricNamespace: string;
  metricName: string;
  metricValue: string;
  metricUnit: string;
  metricTimestamp?: string;
}

export interface CodeSigning {
  awsSignerJobId?: string;
  startSigningJobParameter?: StartSigningJobParameter;
  customCodeSigning?: CustomCodeSigning;
}

export interface CodeSigningCertificateChain {
  certificateName?: string;
  inlineDocument?: string;
}

export interface CodeSigningSignature {
  inlineDocument?: Uint8Array;
}

export interface CommandExecutionResult {
  S?: string;
  B?: boolean;
  BIN?: Uint8Array;
}

export type CommandExecutionStatus =
  | "CREATED"
  | "IN_PROGRESS"
  | "SUCCEEDED"
  | "FAILED"
  | "REJECTED"
  | "TIMED_OUT";

export interface CommandExecutionSummary {
  commandArn?: string;
  executionId?: string;
  targetArn?: string;
  status?: CommandExecutionStatus;
  createdAt?: number;
  startedAt?: number;
  completedAt?: number;
}

export type CommandNamespace =
  | "AWS-IoT"
  | "AWS-IoT-FleetWise";

export interface CommandParameter {
  name: string;
  type?: CommandParameterType;
  value?: CommandParameterValue;
  defaultValue?: CommandParameterValue;
  valueConditions?: readonly CommandParameterValueCondition[];
  description?: string;
}

export type CommandParameterType =
  | "STRING"
  | "INTEGER"
  | "DOUBLE"
  | "LONG"
  | "UNSIGNEDLONG"
  | "BOOLEAN"
  | "BINARY";

export interface CommandParameterValue {
  S?: string;
  B?: boolean;
  I?: number;
  L?: number;
  D?: number;
  BIN?: Uint8Array;
  UL?: string;
}

export interface CommandParameterValueComparisonOperand {
  number?: string;
  numbers?: readonly string[];
  string?: string;
  strings?: readonly string[];
  numberRange?: CommandParameterValueNumberRange;
}

export type CommandParameterValueComparisonOperator =
  | "EQUALS"
  | "NOT_EQUALS"
  | "LESS_THAN"
  | "LESS_THAN_EQUALS"
  | "GREATER_THAN"
  | "GREATER_THAN_EQUALS"
  | "IN_SET"
  | "NOT_IN_SET"
  | "IN_RANGE"
  | "NOT_IN_RANGE";

export interface CommandParameterValueCondition {
  comparisonOperator: CommandParameterValueComparisonOperator;
  operand: CommandParameterValueComparisonOperand;
}

export interface CommandParameterValueNumberRange {
  min: string;
  max: string;
}

export interface CommandPayload {
  content?: Uint8Array;
  contentType?: string;
}

export interface CommandPreprocessor {
  awsJsonSubstitution?: AwsJsonSubstitutionCommandPreprocessorConfig;
}

export interface CommandSummary {
  commandArn?: string;
  commandId?: string;
  displayName?: string;
  deprecated?: boolean;
  createdAt?: number;
  lastUpdatedAt?: number;
  pendingDeletion?: boolean;
}

export type ComparisonOperator =
  | "less-than"
  | "less-than-equals"
  | "greater-than"
  | "greater-than-equals"
  | "in-cidr-set"
  | "not-in-cidr-set"
  | "in-port-set"
  | "not-in-port-set"
  | "in-set"
  | "not-in-set";

export type ConfidenceLevel =
  | "LOW"
  | "MEDIUM"
  | "HIGH";

export type ConfigName =
  | "CERT_AGE_THRESHOLD_IN_DAYS"
  | "CERT_EXPIRATION_THRESHOLD_IN_DAYS";

export interface Configuration {
  Enabled?: boolean;
}

export interface ConfigurationDetails {
  configurationStatus?: ConfigurationStatus;
  errorCode?: string;
  errorMessage?: string;
}

export type ConfigurationStatus =
  | "HEALTHY"
  | "UNHEALTHY";

export interface ConfirmTopicRuleDestinationRequest {
  confirmationToken: string;
}

export interface ConfirmTopicRuleDestinationResponse {}

export interface ConflictException {
  message?: string;
  resourceId?: string;
}

export interface ConflictingResourceUpdateException {
  message?: string;
}

export interface ConnectivityFilter {
  includeSocketInformation?: readonly FleetIndexingApi[];
}

export interface CreateAuditSuppressionRequest {
  checkName: string;
  resourceIdentifier: ResourceIdentifier;
  expirationDate?: number;
  suppressIndefinitely?: boolean;
  description?: string;
  clientRequestToken: string;
}

export interface CreateAuditSuppressionResponse {}

export interface CreateAuthorizerRequest {
  authorizerName: string;
  authorizerFunctionArn: string;
  tokenKeyName?: string;
  tokenSigningPublicKeys?: { readonly [key: string]: string };
  status?: AuthorizerStatus;
  tags?: readonly Tag[];
  signingDisabled?: boolean;
  enableCachingForHttp?: boolean;
}

export interface CreateAuthorizerResponse {
  authorizerName?: string;
  authorizerArn?: string;
}

export interface CreateBillingGroupRequest {
  billingGroupName: string;
  billingGroupProperties?: BillingGroupProperties;
  tags?: readonly Tag[];
}

export interface CreateBillingGroupResponse {
  billingGroupName?: string;
  billingGroupArn?: string;
  billingGroupId?: string;
}

export interface CreateCertificateFromCsrRequest {
  certificateSigningRequest: string;
  setAsActive?: boolean;
}

export interface CreateCertificateFromCsrResponse {
  certificateArn?: string;
  certificateId?: string;
  certificatePem?: string;
}

export interface CreateCertificateProviderRequest {
  certificateProviderName: string;
  lambdaFunctionArn: string;
  accountDefaultForOperations: readonly CertificateProviderOperation[];
  clientToken?: string;
  tags?: readonly Tag[];
}

export interface CreateCertificateProviderResponse {
  certificateProviderName?: string;
  certificateProviderArn?: string;
}

export interface CreateCommandRequest {
  commandId: string;
  namespace?: CommandNamespace;
  displayName?: string;
  description?: string;
  payload?: CommandPayload;
  payloadTemplate?: string;
  preprocessor?: CommandPreprocessor;
  mandatoryParameters?: readonly CommandParameter[];
  roleArn?: string;
  tags?: readonly Tag[];
}

export interface CreateCommandResponse {
  commandId?: string;
  commandArn?: string;
}

export interface CreateCustomMetricRequest {
  metricName: string;
  metricType: CustomMetricType;
  displayName?: string;
  tags?: readonly Tag[];
  clientRequestToken: string;
}

export interface CreateCustomMetricResponse {
  metricName?: string;
  metricArn?: string;
}

export interface CreateDimensionRequest {
  name: string;
  type: DimensionType;
  stringValues: readonly string[];
  tags?: readonly Tag[];
  clientRequestToken: string;
}

export interface CreateDimensionResponse {
  name?: string;
  arn?: string;
}

export interface CreateDomainConfigurationRequest {
  domainConfigurationName: string;
  domainName?: string;
  serverCertificateArns?: readonly string[];
  validationCertificateArn?: string;
  authorizerConfig?: AuthorizerConfig;
  serviceType?: ServiceType;
  tags?: readonly Tag[];
  tlsConfig?: TlsConfig;
  serverCertificateConfig?: ServerCertificateConfig;
  authenticationType?: AuthenticationType;
  applicationProtocol?: ApplicationProtocol;
  clientCertificateConfig?: ClientCertificateConfig;
}

export interface CreateDomainConfigurationResponse {
  domainConfigurationName?: string;
  domainConfigurationArn?: string;
}

export interface CreateDynamicThingGroupRequest {
  thingGroupName: string;
  queryString: string;
  thingGroupProperties?: ThingGroupProperties;
  indexName?: string;
  queryVersion?: string;
  tags?: readonly Tag[];
}

export interface CreateDynamicThingGroupResponse {
  thingGroupName?: string;
  thingGroupArn?: string;
  thingGroupId?: string;
  indexName?: string;
  queryString?: string;
  queryVersion?: string;
}

export interface CreateFleetMetricRequest {
  metricName: string;
  queryString: string;
  aggregationType: AggregationType;
  period: number;
  aggregationField: string;
  description?: string;
  queryVersion?: string;
  indexName?: string;
  unit?: FleetMetricUnit;
  tags?: readonly Tag[];
}

export interface CreateFleetMetricResponse {
  metricName?: string;
  metricArn?: string;
}

export interface CreateJobRequest {
  jobId: string;
  targets: readonly string[];
  documentSource?: string;
  document?: string;
  description?: string;
  presignedUrlConfig?: PresignedUrlConfig;
  targetSelection?: TargetSelection;
  jobExecutionsRolloutConfig?: JobExecutionsRolloutConfig;
  abortConfig?: AbortConfig;
  timeoutConfig?: TimeoutConfig;
  tags?: readonly Tag[];
  namespaceId?: string;
  jobTemplateArn?: string;
  jobExecutionsRetryConfig?: JobExecutionsRetryConfig;
  documentParameters?: { readonly [key: string]: string };
  schedulingConfig?: SchedulingConfig;
  destinationPackageVersions?: readonly string[];
}

export interface CreateJobResponse {
  jobArn?: string;
  jobId?: string;
  description?: string;
}

export interface CreateJobTemplateRequest {
  jobTemplateId: string;
  description: string;
  jobArn?: string;
  documentSource?: string;
  document?: string;
  presignedUrlConfig?: PresignedUrlConfig;
  jobExecutionsRolloutConfig?: JobExecutionsRolloutConfig;
  abortConfig?: AbortConfig;
  timeoutConfig?: TimeoutConfig;
  tags?: readonly Tag[];
  jobExecutionsRetryConfig?: JobExecutionsRetryConfig;
  maintenanceWindows?: readonly MaintenanceWindow[];
  destinationPackageVersions?: readonly string[];
}

export interface CreateJobTemplateResponse {
  jobTemplateArn?: string;
  jobTemplateId?: string;
}

export interface CreateKeysAndCertificateRequest {
  setAsActive?: boolean;
}

export interface CreateKeysAndCertificateResponse {
  certificateArn?: string;
  certificateId?: string;
  certificatePem?: string;
  keyPair?: KeyPair;
}

export interface CreateMitigationActionRequest {
  actionName: string;
  roleArn: string;
  actionParams: MitigationActionParams;
  tags?: readonly Tag[];
}

export interface CreateMitigationActionResponse {
  actionArn?: string;
  actionId?: string;
}

export interface CreateOTAUpdateRequest {
  otaUpdateId: string;
  targets: readonly string[];
  files: readonly OTAUpdateFile[];
  roleArn: string;
  description?: string;
  protocols?: readonly Protocol[];
  targetSelection?: TargetSelection;
  awsJobExecutionsRolloutConfig?: AwsJobExecutionsRolloutConfig;
  awsJobPresignedUrlConfig?: AwsJobPresignedUrlConfig;
  awsJobAbortConfig?: AwsJobAbortConfig;
  awsJobTimeoutConfig?: AwsJobTimeoutConfig;
  additionalParameters?: { readonly [key: string]: string };
  tags?: readonly Tag[];
}

export interface CreateOTAUpdateResponse {
  otaUpdateId?: string;
  awsIotJobId?: string;
  otaUpdateArn?: string;
  awsIotJobArn?: string;
  otaUpdateStatus?: OTAUpdateStatus;
}

export interface CreatePackageRequest {
  packageName: string;
  description?: string;
  tags?: { readonly [key: string]: string };
  clientToken?: string;
}

export interface CreatePackageResponse {
  packageName?: string;
  packageArn?: string;
  description?: string;
}

export interface CreatePackageVersionRequest {
  packageName: string;
  versionName: string;
  description?: string;
  attributes?: { readonly [key: string]: string };
  artifact?: PackageVersionArtifact;
  recipe?: string;
  tags?: { readonly [key: string]: string };
  clientToken?: string;
}

export interface CreatePackageVersionResponse {
  packageVersionArn?: string;
  packageName?: string;
  versionName?: string;
  description?: string;
  attributes?: { readonly [key: string]: string };
  status?: PackageVersionStatus;
  errorReason?: string;
}

export interface CreatePolicyRequest {
  policyName: string;
  policyDocument: string;
  tags?: readonly Tag[];
}

export interface CreatePolicyResponse {
  policyName?: string;
  policyArn?: string;
  policyDocument?: string;
  policyVersionId?: string;
}

export interface CreatePolicyVersionRequest {
  policyName: string;
  policyDocument: string;
  setAsDefault?: boolean;
}

export interface CreatePolicyVersionResponse {
  policyArn?: string;
  policyDocument?: string;
  policyVersionId?: string;
  isDefaultVersion?: boolean;
}

export interface CreateProvisioningClaimRequest {
  templateName: string;
}

export interface CreateProvisioningClaimResponse {
  certificateId?: string;
  certificatePem?: string;
  keyPair?: KeyPair;
  expiration?: number;
}

export interface CreateProvisioningTemplateRequest {
  templateName: string;
  templateBody: string;
  provisioningRoleArn: string;
  description?: string;
  enabled?: boolean;
  preProvisioningHook?: ProvisioningHook;
  tags?: readonly Tag[];
  type?: TemplateType;
}

export interface CreateProvisioningTemplateResponse {
  templateArn?: string;
  templateName?: string;
  defaultVersionId?: number;
}

export interface CreateProvisioningTemplateVersionRequest {
  templateName: string;
  templateBody: string;
  setAsDefault?: boolean;
}

export interface CreateProvisioningTemplateVersionResponse {
  templateArn?: string;
  templateName?: string;
  versionId?: number;
  isDefaultVersion?: boolean;
}

export interface CreateRoleAliasRequest {
  roleAlias: string;
  roleArn: string;
  credentialDurationSeconds?: number;
  tags?: readonly Tag[];
}

export interface CreateRoleAliasResponse {
  roleAlias?: string;
  roleAliasArn?: string;
}

export interface CreateScheduledAuditRequest {
  frequency: AuditFrequency;
  targetCheckNames: readonly string[];
  scheduledAuditName: string;
  dayOfMonth?: string;
  dayOfWeek?: DayOfWeek;
  tags?: readonly Tag[];
}

export interface CreateScheduledAuditResponse {
  scheduledAuditArn?: string;
}

export interface CreateSecurityProfileRequest {
  securityProfileName: string;
  securityProfileDescription?: string;
  behaviors?: readonly Behavior[];
  alertTargets?: { readonly [key: string]: AlertTarget };
  additionalMetricsToRetain?: readonly string[];
  additionalMetricsToRetainV2?: readonly MetricToRetain[];
  tags?: readonly Tag[];
  metricsExportConfig?: MetricsExportConfig;
}

export interface CreateSecurityProfileResponse {
  securityProfileName?: string;
  securityProfileArn?: string;
}

export interface CreateStreamRequest {
  streamId: string;
  files: readonly StreamFile[];
  roleArn: string;
  description?: string;
  tags?: readonly Tag[];
}

export interface CreateStreamResponse {
  streamId?: string;
  streamArn?: string;
  description?: string;
  streamVersion?: number;
}

export interface CreateThingGroupRequest {
  thingGroupName: string;
  parentGroupName?: string;
  thingGroupProperties?: ThingGroupProperties;
  tags?: readonly Tag[];
}

export interface CreateThingGroupResponse {
  thingGroupName?: string;
  thingGroupArn?: string;
  thingGroupId?: string;
}

export interface CreateThingRequest {
  thingName: string;
  thingTypeName?: string;
  attributePayload?: AttributePayload;
  billingGroupName?: string;
}

export interface CreateThingResponse {
  thingName?: string;
  thingArn?: string;
  thingId?: string;
}

export interface CreateThingTypeRequest {
  thingTypeName: string;
  thingTypeProperties?: ThingTypeProperties;
  tags?: readonly Tag[];
}

export interface CreateThingTypeResponse {
  thingTypeName?: string;
  thingTypeArn?: string;
  thingTypeId?: string;
}

export interface CreateTopicRuleDestinationRequest {
  destinationConfiguration: TopicRuleDestinationConfiguration;
}

export interface CreateTopicRuleDestinationResponse {
  topicRuleDestination?: TopicRuleDestination;
}

export interface CreateTopicRuleRequest {
  ruleName: string;
  topicRulePayload: TopicRulePayload;
  tags?: string;
}

export interface CustomCodeSigning {
  signature?: CodeSigningSignature;
  certificateChain?: CodeSigningCertificateChain;
  hashAlgorithm?: string;
  signatureAlgorithm?: string;
}

export type CustomMetricType =
  | "string-list"
  | "ip-address-list"
  | "number-list"
  | "number";

export type DayOfWeek =
  | "SUN"
  | "MON"
  | "TUE"
  | "WED"
  | "THU"
  | "FRI"
  | "SAT";

export interface DeleteAccountAuditConfigurationRequest {
  deleteScheduledAudits?: boolean;
}

export interface DeleteAccountAuditConfigurationResponse {}

export interface DeleteAuditSuppressionRequest {
  checkName: string;
  resourceIdentifier: ResourceIdentifier;
}

export interface DeleteAuditSuppressionResponse {}

export interface DeleteAuthorizerRequest {
  authorizerName: string;
}

export interface DeleteAuthorizerResponse {}

export interface DeleteBillingGroupRequest {
  billingGroupName: string;
  expectedVersion?: number;
}

export interface DeleteBillingGroupResponse {}

export interface DeleteCACertificateRequest {
  certificateId: string;
}

export interface DeleteCACertificateResponse {}

export interface DeleteCertificateProviderRequest {
  certificateProviderName: string;
}

export interface DeleteCertificateProviderResponse {}

export interface DeleteCertificateRequest {
  certificateId: string;
  forceDelete?: boolean;
}

export interface DeleteCommandExecutionRequest {
  executionId: string;
  targetArn: string;
}

export interface DeleteCommandExecutionResponse {}

export interface DeleteCommandRequest {
  commandId: string;
}

export interface DeleteCommandResponse {
  statusCode?: number;
}

export interface DeleteConflictException {
  message?: string;
}

export interface DeleteCustomMetricRequest {
  metricName: string;
}

export interface DeleteCustomMetricResponse {}

export interface DeleteDimensionRequest {
  name: string;
}

export interface DeleteDimensionResponse {}

export interface DeleteDomainConfigurationRequest {
  domainConfigurationName: string;
}

export interface DeleteDomainConfigurationResponse {}

export interface DeleteDynamicThingGroupRequest {
  thingGroupName: string;
  expectedVersion?: number;
}

export interface DeleteDynamicThingGroupResponse {}

export interface DeleteFleetMetricRequest {
  metricName: string;
  expectedVersion?: number;
}

export interface DeleteJobExecutionRequest {
  jobId: string;
  thingName: string;
  executionNumber: number;
  force?: boolean;
  namespaceId?: string;
}

export interface DeleteJobRequest {
  jobId: string;
  force?: boolean;
  namespaceId?: string;
}

export interface DeleteJobTemplateRequest {
  jobTemplateId: string;
}

export interface DeleteMitigationActionRequest {
  actionName: string;
}

export interface DeleteMitigationActionResponse {}

export interface DeleteOTAUpdateRequest {
  otaUpdateId: string;
  deleteStream?: boolean;
  forceDeleteAWSJob?: boolean;
}

export interface DeleteOTAUpdateResponse {}

export interface DeletePackageRequest {
  packageName: string;
  clientToken?: string;
}

export interface DeletePackageResponse {}

export interface DeletePackageVersionRequest {
  packageName: string;
  versionName: string;
  clientToken?: string;
}

export interface DeletePackageVersionResponse {}

export interface DeletePolicyRequest {
  policyName: string;
}

export interface DeletePolicyVersionRequest {
  policyName: string;
  policyVersionId: string;
}

export interface DeleteProvisioningTemplateRequest {
  templateName: string;
}

export interface DeleteProvisioningTemplateResponse {}

export interface DeleteProvisioningTemplateVersionRequest {
  templateName: string;
  versionId: number;
}

export interface DeleteProvisioningTemplateVersionResponse {}

export interface DeleteRegistrationCodeRequest {}

export interface DeleteRegistrationCodeResponse {}

export interface DeleteRoleAliasRequest {
  roleAlias: string;
}

export interface DeleteRoleAliasResponse {}

export interface DeleteScheduledAuditRequest {
  scheduledAuditName: string;
}

export interface DeleteScheduledAuditResponse {}

export interface DeleteSecurityProfileRequest {
  securityProfileName: string;
  expectedVersion?: number;
}

export interface DeleteSecurityProfileResponse {}

export interface DeleteStreamRequest {
  streamId: string;
}

export interface DeleteStreamResponse {}

export interface DeleteThingGroupRequest {
  thingGroupName: string;
  expectedVersion?: number;
}

export interface DeleteThingGroupResponse {}

export interface DeleteThingRequest {
  thingName: string;
  expectedVersion?: number;
}

export interface DeleteThingResponse {}

export interface DeleteThingTypeRequest {
  thingTypeName: string;
}

export interface DeleteThingTypeResponse {}

export interface DeleteTopicRuleDestinationRequest {
  arn: string;
}

export interface DeleteTopicRuleDestinationResponse {}

export interface DeleteTopicRuleRequest {
  ruleName: string;
}

export interface DeleteV2LoggingLevelRequest {
  targetType: LogTargetType;
  targetName: string;
}

export interface Denied {
  implicitDeny?: ImplicitDeny;
  explicitDeny?: ExplicitDeny;
}

export interface DeprecateThingTypeRequest {
  thingTypeName: string;
  undoDeprecate?: boolean;
}

export interface DeprecateThingTypeResponse {}

export interface DescribeAccountAuditConfigurationRequest {}

export interface DescribeAccountAuditConfigurationResponse {
  roleArn?: string;
  auditNotificationTargetConfigurations?: { readonly [key: string]: AuditNotificationTarget };
  auditCheckConfigurations?: { readonly [key: string]: AuditCheckConfiguration };
}

export interface DescribeAuditFindingRequest {
  findingId: string;
}

export interface DescribeAuditFindingResponse {
  finding?: AuditFinding;
}

export interface DescribeAuditMitigationActionsTaskRequest {
  taskId: string;
}

export interface DescribeAuditMitigationActionsTaskResponse {
  taskStatus?: AuditMitigationActionsTaskStatus;
  startTime?: number;
  endTime?: number;
  taskStatistics?: { readonly [key: string]: TaskStatisticsForAuditCheck };
  target?: AuditMitigationActionsTaskTarget;
  auditCheckToActionsMapping?: { readonly [key: string]: readonly string[] };
  actionsDefinition?: readonly MitigationAction[];
}

export interface DescribeAuditSuppressionRequest {
  checkName: string;
  resourceIdentifier: ResourceIdentifier;
}

export interface DescribeAuditSuppressionResponse {
  checkName?: string;
  resourceIdentifier?: ResourceIdentifier;
  expirationDate?: number;
  suppressIndefinitely?: boolean;
  description?: string;
}

export interface DescribeAuditTaskRequest {
  taskId: string;
}

export interface DescribeAuditTaskResponse {
  taskStatus?: AuditTaskStatus;
  taskType?: AuditTaskType;
  taskStartTime?: number;
  taskStatistics?: TaskStatistics;
  scheduledAuditName?: string;
  auditDetails?: { readonly [key: string]: AuditCheckDetails };
}

export interface DescribeAuthorizerRequest {
  authorizerName: string;
}

export interface DescribeAuthorizerResponse {
  authorizerDescription?: AuthorizerDescription;
}

export interface DescribeBillingGroupRequest {
  billingGroupName: string;
}

export interface DescribeBillingGroupResponse {
  billingGroupName?: string;
  billingGroupId?: string;
  billingGroupArn?: string;
  version?: number;
  billingGroupProperties?: BillingGroupProperties;
  billingGroupMetadata?: BillingGroupMetadata;
}

export interface DescribeCACertificateRequest {
  certificateId: string;
}

export interface DescribeCACertificateResponse {
  certificateDescription?: CACertificateDescription;
  registrationConfig?: RegistrationConfig;
}

export interface DescribeCertificateProviderRequest {
  certificateProviderName: string;
}

export interface DescribeCertificateProviderResponse {
  certificateProviderName?: string;
  certificateProviderArn?: string;
  lambdaFunctionArn?: string;
  accountDefaultForOperations?: readonly CertificateProviderOperation[];
  creationDate?: number;
  lastModifiedDate?: number;
}

export interface DescribeCertificateRequest {
  certificateId: string;
}

export interface DescribeCertificateResponse {
  certificateDescription?: CertificateDescription;
}

export interface DescribeCustomMetricRequest {
  metricName: string;
}

export interface DescribeCustomMetricResponse {
  metricName?: string;
  metricArn?: string;
  metricType?: CustomMetricType;
  displayName?: string;
  creationDate?: number;
  lastModifiedDate?: number;
}

export interface DescribeDefaultAuthorizerRequest {}

export interface DescribeDefaultAuthorizerResponse {
  authorizerDescription?: AuthorizerDescription;
}

export interface DescribeDetectMitigationActionsTaskRequest {
  taskId: string;
}

export interface DescribeDetectMitigationActionsTaskResponse {
  taskSummary?: DetectMitigationActionsTaskSummary;
}

export interface DescribeDimensionRequest {
  name: string;
}

export interface DescribeDimensionResponse {
  name?: string;
  arn?: string;
  type?: DimensionType;
  stringValues?: readonly string[];
  creationDate?: number;
  lastModifiedDate?: number;
}

export interface DescribeDomainConfigurationRequest {
  domainConfigurationName: string;
}

export interface DescribeDomainConfigurationResponse {
  domainConfigurationName?: string;
  domainConfigurationArn?: string;
  domainName?: string;
  serverCertificates?: readonly ServerCertificateSummary[];
  authorizerConfig?: AuthorizerConfig;
  domainConfigurationStatus?: DomainConfigurationStatus;
  serviceType?: ServiceType;
  domainType?: DomainType;
  lastStatusChangeDate?: number;
  tlsConfig?: TlsConfig;
  serverCertificateConfig?: ServerCertificateConfig;
  authenticationType?: AuthenticationType;
  applicationProtocol?: ApplicationProtocol;
  clientCertificateConfig?: ClientCertificateConfig;
}

export interface DescribeEncryptionConfigurationRequest {}

export interface DescribeEncryptionConfigurationResponse {
  encryptionType?: EncryptionType;
  kmsKeyArn?: string;
  kmsAccessRoleArn?: string;
  configurationDetails?: ConfigurationDetails;
  lastModifiedDate?: number;
}

export interface DescribeEndpointRequest {
  endpointType?: string;
}

export interface DescribeEndpointResponse {
  endpointAddress?: string;
}

export interface DescribeEventConfigurationsRequest {}

export interface DescribeEventConfigurationsResponse {
  eventConfigurations?: { readonly [key: string]: Configuration };
  creationDate?: number;
  lastModifiedDate?: number;
}

export interface DescribeFleetMetricRequest {
  metricName: string;
}

export interface DescribeFleetMetricResponse {
  metricName?: string;
  queryString?: string;
  aggregationType?: AggregationType;
  period?: number;
  aggregationField?: string;
  description?: string;
  queryVersion?: string;
  indexName?: string;
  creationDate?: number;
  lastModifiedDate?: number;
  unit?: FleetMetricUnit;
  version?: number;
  metricArn?: string;
}

export interface DescribeIndexRequest {
  indexName: string;
}

export interface DescribeIndexResponse {
  indexName?: string;
  indexStatus?: IndexStatus;
  schema?: string;
}

export interface DescribeJobExecutionRequest {
  jobId: string;
  thingName: string;
  executionNumber?: number;
}

export interface DescribeJobExecutionResponse {
  execution?: JobExecution;
}

export interface DescribeJobRequest {
  jobId: string;
  beforeSubstitution?: boolean;
}

export interface DescribeJobResponse {
  documentSource?: string;
  job?: Job;
}

export interface DescribeJobTemplateRequest {
  jobTemplateId: string;
}

export interface DescribeJobTemplateResponse {
  jobTemplateArn?: string;
  jobTemplateId?: string;
  description?: string;
  documentSource?: string;
  document?: string;
  createdAt?: number;
  presignedUrlConfig?: PresignedUrlConfig;
  jobExecutionsRolloutConfig?: JobExecutionsRolloutConfig;
  abortConfig?: AbortConfig;
  timeoutConfig?: TimeoutConfig;
  jobExecutionsRetryConfig?: JobExecutionsRetryConfig;
  maintenanceWindows?: readonly MaintenanceWindow[];
  destinationPackageVersions?: readonly string[];
}

export interface DescribeManagedJobTemplateRequest {
  templateName: string;
  templateVersion?: string;
}

export interface DescribeManagedJobTemplateResponse {
  templateName?: string;
  templateArn?: string;
  description?: string;
  templateVersion?: string;
  environments?: readonly string[];
  documentParameters?: readonly DocumentParameter[];
  document?: string;
}

export interface DescribeMitigationActionRequest {
  actionName: string;
}

export interface DescribeMitigationActionResponse {
  actionName?: string;
  actionType?: MitigationActionType;
  actionArn?: string;
  actionId?: string;
  roleArn?: string;
  actionParams?: MitigationActionParams;
  creationDate?: number;
  lastModifiedDate?: number;
}

export interface DescribeProvisioningTemplateRequest {
  templateName: string;
}

export interface DescribeProvisioningTemplateResponse {
  templateArn?: string;
  templateName?: string;
  description?: string;
  creationDate?: number;
  lastModifiedDate?: number;
  defaultVersionId?: number;
  templateBody?: string;
  enabled?: boolean;
  provisioningRoleArn?: string;
  preProvisioningHook?: ProvisioningHook;
  type?: TemplateType;
}

export interface DescribeProvisioningTemplateVersionRequest {
  templateName: string;
  versionId: number;
}

export interface DescribeProvisioningTemplateVersionResponse {
  versionId?: number;
  creationDate?: number;
  templateBody?: string;
  isDefaultVersion?: boolean;
}

export interface DescribeRoleAliasRequest {
  roleAlias: string;
}

export interface DescribeRoleAliasResponse {
  roleAliasDescription?: RoleAliasDescription;
}

export interface DescribeScheduledAuditRequest {
  scheduledAuditName: string;
}

export interface DescribeScheduledAuditResponse {
  frequency?: AuditFrequency;
  dayOfMonth?: string;
  dayOfWeek?: DayOfWeek;
  targetCheckNames?: readonly string[];
  scheduledAuditName?: string;
  scheduledAuditArn?: string;
}

export interface DescribeSecurityProfileRequest {
  securityProfileName: string;
}

export interface DescribeSecurityProfileResponse {
  securityProfileName?: string;
  securityProfileArn?: string;
  securityProfileDescription?: string;
  behaviors?: readonly Behavior[];
  alertTargets?: { readonly [key: string]: AlertTarget };
  additionalMetricsToRetain?: readonly string[];
  additionalMetricsToRetainV2?: readonly MetricToRetain[];
  version?: number;
  creationDate?: number;
  lastModifiedDate?: number;
  metricsExportConfig?: MetricsExportConfig;
}

export interface DescribeStreamRequest {
  streamId: string;
}

export interface DescribeStreamResponse {
  streamInfo?: StreamInfo;
}

export interface DescribeThingGroupRequest {
  thingGroupName: string;
}

export interface DescribeThingGroupResponse {
  thingGroupName?: string;
  thingGroupId?: string;
  thingGroupArn?: string;
  version?: number;
  thingGroupProperties?: ThingGroupProperties;
  thingGroupMetadata?: ThingGroupMetadata;
  indexName?: string;
  queryString?: string;
  queryVersion?: string;
  status?: DynamicGroupStatus;
}

export interface DescribeThingRegistrationTaskRequest {
  taskId: string;
}

export interface DescribeThingRegistrationTaskResponse {
  taskId?: string;
  creationDate?: number;
  lastModifiedDate?: number;
  templateBody?: string;
  inputFileBucket?: string;
  inputFileKey?: string;
  roleArn?: string;
  status?: Status;
  message?: string;
  successCount?: number;
  failureCount?: number;
  percentageProgress?: number;
}

export interface DescribeThingRequest {
  thingName: string;
}

export interface DescribeThingResponse {
  defaultClientId?: string;
  thingName?: string;
  thingId?: string;
  thingArn?: string;
  thingTypeName?: string;
  attributes?: { readonly [key: string]: string };
  version?: number;
  billingGroupName?: string;
}

export interface DescribeThingTypeRequest {
  thingTypeName: string;
}

export interface DescribeThingTypeResponse {
  thingTypeName?: string;
  thingTypeId?: string;
  thingTypeArn?: string;
  thingTypeProperties?: ThingTypeProperties;
  thingTypeMetadata?: ThingTypeMetadata;
}

export interface Destination {
  s3Destination?: S3Destination;
}

export interface DetachPolicyRequest {
  policyName: string;
  target: string;
}

export interface DetachPrincipalPolicyRequest {
  policyName: string;
  principal: string;
}

export interface DetachSecurityProfileRequest {
  securityProfileName: string;
  securityProfileTargetArn: string;
}

export interface DetachSecurityProfileResponse {}

export interface DetachThingPrincipalRequest {
  thingName: string;
  principal: string;
}

export interface DetachThingPrincipalResponse {}

export interface DetectMitigationActionExecution {
  taskId?: string;
  violationId?: string;
  actionName?: string;
  thingName?: string;
  executionStartDate?: number;
  executionEndDate?: number;
  status?: DetectMitigationActionExecutionStatus;
  errorCode?: string;
  message?: string;
}

export type DetectMitigationActionExecutionStatus =
  | "IN_PROGRESS"
  | "SUCCESSFUL"
  | "FAILED"
  | "SKIPPED";

export interface DetectMitigationActionsTaskStatistics {
  actionsExecuted?: number;
  actionsSkipped?: number;
  actionsFailed?: number;
}

export type DetectMitigationActionsTaskStatus =
  | "IN_PROGRESS"
  | "SUCCESSFUL"
  | "FAILED"
  | "CANCELED";

export interface DetectMitigationActionsTaskSummary {
  taskId?: string;
  taskStatus?: DetectMitigationActionsTaskStatus;
  taskStartTime?: number;
  taskEndTime?: number;
  target?: DetectMitigationActionsTaskTarget;
  violationEventOccurrenceRange?: ViolationEventOccurrenceRange;
  onlyActiveViolationsIncluded?: boolean;
  suppressedAlertsIncluded?: boolean;
  actionsDefinition?: readonly MitigationAction[];
  taskStatistics?: DetectMitigationActionsTaskStatistics;
}

export interface DetectMitigationActionsTaskTarget {
  violationIds?: readonly string[];
  securityProfileName?: string;
  behaviorName?: string;
}

export type DeviceCertificateUpdateAction =
  | "DEACTIVATE";

export type DeviceDefenderIndexingMode =
  | "OFF"
  | "VIOLATIONS";

export type DimensionType =
  | "TOPIC_FILTER";

export type DimensionValueOperator =
  | "IN"
  | "NOT_IN";

export interface DisableTopicRuleRequest {
  ruleName: string;
}

export interface DisassociateSbomFromPackageVersionRequest {
  packageName: string;
  versionName: string;
  clientToken?: string;
}

export interface DisassociateSbomFromPackageVersionResponse {}

export type DisconnectReasonValue =
  | "AUTH_ERROR"
  | "CLIENT_INITIATED_DISCONNECT"
  | "CLIENT_ERROR"
  | "CONNECTION_LOST"
  | "DUPLICATE_CLIENTID"
  | "FORBIDDEN_ACCESS"
  | "MQTT_KEEP_ALIVE_TIMEOUT"
  | "SERVER_ERROR"
  | "SERVER_INITIATED_DISCONNECT"
  | "API_INITIATED_DISCONNECT"
  | "THROTTLED"
  | "WEBSOCKET_TTL_EXPIRATION"
  | "CUSTOMAUTH_TTL_EXPIRATION"
  | "UNKNOWN"
  | "NONE";

export interface DocumentParameter {
  key?: string;
  description?: string;
  regex?: string;
  example?: string;
  optional?: boolean;
}

export type DomainConfigurationStatus =
  | "ENABLED"
  | "DISABLED";

export interface DomainConfigurationSummary {
  domainConfigurationName?: string;
  domainConfigurationArn?: string;
  serviceType?: ServiceType;
}

export type DomainType =
  | "ENDPOINT"
  | "AWS_MANAGED"
  | "CUSTOMER_MANAGED";

export type DynamicGroupStatus =
  | "ACTIVE"
  | "BUILDING"
  | "REBUILDING";

export interface DynamoDBAction {
  tableName: string;
  roleArn: string;
  hashKeyField: string;
  hashKeyValue: string;
  operation?: string;
  hashKeyType?: DynamoKeyType;
  rangeKeyField?: string;
  rangeKeyValue?: string;
  rangeKeyType?: DynamoKeyType;
  payloadField?: string;
}

export interface DynamoDBv2Action {
  roleArn: string;
  putItem: PutItemInput;
}

export type DynamoKeyType =
  | "STRING"
  | "NUMBER";

export interface EffectivePolicy {
  policyName?: string;
  policyArn?: string;
  policyDocument?: string;
}

export interface ElasticsearchAction {
  roleArn: string;
  endpoint: string;
  index: string;
  type: string;
  id: string;
}

export interface EnableIoTLoggingParams {
  roleArnForLogging: string;
  logLevel: LogLevel;
}

export interface EnableTopicRuleRequest {
  ruleName: string;
}

export type EncryptionType =
  | "CUSTOMER_MANAGED_KMS_KEY"
  | "AWS_OWNED_KMS_KEY";

export interface ErrorInfo {
  code?: string;
  message?: string;
}

export type EventType =
  | "THING"
  | "THING_GROUP"
  | "THING_TYPE"
  | "THING_GROUP_MEMBERSHIP"
  | "THING_GROUP_HIERARCHY"
  | "THING_TYPE_ASSOCIATION"
  | "JOB"
  | "JOB_EXECUTION"
  | "POLICY"
  | "CERTIFICATE"
  | "CA_CERTIFICATE";

export interface ExplicitDeny {
  policies?: readonly Policy[];
}

export interface ExponentialRolloutRate {
  baseRatePerMinute: number;
  incrementFactor: number;
  rateIncreaseCriteria: RateIncreaseCriteria;
}

export interface Field {
  name?: string;
  type?: FieldType;
}

export type FieldType =
  | "Number"
  | "String"
  | "Boolean";

export interface FileLocation {
  stream?: Stream;
  s3Location?: S3Location;
}

export interface FirehoseAction {
  roleArn: string;
  deliveryStreamName: string;
  separator?: string;
  batchMode?: boolean;
}

export type FleetIndexingApi =
  | "GET_THING_CONNECTIVITY_DATA";

export interface FleetMetricNameAndArn {
  metricName?: string;
  metricArn?: string;
}

export type FleetMetricUnit =
  | "Seconds"
  | "Microseconds"
  | "Milliseconds"
  | "Bytes"
  | "Kilobytes"
  | "Megabytes"
  | "Gigabytes"
  | "Terabytes"
  | "Bits"
  | "Kilobits"
  | "Megabits"
  | "Gigabits"
  | "Terabits"
  | "Percent"
  | "Count"
  | "Bytes/Second"
  | "Kilobytes/Second"
  | "Megabytes/Second"
  | "Gigabytes/Second"
  | "Terabytes/Second"
  | "Bits/Second"
  | "Kilobits/Second"
  | "Megabits/Second"
  | "Gigabits/Second"
  | "Terabits/Second"
  | "Count/Second"
  | "None";

export interface GeoLocationTarget {
  name?: string;
  order?: TargetFieldOrder;
}

export interface GetBehaviorModelTrainingSummariesRequest {
  securityProfileName?: string;
  maxResults?: number;
  nextToken?: string;
}

export interface GetBehaviorModelTrainingSummariesResponse {
  summaries?: readonly BehaviorModelTrainingSummary[];
  nextToken?: string;
}

export interface GetBucketsAggregationRequest {
  queryString: string;
  aggregationField: string;
  bucketsAggregationType: BucketsAggregationType;
  indexName?: string;
  queryVersion?: string;
}

export interface GetBucketsAggregationResponse {
  totalCount?: number;
  buckets?: readonly Bucket[];
}

export interface GetCardinalityRequest {
  queryString: string;
  indexName?: string;
  aggregationField?: string;
  queryVersion?: string;
}

export interface GetCardinalityResponse {
  cardinality?: number;
}

export interface GetCommandExecutionRequest {
  executionId: string;
  targetArn: string;
  includeResult?: boolean;
}

export interface GetCommandExecutionResponse {
  executionId?: string;
  commandArn?: string;
  targetArn?: string;
  status?: CommandExecutionStatus;
  statusReason?: StatusReason;
  result?: { readonly [key: string]: CommandExecutionResult };
  parameters?: { readonly [key: string]: CommandParameterValue };
  executionTimeoutSeconds?: number;
  createdAt?: number;
  lastUpdatedAt?: number;
  startedAt?: number;
  completedAt?: number;
  timeToLive?: number;
}

export interface GetCommandRequest {
  commandId: string;
}

export interface GetCommandResponse {
  commandId?: string;
  commandArn?: string;
  namespace?: CommandNamespace;
  displayName?: string;
  description?: string;
  mandatoryParameters?: readonly CommandParameter[];
  payload?: CommandPayload;
  payloadTemplate?: string;
  preprocessor?: CommandPreprocessor;
  roleArn?: string;
  createdAt?: number;
  lastUpdatedAt?: number;
  deprecated?: boolean;
  pendingDeletion?: boolean;
}

export interface GetEffectivePoliciesRequest {
  principal?: string;
  cognitoIdentityPoolId?: string;
  thingName?: string;
}

export interface GetEffectivePoliciesResponse {
  effectivePolicies?: readonly EffectivePolicy[];
}

export interface GetIndexingConfigurationRequest {}

export interface GetIndexingConfigurationResponse {
  thingIndexingConfiguration?: ThingIndexingConfiguration;
  thingGroupIndexingConfiguration?: ThingGroupIndexingConfiguration;
}

export interface GetJobDocumentRequest {
  jobId: string;
  beforeSubstitution?: boolean;
}

export interface GetJobDocumentResponse {
  document?: string;
}

export interface GetLoggingOptionsRequest {}

export interface GetLoggingOptionsResponse {
  roleArn?: string;
  logLevel?: LogLevel;
}

export interface GetOTAUpdateRequest {
  otaUpdateId: string;
}

export interface GetOTAUpdateResponse {
  otaUpdateInfo?: OTAUpdateInfo;
}

export interface GetPackageConfigurationRequest {}

export interface GetPackageConfigurationResponse {
  versionUpdateByJobsConfig?: VersionUpdateByJobsConfig;
}

export interface GetPackageRequest {
  packageName: string;
}

export interface GetPackageResponse {
  packageName?: string;
  packageArn?: string;
  description?: string;
  defaultVersionName?: string;
  creationDate?: number;
  lastModifiedDate?: number;
}

export interface GetPackageVersionRequest {
  packageName: string;
  versionName: string;
}

export interface GetPackageVersionResponse {
  packageVersionArn?: string;
  packageName?: string;
  versionName?: string;
  description?: string;
  attributes?: { readonly [key: string]: string };
  artifact?: PackageVersionArtifact;
  status?: PackageVersionStatus;
  errorReason?: string;
  creationDate?: number;
  lastModifiedDate?: number;
  sbom?: Sbom;
  sbomValidationStatus?: SbomValidationStatus;
  recipe?: string;
}

export interface GetPercentilesRequest {
  queryString: string;
  indexName?: string;
  aggregationField?: string;
  queryVersion?: string;
  percents?: readonly number[];
}

export interface GetPercentilesResponse {
  percentiles?: readonly PercentPair[];
}

export interface GetPolicyRequest {
  policyName: string;
}

export interface GetPolicyResponse {
  policyName?: string;
  policyArn?: string;
  policyDocument?: string;
  defaultVersionId?: string;
  creationDate?: number;
  lastModifiedDate?: number;
  generationId?: string;
}

export interface GetPolicyVersionRequest {
  policyName: string;
  policyVersionId: string;
}

export interface GetPolicyVersionResponse {
  policyArn?: string;
  policyName?: string;
  policyDocument?: string;
  policyVersionId?: string;
  isDefaultVersion?: boolean;
  creationDate?: number;
  lastModifiedDate?: number;
  generationId?: string;
}

export interface GetRegistrationCodeRequest {}

export interface GetRegistrationCodeResponse {
  registrationCode?: string;
}

export interface GetStatisticsRequest {
  queryString: string;
  indexName?: string;
  aggregationField?: string;
  queryVersion?: string;
}

export interface GetStatisticsResponse {
  statistics?: Statistics;
}

export interface GetThingConnectivityDataRequest {
  thingName: string;
  includeSocketInformation?: boolean;
}

export interface GetThingConnectivityDataResponse {
  thingName?: string;
  connected?: boolean;
  timestamp?: number;
  disconnectReason?: DisconnectReasonValue;
  sourceIp?: string;
  sourcePort?: number;
  targetIp?: string;
  targetPort?: number;
  vpcEndpointId?: string;
  keepAliveDuration?: number;
  cleanSession?: boolean;
  sessionExpiry?: number;
  clientId?: string;
}

export interface GetTopicRuleDestinationRequest {
  arn: string;
}

export interface GetTopicRuleDestinationResponse {
  topicRuleDestination?: TopicRuleDestination;
}

export interface GetTopicRuleRequest {
  ruleName: string;
}

export interface GetTopicRuleResponse {
  ruleArn?: string;
  rule?: TopicRule;
}

export interface GetV2LoggingOptionsRequest {
  verbose?: boolean;
}

export interface GetV2LoggingOptionsResponse {
  roleArn?: string;
  defaultLogLevel?: LogLevel;
  disableAllLogs?: boolean;
  eventConfigurations?: readonly LogEventConfiguration[];
}

export interface GroupNameAndArn {
  groupName?: string;
  groupArn?: string;
}

export interface HttpAction {
  url: string;
  confirmationUrl?: string;
  headers?: readonly HttpActionHeader[];
  auth?: HttpAuthorization;
  enableBatching?: boolean;
  batchConfig?: BatchConfig;
}

export interface HttpActionHeader {
  key: string;
  value: string;
}

export interface HttpAuthorization {
  sigv4?: SigV4Authorization;
}

export interface HttpContext {
  headers?: { readonly [key: string]: string };
  queryString?: string;
}

export interface HttpUrlDestinationConfiguration {
  confirmationUrl: string;
}

export interface HttpUrlDestinationProperties {
  confirmationUrl?: string;
}

export interface HttpUrlDestinationSummary {
  confirmationUrl?: string;
}

export interface ImplicitDeny {
  policies?: readonly Policy[];
}

export interface IndexNotReadyException {
  message?: string;
}

export type IndexStatus =
  | "ACTIVE"
  | "BUILDING"
  | "REBUILDING";

export interface IndexingFilter {
  namedShadowNames?: readonly string[];
  geoLocations?: readonly GeoLocationTarget[];
  connectivity?: ConnectivityFilter;
}

export interface InfluxDBAction {
  destinationArn: string;
  roleArn: string;
  databaseName: string;
  tableName: string;
  organization?: string;
  tags?: { readonly [key: string]: string };
  timestampUnit?: InfluxDBTimestampUnit;
  batchConfig?: InfluxDBBatchConfig;
}

export interface InfluxDBBatchConfig {
  maxBatchSize?: number;
  maxBatchOpenMs?: number;
  maxBatchSizeBytes?: number;
  batchAcrossTopics?: boolean;
}

export interface InfluxDBDestinationConfiguration {
  endpoint: string;
  influxDBVersion: InfluxDBVersion;
  secretId: string;
  secretType?: InfluxDBSecretType;
  secretKey?: string;
}

export interface InfluxDBDestinationProperties {
  endpoint?: string;
  influxDBVersion?: InfluxDBVersion;
  secretId?: string;
  secretType?: InfluxDBSecretType;
  secretKey?: string;
}

export interface InfluxDBDestinationSummary {
  endpoint?: string;
  influxDBVersion?: string;
  secretId?: string;
  secretType?: string;
  secretKey?: string;
}

export type InfluxDBSecretType =
  | "SecretBinary"
  | "SecretString";

export type InfluxDBTimestampUnit =
  | "s"
  | "ms"
  | "us"
  | "ns";

export type InfluxDBVersion =
  | "V2"
  | "V3";

export interface InternalException {
  message?: string;
}

export interface InternalFailureException {
  message?: string;
}

export interface InternalServerException {
  message?: string;
}

export interface InvalidAggregationException {
  message?: string;
}

export interface InvalidQueryException {
  message?: string;
}

export interface InvalidRequestException {
  message?: string;
}

export interface InvalidResponseException {
  message?: string;
}

export interface InvalidStateTransitionException {
  message?: string;
}

export interface IoTServiceException {}

export interface IotAnalyticsAction {
  channelArn?: string;
  channelName?: string;
  batchMode?: boolean;
  roleArn?: string;
}

export interface IotEventsAction {
  inputName: string;
  roleArn: string;
  messageId?: string;
  batchMode?: boolean;
}

export interface IotSiteWiseAction {
  putAssetPropertyValueEntries: readonly PutAssetPropertyValueEntry[];
  roleArn: string;
}

export interface IssuerCertificateIdentifier {
  issuerCertificateSubject?: string;
  issuerId?: string;
  issuerCertificateSerialNumber?: string;
}

export interface Job {
  jobArn?: string;
  jobId?: string;
  targetSelection?: TargetSelection;
  status?: JobStatus;
  forceCanceled?: boolean;
  reasonCode?: string;
  comment?: string;
  targets?: readonly string[];
  description?: string;
  presignedUrlConfig?: PresignedUrlConfig;
  jobExecutionsRolloutConfig?: JobExecutionsRolloutConfig;
  abortConfig?: AbortConfig;
  createdAt?: number;
  lastUpdatedAt?: number;
  completedAt?: number;
  jobProcessDetails?: JobProcessDetails;
  timeoutConfig?: TimeoutConfig;
  namespaceId?: string;
  jobTemplateArn?: string;
  jobExecutionsRetryConfig?: JobExecutionsRetryConfig;
  documentParameters?: { readonly [key: string]: string };
  isConcurrent?: boolean;
  schedulingConfig?: SchedulingConfig;
  scheduledJobRollouts?: readonly ScheduledJobRollout[];
  destinationPackageVersions?: readonly string[];
}

export type JobEndBehavior =
  | "STOP_ROLLOUT"
  | "CANCEL"
  | "FORCE_CANCEL";

export interface JobExecution {
  jobId?: string;
  status?: JobExecutionStatus;
  forceCanceled?: boolean;
  statusDetails?: JobExecutionStatusDetails;
  thingArn?: string;
  queuedAt?: number;
  startedAt?: number;
  lastUpdatedAt?: number;
  executionNumber?: number;
  versionNumber?: number;
  approximateSecondsBeforeTimedOut?: number;
}

export type JobExecutionFailureType =
  | "FAILED"
  | "REJECTED"
  | "TIMED_OUT"
  | "ALL";

export type JobExecutionStatus =
  | "QUEUED"
  | "IN_PROGRESS"
  | "SUCCEEDED"
  | "FAILED"
  | "TIMED_OUT"
  | "REJECTED"
  | "REMOVED"
  | "CANCELED";

export interface JobExecutionStatusDetails {
  detailsMap?: { readonly [key: string]: string };
}

export interface JobExecutionSummary {
  status?: JobExecutionStatus;
  queuedAt?: number;
  startedAt?: number;
  lastUpdatedAt?: number;
  executionNumber?: number;
  retryAttempt?: number;
}

export interface JobExecutionSummaryForJob {
  thingArn?: string;
  jobExecutionSummary?: JobExecutionSummary;
}

export interface JobExecutionSummaryForThing {
  jobId?: string;
  jobExecutionSummary?: JobExecutionSummary;
}

export interface JobExecutionsRetryConfig {
  criteriaList: readonly RetryCriteria[];
}

export interface JobExecutionsRolloutConfig {
  maximumPerMinute?: number;
  exponentialRate?: ExponentialRolloutRate;
}

export interface JobProcessDetails {
  processingTargets?: readonly string[];
  numberOfCanceledThings?: number;
  numberOfSucceededThings?: number;
  numberOfFailedThings?: number;
  numberOfRejectedThings?: number;
  numberOfQueuedThings?: number;
  numberOfInProgressThings?: number;
  numberOfRemovedThings?: number;
  numberOfTimedOutThings?: number;
}

export type JobStatus =
  | "IN_PROGRESS"
  | "CANCELED"
  | "COMPLETED"
  | "DELETION_IN_PROGRESS"
  | "SCHEDULED";

export interface JobSummary {
  jobArn?: string;
  jobId?: string;
  thingGroupId?: string;
  targetSelection?: TargetSelection;
  status?: JobStatus;
  createdAt?: number;
  lastUpdatedAt?: number;
  completedAt?: number;
  isConcurrent?: boolean;
}

export interface JobTemplateSummary {
  jobTemplateArn?: string;
  jobTemplateId?: string;
  description?: string;
  createdAt?: number;
}

export interface KafkaAction {
  destinationArn: string;
  topic: string;
  clientProperties: { readonly [key: string]: string };
  key?: string;
  partition?: string;
  headers?: readonly KafkaActionHeader[];
}

export interface KafkaActionHeader {
  key: string;
  value: string;
}

export interface KeyPair {
  PublicKey?: string;
  PrivateKey?: string;
}

export interface KinesisAction {
  roleArn: string;
  streamName: string;
  partitionKey?: string;
}

export interface LambdaAction {
  functionArn: string;
}

export interface LimitExceededException {
  message?: string;
}

export interface ListActiveViolationsRequest {
  thingName?: string;
  securityProfileName?: string;
  behaviorCriteriaType?: BehaviorCriteriaType;
  listSuppressedAlerts?: boolean;
  verificationState?: VerificationState;
  nextToken?: string;
  maxResults?: number;
}

export interface ListActiveViolationsResponse {
  activeViolations?: readonly ActiveViolation[];
  nextToken?: string;
}

export interface ListAttachedPoliciesRequest {
  target: string;
  recursive?: boolean;
  marker?: string;
  pageSize?: number;
}

export interface ListAttachedPoliciesResponse {
  policies?: readonly Policy[];
  nextMarker?: string;
}

export interface ListAuditFindingsRequest {
  taskId?: string;
  checkName?: string;
  resourceIdentifier?: ResourceIdentifier;
  maxResults?: number;
  nextToken?: string;
  startTime?: number;
  endTime?: number;
  listSuppressedFindings?: boolean;
}

export interface ListAuditFindingsResponse {
  findings?: readonly AuditFinding[];
  nextToken?: string;
}

export interface ListAuditMitigationActionsExecutionsRequest {
  taskId: string;
  findingId: string;
  actionStatus?: AuditMitigationActionsExecutionStatus;
  maxResults?: number;
  nextToken?: string;
}

export interface ListAuditMitigationActionsExecutionsResponse {
  actionsExecutions?: readonly AuditMitigationActionExecutionMetadata[];
  nextToken?: string;
}

export interface ListAuditMitigationActionsTasksRequest {
  startTime: number;
  endTime: number;
  auditTaskId?: string;
  findingId?: string;
  taskStatus?: AuditMitigationActionsTaskStatus;
  maxResults?: number;
  nextToken?: string;
}

export interface ListAuditMitigationActionsTasksResponse {
  tasks?: readonly AuditMitigationActionsTaskMetadata[];
  nextToken?: string;
}

export interface ListAuditSuppressionsRequest {
  checkName?: string;
  resourceIdentifier?: ResourceIdentifier;
  ascendingOrder?: boolean;
  nextToken?: string;
  maxResults?: number;
}

export interface ListAuditSuppressionsResponse {
  suppressions?: readonly AuditSuppression[];
  nextToken?: string;
}

export interface ListAuditTasksRequest {
  startTime: number;
  endTime: number;
  taskType?: AuditTaskType;
  taskStatus?: AuditTaskStatus;
  nextToken?: string;
  maxResults?: number;
}

export interface ListAuditTasksResponse {
  tasks?: readonly AuditTaskMetadata[];
  nextToken?: string;
}

export interface ListAuthorizersRequest {
  pageSize?: number;
  marker?: string;
  ascendingOrder?: boolean;
  status?: AuthorizerStatus;
}

export interface ListAuthorizersResponse {
  authorizers?: readonly AuthorizerSummary[];
  nextMarker?: string;
}

export interface ListBillingGroupsRequest {
  nextToken?: string;
  maxResults?: number;
  namePrefixFilter?: string;
}

export interface ListBillingGroupsResponse {
  billingGroups?: readonly GroupNameAndArn[];
  nextToken?: string;
}

export interface ListCACertificatesRequest {
  pageSize?: number;
  marker?: string;
  ascendingOrder?: boolean;
  templateName?: string;
}

export interface ListCACertificatesResponse {
  certificates?: readonly CACertificate[];
  nextMarker?: string;
}

export interface ListCertificateProvidersRequest {
  nextToken?: string;
  ascendingOrder?: boolean;
}

export interface ListCertificateProvidersResponse {
  certificateProviders?: readonly CertificateProviderSummary[];
  nextToken?: string;
}

export interface ListCertificatesByCARequest {
  caCertificateId: string;
  pageSize?: number;
  marker?: string;
  ascendingOrder?: boolean;
}

export interface ListCertificatesByCAResponse {
  certificates?: readonly Certificate[];
  nextMarker?: string;
}

export interface ListCertificatesRequest {
  pageSize?: number;
  marker?: string;
  ascendingOrder?: boolean;
}

export interface ListCertificatesResponse {
  certificates?: readonly Certificate[];
  nextMarker?: string;
}

export interface ListCommandExecutionsRequest {
  maxResults?: number;
  nextToken?: string;
  namespace?: CommandNamespace;
  status?: CommandExecutionStatus;
  sortOrder?: SortOrder;
  startedTimeFilter?: TimeFilter;
  completedTimeFilter?: TimeFilter;
  targetArn?: string;
  commandArn?: string;
}

export interface ListCommandExecutionsResponse {
  commandExecutions?: readonly CommandExecutionSummary[];
  nextToken?: string;
}

export interface ListCommandsRequest {
  maxResults?: number;
  nextToken?: string;
  namespace?: CommandNamespace;
  commandParameterName?: string;
  sortOrder?: SortOrder;
}

export interface ListCommandsResponse {
  commands?: readonly CommandSummary[];
  nextToken?: string;
}

export interface ListCustomMetricsRequest {
  nextToken?: string;
  maxResults?: number;
}

export interface ListCustomMetricsResponse {
  metricNames?: readonly string[];
  nextToken?: string;
}

export interface ListDetectMitigationActionsExecutionsRequest {
  taskId?: string;
  violationId?: string;
  thingName?: string;
  startTime?: number;
  endTime?: number;
  maxResults?: number;
  nextToken?: string;
}

export interface ListDetectMitigationActionsExecutionsResponse {
  actionsExecutions?: readonly DetectMitigationActionExecution[];
  nextToken?: string;
}

export interface ListDetectMitigationActionsTasksRequest {
  startTime: number;
  endTime: number;
  maxResults?: number;
  nextToken?: string;
}

export interface ListDetectMitigationActionsTasksResponse {
  tasks?: readonly DetectMitigationActionsTaskSummary[];
  nextToken?: string;
}

export interface ListDimensionsRequest {
  nextToken?: string;
  maxResults?: number;
}

export interface ListDimensionsResponse {
  dimensionNames?: readonly string[];
  nextToken?: string;
}

export interface ListDomainConfigurationsRequest {
  marker?: string;
  pageSize?: number;
  serviceType?: ServiceType;
}

export interface ListDomainConfigurationsResponse {
  domainConfigurations?: readonly DomainConfigurationSummary[];
  nextMarker?: string;
}

export interface ListFleetMetricsRequest {
  nextToken?: string;
  maxResults?: number;
}

export interface ListFleetMetricsResponse {
  fleetMetrics?: readonly FleetMetricNameAndArn[];
  nextToken?: string;
}

export interface ListIndicesRequest {
  nextToken?: string;
  maxResults?: number;
}

export interface ListIndicesResponse {
  indexNames?: readonly string[];
  nextToken?: string;
}

export interface ListJobExecutionsForJobRequest {
  jobId: string;
  status?: JobExecutionStatus;
  maxResults?: number;
  nextToken?: string;
}

export interface ListJobExecutionsForJobResponse {
  executionSummaries?: readonly JobExecutionSummaryForJob[];
  nextToken?: string;
}

export interface ListJobExecutionsForThingRequest {
  thingName: string;
  status?: JobExecutionStatus;
  namespaceId?: string;
  maxResults?: number;
  nextToken?: string;
  jobId?: string;
}

export interface ListJobExecutionsForThingResponse {
  executionSummaries?: readonly JobExecutionSummaryForThing[];
  nextToken?: string;
}

export interface ListJobTemplatesRequest {
  maxResults?: number;
  nextToken?: string;
}

export interface ListJobTemplatesResponse {
  jobTemplates?: readonly JobTemplateSummary[];
  nextToken?: string;
}

export interface ListJobsRequest {
  status?: JobStatus;
  targetSelection?: TargetSelection;
  maxResults?: number;
  nextToken?: string;
  thingGroupName?: string;
  thingGroupId?: string;
  namespaceId?: string;
}

export interface ListJobsResponse {
  jobs?: readonly JobSummary[];
  nextToken?: string;
}

export interface ListManagedJobTemplatesRequest {
  templateName?: string;
  maxResults?: number;
  nextToken?: string;
}

export interface ListManagedJobTemplatesResponse {
  managedJobTemplates?: readonly ManagedJobTemplateSummary[];
  nextToken?: string;
}

export interface ListMetricValuesRequest {
  thingName: string;
  metricName: string;
  startTime: number;
  endTime: number;
  dimensionName?: string;
  dimensionValueOperator?: DimensionValueOperator;
  maxResults?: number;
  nextToken?: string;
}

export interface ListMetricValuesResponse {
  metricDatumList?: readonly MetricDatum[];
  nextToken?: string;
}

export interface ListMitigationActionsRequest {
  actionType?: MitigationActionType;
  maxResults?: number;
  nextToken?: string;
}

export interface ListMitigationActionsResponse {
  actionIdentifiers?: readonly MitigationActionIdentifier[];
  nextToken?: string;
}

export interface ListOTAUpdatesRequest {
  maxResults?: number;
  nextToken?: string;
  otaUpdateStatus?: OTAUpdateStatus;
}

export interface ListOTAUpdatesResponse {
  otaUpdates?: readonly OTAUpdateSummary[];
  nextToken?: string;
}

export interface ListOutgoingCertificatesRequest {
  pageSize?: number;
  marker?: string;
  ascendingOrder?: boolean;
}

export interface ListOutgoingCertificatesResponse {
  outgoingCertificates?: readonly OutgoingCertificate[];
  nextMarker?: string;
}

export interface ListPackageVersionsRequest {
  packageName: string;
  status?: PackageVersionStatus;
  maxResults?: number;
  nextToken?: string;
}

export interface ListPackageVersionsResponse {
  packageVersionSummaries?: readonly PackageVersionSummary[];
  nextToken?: string;
}

export interface ListPackagesRequest {
  maxResults?: number;
  nextToken?: string;
}

export interface ListPackagesResponse {
  packageSummaries?: readonly PackageSummary[];
  nextToken?: string;
}

export interface ListPoliciesRequest {
  marker?: string;
  pageSize?: number;
  ascendingOrder?: boolean;
}

export interface ListPoliciesResponse {
  policies?: readonly Policy[];
  nextMarker?: string;
}

export interface ListPolicyPrincipalsRequest {
  policyName: string;
  marker?: string;
  pageSize?: number;
  ascendingOrder?: boolean;
}

export interface ListPolicyPrincipalsResponse {
  principals?: readonly string[];
  nextMarker?: string;
}

export interface ListPolicyVersionsRequest {
  policyName: string;
}

export interface ListPolicyVersionsResponse {
  policyVersions?: readonly PolicyVersion[];
}

export interface ListPrincipalPoliciesRequest {
  principal: string;
  marker?: string;
  pageSize?: number;
  ascendingOrder?: boolean;
}

export interface ListPrincipalPoliciesResponse {
  policies?: readonly Policy[];
  nextMarker?: string;
}

export interface ListPrincipalThingsRequest {
  principal: string;
  nextToken?: string;
  maxResults?: number;
}

export interface ListPrincipalThingsResponse {
  things?: readonly string[];
  nextToken?: string;
}

export interface ListPrincipalThingsV2Request {
  principal: string;
  nextToken?: string;
  maxResults?: number;
  thingPrincipalType?: ThingPrincipalType;
}

export interface ListPrincipalThingsV2Response {
  principalThingObjects?: readonly PrincipalThingObject[];
  nextToken?: string;
}

export interface ListProvisioningTemplateVersionsRequest {
  templateName: string;
  maxResults?: number;
  nextToken?: string;
}

export interface ListProvisioningTemplateVersionsResponse {
  versions?: readonly ProvisioningTemplateVersionSummary[];
  nextToken?: string;
}

export interface ListProvisioningTemplatesRequest {
  maxResults?: number;
  nextToken?: string;
}

export interface ListProvisioningTemplatesResponse {
  templates?: readonly ProvisioningTemplateSummary[];
  nextToken?: string;
}

export interface ListRelatedResourcesForAuditFindingRequest {
  findingId: string;
  nextToken?: string;
  maxResults?: number;
}

export interface ListRelatedResourcesForAuditFindingResponse {
  relatedResources?: readonly RelatedResource[];
  nextToken?: string;
}

export interface ListRoleAliasesRequest {
  pageSize?: number;
  marker?: string;
  ascendingOrder?: boolean;
}

export interface ListRoleAliasesResponse {
  roleAliases?: readonly string[];
  nextMarker?: string;
}

export interface ListSbomValidationResultsRequest {
  packageName: string;
  versionName: string;
  validationResult?: SbomValidationResult;
  maxResults?: number;
  nextToken?: string;
}

export interface ListSbomValidationResultsResponse {
  validationResultSummaries?: readonly SbomValidationResultSummary[];
  nextToken?: string;
}

export interface ListScheduledAuditsRequest {
  nextToken?: string;
  maxResults?: number;
}

export interface ListScheduledAuditsResponse {
  scheduledAudits?: readonly ScheduledAuditMetadata[];
  nextToken?: string;
}

export interface ListSecurityProfilesForTargetRequest {
  securityProfileTargetArn: string;
  nextToken?: string;
  maxResults?: number;
  recursive?: boolean;
}

export interface ListSecurityProfilesForTargetResponse {
  securityProfileTargetMappings?: readonly SecurityProfileTargetMapping[];
  nextToken?: string;
}

export interface ListSecurityProfilesRequest {
  nextToken?: string;
  maxResults?: number;
  dimensionName?: string;
  metricName?: string;
}

export interface ListSecurityProfilesResponse {
  securityProfileIdentifiers?: readonly SecurityProfileIdentifier[];
  nextToken?: string;
}

export interface ListStreamsRequest {
  maxResults?: number;
  nextToken?: string;
  ascendingOrder?: boolean;
}

export interface ListStreamsResponse {
  streams?: readonly StreamSummary[];
  nextToken?: string;
}

export interface ListTagsForResourceRequest {
  resourceArn: string;
  nextToken?: string;
}

export interface ListTagsForResourceResponse {
  tags?: readonly Tag[];
  nextToken?: string;
}

export interface ListTargetsForPolicyRequest {
  policyName: string;
  marker?: string;
  pageSize?: number;
}

export interface ListTargetsForPolicyResponse {
  targets?: readonly string[];
  nextMarker?: string;
}

export interface ListTargetsForSecurityProfileRequest {
  securityProfileName: string;
  nextToken?: string;
  maxResults?: number;
}

export interface ListTargetsForSecurityProfileResponse {
  securityProfileTargets?: readonly SecurityProfileTarget[];
  nextToken?: string;
}

export interface ListThingGroupsForThingRequest {
  thingName: string;
  nextToken?: string;
  maxResults?: number;
}

export interface ListThingGroupsForThingResponse {
  thingGroups?: readonly GroupNameAndArn[];
  nextToken?: string;
}

export interface ListThingGroupsRequest {
  nextToken?: string;
  maxResults?: number;
  parentGroup?: string;
  namePrefixFilter?: string;
  recursive?: boolean;
}

export interface ListThingGroupsResponse {
  thingGroups?: readonly GroupNameAndArn[];
  nextToken?: string;
}

export interface ListThingPrincipalsRequest {
  thingName: string;
  nextToken?: string;
  maxResults?: number;
}

export interface ListThingPrincipalsResponse {
  principals?: readonly string[];
  nextToken?: string;
}

export interface ListThingPrincipalsV2Request {
  thingName: string;
  nextToken?: string;
  maxResults?: number;
  thingPrincipalType?: ThingPrincipalType;
}

export interface ListThingPrincipalsV2Response {
  thingPrincipalObjects?: readonly ThingPrincipalObject[];
  nextToken?: string;
}

export interface ListThingRegistrationTaskReportsRequest {
  taskId: string;
  reportType: ReportType;
  nextToken?: string;
  maxResults?: number;
}

export interface ListThingRegistrationTaskReportsResponse {
  resourceLinks?: readonly string[];
  reportType?: ReportType;
  nextToken?: string;
}

export interface ListThingRegistrationTasksRequest {
  nextToken?: string;
  maxResults?: number;
  status?: Status;
}

export interface ListThingRegistrationTasksResponse {
  taskIds?: readonly string[];
  nextToken?: string;
}

export interface ListThingTypesRequest {
  nextToken?: string;
  maxResults?: number;
  thingTypeName?: string;
}

export interface ListThingTypesResponse {
  thingTypes?: readonly ThingTypeDefinition[];
  nextToken?: string;
}

export interface ListThingsInBillingGroupRequest {
  billingGroupName: string;
  nextToken?: string;
  maxResults?: number;
}

export interface ListThingsInBillingGroupResponse {
  things?: readonly string[];
  nextToken?: string;
}

export interface ListThingsInThingGroupRequest {
  thingGroupName: string;
  recursive?: boolean;
  nextToken?: string;
  maxResults?: number;
}

export interface ListThingsInThingGroupResponse {
  things?: readonly string[];
  nextToken?: string;
}

export interface ListThingsRequest {
  nextToken?: string;
  maxResults?: number;
  attributeName?: string;
  attributeValue?: string;
  thingTypeName?: string;
  usePrefixAttributeValue?: boolean;
}

export interface ListThingsResponse {
  things?: readonly ThingAttribute[];
  nextToken?: string;
}

export interface ListTopicRuleDestinationsRequest {
  maxResults?: number;
  nextToken?: string;
}

export interface ListTopicRuleDestinationsResponse {
  destinationSummaries?: readonly TopicRuleDestinationSummary[];
  nextToken?: string;
}

export interface ListTopicRulesRequest {
  topic?: string;
  maxResults?: number;
  nextToken?: string;
  ruleDisabled?: boolean;
}

export interface ListTopicRulesResponse {
  rules?: readonly TopicRuleListItem[];
  nextToken?: string;
}

export interface ListV2LoggingLevelsRequest {
  targetType?: LogTargetType;
  nextToken?: string;
  maxResults?: number;
}

export interface ListV2LoggingLevelsResponse {
  logTargetConfigurations?: readonly LogTargetConfiguration[];
  nextToken?: string;
}

export interface ListViolationEventsRequest {
  startTime: number;
  endTime: number;
  thingName?: string;
  securityProfileName?: string;
  behaviorCriteriaType?: BehaviorCriteriaType;
  listSuppressedAlerts?: boolean;
  verificationState?: VerificationState;
  nextToken?: string;
  maxResults?: number;
}

export interface ListViolationEventsResponse {
  violationEvents?: readonly ViolationEvent[];
  nextToken?: string;
}

export interface LocationAction {
  roleArn: string;
  trackerName: string;
  deviceId: string;
  latitude: string;
  longitude: string;
  timestamp?: LocationTimestamp;
}

export interface LocationTimestamp {
  value: string;
  unit?: string;
}

export interface LogEventConfiguration {
  eventType: string;
  logLevel?: LogLevel;
  logDestination?: string;
}

export type LogLevel =
  | "DEBUG"
  | "INFO"
  | "ERROR"
  | "WARN"
  | "DISABLED";

export interface LogTarget {
  targetType: LogTargetType;
  targetName?: string;
}

export interface LogTargetConfiguration {
  logTarget?: LogTarget;
  logLevel?: LogLevel;
}

export type LogTargetType =
  | "DEFAULT"
  | "THING_GROUP"
  | "CLIENT_ID"
  | "SOURCE_IP"
  | "PRINCIPAL_ID";

export interface LoggingOptionsPayload {
  roleArn: string;
  logLevel?: LogLevel;
}

export interface MachineLearningDetectionConfig {
  confidenceLevel: ConfidenceLevel;
}

export interface MaintenanceWindow {
  startTime: string;
  durationInMinutes: number;
}

export interface MalformedPolicyException {
  message?: string;
}

export interface ManagedJobTemplateSummary {
  templateArn?: string;
  templateName?: string;
  description?: string;
  environments?: readonly string[];
  templateVersion?: string;
}

export type MessageFormat =
  | "RAW"
  | "JSON";

export interface MetricDatum {
  timestamp?: number;
  value?: MetricValue;
}

export interface MetricDimension {
  dimensionName: string;
  operator?: DimensionValueOperator;
}

export interface MetricToRetain {
  metric: string;
  metricDimension?: MetricDimension;
  exportMetric?: boolean;
}

export interface MetricValue {
  count?: number;
  cidrs?: readonly string[];
  ports?: readonly number[];
  number?: number;
  numbers?: readonly number[];
  strings?: readonly string[];
}

export interface MetricsExportConfig {
  mqttTopic: string;
  roleArn: string;
}

export interface MitigationAction {
  name?: string;
  id?: string;
  roleArn?: string;
  actionParams?: MitigationActionParams;
}

export interface MitigationActionIdentifier {
  actionName?: string;
  actionArn?: string;
  creationDate?: number;
}

export interface MitigationActionParams {
  updateDeviceCertificateParams?: UpdateDeviceCertificateParams;
  updateCACertificateParams?: UpdateCACertificateParams;
  addThingsToThingGroupParams?: AddThingsToThingGroupParams;
  replaceDefaultPolicyVersionParams?: ReplaceDefaultPolicyVersionParams;
  enableIoTLoggingParams?: EnableIoTLoggingParams;
  publishFindingToSnsParams?: PublishFindingToSnsParams;
}

export type MitigationActionType =
  | "UPDATE_DEVICE_CERTIFICATE"
  | "UPDATE_CA_CERTIFICATE"
  | "ADD_THINGS_TO_THING_GROUP"
  | "REPLACE_DEFAULT_POLICY_VERSION"
  | "ENABLE_IOT_LOGGING"
  | "PUBLISH_FINDING_TO_SNS";

export type ModelStatus =
  | "PENDING_BUILD"
  | "ACTIVE"
  | "EXPIRED";

export interface Mqtt5Configuration {
  propagatingAttributes?: readonly PropagatingAttribute[];
}

export interface MqttContext {
  username?: string;
  password?: Uint8Array;
  clientId?: string;
}

export interface MqttHeaders {
  payloadFormatIndicator?: string;
  contentType?: string;
  responseTopic?: string;
  correlationData?: string;
  messageExpiry?: string;
  userProperties?: readonly UserProperty[];
}

export type NamedShadowIndexingMode =
  | "OFF"
  | "ON";

export interface NonCompliantResource {
  resourceType?: ResourceType;
  resourceIdentifier?: ResourceIdentifier;
  additionalInfo?: { readonly [key: string]: string };
}

export interface NotConfiguredException {
  message?: string;
}

export interface OTAUpdateFile {
  fileName?: string;
  fileType?: number;
  fileVersion?: string;
  fileLocation?: FileLocation;
  codeSigning?: CodeSigning;
  attributes?: { readonly [key: string]: string };
}

export interface OTAUpdateInfo {
  otaUpdateId?: string;
  otaUpdateArn?: string;
  creationDate?: number;
  lastModifiedDate?: number;
  description?: string;
  targets?: readonly string[];
  protocols?: readonly Protocol[];
  awsJobExecutionsRolloutConfig?: AwsJobExecutionsRolloutConfig;
  awsJobPresignedUrlConfig?: AwsJobPresignedUrlConfig;
  targetSelection?: TargetSelection;
  otaUpdateFiles?: readonly OTAUpdateFile[];
  otaUpdateStatus?: OTAUpdateStatus;
  awsIotJobId?: string;
  awsIotJobArn?: string;
  errorInfo?: ErrorInfo;
  additionalParameters?: { readonly [key: string]: string };
}

export type OTAUpdateStatus =
  | "CREATE_PENDING"
  | "CREATE_IN_PROGRESS"
  | "CREATE_COMPLETE"
  | "CREATE_FAILED"
  | "DELETE_IN_PROGRESS"
  | "DELETE_FAILED";

export interface OTAUpdateSummary {
  otaUpdateId?: string;
  otaUpdateArn?: string;
  creationDate?: number;
}

export interface OpenSearchAction {
  roleArn: string;
  endpoint: string;
  index: string;
  type: string;
  id: string;
}

export interface OutgoingCertificate {
  certificateArn?: string;
  certificateId?: string;
  transferredTo?: string;
  transferDate?: number;
  transferMessage?: string;
  creationDate?: number;
}

export type OutputFormat =
  | "JSON"
  | "CBOR";

export interface PackageSummary {
  packageName?: string;
  defaultVersionName?: string;
  creationDate?: number;
  lastModifiedDate?: number;
}

export type PackageVersionAction =
  | "PUBLISH"
  | "DEPRECATE";

export interface PackageVersionArtifact {
  s3Location?: S3Location;
}

export type PackageVersionStatus =
  | "DRAFT"
  | "PUBLISHED"
  | "DEPRECATED";

export interface PackageVersionSummary {
  packageName?: string;
  versionName?: string;
  status?: PackageVersionStatus;
  creationDate?: number;
  lastModifiedDate?: number;
}

export interface PercentPair {
  percent?: number;
  value?: number;
}

export interface Policy {
  policyName?: string;
  policyArn?: string;
}

export type PolicyTemplateName =
  | "BLANK_POLICY";

export interface PolicyVersion {
  versionId?: string;
  isDefaultVersion?: boolean;
  createDate?: number;
}

export interface PolicyVersionIdentifier {
  policyName?: string;
  policyVersionId?: string;
}

export interface PresignedUrlConfig {
  roleArn?: string;
  expiresInSec?: number;
}

export interface PrincipalThingObject {
  thingName: string;
  thingPrincipalType?: ThingPrincipalType;
}

export interface PropagatingAttribute {
  userPropertyKey?: string;
  thingAttribute?: string;
  connectionAttribute?: string;
}

export type Protocol =
  | "MQTT"
  | "HTTP";

export interface ProvisioningHook {
  targetArn: string;
  payloadVersion?: string;
}

export interface ProvisioningTemplateSummary {
  templateArn?: string;
  templateName?: string;
  description?: string;
  creationDate?: number;
  lastModifiedDate?: number;
  enabled?: boolean;
  type?: TemplateType;
}

export interface ProvisioningTemplateVersionSummary {
  versionId?: number;
  creationDate?: number;
  isDefaultVersion?: boolean;
}

export interface PublishFindingToSnsParams {
  topicArn: string;
}

export interface PutAssetPropertyValueEntry {
  propertyValues: readonly AssetPropertyValue[];
  entryId?: string;
  assetId?: string;
  propertyId?: string;
  propertyAlias?: string;
}

export interface PutItemInput {
  tableName: string;
}

export interface PutVerificationStateOnViolationRequest {
  violationId: string;
  verificationState: VerificationState;
  verificationStateDescription?: string;
}

export interface PutVerificationStateOnViolationResponse {}

export interface RateIncreaseCriteria {
  numberOfNotifiedThings?: number;
  numberOfSucceededThings?: number;
}

export interface RegisterCACertificateRequest {
  caCertificate: string;
  verificationCertificate?: string;
  setAsActive?: boolean;
  allowAutoRegistration?: boolean;
  registrationConfig?: RegistrationConfig;
  tags?: readonly Tag[];
  certificateMode?: CertificateMode;
}

export interface RegisterCACertificateResponse {
  certificateArn?: string;
  certificateId?: string;
}

export interface RegisterCertificateRequest {
  certificatePem: string;
  caCertificatePem?: string;
  setAsActive?: boolean;
  status?: CertificateStatus;
}

export interface RegisterCertificateResponse {
  certificateArn?: string;
  certificateId?: string;
}

export interface RegisterCertificateWithoutCARequest {
  certificatePem: string;
  status?: CertificateStatus;
}

export interface RegisterCertificateWithoutCAResponse {
  certificateArn?: string;
  certificateId?: string;
}

export interface RegisterThingRequest {
  templateBody: string;
  parameters?: { readonly [key: string]: string };
}

export interface RegisterThingResponse {
  certificatePem?: string;
  resourceArns?: { readonly [key: string]: string };
}

export interface RegistrationCodeValidationException {
  message?: string;
}

export interface RegistrationConfig {
  templateBody?: string;
  roleArn?: string;
  templateName?: string;
}

export interface RejectCertificateTransferRequest {
  certificateId: string;
  rejectReason?: string;
}

export interface RelatedResource {
  resourceType?: ResourceType;
  resourceIdentifier?: ResourceIdentifier;
  additionalInfo?: { readonly [key: string]: string };
}

export interface RemoveThingFromBillingGroupRequest {
  billingGroupName?: string;
  billingGroupArn?: string;
  thingName?: string;
  thingArn?: string;
}

export interface RemoveThingFromBillingGroupResponse {}

export interface RemoveThingFromThingGroupRequest {
  thingGroupName?: string;
  thingGroupArn?: string;
  thingName?: string;
  thingArn?: string;
}

export interface RemoveThingFromThingGroupResponse {}

export interface ReplaceDefaultPolicyVersionParams {
  templateName: PolicyTemplateName;
}

export interface ReplaceTopicRuleRequest {
  ruleName: string;
  topicRulePayload: TopicRulePayload;
}

export type ReportType =
  | "ERRORS"
  | "RESULTS";

export interface RepublishAction {
  roleArn: string;
  topic: string;
  qos?: number;
  headers?: MqttHeaders;
}

export interface ResourceAlreadyExistsException {
  message?: string;
  resourceId?: string;
  resourceArn?: string;
}

export interface ResourceIdentifier {
  deviceCertificateId?: string;
  caCertificateId?: string;
  cognitoIdentityPoolId?: string;
  clientId?: string;
  policyVersionIdentifier?: PolicyVersionIdentifier;
  account?: string;
  iamRoleArn?: string;
  roleAliasArn?: string;
  issuerCertificateIdentifier?: IssuerCertificateIdentifier;
  deviceCertificateArn?: string;
}

export interface ResourceNotFoundException {
  message?: string;
}

export interface ResourceRegistrationFailureException {
  message?: string;
}

export type ResourceType =
  | "DEVICE_CERTIFICATE"
  | "CA_CERTIFICATE"
  | "IOT_POLICY"
  | "COGNITO_IDENTITY_POOL"
  | "CLIENT_ID"
  | "ACCOUNT_SETTINGS"
  | "ROLE_ALIAS"
  | "IAM_ROLE"
  | "ISSUER_CERTIFICATE";

export interface RetryCriteria {
  failureType: RetryableFailureType;
  numberOfRetries: number;
}

export type RetryableFailureType =
  | "FAILED"
  | "TIMED_OUT"
  | "ALL";

export interface RoleAliasDescription {
  roleAlias?: string;
  roleAliasArn?: string;
  roleArn?: string;
  owner?: string;
  credentialDurationSeconds?: number;
  creationDate?: number;
  lastModifiedDate?: number;
}

export interface S3Action {
  roleArn: string;
  bucketName: string;
  key: string;
  cannedAcl?: CannedAccessControlList;
}

export interface S3Destination {
  bucket?: string;
  prefix?: string;
}

export interface S3Location {
  bucket?: string;
  key?: string;
  version?: string;
}

export interface SalesforceAction {
  token: string;
  url: string;
}

export interface Sbom {
  s3Location?: S3Location;
}

export type SbomValidationErrorCode =
  | "INCOMPATIBLE_FORMAT"
  | "FILE_SIZE_LIMIT_EXCEEDED";

export type SbomValidationResult =
  | "FAILED"
  | "SUCCEEDED";

export interface SbomValidationResultSummary {
  fileName?: string;
  validationResult?: SbomValidationResult;
  errorCode?: SbomValidationErrorCode;
  errorMessage?: string;
}

export type SbomValidationStatus =
  | "IN_PROGRESS"
  | "FAILED"
  | "SUCCEEDED";

export interface ScheduledAuditMetadata {
  scheduledAuditName?: string;
  scheduledAuditArn?: string;
  frequency?: AuditFrequency;
  dayOfMonth?: string;
  dayOfWeek?: DayOfWeek;
}

export interface ScheduledJobRollout {
  startTime?: string;
}

export interface SchedulingConfig {
  startTime?: string;
  endTime?: string;
  endBehavior?: JobEndBehavior;
  maintenanceWindows?: readonly MaintenanceWindow[];
}

export interface SearchIndexRequest {
  queryString: string;
  indexName?: string;
  nextToken?: string;
  maxResults?: number;
  queryVersion?: string;
}

export interface SearchIndexResponse {
  nextToken?: string;
  things?: readonly ThingDocument[];
  thingGroups?: readonly ThingGroupDocument[];
}

export interface SecurityProfileIdentifier {
  name: string;
  arn: string;
}

export interface SecurityProfileTarget {
  arn: string;
}

export interface SecurityProfileTargetMapping {
  securityProfileIdentifier?: SecurityProfileIdentifier;
  target?: SecurityProfileTarget;
}

export interface ServerCertificateConfig {
  enableOCSPCheck?: boolean;
  ocspLambdaArn?: string;
  ocspAuthorizedResponderArn?: string;
}

export type ServerCertificateStatus =
  | "INVALID"
  | "VALID";

export interface ServerCertificateSummary {
  serverCertificateArn?: string;
  serverCertificateStatus?: ServerCertificateStatus;
  serverCertificateStatusDetail?: string;
}

export interface ServiceQuotaExceededException {
  message?: string;
}

export type ServiceType =
  | "DATA"
  | "CREDENTIAL_PROVIDER"
  | "JOBS";

export interface ServiceUnavailableException {
  message?: string;
}

export interface SetDefaultAuthorizerRequest {
  authorizerName: string;
}

export interface SetDefaultAuthorizerResponse {
  authorizerName?: string;
  authorizerArn?: string;
}

export interface SetDefaultPolicyVersionRequest {
  policyName: string;
  policyVersionId: string;
}

export interface SetLoggingOptionsRequest {
  loggingOptionsPayload: LoggingOptionsPayload;
}

export interface SetV2LoggingLevelRequest {
  logTarget: LogTarget;
  logLevel: LogLevel;
}

export interface SetV2LoggingOptionsRequest {
  roleArn?: string;
  defaultLogLevel?: LogLevel;
  disableAllLogs?: boolean;
  eventConfigurations?: readonly LogEventConfiguration[];
}

export interface SigV4Authorization {
  signingRegion: string;
  serviceName: string;
  roleArn: string;
}

export interface SigningProfileParameter {
  certificateArn?: string;
  platform?: string;
  certificatePathOnDevice?: string;
}

export interface SnsAction {
  targetArn: string;
  roleArn: string;
  messageFormat?: MessageFormat;
}

export type SortOrder =
  | "ASCENDING"
  | "DESCENDING";

export interface SqlParseException {
  message?: string;
}

export interface SqsAction {
  roleArn: string;
  queueUrl: string;
  useBase64?: boolean;
}

export interface StartAuditMitigationActionsTaskRequest {
  taskId: string;
  target: AuditMitigationActionsTaskTarget;
  auditCheckToActionsMapping: { readonly [key: string]: readonly string[] };
  clientRequestToken: string;
}

export interface StartAuditMitigationActionsTaskResponse {
  taskId?: string;
}

export interface StartDetectMitigationActionsTaskRequest {
  taskId: string;
  target: DetectMitigationActionsTaskTarget;
  actions: readonly string[];
  violationEventOccurrenceRange?: ViolationEventOccurrenceRange;
  includeOnlyActiveViolations?: boolean;
  includeSuppressedAlerts?: boolean;
  clientRequestToken: string;
}

export interface StartDetectMitigationActionsTaskResponse {
  taskId?: string;
}

export interface StartOnDemandAuditTaskRequest {
  targetCheckNames: readonly string[];
}

export interface StartOnDemandAuditTaskResponse {
  taskId?: string;
}

export interface StartSigningJobParameter {
  signingProfileParameter?: SigningProfileParameter;
  signingProfileName?: string;
  destination?: Destination;
}

export interface StartThingRegistrationTaskRequest {
  templateBody: string;
  inputFileBucket: string;
  inputFileKey: string;
  roleArn: string;
}

export interface StartThingRegistrationTaskResponse {
  taskId?: string;
}

export interface StatisticalThreshold {
  statistic?: string;
}

export interface Statistics {
  count?: number;
  average?: number;
  sum?: number;
  minimum?: number;
  maximum?: number;
  sumOfSquares?: number;
  variance?: number;
  stdDeviation?: number;
}

export type Status =
  | "InProgress"
  | "Completed"
  | "Failed"
  | "Cancelled"
  | "Cancelling";

export interface StatusReason {
  reasonCode: string;
  reasonDescription?: string;
}

export interface StepFunctionsAction {
  stateMachineName: string;
  roleArn: string;
  executionNamePrefix?: string;
}

export interface StopThingRegistrationTaskRequest {
  taskId: string;
}

export interface StopThingRegistrationTaskResponse {}

export interface Stream {
  streamId?: string;
  fileId?: number;
}

export interface StreamFile {
  fileId?: number;
  s3Location?: S3Location;
}

export interface StreamInfo {
  streamId?: string;
  streamArn?: string;
  streamVersion?: number;
  description?: string;
  files?: readonly StreamFile[];
  createdAt?: number;
  lastUpdatedAt?: number;
  roleArn?: string;
}

export interface StreamSummary {
  streamId?: string;
  streamArn?: string;
  streamVersion?: number;
  description?: string;
}

export interface Tag {
  Key: string;
  Value?: string;
}

export interface TagResourceRequest {
  resourceArn: string;
  tags: readonly Tag[];
}

export interface TagResourceResponse {}

export type TargetFieldOrder =
  | "LatLon"
  | "LonLat";

export type TargetSelection =
  | "CONTINUOUS"
  | "SNAPSHOT";

export interface TaskAlreadyExistsException {
  message?: string;
}

export interface TaskStatistics {
  totalChecks?: number;
  inProgressChecks?: number;
  waitingForDataCollectionChecks?: number;
  compliantChecks?: number;
  nonCompliantChecks?: number;
  failedChecks?: number;
  canceledChecks?: number;
}

export interface TaskStatisticsForAuditCheck {
  totalFindingsCount?: number;
  failedFindingsCount?: number;
  succeededFindingsCount?: number;
  skippedFindingsCount?: number;
  canceledFindingsCount?: number;
}

export type TemplateType =
  | "FLEET_PROVISIONING"
  | "JITP";

export interface TermsAggregation {
  maxBuckets?: number;
}

export interface TestAuthorizationRequest {
  authInfos: readonly AuthInfo[];
  principal?: string;
  cognitoIdentityPoolId?: string;
  clientId?: string;
  policyNamesToAdd?: readonly string[];
  policyNamesToSkip?: readonly string[];
}

export interface TestAuthorizationResponse {
  authResults?: readonly AuthResult[];
}

export interface TestInvokeAuthorizerRequest {
  authorizerName: string;
  token?: string;
  tokenSignature?: string;
  httpContext?: HttpContext;
  mqttContext?: MqttContext;
  tlsContext?: TlsContext;
}

export interface TestInvokeAuthorizerResponse {
  isAuthenticated?: boolean;
  principalId?: string;
  policyDocuments?: readonly string[];
  refreshAfterInSeconds?: number;
  disconnectAfterInSeconds?: number;
}

export interface ThingAttribute {
  thingName?: string;
  thingTypeName?: string;
  thingArn?: string;
  attributes?: { readonly [key: string]: string };
  version?: number;
}

export interface ThingConnectivity {
  connected?: boolean;
  timestamp?: number;
  disconnectReason?: string;
  keepAliveDuration?: number;
  cleanSession?: boolean;
  sessionExpiry?: number;
  clientId?: string;
}

export type ThingConnectivityIndexingMode =
  | "OFF"
  | "STATUS";

export interface ThingDocument {
  thingName?: string;
  thingId?: string;
  thingTypeName?: string;
  thingGroupNames?: readonly string[];
  attributes?: { readonly [key: string]: string };
  shadow?: string;
  deviceDefender?: string;
  connectivity?: ThingConnectivity;
}

export interface ThingGroupDocument {
  thingGroupName?: string;
  thingGroupId?: string;
  thingGroupDescription?: string;
  attributes?: { readonly [key: string]: string };
  parentGroupNames?: readonly string[];
}

export interface ThingGroupIndexingConfiguration {
  thingGroupIndexingMode: ThingGroupIndexingMode;
  managedFields?: readonly Field[];
  customFields?: readonly Field[];
}

export type ThingGroupIndexingMode =
  | "OFF"
  | "ON";

export interface ThingGroupMetadata {
  parentGroupName?: string;
  rootToParentThingGroups?: readonly GroupNameAndArn[];
  creationDate?: number;
}

export interface ThingGroupProperties {
  thingGroupDescription?: string;
  attributePayload?: AttributePayload;
}

export interface ThingIndexingConfiguration {
  thingIndexingMode: ThingIndexingMode;
  thingConnectivityIndexingMode?: ThingConnectivityIndexingMode;
  deviceDefenderIndexingMode?: DeviceDefenderIndexingMode;
  namedShadowIndexingMode?: NamedShadowIndexingMode;
  managedFields?: readonly Field[];
  customFields?: readonly Field[];
  filter?: IndexingFilter;
}

export type ThingIndexingMode =
  | "OFF"
  | "REGISTRY"
  | "REGISTRY_AND_SHADOW";

export interface ThingPrincipalObject {
  principal: string;
  thingPrincipalType?: ThingPrincipalType;
}

export type ThingPrincipalType =
  | "EXCLUSIVE_THING"
  | "NON_EXCLUSIVE_THING";

export interface ThingTypeDefinition {
  thingTypeName?: string;
  thingTypeArn?: string;
  thingTypeProperties?: ThingTypeProperties;
  thingTypeMetadata?: ThingTypeMetadata;
}

export interface ThingTypeMetadata {
  deprecated?: boolean;
  deprecationDate?: number;
  creationDate?: number;
}

export interface ThingTypeProperties {
  thingTypeDescription?: string;
  searchableAttributes?: readonly string[];
  mqtt5Configuration?: Mqtt5Configuration;
}

export interface ThrottlingException {
  message?: string;
}

export interface TimeFilter {
  after?: string;
  before?: string;
}

export interface TimeoutConfig {
  inProgressTimeoutInMinutes?: number;
}

export interface TimestreamAction {
  roleArn: string;
  databaseName: string;
  tableName: string;
  dimensions: readonly TimestreamDimension[];
  timestamp?: TimestreamTimestamp;
}

export interface TimestreamDimension {
  name: string;
  value: string;
}

export interface TimestreamTimestamp {
  value: string;
  unit: string;
}

export interface TlsConfig {
  securityPolicy?: string;
}

export interface TlsContext {
  serverName?: string;
}

export interface TopicRule {
  ruleName?: string;
  sql?: string;
  description?: string;
  createdAt?: number;
  actions?: readonly Action[];
  ruleDisabled?: boolean;
  awsIotSqlVersion?: string;
  errorAction?: Action;
}

export interface TopicRuleDestination {
  arn?: string;
  status?: TopicRuleDestinationStatus;
  createdAt?: number;
  lastUpdatedAt?: number;
  statusReason?: string;
  httpUrlProperties?: HttpUrlDestinationProperties;
  vpcProperties?: VpcDestinationProperties;
  influxDBProperties?: InfluxDBDestinationProperties;
}

export interface TopicRuleDestinationConfiguration {
  httpUrlConfiguration?: HttpUrlDestinationConfiguration;
  vpcConfiguration?: VpcDestinationConfiguration;
  influxDBConfiguration?: InfluxDBDestinationConfiguration;
}

export type TopicRuleDestinationStatus =
  | "ENABLED"
  | "IN_PROGRESS"
  | "DISABLED"
  | "ERROR"
  | "DELETING";

export interface TopicRuleDestinationSummary {
  arn?: string;
  status?: TopicRuleDestinationStatus;
  createdAt?: number;
  lastUpdatedAt?: number;
  statusReason?: string;
  httpUrlSummary?: HttpUrlDestinationSummary;
  vpcDestinationSummary?: VpcDestinationSummary;
  influxDBSummary?: InfluxDBDestinationSummary;
}

export interface TopicRuleListItem {
  ruleArn?: string;
  ruleName?: string;
  topicPattern?: string;
  createdAt?: number;
  ruleDisabled?: boolean;
}

export interface TopicRulePayload {
  sql: string;
  actions: readonly Action[];
  description?: string;
  ruleDisabled?: boolean;
  awsIotSqlVersion?: string;
  errorAction?: Action;
}

export interface TransferAlreadyCompletedException {
  message?: string;
}

export interface TransferCertificateRequest {
  certificateId: string;
  targetAwsAccount: string;
  transferMessage?: string;
}

export interface TransferCertificateResponse {
  transferredCertificateArn?: string;
}

export interface TransferConflictException {
  message?: string;
}

export interface TransferData {
  transferMessage?: string;
  rejectReason?: string;
  transferDate?: number;
  acceptDate?: number;
  rejectDate?: number;
}

export interface UnauthorizedException {
  message?: string;
}

export interface UntagResourceRequest {
  resourceArn: string;
  tagKeys: readonly string[];
}

export interface UntagResourceResponse {}

export interface UpdateAccountAuditConfigurationRequest {
  roleArn?: string;
  auditNotificationTargetConfigurations?: { readonly [key: string]: AuditNotificationTarget };
  auditCheckConfigurations?: { readonly [key: string]: AuditCheckConfiguration };
}

export interface UpdateAccountAuditConfigurationResponse {}

export interface UpdateAuditSuppressionRequest {
  checkName: string;
  resourceIdentifier: ResourceIdentifier;
  expirationDate?: number;
  suppressIndefinitely?: boolean;
  description?: string;
}

export interface UpdateAuditSuppressionResponse {}

export interface UpdateAuthorizerRequest {
  authorizerName: string;
  authorizerFunctionArn?: string;
  tokenKeyName?: string;
  tokenSigningPublicKeys?: { readonly [key: string]: string };
  status?: AuthorizerStatus;
  enableCachingForHttp?: boolean;
}

export interface UpdateAuthorizerResponse {
  authorizerName?: string;
  authorizerArn?: string;
}

export interface UpdateBillingGroupRequest {
  billingGroupName: string;
  billingGroupProperties: BillingGroupProperties;
  expectedVersion?: number;
}

export interface UpdateBillingGroupResponse {
  version?: number;
}

export interface UpdateCACertificateParams {
  action: CACertificateUpdateAction;
}

export interface UpdateCACertificateRequest {
  certificateId: string;
  newStatus?: CACertificateStatus;
  newAutoRegistrationStatus?: AutoRegistrationStatus;
  registrationConfig?: RegistrationConfig;
  removeAutoRegistration?: boolean;
}

export interface UpdateCertificateProviderRequest {
  certificateProviderName: string;
  lambdaFunctionArn?: string;
  accountDefaultForOperations?: readonly CertificateProviderOperation[];
}

export interface UpdateCertificateProviderResponse {
  certificateProviderName?: string;
  certificateProviderArn?: string;
}

export interface UpdateCertificateRequest {
  certificateId: string;
  newStatus: CertificateStatus;
}

export interface UpdateCommandRequest {
  commandId: string;
  displayName?: string;
  description?: string;
  deprecated?: boolean;
}

export interface UpdateCommandResponse {
  commandId?: string;
  displayName?: string;
  description?: string;
  deprecated?: boolean;
  lastUpdatedAt?: number;
}

export interface UpdateCustomMetricRequest {
  metricName: string;
  displayName: string;
}

export interface UpdateCustomMetricResponse {
  metricName?: string;
  metricArn?: string;
  metricType?: CustomMetricType;
  displayName?: string;
  creationDate?: number;
  lastModifiedDate?: number;
}

export interface UpdateDeviceCertificateParams {
  action: DeviceCertificateUpdateAction;
}

export interface UpdateDimensionRequest {
  name: string;
  stringValues: readonly string[];
}

export interface UpdateDimensionResponse {
  name?: string;
  arn?: string;
  type?: DimensionType;
  stringValues?: readonly string[];
  creationDate?: number;
  lastModifiedDate?: number;
}

export interface UpdateDomainConfigurationRequest {
  domainConfigurationName: string;
  authorizerConfig?: AuthorizerConfig;
  domainConfigurationStatus?: DomainConfigurationStatus;
  removeAuthorizerConfig?: boolean;
  tlsConfig?: TlsConfig;
  serverCertificateConfig?: ServerCertificateConfig;
  authenticationType?: AuthenticationType;
  applicationProtocol?: ApplicationProtocol;
  clientCertificateConfig?: ClientCertificateConfig;
}

export interface UpdateDomainConfigurationResponse {
  domainConfigurationName?: string;
  domainConfigurationArn?: string;
}

export interface UpdateDynamicThingGroupRequest {
  thingGroupName: string;
  thingGroupProperties: ThingGroupProperties;
  expectedVersion?: number;
  indexName?: string;
  queryString?: string;
  queryVersion?: string;
}

export interface UpdateDynamicThingGroupResponse {
  version?: number;
}

export interface UpdateEncryptionConfigurationRequest {
  encryptionType: EncryptionType;
  kmsKeyArn?: string;
  kmsAccessRoleArn?: string;
}

export interface UpdateEncryptionConfigurationResponse {}

export interface UpdateEventConfigurationsRequest {
  eventConfigurations?: { readonly [key: string]: Configuration };
}

export interface UpdateEventConfigurationsResponse {}

export interface UpdateFleetMetricRequest {
  metricName: string;
  indexName: string;
  queryString?: string;
  aggregationType?: AggregationType;
  period?: number;
  aggregationField?: string;
  description?: string;
  queryVersion?: string;
  unit?: FleetMetricUnit;
  expectedVersion?: number;
}

export interface UpdateIndexingConfigurationRequest {
  thingIndexingConfiguration?: ThingIndexingConfiguration;
  thingGroupIndexingConfiguration?: ThingGroupIndexingConfiguration;
}

export interface UpdateIndexingConfigurationResponse {}

export interface UpdateJobRequest {
  jobId: string;
  description?: string;
  presignedUrlConfig?: PresignedUrlConfig;
  jobExecutionsRolloutConfig?: JobExecutionsRolloutConfig;
  abortConfig?: AbortConfig;
  timeoutConfig?: TimeoutConfig;
  namespaceId?: string;
  jobExecutionsRetryConfig?: JobExecutionsRetryConfig;
}

export interface UpdateMitigationActionRequest {
  actionName: string;
  roleArn?: string;
  actionParams?: MitigationActionParams;
}

export interface UpdateMitigationActionResponse {
  actionArn?: string;
  actionId?: string;
}

export interface UpdatePackageConfigurationRequest {
  versionUpdateByJobsConfig?: VersionUpdateByJobsConfig;
  clientToken?: string;
}

export interface UpdatePackageConfigurationResponse {}

export interface UpdatePackageRequest {
  packageName: string;
  description?: string;
  defaultVersionName?: string;
  unsetDefaultVersion?: boolean;
  clientToken?: string;
}

export interface UpdatePackageResponse {}

export interface UpdatePackageVersionRequest {
  packageName: string;
  versionName: string;
  description?: string;
  attributes?: { readonly [key: string]: string };
  artifact?: PackageVersionArtifact;
  action?: PackageVersionAction;
  recipe?: string;
  clientToken?: string;
}

export interface UpdatePackageVersionResponse {}

export interface UpdateProvisioningTemplateRequest {
  templateName: string;
  description?: string;
  enabled?: boolean;
  defaultVersionId?: number;
  provisioningRoleArn?: string;
  preProvisioningHook?: ProvisioningHook;
  removePreProvisioningHook?: boolean;
}

export interface UpdateProvisioningTemplateResponse {}

export interface UpdateRoleAliasRequest {
  roleAlias: string;
  roleArn?: string;
  credentialDurationSeconds?: number;
}

export interface UpdateRoleAliasResponse {
  roleAlias?: string;
  roleAliasArn?: string;
}

export interface UpdateScheduledAuditRequest {
  scheduledAuditName: string;
  frequency?: AuditFrequency;
  dayOfMonth?: string;
  dayOfWeek?: DayOfWeek;
  targetCheckNames?: readonly string[];
}

export interface UpdateScheduledAuditResponse {
  scheduledAuditArn?: string;
}

export interface UpdateSecurityProfileRequest {
  securityProfileName: string;
  securityProfileDescription?: string;
  behaviors?: readonly Behavior[];
  alertTargets?: { readonly [key: string]: AlertTarget };
  additionalMetricsToRetain?: readonly string[];
  additionalMetricsToRetainV2?: readonly MetricToRetain[];
  deleteBehaviors?: boolean;
  deleteAlertTargets?: boolean;
  deleteAdditionalMetricsToRetain?: boolean;
  expectedVersion?: number;
  metricsExportConfig?: MetricsExportConfig;
  deleteMetricsExportConfig?: boolean;
}

export interface UpdateSecurityProfileResponse {
  securityProfileName?: string;
  securityProfileArn?: string;
  securityProfileDescription?: string;
  behaviors?: readonly Behavior[];
  alertTargets?: { readonly [key: string]: AlertTarget };
  additionalMetricsToRetain?: readonly string[];
  additionalMetricsToRetainV2?: readonly MetricToRetain[];
  version?: number;
  creationDate?: number;
  lastModifiedDate?: number;
  metricsExportConfig?: MetricsExportConfig;
}

export interface UpdateStreamRequest {
  streamId: string;
  description?: string;
  files?: readonly StreamFile[];
  roleArn?: string;
}

export interface UpdateStreamResponse {
  streamId?: string;
  streamArn?: string;
  description?: string;
  streamVersion?: number;
}

export interface UpdateThingGroupRequest {
  thingGroupName: string;
  thingGroupProperties: ThingGroupProperties;
  expectedVersion?: number;
}

export interface UpdateThingGroupResponse {
  version?: number;
}

export interface UpdateThingGroupsForThingRequest {
  thingName?: string;
  thingGroupsToAdd?: readonly string[];
  thingGroupsToRemove?: readonly string[];
  overrideDynamicGroups?: boolean;
}

export interface UpdateThingGroupsForThingResponse {}

export interface UpdateThingRequest {
  thingName: string;
  thingTypeName?: string;
  attributePayload?: AttributePayload;
  expectedVersion?: number;
  removeThingType?: boolean;
}

export interface UpdateThingResponse {}

export interface UpdateThingTypeRequest {
  thingTypeName: string;
  thingTypeProperties?: ThingTypeProperties;
}

export interface UpdateThingTypeResponse {}

export interface UpdateTopicRuleDestinationRequest {
  arn: string;
  status: TopicRuleDestinationStatus;
}

export interface UpdateTopicRuleDestinationResponse {}

export interface UserProperty {
  key: string;
  value: string;
}

export interface ValidateSecurityProfileBehaviorsRequest {
  behaviors: readonly Behavior[];
}

export interface ValidateSecurityProfileBehaviorsResponse {
  valid?: boolean;
  validationErrors?: readonly ValidationError[];
}

export interface ValidationError {
  errorMessage?: string;
}

export interface ValidationException {
  message?: string;
}

export type VerificationState =
  | "FALSE_POSITIVE"
  | "BENIGN_POSITIVE"
  | "TRUE_POSITIVE"
  | "UNKNOWN";

export interface VersionConflictException {
  message?: string;
}

export interface VersionUpdateByJobsConfig {
  enabled?: boolean;
  roleArn?: string;
}

export interface VersionsLimitExceededException {
  message?: string;
}

export interface ViolationEvent {
  violationId?: string;
  thingName?: string;
  securityProfileName?: string;
  behavior?: Behavior;
  metricValue?: MetricValue;
  violationEventAdditionalInfo?: ViolationEventAdditionalInfo;
  violationEventType?: ViolationEventType;
  verificationState?: VerificationState;
  verificationStateDescription?: string;
  violationEventTime?: number;
}

export interface ViolationEventAdditionalInfo {
  confidenceLevel?: ConfidenceLevel;
}

export interface ViolationEventOccurrenceRange {
  startTime: number;
  endTime: number;
}

export type ViolationEventType =
  | "in-alarm"
  | "alarm-cleared"
  | "alarm-invalidated";

export interface VpcDestinationConfiguration {
  subnetIds: readonly string[];
  vpcId: string;
  roleArn: string;
  securityGroups?: readonly string[];
}

export interface VpcDestinationProperties {
  subnetIds?: readonly string[];
  securityGroups?: readonly string[];
  vpcId?: string;
  roleArn?: string;
}

export interface VpcDestinationSummary {
  subnetIds?: readonly string[];
  securityGroups?: readonly string[];
  vpcId?: string;
  roleArn?: string;
}

export interface IotOperations {
  AcceptCertificateTransfer: { input: AcceptCertificateTransferRequest; output: {} };
  AddThingToBillingGroup: { input: AddThingToBillingGroupRequest; output: AddThingToBillingGroupResponse };
  AddThingToThingGroup: { input: AddThingToThingGroupRequest; output: AddThingToThingGroupResponse };
  AssociateSbomWithPackageVersion: { input: AssociateSbomWithPackageVersionRequest; output: AssociateSbomWithPackageVersionResponse };
  AssociateTargetsWithJob: { input: AssociateTargetsWithJobRequest; output: AssociateTargetsWithJobResponse };
  AttachPolicy: { input: AttachPolicyRequest; output: {} };
  AttachPrincipalPolicy: { input: AttachPrincipalPolicyRequest; output: {} };
  AttachSecurityProfile: { input: AttachSecurityProfileRequest; output: AttachSecurityProfileResponse };
  AttachThingPrincipal: { input: AttachThingPrincipalRequest; output: AttachThingPrincipalResponse };
  CancelAuditMitigationActionsTask: { input: CancelAuditMitigationActionsTaskRequest; output: CancelAuditMitigationActionsTaskResponse };
  CancelAuditTask: { input: CancelAuditTaskRequest; output: CancelAuditTaskResponse };
  CancelCertificateTransfer: { input: CancelCertificateTransferRequest; output: {} };
  CancelDetectMitigationActionsTask: { input: CancelDetectMitigationActionsTaskRequest; output: CancelDetectMitigationActionsTaskResponse };
  CancelJob: { input: CancelJobRequest; output: CancelJobResponse };
  CancelJobExecution: { input: CancelJobExecutionRequest; output: {} };
  ClearDefaultAuthorizer: { input: ClearDefaultAuthorizerRequest; output: ClearDefaultAuthorizerResponse };
  ConfirmTopicRuleDestination: { input: ConfirmTopicRuleDestinationRequest; output: ConfirmTopicRuleDestinationResponse };
  CreateAuditSuppression: { input: CreateAuditSuppressionRequest; output: CreateAuditSuppressionResponse };
  CreateAuthorizer: { input: CreateAuthorizerRequest; output: CreateAuthorizerResponse };
  CreateBillingGroup: { input: CreateBillingGroupRequest; output: CreateBillingGroupResponse };
  CreateCertificateFromCsr: { input: CreateCertificateFromCsrRequest; output: CreateCertificateFromCsrResponse };
  CreateCertificateProvider: { input: CreateCertificateProviderRequest; output: CreateCertificateProviderResponse };
  CreateCommand: { input: CreateCommandRequest; output: CreateCommandResponse };
  CreateCustomMetric: { input: CreateCustomMetricRequest; output: CreateCustomMetricResponse };
  CreateDimension: { input: CreateDimensionRequest; output: CreateDimensionResponse };
  CreateDomainConfiguration: { input: CreateDomainConfigurationRequest; output: CreateDomainConfigurationResponse };
  CreateDynamicThingGroup: { input: CreateDynamicThingGroupRequest; output: CreateDynamicThingGroupResponse };
  CreateFleetMetric: { input: CreateFleetMetricRequest; output: CreateFleetMetricResponse };
  CreateJob: { input: CreateJobRequest; output: CreateJobResponse };
  CreateJobTemplate: { input: CreateJobTemplateRequest; output: CreateJobTemplateResponse };
  CreateKeysAndCertificate: { input: CreateKeysAndCertificateRequest; output: CreateKeysAndCertificateResponse };
  CreateMitigationAction: { input: CreateMitigationActionRequest; output: CreateMitigationActionResponse };
  CreateOTAUpdate: { input: CreateOTAUpdateRequest; output: CreateOTAUpdateResponse };
  CreatePackage: { input: CreatePackageRequest; output: CreatePackageResponse };
  CreatePackageVersion: { input: CreatePackageVersionRequest; output: CreatePackageVersionResponse };
  CreatePolicy: { input: CreatePolicyRequest; output: CreatePolicyResponse };
  CreatePolicyVersion: { input: CreatePolicyVersionRequest; output: CreatePolicyVersionResponse };
  CreateProvisioningClaim: { input: CreateProvisioningClaimRequest; output: CreateProvisioningClaimResponse };
  CreateProvisioningTemplate: { input: CreateProvisioningTemplateRequest; output: CreateProvisioningTemplateResponse };
  CreateProvisioningTemplateVersion: { input: CreateProvisioningTemplateVersionRequest; output: CreateProvisioningTemplateVersionResponse };
  CreateRoleAlias: { input: CreateRoleAliasRequest; output: CreateRoleAliasResponse };
  CreateScheduledAudit: { input: CreateScheduledAuditRequest; output: CreateScheduledAuditResponse };
  CreateSecurityProfile: { input: CreateSecurityProfileRequest; output: CreateSecurityProfileResponse };
  CreateStream: { input: CreateStreamRequest; output: CreateStreamResponse };
  CreateThing: { input: CreateThingRequest; output: CreateThingResponse };
  CreateThingGroup: { input: CreateThingGroupRequest; output: CreateThingGroupResponse };
  CreateThingType: { input: CreateThingTypeRequest; output: CreateThingTypeResponse };
  CreateTopicRule: { input: CreateTopicRuleRequest; output: {} };
  CreateTopicRuleDestination: { input: CreateTopicRuleDestinationRequest; output: CreateTopicRuleDestinationResponse };
  DeleteAccountAuditConfiguration: { input: DeleteAccountAuditConfigurationRequest; output: DeleteAccountAuditConfigurationResponse };
  DeleteAuditSuppression: { input: DeleteAuditSuppressionRequest; output: DeleteAuditSuppressionResponse };
  DeleteAuthorizer: { input: DeleteAuthorizerRequest; output: DeleteAuthorizerResponse };
  DeleteBillingGroup: { input: DeleteBillingGroupRequest; output: DeleteBillingGroupResponse };
  DeleteCACertificate: { input: DeleteCACertificateRequest; output: DeleteCACertificateResponse };
  DeleteCertificate: { input: DeleteCertificateRequest; output: {} };
  DeleteCertificateProvider: { input: DeleteCertificateProviderRequest; output: DeleteCertificateProviderResponse };
  DeleteCommand: { input: DeleteCommandRequest; output: DeleteCommandResponse };
  DeleteCommandExecution: { input: DeleteCommandExecutionRequest; output: DeleteCommandExecutionResponse };
  DeleteCustomMetric: { input: DeleteCustomMetricRequest; output: DeleteCustomMetricResponse };
  DeleteDimension: { input: DeleteDimensionRequest; output: DeleteDimensionResponse };
  DeleteDomainConfiguration: { input: DeleteDomainConfigurationRequest; output: DeleteDomainConfigurationResponse };
  DeleteDynamicThingGroup: { input: DeleteDynamicThingGroupRequest; output: DeleteDynamicThingGroupResponse };
  DeleteFleetMetric: { input: DeleteFleetMetricRequest; output: {} };
  DeleteJob: { input: DeleteJobRequest; output: {} };
  DeleteJobExecution: { input: DeleteJobExecutionRequest; output: {} };
  DeleteJobTemplate: { input: DeleteJobTemplateRequest; output: {} };
  DeleteMitigationAction: { input: DeleteMitigationActionRequest; output: DeleteMitigationActionResponse };
  DeleteOTAUpdate: { input: DeleteOTAUpdateRequest; output: DeleteOTAUpdateResponse };
  DeletePackage: { input: DeletePackageRequest; output: DeletePackageResponse };
  DeletePackageVersion: { input: DeletePackageVersionRequest; output: DeletePackageVersionResponse };
  DeletePolicy: { input: DeletePolicyRequest; output: {} };
  DeletePolicyVersion: { input: DeletePolicyVersionRequest; output: {} };
  DeleteProvisioningTemplate: { input: DeleteProvisioningTemplateRequest; output: DeleteProvisioningTemplateResponse };
  DeleteProvisioningTemplateVersion: { input: DeleteProvisioningTemplateVersionRequest; output: DeleteProvisioningTemplateVersionResponse };
  DeleteRegistrationCode: { input: DeleteRegistrationCodeRequest; output: DeleteRegistrationCodeResponse };
  DeleteRoleAlias: { input: DeleteRoleAliasRequest; output: DeleteRoleAliasResponse };
  DeleteScheduledAudit: { input: DeleteScheduledAuditRequest; output: DeleteScheduledAuditResponse };
  DeleteSecurityProfile: { input: DeleteSecurityProfileRequest; output: DeleteSecurityProfileResponse };
  DeleteStream: { input: DeleteStreamRequest; output: DeleteStreamResponse };
  DeleteThing: { input: DeleteThingRequest; output: DeleteThingResponse };
  DeleteThingGroup: { input: DeleteThingGroupRequest; output: DeleteThingGroupResponse };
  DeleteThingType: { input: DeleteThingTypeRequest; output: DeleteThingTypeResponse };
  DeleteTopicRule: { input: DeleteTopicRuleRequest; output: {} };
  DeleteTopicRuleDestination: { input: DeleteTopicRuleDestinationRequest; output: DeleteTopicRuleDestinationResponse };
  DeleteV2LoggingLevel: { input: DeleteV2LoggingLevelRequest; output: {} };
  DeprecateThingType: { input: DeprecateThingTypeRequest; output: DeprecateThingTypeResponse };
  DescribeAccountAuditConfiguration: { input: DescribeAccountAuditConfigurationRequest; output: DescribeAccountAuditConfigurationResponse };
  DescribeAuditFinding: { input: DescribeAuditFindingRequest; output: DescribeAuditFindingResponse };
  DescribeAuditMitigationActionsTask: { input: DescribeAuditMitigationActionsTaskRequest; output: DescribeAuditMitigationActionsTaskResponse };
  DescribeAuditSuppression: { input: DescribeAuditSuppressionRequest; output: DescribeAuditSuppressionResponse };
  DescribeAuditTask: { input: DescribeAuditTaskRequest; output: DescribeAuditTaskResponse };
  DescribeAuthorizer: { input: DescribeAuthorizerRequest; output: DescribeAuthorizerResponse };
  DescribeBillingGroup: { input: DescribeBillingGroupRequest; output: DescribeBillingGroupResponse };
  DescribeCACertificate: { input: DescribeCACertificateRequest; output: DescribeCACertificateResponse };
  DescribeCertificate: { input: DescribeCertificateRequest; output: DescribeCertificateResponse };
  DescribeCertificateProvider: { input: DescribeCertificateProviderRequest; output: DescribeCertificateProviderResponse };
  DescribeCustomMetric: { input: DescribeCustomMetricRequest; output: DescribeCustomMetricResponse };
  DescribeDefaultAuthorizer: { input: DescribeDefaultAuthorizerRequest; output: DescribeDefaultAuthorizerResponse };
  DescribeDetectMitigationActionsTask: { input: DescribeDetectMitigationActionsTaskRequest; output: DescribeDetectMitigationActionsTaskResponse };
  DescribeDimension: { input: DescribeDimensionRequest; output: DescribeDimensionResponse };
  DescribeDomainConfiguration: { input: DescribeDomainConfigurationRequest; output: DescribeDomainConfigurationResponse };
  DescribeEncryptionConfiguration: { input: DescribeEncryptionConfigurationRequest; output: DescribeEncryptionConfigurationResponse };
  DescribeEndpoint: { input: DescribeEndpointRequest; output: DescribeEndpointResponse };
  DescribeEventConfigurations: { input: DescribeEventConfigurationsRequest; output: DescribeEventConfigurationsResponse };
  DescribeFleetMetric: { input: DescribeFleetMetricRequest; output: DescribeFleetMetricResponse };
  DescribeIndex: { input: DescribeIndexRequest; output: DescribeIndexResponse };
  DescribeJob: { input: DescribeJobRequest; output: DescribeJobResponse };
  DescribeJobExecution: { input: DescribeJobExecutionRequest; output: DescribeJobExecutionResponse };
  DescribeJobTemplate: { input: DescribeJobTemplateRequest; output: DescribeJobTemplateResponse };
  DescribeManagedJobTemplate: { input: DescribeManagedJobTemplateRequest; output: DescribeManagedJobTemplateResponse };
  DescribeMitigationAction: { input: DescribeMitigationActionRequest; output: DescribeMitigationActionResponse };
  DescribeProvisioningTemplate: { input: DescribeProvisioningTemplateRequest; output: DescribeProvisioningTemplateResponse };
  DescribeProvisioningTemplateVersion: { input: DescribeProvisioningTemplateVersionRequest; output: DescribeProvisioningTemplateVersionResponse };
  DescribeRoleAlias: { input: DescribeRoleAliasRequest; output: DescribeRoleAliasResponse };
  DescribeScheduledAudit: { input: DescribeScheduledAuditRequest; output: DescribeScheduledAuditResponse };
  DescribeSecurityProfile: { input: DescribeSecurityProfileRequest; output: DescribeSecurityProfileResponse };
  DescribeStream: { input: DescribeStreamRequest; output: DescribeStreamResponse };
  DescribeThing: { input: DescribeThingRequest; output: DescribeThingResponse };
  DescribeThingGroup: { input: DescribeThingGroupRequest; output: DescribeThingGroupResponse };
  DescribeThingRegistrationTask: { input: DescribeThingRegistrationTaskRequest; output: DescribeThingRegistrationTaskResponse };
  DescribeThingType: { input: DescribeThingTypeRequest; output: DescribeThingTypeResponse };
  DetachPolicy: { input: DetachPolicyRequest; output: {} };
  DetachPrincipalPolicy: { input: DetachPrincipalPolicyRequest; output: {} };
  DetachSecurityProfile: { input: DetachSecurityProfileRequest; output: DetachSecurityProfileResponse };
  DetachThingPrincipal: { input: DetachThingPrincipalRequest; output: DetachThingPrincipalResponse };
  DisableTopicRule: { input: DisableTopicRuleRequest; output: {} };
  DisassociateSbomFromPackageVersion: { input: DisassociateSbomFromPackageVersionRequest; output: DisassociateSbomFromPackageVersionResponse };
  EnableTopicRule: { input: EnableTopicRuleRequest; output: {} };
  GetBehaviorModelTrainingSummaries: { input: GetBehaviorModelTrainingSummariesRequest; output: GetBehaviorModelTrainingSummariesResponse };
  GetBucketsAggregation: { input: GetBucketsAggregationRequest; output: GetBucketsAggregationResponse };
  GetCardinality: { input: GetCardinalityRequest; output: GetCardinalityResponse };
  GetCommand: { input: GetCommandRequest; output: GetCommandResponse };
  GetCommandExecution: { input: GetCommandExecutionRequest; output: GetCommandExecutionResponse };
  GetEffectivePolicies: { input: GetEffectivePoliciesRequest; output: GetEffectivePoliciesResponse };
  GetIndexingConfiguration: { input: GetIndexingConfigurationRequest; output: GetIndexingConfigurationResponse };
  GetJobDocument: { input: GetJobDocumentRequest; output: GetJobDocumentResponse };
  GetLoggingOptions: { input: GetLoggingOptionsRequest; output: GetLoggingOptionsResponse };
  GetOTAUpdate: { input: GetOTAUpdateRequest; output: GetOTAUpdateResponse };
  GetPackage: { input: GetPackageRequest; output: GetPackageResponse };
  GetPackageConfiguration: { input: GetPackageConfigurationRequest; output: GetPackageConfigurationResponse };
  GetPackageVersion: { input: GetPackageVersionRequest; output: GetPackageVersionResponse };
  GetPercentiles: { input: GetPercentilesRequest; output: GetPercentilesResponse };
  GetPolicy: { input: GetPolicyRequest; output: GetPolicyResponse };
  GetPolicyVersion: { input: GetPolicyVersionRequest; output: GetPolicyVersionResponse };
  GetRegistrationCode: { input: GetRegistrationCodeRequest; output: GetRegistrationCodeResponse };
  GetStatistics: { input: GetStatisticsRequest; output: GetStatisticsResponse };
  GetThingConnectivityData: { input: GetThingConnectivityDataRequest; output: GetThingConnectivityDataResponse };
  GetTopicRule: { input: GetTopicRuleRequest; output: GetTopicRuleResponse };
  GetTopicRuleDestination: { input: GetTopicRuleDestinationRequest; output: GetTopicRuleDestinationResponse };
  GetV2LoggingOptions: { input: GetV2LoggingOptionsRequest; output: GetV2LoggingOptionsResponse };
  ListActiveViolations: { input: ListActiveViolationsRequest; output: ListActiveViolationsResponse };
  ListAttachedPolicies: { input: ListAttachedPoliciesRequest; output: ListAttachedPoliciesResponse };
  ListAuditFindings: { input: ListAuditFindingsRequest; output: ListAuditFindingsResponse };
  ListAuditMitigationActionsExecutions: { input: ListAuditMitigationActionsExecutionsRequest; output: ListAuditMitigationActionsExecutionsResponse };
  ListAuditMitigationActionsTasks: { input: ListAuditMitigationActionsTasksRequest; output: ListAuditMitigationActionsTasksResponse };
  ListAuditSuppressions: { input: ListAuditSuppressionsRequest; output: ListAuditSuppressionsResponse };
  ListAuditTasks: { input: ListAuditTasksRequest; output: ListAuditTasksResponse };
  ListAuthorizers: { input: ListAuthorizersRequest; output: ListAuthorizersResponse };
  ListBillingGroups: { input: ListBillingGroupsRequest; output: ListBillingGroupsResponse };
  ListCACertificates: { input: ListCACertificatesRequest; output: ListCACertificatesResponse };
  ListCertificateProviders: { input: ListCertificateProvidersRequest; output: ListCertificateProvidersResponse };
  ListCertificates: { input: ListCertificatesRequest; output: ListCertificatesResponse };
  ListCertificatesByCA: { input: ListCertificatesByCARequest; output: ListCertificatesByCAResponse };
  ListCommandExecutions: { input: ListCommandExecutionsRequest; output: ListCommandExecutionsResponse };
  ListCommands: { input: ListCommandsRequest; output: ListCommandsResponse };
  ListCustomMetrics: { input: ListCustomMetricsRequest; output: ListCustomMetricsResponse };
  ListDetectMitigationActionsExecutions: { input: ListDetectMitigationActionsExecutionsRequest; output: ListDetectMitigationActionsExecutionsResponse };
  ListDetectMitigationActionsTasks: { input: ListDetectMitigationActionsTasksRequest; output: ListDetectMitigationActionsTasksResponse };
  ListDimensions: { input: ListDimensionsRequest; output: ListDimensionsResponse };
  ListDomainConfigurations: { input: ListDomainConfigurationsRequest; output: ListDomainConfigurationsResponse };
  ListFleetMetrics: { input: ListFleetMetricsRequest; output: ListFleetMetricsResponse };
  ListIndices: { input: ListIndicesRequest; output: ListIndicesResponse };
  ListJobExecutionsForJob: { input: ListJobExecutionsForJobRequest; output: ListJobExecutionsForJobResponse };
  ListJobExecutionsForThing: { input: ListJobExecutionsForThingRequest; output: ListJobExecutionsForThingResponse };
  ListJobTemplates: { input: ListJobTemplatesRequest; output: ListJobTemplatesResponse };
  ListJobs: { input: ListJobsRequest; output: ListJobsResponse };
  ListManagedJobTemplates: { input: ListManagedJobTemplatesRequest; output: ListManagedJobTemplatesResponse };
  ListMetricValues: { input: ListMetricValuesRequest; output: ListMetricValuesResponse };
  ListMitigationActions: { input: ListMitigationActionsRequest; output: ListMitigationActionsResponse };
  ListOTAUpdates: { input: ListOTAUpdatesRequest; output: ListOTAUpdatesResponse };
  ListOutgoingCertificates: { input: ListOutgoingCertificatesRequest; output: ListOutgoingCertificatesResponse };
  ListPackageVersions: { input: ListPackageVersionsRequest; output: ListPackageVersionsResponse };
  ListPackages: { input: ListPackagesRequest; output: ListPackagesResponse };
  ListPolicies: { input: ListPoliciesRequest; output: ListPoliciesResponse };
  ListPolicyPrincipals: { input: ListPolicyPrincipalsRequest; output: ListPolicyPrincipalsResponse };
  ListPolicyVersions: { input: ListPolicyVersionsRequest; output: ListPolicyVersionsResponse };
  ListPrincipalPolicies: { input: ListPrincipalPoliciesRequest; output: ListPrincipalPoliciesResponse };
  ListPrincipalThings: { input: ListPrincipalThingsRequest; output: ListPrincipalThingsResponse };
  ListPrincipalThingsV2: { input: ListPrincipalThingsV2Request; output: ListPrincipalThingsV2Response };
  ListProvisioningTemplateVersions: { input: ListProvisioningTemplateVersionsRequest; output: ListProvisioningTemplateVersionsResponse };
  ListProvisioningTemplates: { input: ListProvisioningTemplatesRequest; output: ListProvisioningTemplatesResponse };
  ListRelatedResourcesForAuditFinding: { input: ListRelatedResourcesForAuditFindingRequest; output: ListRelatedResourcesForAuditFindingResponse };
  ListRoleAliases: { input: ListRoleAliasesRequest; output: ListRoleAliasesResponse };
  ListSbomValidationResults: { input: ListSbomValidationResultsRequest; output: ListSbomValidationResultsResponse };
  ListScheduledAudits: { input: ListScheduledAuditsRequest; output: ListScheduledAuditsResponse };
  ListSecurityProfiles: { input: ListSecurityProfilesRequest; output: ListSecurityProfilesResponse };
  ListSecurityProfilesForTarget: { input: ListSecurityProfilesForTargetRequest; output: ListSecurityProfilesForTargetResponse };
  ListStreams: { input: ListStreamsRequest; output: ListStreamsResponse };
  ListTagsForResource: { input: ListTagsForResourceRequest; output: ListTagsForResourceResponse };
  ListTargetsForPolicy: { input: ListTargetsForPolicyRequest; output: ListTargetsForPolicyResponse };
  ListTargetsForSecurityProfile: { input: ListTargetsForSecurityProfileRequest; output: ListTargetsForSecurityProfileResponse };
  ListThingGroups: { input: ListThingGroupsRequest; output: ListThingGroupsResponse };
  ListThingGroupsForThing: { input: ListThingGroupsForThingRequest; output: ListThingGroupsForThingResponse };
  ListThingPrincipals: { input: ListThingPrincipalsRequest; output: ListThingPrincipalsResponse };
  ListThingPrincipalsV2: { input: ListThingPrincipalsV2Request; output: ListThingPrincipalsV2Response };
  ListThingRegistrationTaskReports: { input: ListThingRegistrationTaskReportsRequest; output: ListThingRegistrationTaskReportsResponse };
  ListThingRegistrationTasks: { input: ListThingRegistrationTasksRequest; output: ListThingRegistrationTasksResponse };
  ListThingTypes: { input: ListThingTypesRequest; output: ListThingTypesResponse };
  ListThings: { input: ListThingsRequest; output: ListThingsResponse };
  ListThingsInBillingGroup: { input: ListThingsInBillingGroupRequest; output: ListThingsInBillingGroupResponse };
  ListThingsInThingGroup: { input: ListThingsInThingGroupRequest; output: ListThingsInThingGroupResponse };
  ListTopicRuleDestinations: { input: ListTopicRuleDestinationsRequest; output: ListTopicRuleDestinationsResponse };
  ListTopicRules: { input: ListTopicRulesRequest; output: ListTopicRulesResponse };
  ListV2LoggingLevels: { input: ListV2LoggingLevelsRequest; output: ListV2LoggingLevelsResponse };
  ListViolationEvents: { input: ListViolationEventsRequest; output: ListViolationEventsResponse };
  PutVerificationStateOnViolation: { input: PutVerificationStateOnViolationRequest; output: PutVerificationStateOnViolationResponse };
  RegisterCACertificate: { input: RegisterCACertificateRequest; output: RegisterCACertificateResponse };
  RegisterCertificate: { input: RegisterCertificateRequest; output: RegisterCertificateResponse };
  RegisterCertificateWithoutCA: { input: RegisterCertificateWithoutCARequest; output: RegisterCertificateWithoutCAResponse };
  RegisterThing: { input: RegisterThingRequest; output: RegisterThingResponse };
  RejectCertificateTransfer: { input: RejectCertificateTransferRequest; output: {} };
  RemoveThingFromBillingGroup: { input: RemoveThingFromBillingGroupRequest; output: RemoveThingFromBillingGroupResponse };
  RemoveThingFromThingGroup: { input: RemoveThingFromThingGroupRequest; output: RemoveThingFromThingGroupResponse };
  ReplaceTopicRule: { input: ReplaceTopicRuleRequest; output: {} };
  SearchIndex: { input: SearchIndexRequest; output: SearchIndexResponse };
  SetDefaultAuthorizer: { input: SetDefaultAuthorizerRequest; output: SetDefaultAuthorizerResponse };
  SetDefaultPolicyVersion: { input: SetDefaultPolicyVersionRequest; output: {} };
  SetLoggingOptions: { input: SetLoggingOptionsRequest; output: {} };
  SetV2LoggingLevel: { input: SetV2LoggingLevelRequest; output: {} };
  SetV2LoggingOptions: { input: SetV2LoggingOptionsRequest; output: {} };
  StartAuditMitigationActionsTask: { input: StartAuditMitigationActionsTaskRequest; output: StartAuditMitigationActionsTaskResponse };
  StartDetectMitigationActionsTask: { input: StartDetectMitigationActionsTaskRequest; output: StartDetectMitigationActionsTaskResponse };
  StartOnDemandAuditTask: { input: StartOnDemandAuditTaskRequest; output: StartOnDemandAuditTaskResponse };
  StartThingRegistrationTask: { input: StartThingRegistrationTaskRequest; output: StartThingRegistrationTaskResponse };
  StopThingRegistrationTask: { input: StopThingRegistrationTaskRequest; output: StopThingRegistrationTaskResponse };
  TagResource: { input: TagResourceRequest; output: TagResourceResponse };
  TestAuthorization: { input: TestAuthorizationRequest; output: TestAuthorizationResponse };
  TestInvokeAuthorizer: { input: TestInvokeAuthorizerRequest; output: TestInvokeAuthorizerResponse };
  TransferCertificate: { input: TransferCertificateRequest; output: TransferCertificateResponse };
  UntagResource: { input: UntagResourceRequest; output: UntagResourceResponse };
  UpdateAccountAuditConfiguration: { input: UpdateAccountAuditConfigurationRequest; output: UpdateAccountAuditConfigurationResponse };
  UpdateAuditSuppression: { input: UpdateAuditSuppressionRequest; output: UpdateAuditSuppressionResponse };
  UpdateAuthorizer: { input: UpdateAuthorizerRequest; output: UpdateAuthorizerResponse };
  UpdateBillingGroup: { input: UpdateBillingGroupRequest; output: UpdateBillingGroupResponse };
  UpdateCACertificate: { input: UpdateCACertificateRequest; output: {} };
  UpdateCertificate: { input: UpdateCertificateRequest; output: {} };
  UpdateCertificateProvider: { input: UpdateCertificateProviderRequest; output: UpdateCertificateProviderResponse };
  UpdateCommand: { input: UpdateCommandRequest; output: UpdateCommandResponse };
  UpdateCustomMetric: { input: UpdateCustomMetricRequest; output: UpdateCustomMetricResponse };
  UpdateDimension: { input: UpdateDimensionRequest; output: UpdateDimensionResponse };
  UpdateDomainConfiguration: { input: UpdateDomainConfigurationRequest; output: UpdateDomainConfigurationResponse };
  UpdateDynamicThingGroup: { input: UpdateDynamicThingGroupRequest; output: UpdateDynamicThingGroupResponse };
  UpdateEncryptionConfiguration: { input: UpdateEncryptionConfigurationRequest; output: UpdateEncryptionConfigurationResponse };
  UpdateEventConfigurations: { input: UpdateEventConfigurationsRequest; output: UpdateEventConfigurationsResponse };
  UpdateFleetMetric: { input: UpdateFleetMetricRequest; output: {} };
  UpdateIndexingConfiguration: { input: UpdateIndexingConfigurationRequest; output: UpdateIndexingConfigurationResponse };
  UpdateJob: { input: UpdateJobRequest; output: {} };
  UpdateMitigationAction: { input: UpdateMitigationActionRequest; output: UpdateMitigationActionResponse };
  UpdatePackage: { input: UpdatePackageRequest; output: UpdatePackageResponse };
  UpdatePackageConfiguration: { input: UpdatePackageConfigurationRequest; output: UpdatePackageConfigurationResponse };
  UpdatePackageVersion: { input: UpdatePackageVersionRequest; output: UpdatePackageVersionResponse };
  UpdateProvisioningTemplate: { input: UpdateProvisioningTemplateRequest; output: UpdateProvisioningTemplateResponse };
  UpdateRoleAlias: { input: UpdateRoleAliasRequest; output: UpdateRoleAliasResponse };
  UpdateScheduledAudit: { input: UpdateScheduledAuditRequest; output: UpdateScheduledAuditResponse };
  UpdateSecurityProfile: { input: UpdateSecurityProfileRequest; output: UpdateSecurityProfileResponse };
  UpdateStream: { input: UpdateStreamRequest; output: UpdateStreamResponse };
  UpdateThing: { input: UpdateThingRequest; output: UpdateThingResponse };
  UpdateThingGroup: { input: UpdateThingGroupRequest; output: UpdateThingGroupResponse };
  UpdateThingGroupsForThing: { input: UpdateThingGroupsForThingRequest; output: UpdateThingGroupsForThingResponse };
  UpdateThingType: { input: UpdateThingTypeRequest; output: UpdateThingTypeResponse };
  UpdateTopicRuleDestination: { input: UpdateTopicRuleDestinationRequest; output: UpdateTopicRuleDestinationResponse };
  ValidateSecurityProfileBehaviors: { input: ValidateSecurityProfileBehaviorsRequest; output: ValidateSecurityProfileBehaviorsResponse };
}
