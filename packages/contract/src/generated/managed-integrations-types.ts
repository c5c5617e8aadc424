// Written by `npm run generate`. Do not edit.

export interface ConfigurationError {
  code?: string;
  message?: string;
}

export type ConfigurationState =
  | "ENABLED"
  | "UPDATE_IN_PROGRESS"
  | "UPDATE_FAILED";

export interface ConfigurationStatus {
  error?: ConfigurationError;
  state: ConfigurationState;
}

export type EncryptionType =
  | "MANAGED_INTEGRATIONS_DEFAULT_ENCRYPTION"
  | "CUSTOMER_KEY_ENCRYPTION";

export interface GetCustomEndpointRequest {}

export interface GetCustomEndpointResponse {
  EndpointAddress: string;
}

export interface GetDefaultEncryptionConfigurationRequest {}

export interface GetDefaultEncryptionConfigurationResponse {
  configurationStatus: ConfigurationStatus;
  encryptionType: EncryptionType;
  kmsKeyArn?: string;
}

export interface GetHubConfigurationRequest {}

export interface GetHubConfigurationResponse {
  HubTokenTimerExpirySettingInSeconds?: number;
  UpdatedAt?: number;
}

export interface PutDefaultEncryptionConfigurationRequest {
  encryptionType: EncryptionType;
  kmsKeyArn?: string;
}

export interface PutDefaultEncryptionConfigurationResponse {
  configurationStatus: ConfigurationStatus;
  encryptionType: EncryptionType;
  kmsKeyArn?: string;
}

export interface PutHubConfigurationRequest {
  HubTokenTimerExpirySettingInSeconds: number;
}

export interface PutHubConfigurationResponse {
  HubTokenTimerExpirySettingInSeconds?: number;
}

export interface RegisterCustomEndpointRequest {}

export interface RegisterCustomEndpointResponse {
  EndpointAddress: string;
}

export interface AccountAssociationItem {
  AccountAssociationId: string;
  AssociationState: AssociationState;
  ErrorMessage?: string;
  ConnectorDestinationId?: string;
  Name?: string;
  Description?: string;
  Arn?: string;
}

export type AssociationState =
  | "ASSOCIATION_IN_PROGRESS"
  | "ASSOCIATION_FAILED"
  | "ASSOCIATION_SUCCEEDED"
  | "ASSOCIATION_DELETING"
  | "REFRESH_TOKEN_EXPIRED";

export interface CreateAccountAssociationRequest {
  ClientToken?: string;
  ConnectorDestinationId: string;
  Name?: string;
  Description?: string;
  Tags?: { readonly [key: string]: string };
  GeneralAuthorization?: GeneralAuthorizationName;
}

export interface CreateAccountAssociationResponse {
  OAuthAuthorizationUrl: string;
  AccountAssociationId: string;
  AssociationState: AssociationState;
  Arn?: string;
}

export interface DeleteAccountAssociationRequest {
  AccountAssociationId: string;
}

export interface DeregisterAccountAssociationRequest {
  ManagedThingId: string;
  AccountAssociationId: string;
}

export interface GeneralAuthorizationName {
  AuthMaterialName?: string;
}

export interface GetAccountAssociationRequest {
  AccountAssociationId: string;
}

export interface GetAccountAssociationResponse {
  AccountAssociationId: string;
  AssociationState: AssociationState;
  ErrorMessage?: string;
  ConnectorDestinationId?: string;
  Name?: string;
  Description?: string;
  Arn?: string;
  OAuthAuthorizationUrl: string;
  Tags?: { readonly [key: string]: string };
  GeneralAuthorization?: GeneralAuthorizationName;
}

export interface ListAccountAssociationsRequest {
  ConnectorDestinationId?: string;
  MaxResults?: number;
  NextToken?: string;
}

export interface ListAccountAssociationsResponse {
  Items?: readonly AccountAssociationItem[];
  NextToken?: string;
}

export interface ListManagedThingAccountAssociationsRequest {
  ManagedThingId?: string;
  AccountAssociationId?: string;
  MaxResults?: number;
  NextToken?: string;
}

export interface ListManagedThingAccountAssociationsResponse {
  Items?: readonly ManagedThingAssociation[];
  NextToken?: string;
}

export interface ManagedThingAssociation {
  ManagedThingId?: string;
  AccountAssociationId?: string;
  ManagedThingAssociationStatus?: ManagedThingAssociationStatus;
}

export type ManagedThingAssociationStatus =
  | "PRE_ASSOCIATED"
  | "ASSOCIATED";

export interface RegisterAccountAssociationRequest {
  ManagedThingId: string;
  AccountAssociationId: string;
  DeviceDiscoveryId: string;
}

export interface RegisterAccountAssociationResponse {
  AccountAssociationId?: string;
  DeviceDiscoveryId?: string;
  ManagedThingId?: string;
}

export interface StartAccountAssociationRefreshRequest {
  AccountAssociationId: string;
}

export interface StartAccountAssociationRefreshResponse {
  OAuthAuthorizationUrl: string;
}

export interface UpdateAccountAssociationRequest {
  AccountAssociationId: string;
  Name?: string;
  Description?: string;
}

export type CloudConnectorType =
  | "LISTED"
  | "UNLISTED";

export type ConnectorEventOperation =
  | "DEVICE_COMMAND_RESPONSE"
  | "DEVICE_DISCOVERY"
  | "DEVICE_EVENT"
  | "DEVICE_COMMAND_REQUEST";

export interface ConnectorItem {
  Name: string;
  EndpointConfig: EndpointConfig;
  Description?: string;
  EndpointType?: EndpointType;
  Id?: string;
  Type?: CloudConnectorType;
}

export interface CreateCloudConnectorRequest {
  Name: string;
  EndpointConfig: EndpointConfig;
  Description?: string;
  EndpointType?: EndpointType;
  ClientToken?: string;
}

export interface CreateCloudConnectorResponse {
  Id?: string;
}

export interface DeleteCloudConnectorRequest {
  Identifier: string;
}

export interface Device {
  ConnectorDeviceId: string;
  ConnectorDeviceName?: string;
  CapabilityReport: MatterCapabilityReport;
  CapabilitySchemas?: readonly CapabilitySchemaItem[];
  DeviceMetadata?: unknown;
}

export interface EndpointConfig {
  lambda?: LambdaConfig;
}

export type EndpointType =
  | "LAMBDA";

export interface GetCloudConnectorRequest {
  Identifier: string;
}

export interface GetCloudConnectorResponse {
  Name: string;
  EndpointConfig: EndpointConfig;
  Description?: string;
  EndpointType?: EndpointType;
  Id?: string;
  Type?: CloudConnectorType;
}

export interface LambdaConfig {
  arn: string;
}

export interface ListCloudConnectorsRequest {
  Type?: CloudConnectorType;
  LambdaArn?: string;
  MaxResults?: number;
  NextToken?: string;
}

export interface ListCloudConnectorsResponse {
  Items?: readonly ConnectorItem[];
  NextToken?: string;
}

export interface MatterCapabilityReport {
  version: string;
  nodeId?: string;
  endpoints: readonly MatterCapabilityReportEndpoint[];
}

export interface MatterCapabilityReportAttribute {
  id?: string;
  name?: string;
  value?: unknown;
}

export interface MatterCapabilityReportCluster {
  id: string;
  revision: number;
  publicId?: string;
  name?: string;
  specVersion?: string;
  attributes?: readonly MatterCapabilityReportAttribute[];
  commands?: readonly string[];
  events?: readonly string[];
  featureMap?: number;
  generatedCommands?: readonly string[];
  fabricIndex?: number;
}

export interface MatterCapabilityReportEndpoint {
  id: string;
  deviceTypes: readonly string[];
  clusters: readonly MatterCapabilityReportCluster[];
  parts?: readonly string[];
  semanticTags?: readonly string[];
  clientClusters?: readonly string[];
}

export interface MatterCluster {
  id?: string;
  attributes?: unknown;
  commands?: { readonly [key: string]: unknown };
  events?: { readonly [key: string]: unknown };
}

export interface MatterEndpoint {
  id?: string;
  clusters?: readonly MatterCluster[];
}

export interface SendConnectorEventRequest {
  ConnectorId: string;
  UserId?: string;
  Operation: ConnectorEventOperation;
  OperationVersion?: string;
  StatusCode?: number;
  Message?: string;
  DeviceDiscoveryId?: string;
  ConnectorDeviceId?: string;
  TraceId?: string;
  Devices?: readonly Device[];
  MatterEndpoint?: MatterEndpoint;
}

export interface SendConnectorEventResponse {
  ConnectorId: string;
}

export interface UpdateCloudConnectorRequest {
  Identifier: string;
  Name?: string;
  Description?: string;
}

export interface AuthConfig {
  oAuth?: OAuthConfig;
  GeneralAuthorization?: readonly AuthMaterial[];
}

export interface AuthConfigUpdate {
  oAuthUpdate?: OAuthUpdate;
  GeneralAuthorizationUpdate?: GeneralAuthorizationUpdate;
}

export interface AuthMaterial {
  SecretsManager: SecretsManager;
  AuthMaterialName: string;
}

export type AuthType =
  | "OAUTH";

export interface ConnectorDestinationSummary {
  Name?: string;
  Description?: string;
  CloudConnectorId?: string;
  Id?: string;
}

export interface CreateConnectorDestinationRequest {
  Name?: string;
  Description?: string;
  CloudConnectorId: string;
  AuthType?: AuthType;
  AuthConfig: AuthConfig;
  SecretsManager?: SecretsManager;
  ClientToken?: string;
}

export interface CreateConnectorDestinationResponse {
  Id?: string;
}

export interface DeleteConnectorDestinationRequest {
  Identifier: string;
}

export interface GeneralAuthorizationUpdate {
  AuthMaterialsToAdd?: readonly AuthMaterial[];
  AuthMaterialsToUpdate?: readonly AuthMaterial[];
}

export interface GetConnectorDestinationRequest {
  Identifier: string;
}

export interface GetConnectorDestinationResponse {
  Name?: string;
  Description?: string;
  CloudConnectorId?: string;
  Id?: string;
  AuthType?: AuthType;
  AuthConfig?: AuthConfig;
  SecretsManager?: SecretsManager;
  OAuthCompleteRedirectUrl?: string;
}

export interface ListConnectorDestinationsRequest {
  CloudConnectorId?: string;
  NextToken?: string;
  MaxResults?: number;
}

export interface ListConnectorDestinationsResponse {
  ConnectorDestinationList?: readonly ConnectorDestinationSummary[];
  NextToken?: string;
}

export interface OAuthConfig {
  authUrl: string;
  tokenUrl: string;
  scope?: string;
  tokenEndpointAuthenticationScheme: TokenEndpointAuthenticationScheme;
  oAuthCompleteRedirectUrl?: string;
  proactiveRefreshTokenRenewal?: ProactiveRefreshTokenRenewal;
}

export interface OAuthUpdate {
  oAuthCompleteRedirectUrl?: string;
  proactiveRefreshTokenRenewal?: ProactiveRefreshTokenRenewal;
}

export interface ProactiveRefreshTokenRenewal {
  enabled?: boolean;
  DaysBeforeRenewal?: number;
}

export interface SecretsManager {
  arn: string;
  versionId: string;
}

export type TokenEndpointAuthenticationScheme =
  | "HTTP_BASIC"
  | "REQUEST_BODY_CREDENTIALS";

export interface UpdateConnectorDestinationRequest {
  Identifier: string;
  Description?: string;
  Name?: string;
  AuthType?: AuthType;
  AuthConfig?: AuthConfigUpdate;
  SecretsManager?: SecretsManager;
}

export interface CapabilityAction {
  name: string;
  ref?: string;
  actionTraceId?: string;
  parameters?: unknown;
}

export interface CommandCapability {
  id: string;
  name: string;
  version: string;
  actions: readonly CapabilityAction[];
}

export interface CommandEndpoint {
  endpointId: string;
  capabilities: readonly CommandCapability[];
}

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
  | "THROTTLED"
  | "WEBSOCKET_TTL_EXPIRATION"
  | "CUSTOMAUTH_TTL_EXPIRATION"
  | "UNKNOWN"
  | "NONE";

export interface GetManagedThingCapabilitiesRequest {
  Identifier: string;
}

export interface GetManagedThingCapabilitiesResponse {
  ManagedThingId?: string;
  Capabilities?: string;
  CapabilityReport?: CapabilityReport;
}

export interface GetManagedThingConnectivityDataRequest {
  Identifier: string;
}

export interface GetManagedThingConnectivityDataResponse {
  ManagedThingId?: string;
  Connected?: boolean;
  Timestamp?: number;
  DisconnectReason?: DisconnectReasonValue;
}

export interface GetManagedThingStateRequest {
  ManagedThingId: string;
}

export interface GetManagedThingStateResponse {
  Endpoints: readonly StateEndpoint[];
}

export interface SendManagedThingCommandRequest {
  ManagedThingId: string;
  Endpoints: readonly CommandEndpoint[];
  ConnectorAssociationId?: string;
  AccountAssociationId?: string;
}

export interface SendManagedThingCommandResponse {
  TraceId?: string;
}

export interface StateCapability {
  id: string;
  name: string;
  version: string;
  properties?: unknown;
}

export interface StateEndpoint {
  endpointId: string;
  capabilities: readonly StateCapability[];
}

export interface CreateCredentialLockerRequest {
  Name?: string;
  ClientToken?: string;
  Tags?: { readonly [key: string]: string };
}

export interface CreateCredentialLockerResponse {
  Id?: string;
  Arn?: string;
  CreatedAt?: number;
}

export interface CredentialLockerSummary {
  Id?: string;
  Arn?: string;
  Name?: string;
  CreatedAt?: number;
}

export interface DeleteCredentialLockerRequest {
  Identifier: string;
}

export interface GetCredentialLockerRequest {
  Identifier: string;
}

export interface GetCredentialLockerResponse {
  Id?: string;
  Arn?: string;
  Name?: string;
  CreatedAt?: number;
  Tags?: { readonly [key: string]: string };
}

export interface ListCredentialLockersRequest {
  NextToken?: string;
  MaxResults?: number;
}

export interface ListCredentialLockersResponse {
  Items?: readonly CredentialLockerSummary[];
  NextToken?: string;
}

export type DeviceDiscoveryStatus =
  | "RUNNING"
  | "SUCCEEDED"
  | "FAILED"
  | "TIMED_OUT";

export interface DeviceDiscoverySummary {
  Id?: string;
  DiscoveryType?: DiscoveryType;
  Status?: DeviceDiscoveryStatus;
}

export interface DiscoveredDeviceSummary {
  ConnectorDeviceId?: string;
  ConnectorDeviceName?: string;
  DeviceTypes?: readonly string[];
  ManagedThingId?: string;
  Modification?: DiscoveryModification;
  DiscoveredAt?: number;
  Brand?: string;
  Model?: string;
  AuthenticationMaterial?: string;
}

export type DiscoveryAuthMaterialType =
  | "ZWAVE_INSTALL_CODE";

export type DiscoveryModification =
  | "DISCOVERED"
  | "UPDATED"
  | "NO_CHANGE";

export type DiscoveryType =
  | "ZWAVE"
  | "ZIGBEE"
  | "CLOUD"
  | "CUSTOM"
  | "CONTROLLER_CAPABILITY_REDISCOVERY";

export interface GetDeviceDiscoveryRequest {
  Identifier: string;
}

export interface GetDeviceDiscoveryResponse {
  Id: string;
  Arn: string;
  DiscoveryType: DiscoveryType;
  Status: DeviceDiscoveryStatus;
  StartedAt: number;
  ControllerId?: string;
  ConnectorAssociationId?: string;
  AccountAssociationId?: string;
  FinishedAt?: number;
  Tags?: { readonly [key: string]: string };
}

export interface ListDeviceDiscoveriesRequest {
  NextToken?: string;
  MaxResults?: number;
  TypeFilter?: DiscoveryType;
  StatusFilter?: DeviceDiscoveryStatus;
}

export interface ListDeviceDiscoveriesResponse {
  Items?: readonly DeviceDiscoverySummary[];
  NextToken?: string;
}

export interface ListDiscoveredDevicesRequest {
  Identifier: string;
  NextToken?: string;
  MaxResults?: number;
}

export interface ListDiscoveredDevicesResponse {
  Items?: readonly DiscoveredDeviceSummary[];
  NextToken?: string;
}

export type ProtocolType =
  | "ZWAVE"
  | "ZIGBEE"
  | "CUSTOM";

export interface StartDeviceDiscoveryRequest {
  DiscoveryType: DiscoveryType;
  CustomProtocolDetail?: { readonly [key: string]: string };
  ControllerIdentifier?: string;
  ConnectorAssociationIdentifier?: string;
  AccountAssociationId?: string;
  AuthenticationMaterial?: string;
  AuthenticationMaterialType?: DiscoveryAuthMaterialType;
  ClientToken?: string;
  Tags?: { readonly [key: string]: string };
  ConnectorDeviceIdList?: readonly string[];
  Protocol?: ProtocolType;
  EndDeviceIdentifier?: string;
}

export interface StartDeviceDiscoveryResponse {
  Id?: string;
  StartedAt?: number;
}

export interface AccessDeniedException {
  Message?: string;
}

export interface ConflictException {
  Message?: string;
}

export interface InternalFailureException {
  Message?: string;
}

export interface InternalServerException {
  Message?: string;
}

export interface InvalidRequestException {
  Message?: string;
}

export interface LimitExceededException {
  Message?: string;
}

export interface ResourceNotFoundException {
  Message?: string;
  ResourceId?: string;
  ResourceType?: string;
}

export interface ServiceQuotaExceededException {
  Message?: string;
}

export interface ServiceUnavailableException {
  Message?: string;
}

export interface ThrottlingException {
  Message?: string;
}

export interface UnauthorizedException {
  Message?: string;
}

export interface ValidationException {
  Message?: string;
}

export interface CreateEventLogConfigurationRequest {
  ResourceType: string;
  ResourceId?: string;
  EventLogLevel: LogLevel;
  ClientToken?: string;
}

export interface CreateEventLogConfigurationResponse {
  Id?: string;
}

export interface DeleteEventLogConfigurationRequest {
  Id: string;
}

export interface EventLogConfigurationSummary {
  Id?: string;
  ResourceType?: string;
  ResourceId?: string;
  EventLogLevel?: LogLevel;
}

export interface GetEventLogConfigurationRequest {
  Id: string;
}

export interface GetEventLogConfigurationResponse {
  Id?: string;
  ResourceType?: string;
  ResourceId?: string;
  EventLogLevel?: LogLevel;
}

export interface GetRuntimeLogConfigurationRequest {
  ManagedThingId: string;
}

export interface GetRuntimeLogConfigurationResponse {
  ManagedThingId?: string;
  RuntimeLogConfigurations?: RuntimeLogConfigurations;
}

export interface ListEventLogConfigurationsRequest {
  NextToken?: string;
  MaxResults?: number;
}

export interface ListEventLogConfigurationsResponse {
  EventLogConfigurationList?: readonly EventLogConfigurationSummary[];
  NextToken?: string;
}

export type LogLevel =
  | "DEBUG"
  | "ERROR"
  | "INFO"
  | "WARN";

export interface PutRuntimeLogConfigurationRequest {
  ManagedThingId: string;
  RuntimeLogConfigurations: RuntimeLogConfigurations;
}

export interface ResetRuntimeLogConfigurationRequest {
  ManagedThingId: string;
}

export interface RuntimeLogConfigurations {
  LogLevel?: LogLevel;
  LogFlushLevel?: LogLevel;
  LocalStoreLocation?: string;
  LocalStoreFileRotationMaxFiles?: number;
  LocalStoreFileRotationMaxBytes?: number;
  UploadLog?: boolean;
  UploadPeriodMinutes?: number;
  DeleteLocalStoreAfterUpload?: boolean;
}

export interface UpdateEventLogConfigurationRequest {
  Id: string;
  EventLogLevel: LogLevel;
}

export type AuthMaterialType =
  | "CUSTOM_PROTOCOL_QR_BAR_CODE"
  | "WIFI_SETUP_QR_BAR_CODE"
  | "ZWAVE_QR_BAR_CODE"
  | "ZIGBEE_QR_BAR_CODE"
  | "DISCOVERED_DEVICE"
  | "PRE_ONBOARDED_CLOUD";

export interface CreateManagedThingRequest {
  Role: Role;
  Owner?: string;
  CredentialLockerId?: string;
  AuthenticationMaterial: string;
  AuthenticationMaterialType: AuthMaterialType;
  WiFiSimpleSetupConfiguration?: WiFiSimpleSetupConfiguration;
  SerialNumber?: string;
  Brand?: string;
  Model?: string;
  Name?: string;
  CapabilityReport?: CapabilityReport;
  CapabilitySchemas?: readonly CapabilitySchemaItem[];
  Capabilities?: string;
  ClientToken?: string;
  Classification?: string;
  Tags?: { readonly [key: string]: string };
  MetaData?: { readonly [key: string]: string };
}

export interface CreateManagedThingResponse {
  Id?: string;
  Arn?: string;
  CreatedAt?: number;
}

export interface DeleteManagedThingRequest {
  Identifier: string;
  Force?: boolean;
}

export interface GetManagedThingCertificateRequest {
  Identifier: string;
}

export interface GetManagedThingCertificateResponse {
  ManagedThingId?: string;
  CertificatePem?: string;
}

export interface GetManagedThingMetaDataRequest {
  Identifier: string;
}

export interface GetManagedThingMetaDataResponse {
  ManagedThingId?: string;
  MetaData?: { readonly [key: string]: string };
}

export interface GetManagedThingRequest {
  Identifier: string;
}

export interface GetManagedThingResponse {
  Id?: string;
  Arn?: string;
  Owner?: string;
  CredentialLockerId?: string;
  AdvertisedProductId?: string;
  Role?: Role;
  ProvisioningStatus?: ProvisioningStatus;
  Name?: string;
  Model?: string;
  Brand?: string;
  SerialNumber?: string;
  UniversalProductCode?: string;
  InternationalArticleNumber?: string;
  ConnectorPolicyId?: string;
  ConnectorDestinationId?: string;
  ConnectorDeviceId?: string;
  DeviceSpecificKey?: string;
  MacAddress?: string;
  ParentControllerId?: string;
  Classification?: string;
  CreatedAt?: number;
  UpdatedAt?: number;
  ActivatedAt?: number;
  HubNetworkMode?: HubNetworkMode;
  MetaData?: { readonly [key: string]: string };
  Tags?: { readonly [key: string]: string };
  WiFiSimpleSetupConfiguration?: WiFiSimpleSetupConfiguration;
}

export type HubNetworkMode =
  | "STANDARD"
  | "NETWORK_WIDE_EXCLUSION";

export interface ListManagedThingSchemasRequest {
  Identifier: string;
  EndpointIdFilter?: string;
  CapabilityIdFilter?: string;
  NextToken?: string;
  MaxResults?: number;
}

export interface ListManagedThingSchemasResponse {
  Items?: readonly ManagedThingSchemaListItem[];
  NextToken?: string;
}

export interface ListManagedThingsRequest {
  OwnerFilter?: string;
  CredentialLockerFilter?: string;
  RoleFilter?: Role;
  ParentControllerIdentifierFilter?: string;
  ConnectorPolicyIdFilter?: string;
  ConnectorDestinationIdFilter?: string;
  ConnectorDeviceIdFilter?: string;
  SerialNumberFilter?: string;
  ProvisioningStatusFilter?: ProvisioningStatus;
  NextToken?: string;
  MaxResults?: number;
}

export interface ListManagedThingsResponse {
  Items?: readonly ManagedThingSummary[];
  NextToken?: string;
}

export interface ManagedThingSchemaListItem {
  EndpointId?: string;
  CapabilityId?: string;
  Schema?: unknown;
}

export interface ManagedThingSummary {
  Id?: string;
  Arn?: string;
  AdvertisedProductId?: string;
  Brand?: string;
  Classification?: string;
  ConnectorDeviceId?: string;
  ConnectorPolicyId?: string;
  ConnectorDestinationId?: string;
  Model?: string;
  Name?: string;
  Owner?: string;
  CredentialLockerId?: string;
  ParentControllerId?: string;
  ProvisioningStatus?: ProvisioningStatus;
  Role?: Role;
  SerialNumber?: string;
  CreatedAt?: number;
  UpdatedAt?: number;
  ActivatedAt?: number;
}

export type ProvisioningStatus =
  | "UNASSOCIATED"
  | "PRE_ASSOCIATED"
  | "DISCOVERED"
  | "ACTIVATED"
  | "DELETION_FAILED"
  | "DELETE_IN_PROGRESS"
  | "ISOLATED"
  | "DELETED";

export type Role =
  | "CONTROLLER"
  | "DEVICE";

export interface UpdateManagedThingRequest {
  Identifier: string;
  Owner?: string;
  CredentialLockerId?: string;
  SerialNumber?: string;
  WiFiSimpleSetupConfiguration?: WiFiSimpleSetupConfiguration;
  Brand?: string;
  Model?: string;
  Name?: string;
  CapabilityReport?: CapabilityReport;
  CapabilitySchemas?: readonly CapabilitySchemaItem[];
  Capabilities?: string;
  Classification?: string;
  HubNetworkMode?: HubNetworkMode;
  MetaData?: { readonly [key: string]: string };
}

export interface WiFiSimpleSetupConfiguration {
  EnableAsProvisioner?: boolean;
  EnableAsProvisionee?: boolean;
  TimeoutInMinutes?: number;
}

export interface CreateDestinationRequest {
  DeliveryDestinationArn: string;
  DeliveryDestinationType: DeliveryDestinationType;
  Name: string;
  RoleArn: string;
  ClientToken?: string;
  Description?: string;
  Tags?: { readonly [key: string]: string };
}

export interface CreateDestinationResponse {
  Name?: string;
}

export interface CreateNotificationConfigurationRequest {
  EventType: EventType;
  DestinationName: string;
  ClientToken?: string;
  Tags?: { readonly [key: string]: string };
}

export interface CreateNotificationConfigurationResponse {
  EventType?: EventType;
}

export interface DeleteDestinationRequest {
  Name: string;
}

export interface DeleteNotificationConfigurationRequest {
  EventType: EventType;
}

export type DeliveryDestinationType =
  | "KINESIS";

export interface DestinationSummary {
  Description?: string;
  DeliveryDestinationArn?: string;
  DeliveryDestinationType?: DeliveryDestinationType;
  Name?: string;
  RoleArn?: string;
}

export type EventType =
  | "DEVICE_COMMAND"
  | "DEVICE_COMMAND_REQUEST"
  | "DEVICE_DISCOVERY_STATUS"
  | "DEVICE_EVENT"
  | "DEVICE_LIFE_CYCLE"
  | "DEVICE_STATE"
  | "DEVICE_OTA"
  | "DEVICE_WSS"
  | "CONNECTOR_ASSOCIATION"
  | "ACCOUNT_ASSOCIATION"
  | "CONNECTOR_ERROR_REPORT";

export interface GetDestinationRequest {
  Name: string;
}

export interface GetDestinationResponse {
  Description?: string;
  DeliveryDestinationArn?: string;
  DeliveryDestinationType?: DeliveryDestinationType;
  Name?: string;
  RoleArn?: string;
  CreatedAt?: number;
  UpdatedAt?: number;
  Tags?: { readonly [key: string]: string };
}

export interface GetNotificationConfigurationRequest {
  EventType: EventType;
}

export interface GetNotificationConfigurationResponse {
  EventType?: EventType;
  DestinationName?: string;
  CreatedAt?: number;
  UpdatedAt?: number;
  Tags?: { readonly [key: string]: string };
}

export interface ListDestinationsRequest {
  NextToken?: string;
  MaxResults?: number;
}

export interface ListDestinationsResponse {
  DestinationList?: readonly DestinationSummary[];
  NextToken?: string;
}

export interface ListNotificationConfigurationsRequest {
  MaxResults?: number;
  NextToken?: string;
}

export interface ListNotificationConfigurationsResponse {
  NotificationConfigurationList?: readonly NotificationConfigurationSummary[];
  NextToken?: string;
}

export interface NotificationConfigurationSummary {
  EventType?: EventType;
  DestinationName?: string;
}

export interface UpdateDestinationRequest {
  Name: string;
  DeliveryDestinationArn?: string;
  DeliveryDestinationType?: DeliveryDestinationType;
  RoleArn?: string;
  Description?: string;
}

export interface UpdateNotificationConfigurationRequest {
  EventType: EventType;
  DestinationName: string;
}

export interface AbortConfigCriteria {
  Action?: AbortCriteriaAction;
  FailureType?: AbortCriteriaFailureType;
  MinNumberOfExecutedThings?: number;
  ThresholdPercentage?: number;
}

export type AbortCriteriaAction =
  | "CANCEL";

export type AbortCriteriaFailureType =
  | "FAILED"
  | "REJECTED"
  | "TIMED_OUT"
  | "ALL";

export interface CreateOtaTaskConfigurationRequest {
  Description?: string;
  Name?: string;
  PushConfig?: PushConfig;
  ClientToken?: string;
}

export interface CreateOtaTaskConfigurationResponse {
  TaskConfigurationId?: string;
}

export interface CreateOtaTaskRequest {
  Description?: string;
  S3Url: string;
  Protocol?: OtaProtocol;
  Target?: readonly string[];
  TaskConfigurationId?: string;
  OtaMechanism?: OtaMechanism;
  OtaType: OtaType;
  OtaTargetQueryString?: string;
  ClientToken?: string;
  OtaSchedulingConfig?: OtaTaskSchedulingConfig;
  OtaTaskExecutionRetryConfig?: OtaTaskExecutionRetryConfig;
  Tags?: { readonly [key: string]: string };
}

export interface CreateOtaTaskResponse {
  TaskId?: string;
  TaskArn?: string;
  Description?: string;
}

export interface DeleteOtaTaskConfigurationRequest {
  Identifier: string;
}

export interface DeleteOtaTaskRequest {
  Identifier: string;
}

export interface ExponentialRolloutRate {
  BaseRatePerMinute?: number;
  IncrementFactor?: number;
  RateIncreaseCriteria?: RolloutRateIncreaseCriteria;
}

export interface GetOtaTaskConfigurationRequest {
  Identifier: string;
}

export interface GetOtaTaskConfigurationResponse {
  TaskConfigurationId?: string;
  Name?: string;
  PushConfig?: PushConfig;
  Description?: string;
  CreatedAt?: number;
}

export interface GetOtaTaskRequest {
  Identifier: string;
}

export interface GetOtaTaskResponse {
  TaskId?: string;
  TaskArn?: string;
  Description?: string;
  S3Url?: string;
  Protocol?: OtaProtocol;
  OtaType?: OtaType;
  OtaTargetQueryString?: string;
  OtaMechanism?: OtaMechanism;
  Target?: readonly string[];
  CreatedAt?: number;
  LastUpdatedAt?: number;
  TaskConfigurationId?: string;
  TaskProcessingDetails?: TaskProcessingDetails;
  OtaSchedulingConfig?: OtaTaskSchedulingConfig;
  OtaTaskExecutionRetryConfig?: OtaTaskExecutionRetryConfig;
  Status?: OtaStatus;
  Tags?: { readonly [key: string]: string };
}

export interface ListOtaTaskConfigurationsRequest {
  NextToken?: string;
  MaxResults?: number;
}

export interface ListOtaTaskConfigurationsResponse {
  Items?: readonly OtaTaskConfigurationSummary[];
  NextToken?: string;
}

export interface ListOtaTaskExecutionsRequest {
  Identifier: string;
  NextToken?: string;
  MaxResults?: number;
}

export interface ListOtaTaskExecutionsResponse {
  ExecutionSummaries?: readonly OtaTaskExecutionSummaries[];
  NextToken?: string;
}

export interface ListOtaTasksRequest {
  NextToken?: string;
  MaxResults?: number;
}

export interface ListOtaTasksResponse {
  Tasks?: readonly OtaTaskSummary[];
  NextToken?: string;
}

export type OtaMechanism =
  | "PUSH";

export type OtaProtocol =
  | "HTTP";

export type OtaStatus =
  | "IN_PROGRESS"
  | "CANCELED"
  | "COMPLETED"
  | "DELETION_IN_PROGRESS"
  | "SCHEDULED";

export interface OtaTaskAbortConfig {
  AbortConfigCriteriaList?: readonly AbortConfigCriteria[];
}

export interface OtaTaskConfigurationSummary {
  TaskConfigurationId?: string;
  Name?: string;
  CreatedAt?: number;
}

export interface OtaTaskExecutionRetryConfig {
  RetryConfigCriteria?: readonly RetryConfigCriteria[];
}

export interface OtaTaskExecutionRolloutConfig {
  ExponentialRolloutRate?: ExponentialRolloutRate;
  MaximumPerMinute?: number;
}

export type OtaTaskExecutionStatus =
  | "QUEUED"
  | "IN_PROGRESS"
  | "SUCCEEDED"
  | "FAILED"
  | "TIMED_OUT"
  | "REJECTED"
  | "REMOVED"
  | "CANCELED";

export interface OtaTaskExecutionSummaries {
  TaskExecutionSummary?: OtaTaskExecutionSummary;
  ManagedThingId?: string;
}

export interface OtaTaskExecutionSummary {
  ExecutionNumber?: number;
  LastUpdatedAt?: number;
  QueuedAt?: number;
  RetryAttempt?: number;
  StartedAt?: number;
  Status?: OtaTaskExecutionStatus;
}

export interface OtaTaskSchedulingConfig {
  EndBehavior?: SchedulingConfigEndBehavior;
  EndTime?: string;
  MaintenanceWindows?: readonly ScheduleMaintenanceWindow[];
  StartTime?: string;
}

export interface OtaTaskSummary {
  TaskId?: string;
  TaskArn?: string;
  CreatedAt?: number;
  LastUpdatedAt?: number;
  TaskConfigurationId?: string;
  Status?: OtaStatus;
}

export interface OtaTaskTimeoutConfig {
  InProgressTimeoutInMinutes?: number;
}

export type OtaType =
  | "ONE_TIME"
  | "CONTINUOUS";

export interface PushConfig {
  AbortConfig?: OtaTaskAbortConfig;
  RolloutConfig?: OtaTaskExecutionRolloutConfig;
  TimeoutConfig?: OtaTaskTimeoutConfig;
}

export interface RetryConfigCriteria {
  FailureType?: RetryCriteriaFailureType;
  MinNumberOfRetries?: number;
}

export type RetryCriteriaFailureType =
  | "FAILED"
  | "TIMED_OUT"
  | "ALL";

export interface RolloutRateIncreaseCriteria {
  numberOfNotifiedThings?: number;
  numberOfSucceededThings?: number;
}

export interface ScheduleMaintenanceWindow {
  DurationInMinutes?: number;
  StartTime?: string;
}

export type SchedulingConfigEndBehavior =
  | "STOP_ROLLOUT"
  | "CANCEL"
  | "FORCE_CANCEL";

export interface TaskProcessingDetails {
  NumberOfCanceledThings?: number;
  NumberOfFailedThings?: number;
  NumberOfInProgressThings?: number;
  numberOfQueuedThings?: number;
  numberOfRejectedThings?: number;
  numberOfRemovedThings?: number;
  numberOfSucceededThings?: number;
  numberOfTimedOutThings?: number;
  processingTargets?: readonly string[];
}

export interface UpdateOtaTaskRequest {
  Identifier: string;
  Description?: string;
  TaskConfigurationId?: string;
}

export interface CreateProvisioningProfileRequest {
  ProvisioningType: ProvisioningType;
  CaCertificate?: string;
  ClaimCertificate?: string;
  Name?: string;
  ClientToken?: string;
  Tags?: { readonly [key: string]: string };
}

export interface CreateProvisioningProfileResponse {
  Arn?: string;
  Name?: string;
  ProvisioningType?: ProvisioningType;
  Id?: string;
  Status?: ProvisioningProfileStatus;
  ClaimCertificate?: string;
  ClaimCertificatePrivateKey?: string;
}

export interface DeleteProvisioningProfileRequest {
  Identifier: string;
}

export interface GetProvisioningProfileRequest {
  Identifier: string;
}

export interface GetProvisioningProfileResponse {
  Arn?: string;
  Name?: string;
  ProvisioningType?: ProvisioningType;
  Id?: string;
  Status?: ProvisioningProfileStatus;
  ClaimCertificate?: string;
  Tags?: { readonly [key: string]: string };
}

export interface ListProvisioningProfilesRequest {
  NextToken?: string;
  MaxResults?: number;
}

export interface ListProvisioningProfilesResponse {
  Items?: readonly ProvisioningProfileSummary[];
  NextToken?: string;
}

export type ProvisioningProfileStatus =
  | "CREATE_IN_PROGRESS"
  | "CREATE_FAILED"
  | "CREATED"
  | "DELETE_IN_PROGRESS"
  | "DELETE_FAILED";

export interface ProvisioningProfileSummary {
  Name?: string;
  Id?: string;
  Arn?: string;
  ProvisioningType?: ProvisioningType;
  Status?: ProvisioningProfileStatus;
}

export type ProvisioningType =
  | "FLEET_PROVISIONING"
  | "JITR";

export interface GetSchemaVersionRequest {
  Type: SchemaVersionType;
  SchemaVersionedId: string;
  Format?: SchemaVersionFormat;
}

export interface GetSchemaVersionResponse {
  SchemaId?: string;
  Type?: SchemaVersionType;
  Description?: string;
  Namespace?: string;
  SemanticVersion?: string;
  Visibility?: SchemaVersionVisibility;
  Schema?: unknown;
}

export interface ListSchemaVersionsRequest {
  Type: SchemaVersionType;
  MaxResults?: number;
  NextToken?: string;
  SchemaId?: string;
  Namespace?: string;
  Visibility?: SchemaVersionVisibility;
  SemanticVersion?: string;
}

export interface ListSchemaVersionsResponse {
  Items?: readonly SchemaVersionListItem[];
  NextToken?: string;
}

export interface SchemaVersionListItem {
  SchemaId?: string;
  Type?: SchemaVersionType;
  Description?: string;
  Namespace?: string;
  SemanticVersion?: string;
  Visibility?: SchemaVersionVisibility;
}

export type SchemaVersionType =
  | "capability"
  | "definition";

export type SchemaVersionVisibility =
  | "PUBLIC"
  | "PRIVATE";

export interface CapabilityReport {
  version: string;
  nodeId?: string;
  endpoints: readonly CapabilityReportEndpoint[];
}

export interface CapabilityReportCapability {
  id: string;
  name: string;
  version: string;
  properties: readonly string[];
  actions: readonly string[];
  events: readonly string[];
}

export interface CapabilityReportEndpoint {
  id: string;
  deviceTypes: readonly string[];
  capabilities: readonly CapabilityReportCapability[];
}

export interface CapabilitySchemaItem {
  Format: SchemaVersionFormat;
  CapabilityId: string;
  ExtrinsicId: string;
  ExtrinsicVersion: number;
  Schema: unknown;
}

export type SchemaVersionFormat =
  | "AWS"
  | "ZCL"
  | "CONNECTOR";

export interface ListTagsForResourceRequest {
  ResourceArn: string;
}

export interface ListTagsForResourceResponse {
  tags?: { readonly [key: string]: string };
}

export interface TagResourceRequest {
  ResourceArn: string;
  Tags: { readonly [key: string]: string };
}

export interface TagResourceResponse {}

export interface UntagResourceRequest {
  ResourceArn: string;
  TagKeys: readonly string[];
}

export interface UntagResourceResponse {}

export interface ManagedIntegrationsOperations {
  GetCustomEndpoint: { input: GetCustomEndpointRequest; output: GetCustomEndpointResponse };
  GetDefaultEncryptionConfiguration: { input: GetDefaultEncryptionConfigurationRequest; output: GetDefaultEncryptionConfigurationResponse };
  GetHubConfiguration: { input: GetHubConfigurationRequest; output: GetHubConfigurationResponse };
  PutDefaultEncryptionConfiguration: { input: PutDefaultEncryptionConfigurationRequest; output: PutDefaultEncryptionConfigurationResponse };
  PutHubConfiguration: { input: PutHubConfigurationRequest; output: PutHubConfigurationResponse };
  RegisterCustomEndpoint: { input: RegisterCustomEndpointRequest; output: RegisterCustomEndpointResponse };
  CreateAccountAssociation: { input: CreateAccountAssociationRequest; output: CreateAccountAssociationResponse };
  DeleteAccountAssociation: { input: DeleteAccountAssociationRequest; output: {} };
  DeregisterAccountAssociation: { input: DeregisterAccountAssociationRequest; output: {} };
  GetAccountAssociation: { input: GetAccountAssociationRequest; output: GetAccountAssociationResponse };
  ListAccountAssociations: { input: ListAccountAssociationsRequest; output: ListAccountAssociationsResponse };
  ListManagedThingAccountAssociations: { input: ListManagedThingAccountAssociationsRequest; output: ListManagedThingAccountAssociationsResponse };
  RegisterAccountAssociation: { input: RegisterAccountAssociationRequest; output: RegisterAccountAssociationResponse };
  StartAccountAssociationRefresh: { input: StartAccountAssociationRefreshRequest; output: StartAccountAssociationRefreshResponse };
  UpdateAccountAssociation: { input: UpdateAccountAssociationRequest; output: {} };
  CreateCloudConnector: { input: CreateCloudConnectorRequest; output: CreateCloudConnectorResponse };
  DeleteCloudConnector: { input: DeleteCloudConnectorRequest; output: {} };
  GetCloudConnector: { input: GetCloudConnectorRequest; output: GetCloudConnectorResponse };
  ListCloudConnectors: { input: ListCloudConnectorsRequest; output: ListCloudConnectorsResponse };
  SendConnectorEvent: { input: SendConnectorEventRequest; output: SendConnectorEventResponse };
  UpdateCloudConnector: { input: UpdateCloudConnectorRequest; output: {} };
  CreateConnectorDestination: { input: CreateConnectorDestinationRequest; output: CreateConnectorDestinationResponse };
  DeleteConnectorDestination: { input: DeleteConnectorDestinationRequest; output: {} };
  GetConnectorDestination: { input: GetConnectorDestinationRequest; output: GetConnectorDestinationResponse };
  ListConnectorDestinations: { input: ListConnectorDestinationsRequest; output: ListConnectorDestinationsResponse };
  UpdateConnectorDestination: { input: UpdateConnectorDestinationRequest; output: {} };
  GetManagedThingCapabilities: { input: GetManagedThingCapabilitiesRequest; output: GetManagedThingCapabilitiesResponse };
  GetManagedThingConnectivityData: { input: GetManagedThingConnectivityDataRequest; output: GetManagedThingConnectivityDataResponse };
  GetManagedThingState: { input: GetManagedThingStateRequest; output: GetManagedThingStateResponse };
  SendManagedThingCommand: { input: SendManagedThingCommandRequest; output: SendManagedThingCommandResponse };
  CreateCredentialLocker: { input: CreateCredentialLockerRequest; output: CreateCredentialLockerResponse };
  DeleteCredentialLocker: { input: DeleteCredentialLockerRequest; output: {} };
  GetCredentialLocker: { input: GetCredentialLockerRequest; output: GetCredentialLockerResponse };
  ListCredentialLockers: { input: ListCredentialLockersRequest; output: ListCredentialLockersResponse };
  GetDeviceDiscovery: { input: GetDeviceDiscoveryRequest; output: GetDeviceDiscoveryResponse };
  ListDeviceDiscoveries: { input: ListDeviceDiscoveriesRequest; output: ListDeviceDiscoveriesResponse };
  ListDiscoveredDevices: { input: ListDiscoveredDevicesRequest; output: ListDiscoveredDevicesResponse };
  StartDeviceDiscovery: { input: StartDeviceDiscoveryRequest; output: StartDeviceDiscoveryResponse };
  CreateEventLogConfiguration: { input: CreateEventLogConfigurationRequest; output: CreateEventLogConfigurationResponse };
  DeleteEventLogConfiguration: { input: DeleteEventLogConfigurationRequest; output: {} };
  GetEventLogConfiguration: { input: GetEventLogConfigurationRequest; output: GetEventLogConfigurationResponse };
  GetRuntimeLogConfiguration: { input: GetRuntimeLogConfigurationRequest; output: GetRuntimeLogConfigurationResponse };
  ListEventLogConfigurations: { input: ListEventLogConfigurationsRequest; output: ListEventLogConfigurationsResponse };
  PutRuntimeLogConfiguration: { input: PutRuntimeLogConfigurationRequest; output: {} };
  ResetRuntimeLogConfiguration: { input: ResetRuntimeLogConfigurationRequest; output: {} };
  UpdateEventLogConfiguration: { input: UpdateEventLogConfigurationRequest; output: {} };
  CreateManagedThing: { input: CreateManagedThingRequest; output: CreateManagedThingResponse };
  DeleteManagedThing: { input: DeleteManagedThingRequest; output: {} };
  GetManagedThing: { input: GetManagedThingRequest; output: GetManagedThingResponse };
  GetManagedThingCertificate: { input: GetManagedThingCertificateRequest; output: GetManagedThingCertificateResponse };
  GetManagedThingMetaData: { input: GetManagedThingMetaDataRequest; output: GetManagedThingMetaDataResponse };
  ListManagedThingSchemas: { input: ListManagedThingSchemasRequest; output: ListManagedThingSchemasResponse };
  ListManagedThings: { input: ListManagedThingsRequest; output: ListManagedThingsResponse };
  UpdateManagedThing: { input: UpdateManagedThingRequest; output: {} };
  CreateDestination: { input: CreateDestinationRequest; output: CreateDestinationResponse };
  CreateNotificationConfiguration: { input: CreateNotificationConfigurationRequest; output: CreateNotificationConfigurationResponse };
  DeleteDestination: { input: DeleteDestinationRequest; output: {} };
  DeleteNotificationConfiguration: { input: DeleteNotificationConfigurationRequest; output: {} };
  GetDestination: { input: GetDestinationRequest; output: GetDestinationResponse };
  GetNotificationConfiguration: { input: GetNotificationConfigurationRequest; output: GetNotificationConfigurationResponse };
  ListDestinations: { input: ListDestinationsRequest; output: ListDestinationsResponse };
  ListNotificationConfigurations: { input: ListNotificationConfigurationsRequest; output: ListNotificationConfigurationsResponse };
  UpdateDestination: { input: UpdateDestinationRequest; output: {} };
  UpdateNotificationConfiguration: { input: UpdateNotificationConfigurationRequest; output: {} };
  CreateOtaTask: { input: CreateOtaTaskRequest; output: CreateOtaTaskResponse };
  CreateOtaTaskConfiguration: { input: CreateOtaTaskConfigurationRequest; output: CreateOtaTaskConfigurationResponse };
  DeleteOtaTask: { input: DeleteOtaTaskRequest; output: {} };
  DeleteOtaTaskConfiguration: { input: DeleteOtaTaskConfigurationRequest; output: {} };
  GetOtaTask: { input: GetOtaTaskRequest; output: GetOtaTaskResponse };
  GetOtaTaskConfiguration: { input: GetOtaTaskConfigurationRequest; output: GetOtaTaskConfigurationResponse };
  ListOtaTaskConfigurations: { input: ListOtaTaskConfigurationsRequest; output: ListOtaTaskConfigurationsResponse };
  ListOtaTaskExecutions: { input: ListOtaTaskExecutionsRequest; output: ListOtaTaskExecutionsResponse };
  ListOtaTasks: { input: ListOtaTasksRequest; output: ListOtaTasksResponse };
  UpdateOtaTask: { input: UpdateOtaTaskRequest; output: {} };
  CreateProvisioningProfile: { input: CreateProvisioningProfileRequest; output: CreateProvisioningProfileResponse };
  DeleteProvisioningProfile: { input: DeleteProvisioningProfileRequest; output: {} };
  GetProvisioningProfile: { input: GetProvisioningProfileRequest; output: GetProvisioningProfileResponse };
  ListProvisioningProfiles: { input: ListProvisioningProfilesRequest; output: ListProvisioningProfilesResponse };
  GetSchemaVersion: { input: GetSchemaVersionRequest; output: GetSchemaVersionResponse };
  ListSchemaVersions: { input: ListSchemaVersionsRequest; output: ListSchemaVersionsResponse };
  ListTagsForResource: { input: ListTagsForResourceRequest; output: ListTagsForResourceResponse };
  TagResource: { input: TagResourceRequest; output: TagResourceResponse };
  UntagResource: { input: UntagResourceRequest; output: UntagResourceResponse };
}
